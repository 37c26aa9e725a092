/* Hostile presses. Anyone can send any bytes as the data of a button, on any message of
 * ours, as often as they like: what is not exactly a button that we gave this person, in
 * this message, for this moment, changes nothing and is answered.
 *
 * usage: test_presses [BANK]   PRESSES is the number of presses, else a million; BATCH how
 * many come in one answer, else 100: after a failure BATCH=1 names the very press. */
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

#include "bot/base/log.h"
#include "bot/base/tz.h"
#include "bot/talk/outcome.h"
#include "bot/talk/turn.h"
#include "db/outbox.h"
#include "words.h"

enum {
    PEOPLE = 14,
    PAYLOADS_MAX = 6000,
    DELIVERIES_MAX = 1000,
    DATA_MAX = 300,
    MINUTE_MS = 60 * 1000
};
#define FIRST 7000000001 /* ids of the people, one after another */
#define STRANGER 5550000000

static struct bot bot;
static char bank[1000], path[500];
static int64_t now_ms = 1795330800000; /* a Sunday, 07:00 UTC */
static int64_t next_update = 900000000, next_message = 100;
static uint64_t seed = 20261122;

/* What the bot has put under its messages. */
static struct payload {
    int64_t chat, message;
    char data[65];
} payloads[PAYLOADS_MAX];
static int payload_n;

/* The deliveries as they stand when the attack begins: nothing of it may change. */
static struct shown {
    int64_t token, learner, message;
    char state; /* first letter: planned, open, rated, skipped, dropped */
    int part;
} deliveries[DELIVERIES_MAX];
static int delivery_n;

