/* What is stored about people is listed (bot/talk/kept.h), and what is listed is erased.
 * The list is compared with the schema of a fresh database; a canary with rows in every
 * table of it says /forget, and then neither her number nor her name is found anywhere: not
 * in a row, not in the bytes of the file and its log, not in what the bot has logged.
 * Before that /export gives her every row of hers and nothing of another's. */
#define _GNU_SOURCE /* memmem */
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
#include <unistd.h>

#include "bot/base/file.h"
#include "bot/base/json.h"
#include "bot/base/log.h"
#include "bot/talk/kept.h"
#include "bot/talk/outcome.h"
#include "bot/talk/turn.h"
#include "db/export.h"
#include "db/forget.h"
#include "db/outbox.h"

#define LOG_MOD "test"

/* 52 bits, as many as Telegram's ids may have; the neighbours come before and after. */
#define CANARY 3377135918273645
#define NAME "Kanareyka"
#define CLUB (-1001234567890)
#define DAY_MS 86400000LL
enum { NEIGHBOURS = 400 };

static char dir[400], path[450], wal[460], logged[460];
static struct bot bot;
static int64_t now_ms = 1795330800000, next_update = 900000000;

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

/* Calls `with` for each row of two texts. */
static int each(const char *sql, void (*with)(const char *a, const char *b))
{
    sqlite3_stmt *s;
    int n = 0;
    if (sqlite3_prepare_v2(db_handle(bot.db), sql, -1, &s, NULL))
        fail_msg("%s: %s", sqlite3_errmsg(db_handle(bot.db)), sql);
    for (; sqlite3_step(s) == SQLITE_ROW; n++)
        with((const char *)sqlite3_column_text(s, 0),
             (const char *)sqlite3_column_text(s, 1));
    sqlite3_finalize(s);
    return n;
}

static int house(void **state)
{
    const char *tmp = getenv("TMPDIR"), *why = "";
    (void)state;
    snprintf(dir, sizeof dir, "%s/test_privacy-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/sobes.db", dir);
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(logged, sizeof logged, "%s/log", dir);
    bot = (struct bot){.username = "sobes_bot"};
    if (db_open(path, &bot.db, &why))
        return -1;
    return turn_boot(&bot, (struct moment){now_ms, 1});
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

/* ---- the list is the schema ---- */

static const struct kept *kept_of(const char *table)
{
    for (int i = 0; i < kept_n; i++)
        if (strcmp(kept[i].table, table) == 0)
            return &kept[i];
    return NULL;
}

static void is_listed(const char *table, const char *columns)
{
    const struct kept *k = kept_of(table);
    if (!k)
        fail_msg("table %s is not in bot/talk/kept.c: say what it is about", table);
    else if (strcmp(k->columns, columns) != 0)
        fail_msg("table %s has other columns than bot/talk/kept.c says:\n%s\n%s", table,
                 columns, k->columns);
}

static void every_table_and_column_is_listed(void **state)
{
    (void)state;
    int n = each("SELECT name, (SELECT group_concat(name, ' ') FROM"
                 " (SELECT name FROM pragma_table_info(t.name) ORDER BY cid))"
                 " FROM sqlite_schema t WHERE type = 'table'",
                 is_listed);
    assert_int_equal(n, kept_n);
}

/* What is listed is told, each kind once, in one message of Telegram's length. */
static void every_kind_is_told(void **state)
{
    struct arena a = {0};
    (void)state;
    for (int lang = LANG_RU; lang <= LANG_EN; lang++) {
        struct words w = {.arena = &a, .lang = lang};
        size_t all = strlen(w_privacy_head(&w)) + strlen(w_privacy_foot(&w));
        int kinds = 0;
        for (int i = 0; i < kept_n; i++) {
            assert_true(i == 0 || kept[i].as >= kept[i - 1].as);
            assert_true((kept_line(kept[i].as, &w) == NULL) ==
                        (kept[i].as == KEPT_OF_NOBODY));
            assert_true((kept[i].who == NULL) == (kept[i].as == KEPT_OF_NOBODY));
            if (!kept[i].who || (i && kept[i].as == kept[i - 1].as))
                continue;
            kinds++;
            all += strlen(kept_line(kept[i].as, &w));
        }
        assert_int_equal(kinds, KEPT_OF_NOBODY);
        assert_true(all < (lang == LANG_RU ? 2 : 1) * 4000);
    }
    arena_free(&a);
}

/* ---- what is listed is exported, or said to be withheld ---- */

/* The column that a name in the file stands for: an instant is `*_at` there, `*_ms` here.
 */
static bool is_word(const char *words, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = words; (p = strstr(p, name)); p += n)
        if ((p == words || p[-1] == ' ') && (p[n] == 0 || p[n] == ' '))
            return true;
    return false;
}

