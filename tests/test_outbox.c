/* The queue of what is to be said: lanes and their order, edits, retries, what waits
 * outside; posts and their copies; alarms; the inbox; a group that moves. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/buf.h"
#include "db/alarms.h"
#include "db/chats.h"
#include "db/inbox.h"
#include "db/meta.h"
#include "db/outbox.h"
#include "db/posts.h"

static struct db *db;
static struct arena arena;

static int fresh(void **state)
{
    const char *why = "";
    (void)state;
    if (db_open(":memory:", &db, &why) != OK || db_begin(db) != OK)
        return -1;
    return 0;
}

static int gone(void **state)
{
    (void)state;
    db_rollback(db);
    db_close(db);
    arena_free(&arena);
    return 0;
}

#define ok(call) assert_int_equal((call), OK)

static int64_t count(const char *table)
{
    struct query q;
    int64_t n = -1;
    static const char *const sql[] = {
        "SELECT count(*) FROM outbox", "SELECT count(*) FROM lane",
        "SELECT count(*) FROM post", "SELECT count(*) FROM seen_update"};
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
        if (strstr(sql[i], table)) {
            db_query0(db, &q, sql[i]);
            assert_true(db_next(&q));
            n = db_int(&q, 0);
            db_end(&q);
        }
    return n;
}

static void queue(int64_t chat, enum outbox_class class, enum outbox_kind kind,
                  int64_t post, const char *body)
{
    ok(outbox_add(db, &(struct outbox_row){.chat = chat,
                                           .class = class,
                                           .kind = kind,
                                           .post = post,
                                           .method = kind == KIND_EDIT ? "editMessageText"
                                                                       : "sendMessage",
                                           .body = body,
                                           .expires_ms = 1000000}));
}

static void person(int64_t chat, const char *body)
{
    queue(chat, CLASS_PEOPLE, KIND_REPLY, 0, body);
}

static void bulk(int64_t chat, const char *body)
{
    queue(chat, CLASS_BULK, KIND_QUESTION, 0, body);
}

/* "1 -7 B3": the chats that may be written to, B before those of bulk. */
static const char *lanes(int64_t now_ms, enum outbox_class class_max, int max)
{
    struct lane l[64];
    int n;
    struct buf b = {0};
    ok(outbox_lanes(db, now_ms, class_max, l, max, &n));
    for (int i = 0; i < n; i++)
        buf_printf(&b, "%s%s%" PRId64, i ? " " : "", l[i].class == CLASS_BULK ? "B" : "",
                   l[i].chat);
    const char *text = arena_text(&arena, b.data ? b.data : "", b.len);
    buf_free(&b);
    return text;
}

static struct outbox_row taken(int64_t chat, const char *body)
{
    struct outbox_row row = {0};
    ok(outbox_take(db, &arena, chat, &row));
    if (strcmp(row.body, body) != 0)
        fail_msg("chat %" PRId64 ": \"%s\" came, not \"%s\"", chat, row.body, body);
    assert_true(row.chat == chat);
    return row;
}

static void said(int64_t chat, const char *body)
{
    struct outbox_row row = taken(chat, body);
    ok(outbox_settle(db, row.id, chat));
}

static void people_come_before_bulk(void **state)
{
    (void)state;
    bulk(1, "b1");
    bulk(2, "b2");
    person(9, "p9");
    person(3, "p3");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "9 3 B1 B2"); /* by age, not by chat */
    assert_string_equal(lanes(5, CLASS_PEOPLE, 64), "9 3");
    assert_string_equal(lanes(5, CLASS_BULK, 3), "9 3 B1");
    person(2, "p2"); /* a reply to one who also waits for bulk lifts the lane */
    assert_string_equal(lanes(5, CLASS_PEOPLE, 64), "2 9 3");
    said(2, "b2"); /* but not the order within the chat */
    assert_string_equal(lanes(5, CLASS_PEOPLE, 64), "9 3 2");
    said(2, "p2");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "9 3 B1");
    bulk(9, "b9");
    said(9, "p9"); /* what is left is bulk */
    assert_string_equal(lanes(5, CLASS_BULK, 64), "3 B1 B9");
}

