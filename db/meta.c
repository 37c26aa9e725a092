#include "db/meta.h"

enum err meta_get(struct db *db, const char *key, int64_t fallback, int64_t *out)
{
    *out = fallback;
    enum err e = db_one_int(db, out, "SELECT value FROM meta WHERE key = ?1", A(key));
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err meta_set(struct db *db, const char *key, int64_t value)
{
    return db_exec(db,
                   "INSERT INTO meta (key, value) VALUES (?1, ?2)"
                   " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                   A(key), A(value));
}

enum err down_add(struct db *db, int64_t from_ms, int64_t to_ms)
{
    return db_exec(db, "INSERT OR REPLACE INTO down (from_ms, to_ms) VALUES (?1, ?2)",
                   A(from_ms), A(to_ms));
}

enum err down_cut(struct db *db, int64_t now_ms)
{
    enum err e = db_exec(db, "DELETE FROM down WHERE from_ms >= ?1", A(now_ms));
    return e ? e : db_exec(db, "UPDATE down SET to_ms = ?1 WHERE to_ms > ?1", A(now_ms));
}

enum err down_prune(struct db *db, int64_t before_ms)
{
    return db_exec(db, "DELETE FROM down WHERE to_ms < ?1", A(before_ms));
}