static void column_of(const struct kept *k, const char *name, char out[80])
{
    size_t n = strlen(name);
    snprintf(out, 80, "%s", name);
    if (is_word(k->columns, name) || n < 2 || strcmp(name + n - 2, "at") != 0)
        return;
    if (n == 2)
        snprintf(out, 80, "at_ms");
    else
        snprintf(out, 80, "%.*sms", (int)(n - 2), name);
}

static void section_fits(const struct export_section *s, const struct kept *k)
{
    /* Beside their own columns: of a vote, the question. */
    static const char more[] = "vote.question";
    char told[400] = " ", name[80], column[100];
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(db_handle(bot.db), s->sql, -1, &q, NULL))
        fail_msg("%s: %s", s->name, sqlite3_errmsg(db_handle(bot.db)));
    for (int i = 0; i < sqlite3_column_count(q); i++) {
        column_of(k, sqlite3_column_name(q, i), name);
        snprintf(column, sizeof column, "%s.%s", k->table, name);
        if (!is_word(k->columns, name) && strcmp(column, more) != 0)
            fail_msg("%s: the export gives %s, which is no column", k->table, name);
        if (is_word(s->withheld, name))
            fail_msg("%s: %s is withheld and given", k->table, name);
        snprintf(told + strlen(told), sizeof told - strlen(told), "%s ", name);
    }
    sqlite3_finalize(q);
    for (const char *c = k->columns; *c; c += strspn(c, " ")) {
        size_t n = strcspn(c, " ");
        snprintf(name, sizeof name, "%.*s", (int)n, c);
        if (!is_word(told, name) && !is_word(s->withheld, name))
            fail_msg("%s.%s is kept and not exported: db/export.c", k->table, name);
        c += n;
    }
}

static void what_is_kept_is_exported(void **state)
{
    int n = 0;
    (void)state;
    for (int i = 0; i < kept_n; i++) {
        const struct export_section *s = NULL;
        for (int j = 0; j < export_section_n; j++)
            if (strcmp(export_sections[j].table, kept[i].table) == 0)
                s = &export_sections[j];
        if ((s != NULL) != (kept[i].who != NULL))
            fail_msg("%s: db/export.c and bot/talk/kept.c differ", kept[i].table);
        if (s)
            section_fits(s, &kept[i]);
        n += s != NULL;
    }
    assert_int_equal(n, export_section_n);
}

/* ---- a canary ---- */

/* Everybody's rows, for each p.id of the temporary table, which is shuffled: rows come in
 * between others, so that pages are split and the canary's rows move. */
