/* The connection itself: what opens and what is refused, migrations that are killed,
 * settings that are really in force, transactions, arguments, the attached bank. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/buf.h"
#include "bot/base/file.h"
#include "db/db.h"
#include "db/sittings.h"

static char dir[400];

static const char *in_dir(const char *name)
{
    static char path[2][500];
    static int at;
    at = !at;
    snprintf(path[at], sizeof path[at], "%s/%s", dir, name);
    return path[at];
}

static bool holds(const struct buf *file, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0; at + n <= file->len; at++)
        if (memcmp(file->data + at, text, n) == 0)
            return true;
    return false;
}

static int folder(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(dir, sizeof dir, "%s/test_db-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(dir) ? 0 : -1;
}

static int folder_away(void **state)
{
    char command[500];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static struct db *opened(const char *path)
{
    struct db *db = NULL;
    const char *why = "";
    enum err e = db_open(path, &db, &why);
    if (e)
        fail_msg("%s: %s (%s)", path, err_text(e), why);
    return db;
}

/* First column of the first row, or what SQLite says. */
static const char *told(struct db *db, const char *sql)
{
    static char out[2000];
    sqlite3_stmt *s = NULL;
    sqlite3 *h = db_handle(db);
    int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    snprintf(out, sizeof out, "%s",
             text                ? text
             : rc == SQLITE_ROW  ? "NULL"
             : rc == SQLITE_DONE ? "none"
                                 : sqlite3_errmsg(h));
    sqlite3_finalize(s);
    return out;
}

/* A database file of somebody's, by a script. */
static const char *made(const char *name, const char *sql)
{
    sqlite3 *h;
    const char *path = in_dir(name);
    remove(path);
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    if (sqlite3_exec(h, sql, NULL, NULL, NULL))
        fail_msg("%s: %s", name, sqlite3_errmsg(h));
    sqlite3_close(h);
    return path;
}

static void file_put(const char *path, const char *mode, long at, const char *bytes,
                     size_t n)
{
    FILE *f = fopen(path, mode);
    if (!f || fseek(f, at, SEEK_SET) || fwrite(bytes, 1, n, f) != n || fclose(f))
        fail_msg("%s cannot be written", path);
}

static void a_new_file_gets_the_whole_schema(void **state)
{
    (void)state;
    static const char tables[] =
        "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema"
        " WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name)";
    char version[20];
    snprintf(version, sizeof version, "%d", db_migration_count);
    for (int again = 0; again < 3; again++) { /* made, and found again twice */
        struct db *db = opened(in_dir("new.db"));
        assert_string_equal(told(db, "PRAGMA user_version"), version);
        assert_string_equal(told(db, "PRAGMA integrity_check"), "ok");
        assert_string_equal(told(db, tables),
                            "alarm battle board broadcast card club club_admin dead"
                            " delivery desk_day down early_vote export farewell lane"
                            " learner meta outbox player post"
                            " quiz_record report review round seat seen_update served"
                            " sitting skip spoken streak_day subscription suspect tally"
                            " vote");
        assert_string_equal(told(db, "SELECT count(*) FROM sqlite_schema WHERE type ="
                                     " 'table' AND name NOT LIKE 'sqlite_%'"
                                     " AND sql NOT LIKE '%STRICT%'"),
                            "0");
        db_close(db);
    }
}

static void a_second_opener_is_refused(void **state)
{
    (void)state;
    const char *why = "";
    struct db *first = opened(in_dir("held.db")), *second = NULL;
    assert_int_equal(db_open(in_dir("held.db"), &second, &why), ERR_REFUSED);
    assert_non_null(strstr(why, "another process"));
    assert_null(second);
    db_close(first);
    db_close(opened(in_dir("held.db")));
}

/* The lock is the process's: it ends with it, however it ends. */
static void a_killed_holder_leaves_no_lock(void **state)
{
    (void)state;
    int ready[2];
    char one;
    const char *why = "", *path = in_dir("killed.db");
    struct db *db = NULL;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        enum err e = db_open(path, &db, &why);
        if (!e)
            e = db_exec0(db, "INSERT INTO meta (key, value) VALUES ('kept', 7)");
        if (!e)
            e = db_begin(db);
        if (!e)
            e = db_exec0(db, "INSERT INTO meta (key, value) VALUES ('lost', 7)");
        if (e || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &one, 1), 1);
    close(ready[0]);
    assert_int_equal(db_open(path, &db, &why), ERR_REFUSED);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    db = opened(path);
    assert_string_equal(told(db, "SELECT group_concat(key) FROM meta"), "kept");
    db_close(db);
}

