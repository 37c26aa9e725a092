#include "db/inbox.h"

#include "db/meta.h"

enum { KEPT_MS = 48 * 3600 * 1000, PRUNED_AT_ONCE = 200 };

enum err inbox_offset(struct db *db, int64_t *out)
{
    return meta_get(db, "offset", 0, out);
}

enum err inbox_set_offset(struct db *db, int64_t offset)
{
    return meta_set(db, "offset", offset);
}

enum err inbox_mark(struct db *db, int64_t update, int64_t now_ms, bool *out_new)
{
    enum err e =
        db_exec(db, "INSERT OR IGNORE INTO seen_update (id, at_ms) VALUES (?1, ?2)",
                A(update), A(now_ms));
    *out_new = db_changes(db) > 0;
    return e;
}

enum err inbox_prune(struct db *db, int64_t now_ms, bool *out_more)
{
    enum err e = db_exec(db,
                         "DELETE FROM seen_update WHERE id IN (SELECT id FROM seen_update"
                         " WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
                         A(now_ms - KEPT_MS), A(PRUNED_AT_ONCE));
    *out_more = !e && db_changes(db) == PRUNED_AT_ONCE;
    return e;
}

enum err suspect_begin(struct db *db, const char *source, int64_t id, int64_t *out_tries)
{
    enum err e = db_exec(db,
                         "INSERT INTO suspect (source, id, tries) VALUES (?1, ?2, 1)"
                         " ON CONFLICT (source, id) DO UPDATE SET tries = tries + 1",
                         A(source), A(id));
    return e ? e
             : db_one_int(db, out_tries,
                          "SELECT tries FROM suspect WHERE source = ?1 AND id = ?2",
                          A(source), A(id));
}

enum err suspect_clear(struct db *db, const char *source, int64_t id)
{
    return db_exec(db, "DELETE FROM suspect WHERE source = ?1 AND id = ?2", A(source),
                   A(id));
}

enum err dead_prune(struct db *db, int64_t before_ms, bool *out_more)
{
    enum err e = db_exec(db,
                         "DELETE FROM dead WHERE id = (SELECT min(id) FROM dead)"
                         " AND at_ms < ?1",
                         A(before_ms));
    *out_more = !e && db_changes(db) > 0;
    return e;
}

enum err dead_add(struct db *db, const char *source, int64_t id, const char *summary,
                  const char *error, int64_t now_ms)
{
    return db_exec(db,
                   "INSERT INTO dead (source, cause, summary, error, at_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   A(source), A(id), A(summary), A(error), A(now_ms));
}
