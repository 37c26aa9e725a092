/* What every statement of db/ costs in a house of 100,000 people: counted in steps of
 * SQLite's virtual machine, which do not depend on the machine or on its other work. A
 * statement that looks at more than it must fails here long before anybody waits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/file.h"
#include "db/alarms.h"
#include "db/bank.h"
#include "db/battles.h"
#include "db/boards.h"
#include "db/broadcasts.h"
#include "db/cards.h"
#include "db/chats.h"
#include "db/clubs.h"
#include "db/desk.h"
#include "db/erased.h"
#include "db/export.h"
#include "db/forget.h"
#include "db/inbox.h"
#include "db/learners.h"
#include "db/meta.h"
#include "db/outbox.h"
#include "db/posts.h"
#include "db/quizzes.h"
#include "db/records.h"
#include "db/sittings.h"
#include "db/tally.h"

enum { STEPS_MAX = 5000, STEPS_WHOLE = 25000, STEPS_ONCE = 3000000 };

/* The people are FIRST..FIRST + 99,999. Of these: one with a deck of 800 and a long past,
 * one who has everything before them, one as most are; and a chat that has written 2,000
 * commands while Telegram was away. */
#define FIRST 1000000
#define HEAVY (FIRST + 1)
#define BLANK (FIRST + 2)
#define PLAIN (FIRST + 50000)
#define LOUD (FIRST + 60000)
/* The largest of 1,001 groups: 5,000 players, 250 battles of 20 rounds and 200 seats, and
 * one that runs. Nineteen others have had 5,000 rounds too, of battles long forgotten. */
#define CLUB (-1001234567890)
#define RUNNING 1000
#define RUNNING_ROUND 200000
#define DAY 20500
#define NOW_MS (DAY * 86400000LL + 43200000)

static char dir[400], path[450], bank[450];
static struct db *db;
static struct arena arena;

/* ---- the house ---- */

static const char *const bank_rows[] = {
    "CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)",
    "INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i <"
    " 929) SELECT i FROM c",
    "INSERT INTO topic SELECT 't' || i, i + 1, 'Тема ' || i, 'Topic ' || i,"
    " CASE WHEN i = 0 THEN 421 ELSE 39 END FROM n WHERE i < 14",
    "INSERT INTO topic_name SELECT 'name ' || n.i || ' of ' || t.slug, t.slug"
    " FROM topic t JOIN n ON n.i < 12",
    "INSERT INTO question SELECT i + 1, 'q' || i,"
    " 't' || CASE WHEN i < 421 THEN 0 ELSE 1 + i % 13 END, 1 + i % 3, (i % 421) / 421.0,"
    " i % 97 = 96, NULL FROM n",
    "INSERT INTO offer SELECT topic, likelihood, num, level FROM question WHERE retired = "
    "0",
    "INSERT INTO offer SELECT 't' || (13 - num % 13), likelihood, num, level FROM question"
    " WHERE retired = 0 AND num % 5 = 0 AND topic <> 't' || (13 - num % 13)",
    "INSERT INTO page SELECT num, lang, part, '<b>text</b>' FROM question,"
    " (SELECT 'ru' AS lang UNION ALL SELECT 'en'), (SELECT i AS part FROM n WHERE i < 5)",
    "INSERT INTO quiz SELECT num, lang, 'ask', '', '1', '2', '3', '4', 'why'"
    " FROM question, (SELECT 'ru' AS lang UNION ALL SELECT 'en')",
    "INSERT INTO info VALUES ('hash', '0')",
    "PRAGMA application_id = 1399808610",
    "PRAGMA user_version = 2",
};