static const char *sobes_file(const char *name)
{
    const char *path = in_dir(name);
    struct db *db = opened(path);
    for (int i = 0; i < 200; i++)
        assert_int_equal(
            db_exec(db, "INSERT INTO post (chat, message) VALUES (?1, ?1)", A(i)), OK);
    db_close(db);
    return path;
}

static const char *cut_short(void)
{
    const char *path = sobes_file("short.db");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size / 2), 0);
    return path;
}

static const char *overwritten(void)
{
    const char *path = sobes_file("overwritten.db");
    static const char junk[600] = "\xff\xff\xff junk";
    file_put(path, "rb+", 100, junk, sizeof junk); /* the root of its schema */
    return path;
}

static const char *newer(void)
{
    const char *path = sobes_file("newer.db");
    struct db *db = opened(path);
    char bump[60];
    snprintf(bump, sizeof bump, "PRAGMA user_version = %d", db_migration_count + 1);
    assert_int_equal(db_script(db, bump), OK);
    db_close(db);
    return path;
}

static const char *foreign(void)
{
    return made("foreign.db", "CREATE TABLE notes (a); INSERT INTO notes VALUES (1)");
}

static const char *foreign_marked(void)
{
    return made("marked.db", "PRAGMA application_id = 99; CREATE TABLE notes (a)");
}

static const char *foreign_mark_alone(void)
{
    return made("mark.db", "PRAGMA application_id = 99; PRAGMA user_version = 1");
}

static const char *text_file(void)
{
    static char text[4000];
    memset(text, 'a', sizeof text);
    file_put(in_dir("text.db"), "wb", 0, text, sizeof text);
    return in_dir("text.db");
}

static const char *few_bytes(void)
{
    file_put(in_dir("few.db"), "wb", 0, "BOT_TOKEN=1\n", 12);
    return in_dir("few.db");
}

static const char *no_folder(void)
{
    return in_dir("nowhere/sobes.db");
}

static const char *a_folder(void)
{
    mkdir(in_dir("folder.db"), 0700);
    return in_dir("folder.db");
}

static const struct {
    const char *(*make)(void);
    enum err err;
    const char *why;
} unfit[] = {
    {foreign, ERR_BAD_INPUT, "another program"},
    {foreign_marked, ERR_BAD_INPUT, "another program"},
    {foreign_mark_alone, ERR_BAD_INPUT, "another program"},
    {text_file, ERR_BAD_INPUT, "not a database"},
    {few_bytes, ERR_BAD_INPUT, "not a database"},
    {overwritten, ERR_BAD_INPUT, "damaged"},
    {cut_short, ERR_BAD_INPUT, "damaged"},
    {newer, ERR_BAD_INPUT, "newer"},
    {no_folder, ERR_DB, "folder"},
    {a_folder, ERR_DB, "disk"},
};

static void a_file_that_is_not_ours_is_named_and_left_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++) {
        char path[500];
        const char *why = "";
        struct db *db = NULL;
        struct buf before = {0}, after = {0};
        snprintf(path, sizeof path, "%s", unfit[i].make());
        enum err had = file_read(path, &before);
        enum err e = db_open(path, &db, &why);
        if (e != unfit[i].err || !strstr(why, unfit[i].why) || db)
            fail_msg("row %zu: %s, \"%s\"", i, err_text(e), why);
        if (file_read(path, &after) != had || before.len != after.len ||
            (before.len && memcmp(before.data, after.data, before.len) != 0))
            fail_msg("row %zu: the file was changed", i);
        buf_free(&before);
        buf_free(&after);
    }
}

/* A page in the middle of the file that nothing reads at the start. */
static const char *bitten(bool clean)
{
    const char *path = sobes_file(clean ? "bitten.db" : "bitten-unclean.db");
    static const char junk[32] = "\xff\xff\xff junk";
    struct db *db = opened(path);
    int64_t page = 0;
    assert_int_equal(db_one_int(db, &page,
                                "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
                                A("review")),
                     OK);
    assert_int_equal(
        db_exec(db, "INSERT OR REPLACE INTO meta (key, value) VALUES ('clean', ?1)",
                A(clean)),
        OK);
    db_close(db);
    file_put(path, "rb+", (page - 1) * 4096, junk, sizeof junk);
    return path;
}

static void damage_is_found_at_the_start_after_a_stop_that_was_not_clean(void **state)
{
    (void)state;
    const char *why = "";
    struct db *db = NULL;
    assert_int_equal(db_open(bitten(false), &db, &why), ERR_BAD_INPUT);
    assert_non_null(strstr(why, "damaged"));
}

