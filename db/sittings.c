#include "db/sittings.h"

#include <string.h>

static const char *const state_names[] = {"planned", "open",  "rated",
                                          "skipped", "known", "dropped"};

enum { MS_PER_HOUR = 3600 * 1000 };

enum err sitting_add(struct db *db, struct sitting *s)
{
    enum err e = db_exec(
        db,
        "INSERT INTO sitting (learner, day, scheduled, state, size, end_ms, at_once)"
        " VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6)",
        A(s->learner), A(s->day), A(s->scheduled), A(s->size), A(s->end_ms), A(s->at_once));
    s->id = db_last_id(db);
    s->open = true;
    return e;
}

enum err sitting_find(struct db *db, int64_t id, struct sitting *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT learner, day, scheduled, state = 'open', state = 'done', size, end_ms,"
             " at_once, coalesce(end_place, size) FROM sitting WHERE id = ?1",
             A(id));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct sitting){.id = id,
                            .learner = db_int(&q, 0),
                            .day = db_int(&q, 1),
                            .scheduled = db_int(&q, 2) != 0,
                            .open = db_int(&q, 3) != 0,
                            .done = db_int(&q, 4) != 0,
                            .size = (int)db_int(&q, 5),
                            .end_ms = db_int(&q, 6),
                            .at_once = db_int(&q, 7) != 0,
                            .end_place = (int)db_int(&q, 8)};
    db_end(&q);
    return OK;
}

enum err sitting_done(struct db *db, int64_t id, int place)
{
    return db_exec(db,
                   "UPDATE sitting SET state = 'done', end_place = ?2"
                   " WHERE id = ?1 AND state = 'open'",
                   A(id), A(place));
}

enum err sitting_waiting(struct db *db, int64_t id, int64_t *out)
{
    return db_one_int(db, out,
                      "SELECT count(*) FROM delivery WHERE sitting = ?1 AND state = 'open'",
                      A(id));
}

enum err sitting_sent(struct db *db, int64_t id, int64_t now_ms)
{
    return db_exec(db, "UPDATE sitting SET sent_ms = ?2 WHERE id = ?1 AND sent_ms IS NULL",
                   A(id), A(now_ms));
}

enum err sitting_failed(struct db *db, int64_t id)
{
    enum err e = db_exec(db,
                         "UPDATE delivery SET state = 'dropped' WHERE sitting = ?1"
                         " AND state = 'planned'",
                         A(id));
    return e ? e
             : db_exec(db,
                       "UPDATE sitting SET state = 'failed' WHERE id = ?1"
                       " AND state = 'open'",
                       A(id));
}

enum err sitting_grow(struct db *db, int64_t id)
{
    return db_exec(db, "UPDATE sitting SET size = size + 1 WHERE id = ?1", A(id));
}

enum err sitting_is_newest(struct db *db, int64_t learner, int64_t id, bool *out)
{
    int64_t one;
    enum err e = db_one_int(db, &one,
                            "SELECT 1 FROM sitting WHERE learner = ?1 AND id > ?2"
                            " AND scheduled = 0 AND size > 1 LIMIT 1",
                            A(learner), A(id));
    *out = e == ERR_NOT_FOUND;
    return *out ? OK : e;
}

enum err sittings_close(struct db *db, int64_t learner)
{
    int64_t one;
    enum err e = db_one_int(db, &one,
                            "SELECT 1 FROM sitting WHERE learner = ?1 AND state = 'open'"
                            " LIMIT 1",
                            A(learner));
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    e = db_exec(db,
                "UPDATE delivery SET state = 'dropped' WHERE state = 'planned'"
                " AND sitting IN (SELECT id FROM sitting WHERE learner = ?1"
                " AND state = 'open')",
                A(learner));
    return e ? e
             : db_exec(db,
                       "UPDATE sitting SET state = 'closed' WHERE learner = ?1"
                       " AND state = 'open'",
                       A(learner));
}

enum err sittings_excuse(struct db *db, int64_t learner, int64_t day, bool excused)
{
    return db_exec(db, "UPDATE sitting SET excused = ?3 WHERE learner = ?1 AND day = ?2",
                   A(learner), A(day), A(excused));
}

enum err served_add(struct db *db, int64_t learner, int64_t day, const char *topic,
                    int64_t sitting)
{
    return db_exec(
        db, "INSERT INTO served (learner, day, topic, sitting) VALUES (?1, ?2, ?3, ?4)",
        A(learner), A(day), A(topic), A(sitting));
}

enum err served_has(struct db *db, int64_t learner, int64_t day, const char *topic,
                    bool *out)
{
    int64_t one;
    enum err e = db_one_int(
        db, &one, "SELECT 1 FROM served WHERE learner = ?1 AND day = ?2 AND topic = ?3",
        A(learner), A(day), A(topic));
    *out = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

/* What was sent was sent while we were up: an outage after it also began after it. */
enum err days_missed(struct db *db, int64_t learner, int64_t after_day, int64_t before_day,
                     int64_t *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT DISTINCT s.day FROM sitting s WHERE s.learner = ?1 AND s.day > ?2"
             " AND s.day < ?3 AND s.scheduled = 1 AND s.excused = 0"
             " AND s.sent_ms IS NOT NULL AND (SELECT coalesce(sum(min(d.to_ms, s.end_ms)"
             " - d.from_ms), 0) FROM down d WHERE d.from_ms >= s.sent_ms AND d.from_ms < "
             "s.end_ms) <= ?4"
             " ORDER BY s.day LIMIT ?5",
             A(learner), A(after_day), A(before_day), A(2 * MS_PER_HOUR), A(max));
    while (db_next(&q))
        out[(*out_n)++] = db_int(&q, 0);
    return q.err;
}

