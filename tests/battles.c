/* battles: hundreds of groups play at once against the real bot in its bottle
 * (scene_world.h). Who joins, answers, errs, skips, and when, is drawn from a seed: the
 * same seed plays the same battles. All that was said and heard goes to a file, a JSON
 * object a line, and what the database holds at the end; tests/battles.py judges it. */
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/battles.h"

enum {
    KILL_GAP_MS = 12 * 1000, /* the least time between two ends of the process */
    FAULT_EVERY_MS = 10 * 1000,
    LOOK_MS = 5000, /* how often it is asked whether all is over */
    QUIET_LOOKS = 3,
    LATEST_MS = 45 * 60 * 1000, /* by then it must be */
};

/* Sunday, 31 May, in UTC; in Moscow it is Monday, 1 June: another day, week and month. */
#define BEGIN_MS INT64_C(1780266600000)

/* ---- what happens ---- */

static void say_line(struct game *g, const char *word, int64_t at_ms)
{
    fprintf(g->out, "{\"%s\":%" PRId64 "}\n", word, at_ms);
}

/* At once, or before a commit, before or after a call that is due soon. */
static void act_kill(struct game *g)
{
    static const enum breakage ways[] = {BREAK_NOTHING, BREAK_KILL_BEFORE, BREAK_KILL_CALL,
                                         BREAK_KILL_CALLED};
    struct world *w = &g->world;
    w->break_as = ways[within(g, 0, 4)];
    w->broken = false;
    w->break_at =
        (w->break_as == BREAK_KILL_BEFORE ? w->commits : w->calls) + (int)within(g, 1, 30);
    if (w->break_as != BREAK_NOTHING)
        return;
    say_line(g, "killed", w->now_ms);
    world_kill(w);
}

/* The next call of some method in some groups fares badly; what has not befallen anybody
 * since the last time is forgotten. */
static void act_fault(struct game *g)
{
    static const char *const methods[] = {"sendPoll", "sendMessage", "stopPoll",
                                          "sendPhoto", "*"};
    static const struct rules_fault faults[] = {{.kind = FAULT_SWALLOW},
                                                {.kind = FAULT_HALF},
                                                {.kind = FAULT_LOST},
                                                {.kind = FAULT_REFUSE},
                                                {.kind = FAULT_HTML},
                                                {.kind = FAULT_STATUS, .value = 500},
                                                {.kind = FAULT_FLOOD, .value = 3},
                                                {.kind = FAULT_FLOOD, .value = 12}};
    rules_heal(g->world.rules);
    for (int i = 0; i < g->groups; i++) {
        struct rules_fault f = faults[within(g, 0, sizeof faults / sizeof *faults)];
        const char *method = methods[within(g, 0, sizeof methods / sizeof *methods)];
        snprintf(f.method, sizeof f.method, "%s", method);
        f.chat = g->group[i].chat;
        f.times = 1;
        if (chance(g, 30))
            rules_fail(g->world.rules, &f);
    }
    latencies(g);
}

static void act(struct game *g, const struct act *a)
{
    struct world *w = &g->world;
    const struct group *in = &g->group[a->group];
    switch (a->kind) {
    case ACT_SAY:
        rules_say(w->rules, w->now_ms,
                  &(struct rules_said){.person = a->person,
                                       .chat = in->chat,
                                       .thread = in->thread[a->place],
                                       .text = a->data});
        break;
    case ACT_PRESS:
        rules_press(w->rules, w->now_ms, a->person, in->chat, a->message, a->data, NULL);
        break;
    case ACT_VOTE: /* what comes too late or twice Telegram does not take */
        rules_vote(w->rules, w->now_ms, a->person, in->chat, a->message, &a->option, 1);
        break;
    case ACT_KILL:
        act_kill(g);
        break;
    case ACT_RESTART:
        say_line(g, "restarted", w->now_ms);
        world_restart(w);
        break;
    case ACT_FAULT:
        act_fault(g);
        break;
    case ACT_KICK:
        rules_bot_member(w->rules, w->now_ms, in->chat, in->player[0].id, MEMBER_KICKED);
        break;
    }
}

/* To the next thing that is due, of the bot or of people, at `until` the latest. */
static void step(struct game *g, int64_t until)
{
    struct world *w = &g->world;
    int life = w->life;
    int64_t next = world_next_ms(w);
    next = next < w->now_ms ? w->now_ms : next;
    next = next > until ? until : next;
    if (g->acts && g->act[0].at_ms < next)
        next = g->act[0].at_ms < w->now_ms ? w->now_ms : g->act[0].at_ms;
    world_until(w, next);
    if (w->life != life)
        say_line(g, "killed", next);
    see_news(g);
    while (g->acts && g->act[0].at_ms <= w->now_ms && !*w->trouble) {
        struct act a = next_act(g);
        act(g, &a);
        life = w->life;
        next = w->now_ms;
        world_settle(w);
        if (w->life != life)
            say_line(g, "killed", next);
        see_news(g);
    }
}

