/* attach: the compiled bank beside the live file, and how a new one takes its place. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db.h"

/* Out of memory says nothing of the bank: the next start has more. */
static int heard(int rc)
{
    if ((rc & 0xff) == SQLITE_NOMEM)
        abort();
    return rc;
}

static enum err one(struct db *db, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db_handle(db), sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    heard(rc);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    snprintf(out, size, "%s", text ? text : "");
    sqlite3_finalize(s);
    return text ? OK : ERR_BAD_INPUT;
}

static bool says(struct db *db, const char *sql, const char *want)
{
    char have[64];
    return !one(db, sql, have, sizeof have) && strcmp(have, want) == 0;
}

static enum err attach(struct db *db, const char *path)
{
    char uri[1100];
    int n = snprintf(uri, sizeof uri, "file:%s?immutable=1&mode=ro", path);
    if (n < 0 || (size_t)n >= sizeof uri || strpbrk(path, "?#%"))
        return ERR_NOT_FOUND;
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db_handle(db), "ATTACH ?1 AS bank", -1, &s, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(s, 1, uri, -1, SQLITE_STATIC);
        rc = sqlite3_step(s);
    }
    sqlite3_finalize(s);
    if (heard(rc) == SQLITE_DONE)
        return OK;
    return (rc & 0xff) == SQLITE_CANTOPEN ? ERR_NOT_FOUND : ERR_BAD_INPUT;
}

enum err db_attach_bank(struct db *db, const char *path)
{
    char mark[32];
    snprintf(mark, sizeof mark, "%d", BANK_APPLICATION_ID);
    enum err e = attach(db, path);
    if (e)
        return e;
    if (says(db, "PRAGMA bank.application_id", mark) &&
        says(db, "PRAGMA bank.user_version", "2"))
        return OK;
    db_script(db, "DETACH bank");
    return ERR_BAD_INPUT;
}

/* Columns of db/bank.sql, which `main` is made of here, that the bank lacks. */
static const char columns_missing[] =
    "SELECT count(*) FROM (SELECT t.name, c.name, c.type, c.pk FROM main.sqlite_schema t,"
    " pragma_table_info(t.name, 'main') c WHERE t.type = 'table' EXCEPT"
    " SELECT t.name, c.name, c.type, c.pk FROM bank.sqlite_schema t,"
    " pragma_table_info(t.name, 'bank') c)";

/* Fit for every statement that this program may ever prepare on it. */
enum err db_look_at_bank(const char *path, char hash[BANK_HASH_MAX])
{
    struct db *aside = NULL;
    enum err e = db_open_plain(":memory:", &aside);
    if (e)
        return e;
    e = db_script(aside, bank_sql);
    if (!e)
        e = db_attach_bank(aside, path);
    if (!e && (!says(aside, "PRAGMA bank.quick_check(1)", "ok") ||
               !says(aside, columns_missing, "0")))
        e = ERR_BAD_INPUT;
    if (!e)
        e = db_bank_hash(aside, hash);
    db_close(aside);
    return e;
}

enum err db_bank_hash(struct db *db, char out[BANK_HASH_MAX])
{
    return one(db, "SELECT value FROM bank.info WHERE key = 'hash'", out, BANK_HASH_MAX);
}

bool db_has_bank(struct db *db)
{
    return sqlite3_db_readonly(db_handle(db), "bank") >= 0;
}

enum err db_swap_bank(struct db *db, const char *path)
{
    char hash[BANK_HASH_MAX];
    enum err e = db_look_at_bank(path, hash);
    if (e && db_has_bank(db))
        return e;
    if (db_has_bank(db))
        e = db_script(db, "DETACH bank");
    return e ? ERR_DB : db_attach_bank(db, path) ? ERR_DB : OK;
}
