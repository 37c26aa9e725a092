#include "db/battles.h"

#define BATTLE_COLUMNS                                                                \
    "SELECT id, token, chat, thread, opener, lang, topic, rounds, speed, bonus,"      \
    " buttons, state, round, silent, voids, post, due_ms, drawn_ms, stale, over_ms, " \
    "over_day"                                                                        \
    " FROM battle "

enum err battle_add(struct db *db, struct battle *b)
{
    enum err e = db_exec(
        db,
        "INSERT INTO battle (token, chat, thread, opener, lang, topic, rounds, speed,"
        " bonus, state, due_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        A(b->token), A(b->chat), A(b->thread), A(b->opener), A(b->lang), A(b->topic),
        A(b->rounds), A(b->speed), A(b->bonus), A(b->state), A(b->due_ms));
    b->id = db_last_id(db);
    return e;
}

static void battle_read(struct query *q, struct arena *a, struct battle *out)
{
    *out = (struct battle){.id = db_int(q, 0),
                           .token = db_int(q, 1),
                           .chat = db_int(q, 2),
                           .thread = db_int(q, 3),
                           .opener = db_int(q, 4),
                           .lang = db_text(q, 5, a),
                           .topic = db_text(q, 6, a),
                           .rounds = (int)db_int(q, 7),
                           .speed = db_int(q, 8) != 0,
                           .bonus = db_int(q, 9) != 0,
                           .buttons = db_int(q, 10) != 0,
                           .state = (int)db_int(q, 11),
                           .round = (int)db_int(q, 12),
                           .silent = (int)db_int(q, 13),
                           .voids = (int)db_int(q, 14),
                           .post = db_int(q, 15),
                           .due_ms = db_int(q, 16),
                           .drawn_ms = db_int(q, 17),
                           .stale = db_int(q, 18) != 0,
                           .over_ms = db_int(q, 19),
                           .over_day = db_int(q, 20)};
}

static enum err battle_one(struct query *q, struct arena *a, struct battle *out)
{
    if (!db_next(q))
        return q->err ? q->err : ERR_NOT_FOUND;
    battle_read(q, a, out);
    db_end(q);
    return OK;
}

enum err battle_find(struct db *db, struct arena *a, int64_t id, struct battle *out)
{
    struct query q;
    db_query(db, &q, BATTLE_COLUMNS "WHERE id = ?1", A(id));
    return battle_one(&q, a, out);
}

enum err battle_by_token(struct db *db, struct arena *a, int64_t token, struct battle *out)
{
    struct query q;
    db_query(db, &q, BATTLE_COLUMNS "WHERE token = ?1", A(token));
    return battle_one(&q, a, out);
}

enum err battle_running(struct db *db, struct arena *a, int64_t chat, int64_t thread,
                        struct battle *out)
{
    struct query q;
    db_query(db, &q, BATTLE_COLUMNS "WHERE chat = ?1 AND thread = ?2 AND state <> 3",
             A(chat), A(thread));
    return battle_one(&q, a, out);
}

enum err battles_running(struct db *db, struct arena *a, int64_t chat, struct battle *out,
                         int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q, BATTLE_COLUMNS "WHERE chat = ?1 AND state <> 3 LIMIT ?2", A(chat),
             A(max));
    while (db_next(&q))
        battle_read(&q, a, &out[(*out_n)++]);
    return q.err;
}

enum err battle_save(struct db *db, const struct battle *b)
{
    return db_exec(db,
                   "UPDATE battle SET buttons = ?2, state = ?3, round = ?4, silent = ?5,"
                   " voids = ?6, post = nullif(?7, 0), due_ms = ?8, drawn_ms = ?9,"
                   " stale = ?10, over_ms = nullif(?11, 0), over_day = nullif(?12, 0)"
                   " WHERE id = ?1",
                   A(b->id), A(b->buttons), A(b->state), A(b->round), A(b->silent),
                   A(b->voids), A(b->post), A(b->due_ms), A(b->drawn_ms), A(b->stale),
                   A(b->over_ms), A(b->over_day));
}

/* ---- seats ---- */