enum err sitting_came(struct db *db, int64_t learner, int64_t day, int64_t *out_ms)
{
    return db_one_int(db, out_ms,
                      "SELECT sent_ms FROM sitting WHERE learner = ?1 AND day = ?2"
                      " AND scheduled = 1 AND sent_ms IS NOT NULL ORDER BY id LIMIT 1",
                      A(learner), A(day));
}

enum err delivery_add(struct db *db, struct delivery *d)
{
    enum err e = db_exec(
        db,
        "INSERT INTO delivery (token, learner, question, sitting, place, day, state, post,"
        " part, lang) VALUES (?1, ?2, ?3, nullif(?4, 0), ?5, ?6, ?7, nullif(?8, 0), ?9, "
        "?10)",
        A(d->token), A(d->learner), A(d->question), A(d->sitting), A(d->place), A(d->day),
        A(state_names[d->state]), A(d->post), A(d->part), A(d->lang));
    d->id = db_last_id(db);
    return e;
}

static enum err delivery_read(struct query *q, struct arena *a, struct delivery *out)
{
    if (!db_next(q))
        return q->err ? q->err : ERR_NOT_FOUND;
    const char *state = db_text(q, 7, a);
    *out = (struct delivery){.id = db_int(q, 0),
                             .token = db_int(q, 1),
                             .learner = db_int(q, 2),
                             .question = db_int(q, 3),
                             .sitting = db_int(q, 4),
                             .place = (int)db_int(q, 5),
                             .day = db_int(q, 6),
                             .state = DELIVERY_DROPPED,
                             .post = db_int(q, 8),
                             .part = (int)db_int(q, 9),
                             .lang = db_text(q, 10, a),
                             .ticks = (unsigned)db_int(q, 11)};
    for (int i = 0; i < DELIVERY_DROPPED; i++)
        if (strcmp(state_names[i], state) == 0)
            out->state = (enum delivery_state)i;
    db_end(q);
    return OK;
}

#define DELIVERY_COLUMNS                                                                 \
    "SELECT id, token, learner, question, sitting, place, day, state, post, part, lang," \
    " ticks"                                                                             \
    " FROM delivery "

enum err delivery_by_token(struct db *db, struct arena *a, int64_t token,
                           struct delivery *out)
{
    struct query q;
    db_query(db, &q, DELIVERY_COLUMNS "WHERE token = ?1", A(token));
    return delivery_read(&q, a, out);
}

enum err delivery_by_post(struct db *db, struct arena *a, int64_t post,
                          struct delivery *out)
{
    struct query q;
    db_query(db, &q, DELIVERY_COLUMNS "WHERE post = ?1", A(post));
    return delivery_read(&q, a, out);
}

enum err deliveries_drop_unsent(struct db *db, int64_t learner)
{
    return db_exec(db,
                   "UPDATE delivery SET state = 'dropped' WHERE learner = ?1"
                   " AND (state = 'planned' OR (state = 'open' AND EXISTS (SELECT 1"
                   " FROM post p WHERE p.id = delivery.post AND p.message IS NULL)))",
                   A(learner));
}

enum err delivery_waiting(struct db *db, struct arena *a, int64_t learner, int64_t day,
                          struct delivery *out)
{
    struct query q;
    db_query(db, &q,
             DELIVERY_COLUMNS
             "WHERE id = (SELECT d.id FROM sitting s JOIN delivery d ON d.sitting = s.id"
             " WHERE s.learner = ?1 AND s.day = ?2 AND d.state = 'open'"
             " ORDER BY s.scheduled DESC, s.id, d.place LIMIT 1)",
             A(learner), A(day));
    return delivery_read(&q, a, out);
}

enum err delivery_waits(struct db *db, int64_t learner, int64_t day, bool *out)
{
    int64_t one;
    enum err e = db_one_int(db, &one,
                            "SELECT 1 FROM sitting s JOIN delivery d ON d.sitting = s.id"
                            " WHERE s.learner = ?1 AND s.state = 'open'"
                            " AND s.scheduled = 0 AND d.state = 'open' AND d.day = ?2"
                            " LIMIT 1",
                            A(learner), A(day));
    *out = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err delivery_at(struct db *db, struct arena *a, int64_t sitting, int place,
                     struct delivery *out)
{
    struct query q;
    db_query(db, &q, DELIVERY_COLUMNS "WHERE sitting = ?1 AND place = ?2", A(sitting),
             A(place));
    return delivery_read(&q, a, out);
}

enum err delivery_save(struct db *db, const struct delivery *d)
{
    return db_exec(db,
                   "UPDATE delivery SET state = ?2, post = nullif(?3, 0), part = ?4,"
                   " lang = ?5, day = ?6, ticks = ?7 WHERE id = ?1",
                   A(d->id), A(state_names[d->state]), A(d->post), A(d->part), A(d->lang),
                   A(d->day), A(d->ticks));
}
