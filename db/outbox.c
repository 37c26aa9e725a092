#include "db/outbox.h"

#include <assert.h>
#include <stdint.h>

/* A lane's class is the first among its queued rows, its head the oldest of them. An empty
 * one keeps both. */
static enum err lane_refresh(struct db *db, int64_t chat)
{
    int64_t oldest;
    enum err e = db_one_int(db, &oldest,
                            "SELECT id FROM outbox WHERE chat = ?1 AND state = 'queued'"
                            " ORDER BY id LIMIT 1",
                            A(chat));
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    return db_exec(db,
                   "UPDATE lane SET class = NOT EXISTS (SELECT 1 FROM outbox WHERE"
                   " chat = ?1 AND state = 'queued' AND class = 0), head = ?2"
                   " WHERE chat = ?1",
                   A(chat), A(oldest));
}

static enum err lane_open(struct db *db, int64_t chat, int class, int64_t row)
{
    return db_exec(db,
                   "INSERT INTO lane (chat, class, ready_ms, head) VALUES (?1, ?2, 0, ?3)"
                   " ON CONFLICT (chat) DO UPDATE SET class = min(class, excluded.class),"
                   " head = min(head, excluded.head)",
                   A(chat), A(class), A(row));
}

enum err outbox_add(struct db *db, const struct outbox_row *row)
{
    assert(db_in_transaction(db));
    enum err e = OK;
    if (row->kind == KIND_EDIT)
        e = db_exec(db,
                    "DELETE FROM outbox WHERE post = ?1 AND kind = 3 AND state = 'queued'",
                    A(row->post));
    if (!e)
        e = db_exec(
            db,
            "INSERT INTO outbox (chat, class, kind, method, post, body, picture, told,"
            " state, expires_ms, due_ms) VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7, ?8,"
            " 'queued', ?9, ?10)",
            A(row->chat), A((int)row->class), A((int)row->kind), A(row->method),
            A(row->post), A(row->body), A(row->picture), A(row->told), A(row->expires_ms),
            A(row->due_ms));
    return e ? e : lane_open(db, row->chat, (int)row->class, db_last_id(db));
}

enum err outbox_crowded(struct db *db, int64_t chat, int max, bool *out)
{
    int64_t n = 0;
    enum err e = db_one_int(db, &n,
                            "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE chat = ?1"
                            " AND state = 'queued' LIMIT ?2)",
                            A(chat), A(max));
    *out = n >= max;
    return e;
}

static enum err lanes_between(struct db *db, enum outbox_class class, int64_t from_ms,
                              int64_t to_ms, struct lane *out, int max, int *out_n)
{
    struct query q;
    db_query(db, &q,
             "SELECT chat FROM lane WHERE busy = 0 AND class = ?1 AND ready_ms >= ?2"
             " AND ready_ms <= ?3 ORDER BY ready_ms, head LIMIT ?4",
             A((int)class), A(from_ms), A(to_ms), A(max - *out_n));
    while (db_next(&q))
        out[(*out_n)++] = (struct lane){db_int(&q, 0), class};
    return q.err;
}

/* Thawed lanes before those that never waited: else a 429 in the middle of a busy morning
 * would put its chat behind everybody who comes after. */
enum err outbox_lanes(struct db *db, int64_t now_ms, enum outbox_class class_max,
                      struct lane *out, int max, int *out_n)
{
    enum err e = OK;
    *out_n = 0;
    for (int class = CLASS_PEOPLE; !e && class <= (int)class_max; class ++) {
        e = lanes_between(db, (enum outbox_class) class, 1, now_ms, out, max, out_n);
        if (!e)
            e = lanes_between(db, (enum outbox_class) class, 0, 0, out, max, out_n);
    }
    return e;
}

enum err outbox_next_ms(struct db *db, int64_t now_ms, int64_t *out)
{
    *out = INT64_MAX;
    for (int class = CLASS_PEOPLE; class <= CLASS_BULK; class ++) {
        int64_t ready;
        enum err e = db_one_int(db, &ready,
                                "SELECT ready_ms FROM lane WHERE busy = 0 AND class = ?1"
                                " AND ready_ms > ?2 ORDER BY ready_ms LIMIT 1",
                                A(class), A(now_ms));
        if (!e && ready < *out)
            *out = ready;
        if (e && e != ERR_NOT_FOUND)
            return e;
    }
    return OK;
}

static void row_read(struct query *q, struct arena *a, struct outbox_row *out)
{
    *out = (struct outbox_row){.id = db_int(q, 0),
                               .chat = db_int(q, 1),
                               .class = (enum outbox_class)db_int(q, 2),
                               .kind = (enum outbox_kind)db_int(q, 3),
                               .method = db_text(q, 4, a),
                               .post = db_int(q, 5),
                               .body = db_text(q, 6, a),
                               .copies = (int)db_int(q, 7),
                               .expires_ms = db_int(q, 8),
                               .thread = db_int(q, 9),
                               .message = db_int(q, 10),
                               .picture = db_text(q, 11, a),
                               .told = db_text(q, 12, a),
                               .due_ms = db_int(q, 13)};
}

