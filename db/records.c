#include "db/records.h"

#define REPORT_COUNTS_MS (30LL * 24 * 3600 * 1000)
#define REPORT_KEPT_MS (60LL * 24 * 3600 * 1000)

enum err quiz_choices(struct db *db, const char *topic, int64_t chat,
                      struct quiz_choice *out, int max, int *out_n)
{
    struct query q;
    int64_t oldest = 0;
    *out_n = 0;
    enum err e = db_one_int(db, &oldest,
                            "SELECT id FROM round WHERE chat = ?1 ORDER BY id DESC"
                            " LIMIT 1 OFFSET ?2",
                            A(chat), A((int)SEEN_ROUNDS));
    if (e && e != ERR_NOT_FOUND)
        return e;
    db_query(
        db, &q,
        "SELECT z.question, coalesce(r.answers, 0), coalesce(r.hits, 0)"
        " FROM bank.offer o JOIN bank.quiz z ON z.question = o.question AND z.lang = 'en'"
        " LEFT JOIN quiz_record r ON r.question = z.question"
        " WHERE o.topic = ?1 AND r.out_ms IS NULL AND z.question NOT IN"
        " (SELECT question FROM round WHERE chat = ?2 AND id > ?3)"
        " LIMIT ?4",
        A(topic), A(chat), A(oldest), A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct quiz_choice){
            .question = db_int(&q, 0), .answers = db_int(&q, 1), .hits = db_int(&q, 2)};
    return q.err;
}

enum err quiz_record_add(struct db *db, int64_t question, bool hit)
{
    return db_exec(db,
                   "INSERT INTO quiz_record (question, answers, hits) VALUES (?1, 1, ?2)"
                   " ON CONFLICT (question) DO UPDATE SET answers = answers + 1,"
                   " hits = hits + excluded.hits",
                   A(question), A(hit));
}

enum err report_add(struct db *db, int64_t question, int64_t person, int64_t now_ms,
                    int *out_lately)
{
    int64_t n = 0;
    enum err e = db_exec(db,
                         "INSERT INTO report (question, person, at_ms)"
                         " VALUES (?1, ?2, ?3)"
                         " ON CONFLICT (question, person) DO UPDATE SET in_battle = 1,"
                         " at_ms = excluded.at_ms WHERE in_battle = 0",
                         A(question), A(person), A(now_ms));
    if (!e && !db_changes(db))
        return ERR_REFUSED;
    if (!e)
        e = db_one_int(db, &n,
                       "SELECT count(*) FROM report WHERE question = ?1 AND at_ms > ?2"
                       " AND in_battle = 1",
                       A(question), A(now_ms - REPORT_COUNTS_MS));
    *out_lately = (int)n;
    return e;
}

enum err reports_count(struct db *db, int64_t question, int *out)
{
    int64_t n = 0;
    enum err e = db_one_int(
        db, &n, "SELECT count(*) FROM report WHERE question = ?1 AND in_battle = 1",
        A(question));
    *out = (int)n;
    return e;
}

enum err reports_prune(struct db *db, int64_t now_ms)
{
    enum { AT_ONCE = 140 };
    return db_exec(db,
                   "DELETE FROM report WHERE (question, person) IN (SELECT question, person"
                   " FROM report WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
                   A(now_ms - REPORT_KEPT_MS), A((int)AT_ONCE));
}

enum err quiz_take_out(struct db *db, int64_t question, int64_t now_ms)
{
    return db_exec(db,
                   "INSERT INTO quiz_record (question, out_ms) VALUES (?1, ?2)"
                   " ON CONFLICT (question) DO UPDATE SET out_ms = excluded.out_ms,"
                   " amends = 0, amended = NULL WHERE out_ms IS NULL",
                   A(question), A(now_ms));
}

enum err quiz_put_back(struct db *db, int64_t question)
{
    enum err e = db_exec(db, "UPDATE quiz_record SET out_ms = NULL WHERE question = ?1",
                         A(question));
    if (!e)
        e = db_exec(db, "DELETE FROM report WHERE question = ?1 AND reason = 0",
                    A(question));
    return e ? e
             : db_exec(db,
                       "UPDATE report SET in_battle = 0"
                       " WHERE question = ?1 AND in_battle = 1",
                       A(question));
}

