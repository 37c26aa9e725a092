/* What may be typed after /pause, dates, and the rhythm of who does not answer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <glib.h>

#include "bot/base/arena.h"
#include "bot/study/date.h"
#include "bot/study/pause.h"
#include "bot/study/rhythm.h"

enum { TODAY = 20780, EVERY_DAY = 0x7f }; /* 2026-11-23 */

static void dates_are_those_of_the_calendar(void **state)
{
    (void)state;
    GDate g;
    g_date_clear(&g, 1);
    g_date_set_dmy(&g, 1, G_DATE_JANUARY, 1900);
    for (int64_t day = -25567; day < 60000; day++, g_date_add_days(&g, 1)) {
        struct date d = date_of(day);
        int64_t back;
        if (d.year != g_date_get_year(&g) || d.month != (int)g_date_get_month(&g) ||
            d.day != g_date_get_day(&g) || !date_day(d, &back) || back != day)
            fail_msg("day %lld is %lld-%d-%d", (long long)day, (long long)d.year, d.month,
                     d.day);
    }
}

static void a_date_that_is_none_is_refused(void **state)
{
    (void)state;
    static const struct date none[] = {{2026, 2, 29},  {2100, 2, 29}, {2026, 4, 31},
                                       {2026, 0, 1},   {2026, 13, 1}, {2026, 1, 0},
                                       {2026, 12, 32}, {0, 1, 1},     {10000, 1, 1},
                                       {2026, -1, 1},  {2026, 1, -1}};
    static const struct date some[] = {{2028, 2, 29}, {2000, 2, 29}, {1, 1, 1}};
    int64_t day;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (date_day(none[i], &day))
            fail_msg("row %zu", i);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        assert_true(date_day(some[i], &day));
}

static void what_is_typed_after_pause_is_understood_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int want, days; /* the last day, counted from today, which is 1 */
    } rows[] = {
        {"1", PAUSE_UNTIL, 1},
        {"7", PAUSE_UNTIL, 7},
        {"007", PAUSE_UNTIL, 7},
        {"365", PAUSE_UNTIL, 365},
        {"366", PAUSE_LONG, 0},
        {"99999", PAUSE_LONG, 0},
        {"99999999999999999999999", PAUSE_LONG, 0},
        {"0", PAUSE_UNCLEAR, 0},
        {"-1", PAUSE_UNCLEAR, 0},
        {"+7", PAUSE_UNCLEAR, 0},
        {"7.5", PAUSE_UNTIL, 166}, /* 7 May */
        {"7 дней", PAUSE_UNTIL, 7},
        {"3 ДНЯ", PAUSE_UNTIL, 3},
        {"3дня", PAUSE_UNTIL, 3},
        {"10 days", PAUSE_UNTIL, 10},
        {"5d", PAUSE_UNTIL, 5},
        {"неделя", PAUSE_UNTIL, 7},
        {"Неделю", PAUSE_UNTIL, 7},
        {"week", PAUSE_UNTIL, 7},
        {"2 недели", PAUSE_UNTIL, 14},
        {"2 weeks", PAUSE_UNTIL, 14},
        {"52 weeks", PAUSE_UNTIL, 364},
        {"53 weeks", PAUSE_LONG, 0},
        {"0 weeks", PAUSE_UNCLEAR, 0},
        {"месяц", PAUSE_UNTIL, 30},
        {"99999 months", PAUSE_LONG, 0},
        {"100000 days", PAUSE_UNCLEAR, 0},
        {"off", PAUSE_OFF, 0},
        {"OFF", PAUSE_OFF, 0},
        {"выкл", PAUSE_OFF, 0},
        {"3 off", PAUSE_UNCLEAR, 0},
        {"2026-11-23", PAUSE_UNTIL, 1},
        {"2026-12-31", PAUSE_UNTIL, 39},
        {"2026-12-31 ", PAUSE_UNTIL, 39},
        {"2027-11-22", PAUSE_UNTIL, 365},
        {"2027-11-23", PAUSE_LONG, 0},
        {"2026-11-22", PAUSE_PAST, 0},
        {"9999-12-31", PAUSE_LONG, 0},
        {"2026-13-01", PAUSE_UNCLEAR, 0},
        {"2026-12-32", PAUSE_UNCLEAR, 0},
        {"2026-12", PAUSE_UNCLEAR, 0},
        {"2026-12-", PAUSE_UNCLEAR, 0},
        {"2026-12-31-", PAUSE_UNCLEAR, 0},
        {"2026-12.31", PAUSE_UNCLEAR, 0},
        {"31.12", PAUSE_UNTIL, 39},
        {"31.12.", PAUSE_UNTIL, 39},
        {"31.12.2026", PAUSE_UNTIL, 39},
        {"31.12.26", PAUSE_UNTIL, 39},
        {"23.11", PAUSE_UNTIL, 1},
        {"22.11", PAUSE_UNTIL, 365}, /* of the next year */
        {"1.1", PAUSE_UNTIL, 40},
        {"31.11", PAUSE_UNCLEAR, 0},
        {"29.02", PAUSE_UNCLEAR, 0},
        {"31.12.2025", PAUSE_PAST, 0},
        {"31.12.2028", PAUSE_LONG, 0},
        {"31/12", PAUSE_UNCLEAR, 0},
        {"12.31.2026.1", PAUSE_UNCLEAR, 0},
        {"", PAUSE_UNCLEAR, 0},
        {" ", PAUSE_UNCLEAR, 0},
        {".", PAUSE_UNCLEAR, 0},
        {"завтра", PAUSE_UNCLEAR, 0},
        {"7 \xff\xfe", PAUSE_UNCLEAR, 0},
        {"7 ......................................................................",
         PAUSE_UNCLEAR, 0},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t until = -1;
        int said = (int)pause_parse(&a, rows[i].text, TODAY, &until);
        int64_t want = rows[i].want == PAUSE_UNTIL ? TODAY + rows[i].days - 1 : -1;
        if (said != rows[i].want || until != want)
            fail_msg("\"%s\": %d, day %lld", rows[i].text, said,
                     (long long)(until - TODAY + 1));
    }
    arena_free(&a);
}

