/* Fuzzes the whole path: what Telegram says and people do, through parse and turns on a
 * real database, to what goes out. An input is a row of lines, each a letter and bytes:
 * see acts[]. No commit may fail, nothing may be said that Telegram refuses for its form,
 * and keys and pages of the database hold.
 *
 * SCENE_BANK names the bank; build/scene_bank.db else. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/log.h"
#include "tests/memory_disk.h"
#include "tests/scene_world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

enum { ACTS_MAX = 40, LINE_MAX_LEN = 4096, ANNA = 101, BORIS = 102, CHECK_EACH = 64 };
enum { RULES_MESSAGES_BACK = 4 };
#define BEGIN_MS INT64_C(1772431200000) /* 2026-03-02 06:00 UTC */
#define FRESH MEMORY_DISK "-fresh.db"

struct game {
    struct world w;
    int64_t group;
    size_t told; /* rows of the ledger that were looked at */
    bool refused_by_design;
};

static void broken(const char *why, const char *what)
{
    fprintf(stderr, "%s: %s\n", why, what);
    abort();
}

/* ---- what must hold ---- */

/* Of a chat that only the input made up Telegram knows nothing; of one that it does, all
 * that the bot says must be well formed. */
static bool excused(const struct rules_row *row)
{
    static const char *const by_design[] = {"chat not found",
                                            "query is too old",
                                            "message is not modified",
                                            "to edit not found",
                                            "message can't be edited",
                                            "poll",
                                            "message to be replied not found",
                                            "to delete not found"};
    for (size_t i = 0; i < sizeof by_design / sizeof *by_design; i++)
        if (strstr(row->description, by_design[i]))
            return true;
    return row->status == 403 || row->status == 429 || row->fault;
}

static void look(struct game *g)
{
    size_t n = rules_ledger_count(g->w.rules);
    for (; g->told < n; g->told++) {
        const struct rules_row *row = rules_ledger(g->w.rules, g->told);
        if (row->status == 200 && row->shown.dropped)
            broken("formatting is dropped", row->body);
        if (row->status >= 400 && !excused(row))
            broken(row->description, row->body);
    }
    if (*g->w.trouble)
        broken("the world ends", g->w.trouble);
    if (g->w.retry_ms)
        broken("a turn failed", sqlite3_errmsg(db_handle(g->w.db)));
}

/* ---- what happens ---- */

static int64_t person(const char *arg)
{
    return *arg == 'b' ? BORIS : ANNA;
}

static void act_raw(struct game *g, const char *arg, size_t len)
{
    struct update u[UPDATES_MAX];
    struct arena a = {0};
    int n = 0, done = 0;
    if (updates_parse(arg, len, &a, u, UPDATES_MAX, &n) == OK)
        for (int at = 0; at < n; at += done) {
            struct moment m = {.now_ms = g->w.now_ms, .random = ++g->w.seed};
            if (turn_updates(&g->w.bot, m, u + at, n - at, &done))
                broken("updates are not taken", sqlite3_errmsg(db_handle(g->w.db)));
            for (int i = 0; i < g->w.bot.toast_n; i++)
                sender_toast(g->w.sender, g->w.now_ms, &g->w.bot.toasts[i]);
        }
    arena_free(&a);
}

static void act_say(struct game *g, const char *arg, size_t len)
{
    if (len < 3)
        return;
    const struct rules_said said = {.person = person(arg),
                                    .chat = arg[1] == 'g' ? g->group : person(arg),
                                    .text = arg + 2};
    rules_say(g->w.rules, g->w.now_ms, &said);
}

