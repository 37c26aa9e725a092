/* Copies of an open database and the folder that they lie in: what is written meanwhile is
 * in them, a copy that fails leaves nothing, only backups are ever deleted; and the driver
 * of it in a loop, whose child does not do what it should. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "bot/net/backups.h"
#include "db/backup.h"
#include "db/restore.h"
#include "db/shelf.h"

#define MINUTE_MS (60 * 1000LL)
#define NOW_MS 1795399200000LL /* 2026-11-23 02:00:00 UTC */
#define HALF_PAST_THREE (NOW_MS + 90 * MINUTE_MS)

static char dir[400];

static const char *in_dir(const char *name)
{
    static char path[4][500];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", dir, name);
    return path[at];
}

static int folder(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(dir, sizeof dir, "%s/test_backup-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(dir) ? 0 : -1;
}

static int folder_away(void **state)
{
    char command[500];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
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

/* A thousand pages and more. */
static void fill(struct db *db)
{
    for (int i = 0; i < 1000; i++)
        assert_int_equal(db_exec(db,
                                 "INSERT INTO dead(source, cause, summary, error, at_ms)"
                                 " VALUES ('t', ?1, hex(zeroblob(2500)), '', 0)",
                                 A(i)),
                         OK);
}

static int64_t dead_rows(struct db *db)
{
    int64_t n = -1;
    assert_int_equal(db_one_int(db, &n, "SELECT count(*) FROM dead WHERE id > ?1", A(-1)),
                     OK);
    return n;
}

static int64_t rows_in(const struct backup_facts *f, const char *table)
{
    for (int i = 0; i < f->tables; i++)
        if (strcmp(f->table[i].name, table) == 0)
            return f->table[i].rows;
    return -1;
}

static void a_copy_in_steps_holds_what_is_written_meanwhile(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("live.db"));
    struct backup *b = NULL;
    struct backup_facts facts;
    struct stat st;
    char why[BACKUP_WHY] = "";
    bool done = false;
    int steps = 0;
    fill(db);
    assert_int_equal(backup_begin(db, in_dir("copy.db"), &b, why), OK);
    for (; !done; steps++) {
        assert_int_equal(backup_step(b, &done, why), OK);
        if (!done) /* pages at the front, copied already, and new ones at the end */
            assert_int_equal(
                db_exec(db,
                        "INSERT INTO dead(source, cause, summary, error, at_ms)"
                        " VALUES ('m', ?1, '', '', 1)",
                        A(steps)),
                OK);
        assert_true(steps < 100); /* it does not begin anew at each write */
    }
    assert_true(steps > 10);
    assert_int_equal(backup_end(b, why), OK);
    int64_t want = dead_rows(db);
    assert_int_equal(want, 1000 + steps - 1);
    if (backup_verify(in_dir("copy.db"), &facts, why))
        fail_msg("%s", why);
    assert_int_equal(rows_in(&facts, "dead"), want);
    assert_int_equal(facts.schema, db_migration_count);
    assert_int_equal(stat(in_dir("copy.db"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(there(in_dir("copy.db-wal")));
    db_close(db);
}

static void a_rollback_begins_it_anew_and_spoils_nothing(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("rolled.db"));
    struct backup *b = NULL;
    struct backup_facts facts;
    char why[BACKUP_WHY] = "";
    bool done = false;
    fill(db);
    assert_int_equal(backup_begin(db, in_dir("rolled-copy.db"), &b, why), OK);
    for (int i = 0; !done; i++) {
        assert_int_equal(backup_step(b, &done, why), OK);
        if (i == 5) {
            assert_int_equal(db_begin(db), OK);
            assert_int_equal(db_exec0(db, "UPDATE dead SET summary = 'gone'"), OK);
            db_rollback(db);
        }
    }
    assert_int_equal(backup_end(b, why), OK);
    if (backup_verify(in_dir("rolled-copy.db"), &facts, why))
        fail_msg("%s", why);
    assert_int_equal(rows_in(&facts, "dead"), 1000);
    db_close(db);
    assert_int_equal(db_open_stopped(in_dir("rolled-copy.db"), &db, &(const char *){0}),
                     OK);
    int64_t n = -1;
    assert_int_equal(
        db_one_int(db, &n, "SELECT count(*) FROM dead WHERE summary = ?1", A("gone")), OK);
    assert_int_equal(n, 0);
    db_close(db);
}

static void a_copy_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct db *db = opened(in_dir("big.db"));
    char why[BACKUP_WHY] = "";
    struct rlimit was, little;
    fill(db);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    for (rlim_t size = 0; size < 2000000; size += 300000) {
        little = (struct rlimit){.rlim_cur = size, .rlim_max = was.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
        enum err e = backup_copy(db, in_dir("little.db"), why);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        assert_int_equal(e, ERR_DB);
        assert_non_null(strstr(why, "the disk"));
        assert_false(there(in_dir("little.db")));
        assert_int_equal(dead_rows(db), 1000);
    }
    assert_int_equal(backup_copy(db, in_dir("no/such.db"), why), ERR_DB);
    assert_int_equal(backup_copy(db, in_dir("little.db"), why), OK);
    assert_int_equal(backup_copy(db, in_dir("little.db"), why), ERR_DB); /* it is there */
    struct backup *b = NULL;
    bool done = false;
    assert_int_equal(backup_begin(db, in_dir("half.db"), &b, why), OK);
    assert_int_equal(backup_step(b, &done, why), OK);
    assert_int_equal(backup_end(b, why), OK); /* given up */
    assert_false(there(in_dir("half.db")));
    db_close(db);
}

static void touch(const char *folder_path, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder_path, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
}

static void names_sort_and_only_they_go(void **state)
{
    (void)state;
    static const char *const strangers[] = {
        "sobes-20260101-000000Z.db-wal", "sobes-2026010a-000000Z.db", "sobes-.db", "notes",
        "Sobes-20260101-000000Z.db",     "sobes-20260101-000000.db"};
    char name[SHELF_NAME], path[SHELF_PATH], old[64];
    const char *shelf = in_dir("a/b/shelf");
    assert_true(shelf_open(shelf));
    assert_true(shelf_open(shelf));
    assert_int_equal(shelf_newest_ms(shelf, NOW_MS), 0);
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        touch(shelf, strangers[i]);
    for (int i = 0; i < 20; i++) {
        snprintf(old, sizeof old, "sobes-202601%02d-033000Z.db", i + 1);
        touch(shelf, old);
    }
    touch(shelf, "sobes-21000101-033000Z.db"); /* the clock was wrong once */
    assert_int_equal(shelf_newest_ms(shelf, NOW_MS),
                     1768879800000LL); /* 2026-01-20 03:30 */
    assert_true(shelf_new(shelf, path));
    touch(shelf, ".new");
    assert_int_equal(shelf_keep(shelf, NOW_MS + 999, name), OK);
    assert_string_equal(name, "sobes-20261123-020000Z.db");
    assert_false(there(path));
    assert_int_equal(shelf_newest_ms(shelf, NOW_MS), NOW_MS);
    for (int i = 0; i < 20; i++) {
        snprintf(path, sizeof path, "%s/sobes-202601%02d-033000Z.db", shelf, i + 1);
        assert_int_equal(there(path), i >= 8);
    }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        snprintf(path, sizeof path, "%s/%s", shelf, strangers[i]);
        assert_true(there(path));
    }
    touch(shelf, ".new"); /* two in one second: the one before stays */
    assert_int_equal(shelf_keep(shelf, NOW_MS, name), OK);
    assert_string_equal(name, "sobes-20261123-020001Z.db");
    snprintf(path, sizeof path, "%s/sobes-20261123-020000Z.db", shelf);
    assert_true(there(path));
    assert_int_equal(shelf_keep(shelf, NOW_MS, name), ERR_DB); /* nothing new is there */
    touch(dir, "file");
    assert_false(shelf_open(in_dir("file")));
    assert_false(shelf_open(in_dir("file/shelf")));
}

/* Runs the driver at a standing clock until it wants nothing but the clock to move. */
static void drive(uv_loop_t *uv, struct backups *b, int64_t now_ms)
{
    for (int i = 0; i < 20000; i++) {
        backups_run(b, now_ms);
        if (backups_next_ms(b) > now_ms && backups_next_ms(b) != INT64_MAX)
            return;
        uv_run(uv, backups_next_ms(b) == INT64_MAX ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    }
    fail_msg("it does not come to an end");
}

static int count_in(const char *folder_path)
{
    char command[600], out[20] = "";
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder_path);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_non_null(fgets(out, sizeof out, p));
    pclose(p);
    return atoi(out);
}

static void the_driver_keeps_what_its_child_calls_good(void **state)
{
    (void)state;
    static const struct {
        const char *program;
        int files;
    } rows[] = {{"/bin/true", 1}, {"/bin/false", 0}, {"/no/such/program", 0}};
    struct db *db = opened(in_dir("driven.db"));
    fill(db);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shelf[500];
        uv_loop_t uv;
        snprintf(shelf, sizeof shelf, "%s/driven-%zu", dir, i);
        uv_loop_init(&uv);
        struct backups *b = backups_new(&uv, db, shelf, rows[i].program, NOW_MS);
        int64_t first_ms = backups_next_ms(b);
        assert_int_equal(first_ms, NOW_MS + 60 * MINUTE_MS);
        backups_run(b, first_ms - 1);
        assert_false(there(shelf));
        drive(&uv, b, first_ms);
        assert_int_equal(count_in(shelf), rows[i].files);
        assert_int_equal(backups_next_ms(b),
                         rows[i].files ? HALF_PAST_THREE : first_ms + 60 * MINUTE_MS);
        backups_ask(b);
        assert_true(backups_next_ms(b) <= NOW_MS);
        drive(&uv, b, HALF_PAST_THREE + 1000);
        assert_int_equal(count_in(shelf), 2 * rows[i].files);
        if (rows[i].files)
            assert_int_equal(backups_next_ms(b), HALF_PAST_THREE + 24 * 60 * MINUTE_MS);
        drive(&uv, b, NOW_MS - 400 * 24 * 60 * MINUTE_MS); /* the clock was set back */
        assert_true(backups_next_ms(b) <= NOW_MS - 399 * 24 * 60 * MINUTE_MS);
        backups_ask(b);
        backups_run(b, NOW_MS); /* given up in the middle */
        backups_free(b);
        uv_run(&uv, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&uv), 0);
        assert_int_equal(count_in(shelf), 2 * rows[i].files);
    }
    db_close(db);
}

