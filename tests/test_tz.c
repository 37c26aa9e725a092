/* Time zones; every zone and every day is tests/zones.py's business. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/tz.h"

static void only_listed_ids_are_zones(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "europe/moscow",
                                      "Europe/Moscow ",
                                      "Europe",
                                      "Europe/",
                                      "+03:00",
                                      "03",
                                      "Z",
                                      "UTC+3",
                                      "EST5EDT4,M3.2.0,M11.1.0",
                                      ":Europe/Moscow",
                                      "/etc/localtime",
                                      "/usr/share/zoneinfo/Europe/Paris",
                                      "../zoneinfo/Europe/Paris",
                                      "posix/Europe/Paris",
                                      "right/UTC",
                                      "zone.tab",
                                      "localtime",
                                      "Mars/Olympus",
                                      "Europe/Moscow\n",
                                      "%s"};
    static const char *const good[] = {"Europe/Moscow",
                                       "UTC",
                                       "Asia/Kolkata",
                                       "Asia/Calcutta",
                                       "America/Argentina/Buenos_Aires",
                                       "Etc/GMT+3",
                                       "Europe/Kyiv",
                                       "Europe/Kiev"};
    assert_true(zone_init());
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (zone_find(bad[i]))
            fail_msg("\"%s\" is a zone", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const struct zone *z = zone_find(good[i]);
        if (!z)
            fail_msg("%s is not known", good[i]);
        assert_string_equal(zone_id(z), good[i]);
        assert_ptr_equal(z, zone_find(good[i]));
    }
}

static void typed_names_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"Europe/Moscow", "Europe/Moscow"},
        {"europe/moscow", "Europe/Moscow"},
        {"  EUROPE/MOSCOW ", "Europe/Moscow"},
        {"Moscow", "Europe/Moscow"},
        {"buenos aires", "America/Argentina/Buenos_Aires"},
        {"Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
        {"new  york", "America/New_York"},
        {"Port au Prince", "America/Port-au-Prince"},
        {"istanbul", "Europe/Istanbul"},
        {"yekaterinburg", "Asia/Yekaterinburg"},
        {"louisville", "America/Kentucky/Louisville"},
        {"utc", "UTC"},
        {"kiev", "Europe/Kiev"},
        {"GMT+3", NULL}, /* Etc/GMT+3 is three hours west */
        {"UTC+3", NULL},
        {"", NULL},
        {"   ", NULL},
        {"/", NULL},
        {"oscow", NULL},
        {"Europe", NULL},
        {"Москва", NULL},
        {"\xff\xfe", NULL},
        {"../etc/passwd", NULL},
        {"a name that is far too long for any zone of the world, and then some", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = zone_search(rows[i].text);
        if (!got != !rows[i].want || (got && strcmp(got, rows[i].want) != 0))
            fail_msg("row %zu: %s", i, got ? got : "nothing");
    }
}

static void wall_times_become_instants(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t date;
        int minute;
        int64_t want_s;
        const char *why;
    } rows[] = {
        {"UTC", 0, 0, 0, "the beginning"},
        {"UTC", -1, 1439, -60, "before it"},
        {"Europe/Moscow", 19791, 540, 1709964000, "plain"},
        {"Asia/Kathmandu", 19791, 540, 1709954100, "45 minutes"},
        {"Europe/Berlin", 19813, 150, 1711846800, "gap: 03:00 is the first"},
        {"Europe/Berlin", 19813, 180, 1711846800, "the end of that gap"},
        {"Europe/Berlin", 19813, 119, 1711846740, "the minute before it"},
        {"Europe/Berlin", 20023, 150, 1729989000, "overlap: the first 02:30"},
        {"Europe/Berlin", 20023, 180, 1729994400, "after the overlap"},
        {"America/New_York", 19792, 150, 1710054000, "gap west of Greenwich"},
        {"America/New_York", 20030, 90, 1730611800, "overlap west of Greenwich"},
        {"Australia/Lord_Howe", 20002, 135, 1728142200, "a gap of half an hour"},
        {"America/Nuuk", 19812, 1425, 1711846800, "a gap over midnight"},
        {"Africa/Casablanca", 19792, 150, 1710034200, "overlap, negative summer time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct zone *z = zone_find(rows[i].zone);
        assert_non_null(z);
        int64_t got = zone_instant_ms(z, rows[i].date, rows[i].minute);
        if (got != rows[i].want_s * 1000)
            fail_msg("row %zu (%s): %lld", i, rows[i].why, (long long)got);
    }
}

static void instants_become_wall_times(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t ms, date;
        int minute;
    } rows[] = {
        {"UTC", 0, 0, 0},
        {"UTC", -1, -1, 1439},
        {"UTC", 59999, 0, 0},
        {"UTC", 60000, 0, 1},
        {"Europe/Moscow", 1709964000000, 19791, 540},
        {"Europe/Moscow", 1710017999999, 19791, 1439},
        {"Europe/Moscow", 1710018000000, 19792, 0},
        {"America/Nuuk", 1711846799999, 19812, 1379},
        {"America/Nuuk", 1711846800000, 19813, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int minute;
        int64_t date = zone_date(zone_find(rows[i].zone), rows[i].ms, &minute);
        if (date != rows[i].date || minute != rows[i].minute)
            fail_msg("row %zu: %lld %d", i, (long long)date, minute);
        assert_int_equal(zone_date(zone_find(rows[i].zone), rows[i].ms, NULL), date);
    }
    assert_int_equal(zone_offset_s(zone_find("Asia/Kathmandu"), 1709964000000), 20700);
    assert_int_equal(zone_offset_s(zone_find("America/New_York"), 1709964000000), -18000);
}

/* The list is read once a process, so a folder without one is tried in a child. */
static void without_tzdata_no_id_is_known(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("TZDIR", "/nowhere/at/all", 1);
        _exit(zone_init() || zone_find("UTC") || zone_search("Moscow"));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_tzdata_no_id_is_known), /* before the list is read */
        cmocka_unit_test(only_listed_ids_are_zones),
        cmocka_unit_test(typed_names_are_found),
        cmocka_unit_test(wall_times_become_instants),
        cmocka_unit_test(instants_become_wall_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
