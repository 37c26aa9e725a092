/* The rules of a battle: time, points, the calendar of boards, chance, ranks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bot/study/battle.h"

enum {
    LOBBY = BATTLE_LOBBY,
    ASKING = BATTLE_ASKING,
    REVEAL = BATTLE_REVEAL,
    OVER = BATTLE_OVER
};

static void only_the_steps_of_the_drawing_may_be_taken(void **state)
{
    (void)state;
    static const bool may[4][4] = {
        [LOBBY] = {[ASKING] = true, [OVER] = true},
        [ASKING] = {[REVEAL] = true, [OVER] = true},
        [REVEAL] = {[ASKING] = true, [OVER] = true},
    };
    for (int from = LOBBY; from <= OVER; from++)
        for (int to = LOBBY; to <= OVER; to++)
            if (battle_may((enum battle_state)from, (enum battle_state)to) != may[from][to])
                fail_msg("from %d to %d", from, to);
}

static void longer_questions_get_more_time(void **state)
{
    (void)state;
    static const struct {
        int characters, seconds;
    } rows[] = {{0, 15},   {1, 15},   {71, 15},  {72, 16},  {85, 16},  {86, 17},
                {100, 17}, {101, 18}, {200, 24}, {500, 45}, {501, 45}, {1000000, 45}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (battle_limit_ms(rows[i].characters) != rows[i].seconds * 1000)
            fail_msg("%d characters: %lld ms", rows[i].characters,
                     (long long)battle_limit_ms(rows[i].characters));
}

static const struct {
    int level;
    bool speed;
    int64_t spent, limit;
    int points;
} points[] = {
    {1, true, 0, 20000, 1000},
    {1, true, 1, 20000, 975}, /* steps of 25, downwards */
    {1, true, 1000, 20000, 975},
    {1, true, 1001, 20000, 950},
    {1, true, 2000, 20000, 950},
    {1, true, 10000, 20000, 750},
    {1, true, 19999, 20000, 500},
    {1, true, 20000, 20000, 500},
    {1, true, 20001, 20000, 500}, /* late: all of the time */
    {1, true, INT64_MAX, 20000, 500},
    {1, true, -1, 20000, 1000}, /* before the start: none of it */
    {1, true, INT64_MIN, 20000, 1000},
    {2, true, 0, 20000, 1250},
    {2, true, 1000, 20000, 1218},
    {2, true, 20000, 20000, 625},
    {3, true, 0, 20000, 1500},
    {3, true, 1000, 20000, 1462},
    {3, true, 20000, 20000, 750},
    {3, true, 45000, 45000, 750},
    {3, true, 0, 1, 1500},
    {1, true, 43200000, 86400000, 750},
    {1, false, 20000, 20000, 1000}, /* accuracy alone */
    {2, false, 19999, 20000, 1250},
    {3, false, 99999, 20000, 1500},
};

static void points_fall_with_time_and_rise_with_the_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        int got = battle_points(points[i].level, points[i].speed, points[i].spent,
                                points[i].limit);
        if (got != points[i].points)
            fail_msg("row %zu: %d", i, got);
    }
    for (int level = 1; level <= 3; level++)
        for (int64_t t = 1; t <= 15000; t++)
            if (battle_points(level, true, t, 15000) >
                battle_points(level, true, t - 1, 15000))
                fail_msg("level %d: more points after %lld ms", level, (long long)t);
}

static void runs_are_rewarded_up_to_five(void **state)
{
    (void)state;
    static const int bonus[] = {0, 0, 100, 200, 300, 400, 500, 500, 500};
    for (int run = 0; run < 9; run++)
        assert_int_equal(battle_bonus(run), bonus[run]);
    assert_int_equal(battle_bonus(-1), 0);
    assert_int_equal(battle_bonus(1000000), 500);
}

