#include "db/learners.h"

#include <string.h>

static const char *const state_names[] = {"active", "stopped", "blocked"};
static const char *const step_names[] = {"new", "asked", "done"};

static int name_index(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (name && strcmp(names[i], name) == 0)
            return i;
    return 0;
}

enum err learner_find(struct db *db, struct arena *a, int64_t id, struct learner *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT lang, zone, at_min, day_start_min, quiet_from_min, quiet_to_min,"
             " per_sitting, level, weekdays, retention, state, step, asking, streak, best,"
             " last_day, at_once, pause_until_day, ignored,"
             " ignored_first_day, ignored_last_day, asleep, freezes, told_day, remind_min, "
             "reminded_day"
             " FROM learner WHERE id = ?1",
             A(id));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct learner){
        .id = id,
        .lang = db_text(&q, 0, a),
        .zone = db_text(&q, 1, a),
        .at_min = (int)db_int(&q, 2),
        .day_start_min = (int)db_int(&q, 3),
        .quiet_from_min = (int)db_int(&q, 4),
        .quiet_to_min = (int)db_int(&q, 5),
        .per_sitting = (int)db_int(&q, 6),
        .level = (int)db_int(&q, 7),
        .weekdays = (unsigned)db_int(&q, 8),
        .retention = db_real(&q, 9),
        .state = (enum learner_state)name_index(state_names, 3, db_text(&q, 10, a)),
        .step = (enum first_step)name_index(step_names, 3, db_text(&q, 11, a)),
        .asking = db_text(&q, 12, a),
        .streak = db_int(&q, 13),
        .best = db_int(&q, 14),
        .last_day = db_null(&q, 15) ? -1 : db_int(&q, 15),
        .at_once = db_int(&q, 16) != 0,
        .pause_until_day = db_null(&q, 17) ? -1 : db_int(&q, 17),
        .ignored = db_int(&q, 18),
        .ignored_first_day = db_null(&q, 19) ? -1 : db_int(&q, 19),
        .ignored_last_day = db_null(&q, 20) ? -1 : db_int(&q, 20),
        .asleep = db_int(&q, 21) != 0,
        .freezes = (int)db_int(&q, 22),
        .told_day = db_null(&q, 23) ? -1 : db_int(&q, 23),
        .remind_min = db_null(&q, 24) ? -1 : (int)db_int(&q, 24),
        .reminded_day = db_null(&q, 25) ? -1 : db_int(&q, 25)};
    db_end(&q);
    return OK;
}

enum err learner_add(struct db *db, int64_t id, const char *lang, const char *zone,
                     int at_min)
{
    return db_exec(db,
                   "INSERT INTO learner (id, lang, zone, at_min) VALUES (?1, ?2, ?3, ?4)",
                   A(id), A(lang), A(zone), A(at_min));
}

enum err learner_save(struct db *db, const struct learner *who)
{
    return db_exec(
        db,
        "UPDATE learner SET lang = ?2, zone = ?3, at_min = ?4, day_start_min = ?5,"
        " quiet_from_min = ?6, quiet_to_min = ?7, per_sitting = ?8, level = ?9,"
        " weekdays = ?10, retention = ?11, state = ?12, step = ?13, asking = ?14,"
        " at_once = ?15, remind_min = nullif(?16, -1)"
        " WHERE id = ?1",
        A(who->id), A(who->lang), A(who->zone), A(who->at_min), A(who->day_start_min),
        A(who->quiet_from_min), A(who->quiet_to_min), A(who->per_sitting), A(who->level),
        A(who->weekdays), A(who->retention), A(state_names[who->state]),
        A(step_names[who->step]), A(who->asking), A(who->at_once), A(who->remind_min));
}

enum err learner_set_streak(struct db *db, const struct learner *who)
{
    return db_exec(db,
                   "UPDATE learner SET streak = ?2, best = ?3, last_day = nullif(?4, -1),"
                   " freezes = ?5 WHERE id = ?1",
                   A(who->id), A(who->streak), A(who->best), A(who->last_day),
                   A(who->freezes));
}

enum err learner_told(struct db *db, int64_t id, int64_t frozen_day)
{
    return db_exec(db, "UPDATE learner SET told_day = ?2 WHERE id = ?1", A(id),
                   A(frozen_day));
}

enum err learner_reminded(struct db *db, int64_t id, int64_t day)
{
    return db_exec(db, "UPDATE learner SET reminded_day = ?2 WHERE id = ?1", A(id), A(day));
}

enum err learner_set_pause(struct db *db, int64_t id, int64_t until_day)
{
    return db_exec(db, "UPDATE learner SET pause_until_day = nullif(?2, -1) WHERE id = ?1",
                   A(id), A(until_day));
}

enum err learner_ignores(struct db *db, int64_t id, int64_t day)
{
    return db_exec(db,
                   "UPDATE learner SET ignored = ignored + 1,"
                   " ignored_first_day = coalesce(ignored_first_day, ?2),"
                   " ignored_last_day = ?2"
                   " WHERE id = ?1 AND ignored_last_day IS NOT ?2",
                   A(id), A(day));
}

enum err learner_set_asleep(struct db *db, int64_t id, bool asleep)
{
    return db_exec(db, "UPDATE learner SET asleep = ?2 WHERE id = ?1", A(id), A(asleep));
}