static const char *const rows[] = {
    "INSERT INTO club (id, token, lang, zone) VALUES (-1001234567890, 1, 'ru', 'Etc/UTC')",
    "INSERT INTO learner (id, lang, zone, at_min, state, asking)"
    " SELECT id, 'ru', 'Europe/Moscow', 540, 'stopped', NULL FROM p",
    "INSERT INTO subscription (learner, topic) SELECT id, 'django' FROM p",
    "INSERT INTO alarm SELECT 'sitting', id, 9000000000000, 1, 0 FROM p",
    "INSERT INTO card SELECT p.id, q.i, 2, 0, 1.5, 5, 20490, 0, 20480, 3, 0 FROM q, p",
    "INSERT INTO sitting (learner, day, scheduled, state, size, sent_ms, end_ms, end_place)"
    " SELECT p.id, 20490 + q.i, 1, 'done', 5, 1, 2, 5 FROM q, p",
    "INSERT INTO served SELECT learner, day, 'django', id FROM sitting",
    "INSERT INTO streak_day SELECT p.id, 20490 + q.i, 'kept', 3 FROM q, p",
    "INSERT INTO post SELECT NULL, p.id, 0, q.i, 0 FROM q, p",
    "INSERT INTO delivery SELECT NULL, id * 1000003, chat, message, NULL, 0, 20490,"
    " 'rated', id, 0, 'ru', 255 FROM post",
    "INSERT INTO review SELECT NULL, learner, id, question, 3, 1, day, '-', NULL"
    " FROM delivery",
    "INSERT INTO player SELECT -1001234567890, id, name, 1795330700000 FROM p",
    "INSERT INTO board SELECT -1001234567890, q.i, 20490, p.id, 500, 1, 1 FROM q, p"
    " WHERE q.i < 4",
    "INSERT INTO battle (id, token, chat, opener, lang, rounds, speed, bonus, state, "
    "due_ms,"
    " over_ms) SELECT i, i, -1001234567890, (SELECT min(id) FROM p)"
    ","
    " 'ru', 7, 1, 1, 3, 0, 1795330700000 FROM q",
    "UPDATE battle SET opener = (SELECT max(id) FROM p WHERE name = 'Kanareyka')"
    " WHERE id IN (3, 4)",
    "INSERT INTO round (id, battle, chat, number, question, level, options, right_one,"
    " state, opened_ms, limit_ms) SELECT i, i, -1001234567890, 1, i, 1, 123, 0, 2, 1, 9"
    " FROM q",
    "INSERT INTO seat (battle, person, points) SELECT q.i, p.id, 7 FROM q, p",
    "INSERT INTO vote SELECT q.i, p.id, 1, 500, p.id, 0, 7 FROM q, p",
    "INSERT INTO skip SELECT q.i, p.id FROM q, p",
    "INSERT INTO early_vote SELECT 'poll', id, name, 1, 1, 1795330800000 FROM p",
    "INSERT INTO report SELECT q.i, p.id, 1795330700000, 3, 0 FROM q, p",
    "INSERT INTO club_admin SELECT -1001234567890, id, 1795330900000 FROM p",
    "INSERT INTO suspect SELECT 'sitting', id, 1 FROM p",
    "INSERT INTO dead SELECT NULL, 'sitting', id, '{}', 'crashed', 1795330700000 FROM p",
    "INSERT INTO dead SELECT NULL, 'update', 7, '{\"user\":' || id || ',\"x\":0}',"
    " 'crashed', 1795330700000 FROM p",
    "INSERT INTO broadcast (token, operator, state, text_ru, until_ms)"
    " SELECT id * 3, id, 1, name, 9000000000000 FROM p",
    "INSERT INTO farewell SELECT id, 7, 9000000000000 FROM p",
    "INSERT INTO export SELECT id, 1795330700000 FROM p",
    /* her practice, and what waits, is on its way, may have arrived */
    "INSERT INTO battle (id, token, chat, opener, lang, rounds, speed, bonus, state, "
    "due_ms)"
    " SELECT 1000, 1000, id, id, 'ru', 7, 1, 1, 1, 0 FROM p WHERE name = 'Kanareyka'",
    "INSERT INTO alarm VALUES ('battle', 1000, 9000000000000, 0, 0)",
    "INSERT INTO round (id, battle, chat, number, question, level, options, right_one,"
    " state, limit_ms) SELECT 1000, 1000, id, 1, 1, 1, 123, 0, 1, 9 FROM p"
    " WHERE name = 'Kanareyka'",
    "INSERT INTO outbox (id, chat, class, kind, method, post, body, told, state, "
    "expires_ms)"
    " SELECT 500 + q.i, p.id, 0, 0, 'sendMessage', (SELECT max(id) FROM post"
    " WHERE chat = p.id), '{\"text\":\"Kanareyka\"}', 'b.r.1000', CASE q.i WHEN 1 THEN"
    " 'sending' WHEN 2 THEN 'ambiguous' ELSE 'queued' END, 9000000000000 FROM q, p"
    " WHERE p.name = 'Kanareyka' AND q.i < 6",
    "INSERT INTO alarm VALUES ('again', 502, 9000000000000, 0, 0)",
    "INSERT INTO lane SELECT id, 0, 0, 503, 1 FROM p WHERE name = 'Kanareyka'",
};

static int64_t with_canary;

static void count_canary(const char *table, const char *column)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM \"%s\" WHERE \"%s\" = %" PRId64
             " OR instr(\"%s\", '%" PRId64 "') OR instr(\"%s\", '%s')",
             table, column, (int64_t)CANARY, column, (int64_t)CANARY, column, NAME);
    with_canary += one(sql);
}

/* Rows and columns in which she is, wherever it be. */
static int64_t canaries(void)
{
    with_canary = 0;
    each("SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
         " WHERE t.type = 'table'",
         count_canary);
    return with_canary;
}