#define ROW_COLUMNS                                                             \
    "SELECT o.id, o.chat, o.class, o.kind, o.method, o.post, o.body, o.copies," \
    " o.expires_ms, p.thread, p.message, o.picture, o.told, o.due_ms"           \
    " FROM outbox o LEFT JOIN post p ON p.id = o.post "

enum err outbox_take(struct db *db, struct arena *a, int64_t chat, struct outbox_row *out)
{
    assert(db_in_transaction(db));
    struct query q;
    db_query(db, &q,
             ROW_COLUMNS "WHERE o.chat = ?1 AND o.state = 'queued' ORDER BY o.id LIMIT 1",
             A(chat));
    if (!db_next(&q)) {
        enum err e = q.err;
        if (!e)
            e = db_exec(db, "DELETE FROM lane WHERE chat = ?1", A(chat));
        return e ? e : ERR_NOT_FOUND;
    }
    row_read(&q, a, out);
    if (out->kind != KIND_EDIT) /* only an edit names the message it is about */
        out->message = 0;
    db_end(&q);
    enum err e = db_exec(
        db, "UPDATE outbox SET state = 'sending', copies = copies + 1 WHERE id = ?1",
        A(out->id));
    if (!e && out->copies > 0 && out->post)
        e = db_exec(db, "UPDATE post SET copied = 1 WHERE id = ?1", A(out->post));
    return e ? e : db_exec(db, "UPDATE lane SET busy = 1 WHERE chat = ?1", A(chat));
}

/* What is far in the future is of a clock set back. */
enum err outbox_spoken(struct db *db, int64_t group, int64_t now_ms)
{
    enum { FORGOTTEN_A_NOTE = 4 };
    assert(db_in_transaction(db) && group < 0);
    enum err e = db_exec(db,
                         "DELETE FROM spoken WHERE id IN (SELECT id FROM spoken"
                         " WHERE at_ms <= ?1 OR at_ms > ?2 LIMIT ?3)",
                         A(now_ms - SPOKEN_MS), A(now_ms + SPOKEN_MS), A(FORGOTTEN_A_NOTE));
    return e ? e
             : db_exec(db, "INSERT INTO spoken (chat, at_ms) VALUES (?1, ?2)", A(group),
                       A(now_ms));
}

enum err outbox_spoken_after(struct db *db, const struct spoken *last, int64_t now_ms,
                             struct spoken *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT id, chat, at_ms FROM spoken WHERE (at_ms, id) > (?1, ?2)"
             " AND at_ms <= ?3 ORDER BY at_ms, id LIMIT ?4",
             A(last->at_ms), A(last->id), A(now_ms), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct spoken){
            .id = db_int(&q, 0), .chat = db_int(&q, 1), .at_ms = db_int(&q, 2)};
    return q.err;
}

enum err outbox_bulk_ready(struct db *db, int64_t now_ms, int max, int *out)
{
    int64_t n = 0;
    enum err e = db_one_int(db, &n,
                            "SELECT count(*) FROM (SELECT 1 FROM lane WHERE busy = 0 AND"
                            " class = 1 AND ready_ms <= ?1 LIMIT ?2)",
                            A(now_ms), A(max));
    *out = (int)n;
    return e;
}

enum err outbox_find(struct db *db, struct arena *a, int64_t id, struct outbox_row *out)
{
    struct query q;
    db_query(db, &q, ROW_COLUMNS "WHERE o.id = ?1", A(id));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    row_read(&q, a, out);
    db_end(&q);
    return OK;
}

/* The row has left its lane: the lane is free again, and goes when nothing waits in it and
 * no 429 holds it. A frozen one is swept by the first take that finds it empty. */
static enum err lane_leave(struct db *db, int64_t chat)
{
    enum err e = db_exec(db,
                         "DELETE FROM lane WHERE chat = ?1 AND ready_ms = 0 AND NOT EXISTS"
                         " (SELECT 1 FROM outbox WHERE chat = ?1 AND state = 'queued')",
                         A(chat));
    if (e || db_changes(db))
        return e;
    e = db_exec(db, "UPDATE lane SET busy = 0 WHERE chat = ?1", A(chat));
    return e ? e : lane_refresh(db, chat);
}

enum err outbox_settle(struct db *db, int64_t id, int64_t chat)
{
    enum err e = db_exec(db, "DELETE FROM outbox WHERE id = ?1", A(id));
    return e ? e : lane_leave(db, chat);
}

