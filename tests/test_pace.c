#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bot/net/backoff.h"
#include "bot/net/pace.h"

enum { DAY_MS = 24 * 3600 * 1000 };
static const int64_t T0 = 1795353600000;

/* Sends to the chat whenever it may, from T0 on; the times go to out. */
static void send_all(struct pace *p, int64_t chat, bool edit, int64_t *out, int n)
{
    int64_t now = T0;
    for (int i = 0; i < n; i++) {
        int64_t chat_ms = pace_chat_ms(p, chat, now);
        int64_t all_ms = edit ? now : pace_all_ms(p, CLASS_PEOPLE, now);
        while (chat_ms > now || all_ms > now) {
            now = chat_ms > all_ms ? chat_ms : all_ms;
            chat_ms = pace_chat_ms(p, chat, now);
            all_ms = edit ? now : pace_all_ms(p, CLASS_PEOPLE, now);
        }
        pace_pay(p, chat, CLASS_PEOPLE, edit, now);
        out[i] = now - T0;
    }
}

static int most_within(const int64_t *at, int n, int64_t span_ms)
{
    int most = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        for (int j = i; j < n && at[j] - at[i] < span_ms; j++)
            k++;
        most = k > most ? k : most;
    }
    return most;
}

static void a_person_gets_four_at_once_then_one_a_second(void **state)
{
    (void)state;
    for (int edit = 0; edit < 2; edit++) {
        struct pace *p = pace_new(1000);
        int64_t at[8];
        send_all(p, 7012345678, edit, at, 8);
        assert_in_range(at[3], 0, 10);
        for (int i = 4; i < 8; i++)
            assert_in_range(at[i] - (i - 3) * 1000, 0, 10);
        pace_free(p);
    }
}

static void a_group_gets_eighteen_in_any_minute_with_edits(void **state)
{
    (void)state;
    for (int edit = 0; edit < 2; edit++) {
        struct pace *p = pace_new(1000);
        int64_t at[100];
        send_all(p, -1001234567890, edit, at, 100);
        assert_int_equal(most_within(at, 100, 60000), 18);
        assert_in_range(at[99], 5 * 60000, 5 * 60000 + 1000);
        pace_free(p);
    }
}

static void all_chats_together_keep_to_the_rate(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 5, 25, 30};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct pace *p = pace_new(rates[r]);
        static int64_t at[300];
        int64_t now = T0;
        for (int i = 0; i < 300; i++) {
            for (int64_t ms; (ms = pace_all_ms(p, CLASS_BULK, now)) > now;)
                now = ms;
            pace_pay(p, 1000 + i, CLASS_BULK, false, now);
            at[i] = now - T0;
        }
        int64_t whole_s = 300 / rates[r];
        if (most_within(at, 300, 1000) > rates[r] + rates[r] / 8 + 1)
            fail_msg("rate %d: %d in a second", (int)rates[r], most_within(at, 300, 1000));
        if (at[299] > (whole_s + 1) * 1000)
            fail_msg("rate %d: too slow, %d ms", (int)rates[r], (int)at[299]);
        pace_free(p);
    }
}

static void an_edit_does_not_pay_the_rate_of_all_chats(void **state)
{
    (void)state;
    struct pace *p = pace_new(1);
    assert_int_equal(pace_all_ms(p, CLASS_PEOPLE, T0), T0);
    for (int i = 1; i <= 50; i++)
        pace_pay(p, i, CLASS_PEOPLE, true, T0);
    assert_int_equal(pace_all_ms(p, CLASS_PEOPLE, T0), T0);
    pace_pay(p, 51, CLASS_PEOPLE, false, T0);
    assert_int_equal(pace_all_ms(p, CLASS_PEOPLE, T0), T0 + 1000);
    pace_pay(p, 0, CLASS_PEOPLE, false, T0); /* to nobody's chat: free */
    assert_int_equal(pace_all_ms(p, CLASS_PEOPLE, T0), T0 + 1000);
    pace_free(p);
}