static void damage_that_is_met_is_said_once(void **state)
{
    (void)state;
    struct db *db = opened(bitten(true));
    int64_t n;
    assert_false(db_is_damaged(db));
    assert_int_equal(db_one_int_args(db, &n, "SELECT count(*) FROM post", NULL, 0), OK);
    assert_false(db_is_damaged(db));
    assert_int_equal(
        db_one_int_args(db, &n, "SELECT count(*) FROM review NOT INDEXED", NULL, 0),
        ERR_DB);
    assert_true(db_is_damaged(db));
    assert_false(db_is_damaged(db));
    db_close(db);
}

/* ---- migrations: the program's own, then some of this test ---- */

enum { PLAN_MAX = 40 };

static int plan(const char *plan[PLAN_MAX], const char *a, const char *b, const char *c)
{
    int n = 0;
    for (; n < db_migration_count; n++)
        plan[n] = db_migrations[n];
    plan[n++] = a;
    plan[n++] = b;
    plan[n++] = c;
    return n;
}

static int version(struct db *db)
{
    return atoi(told(db, "PRAGMA user_version")) - db_migration_count;
}

static void a_migration_that_fails_leaves_a_whole_number_of_them(void **state)
{
    (void)state;
    const char *sql[PLAN_MAX];
    struct db *db = opened(in_dir("fails.db"));
    int n = plan(sql, "CREATE TABLE a (x) ",
                 "CREATE TABLE b (x); INSERT INTO nosuch VALUES (1)", "CREATE TABLE c (x)");
    for (int again = 0; again < 2; again++) {
        assert_int_equal(db_migrate(db, sql, n), ERR_DB);
        assert_false(db_in_transaction(db));
        assert_int_equal(version(db), 1);
        assert_string_equal(told(db, "SELECT group_concat(name) FROM sqlite_schema WHERE"
                                     " name IN ('a', 'b', 'c')"),
                            "a");
    }
    n = plan(sql, "CREATE TABLE a (x) ", "CREATE TABLE b (x)", "CREATE TABLE c (x)");
    for (int again = 0; again < 2; again++) { /* the second time there is nothing to do */
        assert_int_equal(db_migrate(db, sql, n), OK);
        assert_int_equal(version(db), 3);
    }
    assert_int_equal(db_migrate(db, sql, n - 1),
                     ERR_BAD_INPUT); /* a binary that is older */
    assert_int_equal(version(db), 3);
    db_close(db);
}

/* 0007 writes three checks anew, under rows that are there. */
static void a_check_that_was_written_anew_still_holds(void **state)
{
    (void)state;
    enum { BEFORE = 6 };
    static const char *const bad[] = {
        "UPDATE delivery SET state = 'x'", "UPDATE sitting SET state = 'x'",
        "UPDATE outbox SET state = 'x'", "UPDATE delivery SET state = NULL"};
    static const char *const good[] = {
        "UPDATE delivery SET state = 'known'", "UPDATE sitting SET state = 'failed'",
        "UPDATE outbox SET state = 'ambiguous'", "UPDATE delivery SET state = 'open'"};
    const char *path = in_dir("checks.db");
    struct db *db;
    assert_int_equal(db_open_plain(path, &db), OK);
    assert_int_equal(db_migrate(db, db_migrations, BEFORE), OK);
    assert_int_equal(
        db_script(db,
                  "PRAGMA application_id = 1399808613;"
                  "INSERT INTO learner (id, lang, zone, at_min) VALUES (7, 'ru', 'Z', 1);"
                  "INSERT INTO sitting VALUES (1, 7, 9, 1, 'open', 5, 0, 0, 0, 1, 0);"
                  "INSERT INTO delivery VALUES (1, 1, 7, 3, 1, 1, 9, 'planned', NULL, 0,"
                  " 'ru', 0);"
                  "INSERT INTO outbox (chat, class, kind, method, body, state,"
                  " expires_ms) VALUES (7, 0, 0, 'sendMessage', '{}', 'queued', 0)"),
        OK);
    db_close(db);
    db = opened(path);
    assert_string_equal(told(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                                 " AND name IN ('delivery', 'sitting', 'outbox')"
                                 " AND sql NOT LIKE '%(state IN (%'"),
                        "3");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(db_exec0(db, bad[i]), ERR_BAD_INPUT);
        assert_int_equal(db_exec0(db, good[i]), OK);
        assert_int_equal(db_changes(db), 1);
    }
    assert_string_equal(told(db, "PRAGMA integrity_check"), "ok");
    told(db, "PRAGMA writable_schema = ON"); /* a migration's alone */
    assert_string_equal(told(db, "UPDATE sqlite_schema SET sql = sql"),
                        "table sqlite_master may not be modified");
    db_close(db);
}