enum err outbox_retry(struct db *db, int64_t id, int64_t chat, int64_t ready_ms)
{
    enum err e =
        db_exec(db,
                "DELETE FROM outbox WHERE id = ?1 AND kind = 3 AND EXISTS (SELECT 1 FROM"
                " outbox newer WHERE newer.post = outbox.post AND newer.kind = 3"
                " AND newer.state = 'queued')",
                A(id));
    if (!e)
        e = db_exec(db, "UPDATE outbox SET state = 'queued' WHERE id = ?1", A(id));
    if (!e)
        e = db_exec(db,
                    "INSERT INTO lane (chat, class, ready_ms, head) VALUES (?1, 0, ?2, ?3)"
                    " ON CONFLICT (chat) DO UPDATE SET ready_ms = max(ready_ms, ?2)",
                    A(chat), A(ready_ms), A(id));
    return e ? e : lane_leave(db, chat);
}

enum err outbox_not_sent(struct db *db, int64_t id, int64_t chat, int64_t ready_ms)
{
    enum err e = db_exec(db, "UPDATE outbox SET copies = copies - 1 WHERE id = ?1", A(id));
    return e ? e : outbox_retry(db, id, chat, ready_ms);
}

enum err outbox_park(struct db *db, int64_t id, int64_t chat)
{
    enum err e = db_exec(db, "UPDATE outbox SET state = 'ambiguous' WHERE id = ?1", A(id));
    return e ? e : lane_leave(db, chat);
}

enum err outbox_requeue(struct db *db, int64_t id)
{
    struct query q;
    db_query(db, &q,
             "UPDATE outbox SET state = 'queued' WHERE id = ?1 AND state = 'ambiguous'"
             " RETURNING chat, class",
             A(id));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    int64_t chat = db_int(&q, 0);
    int class = (int)db_int(&q, 1);
    while (db_next(&q)) /* runs the statement to its end */
        ;
    return q.err ? q.err : lane_open(db, chat, class, id);
}

enum err outbox_arrived(struct db *db, int64_t post)
{
    return db_exec(db,
                   "DELETE FROM outbox WHERE post = ?1 AND kind <> 3"
                   " AND state IN ('queued', 'ambiguous')",
                   A(post));
}

enum err outbox_left(struct db *db, int64_t post, bool *out)
{
    int64_t waits = 0;
    enum err e = db_one_int(db, &waits,
                            "SELECT count(*) FROM outbox WHERE post = ?1 AND kind <> 3"
                            " AND copies = 0",
                            A(post));
    *out = !e && waits == 0;
    return e;
}

enum err outbox_lost_reply(struct db *db, int64_t chat, int64_t *out_post)
{
    *out_post = 0;
    enum err e = db_one_int(db, out_post,
                            "SELECT o.post FROM outbox o INDEXED BY outbox_again"
                            " JOIN post p ON p.id = o.post"
                            " WHERE o.chat = ?1 AND o.state = 'queued' AND o.copies > 0"
                            " AND o.kind = 1 AND p.message IS NULL ORDER BY o.id LIMIT 1",
                            A(chat));
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err outbox_drop_chat(struct db *db, int64_t chat)
{
    enum err e = db_exec(
        db, "DELETE FROM outbox WHERE chat = ?1 AND state IN ('queued', 'ambiguous')",
        A(chat));
    return e ? e : db_exec(db, "DELETE FROM lane WHERE chat = ?1 AND busy = 0", A(chat));
}

enum err outbox_hush(struct db *db, int64_t chat)
{
    enum { LOOKED_AT = 300 };
    return db_exec(db,
                   "UPDATE outbox SET expires_ms = 0 WHERE class = ?2 AND kind IN (?3, ?4)"
                   " AND copies = 0 AND told IS NULL AND id IN (SELECT id FROM outbox"
                   " WHERE chat = ?1 AND state = 'queued' ORDER BY id LIMIT ?5)",
                   A(chat), A((int)CLASS_BULK), A((int)KIND_QUESTION), A((int)KIND_NUDGE),
                   A((int)LOOKED_AT));
}

enum err outbox_unsettled(struct db *db, struct arena *a, struct outbox_row *out, int max,
                          int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q, ROW_COLUMNS "WHERE o.state = 'sending' ORDER BY o.id LIMIT ?1",
             A(max));
    while (db_next(&q))
        row_read(&q, a, &out[(*out_n)++]);
    return q.err;
}

enum err outbox_clock_back(struct db *db, int64_t now_ms, int64_t by_ms)
{
    enum err e = OK;
    for (int class = CLASS_PEOPLE; !e && class <= CLASS_BULK; class ++)
        e = db_exec(db,
                    "UPDATE lane SET ready_ms = max(?2, ready_ms + ?3) WHERE chat IN"
                    " (SELECT chat FROM lane WHERE busy = 0 AND class = ?1"
                    " AND ready_ms > ?2)",
                    A(class), A(now_ms), A(by_ms));
    return e;
}

enum err outbox_free_lanes(struct db *db)
{
    return db_exec0(db, "UPDATE lane SET busy = 0 WHERE busy = 1");
}