static void every_fourth_token_is_bulks(void **state)
{
    (void)state;
    struct pace *p = pace_new(25);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            assert_false(pace_bulk_turn(p));
            pace_pay(p, 100 + i, CLASS_PEOPLE, false, T0);
        }
        assert_true(pace_bulk_turn(p));
        pace_pay(p, 200, CLASS_BULK, false, T0);
    }
    pace_free(p);
}

static void what_a_group_heard_before_a_restart_counts(void **state)
{
    (void)state;
    enum { GROUP = -7 };
    struct pace *p = pace_new(25);
    for (int i = 0; i < 17; i++)
        pace_recall(p, GROUP, T0 - 50000 + i * 100);
    pace_recall(p, -8, T0 - 1000);
    assert_int_equal(pace_chat_ms(p, GROUP, T0), T0);
    assert_int_equal(pace_all_ms(p, CLASS_BULK, T0), T0); /* all chats start anew */
    pace_pay(p, GROUP, CLASS_PEOPLE, true, T0);
    assert_int_equal(pace_chat_ms(p, GROUP, T0), T0 + 10000);
    assert_int_equal(pace_chat_ms(p, GROUP, T0 + 9999), T0 + 10000);
    assert_int_equal(pace_chat_ms(p, GROUP, T0 + 10000), T0 + 10000);
    pace_pay(p, GROUP, CLASS_PEOPLE, false, T0 + 10000);
    assert_int_equal(pace_chat_ms(p, GROUP, T0 + 10000), T0 + 10100);
    assert_int_equal(pace_chat_ms(p, -8, T0), T0);
    pace_free(p);
    p = pace_new(0);
    for (int i = 0; i < 18; i++)
        pace_recall(p, GROUP, T0);
    assert_int_equal(pace_chat_ms(p, GROUP, T0), T0);
    pace_free(p);
}

static void one_chats_429_slows_nobody_else(void **state)
{
    (void)state;
    struct pace *p = pace_new(25);
    pace_flood(p, 7, 30, T0);
    pace_flood(p, 7, 30, T0 + 100);  /* the same chat again */
    pace_flood(p, 8, 30, T0 + 1101); /* another one, but later */
    assert_int_equal(pace_all_ms(p, CLASS_BULK, T0 + 1200), T0 + 1200);
    assert_false(pace_one_at_a_time(p, T0 + 1200));
    pace_free(p);
}

static void two_chats_429s_in_a_second_hold_bulk_and_halve_the_rate(void **state)
{
    (void)state;
    struct pace *p = pace_new(20);
    pace_flood(p, 7, 30, T0);
    pace_flood(p, 8, 12, T0 + 900);
    int64_t now = T0 + 900;
    assert_int_equal(pace_all_ms(p, CLASS_BULK, now), now + 12000);
    assert_int_equal(pace_all_ms(p, CLASS_PEOPLE, now), now);
    assert_true(pace_one_at_a_time(p, now));
    assert_false(pace_one_at_a_time(p, now + 12000));
    assert_int_equal(pace_all_ms(p, CLASS_BULK, now + 12000), now + 12000);
    int sent = 0; /* ten a second until the minute is over, then twenty */
    for (int64_t t = now + 20000; t < now + 30000; t++)
        if (pace_all_ms(p, CLASS_PEOPLE, t) <= t) {
            pace_pay(p, 1000 + sent, CLASS_PEOPLE, false, t);
            sent++;
        }
    assert_in_range(sent, 99, 102);
    sent = 0;
    for (int64_t t = now + 70000; t < now + 80000; t++)
        if (pace_all_ms(p, CLASS_PEOPLE, t) <= t) {
            pace_pay(p, 5000 + sent, CLASS_PEOPLE, false, t);
            sent++;
        }
    assert_in_range(sent, 199, 203);
    pace_free(p);
}

static void a_clock_set_back_makes_nobody_wait_long(void **state)
{
    (void)state;
    struct pace *p = pace_new(1);
    int64_t at[20];
    send_all(p, -5, false, at, 18);
    send_all(p, 5, true, at, 4);
    pace_flood(p, 7, 3600, T0 + 60000);
    pace_flood(p, 8, 3600, T0 + 60000);
    int64_t back = T0 - DAY_MS;
    assert_in_range(pace_all_ms(p, CLASS_BULK, back) - back, 0, 2000);
    assert_in_range(pace_chat_ms(p, 5, back) - back, 0, 1000);
    assert_int_equal(pace_chat_ms(p, -5, back), back);
    assert_false(pace_one_at_a_time(p, back));
    pace_free(p);
}

