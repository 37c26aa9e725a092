/* What an answer means (net/verdict), and the sender over a real outbox, the rule book
 * instead of Telegram and a virtual clock. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/net/sender.h"
#include "bot/net/verdict.h"
#include "db/outbox.h"
#include "db/posts.h"
#include "tests/fake_http.h"
#include "tests/fake_picture.h"

static const int64_t T0 = 1795353600000;
static const int64_t FIRST_PERSON = 5000000001;
enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

/* ---- verdicts ---- */

#define NO(code, words) \
    "{\"ok\":false,\"error_code\":" #code ",\"description\":\"" words "\"}"

static const struct {
    enum http_fate fate;
    long status;
    const char *body;
    struct verdict want; /* without row and description; retry_ms from 0 on */
} verdicts[] = {
    {HTTP_ANSWERED,
     200,
     "{\"ok\":true,\"result\":{\"message_id\":18}}",
     {.outcome = {.fate = FATE_SENT, .message = 18}}},
    {HTTP_ANSWERED, 200, "{\"ok\":true,\"result\":true}", {.outcome = {.fate = FATE_SENT}}},
    {HTTP_ANSWERED,
     200,
     "{\"ok\":true,\"res",
     {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_ANSWERED, 200, "", {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_ANSWERED, 502, "<html>", {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_ANSWERED, 403, "<html>", {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_ANSWERED,
     500,
     NO(500, "Internal Server Error: restart"),
     {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_UNKNOWN, 0, "", {.outcome = {.fate = FATE_UNKNOWN}, .host_ails = true}},
    {HTTP_NOT_SENT, 0, "", {.outcome = {.fate = FATE_LATER}, .host_ails = true}},
    {HTTP_ANSWERED,
     429,
     "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after "
     "17\","
     "\"parameters\":{\"retry_after\":17}}",
     {.outcome = {.fate = FATE_LATER, .retry_ms = 17000},
      .flood = true,
      .retry_after_s = 17}},
    {HTTP_ANSWERED,
     429,
     "<html>slow down</html>",
     {.outcome = {.fate = FATE_LATER, .retry_ms = 5000},
      .flood = true,
      .retry_after_s = 5}},
    {HTTP_ANSWERED,
     401,
     NO(401, "Unauthorized"),
     {.outcome = {.fate = FATE_LATER}, .token_refused = true}},
    {HTTP_ANSWERED,
     404,
     NO(404, "Not Found"),
     {.outcome = {.fate = FATE_LATER}, .token_refused = true}},
    {HTTP_ANSWERED,
     404,
     NO(404, "Not Found: method not found"),
     {.outcome = {.fate = FATE_REFUSED}}},
    {HTTP_ANSWERED,
     403,
     NO(403, "Forbidden: bot was blocked by the user"),
     {.outcome = {.fate = FATE_BLOCKED}}},
    {HTTP_ANSWERED,
     403,
     NO(403, "Forbidden: bot was kicked from the group chat"),
     {.outcome = {.fate = FATE_BLOCKED}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: chat not found"),
     {.outcome = {.fate = FATE_BLOCKED}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: user is deactivated"),
     {.outcome = {.fate = FATE_BLOCKED}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: PEER_ID_INVALID"),
     {.outcome = {.fate = FATE_BLOCKED}}},
    {HTTP_ANSWERED,
     400,
     "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat was "
     "upgraded"
     " to a supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}",
     {.outcome = {.fate = FATE_MIGRATED, .migrate_to = -1001234567890}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: message is not modified: specified new message content and reply"
             " markup are exactly the same as a current content"),
     {.outcome = {.fate = FATE_SENT, .message = 99}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: message to edit not found"),
     {.outcome = {.fate = FATE_REFUSED}}},
    {HTTP_ANSWERED,
     400,
     NO(400, "Bad Request: can't parse entities: Unsupported start tag"),
     {.outcome = {.fate = FATE_REFUSED}}},
    {HTTP_ANSWERED,
     413,
     NO(413, "Request Entity Too Large"),
     {.outcome = {.fate = FATE_REFUSED}}},
};

static void an_answer_means_what_the_bot_api_means_by_it(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const struct verdict *w = &verdicts[i].want;
        struct http_req r = {.fate = verdicts[i].fate, .status = verdicts[i].status};
        buf_text(&r.answer, verdicts[i].body);
        struct verdict v = verdict_of(&r, 7, 99, 0, &a);
        if (v.outcome.row != 7 || v.outcome.fate != w->outcome.fate ||
            v.outcome.message != w->outcome.message ||
            v.outcome.retry_ms != w->outcome.retry_ms ||
            v.outcome.migrate_to != w->outcome.migrate_to || !v.outcome.description ||
            v.token_refused != w->token_refused || v.flood != w->flood ||
            v.retry_after_s != w->retry_after_s || v.host_ails != w->host_ails)
            fail_msg("row %zu: fate %d", i, (int)v.outcome.fate);
        buf_free(&r.answer);
    }
    arena_free(&a);
}

/* ---- the sender ---- */

static struct place {
    char path[64];
    struct db *db;
    struct rules *rules;
    struct http *http;
    struct pictures *pictures;
    struct bot bot;
    struct config cfg;
    struct sender *sender;
    int64_t now_ms;
    uint64_t random;
    int flying, most_flying;
    bool commits_fail;
} h;

static enum fake_fate one_leaves(void *arg, const char *method)
{
    (void)arg;
    (void)method;
    h.flying++;
    h.most_flying = h.flying > h.most_flying ? h.flying : h.most_flying;
    return FAKE_GO;
}

static int on_commit(void *arg)
{
    (void)arg;
    return h.commits_fail;
}

/* A sender on the database as it is. */
static void process_start(void)
{
    h.http = fake_http_new(h.rules);
    fake_http_watch(h.http, &(struct fake_watch){.before = one_leaves});
    h.pictures = fake_picture_new();
    h.sender = sender_new(h.http, h.pictures, &h.bot, &h.cfg);
}

static void process_end(void)
{
    sender_free(h.sender);
    fake_http_free(h.http);
    fake_picture_free(h.pictures);
}

static void house_open(int64_t per_sec, int64_t in_flight, int people)
{
    static int houses;
    const char *why = "";
    h = (struct place){.now_ms = T0};
    snprintf(h.path, sizeof h.path, "/tmp/test_sender_%ld_%d.db", (long)getpid(), ++houses);
    assert_int_equal(db_open(h.path, &h.db, &why), OK);
    assert_int_equal(db_script(h.db, "PRAGMA synchronous = OFF"), OK); /* no power cuts */
    sqlite3_commit_hook(db_handle(h.db), on_commit, NULL);
    h.rules = rules_new("1:x", "sobes_bot");
    rules_limits(h.rules, false); /* how fast a full outbox leaves is the matter here */
    h.bot = (struct bot){.db = h.db, .username = "sobes_bot"};
    h.cfg = (struct config){.sends_per_sec = per_sec, .in_flight = in_flight};
    process_start();
    for (int i = 0; i < people; i++) {
        rules_person(h.rules, FIRST_PERSON + i, "p", "en");
        const struct rules_said start = {.person = FIRST_PERSON + i, .text = "/start"};
        assert_null(rules_say(h.rules, T0, &start));
    }
}

static void house_close(void)
{
    char wal[80];
    process_end();
    rules_free(h.rules);
    arena_free(&h.bot.arena);
    db_close(h.db);
    snprintf(wal, sizeof wal, "%s-wal", h.path);
    unlink(h.path);
    unlink(wal);
}

static void queue_row(struct outbox_row row)
{
    row.expires_ms = T0 + HOUR_MS;
    assert_int_equal(db_begin(h.db), OK);
    assert_int_equal(outbox_add(h.db, &row), OK);
    assert_int_equal(db_commit(h.db), OK);
}

static void queue(int64_t chat, enum outbox_class class, const char *text)
{
    char body[100];
    snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
    queue_row((struct outbox_row){.chat = chat,
                                  .class = class,
                                  .kind = KIND_NUDGE,
                                  .method = "sendMessage",
                                  .body = body});
}

static struct moment moment(void)
{
    return (struct moment){.now_ms = h.now_ms, .random = h.random += 0x9e3779b97f4a7c15u};
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Plays until t, from event to event, as net/loop.c does. */
static void play(int64_t t)
{
    for (int rounds = 0; h.now_ms <= t; rounds++) {
        assert_in_range(rounds, 0, 200000);
        while (fake_http_run(h.http, h.now_ms))
            h.flying = 0;
        while (fake_picture_run(h.pictures))
            ;
        sender_run(h.sender, moment());
        int64_t next = earlier(fake_http_next_ms(h.http), sender_next_ms(h.sender));
        next = earlier(next, fake_picture_next_ms(h.pictures));
        h.now_ms = next > h.now_ms ? earlier(next, t + 1) : h.now_ms;
    }
    h.now_ms = t;
}

static int sent(void)
{
    int n = 0;
    for (size_t i = 0; i < rules_ledger_count(h.rules); i++)
        n += rules_ledger(h.rules, i)->kind == ROW_SENT &&
             rules_ledger(h.rules, i)->status == 200;
    return n;
}

static int64_t left(void)
{
    int64_t n = -1;
    assert_int_equal(db_one_int(h.db, &n, "SELECT count(*) FROM outbox WHERE ?1", A(1)),
                     OK);
    return n;
}

static void a_morning_leaves_at_the_rate_and_everybody_gets_one(void **state)
{
    (void)state;
    enum { PEOPLE = 200 };
    house_open(25, 8, PEOPLE);
    for (int i = 0; i < PEOPLE; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "good morning");
    play(T0 + 4000);
    assert_in_range(sent(), 98, 105);
    play(T0 + 9000);
    assert_int_equal(sent(), PEOPLE);
    assert_int_equal(left(), 0);
    for (size_t i = 0; i + 29 < rules_ledger_count(h.rules); i++)
        assert_in_range(rules_ledger(h.rules, i + 28)->at_ms -
                            rules_ledger(h.rules, i)->at_ms,
                        1000, HOUR_MS);
    house_close();
}

static const struct {
    int64_t in_flight;
    enum outbox_class class;
    int want;
} shares[] = {
    {8, CLASS_PEOPLE, 8}, {8, CLASS_BULK, 6},   {2, CLASS_BULK, 1},    {2, CLASS_PEOPLE, 2},
    {1, CLASS_BULK, 1},   {1, CLASS_PEOPLE, 1}, {100, CLASS_BULK, 98}, {3, CLASS_BULK, 1},
};

static void bulk_leaves_two_slots_to_people(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        house_open(0, shares[s].in_flight, 150);
        rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                                  .kind = FAULT_DELAY,
                                                  .value = 1000,
                                                  .times = 1000});
        for (int i = 0; i < 150; i++)
            queue(FIRST_PERSON + i, shares[s].class, "x");
        play(T0);
        if (h.most_flying != shares[s].want)
            fail_msg("row %zu: %d in flight", s, h.most_flying);
        rules_heal(h.rules);
        play(T0 + 5000);
        assert_int_equal(sent(), 150);
        house_close();
    }
}

static void one_chat_gets_its_rows_in_order_one_at_a_time(void **state)
{
    (void)state;
    house_open(25, 8, 1);
    for (int i = 0; i < 10; i++) {
        char text[16];
        snprintf(text, sizeof text, "n%d", i);
        queue(FIRST_PERSON, CLASS_PEOPLE, text);
    }
    play(T0 + 10000);
    assert_int_equal(sent(), 10);
    for (int i = 0; i < 10; i++) {
        const struct rules_row *r = rules_ledger(h.rules, (size_t)i);
        char text[16];
        snprintf(text, sizeof text, "n%d", i);
        assert_string_equal(r->shown.text, text);
        assert_in_range(r->at_ms - T0, i < 4 ? 0 : (i - 3) * 1000,
                        i < 4 ? 500 : (i - 3) * 1000 + 500);
    }
    assert_int_equal(h.most_flying, 1);
    house_close();
}

static void bulk_gets_every_fourth_token_while_people_wait(void **state)
{
    (void)state;
    house_open(25, 8, 400);
    for (int i = 0; i < 300; i++)
        queue(FIRST_PERSON + i, CLASS_PEOPLE, "person");
    for (int i = 300; i < 400; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "bulk");
    play(T0 + 4000);
    int bulk = 0;
    for (size_t i = 0; i < rules_ledger_count(h.rules); i++)
        bulk += strcmp(rules_ledger(h.rules, i)->shown.text, "bulk") == 0;
    assert_in_range(bulk, sent() / 4 - 1, sent() / 4 + 1);
    play(T0 + 20000);
    assert_int_equal(sent(), 400);
    house_close();
}

static void people_who_wait_go_before_bulk_in_the_strict_setting(void **state)
{
    (void)state;
    house_open(25, 1, 20);
    for (int i = 0; i < 20; i++)
        queue(FIRST_PERSON + i, i < 10 ? CLASS_BULK : CLASS_PEOPLE, i < 10 ? "b" : "p");
    play(T0 + 2000);
    assert_int_equal(sent(), 20);
    for (size_t i = 0; i < 20; i++)
        assert_string_equal(rules_ledger(h.rules, i)->shown.text, i < 10 ? "p" : "b");
    house_close();
}

static void a_frozen_chat_hears_nothing_early_and_the_others_go_on(void **state)
{
    (void)state;
    house_open(25, 8, 10);
    rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                              .chat = FIRST_PERSON,
                                              .kind = FAULT_FLOOD,
                                              .value = 30,
                                              .times = 1});
    for (int i = 0; i < 10; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    play(T0 + 2000);
    assert_int_equal(sent(), 9);
    play(T0 + 29999);
    assert_int_equal(sent(), 9);
    play(T0 + 31000);
    assert_int_equal(sent(), 10);
    assert_int_equal(left(), 0);
    house_close();
}

static void two_floods_in_a_second_stop_bulk_for_all(void **state)
{
    (void)state;
    house_open(25, 8, 60);
    for (int i = 0; i < 2; i++)
        rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                                  .chat = FIRST_PERSON + i,
                                                  .kind = FAULT_FLOOD,
                                                  .value = 10 + i,
                                                  .times = 1});
    for (int i = 0; i < 60; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    play(T0 + 1000);
    int before = sent();
    play(T0 + 9900);
    assert_in_range(before, 0, 10);
    assert_int_equal(sent(), before);
    queue(FIRST_PERSON + 59, CLASS_PEOPLE, "a person is answered meanwhile");
    play(T0 + 9950);
    assert_int_equal(sent(), before + 1);
    play(T0 + 20000);
    assert_int_equal(sent(), 61);
    house_close();
}

static void without_a_connection_everything_waits_and_nothing_gets_lost(void **state)
{
    (void)state;
    house_open(25, 8, 50);
    for (int i = 0; i < 50; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    fake_http_network(h.http, false);
    play(T0 + 600000);
    assert_int_equal(sent(), 0);
    assert_int_equal(left(), 50);
    fake_http_network(h.http, true);
    play(T0 + 680000);
    assert_int_equal(sent(), 50);
    assert_int_equal(left(), 0);
    house_close();
}

static void a_disk_in_trouble_stops_sending_and_loses_no_answer(void **state)
{
    (void)state;
    house_open(25, 8, 20);
    for (int i = 0; i < 10; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                              .kind = FAULT_DELAY,
                                              .value = 50,
                                              .times = 1000});
    play(T0 + 10); /* some are in flight */
    int before = sent();
    assert_in_range(before, 1, 8);
    h.commits_fail = true;
    play(T0 + 60000);
    assert_int_equal(sent(), before);
    assert_false(sender_idle(h.sender));
    h.commits_fail = false;
    play(T0 + 70000);
    assert_int_equal(sent(), 10);
    assert_int_equal(left(), 0);
    assert_true(sender_idle(h.sender));
    house_close();
}

static void a_refused_token_leaves_the_rows_where_they_are(void **state)
{
    (void)state;
    house_open(25, 8, 5);
    for (int i = 0; i < 5; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                              .kind = FAULT_STATUS,
                                              .value = 401,
                                              .times = 1000});
    play(T0 + 60000);
    assert_true(sender_refused(h.sender));
    assert_int_equal(left(), 5);
    assert_in_range(rules_ledger_count(h.rules), 1, 5);
    house_close();
}

static void a_row_past_its_time_is_not_sent(void **state)
{
    (void)state;
    house_open(25, 8, 2);
    queue(FIRST_PERSON, CLASS_BULK, "x");
    queue(FIRST_PERSON, CLASS_BULK, "y");
    h.now_ms = T0 + HOUR_MS;
    play(T0 + HOUR_MS + 10);
    assert_int_equal(sent(), 0);
    assert_int_equal(left(), 0);
    house_close();
}

static void a_stopped_sender_takes_no_more_and_comes_to_rest(void **state)
{
    (void)state;
    house_open(25, 8, 20);
    for (int i = 0; i < 20; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                              .kind = FAULT_DELAY,
                                              .value = 500,
                                              .times = 1000});
    play(T0 + 100);
    int before = sent();
    sender_stop(h.sender);
    sender_toast(h.sender, h.now_ms, &(struct toast){.query = "1", .text = "late"});
    assert_false(sender_has_room(h.sender, h.now_ms));
    play(T0 + 5000);
    assert_true(sender_idle(h.sender));
    assert_int_equal(sent(), before);
    assert_int_equal(left(), 20 - before);
    house_close();
}

static void there_is_room_until_a_hundred_bulk_lanes_are_ready(void **state)
{
    (void)state;
    house_open(25, 8, 0);
    for (int i = 0; i < 100; i++) {
        assert_true(sender_has_room(h.sender, T0));
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    }
    assert_false(sender_has_room(h.sender, T0));
    house_close();
}

static int toasts_sent(void)
{
    int n = 0;
    for (size_t i = 0; i < rules_ledger_count(h.rules); i++)
        n += strcmp(rules_ledger(h.rules, i)->method, "answerCallbackQuery") == 0;
    return n;
}

static void toasts_go_four_at_a_time_and_old_ones_are_dropped(void **state)
{
    (void)state;
    house_open(25, 1, 0);
    rules_fail(h.rules, &(struct rules_fault){.method = "answerCallbackQuery",
                                              .kind = FAULT_DELAY,
                                              .value = 4000,
                                              .times = 1000});
    for (int i = 0; i < 50; i++)
        sender_toast(h.sender, T0, &(struct toast){.query = "77", .text = "saved"});
    play(T0);
    assert_int_equal(h.most_flying, 4);
    play(T0 + 60000);
    assert_int_equal(toasts_sent(), 12); /* at 0, 4 and 8 s; at 12 s they were too old */
    assert_true(sender_idle(h.sender));
    house_close();
}

/* ---- groups ---- */

static int64_t group(void)
{
    int64_t id = rules_group(h.rules, T0, FIRST_PERSON, "Python", CHAT_SUPERGROUP, false);
    assert_true(id < 0);
    assert_null(rules_bot_member(h.rules, T0, id, FIRST_PERSON, MEMBER_PLAIN));
    return id;
}

#define QUIZ                                                                        \
    "{\"question\":\"Q\",\"options\":[{\"text\":\"a\"},{\"text\":\"b\"}],\"type\":" \
    "\"quiz\","                                                                     \
    "\"correct_option_ids\":[0],\"is_anonymous\":false}"

/* Any way of being heard. */
static void queue_to_group(int64_t chat, enum outbox_kind kind, int64_t post, int number)
{
    char body[100];
    snprintf(body, sizeof body, "{\"%s\":\"n%d\"}", kind == KIND_REPLY ? "caption" : "text",
             number);
    queue_row((struct outbox_row){.chat = chat,
                                  .kind = kind,
                                  .post = kind == KIND_EDIT ? post : 0,
                                  .method = kind == KIND_EDIT    ? "editMessageText"
                                            : kind == KIND_POLL  ? "sendPoll"
                                            : kind == KIND_REPLY ? "sendPhoto"
                                                                 : "sendMessage",
                                  .body = kind == KIND_POLL ? QUIZ : body,
                                  .picture = kind == KIND_REPLY ? "{}" : NULL});
}

/* The times at which the group heard something. */
static int heard(int64_t chat, int64_t *out, int max)
{
    int n = 0;
    for (size_t i = 0; i < rules_ledger_count(h.rules); i++) {
        const struct rules_row *r = rules_ledger(h.rules, i);
        if (r->chat != chat || (r->kind != ROW_SENT && r->kind != ROW_EDITED))
            continue;
        assert_int_equal(r->status, 200);
        assert_in_range(n, 0, max - 1);
        out[n++] = r->at_ms;
    }
    return n;
}

static int most_in_a_minute(int64_t chat)
{
    int64_t at[400];
    int n = heard(chat, at, 400), most = 0;
    for (int i = 0; i < n; i++) {
        int k = i;
        while (k < n && at[k] - at[i] < MINUTE_MS)
            k++;
        most = k - i > most ? k - i : most;
    }
    return most;
}

static int64_t posted(int64_t chat)
{
    int64_t post, old;
    queue(chat, CLASS_PEOPLE, "to be edited");
    play(h.now_ms + 1000);
    assert_int_equal(db_begin(h.db), OK);
    assert_int_equal(post_new(h.db, chat, 0, &post), OK);
    assert_int_equal(post_adopt(h.db, post, rules_newest(h.rules, chat, 1)->id, &old), OK);
    assert_int_equal(db_commit(h.db), OK);
    return post;
}

static void a_group_hears_eighteen_in_any_minute_of_all_kinds_together(void **state)
{
    (void)state;
    static const enum outbox_kind kinds[] = {KIND_NUDGE, KIND_EDIT, KIND_POLL, KIND_REPLY};
    house_open(25, 8, 1);
    int64_t chat = group(), post = posted(chat), at[200];
    int n = 0;
    for (int64_t t = T0 + 1000; t < T0 + 200000; t += 1000) {
        if (n < 60) /* edits of a post replace each other while they wait */
            queue_to_group(chat, kinds[n % 4], post, n);
        n++;
        play(t);
    }
    play(T0 + 8 * MINUTE_MS);
    assert_int_equal(most_in_a_minute(chat), 18);
    assert_in_range(heard(chat, at, 200), 46, 61);
    assert_int_equal(left(), 0);
    house_close();
}

static void asking_telegram_pays_nothing(void **state)
{
    (void)state;
    house_open(25, 8, 1);
    int64_t chat = group(), at[40], noted;
    for (int i = 0; i < 50; i++)
        queue_row((struct outbox_row){.chat = chat,
                                      .kind = KIND_ASK,
                                      .method = "getChatMember",
                                      .body = "{\"user_id\":5000000001}"});
    for (int i = 0; i < 18; i++)
        queue(chat, CLASS_PEOPLE, "x");
    play(T0);
    int asked = 0;
    for (size_t i = 0; i < rules_ledger_count(h.rules); i++)
        asked += strcmp(rules_ledger(h.rules, i)->method, "getChatMember") == 0;
    assert_int_equal(asked, 50);
    play(T0 + 2000);
    assert_int_equal(heard(chat, at, 40), 18);
    assert_int_equal(db_one_int(h.db, &noted, "SELECT count(*) FROM spoken WHERE ?1", A(1)),
                     OK);
    assert_int_equal(noted, 18);
    house_close();
}

static void a_restart_gives_a_group_no_new_minute(void **state)
{
    (void)state;
    house_open(25, 8, 1);
    int64_t chat = group(), other = group(), at[40];
    for (int i = 0; i < 18; i++)
        queue(chat, CLASS_PEOPLE, "x");
    play(T0 + 10000);
    assert_int_equal(heard(chat, at, 40), 18);
    process_end();
    process_start();
    queue(chat, CLASS_PEOPLE, "the nineteenth");
    queue(other, CLASS_PEOPLE, "another group is not held up");
    play(T0 + 10500);
    assert_int_equal(heard(other, at, 40), 1);
    assert_int_equal(heard(chat, at, 40), 18);
    play(T0 + 2 * MINUTE_MS);
    assert_int_equal(heard(chat, at, 40), 19);
    assert_in_range(at[18], at[0] + MINUTE_MS, at[0] + MINUTE_MS + 1000);
    house_close();
}

/* The process is gone at once: what was on its way is forgotten, and stays `sending`. */
static void process_killed(void)
{
    fake_http_die(h.http);
    sender_stop(h.sender);
    while (fake_http_run(h.http, h.now_ms) || fake_picture_run(h.pictures))
        ;
    process_end();
    assert_int_equal(outbox_free_lanes(h.db), OK);
    process_start();
}

static void kills_in_a_row_give_a_group_no_new_minute(void **state)
{
    (void)state;
    static const enum outbox_kind kinds[] = {KIND_NUDGE, KIND_REPLY, KIND_POLL};
    house_open(25, 8, 1);
    int64_t chat = group(), at[400];
    rules_fail(h.rules,
               &(struct rules_fault){
                   .method = "*", .kind = FAULT_DELAY, .value = 200, .times = 10000});
    for (int i = 0; i < 200; i++)
        queue_to_group(chat, kinds[i % 3], 0, i);
    for (int64_t t = T0; t < T0 + 5 * MINUTE_MS; t += 3100) {
        play(t);
        process_killed();
    }
    assert_in_range(heard(chat, at, 400), 5 * 17, 5 * 18);
    assert_int_equal(most_in_a_minute(chat), 18);
    house_close();
}

static void a_group_that_must_wait_holds_up_nobody(void **state)
{
    (void)state;
    house_open(25, 8, 5);
    int64_t full = group(), frozen = group(), other = group(), at[60];
    rules_fail(h.rules, &(struct rules_fault){.method = "sendMessage",
                                              .chat = frozen,
                                              .kind = FAULT_FLOOD,
                                              .value = 40,
                                              .times = 1});
    queue(frozen, CLASS_PEOPLE, "x");
    for (int i = 0; i < 40; i++)
        queue(full, CLASS_PEOPLE, "x");
    play(T0 + 3000);
    assert_int_equal(heard(full, at, 60), 18);
    for (int i = 0; i < 5; i++)
        queue(FIRST_PERSON + i, CLASS_BULK, "x");
    queue(other, CLASS_PEOPLE, "x");
    play(T0 + 4000);
    assert_int_equal(sent(), 18 + 5 + 1);
    assert_int_equal(heard(other, at, 60), 1);
    play(T0 + 3 * MINUTE_MS);
    assert_int_equal(heard(full, at, 60), 40);
    assert_int_equal(left(), 0);
    house_close();
}

/* ---- pictures ---- */

#define CAPTION                 \
    "{\"caption\":\"<b>1.</b> " \
    "Anna\",\"parse_mode\":\"HTML\",\"link_preview_options\":{\"is_disabled\":true}}"

static void queue_picture(int64_t chat)
{
    queue_row((struct outbox_row){.chat = chat,
                                  .kind = KIND_REPLY,
                                  .method = "sendPhoto",
                                  .body = CAPTION,
                                  .picture = "{\"podium\":[]}"});
}

/* Of the rows in that state. */
static int64_t copies_in(const char *outbox_state)
{
    int64_t n = -1;
    enum err e =
        db_one_int(h.db, &n, "SELECT copies FROM outbox WHERE state = ?1", A(outbox_state));
    return e ? -1 : n;
}

static void a_row_with_a_picture_is_a_photo_or_its_caption_alone(void **state)
{
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        house_open(25, 8, 1);
        int64_t chat = group();
        fake_picture_fail(h.pictures, fails);
        queue_picture(chat);
        queue_picture(FIRST_PERSON);
        play(T0 + 1000);
        assert_int_equal(left(), 0);
        for (int i = 0; i < 2; i++) {
            const struct rules_message *m =
                rules_newest(h.rules, i ? chat : FIRST_PERSON, 1);
            assert_non_null(m);
            assert_int_equal(m->media, fails ? MEDIA_NONE : MEDIA_PHOTO);
            assert_string_equal(m->now.text, "1. Anna");
            assert_int_equal(m->now.n, 1);
        }
        house_close();
    }
}

/* ---- exports ---- */

static int give_up(void *arg)
{
    (void)arg;
    return 1;
}

/* A long answer cannot be read while short ones still can: the row is taken again and again
 * without its tries counting as copies, and others do not wait for it. */
static void an_export_that_cannot_be_read_waits(void **state)
{
    (void)state;
    house_open(25, 8, 2);
    assert_int_equal(
        db_script(h.db, "INSERT INTO learner (id, lang, zone, at_min) VALUES (5000000001,"
                        " 'en', 'Etc/UTC', 0);"
                        "INSERT INTO streak_day WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL"
                        " SELECT i + 1 FROM c WHERE i < 9000) SELECT 5000000001, i, 'kept',"
                        " 1 FROM c"),
        OK);
    sqlite3_progress_handler(db_handle(h.db), 20000, give_up, NULL);
    queue_row((struct outbox_row){.chat = FIRST_PERSON,
                                  .kind = KIND_REPLY,
                                  .method = "sendDocument",
                                  .body = CAPTION,
                                  .picture = EXPORT_MAKER "sobes-2026-11-22.json"});
    queue(FIRST_PERSON + 1, CLASS_PEOPLE, "x");
    play(T0 + 3500);
    assert_int_equal(sent(), 1);
    assert_int_equal(left(), 1);
    assert_int_equal(copies_in("sending"), 1); /* after four tries */
    assert_null(rules_newest(h.rules, FIRST_PERSON, 1));
    sqlite3_progress_handler(db_handle(h.db), 0, NULL, NULL);
    play(T0 + 6000);
    assert_int_equal(left(), 0);
    const struct rules_message *m = rules_newest(h.rules, FIRST_PERSON, 1);
    assert_non_null(m);
    assert_int_equal(m->media, MEDIA_DOCUMENT);
    assert_string_equal(m->now.text, "1. Anna");
    assert_int_equal(m->now.n, 1);
    house_close();
}

static void a_drawing_holds_up_its_own_chat_and_keeps_its_slot(void **state)
{
    (void)state;
    house_open(25, 2, 3);
    int64_t chat = group(), at[9];
    fake_picture_hang(h.pictures, true);
    queue_picture(chat);
    queue(chat, CLASS_PEOPLE, "after it");
    play(T0 + 1000);
    assert_int_equal(copies_in("sending"), 1); /* as one that may have been sent */
    for (int i = 0; i < 3; i++)
        queue(FIRST_PERSON + i, CLASS_PEOPLE, "x");
    rules_fail(h.rules,
               &(struct rules_fault){
                   .method = "sendMessage", .kind = FAULT_DELAY, .value = 100, .times = 3});
    h.most_flying = 0;
    play(T0 + 2000);
    assert_int_equal(sent(), 3);
    assert_int_equal(h.most_flying, 1);
    assert_int_equal(heard(chat, at, 9), 0);
    assert_false(sender_idle(h.sender));
    fake_picture_hang(h.pictures, false);
    play(T0 + 3000);
    assert_int_equal(heard(chat, at, 9), 2);
    assert_int_equal(rules_newest(h.rules, chat, 2)->media, MEDIA_PHOTO);
    assert_true(sender_idle(h.sender));
    house_close();
}

static void a_stop_while_drawing_leaves_the_row_unsent(void **state)
{
    (void)state;
    for (int drawn = 0; drawn < 2; drawn++) {
        house_open(25, 8, 1);
        int64_t chat = group(), at[9];
        fake_picture_hang(h.pictures, true);
        queue_picture(chat);
        play(T0 + 1000);
        fake_picture_hang(h.pictures, !drawn);
        while (drawn && fake_picture_run(h.pictures)) /* in the last moment */
            ;
        sender_stop(h.sender);
        play(T0 + 2000);
        assert_true(sender_idle(h.sender));
        assert_int_equal(heard(chat, at, 9), 0);
        assert_int_equal(copies_in("queued"), 0);
        process_end();
        process_start();
        play(T0 + 3000);
        assert_int_equal(heard(chat, at, 9), 1);
        assert_int_equal(rules_newest(h.rules, chat, 1)->media, MEDIA_PHOTO);
        house_close();
    }
}

static void a_picture_counts_from_when_it_leaves(void **state)
{
    (void)state;
    house_open(25, 8, 1);
    int64_t chat = group(), at[40];
    fake_picture_hang(h.pictures, true);
    queue_picture(chat);
    for (int i = 0; i < 20; i++)
        queue(chat, CLASS_PEOPLE, "x");
    play(T0 + 5000);
    fake_picture_hang(h.pictures, false);
    play(T0 + 6000);
    process_killed();
    play(T0 + 2 * MINUTE_MS);
    assert_int_equal(heard(chat, at, 40), 21);
    assert_int_equal(at[0], T0 + 5000);
    assert_in_range(at[18], T0 + 5000 + MINUTE_MS, T0 + 6000 + MINUTE_MS);
    house_close();
}

static void a_drawn_picture_waits_for_the_disk_and_the_network(void **state)
{
    (void)state;
    house_open(25, 8, 3);
    int64_t chat = group(), at[9];
    fake_picture_hang(h.pictures, true);
    queue_picture(chat);
    play(T0 + 1000);
    h.commits_fail = true;
    fake_picture_hang(h.pictures, false);
    play(T0 + 5000);
    assert_int_equal(heard(chat, at, 9), 0); /* nothing leaves that is not noted */
    h.commits_fail = false;
    fake_http_network(h.http, false);
    queue(FIRST_PERSON, CLASS_PEOPLE, "x");
    play(T0 + 20000);
    fake_http_network(h.http, true);
    play(T0 + 2 * MINUTE_MS);
    assert_int_equal(heard(chat, at, 9), 1);
    assert_int_equal(rules_newest(h.rules, chat, 1)->media, MEDIA_PHOTO);
    assert_int_equal(left(), 0);
    house_close();
}

static void many_pictures_keep_to_the_rate(void **state)
{
    (void)state;
    house_open(5, 8, 40);
    for (int i = 0; i < 40; i++)
        queue_picture(FIRST_PERSON + i);
    play(T0 + 10000);
    assert_int_equal(left(), 0);
    for (size_t i = 0; i + 6 < rules_ledger_count(h.rules); i++)
        assert_in_range(rules_ledger(h.rules, i + 6)->at_ms -
                            rules_ledger(h.rules, i)->at_ms,
                        1000, HOUR_MS);
    house_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_means_what_the_bot_api_means_by_it),
        cmocka_unit_test(a_morning_leaves_at_the_rate_and_everybody_gets_one),
        cmocka_unit_test(bulk_leaves_two_slots_to_people),
        cmocka_unit_test(one_chat_gets_its_rows_in_order_one_at_a_time),
        cmocka_unit_test(bulk_gets_every_fourth_token_while_people_wait),
        cmocka_unit_test(people_who_wait_go_before_bulk_in_the_strict_setting),
        cmocka_unit_test(a_frozen_chat_hears_nothing_early_and_the_others_go_on),
        cmocka_unit_test(two_floods_in_a_second_stop_bulk_for_all),
        cmocka_unit_test(without_a_connection_everything_waits_and_nothing_gets_lost),
        cmocka_unit_test(a_disk_in_trouble_stops_sending_and_loses_no_answer),
        cmocka_unit_test(a_refused_token_leaves_the_rows_where_they_are),
        cmocka_unit_test(a_row_past_its_time_is_not_sent),
        cmocka_unit_test(a_stopped_sender_takes_no_more_and_comes_to_rest),
        cmocka_unit_test(there_is_room_until_a_hundred_bulk_lanes_are_ready),
        cmocka_unit_test(toasts_go_four_at_a_time_and_old_ones_are_dropped),
        cmocka_unit_test(a_group_hears_eighteen_in_any_minute_of_all_kinds_together),
        cmocka_unit_test(asking_telegram_pays_nothing),
        cmocka_unit_test(a_restart_gives_a_group_no_new_minute),
        cmocka_unit_test(kills_in_a_row_give_a_group_no_new_minute),
        cmocka_unit_test(a_group_that_must_wait_holds_up_nobody),
        cmocka_unit_test(a_row_with_a_picture_is_a_photo_or_its_caption_alone),
        cmocka_unit_test(an_export_that_cannot_be_read_waits),
        cmocka_unit_test(a_drawing_holds_up_its_own_chat_and_keeps_its_slot),
        cmocka_unit_test(a_stop_while_drawing_leaves_the_row_unsent),
        cmocka_unit_test(a_picture_counts_from_when_it_leaves),
        cmocka_unit_test(a_drawn_picture_waits_for_the_disk_and_the_network),
        cmocka_unit_test(many_pictures_keep_to_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
