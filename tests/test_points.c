/* Which rating the ticked points of an answer propose. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bot/study/points.h"

/* One row per number of points: the grade for 0, 1, 2 ... of them named. */
static const struct {
    int all;
    int want[POINTS_MAX + 1];
} rows[] = {
    {1, {1, 3}},
    {2, {1, 2, 3}},
    {3, {1, 1, 2, 3}},
    {4, {1, 1, 2, 3, 3}},
    {5, {1, 1, 1, 2, 3, 3}},
    {6, {1, 1, 1, 2, 2, 3, 3}},
    {7, {1, 1, 1, 1, 2, 2, 3, 3}},
};

static int bits(unsigned ticks)
{
    int n = 0;
    for (; ticks; ticks &= ticks - 1)
        n++;
    return n;
}

/* Whichever they are: only how many of them counts. */
static void the_share_of_named_points_is_the_grade(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned ticks = 0; ticks < 1u << rows[i].all; ticks++)
            if (points_grade(ticks, rows[i].all) != rows[i].want[bits(ticks)])
                fail_msg("%d points, ticks %u", rows[i].all, ticks);
}

/* A new bank may have fewer points than were ticked. */
static void ticks_beyond_the_points_count_for_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned beyond = ~0u << rows[i].all;
        assert_int_equal(points_grade(beyond, rows[i].all), 1);
        assert_int_equal(points_grade(beyond | 1, rows[i].all),
                         points_grade(1, rows[i].all));
    }
}

static void without_points_nothing_is_proposed(void **state)
{
    (void)state;
    assert_int_equal(points_grade(0, 0), 0);
    assert_int_equal(points_grade(~0u, 0), 0);
    assert_int_equal(points_grade(1, -1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_share_of_named_points_is_the_grade),
        cmocka_unit_test(ticks_beyond_the_points_count_for_nothing),
        cmocka_unit_test(without_points_nothing_is_proposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