static void die_in_sql(sqlite3_context *c, int n, sqlite3_value **v)
{
    (void)c, (void)n, (void)v;
    raise(SIGKILL);
}

static void a_kill_between_two_migrations_is_mended_by_the_next_start(void **state)
{
    (void)state;
    const char *sql[PLAN_MAX], *path = in_dir("between.db");
    int n = plan(sql, "CREATE TABLE a (x)",
                 "CREATE TABLE b (x); INSERT INTO b VALUES (1); SELECT die();",
                 "CREATE TABLE c (x)");
    pid_t child = fork();
    if (child == 0) {
        struct db *db = NULL;
        const char *why;
        if (db_open(path, &db, &why) == OK &&
            !sqlite3_create_function(db_handle(db), "die", 0, SQLITE_UTF8, NULL, die_in_sql,
                                     NULL, NULL))
            db_migrate(db, sql, n);
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    struct db *db = NULL;
    const char *why = "";
    assert_int_equal(db_open(path, &db, &why), ERR_BAD_INPUT); /* it has one too many */
    assert_non_null(strstr(why, "newer"));
    assert_int_equal(db_open_plain(path, &db), OK);
    assert_int_equal(version(db), 1);
    assert_string_equal(told(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"),
                        "0");
    n = plan(sql, "CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x)");
    assert_int_equal(db_migrate(db, sql, n), OK);
    assert_int_equal(version(db), 3);
    assert_string_equal(told(db, "PRAGMA integrity_check"), "ok");
    db_close(db);
}

/* ---- settings ---- */

static void the_settings_are_really_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"PRAGMA synchronous", "2"},
        {"PRAGMA journal_mode", "wal"},
        {"PRAGMA locking_mode", "exclusive"},
        {"PRAGMA foreign_keys", "1"},
        {"PRAGMA secure_delete", "1"},
        {"PRAGMA trusted_schema", "0"},
        {"PRAGMA cell_size_check", "1"},
        {"PRAGMA temp_store", "2"},
        {"PRAGMA mmap_size", "0"},
        {"PRAGMA application_id", "1399808613"}, /* "Sobe" */
        {"PRAGMA encoding", "UTF-8"},
        {"SELECT \"no such column\"", "no such column: no such column"},
        {"INSERT INTO sqlite_schema (name) VALUES ('x')",
         "table sqlite_master may not be modified"},
    };
    for (int again = 0; again < 2; again++) {
        struct db *db = opened(in_dir("settings.db"));
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (strcmp(told(db, rows[i].sql), rows[i].want) != 0)
                fail_msg("%s: %s", rows[i].sql, told(db, rows[i].sql));
        assert_int_not_equal(access(in_dir("settings.db-shm"), F_OK), 0);
        db_close(db);
    }
}

static void what_is_deleted_is_not_in_the_file(void **state)
{
    (void)state;
    static const char secret[] = "Secret/Zone-of-a-person-who-left";
    struct buf file = {0};
    struct db *db = opened(in_dir("secret.db"));
    assert_int_equal(db_exec(db,
                             "INSERT INTO learner (id, lang, zone, at_min)"
                             " VALUES (1, 'ru', ?1, 0)",
                             A(secret)),
                     OK);
    db_close(db); /* it reaches the file itself */
    assert_int_equal(file_read(in_dir("secret.db"), &file), OK);
    assert_true(holds(&file, secret));
    db = opened(in_dir("secret.db"));
    assert_int_equal(db_exec0(db, "DELETE FROM learner"), OK);
    db_close(db);
    buf_reset(&file);
    assert_int_equal(file_read(in_dir("secret.db"), &file), OK);
    assert_false(holds(&file, secret));
    buf_free(&file);
}

/* ---- transactions ---- */

#define KEYS \
    "SELECT coalesce(group_concat(key, ''), '') FROM (SELECT key FROM meta ORDER BY key)"

static enum err put(struct db *db, const char *key)
{
    return db_exec(db, "INSERT INTO meta (key, value) VALUES (?1, 1)", A(key));
}

