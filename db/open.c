/* open: the live file on its way to being served: whose it is, its settings, its schema. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/db.h"

static int pragma_int(sqlite3 *h, const char *sql, int64_t *out)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(s);
        *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    }
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* What can be said of a file that does not open: held, damaged, or the disk in trouble. */
static enum err refusal(int rc, const char **why)
{
    rc &= 0xff;
    if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return *why = "another process has it open", ERR_REFUSED;
    if (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT)
        return *why = "it is damaged or not a database", ERR_BAD_INPUT;
    return *why = "the disk refuses (full, read-only or no such folder?)", ERR_DB;
}

/* EXCLUSIVE before the first read: then there is no -shm file and a second opener is
 * refused. WAL only in a file that is ours: it is written into the header. FULL: a commit
 * that was answered survives a power cut. */
static const char settings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 0; PRAGMA cache_size = -2000; PRAGMA journal_size_limit = 8388608;"
    "BEGIN IMMEDIATE; COMMIT;";

static void limits(sqlite3 *h)
{
    sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 8000000);
    sqlite3_limit(h, SQLITE_LIMIT_SQL_LENGTH, 100000);
    sqlite3_limit(h, SQLITE_LIMIT_COLUMN, 100);
    sqlite3_limit(h, SQLITE_LIMIT_EXPR_DEPTH, 30);
    sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 1); /* the bank */
    sqlite3_limit(h, SQLITE_LIMIT_VARIABLE_NUMBER, 64);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

static enum err own_file(struct db *db, const char **why)
{
    int64_t app = 0, tables = 0;
    int rc = pragma_int(db_handle(db), "PRAGMA application_id", &app);
    if (rc == SQLITE_OK)
        rc = pragma_int(db_handle(db), "SELECT count(*) FROM sqlite_schema", &tables);
    if (rc != SQLITE_OK)
        return refusal(rc, why);
    if (app == DB_APPLICATION_ID)
        return OK;
    if (tables > 0 || app != 0)
        return *why = "it is another program's database", ERR_BAD_INPUT;
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d", DB_APPLICATION_ID);
    rc = sqlite3_exec(db_handle(db), mark, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : refusal(rc, why);
}

/* After a stop that was not clean the disk may not be what it was. A large file would hold
 * up the start: there the next backup finds out. */
static enum err own_whole(struct db *db, const char **why)
{
    const int64_t max_bytes = 200 << 20;
    int64_t clean = 1, pages = 0, size = 0;
    pragma_int(db_handle(db), "SELECT value FROM meta WHERE key = 'clean'", &clean);
    pragma_int(db_handle(db), "PRAGMA page_count", &pages);
    pragma_int(db_handle(db), "PRAGMA page_size", &size);
    if (clean == 1 || pages * size > max_bytes ||
        db_is_whole(db, "PRAGMA main.quick_check(1)"))
        return OK;
    return *why = "it is damaged", ERR_BAD_INPUT;
}

/* An older schema of an existing file: what it was is kept before it is changed. */
static enum err keep_before(struct db *db, db_keep *keep, void *arg, const char **why)
{
    int64_t have = 0;
    if (!keep || pragma_int(db_handle(db), "PRAGMA user_version", &have) != SQLITE_OK ||
        have <= 0 || have >= db_migration_count)
        return OK;
    return keep(db, (int)have, arg, why);
}

enum err db_open(const char *path, struct db **out, const char **why)
{
    return db_open_keeping(path, NULL, NULL, out, why);
}

enum err db_open_keeping(const char *path, db_keep *keep, void *arg, struct db **out,
                         const char **why)
{
    struct db *db = NULL;
    enum err e = db_open_plain(path, &db);
    if (e)
        return refusal(SQLITE_CANTOPEN, why);
    sqlite3_busy_timeout(db_handle(db), 500);
    int rc =
        sqlite3_exec(db_handle(db), "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
    e = rc == SQLITE_OK ? own_file(db, why) : refusal(rc, why);
    if (!e) {
        rc = sqlite3_exec(db_handle(db), settings, NULL, NULL, NULL);
        e = rc == SQLITE_OK ? OK : refusal(rc, why);
    }
    limits(db_handle(db));
    if (!e)
        e = own_whole(db, why);
    if (!e)
        e = keep_before(db, keep, arg, why);
    if (!e) {
        e = db_migrate(db, db_migrations, db_migration_count);
        if (e)
            *why = e == ERR_BAD_INPUT ? "it was written by a newer Sobes"
                                      : "bringing its schema up to date failed";
    }
    if (e) {
        db_close(db);
        return e;
    }
    *out = db;
    return OK;
}

enum err db_open_stopped(const char *path, struct db **out, const char **why)
{
    struct db *db = NULL;
    int64_t app = 0;
    if (access(path, F_OK) != 0)
        return *why = "there is no such file", ERR_NOT_FOUND;
    if (db_open_plain(path, &db))
        return refusal(SQLITE_CANTOPEN, why);
    sqlite3_busy_timeout(db_handle(db), 500);
    int rc =
        sqlite3_exec(db_handle(db), "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = pragma_int(db_handle(db), "PRAGMA application_id", &app);
    bool ours = rc == SQLITE_OK && app == DB_APPLICATION_ID;
    if (ours)
        rc = sqlite3_exec(db_handle(db), "BEGIN IMMEDIATE; COMMIT", NULL, NULL, NULL);
    limits(db_handle(db));
    enum err e = OK;
    if (rc != SQLITE_OK)
        e = refusal(rc, why);
    else if (!ours)
        *why = "it is not a database of Sobes", e = ERR_BAD_INPUT;
    if (e) {
        db_close(db);
        return e;
    }
    *out = db;
    return OK;
}

enum err db_migrate(struct db *db, const char *const *sql, int n)
{
    int64_t have = 0;
    int defensive = 0;
    enum err e = OK;
    if (pragma_int(db_handle(db), "PRAGMA user_version", &have) != SQLITE_OK)
        return ERR_DB;
    if (have < 0 || have > n)
        return ERR_BAD_INPUT;
    /* Nobody but a migration may write the schema's own text. */
    sqlite3_db_config(db_handle(db), SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
    sqlite3_db_config(db_handle(db), SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    for (int i = (int)have; !e && i < n; i++) {
        char bump[64];
        snprintf(bump, sizeof bump, "PRAGMA user_version = %d", i + 1);
        if (db_begin(db) || db_script(db, sql[i]) || db_script(db, bump) || db_commit(db)) {
            db_rollback(db);
            e = ERR_DB;
        }
    }
    sqlite3_db_config(db_handle(db), SQLITE_DBCONFIG_DEFENSIVE, defensive, NULL);
    return e;
}
