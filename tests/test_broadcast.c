/* A broadcast to more people than one slice holds: each gets it once, whatever becomes of
 * single messages, and its counts agree with what has left. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/log.h"
#include "bot/base/tz.h"
#include "bot/talk/outcome.h"
#include "bot/talk/turn.h"
#include "db/backup.h"
#include "db/forget.h"
#include "db/outbox.h"
#include "db/restore.h"
#include "db/shelf.h"

/* People have the ids FIRST, FIRST + 2, ...; those between them come later. */
#define FIRST 7000000000LL
#define OPERATOR FIRST
enum { PEOPLE = 150, SLICE = 40, ROUNDS_MAX = 50 };

static char dir[400], path[450];
static struct bot bot;
static const int64_t operators[] = {OPERATOR, FIRST + 2, 0};
static int64_t now_ms;
static int got[2 * PEOPLE + 2]; /* messages that left for FIRST + i */
static int edits;               /* of the operator's message */

static void script(const char *sql)
{
    if (sqlite3_exec(db_handle(bot.db), sql, NULL, NULL, NULL))
        fail_msg("%s: %s", sqlite3_errmsg(db_handle(bot.db)), sql);
}

static int64_t one(const char *sql)
{
    sqlite3_stmt *s;
    int64_t v = -1;
    if (sqlite3_prepare_v2(db_handle(bot.db), sql, -1, &s, NULL))
        fail_msg("%s: %s", sqlite3_errmsg(db_handle(bot.db)), sql);
    if (sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

static int house(void **state)
{
    const char *tmp = getenv("TMPDIR"), *why = "";
    char sql[600];
    (void)state;
    now_ms = 1795330800000;
    memset(got, 0, sizeof got);
    edits = 0;
    snprintf(dir, sizeof dir, "%s/test_broadcast-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir) || !zone_init())
        return -1;
    snprintf(path, sizeof path, "%s/sobes.db", dir);
    bot = (struct bot){.username = "sobes_bot", .operators = operators};
    if (db_open(path, &bot.db, &why))
        return -1;
    snprintf(
        sql, sizeof sql,
        "INSERT INTO learner (id, lang, zone, at_min)"
        " WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
        " SELECT %lld + 2 * i, CASE i %% 3 WHEN 0 THEN 'en' ELSE 'ru' END, 'Etc/UTC', 0"
        " FROM c;"
        "INSERT INTO broadcast (token, operator, state, text_ru, text_en, until_ms,"
        " message, total) VALUES (7, %lld, 2, 'Привет', 'Hello', 0, 55, %d);"
        "INSERT INTO alarm VALUES ('news', 1, %" PRId64 ", 1, 0),"
        " ('news-told', 1, %" PRId64 ", 0, 0)",
        PEOPLE - 1, FIRST, OPERATOR, PEOPLE, now_ms, now_ms + 5000);
    script(sql);
    return 0;
}

static int house_down(void **state)
{
    char command[500];
    (void)state;
    db_close(bot.db);
    arena_free(&bot.arena);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

/* What happens to the messages of some people. */
static enum fate fate_of(int64_t chat)
{
    switch ((chat - FIRST) / 2) {
    case 3:
    case 77:
        return FATE_BLOCKED;
    case 5:
        return FATE_UNKNOWN;
    case 41:
        return FATE_REFUSED;
    default:
        return FATE_SENT;
    }
}

/* All that waits is sent; returns how many of it were broadcast's. */
static int send_all(void)
{
    struct lane lane;
    struct arena a = {0};
    struct outbox_row row;
    int lanes = 1, news = 0;
    while (lanes) {
        assert_int_equal(outbox_lanes(bot.db, now_ms, CLASS_BULK, &lane, 1, &lanes), OK);
        if (!lanes)
            break;
        assert_int_equal(db_begin(bot.db), OK);
        enum err e = outbox_take(bot.db, &a, lane.chat, &row);
        assert_int_equal(db_commit(bot.db), OK);
        if (e == ERR_NOT_FOUND)
            continue;
        bool ours = row.told && strcmp(row.told, "news.1") == 0;
        bool late = row.expires_ms <= now_ms;
        struct outcome o = {.row = row.id,
                            .fate = late   ? FATE_EXPIRED
                                    : ours ? fate_of(row.chat)
                                           : FATE_SENT,
                            .message = row.id,
                            .description = ""};
        edits += row.kind == KIND_EDIT;
        if (ours && !late) {
            assert_int_equal(row.kind, KIND_NUDGE);
            assert_non_null(
                strstr(row.body, (row.chat - FIRST) / 2 % 3 ? "Привет" : "Hello"));
            got[row.chat - FIRST]++;
            news++;
        }
        assert_int_equal(turn_outcomes(&bot, (struct moment){now_ms, 3}, &o, 1), OK);
    }
    arena_free(&a);
    return news;
}

static void run_alarms(void)
{
    bool more;
    assert_int_equal(turn_alarms(&bot, (struct moment){now_ms, 2}, true, &more), OK);
}

static void to_each_once(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS_MAX && one("SELECT state FROM broadcast") == 2; i++) {
        run_alarms();
        assert_true(one("SELECT count(*) FROM outbox WHERE told = 'news.1'") <= SLICE);
        if (i == 1) /* they come later, behind `after` and before it */
            script("INSERT INTO learner (id, lang, zone, at_min) VALUES"
                   " (7000000001, 'ru', 'Etc/UTC', 0), (7000000299, 'ru', 'Etc/UTC', 0)");
        if (i == 1) /* they have what waits for them taken back, and are gone */
            script("UPDATE learner SET state = 'stopped' WHERE id = 7000000298");
        send_all();
        now_ms += 2000;
    }
    assert_int_equal(one("SELECT state FROM broadcast"), 4);
    for (int i = 0; i < 2 * PEOPLE; i++)
        if (got[i] != (i % 2 == 0 && i != 298))
            fail_msg("%d messages to person %d", got[i], i);
    assert_int_equal(one("SELECT taken FROM broadcast"), PEOPLE - 1);
    assert_int_equal(one("SELECT sent FROM broadcast"), PEOPLE - 1 - 4);
    assert_int_equal(one("SELECT waiting FROM broadcast"), 0);
    assert_int_equal(one("SELECT operator FROM broadcast"), 0);
    assert_int_equal(one("SELECT count(*) FROM alarm WHERE kind LIKE 'news%'"), 0);
    assert_int_equal(one("SELECT count(*) FROM learner WHERE state = 'blocked'"), 2);
}

static void presses(int64_t person, const char *data)
{
    static int64_t id = 900000000;
    struct update u = {.id = id++,
                       .kind = UPDATE_BUTTON,
                       .chat = person,
                       .user = person,
                       .is_private = true,
                       .message = 55,
                       .name = "",
                       .lang = "ru",
                       .text = data,
                       .query = "1"};
    int done;
    assert_int_equal(turn_updates(&bot, (struct moment){now_ms, 5}, &u, 1, &done), OK);
}

static void stopped_is_stopped(void **state)
{
    (void)state;
    run_alarms();
    assert_int_equal(send_all(), SLICE);
    run_alarms();
    presses(FIRST + 2, "news.stop.0000000000000007"); /* an operator, but not hers */
    presses(FIRST + 4, "news.stop.0000000000000007");
    presses(OPERATOR, "news.stop.7");
    presses(OPERATOR, "news.send.0000000000000007");
    assert_int_equal(one("SELECT state FROM broadcast"), 2);
    presses(OPERATOR, "news.stop.0000000000000007");
    assert_int_equal(one("SELECT state FROM broadcast"), 3);
    for (int i = 0; i < ROUNDS_MAX && one("SELECT operator FROM broadcast"); i++) {
        now_ms += 2000;
        run_alarms();
        assert_int_equal(send_all(), 0);
    }
    assert_int_equal(one("SELECT state FROM broadcast"), 3);
    assert_int_equal(one("SELECT taken FROM broadcast"), 2 * SLICE);
    assert_int_equal(one("SELECT waiting FROM broadcast"), 0);
    assert_int_equal(one("SELECT count(*) FROM outbox WHERE told IS NOT NULL"), 0);
    assert_int_equal(one("SELECT count(*) FROM alarm WHERE kind LIKE 'news%'"), 0);
}

/* The alarm of the next slice was set by the old clock. */
static void goes_on_when_the_clock_is_set_back(void **state)
{
    const int64_t back_ms = 6 * 3600 * 1000;
    (void)state;
    run_alarms();
    assert_int_equal(send_all(), SLICE);
    now_ms -= back_ms;
    assert_int_equal(turn_clock_moved(&bot, (struct moment){now_ms, 4}, -back_ms), OK);
    for (int i = 0; i < ROUNDS_MAX && one("SELECT state FROM broadcast") == 2; i++) {
        now_ms += 2000;
        run_alarms();
        send_all();
    }
    assert_int_equal(one("SELECT state FROM broadcast"), 4);
    assert_int_equal(one("SELECT taken FROM broadcast"), PEOPLE);
}

static void goes_on(void)
{
    for (int i = 0; i < ROUNDS_MAX && one("SELECT operator FROM broadcast"); i++) {
        run_alarms();
        send_all();
        now_ms += 2000;
    }
}

/* What the database `from` holds, in a file of schema n. */
static void older(const char *from, const char *to, int n)
{
    static const char each[] =
        "SELECT printf('INSERT OR REPLACE INTO main.%s (%s) SELECT %s FROM now.%s', name, "
        "c, c,"
        " name) FROM (SELECT t.name, (SELECT group_concat(name) FROM "
        "pragma_table_info(t.name))"
        " AS c FROM sqlite_schema t WHERE type = 'table' AND name NOT LIKE 'sqlite%')";
    char sql[600];
    sqlite3_stmt *s = NULL;
    assert_int_equal(db_open_plain(to, &bot.db), OK);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; ATTACH '%s' AS now",
             DB_APPLICATION_ID, from);
    script(sql);
    assert_int_equal(db_migrate(bot.db, db_migrations, n), OK);
    assert_int_equal(sqlite3_prepare_v2(db_handle(bot.db), each, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        script((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    db_close(bot.db);
    bot.db = NULL;
}

/* The backup was made half way: who comes after its half has had theirs since. */
static void restored_is_over(int schema)
{
    char copy[500], was[500], kept[SHELF_PATH], why[BACKUP_WHY];
    const char *trouble = "";
    int erased = 0;
    run_alarms();
    assert_int_equal(send_all(), SLICE);
    run_alarms();
    snprintf(copy, sizeof copy, "%s/copy.db", dir);
    snprintf(was, sizeof was, "%s/was.db", dir);
    assert_int_equal(backup_copy(bot.db, copy, why), OK);
    goes_on();
    db_close(bot.db);
    older(copy, was, schema);
    if (restore(was, path, now_ms, kept, &erased, why))
        fail_msg("%s", why);
    assert_int_equal(db_open(path, &bot.db, &trouble), OK);
    assert_int_equal(turn_boot(&bot, (struct moment){now_ms, 6}), OK);
    goes_on();
    for (int i = 0; i < 2 * PEOPLE; i += 2)
        if (got[i] != 1)
            fail_msg("%d messages to person %d", got[i], i);
    assert_int_equal(one("SELECT state FROM broadcast"), 3);
    assert_int_equal(one("SELECT taken FROM broadcast"), 2 * SLICE);
    assert_int_equal(one("SELECT waiting FROM broadcast"), 0);
}

static void a_restored_one_is_over(void **state)
{
    (void)state;
    restored_is_over(db_migration_count);
}

static void so_is_one_of_an_older_schema(void **state)
{
    (void)state;
    restored_is_over(6);
}

/* What is under way goes on: to everybody else it is as it was. */
static void an_operator_who_blocks_us_is_left_alone(void **state)
{
    (void)state;
    script("INSERT INTO post (chat, message) VALUES (7000000000, 55)");
    run_alarms();
    send_all();
    now_ms += 6000;
    run_alarms();
    send_all();
    assert_int_equal(edits, 1);
    script("UPDATE learner SET state = 'blocked' WHERE id = 7000000000");
    goes_on();
    assert_int_equal(edits, 1);
    assert_int_equal(one("SELECT state FROM broadcast"), 4);
}

/* As many as wait at once: see sender_has_room(). */
static void all_that_waits_is_recalled(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        run_alarms();
    assert_int_equal(one("SELECT waiting FROM broadcast"), 3 * SLICE);
    presses(OPERATOR, "news.stop.0000000000000007");
    assert_int_equal(send_all(), 0);
}

static void who_is_erased_sends_no_more(void **state)
{
    int64_t rows;
    (void)state;
    for (int i = 0; i < 3; i++)
        run_alarms();
    assert_int_equal(db_begin(bot.db), OK);
    assert_int_equal(person_erase(bot.db, OPERATOR, &rows), OK);
    assert_int_equal(db_commit(bot.db), OK);
    assert_int_equal(one("SELECT waiting FROM broadcast"), 3 * SLICE - 1); /* their own */
    assert_int_equal(send_all(), 0);
}

static void presses_without_end_are_not_answered_without_end(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++)
        presses(FIRST + 8, i % 2 ? "news.off" : "news.on");
    assert_true(one("SELECT count(*) FROM outbox WHERE chat = 7000000008") <= 30);
    assert_int_equal(one("SELECT news FROM learner WHERE id = 7000000008"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_erased_sends_no_more, house, house_down),
        cmocka_unit_test_setup_teardown(presses_without_end_are_not_answered_without_end,
                                        house, house_down),
        cmocka_unit_test_setup_teardown(all_that_waits_is_recalled, house, house_down),
        cmocka_unit_test_setup_teardown(an_operator_who_blocks_us_is_left_alone, house,
                                        house_down),
        cmocka_unit_test_setup_teardown(a_restored_one_is_over, house, house_down),
        cmocka_unit_test_setup_teardown(so_is_one_of_an_older_schema, house, house_down),
        cmocka_unit_test_setup_teardown(goes_on_when_the_clock_is_set_back, house,
                                        house_down),
        cmocka_unit_test_setup_teardown(to_each_once, house, house_down),
        cmocka_unit_test_setup_teardown(stopped_is_stopped, house, house_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