static void half_of_the_players_skip(void **state)
{
    (void)state;
    static const int rows[][2] = {{-1, 1}, {0, 1}, {1, 1}, {2, 1},     {3, 2},
                                  {4, 2},  {5, 3}, {6, 3}, {199, 100}, {200, 100}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(battle_skips_needed(rows[i][0]), rows[i][1]);
}

/* ---- the calendar ---- */

static void a_week_begins_on_monday(void **state)
{
    (void)state;
    static const int64_t rows[][2] = {
        {0, -3}, /* Thursday 1970-01-01 */
        {-3, -3},       {-4, -10},      {-1, -3},           {3, -3}, {4, 4},
        {10, 4},        {11, 11},       {-719528, -719533}, /* 0000-01-01, a Saturday */
        {20513, 20507}, {20514, 20514},                     /* a Sunday, the next day */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (battle_week(rows[i][0]) != rows[i][1])
            fail_msg("day %lld: week of %lld", (long long)rows[i][0],
                     (long long)battle_week(rows[i][0]));
}

/* Against the C library's calendar, 1600 to 2400, leap years and centuries among them. */
static void weeks_and_months_are_those_of_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = -135140; day <= 157420; day++) {
        time_t at = (time_t)day * 86400;
        struct tm tm;
        assert_non_null(gmtime_r(&at, &tm));
        if (battle_month(day) != day - (tm.tm_mday - 1))
            fail_msg("%d-%02d-%02d: month", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
        if (battle_week(day) != day - (tm.tm_wday + 6) % 7)
            fail_msg("%d-%02d-%02d: week", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    }
}

static void a_month_begins_on_its_first(void **state)
{
    (void)state;
    static const int64_t rows[][2] = {
        {0, 0},         {30, 0},        {31, 31},  /* January 1970 */
        {58, 31},       {59, 59},       {-1, -31}, /* no leap year; December */
        {11016, 10988}, {11017, 11017},            /* 2000-02-29, 2000-03-01 */
        {19782, 19754}, {19783, 19783},            /* 2024-02-29, 2024-03-01 */
        {20512, 20485}, {20513, 20513},            /* 2026-02-28, 2026-03-01 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (battle_month(rows[i][0]) != rows[i][1])
            fail_msg("day %lld: month of %lld", (long long)rows[i][0],
                     (long long)battle_month(rows[i][0]));
}

/* ---- chance ---- */

static void a_shuffle_shows_each_option_once(void **state)
{
    (void)state;
    for (uint64_t random = 0; random < 20000; random++) {
        int shuffle = battle_shuffle(random * 0x2545f4914f6cdd1dULL), seen = 0;
        for (int place = 0; place < BATTLE_OPTIONS; place++) {
            int option = battle_option_at(shuffle, place);
            if (option < 0 || option >= BATTLE_OPTIONS)
                fail_msg("%d shows %d", shuffle, option);
            seen |= 1 << option;
            assert_int_equal(battle_place_of(shuffle, option), place);
        }
        if (seen != 15)
            fail_msg("%d is no shuffle", shuffle);
    }
}

/* Each of the 24 is drawn about as often: 1000 of 24000, the deviation being 31. Draws in a
 * row and random ones alike: a token is used as it comes. */
static void every_shuffle_is_as_likely(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        static int counted[3211];
        int kinds = 0;
        memset(counted, 0, sizeof counted);
        for (uint64_t i = 0; i < 24000; i++)
            counted[battle_shuffle(kind ? i : i * 0x9e3779b97f4a7c15u ^ i << 7)]++;
        for (int i = 0; i < 3211; i++)
            if (counted[i]) {
                kinds++;
                if (counted[i] < 840 || counted[i] > 1160)
                    fail_msg("%04d came %d times of 24000", i, counted[i]);
            }
        assert_int_equal(kinds, 24);
    }
}

static void the_better_split_is_asked_more(void **state)
{
    (void)state;
    static const struct battle_choice c[] = {{.question = 1, .answers = 100, .hits = 99},
                                             {.question = 2, .answers = 100, .hits = 50},
                                             {.question = 3, .answers = 100, .hits = 1},
                                             {.question = 4, .answers = 0, .hits = 0},
                                             {.question = 5, .answers = 100, .hits = 85}};
    int drawn[5] = {0};
    for (uint64_t i = 0; i < 10000; i++)
        drawn[battle_pick(c, 5, i * 0x2545f4914f6cdd1dULL)]++;
    /* of three draws: the best if it is among them; 1 - (4/5)^3, 1 - (3/5)^3, ... */
    assert_in_range(drawn[1] + drawn[3], 7600, 8080); /* both split evenly: 7840 */
    assert_in_range(drawn[4], 1330, 1710);            /* (27 - 8) / 125: 1520 */
    assert_in_range(drawn[0] + drawn[2], 520, 760);   /* 8 / 125: 640 */
    assert_true(drawn[0] > 0 && drawn[2] > 0);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(battle_pick(c, 1, i), 0);
}

/* ---- ranks ---- */

static void equal_points_share_a_rank(void **state)
{
    (void)state;
    struct battle_score s[] = {
        {.person = 5, .points = 100, .hits = 1},
        {.person = 4, .points = 900, .hits = 2},
        {.person = 3, .points = 900, .hits = 3},
        {.person = 2, .points = 100, .hits = 1},
        {.person = 1, .points = 1200, .hits = 1},
        {.person = 6, .points = -5, .hits = 0},
        {.person = 7000000000, .points = 100, .hits = 2},
    };
    static const struct {
        int64_t person;
        int rank;
    } want[] = {{1, 1}, {3, 2}, {4, 2}, {7000000000, 4}, {2, 4}, {5, 4}, {6, 7}};
    battle_rank(s, 7);
    for (int i = 0; i < 7; i++)
        if (s[i].person != want[i].person || s[i].rank != want[i].rank)
            fail_msg("place %d: %lld, rank %d", i, (long long)s[i].person, s[i].rank);
    battle_rank(s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_steps_of_the_drawing_may_be_taken),
        cmocka_unit_test(longer_questions_get_more_time),
        cmocka_unit_test(points_fall_with_time_and_rise_with_the_level),
        cmocka_unit_test(runs_are_rewarded_up_to_five),
        cmocka_unit_test(half_of_the_players_skip),
        cmocka_unit_test(a_week_begins_on_monday),
        cmocka_unit_test(weeks_and_months_are_those_of_the_calendar),
        cmocka_unit_test(a_month_begins_on_its_first),
        cmocka_unit_test(a_shuffle_shows_each_option_once),
        cmocka_unit_test(every_shuffle_is_as_likely),
        cmocka_unit_test(the_better_split_is_asked_more),
        cmocka_unit_test(equal_points_share_a_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