static const char *const rows[] = {
    "CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)",
    "INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i <"
    " 99999) SELECT i FROM c",
    /* half of the people have left, in long runs of ids */
    "INSERT INTO learner (id, lang, zone, at_min, state, streak, best, last_day)"
    " SELECT 1000000 + i, 'ru', 'Europe/Moscow', i % 1440,"
    " CASE WHEN i % 20000 BETWEEN 5000 AND 14999 THEN 'stopped' ELSE 'active' END,"
    " 5, 9, 20499 FROM n",
    "INSERT INTO subscription (learner, topic) SELECT 1000000 + i, 't' || (i % 2) FROM n",
    "INSERT INTO subscription (learner, topic) SELECT 1000000 + i, 't' || (2 + i % 12)"
    " FROM n",
    "INSERT OR IGNORE INTO subscription (learner, topic) SELECT 1000001 + i % 2,"
    " 't' || i / 2 FROM n WHERE i < 28",
    /* 30 cards, of the person with a deck 800, of the blank one none */
    "INSERT INTO card SELECT 1000000 + a.i, 1 + b.i * 31 % 930, 1 + (b.i + 1) % 3, 0,"
    " 1.5 + b.i, 5, 20490 + b.i, CASE WHEN b.i % 3 = 1 THEN 0 ELSE 1771200000000 END,"
    " 20480, 3, 0 FROM n a CROSS JOIN n b WHERE b.i < 30 AND a.i NOT IN (1, 2)",
    "INSERT INTO card SELECT 1000001, i + 1, 1 + (i + 1) % 3, 0, 1.5 + i, 5, 20400,"
    " CASE WHEN i % 3 = 1 THEN 0 ELSE 1771200000000 END, 20390, 30, 4 FROM n WHERE i < 800",
    /* sittings: three each; 800 of the heavy one, in all of whose days we were down */
    "INSERT INTO sitting (learner, day, scheduled, state, size, sent_ms, end_ms)"
    " SELECT 1000000 + a.i, 20497 + b.i, 1,"
    " CASE b.i WHEN 2 THEN 'open' ELSE 'done' END, 5, (20497 + b.i) * 86400000,"
    " (20498 + b.i) * 86400000 FROM n b CROSS JOIN n a WHERE b.i < 3",
    "INSERT INTO sitting (learner, day, scheduled, state, size, sent_ms, end_ms)"
    " SELECT 1000001, 19690 + i, i % 2, 'done', 5,"
    " (19690 + i) * 86400000, (19691 + i) * 86400000 FROM n WHERE i < 800",
    "INSERT INTO down SELECT (20130 + i) * 86400000 + 1000, (20130 + i) * 86400000 + "
    "9000000"
    " FROM n WHERE i < 365",
    "INSERT INTO served SELECT learner, day, 't1', id FROM sitting WHERE scheduled = 1",
    "INSERT INTO streak_day SELECT 1000001, 19600 + i, 'kept', 3 FROM n WHERE i < 800",
    /* posts, deliveries, reviews: a few of 5,000 people, many of the heavy one */
    "INSERT INTO post SELECT i + 1, 1000000 + i % 5000, 0, i + 1, 0 FROM n",
    "INSERT INTO post SELECT NULL, -1001234567890, 0, i + 1, 0 FROM n WHERE i < 300",
    "INSERT INTO delivery SELECT NULL, i * 1000003 + 7, 1000000 + i % 5000, 1 + i % 930,"
    " NULL, 0, 20490 + i / 5000, CASE i % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'rated' ELSE"
    " 'skipped' END, i + 1, 0, 'ru', i % 256 FROM n WHERE i < 20000",
    "INSERT INTO delivery SELECT NULL, -i - 1, 1000001, 1 + i % 930,"
    " (SELECT min(id) + i FROM sitting WHERE learner = 1000001 AND day < 20490 AND i < "
    "600),"
    " i, 20490, CASE i % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'dropped' ELSE 'rated' END, NULL,"
    " 0, 'ru', 0 FROM n WHERE i < 1000",
    "INSERT INTO review SELECT NULL, learner, id, question, 3, 1771200000000, day, '-', "
    "NULL"
    " FROM delivery WHERE state = 'rated'",
    "INSERT INTO review SELECT NULL, 1000001, d.id, d.question, 1, 1771200000000 + n.i,"
    " 20490, '-', 5 FROM n CROSS JOIN delivery d WHERE n.i < 3 AND d.learner = 1000001",
    /* broadcasts, drafts among them, and one whose messages wait */
    "INSERT INTO broadcast (id, token, operator, state, text_ru, until_ms)"
    " SELECT i + 1, i + 1, i % 16, CASE WHEN i = 199 THEN 2 ELSE i % 5 / 4 * 4 END,"
    " 'text', 1 FROM n WHERE i < 200",
    "INSERT INTO outbox (chat, class, kind, method, post, body, told, state, copies,"
    " expires_ms) SELECT 3000000 + i, 1, 2, 'sendMessage', NULL, '{}', 'news.200',"
    " 'queued', 0, 9e15 FROM n WHERE i < 400",
    /* frozen lanes with a row each, then those who wait for their turn, and the loud one */
    "INSERT INTO outbox (chat, class, kind, method, post, body, state, copies, expires_ms)"
    " SELECT 2000000 + i, i % 2, 0, 'sendMessage', NULL, '{}',"
    " 'queued', 0, 9e15 FROM n WHERE i < 50000",
    "INSERT INTO lane SELECT chat, class, 9000000000000 + id, id, 0 FROM outbox",
    "INSERT INTO outbox (chat, class, kind, method, post, body, state, copies, expires_ms)"
    " SELECT 1000000 + i, i % 2, 0, 'sendMessage', i + 1, '{}',"
    " 'queued', 0, 9e15 FROM n WHERE i < 48000",
    "INSERT INTO outbox (chat, class, kind, method, post, body, state, copies, expires_ms)"
    " SELECT 1060000, 0, 1, 'sendMessage', NULL, '{}', 'queued', 0,"
    " 9e15 FROM n WHERE i < 2000",
    "INSERT INTO lane SELECT chat, min(class), 0, min(id), 0 FROM outbox"
    " WHERE chat < 2000000 GROUP BY chat",
    "UPDATE lane SET busy = 1 WHERE chat BETWEEN 1000100 AND 1000107",
    "INSERT INTO alarm SELECT 'sitting', 1000000 + i, 1771243200000 + i * 10, 1, 0 FROM n",
    "INSERT INTO alarm SELECT 'again', i, 1771243200000 + i * 10, 0, 0 FROM n WHERE i < "
    "500",
    "INSERT INTO seen_update SELECT i, i FROM n",
    /* groups, their players and boards; the first forty have played for 260 days */
    "INSERT INTO club (id, token, lang, zone) SELECT -1000000 - i, i + 1, 'ru',"
    " 'Europe/Moscow' FROM n WHERE i < 1000",
    "INSERT INTO club (id, token, lang, zone) VALUES (-1001234567890, 5000, 'ru',"
    " 'Europe/Moscow')",
    "INSERT INTO club_admin SELECT -1000000 - i % 1000, 1000000 + i, i FROM n"
    " WHERE i < 20000",
    "INSERT INTO player SELECT -1000000 - i % 1000, 1000000 + i, 'Name', 1000 + i FROM n",
    "INSERT INTO player SELECT -1001234567890, 1000000 + i, 'Name', i FROM n"
    " WHERE i < 5000",
    "INSERT INTO board SELECT -1001234567890, 0, 20236 + b.i, 1000000 + a.i, 500, 1, 1"
    " FROM n b CROSS JOIN n a WHERE a.i < 40 AND b.i < 260",
    "INSERT INTO board SELECT -1001234567890, p.i, CASE p.i WHEN 3 THEN 0 ELSE 20496 END,"
    " 1000000 + a.i, a.i * 7, 0, 1 FROM n p CROSS JOIN n a"
    " WHERE p.i BETWEEN 1 AND 3 AND a.i < 5000",
    /* battles that are over, one that runs, 60 that run in topics of the forum */
    "INSERT INTO battle (id, token, chat, opener, lang, rounds, speed, bonus, state, round,"
    " due_ms, over_ms, over_day) SELECT i + 1, i + 1, -1001234567890, 1, 'ru', 20, 1, 1, 3,"
    " 20, 0, 1000 + i, 20400 FROM n WHERE i < 250",
    "INSERT INTO battle (id, token, chat, thread, opener, lang, rounds, speed, bonus, "
    "state,"
    " round, due_ms) SELECT 1000 + i, -1 - i, -1001234567890, i, 1, 'ru', 20, 1, 1, 1, 1, 0"
    " FROM n WHERE i < 61",
    "INSERT INTO seat (battle, person) SELECT b.id, 1000000 + a.i FROM battle b"
    " CROSS JOIN n a WHERE a.i < 200 AND b.id <= 1000",
    "INSERT INTO round (id, battle, chat, number, question, level, options, right_one,"
    " state, opened_ms, limit_ms) SELECT i + 1, CASE WHEN i < 5000 THEN 1 + i / 20 END,"
    " CASE WHEN i < 5000 THEN -1001234567890 ELSE -1000000 - i / 5000 END, 1 + i % 20,"
    " 1 + i % 930, 1, 123, 0, 2, 1000 + i, 20000 FROM n",
    "INSERT INTO round (id, battle, chat, number, question, level, options, right_one,"
    " state, opened_ms, limit_ms, poll) VALUES (200000, 1000, -1001234567890, 1, 7, 1, 123,"
    " 0, 1, 1771243200000, 20000, '77')",
    "INSERT INTO vote SELECT r.id, 1000000 + a.i, a.i % 4, 500, a.i, a.i % 4 = 0, 0"
    " FROM round r CROSS JOIN n a WHERE a.i < 200 AND (r.id <= 20 OR r.id BETWEEN 4981"
    " AND 5020)",
    "INSERT INTO vote SELECT 200000, 1000000 + i, i % 4, 500, i, i % 4 = 0, 0 FROM n"
    " WHERE i < 198",
    "INSERT INTO skip SELECT round, person FROM vote",
    "INSERT INTO early_vote SELECT i / 200, i, 'Name', 0, i, i FROM n WHERE i < 20000",
    "INSERT INTO quiz_record SELECT i + 1, 900, 400, CASE WHEN i % 20 = 0 THEN i END, 0,"
    " NULL FROM n WHERE i < 930",
    "INSERT INTO report SELECT 1 + i % 930, 1000000 + i, i, i % 6, i % 6 = 0 OR i % 2"
    " FROM n WHERE i < 50000",
    "INSERT INTO spoken SELECT NULL, -1000000 - i % 1000, i FROM n WHERE i < 20000",
    "INSERT INTO spoken SELECT NULL, -1000000 - i % 1000, 1771243100000 + i FROM n"
    " WHERE i < 5000",
    "INSERT INTO alarm SELECT 'daily', id, 1771243200000 + id, 0, 0 FROM club",
    "INSERT INTO farewell SELECT 1000000 + i, i, i FROM n WHERE i < 5000",
    "INSERT INTO export SELECT 1000000 + i, i FROM n WHERE i < 5000",
    "INSERT INTO dead SELECT NULL, 'update', i, '{}', 'crashed', 0 FROM n WHERE i < 1000",
};

static void script(struct db *into, const char *const *sql, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sqlite3_exec(db_handle(into), sql[i], NULL, NULL, NULL))
            fail_msg("%s: %s", sqlite3_errmsg(db_handle(into)), sql[i]);
}

static void bank_made(void)
{
    struct db *b;
    struct buf schema = {0};
    if (file_read("db/bank.sql", &schema))
        fail_msg("db/bank.sql is not here: run the test in the root of the repository");
    assert_int_equal(db_open_plain(bank, &b), OK);
    assert_int_equal(db_script(b, schema.data), OK);
    script(b, bank_rows, sizeof bank_rows / sizeof *bank_rows);
    db_close(b);
    buf_free(&schema);
}

/* Filled without a journal, then opened as the bot opens it. */
static int house(void **state)
{
    const char *tmp = getenv("TMPDIR"), *why = "";
    char mark[160];
    struct db *plain;
    (void)state;
    snprintf(dir, sizeof dir, "%s/test_statements-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/sobes.db", dir);
    snprintf(bank, sizeof bank, "%s/bank.db", dir);
    bank_made();
    assert_int_equal(db_open_plain(path, &plain), OK);
    snprintf(mark, sizeof mark,
             "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
             "PRAGMA cache_size = -200000; PRAGMA application_id = %d",
             DB_APPLICATION_ID);
    assert_int_equal(db_script(plain, mark), OK);
    assert_int_equal(db_migrate(plain, db_migrations, db_migration_count), OK);
    script(plain, rows, sizeof rows / sizeof *rows);
    db_close(plain);
    if (db_open(path, &db, &why) || db_attach_bank(db, bank))
        return -1;
    return 0;
}