static void an_undo_takes_back_to_the_savepoint_and_no_further(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("undo.db"));
    db_rollback(db); /* fine when nothing is open */
    assert_int_equal(db_begin(db), OK);
    assert_true(db_in_transaction(db));
    assert_int_equal(put(db, "a"), OK);
    assert_int_equal(db_savepoint(db), OK);
    assert_int_equal(put(db, "b"), OK);
    assert_int_equal(db_savepoint(db), OK); /* nested */
    assert_int_equal(put(db, "c"), OK);
    assert_int_equal(db_undo(db), OK);
    assert_string_equal(told(db, KEYS), "ab");
    assert_int_equal(put(db, "d"), OK);
    assert_int_equal(put(db, "a"), ERR_BAD_INPUT); /* a handler's own mistake */
    assert_true(db_in_transaction(db));
    assert_int_equal(db_undo(db), OK);
    assert_string_equal(told(db, KEYS), "a");
    assert_int_equal(db_savepoint(db), OK);
    assert_int_equal(put(db, "e"), OK);
    assert_int_equal(db_release(db), OK);
    assert_int_equal(db_commit(db), OK);
    assert_false(db_in_transaction(db));
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "f"), OK);
    db_rollback(db);
    assert_string_equal(told(db, KEYS), "ae");
    assert_int_equal(db_commit(db), ERR_DB); /* there is nothing to commit */
    db_close(db);
}

/* As SQLite does by itself when memory or the disk fails in the middle. */
static void what_comes_after_sqlite_has_rolled_back_is_not_done(void **state)
{
    int64_t n = 0;
    (void)state;
    struct db *db = opened(in_dir("alone.db"));
    assert_int_equal(put(db, "a"), OK);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "b"), OK);
    assert_int_equal(sqlite3_exec(db_handle(db), "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(put(db, "c"), ERR_DB);
    assert_int_equal(db_one_int(db, &n, "SELECT 1"), ERR_DB);
    assert_int_equal(db_script(db, "INSERT INTO meta VALUES ('d', 1)"), ERR_DB);
    assert_int_equal(db_savepoint(db), ERR_DB);
    assert_int_equal(db_commit(db), ERR_DB);
    assert_string_equal(told(db, KEYS), "a");
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "e"), OK);
    assert_int_equal(sqlite3_exec(db_handle(db), "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    db_rollback(db);
    assert_int_equal(put(db, "f"), OK);
    assert_string_equal(told(db, KEYS), "af");
    db_close(db);
}

/* A query that was left by db_end() must not keep a commit or an undo from happening. */
static void a_query_left_early_holds_nothing(void **state)
{
    (void)state;
    struct query q;
    struct db *db = opened(in_dir("early.db"));
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "a"), OK);
    assert_int_equal(put(db, "b"), OK);
    db_query0(db, &q, "SELECT key FROM meta");
    assert_true(db_next(&q));
    db_end(&q);
    db_end(&q); /* twice is once */
    assert_false(db_next(&q));
    assert_int_equal(q.err, OK);
    assert_int_equal(db_commit(db), OK);
    db_close(db);
}

static int refuse_commit(void *arg)
{
    (void)arg;
    return 1;
}

static void a_commit_that_fails_is_rolled_back(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("commit.db"));
    sqlite3_commit_hook(db_handle(db), refuse_commit, NULL);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "a"), OK);
    assert_int_equal(db_commit(db), ERR_DB);
    assert_false(db_in_transaction(db));
    sqlite3_commit_hook(db_handle(db), NULL, NULL);
    assert_string_equal(told(db, KEYS), "");
    assert_int_equal(put(db, "b"), OK);
    db_close(db);
}

static void a_full_disk_is_trouble_that_passes(void **state)
{
    (void)state;
    char big[20000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    struct db *db = opened(in_dir("full.db"));
    char pages[80];
    snprintf(pages, sizeof pages, "PRAGMA max_page_count = %d",
             atoi(told(db, "PRAGMA page_count")) + 1);
    told(db, pages);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put(db, "a"), OK);
    assert_int_equal(db_exec(db,
                             "INSERT INTO dead (source, cause, summary, error, at_ms)"
                             " VALUES ('update', 1, ?1, '', 0)",
                             A(big)),
                     ERR_DB);
    db_rollback(db);
    assert_string_equal(told(db, KEYS), "");
    told(db, "PRAGMA max_page_count = 1000000");
    assert_int_equal(db_exec(db,
                             "INSERT INTO dead (source, cause, summary, error, at_ms)"
                             " VALUES ('update', 1, ?1, '', 0)",
                             A(big)),
                     OK);
    db_close(db);
}