static void disturbances(struct game *g)
{
    int64_t from = g->world.now_ms + 5000, n = 2 * g->kills;
    int64_t step = n && KILLING_MS / n > KILL_GAP_MS * 2 ? KILLING_MS / n : KILL_GAP_MS * 2;
    for (int64_t i = 0; i < n; i++)
        plan(g, (struct act){.at_ms = from + i * step + within(g, 0, step - KILL_GAP_MS),
                             .kind = i % 2 ? ACT_RESTART : ACT_KILL});
    for (int64_t t = 0; g->faults && t < KILLING_MS; t += FAULT_EVERY_MS)
        plan(g, (struct act){.at_ms = from + t, .kind = ACT_FAULT});
}

/* Until no battle runs and nothing waits to be said. */
static void play(struct game *g)
{
    struct world *w = &g->world;
    int64_t begin_ms = w->now_ms, look_ms = begin_ms;
    int quiet = 0;
    while (!*w->trouble && quiet < QUIET_LOOKS) {
        step(g, look_ms);
        if (w->now_ms < look_ms)
            continue;
        char *left = world_sql(w, "SELECT (SELECT count(*) FROM battle WHERE state <> 3) +"
                                  " (SELECT count(*) FROM outbox)");
        quiet = !strcmp(left, "0") && w->now_ms > begin_ms + 2 * OPENING_MS ? quiet + 1 : 0;
        if (w->now_ms > begin_ms + LATEST_MS) {
            fprintf(stderr, "battles and messages left: %s\n", left);
            give_up(g, "not all battles come to an end");
        }
        free(left);
        look_ms += LOOK_MS;
    }
}

/* ---- what is left ---- */

static void dump(struct game *g, const char *name, const char *columns, const char *from)
{
    sqlite3_stmt *s = NULL;
    char sql[400];
    snprintf(sql, sizeof sql, "SELECT json_array(%s) FROM %s", columns, from);
    int rc = sqlite3_prepare_v2(db_handle(g->world.db), sql, -1, &s, NULL);
    while (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        fprintf(g->out, "{\"table\":\"%s\",\"row\":%s}\n", name,
                (const char *)sqlite3_column_text(s, 0));
    if (rc != SQLITE_OK)
        give_up(g, sqlite3_errmsg(db_handle(g->world.db)));
    sqlite3_finalize(s);
}

static void leave(struct game *g)
{
    char wrong[256];
    for (size_t i = 0; i < rules_ledger_count(g->world.rules); i++)
        if (rules_ledger(g->world.rules, i)->ended_us)
            fprintf(g->out, "{\"heard\":%zu,\"at_ms\":%" PRId64 "}\n", i + 1,
                    rules_ledger(g->world.rules, i)->ended_us / 1000);
    dump(g, "battle", "printf('%016x', token), id, chat, thread, state", "battle");
    dump(g, "seat", "battle, person, points, hits", "seat");
    dump(g, "round", "id, battle, question, state, opened_ms", "round");
    dump(g, "vote", "round, person, points", "vote");
    dump(g, "board", "club, period, from_day, person, points, wins, battles", "board");
    world_check(&g->world, wrong, sizeof wrong);
    if (*wrong)
        give_up(g, wrong);
    say_line(g, "end", g->world.now_ms);
}

static bool options_read(struct game *g, int argc, char **argv, const char **bank,
                         const char **out)
{
    static const struct option known[] = {
        {"bank", 1, NULL, 'b'},   {"out", 1, NULL, 'o'},   {"seed", 1, NULL, 's'},
        {"groups", 1, NULL, 'g'}, {"kills", 1, NULL, 'k'}, {"players", 1, NULL, 'p'},
        {"faults", 0, NULL, 'f'}, {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        int n = optarg ? atoi(optarg) : 0;
        switch (c) {
        case 'b':
            *bank = optarg;
            break;
        case 'o':
            *out = optarg;
            break;
        case 's':
            g->seed = strtoull(optarg, NULL, 10);
            break;
        case 'g':
            g->groups = n;
            break;
        case 'k':
            g->kills = n;
            break;
        case 'p':
            g->players = n;
            break;
        case 'f':
            g->faults = true;
            break;
        default:
            return false;
        }
    }
    return *bank && *out && optind == argc && g->groups > 0 && g->groups <= GROUPS_MAX &&
           g->players >= PLACES && g->players <= PLAYERS_MAX && g->kills >= 0;
}

int main(int argc, char **argv)
{
    static struct game g = {.groups = 200, .players = 10, .seed = 1};
    const char *bank = NULL, *out = NULL;
    if (!options_read(&g, argc, argv, &bank, &out) || !(g.out = fopen(out, "w"))) {
        fputs("usage: battles --bank FILE --out FILE [--seed N] [--groups N] [--players N]"
              " [--kills N] [--faults]\n",
              stderr);
        return 64;
    }
    if (world_open(&g.world, bank, BEGIN_MS)) {
        rules_record(g.world.rules, g.out);
        world_settle(&g.world);
        for (int i = 0; i < g.groups; i++)
            group_make(&g, i);
        world_until(&g.world, g.world.now_ms + OPENING_MS); /* all are greeted */
        for (int i = 0; i < g.groups; i++)
            group_settle(&g, i);
        latencies(&g);
        disturbances(&g);
        play(&g);
        leave(&g);
    }
    if (*g.world.trouble)
        fprintf(stderr, "battles: %s\n", g.world.trouble);
    bool bad = *g.world.trouble;
    world_close(&g.world);
    free(g.act);
    bad = fclose(g.out) != 0 || bad;
    return bad;
}
