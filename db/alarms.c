#include "db/alarms.h"

enum err alarm_set(struct db *db, const char *kind, int64_t subject, int64_t due_ms,
                   bool bulk)
{
    return db_exec(db,
                   "INSERT INTO alarm (kind, subject, due_ms, bulk) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms,"
                   " bulk = excluded.bulk, fails = 0",
                   A(kind), A(subject), A(due_ms), A(bulk));
}

enum err alarm_drop(struct db *db, const char *kind, int64_t subject)
{
    return db_exec(db, "DELETE FROM alarm WHERE kind = ?1 AND subject = ?2", A(kind),
                   A(subject));
}

enum err alarm_due(struct db *db, const char *kind, int64_t subject, int64_t *out_ms)
{
    return db_one_int(db, out_ms,
                      "SELECT due_ms FROM alarm WHERE kind = ?1 AND subject = ?2", A(kind),
                      A(subject));
}

enum err alarm_fail(struct db *db, const struct alarm *alarm, int64_t due_ms)
{
    return db_exec(db,
                   "UPDATE alarm SET due_ms = ?3, fails = fails + 1"
                   " WHERE kind = ?1 AND subject = ?2",
                   A(alarm->kind), A(alarm->subject), A(due_ms));
}

enum err alarms_due(struct db *db, struct arena *a, bool bulk, int64_t now_ms,
                    struct alarm *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT kind, subject, due_ms, bulk, fails FROM alarm"
             " WHERE bulk = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT ?3",
             A(bulk), A(now_ms), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct alarm){.kind = db_text(&q, 0, a),
                                         .subject = db_int(&q, 1),
                                         .due_ms = db_int(&q, 2),
                                         .bulk = db_int(&q, 3) != 0,
                                         .fails = (int)db_int(&q, 4)};
    return q.err;
}

enum err alarms_clock_back(struct db *db, int64_t now_ms, int64_t by_ms)
{
    enum err e = db_exec(db,
                         "UPDATE alarm SET due_ms = max(?1, due_ms + ?2)"
                         " WHERE bulk = 0 AND due_ms > ?1",
                         A(now_ms), A(by_ms));
    return e ? e
             : db_exec(db,
                       "UPDATE alarm SET due_ms = ?1"
                       " WHERE kind IN ('amends', 'news') AND due_ms > ?1",
                       A(now_ms));
}

enum err alarms_next_ms(struct db *db, bool bulk, int64_t *out_ms)
{
    *out_ms = INT64_MAX;
    enum err e = db_one_int(db, out_ms,
                            "SELECT due_ms FROM alarm WHERE bulk = ?1"
                            " ORDER BY due_ms LIMIT 1",
                            A(bulk));
    return e == ERR_NOT_FOUND ? OK : e;
}
