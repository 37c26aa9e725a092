#include "db/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STMTS = 512 };

struct db {
    sqlite3 *h;
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } cache[MAX_STMTS]; /* open addressing by the address of the SQL text */
    sqlite3_stmt *order[MAX_STMTS];
    int n;
};

static enum err err_of(int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return OK;
    return (rc & 0xff) == SQLITE_CONSTRAINT ? ERR_BAD_INPUT : ERR_DB;
}

/* Prepares once, keeps for ever: the text stays where it is used and costs one prepare a
 * process. NULL when the database is in trouble; SQL that does not compile is a bug. */
static sqlite3_stmt *stmt_get(struct db *db, const char *sql)
{
    size_t at = ((uintptr_t)sql >> 4) * 2654435761u % MAX_STMTS;
    for (; db->cache[at].sql; at = (at + 1) % MAX_STMTS)
        if (db->cache[at].sql == sql)
            return db->cache[at].stmt;
    assert(db->n < MAX_STMTS / 2);
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
    if (rc == SQLITE_ERROR)
        fprintf(stderr, "sobes: %s: %s\n", sqlite3_errmsg(db->h), sql);
    assert(rc != SQLITE_ERROR);
    if (rc != SQLITE_OK)
        return NULL;
    db->cache[at].sql = sql;
    db->cache[at].stmt = s;
    db->order[db->n++] = s;
    return s;
}

struct arg arg_int(int64_t i)
{
    return (struct arg){.type = ARG_INT, .i = i};
}

struct arg arg_real(double d)
{
    return (struct arg){.type = ARG_REAL, .d = d};
}

struct arg arg_text(const char *s)
{
    return (struct arg){.type = s ? ARG_TEXT : ARG_NULL, .s = s};
}

static sqlite3_stmt *bound(struct db *db, const char *sql, const struct arg *args, size_t n)
{
    sqlite3_stmt *s = stmt_get(db, sql);
    if (!s)
        return NULL;
    assert((size_t)sqlite3_bind_parameter_count(s) == n);
    for (int i = 0; i < (int)n; i++) {
        const struct arg *a = &args[i];
        if (a->type == ARG_INT)
            sqlite3_bind_int64(s, i + 1, a->i);
        else if (a->type == ARG_REAL)
            sqlite3_bind_double(s, i + 1, a->d);
        else if (a->type == ARG_TEXT)
            sqlite3_bind_text(s, i + 1, a->s, -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(s, i + 1);
    }
    return s;
}

static void unbind(sqlite3_stmt *s)
{
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
}

enum err db_exec_args(struct db *db, const char *sql, const struct arg *args, size_t n)
{
    sqlite3_stmt *s = bound(db, sql, args, n);
    if (!s)
        return ERR_DB;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        ;
    unbind(s);
    return err_of(rc);
}

enum err db_exec0(struct db *db, const char *sql)
{
    return db_exec_args(db, sql, NULL, 0);
}

enum err db_script(struct db *db, const char *sql)
{
    return err_of(sqlite3_exec(db->h, sql, NULL, NULL, NULL));
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->h);
}

int db_changes(const struct db *db)
{
    return sqlite3_changes(db->h);
}

void db_query_args(struct db *db, struct query *q, const char *sql, const struct arg *args,
                   size_t n)
{
    sqlite3_stmt *s = bound(db, sql, args, n);
    *q = (struct query){.stmt = s, .db = db, .err = s ? OK : ERR_DB};
}

void db_query0(struct db *db, struct query *q, const char *sql)
{
    db_query_args(db, q, sql, NULL, 0);
}

bool db_next(struct query *q)
{
    if (!q->stmt)
        return false;
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return true;
    q->err = err_of(rc);
    db_end(q);
    return false;
}

void db_end(struct query *q)
{
    if (q->stmt)
        unbind(q->stmt);
    q->stmt = NULL;
}

int64_t db_int(struct query *q, int col)
{
    return sqlite3_column_int64(q->stmt, col);
}

double db_real(struct query *q, int col)
{
    return sqlite3_column_double(q->stmt, col);
}