static uint64_t draw(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u; /* splitmix64: every run draws the same */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int below(int n)
{
    return (int)(draw() % (uint64_t)n);
}

static struct moment moment(void)
{
    return (struct moment){.now_ms = now_ms, .random = draw()};
}

/* ---- the world before the attack ---- */

static void gather(const struct outbox_row *row, int64_t message)
{
    static const char key[] = "\"callback_data\":\"";
    for (const char *p = row->body; (p = strstr(p, key));) {
        p += sizeof key - 1;
        assert_true(payload_n < PAYLOADS_MAX);
        struct payload *out = &payloads[payload_n++];
        out->chat = row->chat;
        out->message = message;
        snprintf(out->data, sizeof out->data, "%.*s", (int)strcspn(p, "\""), p);
    }
}

/* Everything queued goes out; questions meet `fate`. */
static void send_all(enum fate fate)
{
    struct lane lanes[64];
    int n = 1;
    while (n > 0) {
        assert_int_equal(outbox_lanes(bot.db, now_ms, CLASS_BULK, lanes, 64, &n), OK);
        for (int i = 0; i < n; i++) {
            struct arena a = {0};
            struct outbox_row row;
            assert_int_equal(db_begin(bot.db), OK);
            enum err e = outbox_take(bot.db, &a, lanes[i].chat, &row);
            assert_int_equal(db_commit(bot.db), OK);
            if (e == OK) {
                enum fate met = row.kind == KIND_QUESTION ? fate : FATE_SENT;
                bool fresh = row.kind != KIND_EDIT && row.kind != KIND_SETUP;
                struct outcome o = {.row = row.id, .fate = met, .description = ""};
                if (fresh && met == FATE_SENT)
                    o.message = next_message++;
                gather(&row, row.kind == KIND_EDIT ? row.message : o.message);
                assert_int_equal(turn_outcomes(&bot, moment(), &o, 1), OK);
            }
            arena_free(&a);
        }
    }
}

static struct update from(int64_t user)
{
    return (struct update){.id = next_update++,
                           .chat = user,
                           .user = user,
                           .is_private = true,
                           .lang = user % 2 ? "ru" : "en",
                           .text = "",
                           .query = ""};
}

static void take_in(const struct update *u)
{
    int done = 0;
    assert_int_equal(turn_updates(&bot, moment(), u, 1, &done), OK);
    assert_int_equal(done, 1);
    send_all(FATE_SENT);
}

static void says(int64_t user, const char *text)
{
    struct update u = from(user);
    u.kind = UPDATE_TEXT;
    u.message = next_message++;
    u.text = text;
    take_in(&u);
}

/* Presses the newest button of this person whose data begins or ends so. */
static void presses(int64_t user, const char *head, const char *tail)
{
    for (int i = payload_n - 1; i >= 0; i--) {
        const struct payload *p = &payloads[i];
        size_t n = strlen(p->data), t = strlen(tail);
        if (p->chat != user || strncmp(p->data, head, strlen(head)) != 0 || n < t ||
            strcmp(p->data + n - t, tail) != 0)
            continue;
        struct update u = from(user);
        u.kind = UPDATE_BUTTON;
        u.message = p->message;
        u.text = p->data;
        u.query = "q";
        take_in(&u);
        return;
    }
    fail_msg("person %" PRId64 " has no button %s...%s", user, head, tail);
}

static void life_of(int i)
{
    int64_t id = FIRST + i;
    says(id, "/start");
    presses(id, "o.go", "");
    if (i % 7 == 0)
        return; /* has a question open, its answer not yet seen */
    if (i % 7 == 1) {
        presses(id, "d.", ".k");
        return;
    }
    presses(id, "d.", ".a");
    if (i % 7 == 2)
        return; /* sees the answer */
    presses(id, "d.", ".3");
    if (i % 7 == 3)
        return; /* asked for a time */
    presses(id, "f.", "same");
    says(id, "/settings");
    presses(id, "s.", "quiet");
    says(id, "/settings");
    presses(id, "s.", "zone");
    says(id, "/topic");
    says(id, "/next");
    presses(id, "d.", ".a");
    presses(id, "d.", ".p2");
    if (i % 7 == 5)
        presses(id, "d.", ".1");
    if (i % 7 == 6)
        says(id, "/stop");
}

/* Does what means nothing: but it is a sign of life, and only the first one writes. */
static void stirs(int64_t id)
{
    struct update u = from(id);
    u.kind = UPDATE_BUTTON;
    u.message = 1;
    u.text = "";
    u.query = "q";
    take_in(&u);
}

/* One question that never got there: dropped, but its buttons are known. */
static void lost_question(int64_t id)
{
    int done;
    struct update u = from(id);
    u.kind = UPDATE_TEXT;
    u.message = next_message++;
    u.text = "/next";
    assert_int_equal(turn_updates(&bot, moment(), &u, 1, &done), OK);
    send_all(FATE_REFUSED);
}

static void remember_deliveries(void)
{
    sqlite3_stmt *s;
    assert_int_equal(
        sqlite3_prepare_v2(db_handle(bot.db),
                           "SELECT token, learner, state, part, coalesce(message,"
                           " 0) FROM delivery d LEFT JOIN post p ON p.id = d.post",
                           -1, &s, NULL),
        SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        assert_true(delivery_n < DELIVERIES_MAX);
        deliveries[delivery_n++] = (struct shown){.token = sqlite3_column_int64(s, 0),
                                                  .learner = sqlite3_column_int64(s, 1),
                                                  .state = (char)*sqlite3_column_text(s, 2),
                                                  .part = sqlite3_column_int(s, 3),
                                                  .message = sqlite3_column_int64(s, 4)};
    }
    sqlite3_finalize(s);
}

static int world(void **state)
{
    const char *tmp = getenv("TMPDIR"), *why = "";
    bool done = false, more = true;
    (void)state;
    log_set_level(LOG_ERROR);
    snprintf(path, sizeof path, "%s/test_presses-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) || db_open(path, &bot.db, &why))
        return -1;
    if (db_attach_bank(bot.db, bank)) {
        print_error("%s is no bank: `make` builds build/bank.db, or name one\n", bank);
        return -1;
    }
    /* What is tested is not the disk. */
    assert_int_equal(db_script(bot.db, "PRAGMA synchronous = OFF"), OK);
    bot.username = "sobes_bot";
    assert_int_equal(turn_boot(&bot, moment()), OK);
    while (!done)
        assert_int_equal(turn_wake(&bot, moment(), &done), OK);
    for (int i = 0; i < PEOPLE; i++)
        life_of(i);
    now_ms +=
        26LL * 60 * MINUTE_MS; /* tomorrow: everybody's sitting, with planned places */
    while (more)
        assert_int_equal(turn_alarms(&bot, moment(), true, &more), OK);
    send_all(FATE_SENT);
    for (int i = 0; i < PEOPLE; i += 2)
        lost_question(FIRST + i);
    presses(FIRST + 4, "d.", ".a");
    presses(FIRST + 4, "d.", ".4");
    now_ms += 20 * MINUTE_MS; /* too late to undo anything */
    for (int i = 0; i < PEOPLE; i++)
        stirs(FIRST + i);
    remember_deliveries();
    return 0;
}

static int world_down(void **state)
{
    char name[520];
    (void)state;
    arena_free(&bot.arena);
    db_close(bot.db);
    unlink(path);
    snprintf(name, sizeof name, "%s-wal", path);
    unlink(name);
    return 0;
}

/* ---- what is there, as one number ---- */

static uint64_t hash_add(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static uint64_t hash_rows(uint64_t h, const char *table)
{
    char sql[200];
    sqlite3_stmt *s;
    bool learners = strcmp(table, "learner") == 0;
    snprintf(sql, sizeof sql, "SELECT * FROM main.%s ORDER BY 1, 2", table);
    assert_int_equal(sqlite3_prepare_v2(db_handle(bot.db), sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int c = 0; c < sqlite3_column_count(s); c++) {
            if (learners && strcmp(sqlite3_column_name(s, c), "seen_ms") == 0)
                continue; /* who presses is here */
            int type = sqlite3_column_type(s, c);
            h = hash_add(h, &type, sizeof type);
            h = hash_add(h, sqlite3_column_text(s, c), (size_t)sqlite3_column_bytes(s, c));
        }
    sqlite3_finalize(s);
    return h;
}

/* All tables but the marks that an update was read and that the bot is alive. */
static uint64_t everything(void)
{
    sqlite3_stmt *s;
    uint64_t h = 0xcbf29ce484222325u;
    int tables = 0;
    assert_int_equal(sqlite3_prepare_v2(db_handle(bot.db),
                                        "SELECT name FROM main.sqlite_schema WHERE type ="
                                        " 'table' AND name NOT IN ('seen_update', 'meta')"
                                        " ORDER BY name",
                                        -1, &s, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(s) == SQLITE_ROW; tables++)
        h = hash_rows(h, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    assert_true(tables > 12);
    return h;
}

/* ---- which presses are honest: the grammar of our buttons, once more ---- */

static bool one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, text) == 0)
            return true;
    return false;
}

static bool whole(const char *text, char end, int lo, int hi)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && n <= 5 && text[n] == end && atoi(text) >= lo && atoi(text) <= hi;
}

static bool honest_setting(const char *text)
{
    static const char *const pages[] = {"lang", "zone", "time",  "days", "num", "once",
                                        "lvl",  "day",  "quiet", "rem",  NULL};
    static const char *const langs[] = {"ru", "en", NULL};
    static const char *const reminders[] = {"off", "type", NULL};
    char page[DATA_MAX + 1];
    size_t n = strcspn(text, ".");
    snprintf(page, sizeof page, "%.*s", (int)n, text);
    const char *v = text[n] ? text + n + 1 : NULL, *dash = v ? strchr(v, '-') : NULL;
    if (!*text || (!v && one_of(page, pages)))
        return true; /* shows a page */
    if (!v || !one_of(page, pages))
        return false;
    return strcmp(page, "lang") == 0   ? one_of(v, langs)
           : strcmp(page, "zone") == 0 ? strcmp(v, "type") == 0 || zone_find(v)
           : strcmp(page, "time") == 0 ? strcmp(v, "type") == 0 || whole(v, 0, 0, 1439)
           : strcmp(page, "days") == 0 ? whole(v, 0, 1, 127)
           : strcmp(page, "num") == 0  ? whole(v, 0, 1, 20)
           : strcmp(page, "once") == 0 ? whole(v, 0, 0, 1)
           : strcmp(page, "rem") == 0  ? one_of(v, reminders) || whole(v, 0, 0, 1439)
           : strcmp(page, "lvl") == 0  ? whole(v, 0, 1, 3)
           : strcmp(page, "day") == 0  ? whole(v, 0, 0, 360)
           : dash != NULL ? whole(v, '-', 0, 1439) && whole(dash + 1, 0, 0, 1439)
                          : false;
}

/* "off", or "go." and a study day: on any other day it folds the message up. */
static bool honest_reminder(const char *text)
{
    return strcmp(text, "off") == 0 || (strncmp(text, "go.", 3) == 0 && text[3] &&
                                        !text[3 + strspn(text + 3, "0123456789")]);
}

static bool message_is_ours(int64_t chat, int64_t message)
{
    for (int i = 0; i < payload_n; i++)
        if (payloads[i].chat == chat && payloads[i].message == message)
            return true;
    return false;
}

/* What [⋯] leads to: back, the reasons, one of them. */
static bool rare_code(const char *code)
{
    return (code[0] && strchr("obr", code[0]) && !code[1]) ||
           (code[0] == 'r' && code[1] >= '0' && code[1] <= '5' && !code[2]);
}

/* A tick on or off, or no more of them; an entry has at most seven points. */
static bool tick_code(const char *code)
{
    return strcmp(code, "y") == 0 || ((code[0] == 't' || code[0] == 'f') &&
                                      code[1] >= '1' && code[1] <= '7' && !code[2]);
}

static bool honest_code(const struct shown *d, const char *code)
{
    enum { LAST_PAGE = 3, POINTS = 5 };
    int digit = code[0] == 'p' ? code[1] - '0' : code[0] - '0';
    bool page = code[0] == 'p' && digit >= 0 && digit <= 3 && !code[2] && digit != d->part;
    if (d->state == 'p' || d->state == 'd')
        return false;
    if (strcmp(code, "l") == 0)
        return true;
    if ((d->part == LAST_PAGE || (d->state == 'o' && d->part == 0)) && rare_code(code))
        return true;
    if (d->state == 'o' && d->part == 0)
        return code[0] && strchr("aki", code[0]) && !code[1];
    if (d->state == 'o' && (d->part == POINTS ? tick_code(code) : strcmp(code, "n") == 0))
        return true;
    if (d->state == 'o')
        return (page && digit > 0) || (digit >= 1 && digit <= 4 && !code[1]);
    return page || strcmp(code, "m") == 0;
}

/* A press on one's own question. While its message is not known, one on a message that we
 * do not know counts as honest: it tells us which it is. */
static bool honest_answer(const struct update *u, const char *text)
{
    char token[17];
    if (strspn(text, "0123456789abcdef") != 16 || text[16] != '.')
        return false;
    for (int i = 0; i < delivery_n; i++) {
        const struct shown *d = &deliveries[i];
        snprintf(token, sizeof token, "%016" PRIx64, (uint64_t)d->token);
        if (memcmp(token, text, 16) != 0 || d->learner != u->user)
            continue;
        if (d->state == 'p' || d->state == 'd' || u->message <= 0)
            return false;
        if (d->message == 0 && !message_is_ours(u->chat, u->message))
            return true;
        return u->message == d->message && honest_code(d, text + 17);
    }
    return false;
}

/* "django", in a list "1.django" or "0.django", of a topic that there is. */
static bool is_topic(const char *text)
{
    if ((text[0] == '0' || text[0] == '1') && text[1] == '.')
        text += 2;
    for (int i = 0; i < payload_n; i++)
        if (strncmp(payloads[i].data, "t.on.", 5) == 0 &&
            strcmp(strrchr(payloads[i].data, '.') + 1, text) == 0)
            return true;
    return false;
}

/* Whether the press may do something: then it is no attack, and is not made. */
static bool honest(const struct update *u)
{
    static const char *const starts[] = {"go", "l.ru", "l.en", NULL};
    static const char *const times[] = {"same", "nine", "other", NULL};
    static const char *const pauses[] = {"3", "7", "14", "off", "go", "stop", NULL};
    static const char *const verbs[] = {"t.", "on.", "go.", "time.", "off.", NULL};
    const char *t = u->text;
    if (!u->is_private || u->user < FIRST || u->user >= FIRST + PEOPLE)
        return false;
    if (strncmp(t, "rem.", 4) == 0)
        return honest_reminder(t + 4);
    if (t[0] && t[1] && t[1] != '.')
        return false;
    const char *rest = t[0] && t[1] ? t + 2 : "";
    switch (t[0]) {
    case 's':
        return honest_setting(rest);
    case 'd':
        return honest_answer(u, rest);
    case 'z':
        return zone_find(rest) != NULL;
    case 'q':
        return *rest && strlen(rest) < 10 && !rest[strspn(rest, "0123456789")];
    case 'f':
        return one_of(rest, times);
    case 'w':
        return one_of(rest, pauses);
    case 'o':
        if (one_of(rest, starts))
            return true;
        break;
    case 't':
    case 'n':
        break;
    default:
        return false;
    }
    for (const char *const *v = verbs; *v; v++)
        if (strncmp(rest, *v, strlen(*v)) == 0 && is_topic(rest + strlen(*v)))
            return true;
    return false;
}

/* ---- the attack ---- */

static const struct payload *some_payload(void)
{
    return &payloads[below(payload_n)];
}

static void mutate(char *data)
{
    static const char likely[] = "dsoztnfqyrewgi.0123456789abcdef-pulmk";
    for (int times = 1 + below(4); times > 0; times--) {
        size_t n = strlen(data), at = n ? (size_t)below((int)n) : 0;
        switch (below(6)) {
        case 0:
            if (n)
                data[at] = (char)(1 + below(255));
            break;
        case 1:
            if (n)
                data[at] = likely[below(sizeof likely - 1)];
            break;
        case 2:
            memmove(data + at, data + at + (n > 0), n - at + !n);
            break;
        case 3:
            if (n + 1 < DATA_MAX) {
                memmove(data + at + 1, data + at, n - at + 1);
                data[at] = likely[below(sizeof likely - 1)];
            }
            break;
        case 4:
            data[at] = '\0';
            break;
        default:
            if (n > 0 && n * 2 < DATA_MAX)
                memmove(data + n, data, n + 1), data[2 * n] = '\0';
        }
    }
}

static void random_bytes(char *data, const char *from_these)
{
    int n = below(below(8) ? 70 : DATA_MAX);
    for (int i = 0; i < n; i++)
        data[i] = from_these ? from_these[below((int)strlen(from_these))]
                             : (char)(1 + below(255));
    data[n] = '\0';
}

static void out_of_range(char *data)
{
    static const char *const pages[] = {"lang", "zone", "time",  "days", "num", "once",
                                        "lvl",  "day",  "quiet", "rem",  "x",   ""};
    static const char *const values[] = {
        "-1",         "0",    "21",     "128",
        "361",        "1440", "1440-1", "0-1440",
        "99999",      "1 ",   " 1",     "+1",
        "0x1",        "1e1",  "",       "18446744073709551617",
        "1-",         "-",    "4",      "de",
        "ru ",        "RU",   "type ",  "Europe/Moscow",
        "1.2",        "1--1", "٣",      "NULL",
        "2147483648", "None", "1\n",    "typetype"};
    snprintf(data, DATA_MAX, "s.%s.%s", pages[below(12)],
             values[below(sizeof values / sizeof *values)]);
}

static void own_code(char *data, const struct shown *d)
{
    static const char *const codes[] = {
        "a",  "k",  "1",  "2",  "3", "4",   "m", "o",  "u",  "l",  "p0", "p1", "p2",
        "p3", "p4", "i",  "b",  "",  ".",   "5", "0",  "aa", "3 ", "n",  "y",  "t1",
        "f1", "t0", "t8", "t9", "f", "t11", "r", "r1", "r0", "r6", "r9", "r11"};
    snprintf(data, DATA_MAX, "d.%016" PRIx64 ".%s", (uint64_t)d->token,
             codes[below(sizeof codes / sizeof *codes)]);
}

/* What buttons of battles, boards, pauses and reports are like, with tokens and values that
 * nobody was given. */
static void of_others(char *data)
{
    static const char *const codes[] = {
        "j",        "s",    "x",     "a",     "n",
        "t.django", "k.1",  "o.1.0", "o.1.4", "f.1",
        "r.1",      "ad.1", "d.7",   "w.0",   "m.-1",
        "a.1e9",    "=",    "",      "o.",    "k.99999999999999999999",
        "f.-1",     "w."};
    static const char *const habits[] = {
        "w.",        "w.0",      "w.8",       "w.-7",   "w.7 ",      "w.offer",
        "w.type",    "w.07",     "w",         "w.365",  "rem",       "rem.",
        "rem.go",    "rem.go.",  "rem.go.x",  "rem.o",  "rem.go.-1", "rem.on",
        "rem.go.1 ", "rem.off.", "rem.go.+1", "remoff", "re.off"};
    static const char *const reports[] = {"e.1.k",   "e.1.w.0", "e.1.y.2",  "e.1.b",
                                          "e..k",    "e.1.y.",  "e.1.y.16", "e.-1.k",
                                          "e.9e9.k", "e",       "e.1.d",    "q.x",
                                          "q.-1",    "q.",      "q",        "q.9999999999"};
    const char *code = codes[below(sizeof codes / sizeof *codes)];
    uint64_t token = (uint64_t)below(1000000) << below(40);
    int kind = below(8);
    if (kind < 2)
        snprintf(data, DATA_MAX, "%s", habits[below(sizeof habits / sizeof *habits)]);
    else if (kind < 4)
        snprintf(data, DATA_MAX, "%s", reports[below(sizeof reports / sizeof *reports)]);
    else
        snprintf(data, DATA_MAX, "%c.%016" PRIx64 ".%s", "bpgq"[below(4)], token, code);
}

/* A message that the presser can see, or none that there is. */
static int64_t some_message(int64_t chat)
{
    static const int64_t odd[] = {0, -1, 1, INT64_MAX, INT64_MIN};
    for (int tries = 0; tries < 20 && below(10); tries++) {
        const struct payload *p = some_payload();
        if (p->chat == chat)
            return p->message;
    }
    return odd[below(5)];
}

static void attack(struct update *u, char *data)
{
    const struct shown *d = &deliveries[below(delivery_n)];
    const struct payload *p = some_payload();
    *u = from(FIRST + below(PEOPLE));
    u->kind = UPDATE_BUTTON;
    u->text = data;
    u->query = "q";
    snprintf(data, DATA_MAX, "%s", p->data);
    switch (below(11)) {
    case 10:
        of_others(data);
        break;
    case 0:
        random_bytes(data, NULL);
        break;
    case 1:
        random_bytes(data, "dsoztnf.0123456789abcdef-");
        break;
    case 2:
        out_of_range(data);
        break;
    case 3: /* a person's own, too late, twice, or in another message */
    case 4:
        own_code(data, d);
        u->user = u->chat = d->learner;
        u->message = below(2) ? d->message : 0;
        break;
    case 5: /* somebody else's, word for word, on the message it came from */
        u->message = p->message;
        break;
    case 6: /* who never said a word to us */
        u->user = u->chat = STRANGER + below(1000);
        u->message = p->message;
        break;
    case 7: /* in a group, or where chat and person do not agree */
        u->chat = below(2) ? -1001234567890 : FIRST + below(PEOPLE);
        u->is_private = u->chat == u->user;
        break;
    default:
        mutate(data);
        if (below(2))
            u->user = u->chat = p->chat;
    }
    if (u->message == 0)
        u->message = some_message(u->chat);
    if (below(50) == 0) /* Telegram may send one twice, and its numbers may go down */
        u->id -= below(1000);
}

static void name_them(const struct update *u, int n)
{
    for (int i = 0; i < n; i++)
        print_error("  user=%" PRId64 " chat=%" PRId64 " message=%" PRId64 " data=\"%s\"\n",
                    u[i].user, u[i].chat, u[i].message, u[i].text);
}

/* An attack is refused by a rule, not by a handler that failed and was undone. */
static bool was_sorry(void)
{
    struct arena a = {0};
    bool sorry = false;
    for (int lang = LANG_RU; lang <= LANG_EN; lang++)
        for (int i = 0; i < bot.toast_n; i++)
            sorry |= strcmp(bot.toasts[i].text,
                            w_toast_sorry(&(struct words){&a, (enum lang)lang})) == 0;
    arena_free(&a);
    return sorry;
}

static void a_million_hostile_presses_change_nothing(void **state)
{
    static struct update batch[UPDATES_MAX];
    static char data[UPDATES_MAX][DATA_MAX + 1];
    const char *wanted = getenv("PRESSES"), *together = getenv("BATCH");
    long total = wanted ? atol(wanted) : 1000000, made = 0, honest_n = 0;
    int most = together ? atoi(together) : UPDATES_MAX;
    assert_true(most >= 1 && most <= UPDATES_MAX);
    uint64_t before = everything();
    (void)state;
    while (made < total) {
        int n = 0, done, answers = 0;
        bool doubled = false;
        while (n < most && made + n < total) {
            attack(&batch[n], data[n]);
            if (honest(&batch[n])) {
                honest_n++;
                continue;
            }
            doubled |= batch[n].id < next_update - 1;
            answers += (batch[n].is_private && batch[n].chat == batch[n].user) ||
                       batch[n].chat < 0;
            n++;
        }
        int was = sqlite3_total_changes(db_handle(bot.db));
        now_ms++;
        if (turn_updates(&bot, moment(), batch, n, &done) != OK || done != n) {
            name_them(batch, n);
            fail_msg("the turn failed after %ld presses", made);
        }
        made += n;
        /* More rows touched than the marks of the batch (ids seen, offset, sign of life)
         * explain: a look at everything tells whether it was for nothing. */
        int touched = sqlite3_total_changes(db_handle(bot.db)) - was;
        if ((touched > n + 2 || made % 100000 == 0) && everything() != before) {
            name_them(batch, n);
            fail_msg("one of these was taken, after %ld presses", made);
        }
        if (was_sorry()) {
            name_them(batch, n);
            fail_msg("one of these made a handler fail, after %ld presses", made);
        }
        if (bot.toast_n > answers || (!doubled && bot.toast_n < answers)) {
            name_them(batch, n);
            fail_msg("%d presses to be answered had %d answers, after %ld presses", answers,
                     bot.toast_n, made);
        }
        if (made % 100000 == 0)
            assert_int_equal(db_script(bot.db, "DELETE FROM seen_update"), OK);
    }
    assert_true(everything() == before);
    assert_true(honest_n < made); /* the net is not so wide that nothing is tested */
    print_message("%ld presses, %ld more were honest and not made\n", made, honest_n);
}

/* The same world, the same way: what is honest does change something. */
static void an_honest_press_still_does_what_it_says(void **state)
{
    static const struct {
        int person;
        const char *head, *tail;
    } rows[] = {{7, "d.", ".a"},      {7, "d.", ".3"},     {9, "d.", ".l"},
                {4, "s.", "s.num"},   {4, "s.num.", "7"},  {5, "t.on.", ""},
                {11, "s.", "s.lang"}, {4, "o.", "o.l.en"}, {3, "f.", "nine"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t before = everything();
        int buttons = payload_n;
        presses(FIRST + rows[i].person, rows[i].head, rows[i].tail);
        if (payload_n == buttons && everything() == before)
            fail_msg("row %zu: %s...%s did nothing", i, rows[i].head, rows[i].tail);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_hostile_presses_change_nothing),
        cmocka_unit_test(an_honest_press_still_does_what_it_says),
    };
    const char *slash = strrchr(argv[0], '/');
    snprintf(bank, sizeof bank, "%.*s/../bank.db", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    if (access(bank, R_OK) != 0) /* a sanitized build has no bank of its own */
        snprintf(bank, sizeof bank, "build/bank.db");
    if (argc > 1)
        snprintf(bank, sizeof bank, "%s", argv[1]);
    return cmocka_run_group_tests(tests, world, world_down);
}