static void a_chat_speaks_in_order_and_one_at_a_time(void **state)
{
    (void)state;
    person(1, "a");
    person(1, "b");
    person(2, "x");
    struct outbox_row a = taken(1, "a");
    assert_int_equal(a.copies, 0);
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2"); /* 1 is busy */
    person(1, "c");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2");
    ok(outbox_settle(db, a.id, 1));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "1 2");
    said(1, "b");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2 1");
    said(1, "c");
    said(2, "x");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "");
    assert_int_equal(count("lane"), 0);
    assert_int_equal(count("outbox"), 0);
}

static void an_empty_lane_is_swept_by_the_take(void **state)
{
    (void)state;
    struct outbox_row row;
    person(1, "a");
    ok(db_exec0(db, "DELETE FROM outbox"));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "1");
    assert_int_equal(outbox_take(db, &arena, 1, &row), ERR_NOT_FOUND);
    assert_int_equal(count("lane"), 0);
}

static void a_frozen_chat_waits_and_outlives_its_rows(void **state)
{
    (void)state;
    int64_t next;
    person(1, "a");
    person(2, "b");
    struct outbox_row a = taken(1, "a");
    ok(outbox_next_ms(db, 5, &next));
    assert_true(next == INT64_MAX);
    ok(outbox_not_sent(db, a.id, 1, 5000)); /* 429 */
    assert_string_equal(lanes(4999, CLASS_BULK, 64), "2");
    ok(outbox_next_ms(db, 4999, &next));
    assert_int_equal(next, 5000);
    assert_string_equal(lanes(5000, CLASS_BULK, 64), "1 2"); /* it has waited longest */
    ok(outbox_next_ms(db, 5000, &next));
    assert_true(next == INT64_MAX);
    a = taken(1, "a");
    assert_int_equal(a.copies, 0); /* it surely did not leave: no copy of it is out */
    ok(outbox_settle(db, a.id, 1));
    person(1, "c"); /* frozen by another call: what comes later waits too */
    a = taken(1, "c");
    ok(outbox_not_sent(db, a.id, 1, 9000));
    ok(outbox_not_sent(db, a.id, 1, 7000)); /* never shortened */
    ok(db_exec(db, "DELETE FROM outbox WHERE id = ?1", A(a.id)));
    person(1, "d");
    assert_string_equal(lanes(8999, CLASS_BULK, 64), "2");
    assert_string_equal(lanes(9000, CLASS_BULK, 64), "1 2");
    said(1, "d");
    struct outbox_row none;
    assert_int_equal(outbox_take(db, &arena, 1, &none), ERR_NOT_FOUND);
    assert_int_equal(count("lane"), 1);
}

/* The morning of many: one who met a 429 is not put behind all who come after. */
static void a_thawed_chat_is_not_starved_by_newcomers(void **state)
{
    (void)state;
    int thawed_served = 0;
    bulk(500, "late");
    struct outbox_row r = taken(500, "late");
    ok(outbox_not_sent(db, r.id, 500, 1000));
    for (int64_t chat = 1; chat <= 40; chat++)
        bulk(chat, "on time");
    for (int64_t now = 900; now < 1100 && !thawed_served; now += 10) {
        struct lane l[4];
        int n;
        ok(outbox_lanes(db, now, CLASS_BULK, l, 4, &n));
        assert_true(n == 4); /* newcomers never end */
        for (int i = 0; i < n; i++) {
            thawed_served |= l[i].chat == 500;
            said(l[i].chat, l[i].chat == 500 ? "late" : "on time");
            bulk(1000 + now * 4 + i, "on time");
        }
    }
    assert_true(thawed_served);
}