/* Today is given; a leap day is this year's, next year's, or none. */
static void a_leap_day_without_a_year_is_the_next_one(void **state)
{
    (void)state;
    struct arena a = {0};
    int64_t today, until, leap;
    assert_true(date_day((struct date){2027, 12, 1}, &today));
    assert_true(date_day((struct date){2028, 2, 29}, &leap));
    assert_int_equal(pause_parse(&a, "29.02", today, &until), PAUSE_UNTIL);
    assert_int_equal(until, leap);
    arena_free(&a);
}

static void two_weekdays_are_left_as_far_apart_as_can_be(void **state)
{
    (void)state;
    enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32, SUN = 64 };
    static const struct {
        unsigned chosen, want;
    } rows[] = {{EVERY_DAY, MON | THU},       {MON | TUE | WED | THU | FRI, MON | THU},
                {SAT | SUN, SAT | SUN},       {WED, WED},
                {FRI | SAT | SUN, FRI | SUN}, {MON | TUE | SUN, TUE | SUN},
                {TUE | WED | FRI, TUE | FRI}, {MON | WED | SAT, WED | SAT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rhythm_twice(rows[i].chosen) != rows[i].want)
            fail_msg("row %zu: %u", i, rhythm_twice(rows[i].chosen));
    for (unsigned chosen = 1; chosen <= EVERY_DAY; chosen++) {
        unsigned twice = rhythm_twice(chosen);
        int n = __builtin_popcount(chosen);
        assert_int_equal(twice & ~chosen, 0);
        assert_int_equal(__builtin_popcount(twice), n < 2 ? n : 2);
    }
}

static void the_third_ignored_day_thins_from_the_next_one_on(void **state)
{
    (void)state;
    static const struct {
        unsigned weekdays;
        int ignored, last, day;
        bool thin, tells;
    } rows[] = {
        {EVERY_DAY, 0, -1, 100, false, false}, {EVERY_DAY, 0, 100, 100, false, false},
        {EVERY_DAY, 2, 99, 100, false, false}, {EVERY_DAY, 3, 100, 100, false, false},
        {EVERY_DAY, 3, 100, 101, true, true},  {EVERY_DAY, 4, 101, 101, true, false},
        {EVERY_DAY, 4, 101, 104, true, false}, {EVERY_DAY, 9, 120, 121, true, false},
        {0x21, 3, 100, 105, true, false}, /* two days are two already */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rhythm r = {.weekdays = rows[i].weekdays,
                           .ignored = rows[i].ignored,
                           .first_day = 98,
                           .last_day = rows[i].last};
        if (rhythm_thin(&r, rows[i].day) != rows[i].thin ||
            rhythm_tells(&r, rows[i].day) != rows[i].tells)
            fail_msg("row %zu", i);
        assert_int_equal(rhythm_ask_day(&r), 112);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_calendar),
        cmocka_unit_test(a_date_that_is_none_is_refused),
        cmocka_unit_test(what_is_typed_after_pause_is_understood_or_refused),
        cmocka_unit_test(a_leap_day_without_a_year_is_the_next_one),
        cmocka_unit_test(two_weekdays_are_left_as_far_apart_as_can_be),
        cmocka_unit_test(the_third_ignored_day_thins_from_the_next_one_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
