/* FSRS-6 against rows of the reference (tests/golden/fsrs.mjs says what a row is). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/file.h"
#include "bot/study/fsrs.h"

static char *cell(char **rest)
{
    char *here = *rest;
    if (!here)
        fail_msg("a row is too short");
    char *end = strchr(here, '\t');
    if (end)
        *end++ = '\0';
    *rest = end;
    return here;
}

static double number(char **rest)
{
    char *end, *text = cell(rest);
    double d = strtod(text, &end);
    if (end == text || *end)
        fail_msg("not a number: %s", text);
    return d;
}

static int steps(char **rest, int out[FSRS_STEPS])
{
    int n = 0;
    char *text = cell(rest);
    for (char *end; strcmp(text, "-") != 0 && *text; text = end + (*end == ',')) {
        assert_true(n < FSRS_STEPS);
        out[n++] = (int)strtol(text, &end, 10);
    }
    return n;
}

static struct fsrs_params params(char **rest)
{
    struct fsrs_params p = {.retention = number(rest),
                            .max_interval_days = (int)number(rest)};
    p.short_term = number(rest) > 0;
    p.learn_n = steps(rest, p.learn_steps_s);
    p.relearn_n = steps(rest, p.relearn_steps_s);
    for (int i = 0; i < FSRS_WEIGHTS; i++)
        p.w[i] = number(rest);
    return p;
}

static void close_to(int line, const char *what, double have, double want)
{
    if (!(fabs(have - want) <= 1e-5))
        fail_msg("line %d: %s is %.9f, the reference says %.9f", line, what, have, want);
}

static void same(int line, const char *what, int64_t have, double want)
{
    if ((double)have != want)
        fail_msg("line %d: %s is %lld, the reference says %.0f", line, what,
                 (long long)have, want);
}

static void rating(int line, char **rest, const struct fsrs_params *p,
                   struct fsrs_card *card)
{
    enum fsrs_grade grade = (enum fsrs_grade)number(rest);
    struct fsrs_next n = fsrs_rate(p, card, grade, (int64_t)number(rest));
    same(line, "state", n.card.state, number(rest));
    same(line, "step", n.card.step, number(rest));
    same(line, "days", n.days, number(rest));
    same(line, "wait_s", n.wait_s, number(rest));
    close_to(line, "stability", n.card.stability, number(rest));
    close_to(line, "difficulty", n.card.difficulty, number(rest));
    same(line, "reps", n.card.reps, number(rest));
    same(line, "lapses", n.card.lapses, number(rest));
    *card = n.card;
}

static void migration(int line, char **rest)
{
    double given[FSRS_WEIGHTS], out[FSRS_WEIGHTS];
    int n = (int)number(rest);
    assert_in_range(n, 1, FSRS_WEIGHTS);
    for (int i = 0; i < n; i++)
        given[i] = number(rest);
    assert_true(fsrs_weights(given, n, out));
    for (int i = 0; i < FSRS_WEIGHTS; i++)
        close_to(line, "a weight", out[i], number(rest));
}

static void every_golden_row_is_equal(void **state)
{
    (void)state;
    struct buf text = {0};
    assert_int_equal(file_read("tests/golden/fsrs.tsv", &text), OK);
    struct fsrs_params p = {0};
    struct fsrs_card card = {0};
    int line = 0, sequences = 0, ratings = 0, migrations = 0;
    for (char *next = text.data, *rest; next && *next;) {
        rest = next;
        next = strchr(rest, '\n');
        if (next)
            *next++ = '\0';
        line++;
        char kind = *cell(&rest);
        if (kind == 'W') {
            migration(line, &rest);
            migrations++;
        } else if (kind == 'P') {
            same(line, "sequence", sequences++, number(&rest));
            p = params(&rest);
            card = (struct fsrs_card){0};
        } else {
            rating(line, &rest, &p, &card);
            ratings++;
        }
        assert_null(rest);
    }
    buf_free(&text);
    assert_true(sequences >= 250);
    assert_true(ratings >= 2000);
    assert_true(migrations >= 20);
}

static void odd_input_gives_a_sane_card(void **state)
{
    (void)state;
    struct fsrs_params p = fsrs_default_params(0.9);
    const struct fsrs_card cards[] = {
        {.state = FSRS_REVIEW},
        {.state = FSRS_REVIEW, .stability = -5, .difficulty = 99},
        {.state = FSRS_REVIEW, .stability = 1e300, .difficulty = -1e300},
        {.state = FSRS_REVIEW, .stability = (double)NAN, .difficulty = (double)NAN},
        {.state = FSRS_LEARNING, .step = 1000},
        {.state = FSRS_RELEARNING, .step = -7, .stability = 1, .difficulty = 5},
    };
    const int64_t elapsed[] = {INT64_MIN, -1, 0, 1, 36500, INT64_MAX};
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
        for (size_t k = 0; k < sizeof elapsed / sizeof *elapsed; k++)
            for (int g = FSRS_AGAIN; g <= FSRS_EASY; g++) {
                struct fsrs_next n =
                    fsrs_rate(&p, &cards[i], (enum fsrs_grade)g, elapsed[k]);
                bool due = n.days > 0 ? n.wait_s == 0 : n.wait_s > 0;
                if (!due || n.days > FSRS_MAX_DAYS + 2 || !(n.card.stability >= 0.001) ||
                    n.card.stability > 36500 || !(n.card.difficulty >= 1) ||
                    n.card.difficulty > 10)
                    fail_msg("card %zu, elapsed %zu, grade %d", i, k, g);
            }
}

static void a_negative_gap_counts_as_the_same_day(void **state)
{
    (void)state;
    struct fsrs_params p = fsrs_default_params(0.9);
    struct fsrs_card card = fsrs_rate(&p, &(struct fsrs_card){0}, FSRS_EASY, 0).card;
    struct fsrs_next a = fsrs_rate(&p, &card, FSRS_GOOD, -3);
    struct fsrs_next b = fsrs_rate(&p, &card, FSRS_GOOD, 0);
    assert_int_equal(a.days, b.days);
    close_to(0, "stability", a.card.stability, b.card.stability);
}

static void the_bot_asks_a_new_card_again_in_ten_minutes(void **state)
{
    (void)state;
    struct fsrs_params p = fsrs_default_params(0.9);
    struct fsrs_card new = {0};
    assert_int_equal(fsrs_rate(&p, &new, FSRS_AGAIN, 0).wait_s, 600);
    assert_int_equal(fsrs_rate(&p, &new, FSRS_HARD, 0).wait_s, 900);
    assert_int_equal(fsrs_rate(&p, &new, FSRS_GOOD, 0).days, 2);
    assert_int_equal(fsrs_rate(&p, &new, FSRS_EASY, 0).days, 8);
}

static void recall_is_the_retention_after_one_stability(void **state)
{
    (void)state;
    struct fsrs_params p = fsrs_default_params(0.9);
    close_to(0, "recall", fsrs_recall(&p, 0, 7), 1);
    close_to(0, "recall", fsrs_recall(&p, -4, 7), 1);
    close_to(0, "recall", fsrs_recall(&p, 7, 7), 0.9);
    close_to(0, "recall", fsrs_recall(&p, 7, 0), 0);
    assert_true(fsrs_recall(&p, 3650, 7) < fsrs_recall(&p, 365, 7));
}

static void weights_of_another_number_are_refused(void **state)
{
    (void)state;
    double w[FSRS_WEIGHTS] = {0}, out[FSRS_WEIGHTS];
    const int bad[] = {-1, 0, 1, 16, 18, 20, 22};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fsrs_weights(w, bad[i], out));
    w[5] = (double)INFINITY;
    assert_false(fsrs_weights(w, 21, out));
    w[5] = (double)NAN;
    assert_false(fsrs_weights(w, 17, out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_row_is_equal),
        cmocka_unit_test(odd_input_gives_a_sane_card),
        cmocka_unit_test(a_negative_gap_counts_as_the_same_day),
        cmocka_unit_test(the_bot_asks_a_new_card_again_in_ten_minutes),
        cmocka_unit_test(recall_is_the_retention_after_one_stability),
        cmocka_unit_test(weights_of_another_number_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