static void bulk_lanes_are_counted_without_the_frozen_and_the_busy(void **state)
{
    (void)state;
    int n;
    for (int64_t chat = 1; chat <= 20; chat++)
        bulk(chat, "b");
    person(21, "p");
    taken(1, "b");
    struct outbox_row r = taken(2, "b");
    ok(outbox_not_sent(db, r.id, 2, 5000));
    ok(outbox_bulk_ready(db, 10, 100, &n));
    assert_int_equal(n, 18);
    ok(outbox_bulk_ready(db, 5000, 100, &n));
    assert_int_equal(n, 19);
    ok(outbox_bulk_ready(db, 5000, 7, &n));
    assert_int_equal(n, 7);
}

static int64_t a_post(int64_t chat, int64_t message)
{
    int64_t post, old;
    ok(post_new(db, chat, 0, &post));
    if (message) {
        ok(post_adopt(db, post, message, &old));
        assert_int_equal(old, 0);
    }
    return post;
}

static void a_later_edit_replaces_the_queued_one(void **state)
{
    (void)state;
    int64_t one = a_post(1, 71), two = a_post(1, 72);
    queue(1, CLASS_PEOPLE, KIND_EDIT, one, "one v1");
    queue(1, CLASS_PEOPLE, KIND_EDIT, two, "two v1");
    queue(1, CLASS_PEOPLE, KIND_EDIT, one, "one v2");
    assert_int_equal(count("outbox"), 2);
    struct outbox_row r = taken(1, "two v1");
    assert_true(r.message == 72 && r.post == two);
    queue(1, CLASS_PEOPLE, KIND_EDIT, two, "two v2"); /* beside the one under way */
    ok(outbox_retry(db, r.id, 1, 0)); /* which came back: the newer one is enough */
    assert_int_equal(count("outbox"), 2);
    said(1, "one v2");
    r = taken(1, "two v2");
    ok(outbox_retry(db, r.id, 1, 0)); /* the newest comes back and stays */
    said(1, "two v2");
    assert_int_equal(count("outbox"), 0);
}

static void only_an_edit_names_the_message(void **state)
{
    (void)state;
    int64_t post = a_post(1, 71), blank = a_post(1, 0);
    queue(1, CLASS_PEOPLE, KIND_REPLY, post, "send");
    queue(1, CLASS_PEOPLE, KIND_EDIT, blank, "edit of nothing");
    struct outbox_row r = taken(1, "send");
    assert_true(r.message == 0 && r.post == post && r.thread == 0);
    ok(outbox_settle(db, r.id, 1));
    r = taken(1, "edit of nothing");
    assert_int_equal(r.message, 0); /* the sender drops it */
}

static void a_retry_goes_to_the_head(void **state)
{
    (void)state;
    struct outbox_row found;
    person(1, "a");
    person(1, "b");
    struct outbox_row r = taken(1, "a");
    ok(outbox_retry(db, r.id, 1, 300));
    assert_string_equal(lanes(299, CLASS_BULK, 64), "");
    r = taken(1, "a");
    assert_int_equal(r.copies, 1); /* one may be out there */
    ok(outbox_find(db, &arena, r.id, &found));
    assert_int_equal(found.copies, 2);
    ok(outbox_settle(db, r.id, 1));
    assert_int_equal(outbox_find(db, &arena, r.id, &found), ERR_NOT_FOUND);
    said(1, "b");
}

static void a_parked_row_lets_the_others_pass_and_comes_back(void **state)
{
    (void)state;
    int64_t post = a_post(1, 0);
    queue(1, CLASS_BULK, KIND_QUESTION, post, "question");
    person(1, "reply");
    struct outbox_row r = taken(1, "question");
    ok(outbox_park(db, r.id, 1));
    said(1, "reply");
    assert_int_equal(count("lane"), 0);
    ok(outbox_requeue(db, r.id));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "B1");
    assert_int_equal(outbox_requeue(db, r.id), ERR_NOT_FOUND); /* once */
    r = taken(1, "question");
    assert_int_equal(r.copies, 1);
    ok(outbox_park(db, r.id, 1));
    ok(outbox_arrived(db, post)); /* it was pressed: no copy */
    assert_int_equal(outbox_requeue(db, r.id), ERR_NOT_FOUND);
    assert_int_equal(count("outbox"), 0);
}

