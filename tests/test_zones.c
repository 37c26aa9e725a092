/* The calendar in every zone. Alone it is a unit test over a few odd ones; called by
 * tests/zones.py as  ZONE FIRST LAST STARTS SLOT...  (days since 1970, minutes, the day
 * starts joined by commas) it prints the instants of every slot on the dates FIRST to
 * LAST, in seconds, as visited day by day with plan_next_ms().
 *
 * Either way it checks that the study days of one slot follow each other without a gap or
 * a double, whatever the day start, and that the instants do not depend on it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "bot/base/tz.h"
#include "bot/study/day.h"
#include "bot/study/plan.h"

enum { DAYS_MAX = 5000 };

/* The study day of the slot that rings at `at_ms`: day_of(), or the day before, where the
 * clock jumped from the slot over the day start. */
static int64_t day_of_slot(const struct plan *p, int slot, int64_t at_ms)
{
    int64_t day = day_of(p->zone, at_ms, p->day_start_min);
    return plan_slot_ms(p, day, slot) > at_ms ? day - 1 : day;
}

/* Visits `slot` on the dates first to last. Gives the number of faults. */
static int visit(const struct plan *p, int slot, int64_t first, int64_t last, int64_t *out)
{
    int faults = 0;
    int64_t now = zone_instant_ms(p->zone, first, slot) - 1, day = 0;
    for (int64_t date = first; date <= last; date++) {
        now = plan_next_ms(p, &slot, 1, now);
        int64_t slot_day = day_of_slot(p, slot, now);
        faults += date > first && slot_day != day + 1;
        faults += slot_day != date - (slot < p->day_start_min);
        faults += plan_slot_ms(p, slot_day, slot) != now;
        day = slot_day;
        out[date - first] = now / 1000;
    }
    return faults;
}

static int print_zone(char **argv)
{
    static int64_t base[DAYS_MAX], other[DAYS_MAX];
    struct plan p = {.zone = zone_find(argv[1]), .weekdays = 0x7f};
    int64_t first = strtoll(argv[2], NULL, 10), last = strtoll(argv[3], NULL, 10);
    int faults = 0;
    if (!p.zone || last - first >= DAYS_MAX)
        return 2;
    for (char **slot = argv + 5; *slot; slot++) {
        int64_t *into = base;
        for (char *starts = argv[4]; *starts; starts += *starts == ',') {
            p.day_start_min = (int)strtol(starts, &starts, 10);
            faults += visit(&p, atoi(*slot), first, last, into);
            for (int64_t i = 0; i <= last - first; i++)
                faults += into[i] != base[i];
            into = other;
        }
        for (int64_t i = 0; i <= last - first; i++)
            printf("%lld\n", (long long)base[i]);
    }
    return faults > 0;
}

static void odd_zones_have_one_sitting_a_study_day(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/Nuuk",        "Antarctica/Troll",
                                        "Australia/Lord_Howe", "America/Havana",
                                        "Africa/Casablanca",   "Asia/Almaty",
                                        "Europe/Moscow",       "America/Scoresbysund"};
    static const int starts[] = {0, 120, 240, 360}, slots[] = {0, 15, 150, 240, 540, 1425};
    static int64_t out[DAYS_MAX];
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++)
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
            for (size_t k = 0; k < sizeof slots / sizeof *slots; k++) {
                struct plan p = {.zone = zone_find(zones[z]),
                                 .day_start_min = starts[i],
                                 .weekdays = 0x7f};
                assert_non_null(p.zone);
                int faults = visit(&p, slots[k], 19723, 19723 + 1500, out);
                if (faults)
                    fail_msg("%s start %d slot %d: %d faults", zones[z], starts[i],
                             slots[k], faults);
            }
}

/* Nuuk jumps from 23:00 to 00:00: the slot of Saturday 23:45 rings as Sunday begins. */
static void a_slot_that_jumps_over_the_day_start_keeps_its_day(void **state)
{
    (void)state;
    struct plan p = {.zone = zone_find("America/Nuuk"), .weekdays = 0x7f};
    int64_t saturday = 19812; /* 2024-03-30 */
    int64_t at_ms = plan_slot_ms(&p, saturday, 1425);
    int minute;
    assert_int_equal(zone_date(p.zone, at_ms, &minute), saturday + 1);
    assert_int_equal(minute, 0);
    assert_int_equal(day_of(p.zone, at_ms, 0), saturday + 1);
    assert_int_equal(day_of_slot(&p, 1425, at_ms), saturday);
    assert_int_equal(day_of_slot(&p, 0, at_ms), saturday + 1);
}

int main(int argc, char **argv)
{
    if (argc > 5)
        return print_zone(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_zones_have_one_sitting_a_study_day),
        cmocka_unit_test(a_slot_that_jumps_over_the_day_start_keeps_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
