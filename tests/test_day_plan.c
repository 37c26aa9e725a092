/* Study days and the calendar of sittings. tests/test_zones.c does it for every zone. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bot/base/tz.h"
#include "bot/study/day.h"
#include "bot/study/plan.h"

enum { FOUR = 240, NINE = 540, EVERY_DAY = 0x7f };
#define MIN INT64_C(60000)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

static void a_study_day_begins_at_the_day_start(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t wall_min; /* of 2024-03-09, date 19791, on the clock there */
        int start;
        int64_t want;
    } rows[] = {
        {"Europe/Moscow", 239, FOUR, 19790},    {"Europe/Moscow", 240, FOUR, 19791},
        {"Europe/Moscow", 0, 0, 19791},         {"Europe/Moscow", 1439, 0, 19791},
        {"Asia/Kathmandu", 239, FOUR, 19790},   {"Asia/Kathmandu", 240, FOUR, 19791},
        {"America/New_York", 1439, 360, 19791}, {"Pacific/Kiritimati", 10, 0, 19791},
        {"Pacific/Pago_Pago", 10, 0, 19791},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct zone *z = zone_find(rows[i].zone);
        assert_non_null(z);
        int64_t now = zone_instant_ms(z, 19791, (int)rows[i].wall_min);
        if (day_of(z, now, rows[i].start) != rows[i].want)
            fail_msg("row %zu: %lld", i, (long long)day_of(z, now, rows[i].start));
    }
    assert_int_equal(day_of(zone_find("UTC"), -1, 0), -1);
    assert_int_equal(day_of(zone_find("UTC"), 0, FOUR), -1);
}

static void one_day_back_is_taken_as_the_last_day(void **state)
{
    (void)state;
    assert_int_equal(day_settled(99, 100), 100);
    assert_int_equal(day_settled(100, 100), 100);
    assert_int_equal(day_settled(101, 100), 101);
    assert_int_equal(day_settled(98, 100), 98);
    assert_int_equal(day_settled(200, 0), 200);
}

static void weekdays_count_from_monday(void **state)
{
    (void)state;
    assert_int_equal(day_weekday(0), 3);
    assert_int_equal(day_weekday(-1), 2);
    assert_int_equal(day_weekday(-4), 6);
    assert_int_equal(day_weekday(19791), 5);
    assert_int_equal(day_weekday(-700000), (int)(((-700000 + 3) % 7 + 7) % 7));
}

static void a_slot_before_the_day_start_is_on_the_next_date(void **state)
{
    (void)state;
    struct plan p = {zone_find("UTC"), FOUR, EVERY_DAY};
    assert_int_equal(plan_slot_ms(&p, 100, 239), 101 * DAY + 239 * MIN);
    assert_int_equal(plan_slot_ms(&p, 100, 240), 100 * DAY + 240 * MIN);
    p.weekdays = 1u << day_weekday(101);
    assert_true(plan_slot_on(&p, 100, 239));
    assert_false(plan_slot_on(&p, 100, 240));
}

static void the_next_sitting_is_the_nearest_slot_after_now(void **state)
{
    (void)state;
    static const int slots[] = {NINE, 30, 1200}; /* 09:00, 00:30, 20:00 */
    struct plan p = {zone_find("UTC"), FOUR, EVERY_DAY};
    static const struct {
        int64_t after, want; /* minutes of day 100 */
    } rows[] = {
        {0, 30},      {29, 30},          {30, NINE},        {NINE - 1, NINE},
        {NINE, 1200}, {1200, 1440 + 30}, {1439, 1440 + 30},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t next = plan_next_ms(&p, slots, 3, 100 * DAY + rows[i].after * MIN);
        if (next != 100 * DAY + rows[i].want * MIN)
            fail_msg("row %zu: %lld", i, (long long)((next - 100 * DAY) / MIN));
    }
    assert_int_equal(plan_next_ms(&p, slots, 3, 100 * DAY + NINE * MIN - 1),
                     100 * DAY + NINE * MIN);
}

static void no_weekday_or_no_slot_is_never(void **state)
{
    (void)state;
    static const int slot = NINE;
    struct plan p = {zone_find("UTC"), FOUR, 0};
    assert_int_equal(plan_next_ms(&p, &slot, 1, 0), INT64_MAX);
    p.weekdays = 0x80; /* a bit that is no weekday */
    assert_int_equal(plan_next_ms(&p, &slot, 1, 0), INT64_MAX);
    p.weekdays = EVERY_DAY;
    assert_int_equal(plan_next_ms(&p, &slot, 0, 0), INT64_MAX);
}

static void only_allowed_weekdays_ring(void **state)
{
    (void)state;
    for (unsigned days = 1; days <= EVERY_DAY; days++)
        for (int slot = 0; slot < 1440; slot += 479) {
            struct plan p = {zone_find("Europe/Berlin"), FOUR, days};
            int64_t now = 19800 * DAY, rung = 0, end = now + 28 * DAY;
            while ((now = plan_next_ms(&p, &slot, 1, now)) < end) {
                int weekday = day_weekday(zone_date(p.zone, now, NULL));
                if (!(days >> weekday & 1))
                    fail_msg("mask %u rings on weekday %d", days, weekday);
                rung++;
            }
            assert_int_equal(rung, 4 * __builtin_popcount(days));
        }
}

/* Samoa left out 2011-12-30: its slots ring as the 31st begins, once. */
static void a_date_that_was_left_out_does_not_stop_the_calendar(void **state)
{
    (void)state;
    static const int slot = NINE;
    struct plan p = {zone_find("Pacific/Apia"), FOUR, EVERY_DAY};
    int64_t now = plan_slot_ms(&p, 15330, NINE), first = now; /* 2011-12-22 */
    for (int i = 0; i < 14; i++) {
        int64_t next = plan_next_ms(&p, &slot, 1, now);
        assert_true(next > now && next - now <= DAY);
        now = next;
    }
    assert_true(now - first >= 12 * DAY);
    p.weekdays = 1u << 4; /* Fridays; the 30th was one */
    now = plan_next_ms(&p, &slot, 1, plan_slot_ms(&p, 15332, NINE));
    assert_true(now < INT64_MAX);
}

static void quiet_hours_go_over_midnight(void **state)
{
    (void)state;
    static const struct {
        int from, to, at;
        bool want;
    } rows[] = {
        {1320, 480, 1319, false}, {1320, 480, 1320, true}, {1320, 480, 0, true},
        {1320, 480, 479, true},   {1320, 480, 480, false}, {60, 120, 59, false},
        {60, 120, 60, true},      {60, 120, 120, false},   {600, 600, 600, false},
        {0, 0, 0, false},
    };
    const struct zone *z = zone_find("Asia/Kolkata");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t now = zone_instant_ms(z, 19800, rows[i].at) + 59999;
        if (plan_quiet(z, now, rows[i].from, rows[i].to) != rows[i].want)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_day_begins_at_the_day_start),
        cmocka_unit_test(one_day_back_is_taken_as_the_last_day),
        cmocka_unit_test(weekdays_count_from_monday),
        cmocka_unit_test(a_slot_before_the_day_start_is_on_the_next_date),
        cmocka_unit_test(the_next_sitting_is_the_nearest_slot_after_now),
        cmocka_unit_test(no_weekday_or_no_slot_is_never),
        cmocka_unit_test(only_allowed_weekdays_ring),
        cmocka_unit_test(a_date_that_was_left_out_does_not_stop_the_calendar),
        cmocka_unit_test(quiet_hours_go_over_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
