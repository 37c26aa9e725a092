#include "db/forget.h"

#include <assert.h>

#include "db/erased.h"

#define GONE_MS (180LL * 24 * 3600 * 1000)

/* Whatever names another row goes before it. The ?1 is the person, which is the id of the
 * private chat too. */
static const char *const erasing[] = {
    "DELETE FROM review WHERE learner = ?1",
    "DELETE FROM served WHERE learner = ?1",
    "DELETE FROM delivery WHERE learner = ?1",
    "DELETE FROM sitting WHERE learner = ?1",
    "DELETE FROM card WHERE learner = ?1",
    "DELETE FROM streak_day WHERE learner = ?1",
    "DELETE FROM subscription WHERE learner = ?1",
    "DELETE FROM alarm WHERE kind IN ('sitting', 'remind') AND subject = ?1",
    "DELETE FROM alarm WHERE kind = 'again' AND subject IN (SELECT id FROM outbox"
    " WHERE chat = ?1 AND state = 'ambiguous')",
    "DELETE FROM alarm WHERE kind = 'battle' AND subject IN (SELECT id FROM battle"
    " WHERE chat = ?1)",
    "DELETE FROM outbox WHERE chat = ?1 AND state IN ('queued', 'ambiguous')",
    "DELETE FROM lane WHERE chat = ?1 AND busy = 0",
    "DELETE FROM vote WHERE person = ?1",
    "DELETE FROM skip WHERE person = ?1",
    "DELETE FROM seat WHERE person = ?1",
    "DELETE FROM early_vote WHERE person = ?1",
    "DELETE FROM round WHERE chat = ?1",
    "DELETE FROM battle WHERE chat = ?1",
    "DELETE FROM report WHERE person = ?1",
    "DELETE FROM club_admin WHERE person = ?1",
    "DELETE FROM board WHERE (club, person) IN (SELECT club, person FROM player"
    " WHERE person = ?1)",
    "DELETE FROM player WHERE person = ?1",
    "DELETE FROM farewell WHERE person = ?1",
    "DELETE FROM export WHERE person = ?1",
    "DELETE FROM suspect WHERE source IN ('sitting', 'remind') AND id = ?1",
    "DELETE FROM dead WHERE (source IN ('sitting', 'remind') AND cause = ?1)"
    " OR instr(summary, CAST(?1 AS TEXT)) > 0",
    "DELETE FROM learner WHERE id = ?1",
    "DELETE FROM post WHERE chat = ?1",
};

enum err person_forget(struct db *db, int64_t person, int64_t *out_rows)
{
    enum err e = erased_note(db, person);
    return e ? e : person_erase(db, person, out_rows);
}

enum err person_erase(struct db *db, int64_t person, int64_t *out_rows)
{
    assert(db_in_transaction(db) && person > 0);
    *out_rows = 0;
    enum err e = db_exec(db,
                         "UPDATE outbox SET post = NULL, kind = 2, body = '{}',"
                         " picture = NULL, told = NULL, expires_ms = 0"
                         " WHERE chat = ?1 AND state = 'sending'",
                         A(person));
    if (!e)
        e = db_exec(db, "UPDATE battle SET opener = 0 WHERE opener = ?1 AND chat <> ?1",
                    A(person));
    if (!e) /* who reports it is gone: what they have not sent yet stays unsent */
        e = db_exec(db,
                    "UPDATE outbox SET expires_ms = 0 WHERE told GLOB 'news.*'"
                    " AND state = 'queued' AND told IN (SELECT 'news.' || id FROM broadcast"
                    " WHERE operator > 0 AND operator = ?1)",
                    A(person));
    if (!e)
        e = db_exec(db,
                    "UPDATE broadcast SET operator = 0, text_ru = NULL, text_en = NULL,"
                    " state = max(state, 3) WHERE operator > 0 AND operator = ?1",
                    A(person));
    for (size_t i = 0; !e && i < sizeof erasing / sizeof *erasing; i++) {
        e = db_exec(db, erasing[i], A(person));
        *out_rows += e ? 0 : db_changes(db);
    }
    return e;
}

enum err person_forget_posts(struct db *db, int64_t person)
{
    return db_exec(db,
                   "DELETE FROM post WHERE chat = ?1"
                   " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.post = post.id)",
                   A(person));
}

/* Who plays in groups is here, whatever became of the private chat. */
enum err people_prune(struct db *db, int64_t now_ms, bool *out_more, bool *out_erased)
{
    int64_t id, rows, played_ms = 0;
    *out_more = *out_erased = false;
    enum err e = db_one_int(db, &id,
                            "SELECT id FROM learner INDEXED BY learner_gone"
                            " WHERE state <> 'active' AND seen_ms < ?1"
                            " ORDER BY seen_ms LIMIT 1",
                            A(now_ms - GONE_MS));
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    *out_more = true;
    e = db_one_int(db, &played_ms,
                   "SELECT coalesce(max(seen_ms), 0) FROM player WHERE person = ?1", A(id));
    if (!e && played_ms >= now_ms - GONE_MS)
        return db_exec(db, "UPDATE learner SET seen_ms = ?2 WHERE id = ?1", A(id),
                       A(played_ms));
    *out_erased = true;
    return e ? e : person_forget(db, id, &rows);
}

bool forget_for_good(struct db *db)
{
    int64_t busy = 1;
    return !db_in_transaction(db) &&
           db_one_int_args(db, &busy, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, 0) == OK &&
           busy == 0;
}

/* ---- the question before it ---- */

enum err farewell_ask(struct db *db, int64_t person, int64_t token, int64_t until_ms)
{
    return db_exec(db,
                   "INSERT OR REPLACE INTO farewell (person, token, until_ms)"
                   " VALUES (?1, ?2, ?3)",
                   A(person), A(token), A(until_ms));
}

enum err farewell_check(struct db *db, int64_t person, int64_t token, int64_t now_ms)
{
    int64_t one;
    return db_one_int(
        db, &one,
        "SELECT 1 FROM farewell WHERE person = ?1 AND token = ?2 AND until_ms > ?3",
        A(person), A(token), A(now_ms));
}

enum err farewell_drop(struct db *db, int64_t person)
{
    return db_exec(db, "DELETE FROM farewell WHERE person = ?1", A(person));
}

enum err farewells_prune(struct db *db, int64_t now_ms)
{
    enum { AT_ONCE = 150 };
    return db_exec(db,
                   "DELETE FROM farewell WHERE person IN (SELECT person FROM farewell"
                   " WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)",
                   A(now_ms), A((int)AT_ONCE));
}
