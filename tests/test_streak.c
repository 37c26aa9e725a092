/* Streaks with their freezes, and when the evening reminder is due. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bot/base/tz.h"
#include "bot/study/remind.h"
#include "bot/study/streak.h"

#define MIN INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

static void missed_days_cost_freezes_then_the_streak(void **state)
{
    (void)state;
    static const struct {
        int64_t days;
        int freezes, missed;
        int64_t want_days;
        int want_freezes;
    } rows[] = {{12, 0, 0, 12, 0}, {12, 2, 0, 12, 2}, {12, 0, 1, 0, 0},
                {12, 1, 1, 12, 0}, {12, 2, 1, 12, 1}, {12, 2, 2, 12, 0},
                {12, 1, 2, 0, 0},  {12, 2, 3, 0, 0},  {0, 0, 3, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct streak s = {rows[i].days, 30, 500, rows[i].freezes};
        struct streak now = streak_after_missed(s, rows[i].missed);
        if (now.days != rows[i].want_days || now.freezes != rows[i].want_freezes ||
            now.best != 30 || now.last_day != 500)
            fail_msg("row %zu: %d days, %d freezes", i, (int)now.days, now.freezes);
    }
}

static void every_seventh_day_brings_a_freeze(void **state)
{
    (void)state;
    struct streak s = {0, 9, -1, 0};
    for (int day = 1; day <= 30; day++) {
        s = streak_keep(s, 100 + day);
        assert_int_equal(s.days, day);
        assert_int_equal(s.last_day, 100 + day);
        assert_int_equal(s.best, day > 9 ? day : 9);
        assert_int_equal(s.freezes, day < 7 ? 0 : day < 14 ? 1 : FREEZES_MAX);
    }
    s = streak_after_missed(s, 2);
    for (int day = 31; day <= 42; day++)
        s = streak_keep(s, 200 + day);
    assert_int_equal(s.days, 42); /* the frozen days are no part of it */
    assert_int_equal(s.freezes, 2);
    s = streak_keep(streak_after_missed(s, 3), 300);
    assert_int_equal(s.days, 1);
    assert_int_equal(s.best, 42);
    assert_int_equal(s.freezes, 0);
}

static struct remind at(const char *zone, int at_min)
{
    return (struct remind){zone_find(zone), 240, 1320, 480, at_min};
}

static void it_is_due_on_the_wall_clock_of_its_study_day(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int at_min;
        int64_t day, want; /* UTC */
    } rows[] = {
        {"Etc/UTC", 1200, 100, 100 * DAY + 20 * HOUR},
        {"Etc/UTC", 30, 100, 101 * DAY + 30 * MIN}, /* after midnight: the same study day */
        {"Etc/UTC", 240, 100, 100 * DAY + 4 * HOUR},
        {"Europe/Moscow", 1200, 20000, 20000 * DAY + 17 * HOUR},
        {"Europe/Berlin", 1200, 20542, 20542 * DAY + 18 * HOUR}, /* 2026-03-30: summer */
        {"Europe/Berlin", 1200, 20540, 20540 * DAY + 19 * HOUR},
        {"Europe/Berlin", 150, 20540, 20541 * DAY + 1 * HOUR}, /* 02:30 is left out */
        {"America/New_York", 90, 20757,
         20758 * DAY + 5 * HOUR + 30 * MIN}, /* comes twice */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct remind r = at(rows[i].zone, rows[i].at_min);
        int64_t due = remind_due_ms(&r, rows[i].day);
        if (due != rows[i].want)
            fail_msg("row %zu: %lld min off", i, (long long)((due - rows[i].want) / MIN));
    }
}

static void it_is_worth_two_hours_of_its_day_that_are_not_quiet(void **state)
{
    (void)state;
    static const struct {
        int at_min, quiet_from, quiet_to, now_min, want_min; /* of day 100, in UTC */
    } rows[] = {
        {1200, 1320, 480, 1200, 1320},     {1200, 0, 0, 1200, 1320},
        {1200, 0, 0, 1319, 1320},          {1200, 0, 0, 1320, 1320},
        {1200, 0, 0, 1500, 1320},          {1200, 1260, 480, 1200, 1260},
        {1200, 1140, 480, 1200, 1200},     {1200, 1140, 480, 1300, 1300},
        {1290, 1320, 480, 1290, 1320},     {1380, 1320, 480, 1380, 1380},
        {1590, 0, 0, 1590, 1680},          {1200, 780, 840, 1200, 1320},
        {60 + 1440, 120, 480, 1500, 1560},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct remind r = at("Etc/UTC", rows[i].at_min % 1440);
        r.quiet_from_min = rows[i].quiet_from;
        r.quiet_to_min = rows[i].quiet_to;
        int64_t now = 100 * DAY + rows[i].now_min * MIN;
        int64_t until = remind_until_ms(&r, 100, now);
        if (until != 100 * DAY + rows[i].want_min * MIN)
            fail_msg("row %zu: until minute %lld", i,
                     (long long)((until - 100 * DAY) / MIN));
    }
}

static void quiet_hours_may_swallow_it(void **state)
{
    (void)state;
    static const struct {
        int at, from, to;
        bool quiet;
    } rows[] = {{1200, 1320, 480, false}, {1320, 1320, 480, true}, {479, 1320, 480, true},
                {480, 1320, 480, false},  {1380, 0, 0, false},     {800, 780, 840, true},
                {840, 780, 840, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct remind r = at("Etc/UTC", rows[i].at);
        r.quiet_from_min = rows[i].from;
        r.quiet_to_min = rows[i].to;
        if (remind_is_quiet(&r) != rows[i].quiet)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missed_days_cost_freezes_then_the_streak),
        cmocka_unit_test(every_seventh_day_brings_a_freeze),
        cmocka_unit_test(it_is_due_on_the_wall_clock_of_its_study_day),
        cmocka_unit_test(it_is_worth_two_hours_of_its_day_that_are_not_quiet),
        cmocka_unit_test(quiet_hours_may_swallow_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
