/* rounds: the second half of battles.h. */
#include "db/battles.h"
#include "db/records.h"

enum { EARLY_MS = 60 * 1000, PRUNED_AT_ONCE = 200, ROUNDS_AT_ONCE = 50 };
#define VOTES_KEPT_MS (30LL * 24 * 3600 * 1000)

enum err round_add(struct db *db, struct round *r)
{
    enum err e =
        db_exec(db,
                "INSERT INTO round (battle, chat, number, question, level, options,"
                " right_one, state, post, limit_ms) VALUES (nullif(?1, 0), ?2, ?3,"
                " ?4, ?5, ?6, ?7, ?8, nullif(?9, 0), ?10)",
                A(r->battle), A(r->chat), A(r->number), A(r->question), A(r->level),
                A(r->options), A(r->key), A((int)r->state), A(r->post), A(r->limit_ms));
    r->id = db_last_id(db);
    return e;
}

#define ROUND_COLUMNS                                                              \
    "SELECT id, battle, chat, number, question, level, options, right_one, state," \
    " post, opened_ms, limit_ms FROM round "

static void round_read(struct query *q, struct round *out)
{
    *out = (struct round){.id = db_int(q, 0),
                          .battle = db_int(q, 1),
                          .chat = db_int(q, 2),
                          .number = (int)db_int(q, 3),
                          .question = db_int(q, 4),
                          .level = (int)db_int(q, 5),
                          .options = (int)db_int(q, 6),
                          .key = (int)db_int(q, 7),
                          .state = (enum round_state)db_int(q, 8),
                          .post = db_int(q, 9),
                          .opened_ms = db_int(q, 10),
                          .limit_ms = db_int(q, 11)};
}

static enum err round_one(struct query *q, struct round *out)
{
    if (!db_next(q))
        return q->err ? q->err : ERR_NOT_FOUND;
    round_read(q, out);
    db_end(q);
    return OK;
}

enum err round_find(struct db *db, int64_t id, struct round *out)
{
    struct query q;
    db_query(db, &q, ROUND_COLUMNS "WHERE id = ?1", A(id));
    return round_one(&q, out);
}

enum err round_of(struct db *db, int64_t battle, int number, struct round *out)
{
    struct query q;
    db_query(db, &q,
             ROUND_COLUMNS "WHERE battle = ?1 AND number = ?2 ORDER BY id DESC LIMIT 1",
             A(battle), A(number));
    return round_one(&q, out);
}

enum err round_by_poll(struct db *db, const char *poll, struct round *out)
{
    struct query q;
    db_query(db, &q, ROUND_COLUMNS "WHERE poll = ?1", A(poll));
    return round_one(&q, out);
}

enum err rounds_of_question(struct db *db, int64_t question, int64_t club, int64_t since_ms,
                            struct round *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             ROUND_COLUMNS "WHERE question = ?1 AND chat = ?2 AND opened_ms > ?3"
                           " ORDER BY id DESC LIMIT ?4",
             A(question), A(club), A(since_ms), A(max));
    while (db_next(&q))
        round_read(&q, &out[(*out_n)++]);
    return q.err;
}

enum err round_save(struct db *db, const struct round *r)
{
    return db_exec(db,
                   "UPDATE round SET state = ?2, post = nullif(?3, 0), opened_ms = ?4"
                   " WHERE id = ?1",
                   A(r->id), A((int)r->state), A(r->post), A(r->opened_ms));
}

enum err round_poll(struct db *db, int64_t round, const char *poll)
{
    return db_exec(db, "UPDATE round SET poll = ?2 WHERE id = ?1", A(round), A(poll));
}

/* ---- votes ---- */

enum err vote_add(struct db *db, int64_t round, const struct vote *v)
{
    enum err e = db_exec(db,
                         "INSERT OR IGNORE INTO vote (round, person, option, spent_ms,"
                         " place, hit, points) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                         A(round), A(v->person), A(v->option), A(v->spent_ms), A(v->place),
                         A(v->hit), A(v->points));
    return e ? e : db_changes(db) ? OK : ERR_REFUSED;
}

enum err vote_points(struct db *db, int64_t round, int64_t person, int points)
{
    return db_exec(db, "UPDATE vote SET points = ?3 WHERE round = ?1 AND person = ?2",
                   A(round), A(person), A(points));
}

enum err vote_mend(struct db *db, int64_t round, int64_t person, int points)
{
    enum err e = db_exec(db,
                         "UPDATE vote SET hit = 1, points = ?3 WHERE round = ?1"
                         " AND person = ?2 AND hit = 0",
                         A(round), A(person), A(points));
    return e ? e : db_changes(db) ? OK : ERR_REFUSED;
}

enum err votes(struct db *db, struct arena *a, int64_t round, int64_t club,
               struct vote *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT v.person, v.option, v.spent_ms, v.place, v.hit, v.points,"
             " coalesce(p.name, '') FROM vote v"
             " LEFT JOIN player p ON p.club = ?2 AND p.person = v.person"
             " WHERE v.round = ?1 ORDER BY v.place LIMIT ?3",
             A(round), A(club), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct vote){.person = db_int(&q, 0),
                                        .option = (int)db_int(&q, 1),
                                        .spent_ms = db_int(&q, 2),
                                        .place = db_int(&q, 3),
                                        .hit = db_int(&q, 4) != 0,
                                        .points = (int)db_int(&q, 5),
                                        .name = db_text(&q, 6, a)};
    return q.err;
}