/* Backups of another time stay on the shelf, whoever makes how many now: whom they would
 * bring back is not forgotten before they are. */
static void the_erased_are_listed_as_long_as_a_backup_holds_them(void **state)
{
    (void)state;
    static const struct {
        int old; /* the year of what is there */
        int64_t now_ms;
        bool listed;
    } rows[] = {{2100, NOW_MS, true}, /* the clock was wrong once */
                {2026, 1000, true},   /* it is now: 1970 */
                {2025, NOW_MS, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char list[600], shelf[500], old[64], line[64] = "";
        uv_loop_t uv;
        struct db *db = opened(in_dir("small.db"));
        snprintf(shelf, sizeof shelf, "%s/listed-%zu", dir, i);
        snprintf(list, sizeof list, "%s/listed-%zu.erased", dir, i);
        assert_true(shelf_open(shelf));
        for (int month = 1; month <= SHELF_KEEPS; month++) {
            snprintf(old, sizeof old, "sobes-%d%02d01-033000Z.db", rows[i].old, month);
            touch(shelf, old);
        }
        db_set_beside(db, list);
        FILE *f = fopen(list, "w");
        fputs("\ne 1 7;", f);
        fclose(f);
        uv_loop_init(&uv);
        struct backups *b = backups_new(&uv, db, shelf, "/bin/true", rows[i].now_ms);
        for (int n = 0; n < SHELF_KEEPS + 3; n++) {
            backups_ask(b);
            drive(&uv, b, rows[i].now_ms + n * 1000);
        }
        assert_int_equal(shelf_newest_ms(shelf, rows[i].now_ms + 60 * MINUTE_MS),
                         rows[i].now_ms + (SHELF_KEEPS + 2) * 1000); /* it is kept */
        backups_free(b);
        uv_run(&uv, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&uv), 0);
        db_close(db);
        f = fopen(list, "r");
        while (strncmp(line, "e 1 7;", 6) != 0 && fgets(line, sizeof line, f))
            ;
        fclose(f);
        assert_int_equal(strncmp(line, "e 1 7;", 6) == 0, rows[i].listed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_erased_are_listed_as_long_as_a_backup_holds_them),
        cmocka_unit_test(a_copy_in_steps_holds_what_is_written_meanwhile),
        cmocka_unit_test(a_rollback_begins_it_anew_and_spoils_nothing),
        cmocka_unit_test(a_copy_that_fails_leaves_nothing),
        cmocka_unit_test(names_sort_and_only_they_go),
        cmocka_unit_test(the_driver_keeps_what_its_child_calls_good),
    };
    return cmocka_run_group_tests(tests, folder, folder_away);
}
