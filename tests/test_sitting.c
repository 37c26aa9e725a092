/* Places of a sitting: quotas, fairness over days, no question twice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bot/study/sitting.h"

enum { TOPICS = 5, BANK = 400 };

/* Endless supply: due 1000 t + ..., fresh 1000 t + 500 + ... */
struct shelf {
    int64_t due[TOPICS][BANK], fresh[TOPICS][BANK];
    struct sitting_topic topics[TOPICS];
};

static void fill(struct shelf *s, const int *weights, int due_n, int fresh_n)
{
    for (int t = 0; t < TOPICS; t++) {
        for (int i = 0; i < BANK; i++) {
            s->due[t][i] = t * 1000 + i;
            s->fresh[t][i] = t * 1000 + 500 + i;
        }
        s->topics[t] = (struct sitting_topic){.weight = weights ? weights[t] : 1,
                                              .due = s->due[t],
                                              .due_n = due_n,
                                              .fresh = s->fresh[t],
                                              .fresh_n = fresh_n};
    }
}

static struct shelf shelf;

static void new_questions_have_their_share(void **state)
{
    (void)state;
    static const struct {
        int n, due, fresh, want_due, want_fresh; /* due and fresh: of each of 5 topics */
    } rows[] = {
        {5, 10, 10, 3, 2}, {1, 10, 10, 0, 1}, {2, 10, 10, 1, 1},  {3, 10, 10, 1, 2},
        {4, 10, 10, 2, 2}, {6, 10, 10, 3, 3}, {10, 10, 10, 6, 4}, {20, 10, 10, 12, 8},
        {5, 10, 0, 5, 0},  {5, 0, 10, 0, 5},  {20, 1, 10, 5, 15}, {20, 10, 1, 15, 5},
        {20, 1, 1, 5, 5},  {20, 0, 0, 0, 0},  {20, 50, 0, 20, 0}, {1, 1, 0, 1, 0},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct sitting_place out[SITTING_MAX];
        int fresh = 0;
        fill(&shelf, NULL, rows[r].due, rows[r].fresh);
        int n = sitting_pick(shelf.topics, TOPICS, rows[r].n, out);
        for (int i = 0; i < n; i++) {
            if (fresh && !out[i].fresh)
                fail_msg("row %zu: a review stands after a new question", r);
            fresh += out[i].fresh;
        }
        if (fresh != rows[r].want_fresh || n - fresh != rows[r].want_due)
            fail_msg("row %zu: %d due, %d new", r, n - fresh, fresh);
    }
}

