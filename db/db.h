/* db: the one SQLite connection, its settings, its statements, its transactions.
 *
 * db.c, open.c, attach.c and backup.c are the only files that call SQLite. Every other file
 * of db/ is questions and answers in SQL through the calls below. The live file is opened
 * in EXCLUSIVE mode, which is the instance lock too: a second daemon gets ERR_REFUSED. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/base/arena.h"
#include "bot/base/err.h"

struct db;
struct sqlite3;
struct sqlite3_stmt;

enum {
    DB_APPLICATION_ID = 0x536f6265,
    BANK_APPLICATION_ID = 0x536f6262
}; /* "Sobe", "Sobb" */

/* Opens or creates the live database and brings it to the newest schema. ERR_REFUSED:
 * another process holds it. ERR_BAD_INPUT: not ours, damaged, or newer than this program
 * (`why` says which; lent for ever). ERR_DB: the disk cannot serve it now, try again.
 * Gives *out. */
enum err db_open(const char *path, struct db **out, const char **why);
/* The same. Before an existing file of an older schema is changed, `keep` is called to make
 * a copy of it; its error, with its `why`, is that of the opening. */
typedef enum err db_keep(struct db *db, int schema, void *arg, const char **why);
enum err db_open_keeping(const char *path, db_keep *keep, void *arg, struct db **out,
                         const char **why);
/* Opens the database of a Sobes that is not running, whatever its schema, for a copy of it.
 * The same errors, and ERR_NOT_FOUND. What a crash left in its log is brought into it. */
enum err db_open_stopped(const char *path, struct db **out, const char **why);
/* Opens `path` without any of that, for the bank compiler: plain, creates, no journal. */
enum err db_open_plain(const char *path, struct db **out);
void db_close(struct db *db); /* checkpoints; NULL is fine */
/* Whether what SQLite has met since the last call shows the live file to be damaged; then
 * it is read from end to end. Outside of queries; cheap while all is well. */
bool db_is_damaged(struct db *db);
/* What this check of SQLite's finds. True too when the disk does not let it look. */
bool db_is_whole(struct db *db, const char *check);
struct sqlite3 *db_handle(struct db *db); /* for tests that break things */
/* The file of db/erased.h; kept. NULL, as at first: there is none. */
void db_set_beside(struct db *db, const char *path);
const char *db_beside(const struct db *db);

/* Brings an open file to schema n; sql[i] is migration i + 1. Forwards only, each in its
 * own transaction together with user_version. A file newer than n is ERR_BAD_INPUT. */
enum err db_migrate(struct db *db, const char *const *sql, int n);
/* db/migrations/NNNN_*.sql in order, embedded at build time. */
extern const char *const db_migrations[];
extern const int db_migration_count;

/* Attaches the compiled bank, read-only, as schema `bank`. ERR_NOT_FOUND: no such file.
 * ERR_BAD_INPUT: not a bank of this program's format. */
enum err db_attach_bank(struct db *db, const char *path);
bool db_has_bank(struct db *db);
enum { BANK_HASH_MAX = 40 };
/* Looks at the whole file through a connection of its own: a bank of this program? The same
 * errors, and ERR_DB: no memory for it. */
enum err db_look_at_bank(const char *path, char hash[BANK_HASH_MAX]);
/* Puts the file that is at `path` now in the place of the attached bank; outside of
 * transactions and queries only. It is looked at first, whole, through a connection of its
 * own: ERR_NOT_FOUND, ERR_BAD_INPUT: no bank of this program, the old one serves on.
 * ERR_DB: there may be no bank now (see db_has_bank); call again later. */
enum err db_swap_bank(struct db *db, const char *path);
/* The fingerprint of the attached bank's content, in hex. */
enum err db_bank_hash(struct db *db, char out[BANK_HASH_MAX]);
/* db/bank.sql, embedded at build time. */
extern const char bank_sql[];

/* One transaction; savepoints inside it. db_undo() takes back to the savepoint and ends
 * it. After ERR_DB look at db_in_transaction(): SQLite may have rolled all of it back;
 * until db_rollback() has been told, nothing is done then, and each call is ERR_DB. */
enum err db_begin(struct db *db);
enum err db_commit(struct db *db); /* any failure is ERR_DB, and rolled back */
void db_rollback(struct db *db);   /* fine when nothing is open */
enum err db_savepoint(struct db *db);
enum err db_release(struct db *db);
enum err db_undo(struct db *db);
bool db_in_transaction(const struct db *db);

/* A typed SQL argument. _Generic picks the constructor, so an int passed where an int64_t
 * is wanted is converted, and a struct passed by mistake does not compile. */
struct arg {
    enum { ARG_INT, ARG_REAL, ARG_TEXT, ARG_NULL } type;
    int64_t i;
    double d;
    const char *s; /* borrowed until the statement is reset; NULL binds NULL */
};
struct arg arg_int(int64_t i);
struct arg arg_real(double d);
struct arg arg_text(const char *s);
#define A(x) \
    _Generic((x), _Bool: arg_int, int: arg_int, unsigned: arg_int, long: arg_int,    \
             long long: arg_int, double: arg_real, char *: arg_text,                 \
             const char *: arg_text)(x)
#define A_NULL ((struct arg){.type = ARG_NULL})
#define ARGS(...)                      \
    (const struct arg[]){__VA_ARGS__}, \
        sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)

/* `sql` must be a string literal: statements are prepared once and kept by the address of
 * their text. The number of arguments is asserted. A broken constraint is ERR_BAD_INPUT,
 * all other trouble ERR_DB. */
#define db_exec(db, sql, ...) db_exec_args(db, sql, ARGS(__VA_ARGS__))
enum err db_exec_args(struct db *db, const char *sql, const struct arg *args, size_t n);
enum err db_exec0(struct db *db, const char *sql); /* no arguments */
/* Many statements of a script, uncached; for migrations and the bank's schema. */
enum err db_script(struct db *db, const char *sql);
int64_t db_last_id(const struct db *db);
int db_changes(const struct db *db); /* rows touched by the last db_exec */

/* A running query. db_next() is false at the end and on error and resets either way;
 * `err` says which. A query left early must be given to db_end(). */
struct query {
    struct sqlite3_stmt *stmt;
    struct db *db;
    enum err err;
};
#define db_query(db, q, sql, ...) db_query_args(db, q, sql, ARGS(__VA_ARGS__))
void db_query_args(struct db *db, struct query *q, const char *sql, const struct arg *args,
                   size_t n);
void db_query0(struct db *db, struct query *q, const char *sql);
bool db_next(struct query *q);
void db_end(struct query *q);
int db_columns(const struct query *q);
const char *db_name(const struct query *q, int col); /* lent until the query ends */
enum db_type { DB_NULL, DB_INT, DB_REAL, DB_TEXT };
enum db_type db_type(const struct query *q, int col);
int64_t db_int(struct query *q, int col); /* 0 for NULL */
double db_real(struct query *q, int col);
bool db_null(struct query *q, int col);
const char *db_text(struct query *q, int col,
                    struct arena *a); /* NULL for NULL; lent by a */

/* One integer: OK, or ERR_NOT_FOUND when there is no row. */
#define db_one_int(db, out, sql, ...) db_one_int_args(db, out, sql, ARGS(__VA_ARGS__))
enum err db_one_int_args(struct db *db, int64_t *out, const char *sql,
                         const struct arg *args, size_t n);

/* Statements prepared so far, for the test that watches what they cost. */
int db_statement_count(const struct db *db);
struct sqlite3_stmt *db_statement(const struct db *db, int i);

#endif
