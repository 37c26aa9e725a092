#include "db/clubs.h"

#include "db/battles.h"
#include "db/records.h"

enum err club_find(struct db *db, struct arena *a, int64_t id, struct club *out)
{
    struct query q;
    *out = (struct club){0};
    db_query(db, &q,
             "SELECT id, token, lang, zone, topic, rounds, speed, bonus, here, greeted,"
             " daily_min, daily_topic, daily_thread, daily_day, daily_question"
             " FROM club WHERE id = ?1",
             A(id));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct club){.id = db_int(&q, 0),
                         .token = db_int(&q, 1),
                         .lang = db_text(&q, 2, a),
                         .zone = db_text(&q, 3, a),
                         .topic = db_text(&q, 4, a),
                         .rounds = (int)db_int(&q, 5),
                         .speed = db_int(&q, 6) != 0,
                         .bonus = db_int(&q, 7) != 0,
                         .here = db_int(&q, 8) != 0,
                         .greeted = db_int(&q, 9) != 0,
                         .daily_min = db_null(&q, 10) ? -1 : (int)db_int(&q, 10),
                         .daily_topic = db_text(&q, 11, a),
                         .daily_thread = db_int(&q, 12),
                         .daily_day = db_null(&q, 13) ? -1 : db_int(&q, 13),
                         .daily_question = db_int(&q, 14)};
    db_end(&q);
    return OK;
}

enum err club_add(struct db *db, int64_t id, int64_t token, const char *lang,
                  const char *zone)
{
    return db_exec(db, "INSERT INTO club (id, token, lang, zone) VALUES (?1, ?2, ?3, ?4)",
                   A(id), A(token), A(lang), A(zone));
}

enum err club_save(struct db *db, const struct club *c)
{
    return db_exec(db,
                   "UPDATE club SET lang = ?2, zone = ?3, topic = ?4, rounds = ?5,"
                   " speed = ?6, bonus = ?7, here = ?8, greeted = ?9,"
                   " daily_min = nullif(?10, -1), daily_topic = ?11, daily_thread = ?12,"
                   " daily_day = nullif(?13, -1), daily_question = nullif(?14, 0)"
                   " WHERE id = ?1",
                   A(c->id), A(c->lang), A(c->zone), A(c->topic), A(c->rounds), A(c->speed),
                   A(c->bonus), A(c->here), A(c->greeted), A(c->daily_min),
                   A(c->daily_topic), A(c->daily_thread), A(c->daily_day),
                   A(c->daily_question));
}

enum err club_admin_put(struct db *db, int64_t club, int64_t person, int64_t until_ms)
{
    return db_exec(db,
                   "INSERT INTO club_admin (club, person, until_ms) VALUES (?1, ?2, ?3)"
                   " ON CONFLICT (club, person) DO UPDATE SET until_ms = excluded.until_ms",
                   A(club), A(person), A(until_ms));
}

enum err club_admin_drop(struct db *db, int64_t club, int64_t person)
{
    return db_exec(db, "DELETE FROM club_admin WHERE club = ?1 AND person = ?2", A(club),
                   A(person));
}

enum err club_is_admin(struct db *db, int64_t club, int64_t person, int64_t now_ms,
                       bool *out)
{
    int64_t n = 0;
    enum err e =
        db_one_int(db, &n,
                   "SELECT count(*) FROM club_admin WHERE club = ?1 AND person = ?2"
                   " AND until_ms > ?3",
                   A(club), A(person), A(now_ms));
    *out = n > 0;
    return e;
}

enum err offers_unseen(struct db *db, const char *topic, int64_t chat, int64_t *out,
                       int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT question FROM bank.offer WHERE topic = ?1 AND question NOT IN"
             " (SELECT question FROM round WHERE chat = ?2 ORDER BY id DESC LIMIT ?3)"
             " LIMIT ?4",
             A(topic), A(chat), A((int)SEEN_ROUNDS), A(max));
    while (db_next(&q))
        out[(*out_n)++] = db_int(&q, 0);
    return q.err;
}

enum err daily_round(struct db *db, int64_t club, int64_t question, int64_t *out_round)
{
    return db_one_int(db, out_round,
                      "SELECT id FROM round WHERE chat = ?1 AND question = ?2"
                      " AND battle IS NULL AND state = ?3 ORDER BY id DESC LIMIT 1",
                      A(club), A(question), A((int)ROUND_ASKED));
}

enum err quiz_is_fit(struct db *db, int64_t question, bool *out)
{
    int64_t n = 0;
    enum err e = db_one_int(db, &n,
                            "SELECT count(*) FROM bank.quiz z"
                            " JOIN bank.question q ON q.num = z.question"
                            " LEFT JOIN quiz_record r ON r.question = z.question"
                            " WHERE z.question = ?1 AND q.retired = 0 AND r.out_ms IS NULL",
                            A(question));
    *out = n > 0;
    return e;
}

enum err dailies_ring(struct db *db, int64_t now_ms)
{
    return db_exec(db, "UPDATE alarm SET due_ms = ?1 WHERE kind = 'daily' AND due_ms > ?1",
                   A(now_ms));
}

enum err club_admins_prune(struct db *db, int64_t now_ms)
{
    enum { AT_ONCE = 140 };
    return db_exec(db,
                   "DELETE FROM club_admin WHERE (club, person) IN (SELECT club, person"
                   " FROM club_admin WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)",
                   A(now_ms), A((int)AT_ONCE));
}