static void a_topic_gives_its_first_questions_in_order(void **state)
{
    (void)state;
    const int64_t due[] = {9, 3, 7, 1}, fresh[] = {20, 10, 30};
    struct sitting_topic t = {
        .weight = 2, .due = due, .due_n = 4, .fresh = fresh, .fresh_n = 3};
    const int64_t want[] = {9, 3, 7, 20, 10};
    struct sitting_place out[SITTING_MAX];
    assert_int_equal(sitting_pick(&t, 1, 5, out), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(out[i].question, want[i]);
    assert_int_equal(t.credit, 0);
}

static void no_question_comes_twice(void **state)
{
    (void)state;
    const int64_t due[] = {1, 2, 3, 4}, fresh[] = {11, 12, 13};
    struct sitting_topic t[3];
    for (int i = 0; i < 3; i++) /* the same questions in three topics */
        t[i] = (struct sitting_topic){
            .weight = i + 1, .due = due, .due_n = 4, .fresh = fresh, .fresh_n = 3};
    struct sitting_place out[SITTING_MAX];
    for (int n = 1; n <= SITTING_MAX; n++) {
        int got = sitting_pick(t, 3, n, out);
        assert_int_equal(got, n < 7 ? n : 7);
        for (int i = 0; i < got; i++)
            for (int k = 0; k < i; k++)
                assert_int_not_equal(out[i].question, out[k].question);
    }
}

/* Every mix of the weights 1 to 3, one place a day, at any length of the history. */
static void shares_stay_within_one_place_of_the_weights(void **state)
{
    (void)state;
    for (int mix = 0; mix < 243; mix++) {
        int weights[TOPICS], sum = 0, got[TOPICS] = {0};
        for (int t = 0, m = mix; t < TOPICS; t++, m /= 3)
            sum += weights[t] = 1 + m % 3;
        fill(&shelf, weights, BANK, BANK);
        for (int day = 1; day <= 400; day++) {
            struct sitting_place out[SITTING_MAX];
            assert_int_equal(sitting_pick(shelf.topics, TOPICS, 1, out), 1);
            got[out[0].topic]++;
            for (int t = 0; t < TOPICS; t++) {
                double fair = (double)day * weights[t] / sum;
                if (got[t] < fair - 1 || got[t] > fair + 1)
                    fail_msg("mix %d day %d topic %d: %d places, fair are %.2f", mix, day,
                             t, got[t], fair);
            }
        }
    }
}

/* Sittings of five, topics that run dry and come back: nobody who has something waits for
 * more than a few sittings. */
static void no_topic_starves_when_supplies_differ(void **state)
{
    (void)state;
    static const int due_n[TOPICS] = {40, 0, 3, 0, 40}, fresh_n[TOPICS] = {0, 40, 3, 1, 40};
    int weights[TOPICS] = {1, 3, 1, 1, 3}, waited[TOPICS] = {0};
    fill(&shelf, weights, 0, 0);
    for (int day = 0; day < 400; day++) {
        struct sitting_place out[SITTING_MAX];
        bool served[TOPICS] = {false};
        for (int t = 0; t < TOPICS; t++) {
            bool dry = day / 20 % 3 == 1 && t % 2 == 0;
            shelf.topics[t].due_n = dry ? 0 : due_n[t];
            shelf.topics[t].fresh_n = dry ? 0 : fresh_n[t];
        }
        int n = sitting_pick(shelf.topics, TOPICS, 5, out);
        for (int i = 0; i < n; i++)
            served[out[i].topic] = true;
        for (int t = 0; t < TOPICS; t++) {
            bool has = shelf.topics[t].due_n || shelf.topics[t].fresh_n;
            waited[t] = has && !served[t] ? waited[t] + 1 : 0;
            if (waited[t] > 4)
                fail_msg("day %d: topic %d waits for the %dth sitting", day, t, waited[t]);
        }
    }
}

static void the_same_input_gives_the_same_sitting(void **state)
{
    (void)state;
    struct sitting_place a[SITTING_MAX] = {0}, b[SITTING_MAX] = {0};
    const int weights[TOPICS] = {1, 2, 3, 2, 1};
    fill(&shelf, weights, 7, 9);
    int n = sitting_pick(shelf.topics, TOPICS, 12, a);
    fill(&shelf, weights, 7, 9);
    assert_int_equal(sitting_pick(shelf.topics, TOPICS, 12, b), n);
    for (int i = 0; i < n; i++)
        assert_true(a[i].question == b[i].question && a[i].topic == b[i].topic);
}

static void wild_credit_is_brought_back(void **state)
{
    (void)state;
    struct sitting_place out[SITTING_MAX];
    fill(&shelf, NULL, BANK, BANK);
    shelf.topics[0].credit = INT64_MAX;
    shelf.topics[1].credit = INT64_MIN;
    assert_int_equal(sitting_pick(shelf.topics, TOPICS, 20, out), 20);
    for (int t = 0; t < TOPICS; t++)
        assert_true(shelf.topics[t].credit >= -10 && shelf.topics[t].credit <= 10);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    struct sitting_place out[SITTING_MAX];
    assert_int_equal(sitting_pick(NULL, 0, 5, out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_questions_have_their_share),
        cmocka_unit_test(a_topic_gives_its_first_questions_in_order),
        cmocka_unit_test(no_question_comes_twice),
        cmocka_unit_test(shares_stay_within_one_place_of_the_weights),
        cmocka_unit_test(no_topic_starves_when_supplies_differ),
        cmocka_unit_test(the_same_input_gives_the_same_sitting),
        cmocka_unit_test(wild_credit_is_brought_back),
        cmocka_unit_test(nothing_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