static void rested_chats_are_forgotten_and_memory_has_a_ceiling(void **state)
{
    (void)state;
    struct pace *p = pace_new(1000);
    int64_t now = T0;
    for (int i = 1; i <= 200000; i++, now++) { /* a thousand a second: each rests in 1 s */
        pace_pay(p, i, CLASS_BULK, false, now);
        assert_in_range(pace_chats(p), 1, 8192);
    }
    for (int i = 1; i <= 200000; i++) /* all at once: nobody has rested */
        pace_pay(p, -i, CLASS_BULK, true, now);
    assert_in_range(pace_chats(p), 1, 1 << 15);
    pace_free(p);
}

static void forgetting_does_not_forget_who_has_not_rested(void **state)
{
    (void)state;
    struct pace *p = pace_new(1000);
    for (int i = 0; i < 4; i++)
        pace_pay(p, 77, CLASS_PEOPLE, true, T0);
    for (int i = 1000; i < 3000; i++)
        pace_pay(p, i, CLASS_PEOPLE, true, T0 + 500);
    assert_int_equal(pace_chat_ms(p, 77, T0 + 500), T0 + 1000);
    pace_free(p);
}

static void without_pacing_nobody_waits(void **state)
{
    (void)state;
    struct pace *p = pace_new(0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pace_chat_ms(p, -5, T0), T0);
        assert_int_equal(pace_all_ms(p, CLASS_BULK, T0), T0);
        pace_pay(p, -5, CLASS_BULK, false, T0);
    }
    assert_int_equal(pace_chats(p), 0);
    pace_free(p);
}

static void a_backoff_doubles_to_its_ceiling_with_jitter(void **state)
{
    (void)state;
    static const int64_t want[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    for (uint64_t random = 0; random < 5; random++) {
        struct backoff b = {0};
        assert_true(backoff_over(&b, T0));
        for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
            struct moment m = {.now_ms = T0, .random = random * 0x9e3779b97f4a7c15u};
            backoff_failed(&b, m, 1000, 60000);
            assert_in_range(backoff_end_ms(&b) - T0, want[i], want[i] * 5 / 4);
            assert_false(backoff_over(&b, backoff_end_ms(&b) - 1));
            assert_true(backoff_over(&b, backoff_end_ms(&b)));
        }
        backoff_clear(&b);
        assert_true(backoff_over(&b, T0));
        assert_int_equal(b.failures, 0);
    }
}

static void a_backoff_ends_when_the_clock_is_set_back(void **state)
{
    (void)state;
    struct backoff b = {0};
    backoff_wait(&b, T0, DAY_MS);
    assert_false(backoff_over(&b, T0));
    assert_true(backoff_over(&b, T0 - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_gets_four_at_once_then_one_a_second),
        cmocka_unit_test(a_group_gets_eighteen_in_any_minute_with_edits),
        cmocka_unit_test(all_chats_together_keep_to_the_rate),
        cmocka_unit_test(an_edit_does_not_pay_the_rate_of_all_chats),
        cmocka_unit_test(every_fourth_token_is_bulks),
        cmocka_unit_test(what_a_group_heard_before_a_restart_counts),
        cmocka_unit_test(one_chats_429_slows_nobody_else),
        cmocka_unit_test(two_chats_429s_in_a_second_hold_bulk_and_halve_the_rate),
        cmocka_unit_test(a_clock_set_back_makes_nobody_wait_long),
        cmocka_unit_test(rested_chats_are_forgotten_and_memory_has_a_ceiling),
        cmocka_unit_test(forgetting_does_not_forget_who_has_not_rested),
        cmocka_unit_test(without_pacing_nobody_waits),
        cmocka_unit_test(a_backoff_doubles_to_its_ceiling_with_jitter),
        cmocka_unit_test(a_backoff_ends_when_the_clock_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