static void a_press_takes_back_the_copy_but_not_the_edit(void **state)
{
    (void)state;
    int64_t post = a_post(1, 71), other = a_post(1, 72);
    queue(1, CLASS_BULK, KIND_QUESTION, post, "copy");
    queue(1, CLASS_PEOPLE, KIND_EDIT, post, "edit");
    queue(1, CLASS_BULK, KIND_QUESTION, other, "other");
    ok(outbox_arrived(db, post));
    said(1, "edit");
    said(1, "other");
    assert_int_equal(count("outbox"), 0);
}

static void the_reply_whose_answer_was_lost_is_known(void **state)
{
    (void)state;
    int64_t first = a_post(1, 0), second = a_post(1, 0), lost;
    queue(1, CLASS_PEOPLE, KIND_REPLY, first, "first");
    queue(1, CLASS_PEOPLE, KIND_REPLY, second, "second");
    ok(outbox_lost_reply(db, 1, &lost));
    assert_int_equal(lost, 0); /* nothing was lost yet */
    struct outbox_row r = taken(1, "first");
    ok(outbox_not_sent(db, r.id, 1, 0));
    ok(outbox_lost_reply(db, 1, &lost));
    assert_int_equal(lost, 0); /* it surely did not leave */
    r = taken(1, "first");
    ok(outbox_retry(db, r.id, 1, 0));
    ok(outbox_lost_reply(db, 1, &lost));
    assert_true(lost == first);
    ok(outbox_lost_reply(db, 2, &lost));
    assert_int_equal(lost, 0);
    int64_t old;
    ok(post_adopt(db, first, 71, &old));
    ok(outbox_lost_reply(db, 1, &lost));
    assert_int_equal(lost, 0); /* its message is known */
}

static void a_dropped_chat_keeps_only_what_is_under_way(void **state)
{
    (void)state;
    person(1, "a");
    person(1, "b");
    bulk(1, "c");
    person(2, "x");
    struct outbox_row parked = taken(1, "a");
    ok(outbox_park(db, parked.id, 1));
    struct outbox_row r = taken(1, "b");
    ok(outbox_drop_chat(db, 1));
    assert_int_equal(count("outbox"), 2); /* b, x */
    person(1, "news");                    /* said in the same turn */
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2");
    ok(outbox_settle(db, r.id, 1));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2 1");
    ok(outbox_drop_chat(db, 1));
    ok(outbox_drop_chat(db, 1));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "2");
    assert_int_equal(count("lane"), 1);
}

static void at_the_start_all_that_was_under_way_is_found(void **state)
{
    (void)state;
    struct outbox_row rows[8];
    int n;
    for (int64_t chat = 1; chat <= 5; chat++) {
        person(chat, "a");
        person(chat, "b");
    }
    taken(2, "a");
    taken(4, "a");
    ok(outbox_unsettled(db, &arena, rows, 8, &n));
    assert_int_equal(n, 2);
    assert_true(rows[0].chat == 2 && rows[1].chat == 4 && rows[0].copies == 1);
    ok(outbox_unsettled(db, &arena, rows, 1, &n));
    assert_int_equal(n, 1);
    ok(outbox_free_lanes(db));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "1 2 3 4 5");
    ok(outbox_retry(db, rows[0].id, 2, 0));
    said(2, "a");
    said(2, "b");
}

/* "-5:100 -6:200": what groups heard after `from` until now. */
static const char *spoken(struct spoken from, int64_t now_ms, int max)
{
    struct spoken s[16];
    struct buf b = {0};
    for (int n = max; n == max;) { /* page by page */
        ok(outbox_spoken_after(db, &from, now_ms, s, max, &n));
        for (int i = 0; i < n; i++)
            buf_printf(&b, "%s%" PRId64 ":%" PRId64, b.len ? " " : "", s[i].chat,
                       s[i].at_ms);
        if (n)
            from = s[n - 1];
    }
    const char *text = arena_text(&arena, b.data ? b.data : "", b.len);
    buf_free(&b);
    return text;
}