static void a_broken_constraint_is_bad_input(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "INSERT INTO meta (key, value) VALUES ('a', 1)",
        "INSERT INTO meta (key, value) VALUES ('b', NULL)",
        "INSERT INTO meta (key, value) VALUES ('b', 'text')",
        "INSERT INTO learner (id, lang, zone, at_min) VALUES (1, 'ru', 'Etc/UTC', 1440)",
        "INSERT INTO learner (id, lang, zone, at_min) VALUES (1, 'de', 'Etc/UTC', 1)",
        "INSERT INTO subscription (learner, topic) VALUES (404, 'django')",
        "INSERT INTO lane (chat, class, ready_ms, head) VALUES (1, NULL, 0, 1)",
        "INSERT INTO served (learner, day, topic, sitting) VALUES (404, 1, 'django', 404)",
        "INSERT INTO lane (chat, class, ready_ms, head, busy) VALUES (1, 0, 0, 1, 2)",
    };
    struct db *db = opened(in_dir("broken.db"));
    assert_int_equal(put(db, "a"), OK);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        enum err e = db_exec0(db, broken[i]);
        if (e != ERR_BAD_INPUT)
            fail_msg("%s: %s", broken[i], err_text(e));
    }
    assert_string_equal(told(db, KEYS), "a");
    db_close(db);
}

/* The key of `served` is the last wall: whoever forgets to look is refused. */
static void a_topic_has_one_scheduled_sitting_a_day(void **state)
{
    (void)state;
    enum { ANNA = 7, DAY = 20000, FIRST = 1, SECOND = 2 };
    struct db *db = opened(in_dir("twice.db"));
    told(db, "INSERT INTO learner (id, lang, zone, at_min) VALUES (7, 'ru', 'Etc/UTC', 1)");
    told(db, "INSERT INTO sitting (id, learner, day, scheduled, state, size, end_ms) VALUES"
             " (1, 7, 20000, 1, 'open', 5, 0), (2, 7, 20000, 1, 'open', 5, 0)");
    assert_int_equal(served_add(db, ANNA, DAY, "django", FIRST), OK);
    assert_int_equal(served_add(db, ANNA, DAY, "django", SECOND), ERR_BAD_INPUT);
    assert_int_equal(served_add(db, ANNA, DAY, "python", SECOND), OK);
    assert_int_equal(served_add(db, ANNA, DAY + 1, "django", SECOND), OK);
    assert_string_equal(told(db, "SELECT count(*) FROM served"), "3");
    db_close(db);
}

static void numbers_and_texts_come_back_as_they_went_in(void **state)
{
    (void)state;
    static const int64_t ints[] = {
        0, 1, -1, INT32_MAX, INT64_MAX, INT64_MIN, (1LL << 53) + 1, -1002147483648LL};
    static const double reals[] = {0, 0.1, -1e-300, 1.0 / 3, 36500, 0x1.fffffffffffffp1023};
    static const char *const texts[] = {"", "a", "Ж 🦊 \"'\\ \n",
                                        "%s ?1 '; DROP TABLE meta"};
    struct arena a = {0};
    struct query q;
    struct db *db = opened(in_dir("values.db"));
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
        int64_t got = 5;
        assert_int_equal(db_one_int(db, &got, "SELECT ?1", A(ints[i])), OK);
        assert_true(got == ints[i]);
    }
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        db_query(db, &q, "SELECT ?1, ?2", A(reals[i]), A_NULL);
        assert_true(db_next(&q));
        assert_true(db_real(&q, 0) == reals[i] && !db_null(&q, 0) && db_null(&q, 1));
        assert_true(db_int(&q, 1) == 0 && !db_text(&q, 1, &a));
        assert_false(db_next(&q));
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        db_query(db, &q, "SELECT ?1, ?2", A(texts[i]), A((const char *)NULL));
        assert_true(db_next(&q));
        assert_string_equal(db_text(&q, 0, &a), texts[i]);
        assert_true(db_null(&q, 1));
        db_end(&q);
    }
    int64_t none = 5;
    assert_int_equal(
        db_one_int(db, &none, "SELECT value FROM meta WHERE key = ?1", A("no")),
        ERR_NOT_FOUND);
    for (int64_t id = INT64_MAX - 1; id < INT64_MAX; id++) { /* ids of chats, to the end */
        assert_int_equal(
            db_exec(db, "INSERT INTO post (chat, message) VALUES (?1, ?2)", A(id), A(-id)),
            OK);
        assert_int_equal(
            db_one_int(db, &none, "SELECT message FROM post WHERE chat = ?1", A(id)), OK);
        assert_true(none == -id);
    }
    arena_free(&a);
    db_close(db);
}

