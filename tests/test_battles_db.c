/* What groups leave in the database: battles, seats, rounds, votes, boards, reports; what
 * is unique, what happens once, what follows a group to its new address, what is forgotten.
 */
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
#include "bot/study/battle.h"
#include "db/battles.h"
#include "db/boards.h"
#include "db/chats.h"
#include "db/clubs.h"
#include "db/records.h"

#define CLUB (-4001234567)
#define MOVED (-1001234567890)
#define NOW 1772366400000 /* 2026-03-01 12:00 UTC */
#define DAY_MS 86400000LL

static char dir[400], path[450], bank[450];
static struct db *db;
static struct arena arena;

static int64_t one(const char *sql)
{
    sqlite3_stmt *s;
    int64_t v = -1;
    if (sqlite3_prepare_v2(db_handle(db), sql, -1, &s, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(db_handle(db)));
    if (sqlite3_step(s) == SQLITE_ROW)
        v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

/* Five questions of a topic: 4 is retired, 5 has no quiz. */
static void bank_made(void)
{
    static const char rows[] =
        "INSERT INTO topic VALUES ('t', 1, 'Т', 'T', 5), ('u', 2, 'У', 'U', 0);"
        "INSERT INTO question SELECT value, 'q' || value, 't', 1, value / 10.0, value = 4, "
        "NULL"
        " FROM json_each('[1,2,3,4,5]');"
        "INSERT INTO offer SELECT topic, likelihood, num, level FROM question"
        " WHERE retired = 0;"
        "INSERT INTO quiz SELECT num, lang, 'ask', '', '1', '2', '3', '4', 'why'"
        " FROM question, (SELECT 'ru' AS lang UNION ALL SELECT 'en') WHERE num < 5;"
        "INSERT INTO info VALUES ('hash', '0');"
        "PRAGMA application_id = 1399808610; PRAGMA user_version = 2";
    struct db *b;
    struct buf schema = {0};
    if (file_read("db/bank.sql", &schema))
        fail_msg("db/bank.sql is not here: run the test in the root of the repository");
    assert_int_equal(db_open_plain(bank, &b), OK);
    assert_int_equal(db_script(b, schema.data), OK);
    assert_int_equal(db_script(b, rows), OK);
    db_close(b);
    buf_free(&schema);
}

static int house(void **state)
{
    const char *tmp = getenv("TMPDIR"), *why = "";
    (void)state;
    snprintf(dir, sizeof dir, "%s/test_battles_db-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/sobes.db", dir);
    snprintf(bank, sizeof bank, "%s/bank.db", dir);
    bank_made();
    return db_open(path, &db, &why) || db_attach_bank(db, bank) ? -1 : 0;
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

/* Each test in a transaction that is taken back: they do not see one another. */
static int begin(void **state)
{
    (void)state;
    return db_begin(db);
}

static int undo(void **state)
{
    (void)state;
    bool whole = one("SELECT count(*) FROM pragma_foreign_key_check") == 0;
    db_rollback(db);
    return whole ? 0 : -1;
}

static struct battle battle_made(int64_t chat, int64_t thread)
{
    static int64_t token = 1000;
    struct battle b = {.token = ++token,
                       .chat = chat,
                       .thread = thread,
                       .opener = 7,
                       .lang = "ru",
                       .topic = "t",
                       .rounds = 3,
                       .speed = true,
                       .state = BATTLE_LOBBY,
                       .due_ms = NOW};
    assert_int_equal(battle_add(db, &b), OK);
    return b;
}

static struct round round_made(int64_t battle, int64_t chat, int64_t question,
                               int64_t opened_ms)
{
    struct round r = {.battle = battle,
                      .chat = chat,
                      .number = 1,
                      .question = question,
                      .level = 1,
                      .options = 123,
                      .limit_ms = 20000};
    assert_int_equal(round_add(db, &r), OK);
    r.state = opened_ms ? ROUND_CLOSED : ROUND_ASKED;
    r.opened_ms = opened_ms;
    assert_int_equal(round_save(db, &r), OK);
    return r;
}

static void vote_made(int64_t round, int64_t person, bool hit)
{
    struct vote v = {.person = person, .option = 1, .place = person, .hit = hit};
    assert_int_equal(vote_add(db, round, &v), OK);
}

/* ---- battles and seats ---- */

static void a_battle_comes_back_as_it_was_stored(void **state)
{
    struct battle b = battle_made(CLUB, 5), c;
    (void)state;
    b.buttons = b.stale = true;
    b.state = BATTLE_REVEAL;
    b.round = 2;
    b.silent = 1;
    b.voids = 1;
    b.drawn_ms = NOW - 1;
    b.over_ms = NOW + 1;
    b.over_day = 20513;
    assert_int_equal(battle_save(db, &b), OK);
    for (int way = 0; way < 2; way++) {
        assert_int_equal(way ? battle_by_token(db, &arena, b.token, &c)
                             : battle_find(db, &arena, b.id, &c),
                         OK);
        assert_string_equal(c.lang, b.lang);
        assert_string_equal(c.topic, b.topic);
        assert_true(c.id == b.id && c.token == b.token && c.chat == b.chat &&
                    c.thread == b.thread && c.opener == b.opener && c.post == b.post);
        assert_true(c.rounds == b.rounds && c.speed == b.speed && c.bonus == b.bonus &&
                    c.buttons == b.buttons && c.state == b.state && c.round == b.round);
        assert_true(c.silent == b.silent && c.voids == b.voids && c.due_ms == b.due_ms &&
                    c.drawn_ms == b.drawn_ms && c.stale == b.stale &&
                    c.over_ms == b.over_ms && c.over_day == b.over_day);
    }
    assert_int_equal(battle_find(db, &arena, b.id + 99, &c), ERR_NOT_FOUND);
    assert_int_equal(battle_by_token(db, &arena, 1, &c), ERR_NOT_FOUND);
}

static void one_battle_runs_in_a_chat_and_thread(void **state)
{
    struct battle b = battle_made(CLUB, 0), c = b, in_topic = battle_made(CLUB, 9), list[4];
    int n;
    (void)state;
    c.token += 100000;
    assert_int_equal(battle_add(db, &c), ERR_BAD_INPUT);
    assert_int_equal(battle_running(db, &arena, CLUB, 9, &c), OK);
    assert_int_equal(c.id, in_topic.id);
    assert_int_equal(battles_running(db, &arena, CLUB, list, 4, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(battles_running(db, &arena, CLUB, list, 1, &n), OK);
    assert_int_equal(n, 1);
    b.state = BATTLE_OVER;
    assert_int_equal(battle_save(db, &b), OK);
    assert_int_equal(battle_running(db, &arena, CLUB, 0, &c), ERR_NOT_FOUND);
    battle_made(CLUB, 0);
    battle_made(CLUB - 1, 0);
}

static void seats_are_taken_once_and_up_to_the_last(void **state)
{
    struct battle b = battle_made(CLUB, 0);
    struct seat s;
    bool fresh;
    int all, active;
    (void)state;
    for (int64_t person = 1; person <= SEATS_MAX; person++) {
        assert_int_equal(seat_take(db, b.id, person, &fresh), OK);
        assert_true(fresh);
    }
    assert_int_equal(seat_take(db, b.id, SEATS_MAX + 1, &fresh), ERR_REFUSED);
    assert_false(fresh);
    assert_int_equal(seat_take(db, b.id, 5, &fresh), OK); /* sits there already */
    assert_false(fresh);
    assert_int_equal(seat_find(db, b.id, SEATS_MAX + 1, &s), ERR_NOT_FOUND);
    assert_int_equal(seats_count(db, b.id, &all, &active), OK);
    assert_int_equal(all, SEATS_MAX);
    assert_int_equal(active, SEATS_MAX);
    assert_int_equal(seats_count(db, b.id + 1, &all, &active), OK);
    assert_int_equal(all + active, 0);
}

static void the_best_seats_come_first_with_their_names(void **state)
{
    struct battle b = battle_made(CLUB, 0);
    struct seat s[4];
    bool fresh;
    int n;
    (void)state;
    static const struct seat put[] = {{.person = 1, .points = 500, .hits = 1},
                                      {.person = 2, .points = 900, .hits = 1},
                                      {.person = 3, .points = 500, .hits = 2}};
    assert_int_equal(club_add(db, CLUB, 1, "ru", "Etc/UTC"), OK);
    assert_int_equal(player_seen(db, CLUB, 2, "Аня", NOW), OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(seat_take(db, b.id, put[i].person, &fresh), OK);
        assert_int_equal(seat_save(db, b.id, &put[i]), OK);
    }
    assert_int_equal(seats(db, &arena, b.id, CLUB, s, 4, &n), OK);
    assert_int_equal(n, 3);
    assert_int_equal(s[0].person, 2);
    assert_string_equal(s[0].name, "Аня");
    assert_int_equal(s[1].person, 3);
    assert_string_equal(s[1].name, "");
    assert_int_equal(seats(db, &arena, b.id, CLUB, s, 1, &n), OK);
    assert_int_equal(n, 1);
}

static void who_does_not_answer_loses_the_run(void **state)
{
    struct battle b = battle_made(CLUB, 0);
    struct round r = round_made(b.id, CLUB, 1, NOW);
    struct seat s = {.person = 1, .run = 3, .hits = 3};
    bool fresh, done;
    int all, active;
    (void)state;
    for (int64_t person = 1; person <= 2; person++) {
        s.person = person;
        assert_int_equal(seat_take(db, b.id, person, &fresh), OK);
        assert_int_equal(seat_save(db, b.id, &s), OK);
    }
    assert_int_equal(round_all_voted(db, b.id, r.id, &done), OK);
    assert_false(done);
    vote_made(r.id, 1, true);
    assert_int_equal(round_all_voted(db, b.id, r.id, &done), OK);
    assert_false(done);
    for (int round = 1; round <= 2; round++) {
        assert_int_equal(seats_idle(db, b.id, r.id), OK);
        assert_int_equal(seat_find(db, b.id, 2, &s), OK);
        assert_int_equal(s.run, 0);
        assert_int_equal(s.idle, round);
        assert_int_equal(seat_find(db, b.id, 1, &s), OK);
        assert_int_equal(s.run, 3);
        assert_int_equal(s.idle, 0);
    }
    assert_int_equal(seats_count(db, b.id, &all, &active), OK);
    assert_int_equal(all, 2);
    assert_int_equal(active, 1);
    assert_int_equal(round_all_voted(db, b.id, r.id, &done), OK);
    assert_true(done); /* nobody waits for who is away */
}

/* ---- rounds and votes ---- */

static void a_round_is_found_by_number_and_poll(void **state)
{
    struct battle b = battle_made(CLUB, 0);
    struct round first = round_made(b.id, CLUB, 1, NOW), r;
    struct round again = round_made(b.id, CLUB, 2, NOW); /* the first one did not count */
    struct round daily = round_made(0, CLUB, 3, 0);
    (void)state;
    assert_int_equal(round_of(db, b.id, 1, &r), OK);
    assert_int_equal(r.id, again.id);
    assert_int_equal(round_of(db, b.id, 2, &r), ERR_NOT_FOUND);
    assert_int_equal(round_poll(db, first.id, "5298988606646386709"), OK);
    assert_int_equal(round_poll(db, again.id, "5298988606646386709"), ERR_BAD_INPUT);
    assert_int_equal(round_by_poll(db, "5298988606646386709", &r), OK);
    assert_true(r.id == first.id && r.battle == b.id && r.chat == CLUB && r.number == 1 &&
                r.question == 1 && r.level == 1 && r.options == 123 && r.key == 0);
    assert_true(r.state == ROUND_CLOSED && r.opened_ms == NOW && r.limit_ms == 20000);
    assert_int_equal(round_by_poll(db, "1", &r), ERR_NOT_FOUND);
    assert_int_equal(round_find(db, daily.id, &r), OK);
    assert_int_equal(r.battle, 0);
}

static void rounds_of_a_question_are_the_clubs_own(void **state)
{
    struct round r[2];
    int n;
    int64_t club;
    (void)state;
    round_made(0, CLUB, 1, NOW - 40 * DAY_MS);
    round_made(0, CLUB, 1, NOW - 2 * DAY_MS);
    struct round newest = round_made(0, CLUB, 1, NOW);
    round_made(0, CLUB, 2, NOW);
    round_made(0, MOVED, 1, NOW);
    round_made(0, 77, 1, NOW); /* practice */
    assert_int_equal(rounds_of_question(db, 1, CLUB, NOW - 30 * DAY_MS, r, 2, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(r[0].id, newest.id);
    assert_int_equal(rounds_of_question(db, 1, CLUB, NOW - 60 * DAY_MS, r, 2, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(rounds_of_question(db, 1, CLUB, NOW, r, 2, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(quiz_club_after(db, 1, INT64_MIN, &club), OK);
    assert_int_equal(club, MOVED);
    assert_int_equal(quiz_club_after(db, 1, club, &club), OK);
    assert_int_equal(club, CLUB);
    assert_int_equal(quiz_club_after(db, 1, club, &club), ERR_NOT_FOUND);
    assert_int_equal(quiz_club_after(db, 9, INT64_MIN, &club), ERR_NOT_FOUND);
}

static void a_vote_counts_once(void **state)
{
    struct round r = round_made(0, CLUB, 1, NOW);
    struct vote v = {.person = 1, .option = 2, .spent_ms = 700, .place = 50, .hit = false},
                got[3];
    int n, hits;
    (void)state;
    assert_int_equal(vote_add(db, r.id, &v), OK);
    v.option = 0;
    v.hit = true;
    assert_int_equal(vote_add(db, r.id, &v), ERR_REFUSED);
    v = (struct vote){.person = 9, .place = 40, .hit = true};
    assert_int_equal(vote_add(db, r.id, &v), OK);
    assert_int_equal(vote_points(db, r.id, 9, 975), OK);
    assert_int_equal(votes(db, &arena, r.id, CLUB, got, 3, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(got[0].person, 9); /* by the server's order */
    assert_int_equal(got[0].points, 975);
    assert_int_equal(got[1].option, 2);
    assert_int_equal(got[1].spent_ms, 700);
    assert_false(got[1].hit);
    assert_int_equal(votes_count(db, r.id, &n, &hits), OK);
    assert_int_equal(n, 2);
    assert_int_equal(hits, 1);
    assert_int_equal(vote_mend(db, r.id, 1, 800), OK);
    assert_int_equal(vote_mend(db, r.id, 1, 800), ERR_REFUSED);
    assert_int_equal(vote_mend(db, r.id, 2, 800), ERR_REFUSED);
    assert_int_equal(one("SELECT points FROM vote WHERE person = 1 AND hit = 1"), 800);
    assert_int_equal(vote_add(db, r.id + 99, &v), ERR_BAD_INPUT); /* no such round */
    v.option = 4;
    v.person = 10;
    assert_int_equal(vote_add(db, r.id, &v), ERR_REFUSED);
}

static void a_skip_is_said_once(void **state)
{
    struct round r = round_made(0, CLUB, 1, NOW);
    int said;
    (void)state;
    assert_int_equal(skip_add(db, r.id, 1, &said), OK);
    assert_int_equal(said, 1);
    assert_int_equal(skip_add(db, r.id, 1, &said), ERR_REFUSED);
    assert_int_equal(said, 1);
    assert_int_equal(skip_add(db, r.id, 2, &said), OK);
    assert_int_equal(said, 2);
}

static void early_votes_wait_in_order_and_are_taken_once(void **state)
{
    struct early_vote v = {.name = "Аня"}, got[4];
    static const int64_t places[] = {30, 10, 20};
    int n;
    (void)state;
    for (int i = 0; i < 3; i++) {
        v.person = i + 1;
        v.place = places[i];
        v.option = i;
        v.at_ms = NOW + i;
        assert_int_equal(early_vote_add(db, "555", &v), OK);
    }
    v.option = 3; /* the third one's second thoughts */
    assert_int_equal(early_vote_add(db, "555", &v), OK);
    assert_int_equal(early_vote_add(db, "556", &v), OK);
    assert_int_equal(early_votes_take(db, &arena, "555", got, 4, &n), OK);
    assert_int_equal(n, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(got[i].place, 10 * (i + 1));
    assert_int_equal(got[1].option, 2);
    assert_string_equal(got[0].name, "Аня");
    assert_int_equal(early_votes_take(db, &arena, "555", got, 4, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(one("SELECT count(*) FROM early_vote"), 1);
}

/* ---- boards ---- */

static void boards_add_up_and_know_ranks(void **state)
{
    struct board_line best[3], own;
    int n;
    int64_t better;
    (void)state;
    assert_int_equal(club_add(db, CLUB, 1, "ru", "Etc/UTC"), OK);
    static const struct board_line put[] = {{.person = 1, .points = 100, .battles = 1},
                                            {.person = 2, .points = 300, .wins = 1},
                                            {.person = 3, .points = 100, .battles = 1},
                                            {.person = 1, .points = 150, .battles = 1},
                                            {.person = 3, .points = -100}};
    for (size_t i = 0; i < sizeof put / sizeof *put; i++) {
        assert_int_equal(player_seen(db, CLUB, put[i].person, "Аня", NOW), OK);
        assert_int_equal(board_add(db, CLUB, BOARD_WEEK, 20513, &put[i]), OK);
    }
    assert_int_equal(board_best(db, &arena, CLUB, BOARD_WEEK, 20513, best, 2, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(best[0].person, 2);
    assert_int_equal(best[1].person, 1);
    assert_int_equal(best[1].points, 250);
    assert_int_equal(best[1].battles, 2);
    assert_int_equal(board_own(db, &arena, CLUB, BOARD_WEEK, 20513, 3, &own, &better), OK);
    assert_int_equal(own.points, 0);
    assert_int_equal(better, 2);
    assert_int_equal(board_own(db, &arena, CLUB, BOARD_WEEK, 20520, 3, &own, &better),
                     ERR_NOT_FOUND);
    assert_int_equal(board_own(db, &arena, CLUB, BOARD_DAY, 20513, 3, &own, &better),
                     ERR_NOT_FOUND);
    assert_int_equal(board_best(db, &arena, CLUB - 1, BOARD_WEEK, 20513, best, 2, &n), OK);
    assert_int_equal(n, 0);
    /* nobody is on a board who has never played there */
    assert_int_equal(board_add(db, CLUB, BOARD_ALL, 0, &(struct board_line){.person = 44}),
                     ERR_BAD_INPUT);
}

static void an_erased_player_leaves_no_name(void **state)
{
    bool fresh;
    struct battle b = battle_made(CLUB, 0);
    struct board_line line = {.person = 1, .points = 5};
    (void)state;
    assert_int_equal(club_add(db, CLUB, 1, "ru", "Etc/UTC"), OK);
    assert_int_equal(player_seen(db, CLUB, 1, "Аня", NOW - 181 * DAY_MS), OK);
    assert_int_equal(player_seen(db, CLUB, 2, "Боря", NOW - 179 * DAY_MS), OK);
    assert_int_equal(seat_take(db, b.id, 1, &fresh), OK);
    for (int p = BOARD_DAY; p < BOARD_PERIODS; p++) {
        line.person = 1;
        assert_int_equal(board_add(db, CLUB, (enum board_period)p, 20300, &line), OK);
        line.person = 2;
        assert_int_equal(board_add(db, CLUB, (enum board_period)p, 20300, &line), OK);
    }
    assert_int_equal(
        early_vote_add(
            db, "5",
            &(struct early_vote){.person = 1, .name = "Аня", .at_ms = NOW - 181 * DAY_MS}),
        OK);
    assert_int_equal(players_prune(db, NOW, &fresh), OK);
    assert_true(fresh);
    assert_int_equal(players_prune(db, NOW, &fresh), OK);
    assert_false(fresh);
    assert_int_equal(battles_prune(db, NOW, &fresh), OK);
    assert_int_equal(one("SELECT count(*) FROM player WHERE person = 1"), 0);
    assert_int_equal(one("SELECT count(*) FROM board WHERE person = 1"), 0);
    assert_int_equal(one("SELECT count(*) FROM early_vote"), 0);
    assert_int_equal(one("SELECT count(*) FROM board WHERE person = 2"), 4);
    assert_int_equal(one("SELECT count(*) FROM player"), 1);
}

/* ---- a group moves ---- */

static void everything_follows_a_group(void **state)
{
    struct club c;
    struct battle b = battle_made(CLUB, 0), there;
    struct round r = round_made(b.id, CLUB, 1, NOW), moved;
    (void)state;
    assert_int_equal(club_add(db, CLUB, 11, "en", "Asia/Tokyo"), OK);
    assert_int_equal(club_admin_put(db, CLUB, 1, NOW + 1), OK);
    assert_int_equal(player_seen(db, CLUB, 1, "Аня", NOW), OK);
    assert_int_equal(
        board_add(db, CLUB, BOARD_ALL, 0, &(struct board_line){.person = 1, .points = 5}),
        OK);
    /* commands at the new address came before the word of the move */
    assert_int_equal(club_add(db, MOVED, 12, "ru", "Etc/UTC"), OK);
    assert_int_equal(player_seen(db, MOVED, 2, "Боря", NOW), OK);
    there = battle_made(MOVED, 0);
    for (int told = 0; told < 2; told++) { /* by both groups */
        assert_int_equal(chat_migrate(db, CLUB, MOVED), OK);
        assert_int_equal(club_find(db, &arena, CLUB, &c), ERR_NOT_FOUND);
        assert_int_equal(club_find(db, &arena, MOVED, &c), OK);
        assert_int_equal(c.token, 11);
        assert_string_equal(c.zone, "Asia/Tokyo");
        assert_int_equal(battle_running(db, &arena, MOVED, 0, &there), OK);
        assert_int_equal(there.id, b.id);
        assert_int_equal(round_find(db, r.id, &moved), OK);
        assert_int_equal(moved.chat, MOVED);
        assert_int_equal(one("SELECT points FROM board WHERE club = -1001234567890"), 5);
        assert_int_equal(one("SELECT count(*) FROM player"), 1);
        assert_int_equal(one("SELECT count(*) FROM club_admin WHERE club < -1000000000000"),
                         1);
    }
    assert_int_equal(one("SELECT count(*) FROM battle WHERE state <> 3"), 1);
}

static void a_fresh_group_at_the_new_address_stays(void **state)
{
    struct club c;
    (void)state;
    assert_int_equal(club_add(db, MOVED, 12, "ru", "Etc/UTC"), OK);
    struct battle b = battle_made(MOVED, 0), there;
    for (int told = 0; told < 2; told++)
        assert_int_equal(chat_migrate(db, CLUB, MOVED), OK); /* an old one never seen */
    assert_int_equal(club_find(db, &arena, MOVED, &c), OK);
    assert_int_equal(c.token, 12);
    assert_int_equal(battle_running(db, &arena, MOVED, 0, &there), OK);
    assert_int_equal(there.id, b.id);
    assert_int_equal(chat_migrate(db, MOVED, MOVED), OK);
    assert_int_equal(club_find(db, &arena, MOVED, &c), OK);
}

/* ---- clubs ---- */

static void a_club_comes_back_as_it_was_stored(void **state)
{
    struct club c, d;
    (void)state;
    assert_int_equal(club_find(db, &arena, CLUB, &c), ERR_NOT_FOUND);
    assert_int_equal(c.id, 0);
    assert_int_equal(club_add(db, CLUB, 11, "en", "Asia/Tokyo"), OK);
    assert_int_equal(club_find(db, &arena, CLUB, &c), OK);
    assert_true(c.here && c.speed && c.bonus && !c.greeted && !c.topic && !c.daily_topic);
    assert_int_equal(c.rounds, 7);
    assert_int_equal(c.daily_min, -1);
    assert_int_equal(c.daily_day, -1);
    c = (struct club){.id = CLUB,
                      .token = 11,
                      .lang = "ru",
                      .zone = "Etc/UTC",
                      .topic = "t",
                      .rounds = 20,
                      .greeted = true,
                      .daily_min = 0,
                      .daily_topic = "u",
                      .daily_thread = 4,
                      .daily_day = 20513,
                      .daily_question = 3};
    assert_int_equal(club_save(db, &c), OK);
    assert_int_equal(club_find(db, &arena, CLUB, &d), OK);
    assert_string_equal(d.topic, "t");
    assert_string_equal(d.daily_topic, "u");
    assert_string_equal(d.lang, "ru");
    assert_true(!d.here && !d.speed && !d.bonus && d.greeted);
    assert_int_equal(d.rounds + d.daily_min + d.daily_thread + d.daily_day, 20 + 4 + 20513);
    assert_int_equal(d.daily_question, 3);
    c.rounds = 21;
    assert_int_equal(club_save(db, &c), ERR_BAD_INPUT);
}

static void an_administrator_is_believed_for_a_while(void **state)
{
    bool yes;
    (void)state;
    assert_int_equal(club_add(db, CLUB, 11, "en", "Asia/Tokyo"), OK);
    assert_int_equal(club_admin_put(db, CLUB, 1, NOW + 10), OK);
    assert_int_equal(club_admin_put(db, CLUB, 2, NOW + 10), OK);
    assert_int_equal(club_admin_put(db, CLUB, 2, NOW + 20), OK);
    static const struct {
        int64_t person, at;
        bool yes;
    } rows[] = {{1, NOW + 9, true},
                {1, NOW + 10, false},
                {2, NOW + 10, true},
                {2, NOW + 20, false},
                {3, NOW, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(club_is_admin(db, CLUB, rows[i].person, rows[i].at, &yes), OK);
        assert_int_equal(yes, rows[i].yes);
    }
    assert_int_equal(club_admins_prune(db, NOW + 10), OK);
    assert_int_equal(one("SELECT count(*) FROM club_admin"), 1);
    assert_int_equal(club_admin_drop(db, CLUB, 2), OK);
    assert_int_equal(club_is_admin(db, CLUB, 2, NOW, &yes), OK);
    assert_false(yes);
}

/* ---- which quiz, and reports ---- */

static bool offered(int64_t chat, int64_t question)
{
    struct quiz_choice c[CHOICES_MAX];
    int n;
    assert_int_equal(quiz_choices(db, "t", chat, c, CHOICES_MAX, &n), OK);
    for (int i = 0; i < n; i++)
        if (c[i].question == question)
            return true;
    return false;
}

static void only_fit_and_unseen_quizzes_are_offered(void **state)
{
    struct quiz_choice c[5];
    int n;
    (void)state;
    assert_true(offered(CLUB, 1) && offered(CLUB, 2) && offered(CLUB, 3));
    assert_false(offered(CLUB, 4)); /* retired */
    assert_false(offered(CLUB, 5)); /* has none */
    assert_int_equal(quiz_choices(db, "u", CLUB, c, 5, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(quiz_choices(db, "t", CLUB, c, 2, &n), OK);
    assert_int_equal(n, 2);
    round_made(0, CLUB, 1, NOW);
    assert_false(offered(CLUB, 1));
    assert_true(offered(CLUB - 1, 1)); /* others have not had it */
    for (int i = 1; i < SEEN_ROUNDS; i++)
        round_made(0, CLUB, 2, NOW);
    assert_false(offered(CLUB, 1)); /* the 60th from the end */
    round_made(0, CLUB, 2, NOW);
    assert_true(offered(CLUB, 1));
    assert_int_equal(quiz_take_out(db, 1, NOW), OK);
    assert_false(offered(CLUB, 1));
    assert_int_equal(quiz_put_back(db, 1), OK);
    assert_true(offered(CLUB, 1));
}

static void a_record_counts_answers(void **state)
{
    struct quiz_choice c[5];
    int n;
    (void)state;
    assert_int_equal(quiz_record_add(db, 3, true), OK);
    assert_int_equal(quiz_record_add(db, 3, false), OK);
    assert_int_equal(quiz_record_add(db, 3, true), OK);
    assert_int_equal(quiz_choices(db, "t", CLUB, c, 5, &n), OK);
    for (int i = 0; i < n; i++) {
        assert_int_equal(c[i].answers, c[i].question == 3 ? 3 : 0);
        assert_int_equal(c[i].hits, c[i].question == 3 ? 2 : 0);
    }
}

static void reports_count_for_thirty_days_and_once_a_person(void **state)
{
    int n;
    (void)state;
    assert_int_equal(report_add(db, 1, 7, NOW - 31 * DAY_MS, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(report_add(db, 1, 8, NOW, &n), OK);
    assert_int_equal(n, 1); /* the old one is too old */
    assert_int_equal(report_add(db, 1, 8, NOW + 1, &n), ERR_REFUSED);
    assert_int_equal(report_add(db, 1, 9, NOW, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(report_add(db, 2, 9, NOW, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(reports_count(db, 1, &n), OK);
    assert_int_equal(n, 3);
    assert_int_equal(reports_prune(db, NOW), OK);
    assert_int_equal(one("SELECT count(*) FROM report"), 4);
    assert_int_equal(reports_prune(db, NOW + 30 * DAY_MS), OK);
    assert_int_equal(one("SELECT count(*) FROM report"), 3);
    assert_int_equal(quiz_put_back(db, 1), OK);
    assert_int_equal(one("SELECT count(*) FROM report"), 1);
}

/* What readers say of an entry is no word against its quiz, and the other way round: one
 * person may say both, and each is forgotten on its own. */
static void reports_of_an_entry_are_not_those_of_its_quiz(void **state)
{
    enum report_reason given;
    int by[REPORT_REASONS], n;
    int64_t some[3];
    (void)state;
    assert_int_equal(report_reason_give(db, 1, 7, REPORT_WRONG, NOW), OK);
    assert_int_equal(report_reason_give(db, 1, 7, REPORT_TYPO, NOW + 1), OK);
    assert_int_equal(report_reason_give(db, 1, 8, REPORT_TYPO, NOW), OK);
    assert_int_equal(report_reason_give(db, 3, 8, REPORT_OTHER, NOW), OK);
    assert_int_equal(reports_count(db, 1, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(report_add(db, 1, 7, NOW, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(report_add(db, 1, 7, NOW, &n), ERR_REFUSED);
    assert_int_equal(report_add(db, 1, 9, NOW, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(report_reason_of(db, 1, 7, &given), OK);
    assert_int_equal(given, REPORT_TYPO);
    assert_int_equal(report_reason_of(db, 1, 9, &given), OK);
    assert_int_equal(given, REPORT_NONE);
    assert_int_equal(report_reasons(db, 1, by), OK);
    for (int r = REPORT_NONE; r < REPORT_REASONS; r++)
        assert_int_equal(by[r], r == REPORT_TYPO ? 2 : 0);
    assert_int_equal(entries_reported(db, some, 3, &n), OK);
    assert_int_equal(n, 2);
    assert_true(some[0] == 1 && some[1] == 3);
    /* taken back: the word against the quiz stays */
    assert_int_equal(report_take_back(db, 1, 7), OK);
    assert_int_equal(report_take_back(db, 1, 9), OK);
    assert_int_equal(report_take_back(db, 2, 9), OK);
    assert_int_equal(reports_count(db, 1, &n), OK);
    assert_int_equal(n, 2);
    /* the quiz is back: what readers say stays */
    assert_int_equal(report_reason_give(db, 1, 7, REPORT_UNCLEAR, NOW), OK);
    assert_int_equal(quiz_put_back(db, 1), OK);
    assert_int_equal(reports_count(db, 1, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(one("SELECT count(*) FROM report WHERE question = 1"), 2);
    /* the entry is dealt with: what players say of its quiz stays */
    assert_int_equal(report_add(db, 1, 8, NOW, &n), OK);
    assert_int_equal(entry_reports_settle(db, 1), OK);
    assert_int_equal(reports_count(db, 1, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(one("SELECT count(*) FROM report WHERE question = 1"), 1);
    assert_int_equal(entries_reported(db, some, 3, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(report_reason_of(db, 3, 8, &given), OK);
    assert_int_equal(given, REPORT_OTHER);
}

static void amends_begin_anew_when_a_quiz_is_out_again(void **state)
{
    struct amends a;
    int64_t out[3];
    int n;
    bool is_out;
    (void)state;
    assert_int_equal(quiz_amends(db, 1, &a), OK);
    assert_int_equal(a.options, 0);
    assert_true(a.club == INT64_MIN);
    assert_int_equal(quiz_take_out(db, 2, NOW), OK);
    assert_int_equal(quiz_take_out(db, 1, NOW + 5), OK);
    assert_int_equal(quiz_amends_save(db, 1, &(struct amends){6, MOVED}), OK);
    assert_int_equal(quiz_take_out(db, 1, NOW + 9), OK); /* a fourth report */
    assert_int_equal(quiz_amends(db, 1, &a), OK);
    assert_int_equal(a.options, 6);
    assert_int_equal(a.club, MOVED);
    assert_int_equal(quizzes_out(db, out, 3, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(out[0], 2);
    assert_int_equal(quizzes_out(db, out, 1, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(quiz_put_back(db, 1), OK);
    assert_int_equal(quiz_is_out(db, 1, &is_out), OK);
    assert_false(is_out);
    assert_int_equal(quiz_amends(db, 1, &a), OK);
    assert_int_equal(a.options, 6); /* what is under way goes on */
    assert_int_equal(quiz_take_out(db, 1, NOW + 20), OK);
    assert_int_equal(quiz_is_out(db, 1, &is_out), OK);
    assert_true(is_out);
    assert_int_equal(quiz_amends(db, 1, &a), OK);
    assert_int_equal(a.options, 0);
}

/* ---- what is forgotten ---- */

/* Until nothing is left to do; each step is small. */
static void prune_all(int64_t now_ms)
{
    bool more = true;
    for (int i = 0; more; i++) {
        assert_int_equal(battles_prune(db, now_ms, &more), OK);
        assert_true(i < 1000);
    }
}

static void battles_are_forgotten_after_thirty_days(void **state)
{
    bool more, fresh;
    int said;
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct battle b = battle_made(CLUB, 0);
        struct round r = round_made(b.id, CLUB, 1, NOW - (31 - i) * DAY_MS);
        assert_int_equal(seat_take(db, b.id, 7, &fresh), OK);
        vote_made(r.id, 7, true);
        assert_int_equal(skip_add(db, r.id, 7, &said), OK);
        b.state = BATTLE_OVER;
        b.over_ms = NOW - (31 - i) * DAY_MS;
        assert_int_equal(battle_save(db, &b), OK);
    }
    battle_made(CLUB, 0); /* one that runs */
    assert_int_equal(battles_prune(db, NOW, &more), OK);
    assert_true(more);
    prune_all(NOW);
    assert_int_equal(one("SELECT count(*) FROM battle"), 3);
    assert_int_equal(one("SELECT count(*) FROM seat"), 2);
    assert_int_equal(one("SELECT count(*) FROM vote"), 2);
    assert_int_equal(one("SELECT count(*) FROM skip"), 2);
    assert_int_equal(one("SELECT count(*) FROM round"), 3); /* it has been seen */
    assert_false(offered(CLUB, 1));
}

static void the_last_rounds_of_a_chat_are_kept(void **state)
{
    struct round waiting = round_made(0, CLUB, 3, 0), r;
    (void)state;
    for (int i = 0; i < SEEN_ROUNDS + 25; i++) {
        r = round_made(0, CLUB, 2, NOW - 40 * DAY_MS + i);
        vote_made(r.id, 7, true);
    }
    struct round other = round_made(0, MOVED, 1, NOW - 40 * DAY_MS);
    prune_all(NOW);
    assert_int_equal(one("SELECT count(*) FROM vote"), 0);
    assert_int_equal(one("SELECT count(*) FROM round WHERE chat = -4001234567"),
                     SEEN_ROUNDS + 1); /* and the one that is under way */
    assert_int_equal(round_find(db, waiting.id, &r), OK);
    assert_int_equal(round_find(db, other.id, &r), OK);
    /* those that were kept go with later ones */
    for (int i = 0; i < SEEN_ROUNDS; i++)
        round_made(0, CLUB, 2, NOW + i);
    prune_all(NOW + 31 * DAY_MS);
    assert_int_equal(one("SELECT count(*) FROM round WHERE chat = -4001234567"),
                     SEEN_ROUNDS + 1);
    assert_int_equal(one("SELECT count(*) FROM round WHERE opened_ms > 0"), 0);
}

static void a_crowded_round_is_emptied_in_steps(void **state)
{
    struct round r = round_made(0, CLUB, 2, NOW - 40 * DAY_MS);
    bool more;
    (void)state;
    for (int64_t person = 1; person <= 450; person++)
        vote_made(r.id, person, false);
    assert_int_equal(battles_prune(db, NOW, &more), OK);
    assert_true(more);
    assert_int_equal(one("SELECT count(*) FROM vote"), 250);
    prune_all(NOW);
    assert_int_equal(one("SELECT count(*) FROM vote"), 0);
}

static void early_votes_live_for_a_minute(void **state)
{
    struct early_vote v = {.person = 1, .name = "Аня", .at_ms = NOW};
    bool more;
    (void)state;
    assert_int_equal(early_vote_add(db, "5", &v), OK);
    assert_int_equal(battles_prune(db, NOW + 60000, &more), OK);
    assert_int_equal(one("SELECT count(*) FROM early_vote"), 1);
    assert_int_equal(battles_prune(db, NOW + 60001, &more), OK);
    assert_int_equal(one("SELECT count(*) FROM early_vote"), 0);
    assert_false(more);
}

static void old_boards_are_forgotten_but_not_those_of_all_time(void **state)
{
    bool more;
    (void)state;
    assert_int_equal(club_add(db, CLUB, 1, "ru", "Etc/UTC"), OK);
    assert_int_equal(player_seen(db, CLUB, 1, "Аня", NOW), OK);
    for (int p = BOARD_DAY; p < BOARD_PERIODS; p++)
        for (int64_t day = 20000; day < 20004; day++)
            assert_int_equal(board_add(db, CLUB, (enum board_period)p,
                                       p == BOARD_ALL ? 0 : day,
                                       &(struct board_line){.person = 1, .points = 5}),
                             OK);
    assert_int_equal(boards_prune(db, 20003, &more), OK);
    assert_false(more);
    assert_int_equal(one("SELECT count(*) FROM board"), 4);
    assert_int_equal(one("SELECT min(from_day) FROM board WHERE period < 3"), 20003);
    assert_int_equal(one("SELECT points FROM board WHERE period = 3"), 20);
}

static void one_call_forgets_only_so_much(void **state)
{
    bool more;
    int n;
    (void)state;
    assert_int_equal(club_add(db, CLUB, 1, "ru", "Etc/UTC"), OK);
    for (int64_t person = 1; person <= 500; person++) {
        assert_int_equal(player_seen(db, CLUB, person, "Аня", person), OK);
        assert_int_equal(club_admin_put(db, CLUB, person, person), OK);
        assert_int_equal(report_add(db, 1, person, person, &n), OK);
        assert_int_equal(
            board_add(db, CLUB, BOARD_DAY, 20000, &(struct board_line){.person = person}),
            OK);
    }
    for (int step = 1; step <= 4; step++) {
        assert_int_equal(club_admins_prune(db, NOW), OK);
        assert_int_equal(reports_prune(db, NOW), OK);
        int left = step < 4 ? 500 - step * 140 : 0;
        assert_int_equal(one("SELECT count(*) FROM club_admin"), left);
        assert_int_equal(one("SELECT count(*) FROM report"), left);
    }
    for (int step = 1; step <= 7; step++) {
        assert_int_equal(boards_prune(db, 20001, &more), OK);
        assert_int_equal(more, step < 7);
        assert_int_equal(one("SELECT count(*) FROM board"), step < 7 ? 500 - step * 80 : 0);
    }
    for (int left = 499; left >= 0; left--) {
        assert_int_equal(players_prune(db, NOW, &more), OK);
        assert_true(more);
        assert_int_equal(one("SELECT count(*) FROM player"), left);
    }
    assert_int_equal(players_prune(db, NOW, &more), OK);
    assert_false(more);
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, undo)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_battle_comes_back_as_it_was_stored),
        T(one_battle_runs_in_a_chat_and_thread),
        T(seats_are_taken_once_and_up_to_the_last),
        T(the_best_seats_come_first_with_their_names),
        T(who_does_not_answer_loses_the_run),
        T(a_round_is_found_by_number_and_poll),
        T(rounds_of_a_question_are_the_clubs_own),
        T(a_vote_counts_once),
        T(a_skip_is_said_once),
        T(early_votes_wait_in_order_and_are_taken_once),
        T(boards_add_up_and_know_ranks),
        T(an_erased_player_leaves_no_name),
        T(everything_follows_a_group),
        T(a_fresh_group_at_the_new_address_stays),
        T(a_club_comes_back_as_it_was_stored),
        T(an_administrator_is_believed_for_a_while),
        T(only_fit_and_unseen_quizzes_are_offered),
        T(a_record_counts_answers),
        T(reports_count_for_thirty_days_and_once_a_person),
        T(reports_of_an_entry_are_not_those_of_its_quiz),
        T(amends_begin_anew_when_a_quiz_is_out_again),
        T(battles_are_forgotten_after_thirty_days),
        T(the_last_rounds_of_a_chat_are_kept),
        T(a_crowded_round_is_emptied_in_steps),
        T(early_votes_live_for_a_minute),
        T(old_boards_are_forgotten_but_not_those_of_all_time),
        T(one_call_forgets_only_so_much),
    };
    return cmocka_run_group_tests(tests, house, house_down);
}