static void what_groups_heard_is_told_in_order_page_by_page(void **state)
{
    (void)state;
    static const int64_t at[] = {500000, 500100, 500100, 500100, 500050, 500200, 515000};
    for (int i = 0; i < 7; i++)
        ok(outbox_spoken(db, -1 - i, at[i]));
    const struct spoken from = {.id = INT64_MAX, .at_ms = 500000};
    for (int max = 1; max <= 16; max++)
        assert_string_equal(spoken(from, 510000, max),
                            "-5:500050 -2:500100 -3:500100 -4:500100 -6:500200");
}

static void what_is_over_a_minute_old_is_forgotten_bit_by_bit(void **state)
{
    (void)state;
    enum { EARLIER = 30, MINUTE = 60000 };
    const struct spoken all = {0};
    int64_t n;
    for (int i = 0; i < EARLIER; i++)
        ok(outbox_spoken(db, -9, 1000 + i));
    ok(outbox_spoken(db, -9, 999 + MINUTE)); /* none is a minute old */
    ok(db_one_int(db, &n, "SELECT count(*) FROM spoken WHERE ?1", A(1)));
    assert_int_equal(n, EARLIER + 1);
    for (int i = 1; i <= 10; i++) {
        int64_t before = n;
        ok(outbox_spoken(db, -9, 5000 + MINUTE + i));
        ok(db_one_int(db, &n, "SELECT count(*) FROM spoken WHERE ?1", A(1)));
        assert_in_range(before + 1 - n, 0, 4);
    }
    assert_string_equal(spoken(all, 5000 + MINUTE, 16), "-9:60999");
    ok(outbox_spoken(db, -9, 2000)); /* the clock was set back by more than a minute */
    ok(outbox_spoken(db, -9, 2000));
    ok(outbox_spoken(db, -9, 2000));
    ok(db_one_int(db, &n, "SELECT count(*) FROM spoken WHERE ?1", A(1)));
    assert_int_equal(n, 4);
    assert_string_equal(spoken(all, 2000, 16), "-9:2000 -9:2000 -9:2000");
}

static void a_row_keeps_its_picture_and_who_hears_of_it(void **state)
{
    (void)state;
    int n;
    struct outbox_row row, found, unsettled[4];
    ok(outbox_add(db, &(struct outbox_row){.chat = -5,
                                           .kind = KIND_REPLY,
                                           .method = "sendPhoto",
                                           .body = "{\"caption\":\"x\"}",
                                           .picture = "{\"podium\":[]}",
                                           .told = "battle.17",
                                           .expires_ms = 1000000}));
    person(-5, "plain");
    ok(outbox_take(db, &arena, -5, &row));
    assert_string_equal(row.picture, "{\"podium\":[]}");
    assert_string_equal(row.told, "battle.17");
    ok(outbox_find(db, &arena, row.id, &found));
    assert_string_equal(found.picture, row.picture);
    assert_string_equal(found.told, row.told);
    ok(outbox_unsettled(db, &arena, unsettled, 4, &n));
    assert_int_equal(n, 1);
    assert_string_equal(unsettled[0].picture, row.picture);
    assert_string_equal(unsettled[0].told, row.told);
    ok(outbox_settle(db, row.id, -5));
    row = taken(-5, "plain");
    assert_null(row.picture);
    assert_null(row.told);
}

static void a_row_about_no_chat_goes_through_lane_nought(void **state)
{
    (void)state;
    queue(0, CLASS_PEOPLE, KIND_SETUP, 0, "commands ru");
    queue(0, CLASS_PEOPLE, KIND_SETUP, 0, "commands en");
    assert_string_equal(lanes(5, CLASS_BULK, 64), "0");
    said(0, "commands ru");
    said(0, "commands en");
    assert_int_equal(count("lane"), 0);
}

/* ---- posts ---- */

static enum err post_message(struct db *of, int64_t post, int64_t *out)
{
    return db_one_int(of, out, "SELECT message FROM post WHERE id = ?1", A(post));
}