/* False when there is no such file. */
static bool file_has(const char *file, const void *what, size_t n)
{
    struct buf b = {.max = 64 << 20};
    enum err e = file_read(file, &b);
    bool found = !e && b.len >= n && memmem(b.data, b.len, what, n);
    assert_true(!e || e == ERR_NOT_FOUND);
    buf_free(&b);
    return found;
}

/* Her number as SQLite writes it in a column and as a key, as digits; her name. */
static bool is_in_file(const char *file)
{
    unsigned char column[8], key[8];
    char digits[24];
    for (int i = 0; i < 8; i++) {
        column[i] = (unsigned char)((uint64_t)CANARY >> (8 * (7 - i)));
        key[i] = (unsigned char)(((uint64_t)CANARY >> (7 * (7 - i)) & 127) | 128);
    }
    key[7] &= 127;
    int n = snprintf(digits, sizeof digits, "%" PRId64, (int64_t)CANARY);
    return file_has(file, column, 8) || file_has(file, key, 8) ||
           file_has(file, digits, (size_t)n) || file_has(file, NAME, strlen(NAME));
}

static void fill(void)
{
    char people[600];
    snprintf(people, sizeof people,
             "CREATE TEMP TABLE q (i INTEGER PRIMARY KEY);"
             "INSERT INTO q WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
             " WHERE i < 12) SELECT i FROM c;"
             "CREATE TEMP TABLE p (id INTEGER, name TEXT);"
             "INSERT INTO p WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c"
             " WHERE i < %d) SELECT 3377135918200000 + i * 7919 %% %d * 367,"
             " CASE i WHEN %d THEN '%s' ELSE 'Somebody' END FROM c;"
             "UPDATE p SET id = %" PRId64 " WHERE name = '%s'",
             NEIGHBOURS, NEIGHBOURS + 1, NEIGHBOURS / 2, NAME, (int64_t)CANARY, NAME);
    script(people);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        script(rows[i]);
    assert_true(forget_for_good(bot.db));
    assert_true(is_in_file(path));
}

static void says(enum update_kind kind, const char *text)
{
    int done;
    struct update u = {.id = next_update++,
                       .kind = kind,
                       .chat = CANARY,
                       .user = CANARY,
                       .is_private = true,
                       .message = 77,
                       .name = NAME,
                       .lang = "ru",
                       .text = text,
                       .query = "1"};
    assert_int_equal(turn_updates(&bot, (struct moment){now_ms, 5}, &u, 1, &done), OK);
    assert_int_equal(done, 1);
}

static void confirm(void)
{
    char data[40];
    snprintf(data, sizeof data, "x.%016" PRIx64,
             (uint64_t)one("SELECT token FROM farewell WHERE person = 3377135918273645"));
    says(UPDATE_BUTTON, data);
}

/* What is on its way has its outcome, then the last word is said. */
static void last_word(void)
{
    struct arena a = {0};
    struct outbox_row row;
    struct outcome o = {.row = 501, .fate = FATE_SENT, .message = 70, .description = ""};
    assert_int_equal(turn_outcomes(&bot, (struct moment){now_ms, 6}, &o, 1), OK);
    assert_int_equal(db_begin(bot.db), OK);
    assert_int_equal(outbox_take(bot.db, &a, CANARY, &row), OK);
    assert_int_equal(db_commit(bot.db), OK);
    assert_string_equal(row.method, "editMessageText");
    assert_int_equal(row.message, 77);
    o.row = row.id;
    assert_int_equal(turn_outcomes(&bot, (struct moment){now_ms, 7}, &o, 1), OK);
    arena_free(&a);
}

static int64_t others[64];

static int64_t count_of(const struct kept *k, const char *condition)
{
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s %s %" PRId64, k->table,
             k->who ? k->who : "1", k->who ? condition : "<>", (int64_t)CANARY);
    return one(sql);
}

/* What the bot logs from now on; returns where it went before. */
static int log_into_a_file(void)
{
    int console = dup(STDERR_FILENO);
    FILE *f = fopen(logged, "w");
    assert_non_null(f);
    fflush(stderr);
    assert_true(console >= 0 && dup2(fileno(f), STDERR_FILENO) >= 0);
    fclose(f);
    return console;
}

/* Rows that are hers by another column: of her practice and its round, of what may have
 * arrived, of her update that crashed. The battles that she opened and what
 * she wrote to everybody become nobody's. */
static const struct {
    const char *table;
    int rows;
} of_hers_too[] = {{"alarm", 2}, {"dead", 1}, {"battle", -2}, {"broadcast", -1}};