static int house_down(void **state)
{
    char command[500];
    (void)state;
    db_close(db);
    arena_free(&arena);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

/* ---- the calls ---- */

static int64_t one_int(const char *sql)
{
    sqlite3_stmt *s;
    int64_t v = 0;
    assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

static int64_t ids[500];
static int got;
static int64_t value;
static bool flag;

static struct offer_query asked(int64_t learner, const char *topic)
{
    return (struct offer_query){
        .learner = learner, .day = DAY, .now_ms = NOW_MS, .topic = topic, .level = 3};
}

#define CALL(name) static enum err do_##name(void)

CALL(bank_topics)
{
    struct bank_topic t[BANK_TOPICS_MAX];
    return bank_topics(db, &arena, t, BANK_TOPICS_MAX, &got);
}

CALL(bank_topic)
{
    struct bank_topic t;
    return bank_topic(db, &arena, "t5", &t);
}

CALL(bank_names)
{
    static struct bank_name n[BANK_NAMES_MAX];
    return bank_names(db, &arena, n, BANK_NAMES_MAX, &got);
}

CALL(bank_ids)
{
    static struct bank_id n[BANK_IDS_MAX];
    return bank_ids(db, &arena, n, BANK_IDS_MAX, &got);
}

CALL(bank_question)
{
    struct bank_question q;
    return bank_question(db, &arena, 700, &q);
}

CALL(bank_question_by_id)
{
    struct bank_question q;
    return bank_question_by_id(db, &arena, "q700", &q);
}

CALL(bank_page)
{
    const char *html;
    return bank_page(db, &arena, 700, "ru", PART_DEEP, &html);
}

CALL(quiz_find)
{
    struct quiz z;
    return quiz_find(db, &arena, 700, "ru", &z);
}

CALL(learner_find)
{
    struct learner w;
    return learner_find(db, &arena, PLAIN, &w);
}

CALL(learner_add)
{
    return learner_add(db, 5, "ru", "Etc/UTC", 540);
}

CALL(learner_save)
{
    struct learner w;
    enum err e = learner_find(db, &arena, HEAVY, &w);
    return e ? e : learner_save(db, &w);
}

CALL(learner_set_streak)
{
    return learner_set_streak(
        db, &(struct learner){
                .id = HEAVY, .streak = 6, .best = 9, .last_day = DAY, .freezes = 1});
}

CALL(learner_told)
{
    return learner_told(db, HEAVY, DAY - 1);
}

CALL(learner_reminded)
{
    return learner_reminded(db, HEAVY, DAY);
}

CALL(learner_set_state)
{
    return learner_set_state(db, HEAVY, LEARNER_ACTIVE);
}

CALL(learners_active)
{
    return learners_active(db, FIRST + 4900, ids, 500, &got);
}

CALL(subscriptions)
{
    static struct subscription s[TOPICS_MAX];
    return subscriptions(db, &arena, HEAVY, s, TOPICS_MAX, &got);
}

CALL(subscribe)
{
    return subscribe(db, PLAIN, "t13");
}

CALL(unsubscribe)
{
    return unsubscribe(db, PLAIN, "t13");
}

CALL(subscription_time)
{
    return subscription_time(db, HEAVY, "t1", 540);
}

CALL(subscription_credit)
{
    return subscription_credit(db, HEAVY, "t1", 3);
}

CALL(streak_day_keep)
{
    return streak_day_keep(db, HEAVY, DAY);
}

CALL(streak_day_unkeep)
{
    return streak_day_unkeep(db, HEAVY, DAY, &value);
}

CALL(streak_day_freeze)
{
    return streak_day_freeze(db, HEAVY, DAY + 1);
}

CALL(streak_days_thaw)
{
    return streak_days_thaw(db, HEAVY, DAY - 365, DAY + 3);
}

CALL(streak_days_excuse)
{
    return streak_days_excuse(db, HEAVY, DAY + 1, DAY + 9);
}

CALL(streak_year)
{
    return streak_days_excuse(db, BLANK, DAY - 400, DAY);
}

CALL(streak_day_reviews)
{
    return streak_day_reviews(db, HEAVY, DAY, &value);
}

CALL(card_find)
{
    struct card c;
    return card_find(db, HEAVY, 2, &c);
}

CALL(card_put)
{
    struct card c;
    enum err e = card_find(db, HEAVY, 2, &c);
    return e ? e : card_put(db, &c);
}

CALL(card_drop)
{
    return card_drop(db, PLAIN, 1);
}

CALL(due_of_all)
{
    struct offer_query o = asked(HEAVY, NULL);
    return cards_due(db, &o, ids, 20, &got);
}

CALL(due_of_topic)
{
    struct offer_query o = asked(HEAVY, "t0");
    return cards_due(db, &o, ids, 20, &got);
}

CALL(due_of_plain)
{
    struct offer_query o = asked(PLAIN, NULL);
    return cards_due(db, &o, ids, 20, &got);
}

CALL(fresh_of_all)
{
    struct offer_query o = asked(HEAVY, NULL);
    return cards_fresh(db, &o, ids, 20, &got);
}

CALL(fresh_of_topic)
{
    struct offer_query o = asked(HEAVY, "t0");
    return cards_fresh(db, &o, ids, 20, &got);
}

CALL(fresh_of_blank)
{
    struct offer_query o = asked(BLANK, NULL);
    return cards_fresh(db, &o, ids, 20, &got);
}

CALL(fresh_of_plain)
{
    struct offer_query o = asked(PLAIN, NULL);
    return cards_fresh(db, &o, ids, 20, &got);
}

CALL(fresh_one)
{
    struct offer_query o = asked(PLAIN, "t0");
    return cards_fresh(db, &o, ids, 1, &got);
}

CALL(card_learning_due)
{
    return card_learning_due(db, HEAVY, DAY, NOW_MS, &value);
}

CALL(card_learning_none)
{
    enum err e = card_learning_due(db, HEAVY, DAY, 1, &value);
    return e == ERR_NOT_FOUND ? OK : e;
}

CALL(topic_counts)
{
    struct topic_counts c;
    return topic_counts(db, HEAVY, "t0", &c);
}

CALL(deck_counts)
{
    struct deck_counts c;
    return deck_counts(db, HEAVY, &c);
}

static int64_t heavy_delivery(void)
{
    return one_int("SELECT max(id) FROM delivery WHERE learner = 1000001"
                   " AND state = 'dropped'");
}

CALL(review_add)
{
    return review_add(db, &(struct review){.learner = HEAVY,
                                           .delivery = heavy_delivery(),
                                           .question = 3,
                                           .grade = 3,
                                           .day = DAY,
                                           .before = "-"});
}

CALL(review_live)
{
    struct review r;
    return review_live(db, &arena, heavy_delivery(), &r);
}

CALL(review_undo)
{
    return review_undo(db, one_int("SELECT max(id) FROM review"), NOW_MS);
}

CALL(review_is_last)
{
    return review_is_last(db, &(struct review){.id = 1, .learner = HEAVY, .question = 3},
                          &flag);
}

CALL(review_day_first)
{
    const char *before;
    return review_day_first(db, &arena, HEAVY, 20490, &before);
}

CALL(sitting_add)
{
    struct sitting s = {.learner = HEAVY, .day = DAY, .scheduled = true};
    return sitting_add(db, &s);
}

CALL(sitting_find)
{
    struct sitting s;
    return sitting_find(db, 200000, &s);
}

CALL(sitting_done)
{
    return sitting_done(db, 200000, 5);
}

CALL(sitting_waiting)
{
    int64_t n;
    return sitting_waiting(db, 200000, &n);
}

CALL(sitting_sent)
{
    return sitting_sent(db, 200000, NOW_MS);
}

CALL(sitting_failed)
{
    return sitting_failed(db, 200000);
}

CALL(sitting_grow)
{
    return sitting_grow(db, 200000);
}

CALL(sitting_is_newest)
{
    return sitting_is_newest(db, HEAVY, 200000, &flag);
}

CALL(sittings_close)
{
    return sittings_close(db, HEAVY);
}

CALL(served_add)
{
    return served_add(db, PLAIN, DAY, "t1", 200000);
}

CALL(served_has)
{
    return served_has(db, HEAVY, DAY - 300, "t1", &flag);
}

CALL(days_missed)
{
    int64_t days[3];
    int n;
    return days_missed(db, HEAVY, DAY - 30, DAY, days, 3, &n);
}

CALL(days_missed_year)
{
    int64_t days[3];
    int n;
    return days_missed(db, HEAVY, DAY - 365, DAY - 3, days, 3, &n);
}

CALL(sitting_came)
{
    enum err e = sitting_came(db, HEAVY, DAY - 301, &value);
    return e == ERR_NOT_FOUND ? OK : e;
}

CALL(delivery_add)
{
    struct delivery d = {.token = 99,
                         .learner = HEAVY,
                         .question = 3,
                         .sitting = 200000,
                         .place = 9,
                         .day = DAY,
                         .lang = "ru"};
    return delivery_add(db, &d);
}

CALL(delivery_by_token)
{
    struct delivery d;
    return delivery_by_token(db, &arena, 7, &d);
}

CALL(delivery_by_post)
{
    struct delivery d;
    return delivery_by_post(db, &arena, 15000, &d);
}

CALL(deliveries_drop_unsent)
{
    return deliveries_drop_unsent(db, HEAVY);
}

CALL(delivery_waiting)
{
    struct delivery d;
    enum err e = delivery_waiting(db, &arena, HEAVY, DAY - 1, &d);
    return e == ERR_NOT_FOUND ? OK : e;
}

CALL(delivery_waits)
{
    return delivery_waits(db, HEAVY, DAY, &flag);
}

CALL(posts_prune)
{
    value = 0;
    return posts_prune(db, &value);
}

CALL(delivery_at)
{
    struct delivery d;
    enum err e = delivery_at(db, &arena, 200000, 9, &d);
    return e;
}

CALL(delivery_save)
{
    struct delivery d;
    enum err e = delivery_by_token(db, &arena, 7, &d);
    return e ? e : delivery_save(db, &d);
}

CALL(post_new)
{
    return post_new(db, PLAIN, 0, &value);
}

CALL(post_of_message)
{
    return post_of_message(db, PLAIN, 5, &value);
}

CALL(post_find)
{
    return post_find(db, FIRST + 77, 78, &value);
}

CALL(post_adopt)
{
    enum err e = db_exec(db, "UPDATE post SET copied = 1 WHERE id = ?1", A(77777));
    return e ? e : post_adopt(db, 77777, 888888, &value);
}

static enum err add_row(int64_t chat, enum outbox_kind kind, int64_t post)
{
    return outbox_add(db, &(struct outbox_row){.chat = chat,
                                               .class = CLASS_PEOPLE,
                                               .kind = kind,
                                               .method = "sendMessage",
                                               .body = "{}",
                                               .post = post});
}
static struct outbox_row row;
static struct lane ready[128];

CALL(outbox_add)
{
    return add_row(PLAIN, KIND_REPLY, 0);
}

CALL(outbox_add_edit)
{
    enum err e = add_row(LOUD, KIND_EDIT, 400);
    return e ? e : add_row(LOUD, KIND_EDIT, 400);
}

CALL(outbox_lanes)
{
    return outbox_lanes(db, NOW_MS, CLASS_BULK, ready, 128, &got);
}

CALL(outbox_next_ms)
{
    return outbox_next_ms(db, NOW_MS, &value);
}

CALL(outbox_take)
{
    return outbox_take(db, &arena, LOUD, &row);
}

CALL(outbox_bulk_ready)
{
    return outbox_bulk_ready(db, NOW_MS, 100, &got);
}

CALL(outbox_find)
{
    return outbox_find(db, &arena, 70000, &row);
}

CALL(outbox_settle)
{
    return outbox_settle(db, row.id, LOUD);
}

CALL(outbox_retry)
{
    enum err e = outbox_take(db, &arena, LOUD, &row);
    return e ? e : outbox_retry(db, row.id, LOUD, 0);
}

CALL(outbox_not_sent)
{
    enum err e = outbox_take(db, &arena, LOUD, &row);
    return e ? e : outbox_not_sent(db, row.id, LOUD, 0);
}

CALL(outbox_park)
{
    enum err e = outbox_take(db, &arena, LOUD, &row);
    return e ? e : outbox_park(db, row.id, LOUD);
}

CALL(outbox_requeue)
{
    return outbox_requeue(db, row.id);
}

CALL(outbox_lost_reply)
{
    return outbox_lost_reply(db, LOUD, &value);
}
CALL(outbox_arrived)
{
    return outbox_arrived(db, 400);
}

CALL(outbox_hush)
{
    return outbox_hush(db, LOUD);
}

CALL(outbox_drop_chat)
{
    return outbox_drop_chat(db, PLAIN);
}

CALL(outbox_unsettled)
{
    static struct outbox_row out[256];
    return outbox_unsettled(db, &arena, out, 256, &got);
}

CALL(outbox_free_lanes)
{
    return outbox_free_lanes(db);
}

CALL(chat_migrate)
{
    return chat_migrate(db, -1001234567890, -1009999999999);
}

CALL(alarm_set)
{
    return alarm_set(db, "sitting", PLAIN, NOW_MS, true);
}

CALL(alarms_clock_back)
{
    return alarms_clock_back(db, NOW_MS, -3600000);
}

CALL(outbox_clock_back)
{
    return outbox_clock_back(db, NOW_MS, -3600000);
}

CALL(alarm_drop)
{
    return alarm_drop(db, "sitting", PLAIN);
}

CALL(alarm_due)
{
    return alarm_due(db, "sitting", HEAVY, &value);
}

CALL(alarm_fail)
{
    return alarm_fail(db, &(struct alarm){"sitting", HEAVY, 0, true, 0}, NOW_MS);
}

CALL(alarms_due)
{
    static struct alarm due[100];
    return alarms_due(db, &arena, true, INT64_MAX, due, 100, &got);
}

CALL(alarms_next_ms)
{
    return alarms_next_ms(db, false, &value);
}

CALL(inbox_offset)
{
    return inbox_offset(db, &value);
}

CALL(inbox_mark)
{
    return inbox_mark(db, 900000, NOW_MS, &flag);
}

CALL(inbox_set_offset)
{
    return inbox_set_offset(db, 900001);
}

CALL(inbox_prune)
{
    return inbox_prune(db, NOW_MS, &flag);
}

CALL(suspect_begin)
{
    return suspect_begin(db, "update", 1, &value);
}

CALL(suspect_clear)
{
    return suspect_clear(db, "update", 1);
}

CALL(dead_add)
{
    return dead_add(db, "update", 1, "{}", "crashed", NOW_MS);
}

CALL(desk_read)
{
    struct desk all;
    return desk_read(db, NOW_MS, &all);
}

CALL(tally_read)
{
    struct tally all;
    return tally_read(db, &all);
}
CALL(meta_get)
{
    return meta_get(db, "alive_ms", 0, &value);
}

CALL(meta_set)
{
    return meta_set(db, "alive_ms", NOW_MS);
}

CALL(down_add)
{
    return down_add(db, NOW_MS, NOW_MS + 1);
}

CALL(down_cut)
{
    return down_cut(db, NOW_MS);
}
CALL(down_prune)
{
    return down_prune(db, 20140LL * 86400000);
}

/* ---- of groups ---- */

#define DOES(name, expression)      \
    static enum err do_##name(void) \
    {                               \
        return expression;          \
    }

static struct battle battle;
static struct round round_;
static struct seat seat;
static struct board_line line = {.person = FIRST + 4000, .points = 900};

CALL(battle_add)
{
    struct battle b = {.token = 99999,
                       .chat = CLUB,
                       .thread = 777,
                       .opener = PLAIN,
                       .lang = "ru",
                       .rounds = 7};
    return battle_add(db, &b);
}

static struct broadcast spoken_to_all;
DOES(broadcast_add, broadcast_add(db, HEAVY, 100007, NOW_MS))
DOES(broadcast_find, broadcast_find(db, &arena, 100, &spoken_to_all))
DOES(broadcast_by_token, broadcast_by_token(db, &arena, 150, &spoken_to_all))
DOES(broadcast_runs, broadcast_runs(db, &flag))
DOES(broadcast_save, broadcast_save(db, &spoken_to_all))
DOES(broadcast_sent, broadcast_sent(db, 100))
DOES(broadcast_recall, broadcast_recall(db, 200))
DOES(broadcasts_halt, broadcasts_halt(db))
DOES(reader_spare, reader_spare(db, LOUD))
DOES(broadcasts_prune, broadcasts_prune(db, NOW_MS))
DOES(reader_set, reader_set(db, HEAVY, false))
CALL(readers)
{
    struct reader all[40];
    return readers(db, FIRST + 4990, all, 40, &got);
}

DOES(battle_find, battle_find(db, &arena, RUNNING, &battle))
DOES(battle_by_token, battle_by_token(db, &arena, 50, &battle))
DOES(battle_running, battle_running(db, &arena, CLUB, 0, &battle))
DOES(battle_save, battle_save(db, &battle))

CALL(battles_running)
{
    static struct battle list[64];
    return battles_running(db, &arena, CLUB, list, 64, &got);
}

CALL(seat_take)
{
    enum err e = seat_take(db, RUNNING, PLAIN, &flag);
    return e == ERR_REFUSED ? OK : e;
}

DOES(seat_take_again, seat_take(db, RUNNING, FIRST + 5, &flag))
DOES(seat_find, seat_find(db, RUNNING, FIRST + 5, &seat))
DOES(seat_save, seat_save(db, RUNNING, &seat))

CALL(seats)
{
    static struct seat list[SEATS_MAX];
    return seats(db, &arena, RUNNING, CLUB, list, SEATS_MAX, &got);
}

DOES(seats_count, seats_count(db, RUNNING, &got, &got))
DOES(seats_idle, seats_idle(db, RUNNING, RUNNING_ROUND))

CALL(round_add)
{
    struct round r = {
        .battle = RUNNING, .chat = CLUB, .number = 2, .question = 9, .level = 1};
    return round_add(db, &r);
}

DOES(round_find, round_find(db, RUNNING_ROUND, &round_))
DOES(round_of, round_of(db, 17, 5, &round_))
DOES(round_by_poll, round_by_poll(db, "77", &round_))
DOES(round_save, round_save(db, &round_))
DOES(round_poll, round_poll(db, RUNNING_ROUND, "78"))
DOES(round_all_voted, round_all_voted(db, RUNNING, RUNNING_ROUND, &flag))

CALL(rounds_of_question)
{
    static struct round list[100];
    return rounds_of_question(db, 7, CLUB, 0, list, 100, &got);
}

DOES(vote_add, vote_add(db, RUNNING_ROUND, &(struct vote){.person = PLAIN}))
DOES(vote_points, vote_points(db, RUNNING_ROUND, PLAIN, 900))
DOES(vote_mend, vote_mend(db, RUNNING_ROUND, PLAIN, 900))

CALL(votes)
{
    static struct vote list[SEATS_MAX];
    return votes(db, &arena, RUNNING_ROUND, CLUB, list, SEATS_MAX, &got);
}

DOES(votes_count, votes_count(db, RUNNING_ROUND, &got, &got))
DOES(skip_add, skip_add(db, RUNNING_ROUND, PLAIN, &got))
DOES(early_vote_add,
     early_vote_add(db, "79", &(struct early_vote){.person = PLAIN, .name = "Name"}))

CALL(early_votes_take)
{
    static struct early_vote list[SEATS_MAX];
    return early_votes_take(db, &arena, "80", list, SEATS_MAX, &got);
}

DOES(battles_prune, battles_prune(db, NOW_MS, &flag))
DOES(battles_migrate, battles_migrate(db, -1000999, -1002999))

DOES(player_seen, player_seen(db, CLUB, FIRST + 4000, "Name", NOW_MS))
DOES(players_prune, players_prune(db, NOW_MS, &flag))
DOES(board_add, board_add(db, CLUB, BOARD_WEEK, 20496, &line))
DOES(boards_prune, boards_prune(db, 20400, &flag))

CALL(board_best)
{
    struct board_line list[10];
    return board_best(db, &arena, CLUB, BOARD_ALL, 0, list, 10, &got);
}

CALL(board_own)
{
    struct board_line own;
    return board_own(db, &arena, CLUB, BOARD_ALL, 0, FIRST + 4000, &own, &value);
}

static struct club club;

DOES(club_find, club_find(db, &arena, CLUB, &club))
DOES(club_add, club_add(db, -5, 999999, "ru", "Etc/UTC"))
DOES(club_save, club_save(db, &club))
DOES(club_admin_put, club_admin_put(db, CLUB, PLAIN, NOW_MS))
DOES(club_admin_drop, club_admin_drop(db, CLUB, PLAIN))
DOES(club_is_admin, club_is_admin(db, CLUB, PLAIN, NOW_MS, &flag))
DOES(club_admins_prune, club_admins_prune(db, NOW_MS))
DOES(offers_unseen, offers_unseen(db, "t0", CLUB, ids, 500, &got))
DOES(quiz_is_fit, quiz_is_fit(db, 7, &flag))
DOES(dailies_ring, dailies_ring(db, NOW_MS - 1000))

CALL(daily_round)
{
    enum err e = daily_round(db, CLUB, 7, &value);
    return e == ERR_NOT_FOUND ? OK : e;
}

CALL(quiz_choices)
{
    static struct quiz_choice list[CHOICES_MAX];
    return quiz_choices(db, "t0", CLUB, list, CHOICES_MAX, &got);
}

DOES(quiz_record_add, quiz_record_add(db, 7, true))
DOES(report_add, report_add(db, 7, PLAIN, NOW_MS, &got))
DOES(reports_count, reports_count(db, 7, &got))
DOES(reports_prune, reports_prune(db, NOW_MS))
DOES(report_reason_give, report_reason_give(db, 7, PLAIN, REPORT_TYPO, NOW_MS))
DOES(report_take_back, report_take_back(db, 7, FIRST + 6))
DOES(entry_reports_settle, entry_reports_settle(db, 8))

CALL(report_reason_of)
{
    enum report_reason given;
    return report_reason_of(db, 9, FIRST + 8, &given);
}

CALL(report_reasons)
{
    int by[REPORT_REASONS];
    return report_reasons(db, 9, by);
}

CALL(entries_reported)
{
    int64_t some[6];
    return entries_reported(db, some, 6, &got);
}

DOES(quiz_take_out, quiz_take_out(db, 7, NOW_MS))
DOES(quiz_put_back, quiz_put_back(db, 7))
DOES(quizzes_out, quizzes_out(db, ids, 6, &got))
DOES(quiz_is_out, quiz_is_out(db, 7, &flag))
DOES(quiz_club_after, quiz_club_after(db, 7, CLUB, &value))

CALL(quiz_amends)
{
    struct amends a;
    return quiz_amends(db, 7, &a);
}

DOES(quiz_amends_save, quiz_amends_save(db, 7, &(struct amends){4, CLUB}))

DOES(outbox_crowded, outbox_crowded(db, LOUD, 6, &flag))
DOES(outbox_left, outbox_left(db, 400, &flag))
DOES(outbox_spoken, outbox_spoken(db, CLUB, NOW_MS))

CALL(outbox_spoken_after)
{
    static struct spoken list[256];
    return outbox_spoken_after(db, &(struct spoken){0}, NOW_MS, list, 256, &got);
}

/* ---- who goes ---- */

DOES(learner_seen, learner_seen(db, PLAIN, NOW_MS))
DOES(learner_set_pause, learner_set_pause(db, HEAVY, DAY + 7))
DOES(learner_ignores, learner_ignores(db, HEAVY, DAY))
DOES(learner_set_asleep, learner_set_asleep(db, HEAVY, true))
DOES(learner_wake, learner_wake(db, HEAVY))
DOES(sittings_excuse, sittings_excuse(db, HEAVY, DAY, true))
DOES(person_forget, person_forget(db, FIRST + 50001, &value))
DOES(person_erase, person_erase(db, FIRST + 50002, &value))
DOES(person_forget_heavy, person_forget(db, HEAVY, &value))
DOES(person_forget_player, person_forget(db, FIRST + 5, &value))

/* In this house rows wait about messages in chats of others; in no real one they do. */
CALL(posts_of_their_own)
{
    return db_exec0(db, "UPDATE outbox SET post = NULL WHERE post IN (SELECT id FROM post"
                        " WHERE chat IN (1000001, 1000005))");
}
DOES(person_forget_posts, person_forget_posts(db, FIRST + 7))
DOES(people_prune, people_prune(db, NOW_MS, &flag, &flag))
DOES(erased_note, erased_note(db, FIRST + 9))
static int erased;
DOES(erased_again, erased_again(db, &erased))
DOES(erased_backed_up, erased_backed_up(db) ? OK : ERR_DB)
DOES(forget_for_good, forget_for_good(db) ? ERR_DB : OK) /* not inside a transaction */
static enum err made(int64_t person)
{
    struct buf file = {0};
    enum err e = export_make(db, person, NOW_MS, &file);
    buf_free(&file);
    return e;
}

DOES(export_make, made(PLAIN))
DOES(export_make_heavy, made(HEAVY))
DOES(export_last, export_last(db, PLAIN, NOW_MS, &value))
DOES(export_asked, export_asked(db, PLAIN, NOW_MS))
DOES(export_drop, export_drop(db, PLAIN))
DOES(exports_prune, exports_prune(db, NOW_MS))
DOES(farewell_ask, farewell_ask(db, PLAIN, 7, NOW_MS))
DOES(farewell_check, farewell_check(db, PLAIN, 7, NOW_MS - 1))
DOES(farewell_drop, farewell_drop(db, PLAIN))
DOES(farewells_prune, farewells_prune(db, NOW_MS))
DOES(dead_prune, dead_prune(db, NOW_MS, &flag))

/* In this order: some prepare the ground for the next. `whole` is the reason why a
 * statement may take STEPS_WHOLE: it reads one person's whole deck, or one whole topic; one
 * that begins with "once" allows STEPS_ONCE. */
static const struct {
    const char *name;
    enum err (*call)(void);
    const char *whole;
} calls[] = {
    {"bank_topics", do_bank_topics, NULL},
    {"bank_topic", do_bank_topic, NULL},
    {"bank_names", do_bank_names, NULL},
    {"bank_ids", do_bank_ids, "the codes of one bank, when one of them is mistyped"},
    {"bank_question", do_bank_question, NULL},
    {"bank_question_by_id", do_bank_question_by_id, NULL},
    {"bank_page", do_bank_page, NULL},
    {"quiz_find", do_quiz_find, NULL},
    {"learner_find", do_learner_find, NULL},
    {"learner_add", do_learner_add, NULL},
    {"learner_save", do_learner_save, NULL},
    {"learner_set_streak", do_learner_set_streak, NULL},
    {"learner_told", do_learner_told, NULL},
    {"learner_reminded", do_learner_reminded, NULL},
    {"learner_set_state", do_learner_set_state, NULL},
    {"learners_active", do_learners_active, NULL},
    {"subscriptions", do_subscriptions, NULL},
    {"subscribe", do_subscribe, NULL},
    {"unsubscribe", do_unsubscribe, NULL},
    {"subscription_time", do_subscription_time, NULL},
    {"subscription_credit", do_subscription_credit, NULL},
    {"streak_day_keep", do_streak_day_keep, NULL},
    {"streak_day_reviews", do_streak_day_reviews, NULL},
    {"streak_day_unkeep", do_streak_day_unkeep, NULL},
    {"streak_day_freeze", do_streak_day_freeze, NULL},
    {"streak_days_thaw", do_streak_days_thaw, NULL},
    {"streak_days_excuse", do_streak_days_excuse, NULL},
    {"streak_days_excuse", do_streak_year, "a year of one person's days, once in a year"},
    {"card_find", do_card_find, NULL},
    {"card_put", do_card_put, NULL},
    {"card_drop", do_card_drop, NULL},
    {"cards_due", do_due_of_plain, NULL},
    {"cards_due", do_due_of_all, "the whole deck: recall is compared, not stored"},
    {"cards_due", do_due_of_topic, "the whole deck: recall is compared, not stored"},
    {"cards_fresh", do_fresh_one, NULL},
    {"cards_fresh", do_fresh_of_plain, NULL},
    {"cards_fresh", do_fresh_of_topic, "a whole topic of which nearly all is known"},
    {"cards_fresh", do_fresh_of_all, "a whole deck to be left out"},
    {"cards_fresh", do_fresh_of_blank, NULL},
    {"card_learning_due", do_card_learning_due, "the whole deck"},
    {"card_learning_due", do_card_learning_none, "the whole deck"},
    {"topic_counts", do_topic_counts, "a whole topic"},
    {"deck_counts", do_deck_counts, "the whole deck"},
    {"review_add", do_review_add, NULL},
    {"review_live", do_review_live, NULL},
    {"review_undo", do_review_undo, NULL},
    {"review_is_last", do_review_is_last, NULL},
    {"review_day_first", do_review_day_first, NULL},
    {"sitting_add", do_sitting_add, NULL},
    {"sitting_find", do_sitting_find, NULL},
    {"sitting_sent", do_sitting_sent, NULL},
    {"sitting_grow", do_sitting_grow, NULL},
    {"sitting_is_newest", do_sitting_is_newest, NULL},
    {"sitting_done", do_sitting_done, NULL},
    {"sitting_waiting", do_sitting_waiting, NULL},
    {"sitting_failed", do_sitting_failed, NULL},
    {"sittings_close", do_sittings_close, NULL},
    {"served_add", do_served_add, NULL},
    {"served_has", do_served_has, NULL},
    {"sitting_came", do_sitting_came, NULL},
    {"days_missed", do_days_missed, NULL},
    {"days_missed", do_days_missed_year, "a year of one person's sittings"},
    {"delivery_add", do_delivery_add, NULL},
    {"delivery_at", do_delivery_at, NULL},
    {"deliveries_drop_unsent", do_deliveries_drop_unsent,
     "all that one person was asked, once when they block the bot"},
    {"delivery_waiting", do_delivery_waiting, NULL},
    {"delivery_waits", do_delivery_waits, NULL},
    {"posts_prune", do_posts_prune, NULL},
    {"delivery_by_token", do_delivery_by_token, NULL},
    {"delivery_by_post", do_delivery_by_post, NULL},
    {"delivery_save", do_delivery_save, NULL},
    {"post_new", do_post_new, NULL},
    {"post_of_message", do_post_of_message, NULL},
    {"post_find", do_post_find, NULL},
    {"post_adopt", do_post_adopt, NULL},
    {"outbox_add", do_outbox_add, NULL},
    {"outbox_add", do_outbox_add_edit, NULL},
    {"outbox_lanes", do_outbox_lanes, NULL},
    {"outbox_next_ms", do_outbox_next_ms, NULL},
    {"outbox_take", do_outbox_take, NULL},
    {"outbox_bulk_ready", do_outbox_bulk_ready, NULL},
    {"outbox_find", do_outbox_find, NULL},
    {"outbox_settle", do_outbox_settle, NULL},
    {"outbox_retry", do_outbox_retry, NULL},
    {"outbox_not_sent", do_outbox_not_sent, NULL},
    {"outbox_park", do_outbox_park, NULL},
    {"outbox_requeue", do_outbox_requeue, NULL},
    {"outbox_lost_reply", do_outbox_lost_reply, NULL},
    {"outbox_arrived", do_outbox_arrived, NULL},
    {"outbox_unsettled", do_outbox_unsettled, NULL},
    {"outbox_free_lanes", do_outbox_free_lanes, NULL},
    {"outbox_drop_chat", do_outbox_drop_chat, NULL},
    {"outbox_hush", do_outbox_hush, NULL},
    {"alarms_clock_back", do_alarms_clock_back, "once after a clock was set back"},
    {"outbox_clock_back", do_outbox_clock_back, "once after a clock was set back"},
    {"battle_add", do_battle_add, NULL},
    {"battle_find", do_battle_find, NULL},
    {"battle_by_token", do_battle_by_token, NULL},
    {"battle_running", do_battle_running, NULL},
    {"battle_save", do_battle_save, NULL},
    {"battles_running", do_battles_running, NULL},
    {"seat_take", do_seat_take, NULL},
    {"seat_take", do_seat_take_again, NULL},
    {"seat_find", do_seat_find, NULL},
    {"seat_save", do_seat_save, NULL},
    {"seats", do_seats, "a whole battle"},
    {"seats_count", do_seats_count, NULL},
    {"seats_idle", do_seats_idle, NULL},
    {"round_add", do_round_add, NULL},
    {"round_find", do_round_find, NULL},
    {"round_of", do_round_of, NULL},
    {"round_by_poll", do_round_by_poll, NULL},
    {"round_save", do_round_save, NULL},
    {"round_poll", do_round_poll, NULL},
    {"round_all_voted", do_round_all_voted, NULL},
    {"rounds_of_question", do_rounds_of_question, NULL},
    {"vote_add", do_vote_add, NULL},
    {"vote_points", do_vote_points, NULL},
    {"vote_mend", do_vote_mend, NULL},
    {"votes", do_votes, "a whole round"},
    {"votes_count", do_votes_count, NULL},
    {"skip_add", do_skip_add, NULL},
    {"early_vote_add", do_early_vote_add, NULL},
    {"early_votes_take", do_early_votes_take, NULL},
    {"battles_prune", do_battles_prune, "a whole battle, a whole round"},
    {"battles_migrate", do_battles_migrate, NULL},
    {"player_seen", do_player_seen, NULL},
    {"players_prune", do_players_prune, "all the boards of one player"},
    {"board_add", do_board_add, NULL},
    {"boards_prune", do_boards_prune, NULL},
    {"board_best", do_board_best, NULL},
    {"board_own", do_board_own, "a whole board of 5,000 players"},
    {"club_find", do_club_find, NULL},
    {"club_add", do_club_add, NULL},
    {"club_save", do_club_save, NULL},
    {"club_admin_put", do_club_admin_put, NULL},
    {"club_admin_drop", do_club_admin_drop, NULL},
    {"club_is_admin", do_club_is_admin, NULL},
    {"club_admins_prune", do_club_admins_prune, NULL},
    {"offers_unseen", do_offers_unseen, "a whole topic"},
    {"quiz_is_fit", do_quiz_is_fit, NULL},
    {"dailies_ring", do_dailies_ring, NULL},
    {"daily_round", do_daily_round, NULL},
    {"quiz_choices", do_quiz_choices, "a whole topic"},
    {"quiz_record_add", do_quiz_record_add, NULL},
    {"report_add", do_report_add, NULL},
    {"reports_count", do_reports_count, NULL},
    {"reports_prune", do_reports_prune, NULL},
    {"report_reason_give", do_report_reason_give, NULL},
    {"report_reason_of", do_report_reason_of, NULL},
    {"report_reasons", do_report_reasons, NULL},
    {"report_take_back", do_report_take_back, NULL},
    {"entries_reported", do_entries_reported, NULL},
    {"entry_reports_settle", do_entry_reports_settle, NULL},
    {"quiz_take_out", do_quiz_take_out, NULL},
    {"quiz_put_back", do_quiz_put_back, NULL},
    {"quizzes_out", do_quizzes_out, NULL},
    {"quiz_is_out", do_quiz_is_out, NULL},
    {"quiz_club_after", do_quiz_club_after, NULL},
    {"quiz_amends", do_quiz_amends, NULL},
    {"quiz_amends_save", do_quiz_amends_save, NULL},
    {"outbox_crowded", do_outbox_crowded, NULL},
    {"outbox_left", do_outbox_left, NULL},
    {"outbox_spoken", do_outbox_spoken, NULL},
    {"outbox_spoken_after", do_outbox_spoken_after, NULL},
    {"chat_migrate", do_chat_migrate, "once in the life of a group: all that it has"},
    {"alarm_set", do_alarm_set, NULL},
    {"alarm_drop", do_alarm_drop, NULL},
    {"alarm_due", do_alarm_due, NULL},
    {"alarm_fail", do_alarm_fail, NULL},
    {"alarms_due", do_alarms_due, NULL},
    {"alarms_next_ms", do_alarms_next_ms, NULL},
    {"inbox_offset", do_inbox_offset, NULL},
    {"inbox_mark", do_inbox_mark, NULL},
    {"inbox_set_offset", do_inbox_set_offset, NULL},
    {"inbox_prune", do_inbox_prune, NULL},
    {"suspect_begin", do_suspect_begin, NULL},
    {"suspect_clear", do_suspect_clear, NULL},
    {"dead_add", do_dead_add, NULL},
    {"tally_read", do_tally_read, NULL},
    {"desk_read", do_desk_read, NULL},
    {"broadcast_add", do_broadcast_add, NULL},
    {"broadcast_find", do_broadcast_find, NULL},
    {"broadcast_by_token", do_broadcast_by_token, NULL},
    {"broadcast_runs", do_broadcast_runs, NULL},
    {"broadcast_save", do_broadcast_save, NULL},
    {"broadcast_sent", do_broadcast_sent, NULL},
    {"broadcast_recall", do_broadcast_recall, "once in a broadcast: what waits of it"},
    {"broadcasts_halt", do_broadcasts_halt, "once in a restore"},
    {"reader_spare", do_reader_spare, NULL},
    {"broadcasts_prune", do_broadcasts_prune, NULL},
    {"readers", do_readers, NULL},
    {"reader_set", do_reader_set, NULL},
    {"meta_get", do_meta_get, NULL},
    {"meta_set", do_meta_set, NULL},
    {"down_add", do_down_add, NULL},
    {"down_cut", do_down_cut, NULL},
    {"down_prune", do_down_prune, NULL},
    {"learner_seen", do_learner_seen, NULL},
    {"learner_set_pause", do_learner_set_pause, NULL},
    {"learner_ignores", do_learner_ignores, NULL},
    {"learner_set_asleep", do_learner_set_asleep, NULL},
    {"learner_wake", do_learner_wake, NULL},
    {"sittings_excuse", do_sittings_excuse, NULL},
    {"export_make", do_export_make, "all that is kept of one person"},
    {"export_make", do_export_make_heavy,
     "once an hour: three years of one person's learning"},
    {"export_last", do_export_last, NULL},
    {"export_asked", do_export_asked, NULL},
    {"export_drop", do_export_drop, NULL},
    {"exports_prune", do_exports_prune, NULL},
    {"farewell_ask", do_farewell_ask, NULL},
    {"farewell_check", do_farewell_check, NULL},
    {"farewell_drop", do_farewell_drop, NULL},
    {"farewells_prune", do_farewells_prune, NULL},
    {"dead_prune", do_dead_prune, NULL},
    {"person_forget_posts", do_person_forget_posts, NULL},
    {"forget_for_good", do_forget_for_good, NULL},
    {"erased_note", do_erased_note, NULL},
    {"erased_again", do_erased_again, NULL}, /* no file: tests/backup.py plays it */
    {"erased_backed_up", do_erased_backed_up, NULL},
    {"person_forget", do_person_forget, "all that is kept of one person"},
    {"person_erase", do_person_erase, "all that is kept of one person"},
    {"people_prune", do_people_prune, "all that is kept of one person"},
    {"person_forget", do_posts_of_their_own, NULL},
    {"person_forget", do_person_forget_heavy,
     "once in a life: three years of one person's learning"},
    {"person_forget", do_person_forget_player, "once in a life: 250 battles of one person"},
};
enum { CALLS = sizeof calls / sizeof *calls };

static void counters_reset(void)
{
    for (int i = 0; i < db_statement_count(db); i++) {
        sqlite3_stmt_status(db_statement(db, i), SQLITE_STMTSTATUS_VM_STEP, 1);
        sqlite3_stmt_status(db_statement(db, i), SQLITE_STMTSTATUS_RUN, 1);
    }
}

/* All runs of a statement within one call count together: never less than one run. */
static int over_the_limit(int call)
{
    const char *why = calls[call].whole;
    int bad = 0, limit = !why                            ? STEPS_MAX
                         : strncmp(why, "once ", 5) == 0 ? STEPS_ONCE
                                                         : STEPS_WHOLE;
    for (int i = 0; i < db_statement_count(db); i++) {
        sqlite3_stmt *s = db_statement(db, i);
        int steps = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0);
        if (steps > limit) {
            print_error("%s: %d steps, %d allowed: %s\n", calls[call].name, steps, limit,
                        sqlite3_sql(s));
            bad++;
        }
        if (steps && getenv("STATEMENTS"))
            print_message("%6d %-20s %s\n", steps, calls[call].name, sqlite3_sql(s));
    }
    return bad;
}

static void no_statement_looks_at_more_than_it_must(void **state)
{
    (void)state;
    int bad = 0;
    assert_int_equal(one_int("PRAGMA foreign_keys"), 1);
    assert_int_equal(one_int("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(db_begin(db), OK);
    for (int i = 0; i < CALLS; i++) {
        counters_reset();
        enum err e = calls[i].call();
        if (e)
            fail_msg("%s: %s: %s", calls[i].name, err_text(e),
                     sqlite3_errmsg(db_handle(db)));
        bad += over_the_limit(i);
    }
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(bad, 0);
}

/* ---- the quick ways find what the plain ways find ---- */

#define LYING                                                                           \
    " AND (SELECT count(*) FROM delivery d WHERE d.learner = ?1 AND d.question = q.num" \
    " AND ((d.state IN ('open', 'planned') AND d.day >= ?2 - 3)"                        \
    " OR (d.state = 'skipped' AND d.day >= ?2))) = 0"
#define TOPICS                                                                       \
    " AND q.num IN (SELECT question FROM bank.offer WHERE topic = ?4 OR (?4 IS NULL" \
    " AND topic IN (SELECT topic FROM subscription WHERE learner = ?1)))"

static const char plain_due[] =
    "SELECT q.num FROM bank.question q JOIN card c ON c.question = q.num"
    " WHERE c.learner = ?1 AND q.retired = 0 AND c.due_day <= ?2 AND c.due_ms <= ?3" LYING
        TOPICS " ORDER BY c.due_ms = 0, CASE WHEN c.due_ms > 0 THEN c.due_ms END,"
    " (?2 - c.last_day) / c.stability DESC, q.num LIMIT 20";
static const char plain_fresh[] =
    "SELECT q.num FROM bank.question q WHERE q.retired = 0 AND q.level <= 3 AND ?3 > 0"
    " AND NOT EXISTS (SELECT 1 FROM card c WHERE c.learner = ?1 AND c.question = "
    "q.num)" LYING TOPICS " ORDER BY q.likelihood, q.num LIMIT 20";

static int plain(const char *sql, const struct offer_query *o, int64_t *out)
{
    int n = 0;
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db_handle(db), sql, -1, &s, NULL))
        fail_msg("%s", sqlite3_errmsg(db_handle(db)));
    sqlite3_bind_int64(s, 1, o->learner);
    sqlite3_bind_int64(s, 2, o->day);
    sqlite3_bind_int64(s, 3, o->now_ms);
    if (o->topic)
        sqlite3_bind_text(s, 4, o->topic, -1, SQLITE_STATIC);
    while (sqlite3_step(s) == SQLITE_ROW)
        out[n++] = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void due_and_fresh_are_what_the_words_say(void **state)
{
    static const int64_t people[] = {HEAVY, BLANK, PLAIN, FIRST + 7, FIRST + 4000};
    static const char *const topics[] = {NULL, "t0", "t1", "t7"};
    static const int64_t days[] = {DAY, 20492, 20493};
    int64_t want[20], found[20];
    int n, seen = 0;
    (void)state;
    for (int i = 0; i < 5 * 4 * 3 * 2; i++) {
        struct offer_query o = asked(people[i % 5], topics[i / 5 % 4]);
        o.day = days[i / 20 % 3];
        bool due = i / 60 == 0;
        enum err e =
            due ? cards_due(db, &o, found, 20, &n) : cards_fresh(db, &o, found, 20, &n);
        assert_int_equal(e, OK);
        int want_n = plain(due ? plain_due : plain_fresh, &o, want);
        if (n != want_n || memcmp(found, want, (size_t)n * sizeof *want) != 0)
            fail_msg("row %d: %d found, %d wanted", i, n, want_n);
        seen += n;
    }
    assert_true(seen > 500);
}

/* Of the heavy one's year two outages were short: those days were really missed. */
static void a_day_is_missed_unless_we_were_down(void **state)
{
    static const struct {
        int64_t after, before;
        bool missed;
    } days[] = {{20200, 20300, false}, {20200, 20401, false}, {20200, 20402, true},
                {20400, 20402, true},  {20401, 20403, false}, {20401, 20411, false},
                {20401, 20412, true},  {20100, 20130, true},  {20129, 20135, false}};
    (void)state;
    assert_int_equal(db_script(db, "UPDATE down SET to_ms = from_ms + 7200000"
                                   " WHERE from_ms / 86400000 IN (20401, 20411)"),
                     OK);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        int64_t missed;
        int n;
        assert_int_equal(
            days_missed(db, HEAVY, days[i].after, days[i].before, &missed, 1, &n), OK);
        if ((n > 0) != days[i].missed)
            fail_msg("row %zu", i);
    }
    assert_int_equal(db_script(db, "UPDATE down SET to_ms = from_ms + 9000000"), OK);
}

static void a_sitting_that_failed_leaves_nothing_planned(void **state)
{
    struct sitting s = {.learner = PLAIN, .day = DAY + 3, .size = 2};
    struct delivery d = {.learner = PLAIN, .question = 5, .day = DAY + 3, .lang = "ru"};
    (void)state;
    assert_int_equal(sitting_add(db, &s), OK);
    d.sitting = s.id;
    for (d.place = 1; d.place <= 2; d.place++) {
        d.token = -5000 - d.place;
        d.state = d.place == 1 ? DELIVERY_OPEN : DELIVERY_PLANNED;
        assert_int_equal(delivery_add(db, &d), OK);
    }
    assert_int_equal(sitting_failed(db, s.id), OK);
    assert_int_equal(delivery_at(db, &arena, s.id, 2, &d), OK);
    assert_int_equal(d.state, DELIVERY_DROPPED);
    assert_int_equal(delivery_at(db, &arena, s.id, 1, &d), OK);
    assert_int_equal(d.state, DELIVERY_OPEN); /* that one is its message's affair */
    assert_int_equal(sitting_find(db, s.id, &s), OK);
    assert_false(s.open);
}

/* ---- none forgotten ---- */

static bool called(const char *name)
{
    for (int i = 0; i < CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return true;
    return false;
}

/* "enum err name(struct db *db": the functions a header of db/ gives. */
static int not_called(const char *header)
{
    static const char marker[] = "(struct db *db";
    int n = 0;
    for (const char *p = header; (p = strstr(p, marker)); p++) {
        const char *start = p;
        char name[64];
        while (start > header && start[-1] != ' ' && start[-1] != '*' && start[-1] != '\n')
            start--;
        snprintf(name, sizeof name, "%.*s", (int)(p - start), start);
        if (!called(name)) {
            print_error("%s() is not in the table of this test\n", name);
            n++;
        }
    }
    return n;
}

static void every_function_of_db_is_in_the_table(void **state)
{
    (void)state;
    int missing = 0, headers = 0;
    DIR *d = opendir("db");
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        char name[300];
        struct buf text = {0};
        if (n < 3 || strcmp(e->d_name + n - 2, ".h") != 0 || strcmp(e->d_name, "db.h") == 0)
            continue;
        snprintf(name, sizeof name, "db/%s", e->d_name);
        assert_int_equal(file_read(name, &text), OK);
        missing += not_called(text.data);
        headers++;
        buf_free(&text);
    }
    closedir(d);
    assert_true(headers > 5);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_of_db_is_in_the_table),
        cmocka_unit_test(due_and_fresh_are_what_the_words_say),
        cmocka_unit_test(a_day_is_missed_unless_we_were_down),
        cmocka_unit_test(a_sitting_that_failed_leaves_nothing_planned),
        cmocka_unit_test(no_statement_looks_at_more_than_it_must),
    };
    return cmocka_run_group_tests(tests, house, house_down);
}