static void a_statement_is_prepared_once(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("once.db"));
    assert_int_equal(put(db, "a"), OK);
    int n = db_statement_count(db);
    assert_int_equal(put(db, "b"), OK);
    assert_int_equal(db_statement_count(db), n);
    assert_non_null(strstr(sqlite3_sql(db_statement(db, n - 1)), "meta"));
    db_close(db);
}

/* ---- the bank ---- */

#define BANK_ID "PRAGMA application_id = 1399808610;" /* "Sobb" */

static void only_a_bank_of_our_format_is_attached(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sql;
        enum err err;
    } rows[] = {
        {"missing.db", NULL, ERR_NOT_FOUND},
        {"no/folder.db", NULL, ERR_NOT_FOUND},
        {"odd?mode=rwc", NULL, ERR_NOT_FOUND},
        {"empty.db", "", ERR_BAD_INPUT},
        {"other.db",
         "PRAGMA application_id = 5; PRAGMA user_version = 2; CREATE TABLE t (a)",
         ERR_BAD_INPUT},
        {"live.db", "PRAGMA application_id = 1399808613; PRAGMA user_version = 2",
         ERR_BAD_INPUT},
        {"format.db", BANK_ID "PRAGMA user_version = 3; CREATE TABLE t (a)", ERR_BAD_INPUT},
        {"no format.db", BANK_ID "CREATE TABLE t (a)", ERR_BAD_INPUT},
        {"old format.db", BANK_ID "PRAGMA user_version = 1; CREATE TABLE t (a)",
         ERR_BAD_INPUT},
        {"банк вопросов.db", BANK_ID "PRAGMA user_version = 2; CREATE TABLE topic (slug)",
         OK},
    };
    char path[500];
    struct db *db = opened(in_dir("main.db"));
    file_put(in_dir("junk.db"), "wb", 0, "this is not a database, not at all", 34);
    assert_int_equal(db_attach_bank(db, in_dir("junk.db")), ERR_BAD_INPUT);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].sql)
            made(rows[i].name, rows[i].sql);
        snprintf(path, sizeof path, "%s", in_dir(rows[i].name));
        enum err e = db_attach_bank(db, path);
        if (e != rows[i].err)
            fail_msg("%s: %s", rows[i].name, err_text(e));
        assert_string_equal(told(db, "SELECT count(*) FROM pragma_database_list"
                                     " WHERE name = 'bank'"),
                            e ? "0" : "1");
    }
    assert_string_equal(told(db, "INSERT INTO bank.topic VALUES ('x')"),
                        "attempt to write a readonly database");
    assert_string_equal(told(db, "ATTACH ':memory:' AS second"),
                        "too many attached databases - max 1");
    assert_int_equal(put(db, "a"), OK);
    db_close(db);
}

/* A bank as the compiler makes it, of which info holds `hash`. */
static const char *bank_made(const char *name, const char *hash)
{
    char marks[200];
    struct db *b = NULL;
    remove(in_dir(name));
    assert_int_equal(db_open_plain(in_dir(name), &b), OK);
    snprintf(marks, sizeof marks,
             BANK_ID "PRAGMA user_version = 2; INSERT INTO info VALUES ('hash', '%s')",
             hash);
    assert_int_equal(db_script(b, bank_sql), OK);
    assert_int_equal(db_script(b, marks), OK);
    db_close(b);
    return in_dir(name);
}

static const char reads_bank[] = "SELECT value FROM bank.info WHERE key = 'hash'";

static const char *hash_read(struct db *db, struct arena *a)
{
    struct query q;
    db_query0(db, &q, reads_bank);
    assert_true(db_next(&q));
    const char *hash = db_text(&q, 0, a);
    db_end(&q);
    return hash;
}

static void a_new_bank_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct arena a = {0};
    struct db *db = opened(in_dir("swap.db"));
    assert_int_equal(db_attach_bank(db, bank_made("bank.db", "one")), OK);
    assert_string_equal(hash_read(db, &a), "one");
    bank_made("bank.db.new", "two");
    char from[500];
    snprintf(from, sizeof from, "%s", in_dir("bank.db.new"));
    assert_int_equal(rename(from, in_dir("bank.db")), 0);
    assert_string_equal(hash_read(db, &a), "one"); /* until it is told */
    assert_int_equal(db_swap_bank(db, in_dir("bank.db")), OK);
    assert_string_equal(hash_read(db, &a), "two"); /* the same prepared statement */
    char hash[BANK_HASH_MAX];
    assert_int_equal(db_bank_hash(db, hash), OK);
    assert_string_equal(hash, "two");
    db_close(db);
    arena_free(&a);
}

