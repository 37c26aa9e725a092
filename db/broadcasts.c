#include "db/broadcasts.h"

#define COLUMNS                                                                     \
    "SELECT id, token, operator, state, text_ru, text_en, until_ms, message, told," \
    " total, walked, after, taken, waiting, sent FROM broadcast "

enum err broadcast_add(struct db *db, int64_t operator, int64_t token, int64_t until_ms)
{
    return db_exec(db,
                   "INSERT INTO broadcast (operator, token, until_ms) VALUES (?1, ?2, ?3)",
                   A(operator), A(token), A(until_ms));
}

static enum err read_one(struct query *q, struct arena *a, struct broadcast *out)
{
    if (!db_next(q))
        return q->err ? q->err : ERR_NOT_FOUND;
    *out = (struct broadcast){.id = db_int(q, 0),
                              .token = db_int(q, 1),
                              .operator= db_int(q, 2),
                              .state = (enum broadcast_state)db_int(q, 3),
                              .text = {db_text(q, 4, a), db_text(q, 5, a)},
                              .until_ms = db_int(q, 6),
                              .message = db_int(q, 7),
                              .told = db_int(q, 8),
                              .total = db_int(q, 9),
                              .walked = db_int(q, 10),
                              .after = db_int(q, 11),
                              .taken = db_int(q, 12),
                              .waiting = db_int(q, 13),
                              .sent = db_int(q, 14)};
    db_end(q);
    return OK;
}

enum err broadcast_find(struct db *db, struct arena *a, int64_t id, struct broadcast *out)
{
    struct query q;
    db_query(db, &q, COLUMNS "WHERE id = ?1", A(id));
    return read_one(&q, a, out);
}

enum err broadcast_by_token(struct db *db, struct arena *a, int64_t token,
                            struct broadcast *out)
{
    struct query q;
    db_query(db, &q, COLUMNS "WHERE token = ?1", A(token));
    return read_one(&q, a, out);
}

enum err broadcast_runs(struct db *db, bool *out)
{
    int64_t id;
    enum err e = db_one_int(
        db, &id, "SELECT id FROM broadcast WHERE state < 3 AND state = ?1 LIMIT 1",
        A((int)BROADCAST_RUNS));
    *out = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err broadcast_save(struct db *db, const struct broadcast *b)
{
    return db_exec(db,
                   "UPDATE broadcast SET operator = ?2, state = ?3, text_ru = ?4,"
                   " text_en = ?5, until_ms = ?6, message = ?7, told = ?8, total = ?9,"
                   " walked = ?10, after = ?11 WHERE id = ?1",
                   A(b->id), A(b->operator), A((int)b->state), A(b->text[0]), A(b->text[1]),
                   A(b->until_ms), A(b->message), A(b->told), A(b->total), A(b->walked),
                   A(b->after));
}

enum err broadcast_sent(struct db *db, int64_t id)
{
    return db_exec(db, "UPDATE broadcast SET sent = sent + 1 WHERE id = ?1", A(id));
}

enum err broadcast_recall(struct db *db, int64_t id)
{
    enum { AT_ONCE = 5000 /* more than wait at once: see sender_has_room() */ };
    return db_exec(db,
                   "UPDATE outbox SET expires_ms = 0 WHERE id IN (SELECT id FROM outbox"
                   " WHERE told GLOB 'news.*' AND told = 'news.' || ?1"
                   " AND state = 'queued' AND expires_ms > 0 LIMIT ?2)",
                   A(id), A((int)AT_ONCE));
}

enum err broadcasts_prune(struct db *db, int64_t now_ms)
{
    enum { AT_ONCE = 50 };
    return db_exec(db,
                   "UPDATE broadcast SET operator = 0, state = 4, text_ru = NULL,"
                   " text_en = NULL WHERE id IN (SELECT id FROM broadcast"
                   " WHERE state < 3 AND state IN (0, 1) AND until_ms < ?1 LIMIT ?2)",
                   A(now_ms), A((int)AT_ONCE));
}

enum err readers(struct db *db, int64_t after, struct reader *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT id, news, news_from FROM learner WHERE id > ?1 AND state = 'active'"
             " ORDER BY id LIMIT ?2",
             A(after), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct reader){
            .id = db_int(&q, 0), .news = db_int(&q, 1) != 0, .news_from = db_int(&q, 2)};
    return q.err;
}

enum err reader_set(struct db *db, int64_t person, bool news)
{
    return db_exec(db, "UPDATE learner SET news = ?2 WHERE id = ?1", A(person), A(news));
}

enum err reader_spare(struct db *db, int64_t person)
{
    enum { LOOKED_AT = 300 };
    return db_exec(db,
                   "UPDATE outbox SET expires_ms = 0 WHERE told GLOB 'news.*' AND id IN"
                   " (SELECT id FROM outbox WHERE chat = ?1 AND state = 'queued'"
                   " ORDER BY id LIMIT ?2)",
                   A(person), A((int)LOOKED_AT));
}

enum err broadcasts_halt(struct db *db)
{
    enum err e =
        db_exec(db, "UPDATE broadcast SET state = ?1 WHERE state < 3 AND state = ?2",
                A((int)BROADCAST_STOPPED), A((int)BROADCAST_RUNS));
    return e ? e
             : db_exec0(db, "UPDATE outbox SET expires_ms = 0 WHERE told GLOB 'news.*'"
                            " AND state = 'queued'");
}
