#include "db/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/restore.h"
#include "db/shelf.h"

struct backup {
    char path[SHELF_PATH];
    sqlite3 *to;
    sqlite3_backup *copy;
    bool done;
};

/* ---- the copy ---- */

static enum err trouble(char why[BACKUP_WHY], int rc, const char *words)
{
    rc &= 0xff;
    snprintf(why, BACKUP_WHY, "%s",
             rc == SQLITE_FULL    ? "the disk is full"
             : rc == SQLITE_IOERR ? "the disk refuses to write (full, or broken)"
                                  : words);
    return ERR_DB;
}

/* The copy is thrown away when the machine stops in the middle, so it needs no journal, and
 * whoever keeps it calls fsync. */
static const char in_haste[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
                               "PRAGMA synchronous = OFF; PRAGMA cache_size = -512;";

enum err backup_begin(struct db *from, const char *path, struct backup **out,
                      char why[BACKUP_WHY])
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) != 0) {
        snprintf(why, BACKUP_WHY, "%.190s: %s", path, strerror(errno));
        return ERR_DB;
    }
    owner_of_folder(path);
    struct backup *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    snprintf(b->path, sizeof b->path, "%s", path);
    int rc =
        sqlite3_open_v2(path, &b->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(b->to, in_haste, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        b->copy = sqlite3_backup_init(b->to, "main", db_handle(from), "main");
    if (!b->copy) {
        trouble(why, rc, b->to ? sqlite3_errmsg(b->to) : "no memory");
        char ignored[BACKUP_WHY];
        backup_end(b, ignored);
        return ERR_DB;
    }
    *out = b;
    return OK;
}

enum err backup_step(struct backup *b, bool *out_done, char why[BACKUP_WHY])
{
    int rc = sqlite3_backup_step(b->copy, BACKUP_PAGES);
    b->done = *out_done = rc == SQLITE_DONE;
    return rc == SQLITE_OK || rc == SQLITE_DONE ? OK : trouble(why, rc, sqlite3_errstr(rc));
}

enum err backup_end(struct backup *b, char why[BACKUP_WHY])
{
    if (!b)
        return OK;
    enum err e = OK;
    int rc = b->copy ? sqlite3_backup_finish(b->copy) : SQLITE_OK;
    /* The page that says WAL was copied too; a backup is one file, alone. */
    if (b->done && rc == SQLITE_OK)
        rc = sqlite3_exec(b->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    if (b->done && rc != SQLITE_OK)
        e = trouble(why, rc, sqlite3_errstr(rc));
    sqlite3_close(b->to);
    if (!b->done || e)
        unlink(b->path);
    free(b);
    return e;
}

enum err backup_copy(struct db *from, const char *path, char why[BACKUP_WHY])
{
    struct backup *b = NULL;
    bool done = false;
    char ignored[BACKUP_WHY];
    enum err e = backup_begin(from, path, &b, why);
    while (!e && !done)
        e = backup_step(b, &done, why);
    enum err ends = backup_end(b, e ? ignored : why);
    return e ? e : ends;
}

/* ---- the look ---- */

static enum err bad(char why[BACKUP_WHY], const char *words)
{
    snprintf(why, BACKUP_WHY, "%s", words);
    return ERR_BAD_INPUT;
}

static enum err unread(sqlite3 *h, char why[BACKUP_WHY])
{
    int rc = sqlite3_errcode(h) & 0xff;
    if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return snprintf(why, BACKUP_WHY, "a process has it open"), ERR_REFUSED;
    if (rc == SQLITE_IOERR || rc == SQLITE_CANTOPEN || rc == SQLITE_FULL)
        return snprintf(why, BACKUP_WHY, "the disk does not give it"), ERR_DB;
    return bad(why, "it is damaged or not a database");
}

/* The first column of the first row: a number, and its text when `text` wants it. No row is
 * -1 and "". */
static enum err one(sqlite3 *h, const char *sql, int64_t *out, char *text, size_t size,
                    char why[BACKUP_WHY])
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    if (text) {
        const char *found = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : "";
        snprintf(text, size, "%s", found ? found : "");
    }
    enum err e = rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : unread(h, why);
    sqlite3_finalize(s);
    return e;
}

/* A file without a log beside it is read without any lock or second file. One that a crash
 * left with its log is read with it, and keeps it. */
static enum err look_open(const char *path, sqlite3 **h, char why[BACKUP_WHY])
{
    char uri[3 * SHELF_PATH + 32], log[SHELF_PATH + 8];
    struct stat st;
    size_t n = (size_t)snprintf(uri, sizeof uri, "file:");
    if (strlen(path) >= SHELF_PATH - 64)
        return bad(why, "its name is too long");
    for (const char *p = path; *p; p++)
        n += (size_t)snprintf(uri + n, sizeof uri - n, strchr("?#%", *p) ? "%%%02x" : "%c",
                              *p);
    snprintf(log, sizeof log, "%s-wal", path);
    bool alone = stat(log, &st) != 0 || st.st_size == 0;
    snprintf(uri + n, sizeof uri - n, alone ? "?mode=ro&immutable=1" : "?mode=rw");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(uri, h, flags, NULL) != SQLITE_OK)
        return unread(*h, why);
    sqlite3_db_config(*h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(*h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(*h, SQLITE_LIMIT_ATTACHED, 0);
    if (sqlite3_exec(*h,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF;"
                     "PRAGMA cell_size_check = ON; PRAGMA cache_size = -8000;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return unread(*h, why);
    return OK;
}

static enum err is_ours(sqlite3 *h, int *schema, char why[BACKUP_WHY])
{
    int64_t app = 0, version = 0;
    enum err e = one(h, "PRAGMA application_id", &app, NULL, 0, why);
    if (!e)
        e = one(h, "PRAGMA user_version", &version, NULL, 0, why);
    if (e)
        return e;
    if (app != DB_APPLICATION_ID)
        return bad(why, app == BANK_APPLICATION_ID ? "it is a question bank"
                                                   : "it is not a database of Sobes");
    if (version > db_migration_count)
        return bad(why, "it was written by a newer Sobes: install that one first");
    if (version < 1)
        return bad(why, "it is empty: no Sobes has ever served from it");
    *schema = (int)version;
    return OK;
}

static enum err is_whole(sqlite3 *h, char why[BACKUP_WHY])
{
    int64_t n = 0;
    char said[160];
    enum err e = one(h, "PRAGMA integrity_check(1)", &n, said, sizeof said, why);
    if (!e && strcmp(said, "ok") != 0) {
        snprintf(why, BACKUP_WHY, "it is damaged: %s", said);
        e = ERR_BAD_INPUT;
    }
    if (!e)
        e = one(h, "PRAGMA foreign_key_check", &n, said, sizeof said, why);
    if (!e && said[0]) {
        snprintf(why, BACKUP_WHY, "it is damaged: rows of %s name rows that are not there",
                 said);
        e = ERR_BAD_INPUT;
    }
    return e;
}

/* %w doubles quotes: the names are the file's, and a file may be anybody's. */
static enum err count(sqlite3 *h, const char *name, int64_t *rows, char why[BACKUP_WHY])
{
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\"", name);
    if (!sql)
        abort();
    enum err e = one(h, sql, rows, NULL, 0, why);
    sqlite3_free(sql);
    return e;
}

static const char table_names[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%'"
    " ESCAPE '~' ORDER BY name";

/* Each table that the migrations make must be there; others do no harm and are not counted.
 */
static enum err has_tables(sqlite3 *h, struct backup_facts *f, char why[BACKUP_WHY])
{
    struct db *model = NULL;
    sqlite3_stmt *s = NULL;
    enum err e = db_open_plain(":memory:", &model);
    if (!e)
        e = db_migrate(model, db_migrations, f->schema);
    if (!e && sqlite3_prepare_v2(db_handle(model), table_names, -1, &s, NULL) != SQLITE_OK)
        e = ERR_DB;
    if (e)
        snprintf(why, BACKUP_WHY, "no memory to compare it with the schema");
    while (!e && f->tables < BACKUP_TABLES && sqlite3_step(s) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        snprintf(f->table[f->tables].name, sizeof f->table[0].name, "%s", name);
        e = count(h, name, &f->table[f->tables++].rows, why);
        if (e == ERR_BAD_INPUT)
            snprintf(why, BACKUP_WHY, "it lacks the table %s", name);
    }
    sqlite3_finalize(s);
    db_close(model);
    return e;
}

enum err backup_verify(const char *path, struct backup_facts *out, char why[BACKUP_WHY])
{
    sqlite3 *h = NULL;
    *out = (struct backup_facts){0};
    enum err e = file_is_free(path, why);
    if (!e)
        e = look_open(path, &h, why);
    if (!e)
        e = is_ours(h, &out->schema, why);
    if (!e)
        e = is_whole(h, why);
    if (!e)
        e = has_tables(h, out, why);
    sqlite3_close(h);
    return e;
}
