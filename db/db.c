#include "db/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STMTS = 1024 };

struct db {
    sqlite3 *h;
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } cache[MAX_STMTS]; /* open addressing by the address of the SQL text */
    sqlite3_stmt *order[MAX_STMTS];
    int n;
    bool begun;       /* by db_begin(), and not yet ended by us */
    bool disbelieved; /* SQLite has met a page that cannot be */
    const char *beside;
};

static enum err err_of(int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return OK;
    return (rc & 0xff) == SQLITE_CONSTRAINT ? ERR_BAD_INPUT : ERR_DB;
}

static enum err heard(struct db *db, int rc)
{
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
        db->disbelieved = true;
    return err_of(rc);
}

/* Memory or the disk failed in the middle, and SQLite has ended the transaction by itself:
 * whatever came next would be one of its own. */
static bool rolled_back(const struct db *db)
{
    return db->begun && !db_in_transaction(db);
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
    if (heard(db, rc))
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
    sqlite3_stmt *s = rolled_back(db) ? NULL : stmt_get(db, sql);
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
    return heard(db, rc);
}

enum err db_exec0(struct db *db, const char *sql)
{
    return db_exec_args(db, sql, NULL, 0);
}

enum err db_script(struct db *db, const char *sql)
{
    return rolled_back(db) ? ERR_DB : heard(db, sqlite3_exec(db->h, sql, NULL, NULL, NULL));
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
    q->err = heard(q->db, rc);
    db_end(q);
    return false;
}

void db_end(struct query *q)
{
    if (q->stmt)
        unbind(q->stmt);
    q->stmt = NULL;
}

int db_columns(const struct query *q)
{
    return sqlite3_column_count(q->stmt);
}

const char *db_name(const struct query *q, int col)
{
    return sqlite3_column_name(q->stmt, col);
}

enum db_type db_type(const struct query *q, int col)
{
    switch (sqlite3_column_type(q->stmt, col)) {
    case SQLITE_NULL:
        return DB_NULL;
    case SQLITE_INTEGER:
        return DB_INT;
    case SQLITE_FLOAT:
        return DB_REAL;
    default:
        return DB_TEXT;
    }
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
    if (!s && sqlite3_errcode(q->db->h) == SQLITE_NOMEM)
        abort(); /* else it would be taken for NULL */
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
    enum err e = db_exec0(db, "BEGIN IMMEDIATE");
    db->begun = db->begun || !e;
    return e ? ERR_DB : OK;
}

enum err db_commit(struct db *db)
{
    enum err e = db_exec0(db, "COMMIT");
    if (e)
        db_rollback(db);
    db->begun = false;
    return e ? ERR_DB : OK;
}

void db_rollback(struct db *db)
{
    if (db_in_transaction(db))
        db_exec0(db, "ROLLBACK");
    db->begun = false;
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

bool db_is_whole(struct db *db, const char *check)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db->h, check, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    bool bad = (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
    const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    bad = bad || (said && strcmp(said, "ok") != 0);
    sqlite3_finalize(s);
    return !bad;
}

/* The page may have been the bank's: so the file itself is asked, once for each time. */
bool db_is_damaged(struct db *db)
{
    if (!db->disbelieved || db_in_transaction(db))
        return false;
    db->disbelieved = false;
    return !db_is_whole(db, "PRAGMA main.integrity_check(1)");
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

void db_set_beside(struct db *db, const char *path)
{
    db->beside = path;
}

const char *db_beside(const struct db *db)
{
    return db->beside;
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

enum err db_open_plain(const char *path, struct db **out)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    /* One thread, and nobody asks how much memory it has: neither costs a lock. Refused,
     * and no harm done, once a file of this process is open. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int rc = sqlite3_open_v2(path, &db->h, flags | SQLITE_OPEN_URI, NULL);
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