enum err votes_count(struct db *db, int64_t round, int *out_all, int *out_hits)
{
    struct query q;
    *out_all = *out_hits = 0;
    db_query(db, &q, "SELECT count(*), coalesce(sum(hit), 0) FROM vote WHERE round = ?1",
             A(round));
    while (db_next(&q)) {
        *out_all = (int)db_int(&q, 0);
        *out_hits = (int)db_int(&q, 1);
    }
    return q.err;
}

enum err round_all_voted(struct db *db, int64_t battle, int64_t round, bool *out)
{
    int64_t waits = 0;
    int all, hits;
    enum err e = votes_count(db, round, &all, &hits);
    if (!e)
        e = db_one_int(db, &waits,
                       "SELECT count(*) FROM seat WHERE battle = ?1 AND idle < 2"
                       " AND NOT EXISTS (SELECT 1 FROM vote WHERE round = ?2"
                       " AND vote.person = seat.person)",
                       A(battle), A(round));
    *out = !e && all > 0 && waits == 0;
    return e;
}

enum err skip_add(struct db *db, int64_t round, int64_t person, int *out_votes)
{
    int64_t n = 0;
    enum err e = db_exec(db, "INSERT OR IGNORE INTO skip (round, person) VALUES (?1, ?2)",
                         A(round), A(person));
    if (!e && !db_changes(db))
        e = ERR_REFUSED;
    if (!e || e == ERR_REFUSED) {
        enum err counted =
            db_one_int(db, &n, "SELECT count(*) FROM skip WHERE round = ?1", A(round));
        e = counted ? counted : e;
    }
    *out_votes = (int)n;
    return e;
}

enum err early_vote_add(struct db *db, const char *poll, const struct early_vote *v)
{
    return db_exec(db,
                   "INSERT OR IGNORE INTO early_vote (poll, person, name, option, place,"
                   " at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                   A(poll), A(v->person), A(v->name), A(v->option), A(v->place),
                   A(v->at_ms));
}

enum err early_votes_take(struct db *db, struct arena *a, const char *poll,
                          struct early_vote *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT person, place, at_ms, option, name FROM early_vote WHERE poll = ?1"
             " ORDER BY place LIMIT ?2",
             A(poll), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct early_vote){.person = db_int(&q, 0),
                                              .place = db_int(&q, 1),
                                              .at_ms = db_int(&q, 2),
                                              .option = (int)db_int(&q, 3),
                                              .name = db_text(&q, 4, a)};
    return q.err ? q.err : db_exec(db, "DELETE FROM early_vote WHERE poll = ?1", A(poll));
}

/* ---- what is past use ---- */

/* Its votes and skips; *out_all: they are all gone. */
static enum err round_empty(struct db *db, int64_t round, bool *out_all)
{
    enum err e = db_exec(db,
                         "DELETE FROM vote WHERE round = ?1 AND person IN"
                         " (SELECT person FROM vote WHERE round = ?1 LIMIT ?2)",
                         A(round), A((int)PRUNED_AT_ONCE));
    *out_all = !e && db_changes(db) < PRUNED_AT_ONCE;
    return e || !*out_all ? e : db_exec(db, "DELETE FROM skip WHERE round = ?1", A(round));
}

/* The oldest round of no battle goes, unless it is among the last of its chat: then it is
 * marked by opened_ms 0, and goes with a later one. */
static enum err round_prune(struct db *db, int64_t before_ms, bool *out_more)
{
    struct round r;
    struct query q;
    int64_t last = 0;
    bool empty;
    db_query(db, &q,
             ROUND_COLUMNS "INDEXED BY round_of_nobody WHERE battle IS NULL"
                           " AND opened_ms BETWEEN 1 AND ?1 ORDER BY opened_ms LIMIT 1",
             A(before_ms));
    enum err e = round_one(&q, &r);
    *out_more = !e;
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    e = round_empty(db, r.id, &empty);
    if (e || !empty)
        return e;
    e = db_one_int(
        db, &last,
        "SELECT id FROM round WHERE chat = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2",
        A(r.chat), A((int)SEEN_ROUNDS));
    if (!e || e == ERR_NOT_FOUND)
        e = db_exec(db, "UPDATE round SET opened_ms = 0, state = 2 WHERE id = ?1", A(r.id));
    return e ? e
             : db_exec(db,
                       "DELETE FROM round WHERE id IN (SELECT id FROM round WHERE battle IS"
                       " NULL AND opened_ms = 0 AND chat = ?1 AND id <= ?2"
                       " AND state <> 0 LIMIT ?3)",
                       A(r.chat), A(last), A((int)ROUNDS_AT_ONCE));
}

enum err battles_prune(struct db *db, int64_t now_ms, bool *out_more)
{
    bool rounds = false;
    *out_more = false;
    enum err e =
        db_exec(db,
                "DELETE FROM early_vote WHERE (poll, person) IN (SELECT poll, person"
                " FROM early_vote WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
                A(now_ms - EARLY_MS), A((int)PRUNED_AT_ONCE));
    if (!e) /* its rounds stay: what a group has seen is known by them */
        e = db_exec(db,
                    "DELETE FROM battle WHERE id = (SELECT id FROM battle"
                    " WHERE over_ms < ?1 ORDER BY over_ms LIMIT 1)",
                    A(now_ms - VOTES_KEPT_MS));
    if (!e)
        *out_more = db_changes(db) > 0;
    if (!e)
        e = round_prune(db, now_ms - VOTES_KEPT_MS, &rounds);
    *out_more = *out_more || rounds;
    return e;
}