/* The bytes choose who, where, which of the bot's newest messages, which button. */
static void act_press(struct game *g, const char *arg, size_t len)
{
    if (len < 4)
        return;
    int64_t chat = arg[1] == 'g' ? g->group : person(arg + 1);
    const struct rules_message *m =
        rules_newest(g->w.rules, chat, 1 + (arg[2] & 0xff) % RULES_MESSAGES_BACK);
    if (!m)
        return;
    const char *data = arg + 3; /* forged, when there is more than a number */
    if (len == 4 && m->now.buttons)
        data = m->now.button[(arg[3] & 0xff) % m->now.buttons].data;
    if (data && *data)
        rules_press(g->w.rules, g->w.now_ms, person(arg), chat, m->id, data, NULL);
}

static void act_vote(struct game *g, const char *arg, size_t len)
{
    int option = len > 1 ? (arg[1] & 0xff) % 11 : 0;
    for (int nth = 1; nth <= RULES_MESSAGES_BACK; nth++) {
        const struct rules_message *m = rules_newest(g->w.rules, g->group, nth);
        if (m && m->media == MEDIA_POLL)
            rules_vote(g->w.rules, g->w.now_ms, person(arg), g->group, m->id, &option,
                       option < 10);
    }
}

static void act_time(struct game *g, const char *arg, size_t len)
{
    static const int64_t spans[] = {1000, 10000, 60000, 600000, 3600000, 24 * 3600000};
    int64_t span = spans[(len ? *arg & 0xff : 0) % 6];
    world_patience(&g->w, span); /* else most of a day is getUpdates */
    world_until(&g->w, g->w.now_ms + span);
    if (!*g->w.trouble)
        world_patience(&g->w, 0);
}

static void act_block(struct game *g, const char *arg, size_t len)
{
    rules_block(g->w.rules, g->w.now_ms, person(arg), len > 1 && arg[1] != '-');
}

static void act_end(struct game *g, const char *arg, size_t len)
{
    if (len && *arg == 'k')
        world_kill(&g->w);
    else
        world_restart(&g->w);
}

static void act_member(struct game *g, const char *arg, size_t len)
{
    rules_bot_member(g->w.rules, g->w.now_ms, g->group, ANNA,
                     (enum chat_status)((len ? *arg & 0xff : 0) % MEMBER_CREATOR));
}

static void act_fault(struct game *g, const char *arg, size_t len)
{
    struct rules_fault f = {.method = "*", .times = 1};
    (void)len;
    if (rules_fault_parse(arg, &f))
        rules_fail(g->w.rules, &f);
}

static const struct {
    char letter;
    void (*act)(struct game *g, const char *arg, size_t len); /* arg ends with a zero */
} acts[] = {{'{', NULL},     {'s', act_say},    {'p', act_press},
            {'v', act_vote}, {'t', act_time},   {'b', act_block},
            {'e', act_end},  {'m', act_member}, {'f', act_fault}};

static void line_play(struct game *g, const char *line, size_t len)
{
    if (*line == '{')
        act_raw(g, line, len);
    for (size_t i = 1; i < sizeof acts / sizeof *acts; i++)
        if (acts[i].letter == *line)
            acts[i].act(g, line + 1, len - 1);
    if (!*g->w.trouble)
        world_settle(&g->w);
    look(g);
}

/* ---- the world ---- */

static void nothing(void *arg, struct world *w, bool commit, int n)
{
    (void)arg, (void)w, (void)commit, (void)n;
}

static const struct world_points points = {.reached = nothing};

static void begin(struct game *g)
{
    const char *bank = getenv("SCENE_BANK");
    *g = (struct game){.w.points = &points};
    if (memory_disk_has(FRESH))
        memory_disk_copy(FRESH, MEMORY_DISK "/1.db");
    if (!world_open(&g->w, bank ? bank : "build/scene_bank.db", BEGIN_MS))
        broken("no world", g->w.trouble);
    rules_person(g->w.rules, ANNA, "Anna", "ru");
    rules_person(g->w.rules, BORIS, "Boris", "en");
    world_settle(&g->w);
    g->group = rules_group(g->w.rules, g->w.now_ms, ANNA, "Python", CHAT_SUPERGROUP, false);
    rules_member(g->w.rules, g->w.now_ms, g->group, ANNA, BORIS, MEMBER_PLAIN);
    rules_bot_member(g->w.rules, g->w.now_ms, g->group, ANNA, MEMBER_PLAIN);
    world_settle(&g->w);
}