enum err learner_wake(struct db *db, int64_t id)
{
    return db_exec(db,
                   "UPDATE learner SET ignored = 0, ignored_first_day = NULL, asleep = 0"
                   " WHERE id = ?1",
                   A(id));
}

enum err learner_set_state(struct db *db, int64_t id, enum learner_state state)
{
    return db_exec(db, "UPDATE learner SET state = ?2 WHERE id = ?1", A(id),
                   A(state_names[state]));
}

enum err learner_seen(struct db *db, int64_t id, int64_t now_ms)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    return db_exec(db, "UPDATE learner SET seen_ms = ?2 WHERE id = ?1 AND seen_ms < ?3",
                   A(id), A(now_ms), A(now_ms - now_ms % DAY_MS));
}

enum err learners_active(struct db *db, int64_t after, int64_t *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT id FROM learner WHERE id > ?1 AND state = 'active'"
             " ORDER BY id LIMIT ?2",
             A(after), A(max));
    while (db_next(&q))
        out[(*out_n)++] = db_int(&q, 0);
    return q.err;
}

enum err subscriptions(struct db *db, struct arena *a, int64_t learner,
                       struct subscription *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT topic, weight, at_min, credit FROM subscription WHERE learner = ?1"
             " ORDER BY topic LIMIT ?2",
             A(learner), A(max));
    while (db_next(&q))
        out[(*out_n)++] =
            (struct subscription){.topic = db_text(&q, 0, a),
                                  .weight = (int)db_int(&q, 1),
                                  .at_min = db_null(&q, 2) ? -1 : (int)db_int(&q, 2),
                                  .credit = db_int(&q, 3)};
    return q.err;
}

enum err subscribe(struct db *db, int64_t learner, const char *topic)
{
    return db_exec(db,
                   "INSERT OR IGNORE INTO subscription (learner, topic) VALUES (?1, ?2)",
                   A(learner), A(topic));
}

enum err unsubscribe(struct db *db, int64_t learner, const char *topic)
{
    return db_exec(db, "DELETE FROM subscription WHERE learner = ?1 AND topic = ?2",
                   A(learner), A(topic));
}

enum err subscription_time(struct db *db, int64_t learner, const char *topic, int at_min)
{
    return db_exec(db,
                   "UPDATE subscription SET at_min = nullif(?3, -1)"
                   " WHERE learner = ?1 AND topic = ?2",
                   A(learner), A(topic), A(at_min));
}

enum err subscription_credit(struct db *db, int64_t learner, const char *topic,
                             int64_t credit)
{
    return db_exec(db,
                   "UPDATE subscription SET credit = ?3 WHERE learner = ?1 AND topic = ?2",
                   A(learner), A(topic), A(credit));
}

enum err streak_day_keep(struct db *db, int64_t learner, int64_t day)
{
    return db_exec(db,
                   "INSERT INTO streak_day (learner, day, kind, reviews)"
                   " VALUES (?1, ?2, 'kept', 1) ON CONFLICT (learner, day)"
                   " DO UPDATE SET kind = 'kept', reviews = reviews + 1",
                   A(learner), A(day));
}

enum err streak_day_unkeep(struct db *db, int64_t learner, int64_t day, int64_t *out_left)
{
    *out_left = 0;
    enum err e = db_exec(db,
                         "UPDATE streak_day SET reviews = reviews - 1"
                         " WHERE learner = ?1 AND day = ?2 AND reviews > 0",
                         A(learner), A(day));
    if (!e)
        e = db_exec(db,
                    "DELETE FROM streak_day WHERE learner = ?1 AND day = ?2"
                    " AND reviews = 0",
                    A(learner), A(day));
    return e ? e : streak_day_reviews(db, learner, day, out_left);
}

enum err streak_day_freeze(struct db *db, int64_t learner, int64_t day)
{
    return db_exec(db,
                   "INSERT OR IGNORE INTO streak_day (learner, day, kind)"
                   " VALUES (?1, ?2, 'frozen')",
                   A(learner), A(day));
}

enum err streak_days_thaw(struct db *db, int64_t learner, int64_t first, int64_t last)
{
    return db_exec(db,
                   "DELETE FROM streak_day WHERE learner = ?1 AND day BETWEEN ?2 AND ?3"
                   " AND kind = 'frozen'",
                   A(learner), A(first), A(last));
}

enum err streak_days_excuse(struct db *db, int64_t learner, int64_t first, int64_t last)
{
    return db_exec(db,
                   "WITH RECURSIVE d(day) AS (SELECT ?2 WHERE ?2 <= ?3 UNION ALL"
                   " SELECT day + 1 FROM d WHERE day < ?3 LIMIT 366)"
                   " INSERT OR IGNORE INTO streak_day (learner, day, kind)"
                   " SELECT ?1, day, 'excused' FROM d",
                   A(learner), A(first), A(last));
}

enum err streak_day_reviews(struct db *db, int64_t learner, int64_t day, int64_t *out)
{
    *out = 0;
    enum err e = db_one_int(
        db, out, "SELECT reviews FROM streak_day WHERE learner = ?1 AND day = ?2",
        A(learner), A(day));
    return e == ERR_NOT_FOUND ? OK : e;
}
