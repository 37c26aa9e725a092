#include "db/cards.h"

enum err card_find(struct db *db, int64_t learner, int64_t question, struct card *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT state, step, stability, difficulty, due_day, due_ms, last_day, reps,"
             " lapses FROM card WHERE learner = ?1 AND question = ?2",
             A(learner), A(question));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct card){.learner = learner,
                         .question = question,
                         .state = (int)db_int(&q, 0),
                         .step = (int)db_int(&q, 1),
                         .stability = db_real(&q, 2),
                         .difficulty = db_real(&q, 3),
                         .due_day = db_int(&q, 4),
                         .due_ms = db_int(&q, 5),
                         .last_day = db_int(&q, 6),
                         .reps = (int)db_int(&q, 7),
                         .lapses = (int)db_int(&q, 8)};
    db_end(&q);
    return OK;
}

enum err card_put(struct db *db, const struct card *c)
{
    return db_exec(db,
                   "INSERT OR REPLACE INTO card (learner, question, state, step, stability,"
                   " difficulty, due_day, due_ms, last_day, reps, lapses)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                   A(c->learner), A(c->question), A(c->state), A(c->step), A(c->stability),
                   A(c->difficulty), A(c->due_day), A(c->due_ms), A(c->last_day),
                   A(c->reps), A(c->lapses));
}

enum err card_drop(struct db *db, int64_t learner, int64_t question)
{
    return db_exec(db, "DELETE FROM card WHERE learner = ?1 AND question = ?2", A(learner),
                   A(question));
}

/* A question is not offered while it lies unanswered (for three days after its own), is
 * planned in the running sitting, or was skipped today. ?1 learner, ?2 study day. */
#define NOT_LYING_OPEN(question)                                                      \
    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.learner = ?1 AND d.question "  \
    "= " question " AND d.day >= ?2 - 3 AND (d.state = 'planned' OR d.state = 'open'" \
    " OR (d.state = 'skipped' AND d.day >= ?2)))"

static enum err numbers(struct query *q, int64_t *out, int *out_n)
{
    *out_n = 0;
    while (db_next(q))
        out[(*out_n)++] = db_int(q, 0);
    return q->err;
}

#define DUE " WHERE c.learner = ?1 AND c.due_day <= ?2 AND c.due_ms <= ?3"
#define DUE_ORDER                                                                     \
    " ORDER BY nullif(c.due_ms, 0) NULLS LAST, (?2 - c.last_day) / c.stability DESC," \
    " c.question LIMIT ?4"

enum err cards_due(struct db *db, const struct offer_query *o, int64_t *out, int max,
                   int *out_n)
{
    struct query q;
    if (o->topic)
        db_query(db, &q,
                 /* CROSS: on most days fewer cards are due than a topic has entries */
                 "SELECT c.question FROM card c CROSS JOIN bank.offer f"
                 " ON f.question = c.question" DUE
                 " AND f.topic = ?5" NOT_LYING_OPEN("f.question") DUE_ORDER,
                 A(o->learner), A(o->day), A(o->now_ms), A(max), A(o->topic));
    else
        db_query(db, &q,
                 "SELECT c.question FROM card c" DUE
                 " AND EXISTS (SELECT 1 FROM bank.offer f JOIN subscription s"
                 " ON s.topic = f.topic AND s.learner = ?1 WHERE f.question = "
                 "c.question)" NOT_LYING_OPEN("c.question") DUE_ORDER,
                 A(o->learner), A(o->day), A(o->now_ms), A(max));
    return numbers(&q, out, out_n);
}

enum err cards_fresh(struct db *db, const struct offer_query *o, int64_t *out, int max,
                     int *out_n)
{
    struct query q;
    if (o->topic)
        db_query(db, &q,
                 "SELECT f.question FROM bank.offer f WHERE f.topic = ?3 AND f.level <= ?4"
                 " AND NOT EXISTS (SELECT 1 FROM card c WHERE c.learner = ?1"
                 " AND c.question = f.question)" NOT_LYING_OPEN(
                     "f.question") " ORDER BY f.likelihood, f.question LIMIT ?5",
                 A(o->learner), A(o->day), A(o->topic), A(o->level), A(max));
    else
        db_query(db, &q,
                 "SELECT DISTINCT f.question, f.likelihood FROM subscription s"
                 " JOIN bank.offer f ON f.topic = s.topic WHERE s.learner = ?1"
                 " AND f.level <= ?3 AND NOT EXISTS (SELECT 1 FROM card c"
                 " WHERE c.learner = ?1 AND c.question = f.question)" NOT_LYING_OPEN(
                     "f.question") " ORDER BY f.likelihood, f.question LIMIT ?4",
                 A(o->learner), A(o->day), A(o->level), A(max));
    return numbers(&q, out, out_n);
}