static void a_post_learns_its_message_and_a_copy_gets_a_post_of_its_own(void **state)
{
    (void)state;
    int64_t post = a_post(1, 0), message, old, named;
    ok(post_message(db, post, &message));
    assert_int_equal(message, 0);
    ok(post_adopt(db, post, 71, &old));
    ok(post_adopt(db, post, 71, &old)); /* again: nothing new */
    assert_int_equal(old, 0);
    assert_int_equal(post_adopt(db, post, 75, &old), ERR_REFUSED); /* it was sent once */
    ok(db_exec(db, "UPDATE post SET copied = 1 WHERE id = ?1", A(post)));
    ok(post_adopt(db, post, 75, &old)); /* the copy was pressed */
    assert_true(old != 0 && old != post);
    ok(post_message(db, old, &message));
    assert_int_equal(message, 71);
    ok(post_message(db, post, &message));
    assert_int_equal(message, 75);
    ok(post_of_message(db, 1, 75, &named));
    assert_true(named == post);
    ok(post_of_message(db, 1, 71, &named));
    assert_true(named == old);
    assert_int_equal(post_adopt(db, post, 71, &named), ERR_REFUSED); /* another's */
    assert_int_equal(named, 0);
    ok(post_message(db, post, &message));
    assert_int_equal(message, 75);
    assert_int_equal(post_adopt(db, 404, 1, &named), ERR_NOT_FOUND);
    assert_int_equal(post_adopt(db, post, 0, &named), ERR_REFUSED); /* an ephemeral one */
    assert_int_equal(post_adopt(db, post, -7, &named), ERR_REFUSED);
    ok(post_message(db, post, &message));
    assert_int_equal(message, 75);
    ok(post_of_message(db, 2, 71, &named)); /* ids of messages are a chat's own */
    assert_true(named != old && named != post);
    int64_t again;
    ok(post_of_message(db, 2, 71, &again));
    assert_true(again == named);
    ok(post_find(db, 2, 71, &again));
    assert_true(again == named);
    assert_int_equal(post_find(db, 2, 72, &again), ERR_NOT_FOUND); /* makes none */
    assert_int_equal(post_message(db, 404, &message), ERR_NOT_FOUND);
}

/* ---- alarms ---- */

static void alarms_ring_in_the_order_they_are_due(void **state)
{
    (void)state;
    struct alarm due[8];
    int64_t at;
    int n;
    ok(alarms_next_ms(db, true, &at));
    assert_true(at == INT64_MAX);
    ok(alarm_set(db, "sitting", 3, 300, true));
    ok(alarm_set(db, "sitting", 1, 100, true));
    ok(alarm_set(db, "sitting", 2, 900, true));
    ok(alarm_set(db, "again", 1, 50, false));
    ok(alarm_set(db, "sitting", 2, 200, true)); /* moved, not doubled */
    ok(alarms_due(db, &arena, true, 250, due, 8, &n));
    assert_int_equal(n, 2);
    assert_true(due[0].subject == 1 && due[1].subject == 2 && due[1].due_ms == 200);
    assert_true(due[0].bulk && due[0].fails == 0);
    ok(alarms_due(db, &arena, true, 1000, due, 1, &n));
    assert_int_equal(n, 1);
    ok(alarms_due(db, &arena, false, 1000, due, 8, &n));
    assert_int_equal(n, 1);
    assert_string_equal(due[0].kind, "again");
    ok(alarms_next_ms(db, true, &at));
    assert_int_equal(at, 100);
    ok(alarms_next_ms(db, false, &at));
    assert_int_equal(at, 50);
    ok(alarm_due(db, "sitting", 2, &at));
    assert_int_equal(at, 200);
    ok(alarm_drop(db, "sitting", 2));
    ok(alarm_drop(db, "sitting", 2)); /* fine when there is none */
    assert_int_equal(alarm_due(db, "sitting", 2, &at), ERR_NOT_FOUND);
    assert_int_equal(alarm_due(db, "again", 3, &at), ERR_NOT_FOUND);
}