static void a_bank_that_will_not_do_leaves_the_old_one_in_place(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sql; /* what spoils it; NULL: no such file */
        enum err err;
    } rows[] = {
        {"no.db", NULL, ERR_NOT_FOUND},
        {"column.db", "ALTER TABLE page DROP COLUMN html", ERR_BAD_INPUT},
        {"table.db", "DROP TABLE page", ERR_BAD_INPUT},
        {"quizzes.db", "DROP TABLE quiz", ERR_BAD_INPUT},
        {"hash.db", "DELETE FROM info", ERR_BAD_INPUT},
        {"version.db", "PRAGMA user_version = 3", ERR_BAD_INPUT},
        {"program.db", "PRAGMA application_id = 5", ERR_BAD_INPUT},
        {"damaged.db",
         "CREATE TABLE more (x); INSERT INTO more VALUES (zeroblob(100000));"
         "PRAGMA writable_schema = ON;"
         "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'more'",
         ERR_BAD_INPUT},
    };
    struct arena a = {0};
    struct db *db = opened(in_dir("keep.db"));
    assert_int_equal(db_attach_bank(db, bank_made("good.db", "good")), OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].sql) {
            struct db *b = NULL;
            bank_made(rows[i].name, "bad");
            assert_int_equal(db_open_plain(in_dir(rows[i].name), &b), OK);
            assert_int_equal(db_script(b, rows[i].sql), OK);
            db_close(b);
        }
        enum err e = db_swap_bank(db, in_dir(rows[i].name));
        if (e != rows[i].err)
            fail_msg("%s: %s", rows[i].name, err_text(e));
        assert_true(db_has_bank(db));
        assert_string_equal(hash_read(db, &a), "good");
    }
    db_close(db);
    arena_free(&a);
}

/* Not detached while a query runs, and nothing is lost by trying. */
static void a_bank_in_use_is_not_swapped(void **state)
{
    (void)state;
    struct query q;
    struct db *db = opened(in_dir("busy.db"));
    assert_int_equal(db_attach_bank(db, bank_made("busy bank.db", "one")), OK);
    db_query0(db, &q, reads_bank);
    assert_true(db_next(&q));
    assert_int_equal(db_swap_bank(db, in_dir("busy bank.db")), ERR_DB);
    db_end(&q);
    assert_true(db_has_bank(db));
    assert_int_equal(db_swap_bank(db, in_dir("busy bank.db")), OK);
    db_close(db);
}

static void a_path_too_long_is_no_bank(void **state)
{
    (void)state;
    char path[3000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct db *db = opened(in_dir("long.db"));
    assert_int_equal(db_attach_bank(db, path), ERR_NOT_FOUND);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_gets_the_whole_schema),
        cmocka_unit_test(a_second_opener_is_refused),
        cmocka_unit_test(a_killed_holder_leaves_no_lock),
        cmocka_unit_test(a_file_that_is_not_ours_is_named_and_left_as_it_was),
        cmocka_unit_test(damage_is_found_at_the_start_after_a_stop_that_was_not_clean),
        cmocka_unit_test(damage_that_is_met_is_said_once),
        cmocka_unit_test(a_migration_that_fails_leaves_a_whole_number_of_them),
        cmocka_unit_test(a_check_that_was_written_anew_still_holds),
        cmocka_unit_test(a_kill_between_two_migrations_is_mended_by_the_next_start),
        cmocka_unit_test(the_settings_are_really_in_force),
        cmocka_unit_test(what_is_deleted_is_not_in_the_file),
        cmocka_unit_test(an_undo_takes_back_to_the_savepoint_and_no_further),
        cmocka_unit_test(what_comes_after_sqlite_has_rolled_back_is_not_done),
        cmocka_unit_test(a_query_left_early_holds_nothing),
        cmocka_unit_test(a_commit_that_fails_is_rolled_back),
        cmocka_unit_test(a_full_disk_is_trouble_that_passes),
        cmocka_unit_test(a_broken_constraint_is_bad_input),
        cmocka_unit_test(a_topic_has_one_scheduled_sitting_a_day),
        cmocka_unit_test(numbers_and_texts_come_back_as_they_went_in),
        cmocka_unit_test(a_statement_is_prepared_once),
        cmocka_unit_test(only_a_bank_of_our_format_is_attached),
        cmocka_unit_test(a_new_bank_takes_the_place_of_the_old_one),
        cmocka_unit_test(a_bank_that_will_not_do_leaves_the_old_one_in_place),
        cmocka_unit_test(a_bank_in_use_is_not_swapped),
        cmocka_unit_test(a_path_too_long_is_no_bank),
    };
    return cmocka_run_group_tests(tests, folder, folder_away);
}