enum err card_learning_due(struct db *db, int64_t learner, int64_t day, int64_t now_ms,
                           int64_t *out_question)
{
    return db_one_int(db, out_question,
                      "SELECT c.question FROM card c JOIN bank.question b"
                      " ON b.num = c.question AND b.retired = 0"
                      " WHERE c.learner = ?1 AND c.due_day <= ?2"
                      " AND c.due_ms > 0 AND c.due_ms <= ?3" NOT_LYING_OPEN(
                          "c.question") " ORDER BY c.due_ms LIMIT 1",
                      A(learner), A(day), A(now_ms));
}

enum err topic_counts(struct db *db, int64_t learner, const char *topic,
                      struct topic_counts *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT count(c.state) FILTER (WHERE c.state = 2),"
             " count(c.state) FILTER (WHERE c.state <> 2),"
             " count(*) FILTER (WHERE c.state IS NULL),"
             " count(*) FILTER (WHERE f.likelihood < 0.25),"
             " count(*) FILTER (WHERE f.likelihood < 0.25 AND c.state = 2)"
             " FROM bank.offer f LEFT JOIN card c ON c.learner = ?1"
             " AND c.question = f.question WHERE f.topic = ?2",
             A(learner), A(topic));
    if (!db_next(&q))
        return q.err ? q.err : ERR_DB; /* an aggregate always has a row */
    *out = (struct topic_counts){(int)db_int(&q, 0), (int)db_int(&q, 1), (int)db_int(&q, 2),
                                 (int)db_int(&q, 3), (int)db_int(&q, 4)};
    db_end(&q);
    return OK;
}

enum err deck_counts(struct db *db, int64_t learner, struct deck_counts *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state <> 2)"
             " FROM card WHERE learner = ?1",
             A(learner));
    if (!db_next(&q))
        return q.err ? q.err : ERR_DB;
    *out = (struct deck_counts){(int)db_int(&q, 0), (int)db_int(&q, 1)};
    db_end(&q);
    return OK;
}

enum err review_add(struct db *db, const struct review *r)
{
    return db_exec(db,
                   "INSERT INTO review (learner, delivery, question, grade, at_ms, day,"
                   " before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   A(r->learner), A(r->delivery), A(r->question), A(r->grade), A(r->at_ms),
                   A(r->day), A(r->before));
}

enum err review_live(struct db *db, struct arena *a, int64_t delivery, struct review *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT id, learner, question, grade, at_ms, day, before FROM review"
             " WHERE delivery = ?1 AND undone_ms IS NULL",
             A(delivery));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct review){.id = db_int(&q, 0),
                           .learner = db_int(&q, 1),
                           .delivery = delivery,
                           .question = db_int(&q, 2),
                           .grade = (int)db_int(&q, 3),
                           .at_ms = db_int(&q, 4),
                           .day = db_int(&q, 5),
                           .before = db_text(&q, 6, a)};
    db_end(&q);
    return OK;
}

enum err review_undo(struct db *db, int64_t id, int64_t now_ms)
{
    return db_exec(db, "UPDATE review SET undone_ms = ?2 WHERE id = ?1", A(id), A(now_ms));
}

enum err review_is_last(struct db *db, const struct review *r, bool *out)
{
    int64_t later;
    enum err e = db_one_int(db, &later,
                            "SELECT 1 FROM review WHERE learner = ?1 AND question = ?2"
                            " AND id > ?3 AND undone_ms IS NULL UNION ALL"
                            " SELECT 1 FROM delivery WHERE learner = ?1 AND question = ?2"
                            " AND id > ?4 AND state = 'known' LIMIT 1",
                            A(r->learner), A(r->question), A(r->id), A(r->delivery));
    *out = e == ERR_NOT_FOUND;
    return *out ? OK : e;
}

enum err review_day_first(struct db *db, struct arena *a, int64_t learner, int64_t day,
                          const char **out_before)
{
    struct query q;
    db_query(db, &q,
             "SELECT before FROM review WHERE learner = ?1 AND day = ?2"
             " ORDER BY id LIMIT 1",
             A(learner), A(day));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out_before = db_text(&q, 0, a);
    db_end(&q);
    return OK;
}