enum err seat_take(struct db *db, int64_t battle, int64_t person, bool *out_new)
{
    enum err e = db_exec(db,
                         "INSERT OR IGNORE INTO seat (battle, person) SELECT ?1, ?2 WHERE"
                         " (SELECT count(*) FROM seat WHERE battle = ?1) < ?3",
                         A(battle), A(person), A((int)SEATS_MAX));
    struct seat s;
    *out_new = !e && db_changes(db) > 0;
    if (e || *out_new)
        return e;
    e = seat_find(db, battle, person, &s);
    return e == ERR_NOT_FOUND ? ERR_REFUSED : e;
}

enum err seat_find(struct db *db, int64_t battle, int64_t person, struct seat *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT points, hits, run, idle FROM seat WHERE battle = ?1 AND person = ?2",
             A(battle), A(person));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct seat){.person = person,
                         .points = db_int(&q, 0),
                         .hits = (int)db_int(&q, 1),
                         .run = (int)db_int(&q, 2),
                         .idle = (int)db_int(&q, 3),
                         .name = ""};
    db_end(&q);
    return OK;
}

enum err seat_save(struct db *db, int64_t battle, const struct seat *s)
{
    return db_exec(db,
                   "UPDATE seat SET points = ?3, hits = ?4, run = ?5, idle = ?6"
                   " WHERE battle = ?1 AND person = ?2",
                   A(battle), A(s->person), A(s->points), A(s->hits), A(s->run),
                   A(s->idle));
}

enum err seats(struct db *db, struct arena *a, int64_t battle, int64_t club,
               struct seat *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT s.person, s.points, s.hits, s.run, s.idle, coalesce(p.name, ''),"
             " EXISTS (SELECT 1 FROM round r JOIN vote v ON v.round = r.id"
             " AND v.person = s.person WHERE r.battle = s.battle)"
             " FROM seat s LEFT JOIN player p ON p.club = ?2 AND p.person = s.person"
             " WHERE s.battle = ?1 ORDER BY s.points DESC, s.hits DESC, s.person LIMIT ?3",
             A(battle), A(club), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct seat){.person = db_int(&q, 0),
                                        .points = db_int(&q, 1),
                                        .hits = (int)db_int(&q, 2),
                                        .run = (int)db_int(&q, 3),
                                        .idle = (int)db_int(&q, 4),
                                        .name = db_text(&q, 5, a),
                                        .answered = db_int(&q, 6) != 0};
    return q.err;
}

enum err seats_count(struct db *db, int64_t battle, int *out_all, int *out_active)
{
    struct query q;
    *out_all = *out_active = 0;
    db_query(db, &q,
             "SELECT count(*), coalesce(sum(idle < 2), 0) FROM seat WHERE battle = ?1",
             A(battle));
    while (db_next(&q)) {
        *out_all = (int)db_int(&q, 0);
        *out_active = (int)db_int(&q, 1);
    }
    return q.err;
}

enum err seats_idle(struct db *db, int64_t battle, int64_t round)
{
    return db_exec(db,
                   "UPDATE seat SET run = 0, idle = idle + 1 WHERE battle = ?1"
                   " AND NOT EXISTS (SELECT 1 FROM vote WHERE round = ?2"
                   " AND vote.person = seat.person)",
                   A(battle), A(round));
}

enum err battles_migrate(struct db *db, int64_t from, int64_t to)
{
    /* What began at the new address before the move was known ends unseen. */
    enum err e = db_exec(db,
                         "UPDATE battle SET state = 3, over_ms = due_ms"
                         " WHERE chat = ?2 AND state <> 3"
                         " AND EXISTS (SELECT 1 FROM battle WHERE chat = ?1)",
                         A(from), A(to));
    if (!e)
        e = db_exec(db, "UPDATE battle SET chat = ?2 WHERE chat = ?1", A(from), A(to));
    if (!e)
        e = db_exec(db, "UPDATE round SET chat = ?2 WHERE chat = ?1", A(from), A(to));
    /* Messages at the old address can be changed no more; their ids are others' here. */
    if (!e)
        e = db_exec(db,
                    "UPDATE battle SET post = NULL WHERE chat = ?2 AND state <> 3"
                    " AND post IN (SELECT id FROM post WHERE chat = ?1)",
                    A(from), A(to));
    if (!e)
        e = db_exec(db,
                    "UPDATE round SET post = NULL WHERE battle IN (SELECT id FROM battle"
                    " WHERE chat = ?2 AND state <> 3)"
                    " AND post IN (SELECT id FROM post WHERE chat = ?1)",
                    A(from), A(to));
    return e;
}