bool db_null(struct query *q, int col)
{
    return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

const char *db_text(struct query *q, int col, struct arena *a)
{
    const char *s = (const char *)sqlite3_column_text(q->stmt, col);
    return s ? arena_text(a, s, (size_t)sqlite3_column_bytes(q->stmt, col)) : NULL;
}

enum err db_one_int_args(struct db *db, int64_t *out, const char *sql,
                         const struct arg *args, size_t n)
{
    struct query q;
    db_query_args(db, &q, sql, args, n);
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = db_int(&q, 0);
    db_end(&q);
    return OK;
}

enum err db_begin(struct db *db)
{
    return db_exec0(db, "BEGIN IMMEDIATE") ? ERR_DB : OK;
}

enum err db_commit(struct db *db)
{
    if (!db_exec0(db, "COMMIT"))
        return OK;
    db_rollback(db);
    return ERR_DB;
}

void db_rollback(struct db *db)
{
    if (db_in_transaction(db))
        db_exec0(db, "ROLLBACK");
}

enum err db_savepoint(struct db *db)
{
    return db_exec0(db, "SAVEPOINT step");
}

enum err db_release(struct db *db)
{
    return db_exec0(db, "RELEASE step");
}

enum err db_undo(struct db *db)
{
    enum err e = db_exec0(db, "ROLLBACK TO step");
    return e ? e : db_release(db);
}

bool db_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->h);
}

struct sqlite3 *db_handle(struct db *db)
{
    return db->h;
}

int db_statement_count(const struct db *db)
{
    return db->n;
}

struct sqlite3_stmt *db_statement(const struct db *db, int i)
{
    return db->order[i];
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (int i = 0; i < db->n; i++)
        sqlite3_finalize(db->order[i]);
    sqlite3_close(db->h);
    free(db);
}

static enum err handle_open(const char *path, int flags, struct db **out)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    int rc =
        sqlite3_open_v2(path, &db->h, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    if (rc != SQLITE_OK) {
        db_close(db);
        return ERR_DB;
    }
    sqlite3_extended_result_codes(db->h, 1);
    sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    *out = db;
    return OK;
}

enum err db_open_plain(const char *path, struct db **out)
{
    return handle_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out);
}

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
    int rc = pragma_int(db->h, "PRAGMA application_id", &app);
    if (rc == SQLITE_OK)
        rc = pragma_int(db->h, "SELECT count(*) FROM sqlite_schema", &tables);
    if (rc != SQLITE_OK)
        return refusal(rc, why);
    if (app == DB_APPLICATION_ID)
        return OK;
    if (tables > 0 || app != 0)
        return *why = "it is another program's database", ERR_BAD_INPUT;
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d", DB_APPLICATION_ID);
    rc = sqlite3_exec(db->h, mark, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : refusal(rc, why);
}

enum err db_open(const char *path, struct db **out, const char **why)
{
    struct db *db = NULL;
    enum err e = db_open_plain(path, &db);
    if (e)
        return refusal(SQLITE_CANTOPEN, why);
    sqlite3_busy_timeout(db->h, 500);
    int rc = sqlite3_exec(db->h, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
    e = rc == SQLITE_OK ? own_file(db, why) : refusal(rc, why);
    if (!e) {
        rc = sqlite3_exec(db->h, settings, NULL, NULL, NULL);
        e = rc == SQLITE_OK ? OK : refusal(rc, why);
    }
    limits(db->h);
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

enum err db_migrate(struct db *db, const char *const *sql, int n)
{
    int64_t have = 0;
    if (pragma_int(db->h, "PRAGMA user_version", &have) != SQLITE_OK)
        return ERR_DB;
    if (have < 0 || have > n)
        return ERR_BAD_INPUT;
    for (int i = (int)have; i < n; i++) {
        char bump[64];
        snprintf(bump, sizeof bump, "PRAGMA user_version = %d", i + 1);
        if (db_begin(db) || db_script(db, sql[i]) || db_script(db, bump) || db_commit(db)) {
            db_rollback(db);
            return ERR_DB;
        }
    }
    return OK;
}

enum err db_attach_bank(struct db *db, const char *path)
{
    char uri[1100];
    int n = snprintf(uri, sizeof uri, "file:%s?immutable=1&mode=ro", path);
    if (n < 0 || (size_t)n >= sizeof uri || strpbrk(path, "?#%"))
        return ERR_NOT_FOUND;
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db->h, "ATTACH ?1 AS bank", -1, &s, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, uri, -1, SQLITE_STATIC);
        rc = sqlite3_step(s);
    }
    sqlite3_finalize(s);
    if (rc != SQLITE_DONE)
        return (rc & 0xff) == SQLITE_CANTOPEN ? ERR_NOT_FOUND : ERR_BAD_INPUT;
    int64_t app = 0, version = 0;
    if (pragma_int(db->h, "PRAGMA bank.application_id", &app) != SQLITE_OK ||
        pragma_int(db->h, "PRAGMA bank.user_version", &version) != SQLITE_OK ||
        app != BANK_APPLICATION_ID || version != 1) {
        db_script(db, "DETACH bank");
        return ERR_BAD_INPUT;
    }
    return OK;
}