static void a_failed_alarm_counts_until_it_is_set_anew(void **state)
{
    (void)state;
    struct alarm due[2];
    int n;
    ok(alarm_set(db, "sitting", 1, 100, true));
    for (int fails = 0; fails < 3; fails++) {
        ok(alarms_due(db, &arena, true, 100000, due, 2, &n));
        assert_int_equal(n, 1);
        assert_int_equal(due[0].fails, fails);
        ok(alarm_fail(db, &due[0], due[0].due_ms + 3600));
    }
    ok(alarm_set(db, "sitting", 1, 100, false)); /* and may change its class */
    ok(alarms_due(db, &arena, true, 100000, due, 2, &n));
    assert_int_equal(n, 0);
    ok(alarms_due(db, &arena, false, 100000, due, 2, &n));
    assert_true(n == 1 && due[0].fails == 0 && !due[0].bulk);
}

/* ---- inbox and meta ---- */

static void an_update_is_done_once_wherever_the_numbers_start(void **state)
{
    (void)state;
    static const struct {
        int64_t id;
        bool fresh;
    } rows[] = {{900, true},       {901, true},       {901, false}, {7, true},
                {8, true},         {900, false},      {0, true},    {7, false},
                {INT64_MAX, true}, {INT64_MAX, false}};
    bool fresh_one;
    int64_t offset;
    ok(inbox_offset(db, &offset));
    assert_int_equal(offset, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ok(inbox_mark(db, rows[i].id, 1000, &fresh_one));
        if (fresh_one != rows[i].fresh)
            fail_msg("row %zu", i);
    }
    ok(inbox_set_offset(db, 902));
    ok(inbox_set_offset(db, 9)); /* it may go down */
    ok(inbox_offset(db, &offset));
    assert_int_equal(offset, 9);
}

static void updates_are_remembered_for_two_days(void **state)
{
    (void)state;
    const int64_t hour = 3600 * 1000, now = 1000000 * hour;
    bool fresh_one, more = true;
    int rounds = 0;
    for (int64_t id = 0; id < 5000; id++)
        ok(inbox_mark(db, id, now - 49 * hour, &fresh_one));
    ok(inbox_mark(db, 9000, now - 47 * hour, &fresh_one));
    for (; more && rounds < 1000; rounds++)
        ok(inbox_prune(db, now, &more));
    assert_false(more);
    assert_int_equal(count("seen_update"), 1);
    ok(inbox_mark(db, 9000, now, &fresh_one));
    assert_false(fresh_one);
    ok(inbox_mark(db, 1, now, &fresh_one));
    assert_true(fresh_one);
}

static void a_suspect_is_counted_by_its_source_and_put_away(void **state)
{
    (void)state;
    int64_t tries;
    for (int i = 1; i <= 3; i++) {
        ok(suspect_begin(db, "update", 7, &tries));
        assert_int_equal(tries, i);
    }
    ok(suspect_begin(db, "sitting", 7, &tries));
    assert_int_equal(tries, 1);
    ok(dead_add(db, "update", 7, "{}", "crashed", 5));
    ok(dead_add(db, "update", 7, "{}", "crashed", 5));
    ok(suspect_clear(db, "update", 7));
    ok(suspect_begin(db, "update", 7, &tries));
    assert_int_equal(tries, 1);
}

static void small_facts_are_kept_by_name(void **state)
{
    (void)state;
    int64_t v;
    ok(meta_get(db, "clean", 1, &v));
    assert_int_equal(v, 1);
    ok(meta_set(db, "clean", 0));
    ok(meta_set(db, "commands", INT64_MIN));
    ok(meta_get(db, "clean", 1, &v));
    assert_int_equal(v, 0);
    ok(meta_get(db, "commands", 0, &v));
    assert_true(v == INT64_MIN);
    ok(down_add(db, 100, 200));
    ok(down_add(db, 100, 300)); /* the same outage, seen to be longer */
    ok(down_prune(db, 301));
}

/* ---- a group that becomes a supergroup ---- */