/* The rows that are hers by another column than the list names: see of_hers_too, but for
 * the battles that she opened in a group, which are hers here. */
static int64_t rows_of_hers(const struct kept *k)
{
    int64_t n = count_of(k, "=");
    for (size_t i = 0; i < sizeof of_hers_too / sizeof *of_hers_too; i++)
        if (strcmp(of_hers_too[i].table, k->table) == 0 && of_hers_too[i].rows > 0)
            n += of_hers_too[i].rows;
    return n;
}

static void the_file_is_hers(void)
{
    struct buf file = {0};
    char id[24];
    assert_int_equal(export_make(bot.db, CANARY, now_ms, &file), OK);
    struct cJSON *tree = json_parse(file.data, file.len);
    assert_non_null(tree);
    assert_string_equal(json_text(tree, "person"), "3377135918273645");
    assert_string_equal(json_text(tree, "made_at"), "2026-11-22T07:00:00.000Z");
    assert_true(json_is_array(json_at(tree, "cut")) && !json_first(json_at(tree, "cut")));
    for (int i = 0; i < export_section_n; i++) {
        const struct export_section *s = &export_sections[i];
        int64_t n = 0, held = rows_of_hers(kept_of(s->table));
        for (const struct cJSON *r = json_first(json_at(tree, s->name)); r;
             r = json_next(r))
            n++;
        if (n != held)
            fail_msg("%s: %" PRId64 " rows in the file, %" PRId64 " held", s->table, n,
                     held);
    }
    json_free(tree);
    for (int i = 0; i <= NEIGHBOURS; i++) {
        snprintf(id, sizeof id, "%" PRId64,
                 3377135918200000 + (int64_t)i * 7919 % (NEIGHBOURS + 1) * 367);
        if (strstr(file.data, id))
            fail_msg("%s is in her file", id);
    }
    assert_null(strstr(file.data, "Somebody"));
    assert_non_null(strstr(file.data, NAME));
    assert_null(strstr(file.data, "token"));
    buf_free(&file);
}

/* Long tables give their newest rows, the file has a ceiling, and it says what was cut. */
static void a_long_past_is_cut(void **state)
{
    enum { LIVES = EXPORT_ROWS + 5 };
    struct buf file = {0};
    char sql[600];
    (void)state;
    snprintf(
        sql, sizeof sql,
        "SAVEPOINT long_past; INSERT INTO learner (id, lang, zone, at_min) VALUES"
        " (9, 'ru', 'Etc/UTC', 0);"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
        " INSERT INTO streak_day SELECT 9, i, 'kept', 1 FROM c;"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)"
        " INSERT INTO outbox (chat, class, kind, method, body, state, expires_ms)"
        " SELECT 9, 0, 1, 'sendMessage', json_object('text', printf('%%.*c', 4000,"
        " 'x')), 'queued', 1 FROM c",
        LIVES);
    script(sql);
    assert_int_equal(export_make(bot.db, 9, now_ms, &file), OK);
    assert_true(file.len > EXPORT_BYTES / 2 && file.len <= EXPORT_BYTES);
    struct cJSON *tree = json_parse(file.data, file.len);
    assert_non_null(tree);
    assert_string_equal(json_text(json_first(json_at(tree, "cut")), NULL), "to_be_said");
    json_free(tree);
    script("DELETE FROM outbox WHERE chat = 9");
    assert_int_equal(export_make(bot.db, 9, now_ms, &file), OK);
    tree = json_parse(file.data, file.len);
    assert_non_null(tree);
    const struct cJSON *cut = json_first(json_at(tree, "cut"));
    assert_string_equal(json_text(cut, NULL), "days");
    assert_null(json_next(cut));
    const struct cJSON *day = json_first(json_at(tree, "days"));
    assert_string_equal(json_text(day, "day"), "1997-05-24"); /* 10,005 days: the newest */
    int n = 0;
    for (; day; day = json_next(day))
        n++;
    assert_int_equal(n, EXPORT_ROWS);
    json_free(tree);
    buf_free(&file);
    script("ROLLBACK TO long_past; RELEASE long_past");
}