enum err quiz_is_out(struct db *db, int64_t question, bool *out)
{
    int64_t n = 0;
    enum err e = db_one_int(db, &n,
                            "SELECT count(*) FROM quiz_record WHERE question = ?1"
                            " AND out_ms IS NOT NULL",
                            A(question));
    *out = n > 0;
    return e;
}

enum err quizzes_out(struct db *db, int64_t *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT question FROM quiz_record WHERE out_ms IS NOT NULL ORDER BY out_ms"
             " LIMIT ?1",
             A(max));
    while (db_next(&q))
        out[(*out_n)++] = db_int(&q, 0);
    return q.err;
}

/* ---- an entry and what people say of it ---- */

enum err report_reason_give(struct db *db, int64_t question, int64_t person,
                            enum report_reason reason, int64_t now_ms)
{
    return db_exec(db,
                   "INSERT INTO report (question, person, at_ms, reason, in_battle)"
                   " VALUES (?1, ?2, ?3, ?4, 0)"
                   " ON CONFLICT (question, person) DO UPDATE SET reason = excluded.reason",
                   A(question), A(person), A(now_ms), A((int)reason));
}

enum err report_take_back(struct db *db, int64_t question, int64_t person)
{
    enum err e = db_exec(db,
                         "DELETE FROM report WHERE question = ?1 AND person = ?2"
                         " AND in_battle = 0",
                         A(question), A(person));
    return e ? e
             : db_exec(db,
                       "UPDATE report SET reason = 0 WHERE question = ?1 AND person = ?2",
                       A(question), A(person));
}

enum err report_reason_of(struct db *db, int64_t question, int64_t person,
                          enum report_reason *out)
{
    int64_t reason = REPORT_NONE;
    enum err e = db_one_int(db, &reason,
                            "SELECT reason FROM report WHERE question = ?1 AND person = ?2",
                            A(question), A(person));
    *out = (enum report_reason)reason;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err report_reasons(struct db *db, int64_t question, int out[REPORT_REASONS])
{
    struct query q;
    for (int i = 0; i < REPORT_REASONS; i++)
        out[i] = 0;
    db_query(db, &q,
             "SELECT reason, count(*) FROM report INDEXED BY report_reason"
             " WHERE question = ?1 AND reason > 0 GROUP BY reason",
             A(question));
    while (db_next(&q))
        out[db_int(&q, 0)] = (int)db_int(&q, 1);
    return q.err;
}

enum err entries_reported(struct db *db, int64_t *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT question FROM report INDEXED BY report_reason WHERE reason > 0"
             " GROUP BY question ORDER BY question LIMIT ?1",
             A(max));
    while (db_next(&q))
        out[(*out_n)++] = db_int(&q, 0);
    return q.err;
}

enum err entry_reports_settle(struct db *db, int64_t question)
{
    enum err e = db_exec(
        db, "DELETE FROM report WHERE question = ?1 AND reason > 0 AND in_battle = 0",
        A(question));
    return e ? e
             : db_exec(db,
                       "UPDATE report SET reason = 0 WHERE question = ?1 AND reason > 0",
                       A(question));
}

/* ---- a wrong key ---- */

enum err quiz_amends(struct db *db, int64_t question, struct amends *out)
{
    struct query q;
    *out = (struct amends){.club = INT64_MIN};
    db_query(db, &q, "SELECT amends, amended FROM quiz_record WHERE question = ?1",
             A(question));
    while (db_next(&q)) {
        out->options = (unsigned)db_int(&q, 0);
        out->club = db_null(&q, 1) ? INT64_MIN : db_int(&q, 1);
    }
    return q.err;
}

enum err quiz_amends_save(struct db *db, int64_t question, const struct amends *a)
{
    return db_exec(db,
                   "UPDATE quiz_record SET amends = ?2, amended = ?3 WHERE question = ?1",
                   A(question), A((int)a->options), A(a->club));
}

enum err quiz_club_after(struct db *db, int64_t question, int64_t club, int64_t *out)
{
    return db_one_int(
        db, out,
        "SELECT chat FROM round WHERE question = ?1 AND chat > ?2 AND chat < 0"
        " ORDER BY chat LIMIT 1",
        A(question), A(club));
}