static void a_group_that_moves_takes_along_what_is_not_yet_said(void **state)
{
    (void)state;
    const int64_t from = -4012345678, to = -1001234567890;
    int64_t post = a_post(from, 71), waiting, named, chat;
    ok(post_new(db, from, 0, &waiting));
    person(from, "a");
    queue(from, CLASS_PEOPLE, KIND_EDIT, post, "edit");
    queue(from, CLASS_PEOPLE, KIND_REPLY, waiting, "b");
    bulk(to, "c");
    ok(outbox_spoken(db, from, 100));
    struct outbox_row r = taken(from, "a"); /* its answer is: migrated */
    for (int again = 0; again < 3; again++) {
        ok(chat_migrate(db, from, to));
        assert_int_equal(count("lane"), 1);
    }
    ok(outbox_not_sent(db, r.id, to, 0));
    assert_string_equal(lanes(5, CLASS_BULK, 64), "-1001234567890");
    said(to, "a");
    said(to, "b"); /* the edit is of a message at the old address: it is gone */
    said(to, "c");
    assert_int_equal(count("outbox"), 0);
    ok(post_find(db, from, 71, &named));
    assert_true(named == post);
    assert_int_equal(post_find(db, to, 71, &named), ERR_NOT_FOUND);
    ok(db_one_int(db, &chat, "SELECT chat FROM post WHERE id = ?1", A(waiting)));
    assert_true(chat == to);
    assert_string_equal(spoken((struct spoken){0}, 100, 16), "-1001234567890:100");
    person(to, "d");
    ok(chat_migrate(db, to, to)); /* nonsense moves nothing */
    said(to, "d");
}

static void a_message_id_that_both_groups_have_stops_nothing(void **state)
{
    (void)state;
    int64_t post = a_post(-4, 71), message;
    a_post(-100, 71);
    person(-4, "a");
    ok(chat_migrate(db, -4, -100));
    ok(post_message(db, post, &message));
    assert_int_equal(message, 71);
    said(-100, "a");
}

#define in_fresh(test) cmocka_unit_test_setup_teardown(test, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_fresh(people_come_before_bulk),
        in_fresh(a_chat_speaks_in_order_and_one_at_a_time),
        in_fresh(an_empty_lane_is_swept_by_the_take),
        in_fresh(a_frozen_chat_waits_and_outlives_its_rows),
        in_fresh(a_thawed_chat_is_not_starved_by_newcomers),
        in_fresh(bulk_lanes_are_counted_without_the_frozen_and_the_busy),
        in_fresh(a_later_edit_replaces_the_queued_one),
        in_fresh(only_an_edit_names_the_message),
        in_fresh(a_retry_goes_to_the_head),
        in_fresh(a_parked_row_lets_the_others_pass_and_comes_back),
        in_fresh(a_press_takes_back_the_copy_but_not_the_edit),
        in_fresh(the_reply_whose_answer_was_lost_is_known),
        in_fresh(a_dropped_chat_keeps_only_what_is_under_way),
        in_fresh(at_the_start_all_that_was_under_way_is_found),
        in_fresh(what_groups_heard_is_told_in_order_page_by_page),
        in_fresh(what_is_over_a_minute_old_is_forgotten_bit_by_bit),
        in_fresh(a_row_keeps_its_picture_and_who_hears_of_it),
        in_fresh(a_row_about_no_chat_goes_through_lane_nought),
        in_fresh(a_post_learns_its_message_and_a_copy_gets_a_post_of_its_own),
        in_fresh(alarms_ring_in_the_order_they_are_due),
        in_fresh(a_failed_alarm_counts_until_it_is_set_anew),
        in_fresh(an_update_is_done_once_wherever_the_numbers_start),
        in_fresh(updates_are_remembered_for_two_days),
        in_fresh(a_suspect_is_counted_by_its_source_and_put_away),
        in_fresh(small_facts_are_kept_by_name),
        in_fresh(a_group_that_moves_takes_along_what_is_not_yet_said),
        in_fresh(a_message_id_that_both_groups_have_stops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