/* Migrated once; every input begins on a copy. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct db *db;
    const char *why;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    memory_disk_use();
    if (db_open(FRESH, &db, &why))
        broken("no database", why);
    db_close(db);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char line[LINE_MAX_LEN + 1];
    static unsigned runs;
    static struct game g;
    char words[300];
    begin(&g);
    for (int n = 0; size && n < ACTS_MAX; n++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size;
        size_t kept = len < LINE_MAX_LEN ? len : LINE_MAX_LEN;
        memcpy(line, data, kept);
        line[kept] = '\0';
        if (kept)
            line_play(&g, line, kept);
        len += end != NULL;
        data += len;
        size -= len;
    }
    if (++runs % CHECK_EACH == 0 || getenv("CHECK_ALWAYS")) {
        world_check(&g.w, words, sizeof words);
        if (*words)
            broken("the database", words);
    }
    world_close(&g.w);
    return 0;
}

/* ---- mutation: whole lines that mean something, now and then bytes ---- */

static const char *const lines[] = {"sap/start",
                                    "sbp/start",
                                    "sap/next",
                                    "sap/topics",
                                    "sap/settings",
                                    "sap/stats",
                                    "sap/stop",
                                    "sap/forget",
                                    "sap/privacy",
                                    "sap/help",
                                    "sap/pause",
                                    "sap/time 08:30",
                                    "sap/q 1",
                                    "sap/export",
                                    "sap/question",
                                    "sap/battle",
                                    "sap/top",
                                    "sap/now",
                                    "sag/battle django",
                                    "sbg/battle django 3",
                                    "sag/battle",
                                    "sag/top",
                                    "sag/stop",
                                    "sag/daily 10:00 django",
                                    "sag/daily",
                                    "sag/settings",
                                    "sap08:30",
                                    "sapМосква",
                                    "sap<b>&amp;</i>",
                                    "sap@sobes_bot",
                                    "sag@sobes_bot ?",
                                    "sap/reports",
                                    "sap/admin",
                                    "t0",
                                    "t1",
                                    "t2",
                                    "t3",
                                    "t4",
                                    "t5",
                                    "ba+",
                                    "ba-",
                                    "ek",
                                    "er",
                                    "m0",
                                    "m2",
                                    "m3",
                                    "f429 retry_after=3",
                                    "f500",
                                    "fhalf",
                                    "fswallow",
                                    "freset",
                                    "flost"};

static unsigned draw(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    char fresh[64];
    unsigned kind = draw(&seed, 8);
    if (kind == 0)
        return LLVMFuzzerMutate(data, size, max);
    const char *who = draw(&seed, 3) ? "a" : "b";
    if (kind < 3)
        snprintf(fresh, sizeof fresh, "%s",
                 lines[draw(&seed, sizeof lines / sizeof *lines)]);
    else if (kind == 3)
        snprintf(fresh, sizeof fresh, "v%s%c", who, 48 + (int)draw(&seed, 11));
    else
        snprintf(fresh, sizeof fresh, "p%s%c%c%c", who, "abgg"[draw(&seed, 4)],
                 '0' + (int)draw(&seed, 4), '0' + (int)draw(&seed, 40));
    size_t len = strlen(fresh), at = size;
    if (draw(&seed, 2)) /* else at the end: the story goes on */
        for (at = size ? draw(&seed, (unsigned)size) : 0; at && data[at - 1] != '\n';)
            at--;
    if (size + len + 2 > max)
        return size;
    bool gap = at && data[at - 1] != '\n';
    memmove(data + at + gap + len + 1, data + at, size - at);
    if (gap)
        data[at++] = '\n';
    memcpy(data + at, fresh, len);
    data[at + len] = '\n';
    return size + gap + len + 1;
}