static void erased_is_erased_everywhere(void **state)
{
    (void)state;
    int64_t points = 0;
    fill();
    says(UPDATE_TEXT, "/forget");
    for (int i = 0; i < kept_n; i++) {
        if (kept[i].who && !count_of(&kept[i], "="))
            fail_msg("the canary has no row in %s: the test must give her one",
                     kept[i].table);
        others[i] = count_of(&kept[i], "<>");
    }
    the_file_is_hers();
    points = one("SELECT sum(points) FROM seat WHERE person <> 3377135918273645");
    assert_true(canaries() > 100);
    int console = log_into_a_file();
    confirm();
    int64_t waits = one("SELECT count(*) FROM outbox WHERE chat = 3377135918273645");
    last_word();
    log_info("done");
    fflush(stderr);
    dup2(console, STDERR_FILENO);
    close(console);
    assert_int_equal(waits, 2); /* what is on its way, and the last word */
    assert_int_equal(canaries(), 0);
    for (int i = 0; i < kept_n; i++) {
        int64_t left = count_of(&kept[i], "<>"), of_hers = 0;
        for (size_t j = 0; j < sizeof of_hers_too / sizeof *of_hers_too; j++)
            if (strcmp(of_hers_too[j].table, kept[i].table) == 0)
                of_hers = of_hers_too[j].rows;
        if (kept[i].who && left != others[i] - of_hers)
            fail_msg("%s: others had %" PRId64 " rows and have %" PRId64, kept[i].table,
                     others[i], left);
    }
    assert_int_equal(one("SELECT count(*) FROM battle"), 12);
    assert_int_equal(one("SELECT sum(points) FROM seat"), points);
    assert_int_equal(one("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_true(file_has(logged, "done", 4));
    assert_false(is_in_file(logged));
    assert_false(is_in_file(wal));
    assert_false(is_in_file(path));
}

/* The search finds what is there: a neighbour of the same shape is the canary's proof. */
static void the_search_can_find(void **state)
{
    (void)state;
    script("INSERT INTO player VALUES (-1001234567890, 3377135918273645, 'x', 1)");
    assert_true(is_in_file(wal));
    script("PRAGMA wal_checkpoint(TRUNCATE)");
    assert_false(is_in_file(wal));
    assert_true(is_in_file(path));
    script("DELETE FROM player WHERE person = 3377135918273645");
    script("INSERT INTO learner (id, lang, zone, at_min)"
           " VALUES (3377135918273645, 'ru', 'Etc/UTC', 0)");
    assert_true(is_in_file(wal));
    script("DELETE FROM learner WHERE id = 3377135918273645");
    assert_true(forget_for_good(bot.db));
    assert_false(is_in_file(path) || is_in_file(wal));
}

/* ---- who has been gone for half a year ---- */

static void set_learner(int64_t id, const char *state, int days_ago)
{
    char sql[300];
    snprintf(sql, sizeof sql,
             "INSERT INTO learner (id, lang, zone, at_min, state, seen_ms) VALUES (%" PRId64
             ", 'ru', 'Etc/UTC', 0, '%s', %" PRId64 ")",
             id, state, (int64_t)(now_ms - days_ago * DAY_MS));
    script(sql);
}

static void who_is_gone_is_forgotten(void **state)
{
    (void)state;
    script("DELETE FROM learner; DELETE FROM player");
    set_learner(1, "stopped", 181);
    set_learner(2, "blocked", 181);
    set_learner(3, "active", 181);
    set_learner(4, "stopped", 179);
    set_learner(5, "stopped", 181); /* plays on in a group */
    set_learner(6, "stopped", 181); /* played half a year and a day ago */
    script(
        "INSERT INTO player VALUES (-1001234567890, 5, 'x', 1795330800000 - 15551900000),"
        " (-1001234567890, 6, 'x', 1795330800000 - 15638400000)");
    bool more = true, erased;
    int steps = 0, gone = 0;
    for (; more && steps < 10; steps++) {
        assert_int_equal(db_begin(bot.db), OK);
        assert_int_equal(people_prune(bot.db, now_ms, &more, &erased), OK);
        assert_int_equal(db_commit(bot.db), OK);
        gone += erased;
    }
    assert_int_equal(gone, 3);
    assert_int_equal(steps, 5);
    assert_int_equal(one("SELECT group_concat(id, '') FROM learner"), 345);
    assert_int_equal(one("SELECT group_concat(person, '') FROM player"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_and_column_is_listed),
        cmocka_unit_test(every_kind_is_told),
        cmocka_unit_test(what_is_kept_is_exported),
        cmocka_unit_test(a_long_past_is_cut),
        cmocka_unit_test(erased_is_erased_everywhere),
        cmocka_unit_test(the_search_can_find),
        cmocka_unit_test(who_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, house, house_down);
}
