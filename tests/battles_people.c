#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/battles.h"

enum { HABITS = 10 };

#define FIRST_PERSON INT64_C(5000000000)

/* ---- chance ---- */

static uint64_t draw(struct game *g)
{
    uint64_t z = g->seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t within(struct game *g, int64_t from, int64_t to)
{
    return to > from ? from + (int64_t)(draw(g) % (uint64_t)(to - from)) : from;
}

bool chance(struct game *g, int percent)
{
    return within(g, 0, 100) < percent;
}

/* ---- what is going to happen ---- */

static bool sooner(const struct act *a, const struct act *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void plan(struct game *g, struct act a)
{
    if (g->acts == g->acts_room) {
        g->acts_room = g->acts_room ? g->acts_room * 2 : 1024;
        g->act = realloc(g->act, g->acts_room * sizeof *g->act);
        if (!g->act)
            abort();
    }
    a.order = g->orders++;
    size_t at = g->acts++;
    for (size_t up; at && sooner(&a, &g->act[up = (at - 1) / 2]); at = up)
        g->act[at] = g->act[up];
    g->act[at] = a;
}

struct act next_act(struct game *g)
{
    struct act first = g->act[0], last = g->act[--g->acts];
    size_t at = 0;
    for (size_t down; (down = 2 * at + 1) < g->acts; at = down) {
        down += down + 1 < g->acts && sooner(&g->act[down + 1], &g->act[down]);
        if (!sooner(&g->act[down], &last))
            break;
        g->act[at] = g->act[down];
    }
    g->act[at] = last;
    return first;
}

/* ---- the world before the first battle ---- */

void give_up(struct game *g, const char *words)
{
    if (!*g->world.trouble)
        snprintf(g->world.trouble, sizeof g->world.trouble, "%s", words);
}

void latencies(struct game *g)
{
    for (int i = 0; i < g->groups; i++)
        rules_fail(g->world.rules, &(struct rules_fault){.method = "*",
                                                         .chat = g->group[i].chat,
                                                         .kind = FAULT_DELAY,
                                                         .value = g->group[i].latency_ms,
                                                         .times = 1 << 30});
}

static void people_make(struct game *g, int at, bool russian)
{
    static const char *const names[] = {"Анна К.", "O'Neil <b>", "Ли & Ко",
                                        "Zoë",     "山田 太郎",  "x_y_z",
                                        "Ёж — ёж", "Bob.",       "1 000"};
    static const enum habit habits[HABITS] = {JOINS,   JOINS, JOINS, JOINS,   ANSWERS,
                                              ANSWERS, LATE,  JOINS, WATCHES, ABSENT};
    struct group *to = &g->group[at];
    char name[64];
    for (int i = 0; i < g->players; i++) {
        to->player[i] = (struct player){
            .id = FIRST_PERSON + at * 1000 + i,
            .habit = i && !to->hasty ? habits[within(g, 0, HABITS)] : JOINS,
            .skill = (int)within(g, 10, 100),
            .quits_after = !to->hasty && chance(g, 12) ? (int)within(g, 1, 6) : 99};
        snprintf(name, sizeof name, "%s %d", names[(at + i) % 9], i);
        rules_person(g->world.rules, to->player[i].id, name,
                     russian == (i % 4 < 3) ? "ru" : "en");
    }
}

void group_make(struct game *g, int at)
{
    struct group *to = &g->group[at];
    struct rules *r = g->world.rules;
    int64_t now_ms = g->world.now_ms, owner = FIRST_PERSON + at * 1000;
    bool forum = at % 5 == 1, basic = at % 5 == 3;
    const char *wrong = NULL;
    char title[32];
    snprintf(title, sizeof title, "Group %d", at);
    to->latency_ms = within(g, 30, 700);
    to->again = at % 5 == 0;
    to->lonely = at % 50 == 7;
    to->bored = at % 25 == 4;
    to->hasty = at % 10 == 1 || at % 10 == 6;
    to->kicks = g->faults && at % 20 == 2;
    people_make(g, at, at % 2 == 0);
    to->chat =
        rules_group(r, now_ms, owner, title, basic ? CHAT_GROUP : CHAT_SUPERGROUP, forum);
    to->places = forum ? PLACES : 1;
    for (int i = 0; forum && i < PLACES && !wrong; i++)
        wrong =
            rules_topic(r, now_ms, to->chat, owner, i ? "Quiz" : "Talk", &to->thread[i]);
    for (int i = 1; i < g->players && !wrong; i++)
        wrong = rules_member(r, now_ms, to->chat, owner, to->player[i].id, MEMBER_PLAIN);
    if (!wrong)
        wrong = rules_bot_member(r, now_ms, to->chat, owner, MEMBER_PLAIN);
    if (wrong || !to->chat)
        give_up(g, wrong ? wrong : "a group cannot be made");
}

/* The rules of its battles differ from group to group; the judge is told. */
void group_settle(struct game *g, int at)
{
    static const char *const zones[] = {"Europe/Moscow", "Etc/UTC", "Asia/Kolkata",
                                        "America/New_York", "Asia/Vladivostok"};
    const struct group *to = &g->group[at];
    char sql[200];
    bool speed = at % 4 != 2, bonus = at % 3 != 1;
    const char *zone = zones[at % 5], *lang = at % 2 ? "en" : "ru";
    snprintf(sql, sizeof sql,
             "UPDATE club SET speed = %d, bonus = %d, zone = '%s', lang = '%s' WHERE id = "
             "%" PRId64,
             speed, bonus, zone, lang, to->chat);
    free(world_sql(&g->world, sql));
    fprintf(g->out,
            "{\"group\":%" PRId64
            ",\"speed\":%d,\"bonus\":%d,\"zone\":\"%s\",\"lang\":\"%s\","
            "\"owner\":%" PRId64 ",\"kicks\":%d}\n",
            to->chat, speed, bonus, zone, lang, to->player[0].id, to->kicks);
    for (int i = 0; i < to->places; i++) {
        struct act a = {.at_ms = g->world.now_ms + within(g, 0, OPENING_MS),
                        .kind = ACT_SAY,
                        .group = at,
                        .place = i,
                        .person = to->player[i % g->players].id};
        snprintf(a.data, sizeof a.data, "/battle@sobes_bot %s7", at % 7 ? "" : "django ");
        plan(g, a);
    }
    if (to->kicks)
        plan(g, (struct act){.at_ms = g->world.now_ms + within(g, OPENING_MS, KILLING_MS),
                             .kind = ACT_KICK,
                             .group = at});
}

/* ---- what people do when they see a message ---- */

/* The data of the message's first button whose code, behind the battle's name, begins so;
 * "" for none. */
static const char *button(const struct rules_row *row, const char *code)
{
    for (int i = 0; i < row->shown.buttons; i++) {
        const char *data = row->shown.button[i].data;
        const char *dot = data && data[0] == 'b' ? strchr(data + 2, '.') : NULL;
        if (dot && !strncmp(dot + 1, code, strlen(code)))
            return data;
    }
    return "";
}

static void press_later(struct game *g, const struct act *like, int64_t person,
                        int64_t at_ms, const char *data)
{
    struct act a = *like;
    a.kind = ACT_PRESS;
    a.person = person;
    a.at_ms = at_ms;
    snprintf(a.data, sizeof a.data, "%s", data);
    plan(g, a);
}

static void see_lobby(struct game *g, const struct act *like, const struct rules_row *row)
{
    const struct group *in = &g->group[like->group];
    int64_t now_ms = g->world.now_ms;
    for (int i = 0; i < g->players; i++)
        if (in->player[i].habit == JOINS && !in->lonely)
            press_later(g, like, in->player[i].id, now_ms + within(g, 500, 20000),
                        button(row, "j"));
    if (chance(g, 25) && !in->lonely)
        press_later(g, like, in->player[0].id, now_ms + within(g, 5000, 30000),
                    button(row, "s"));
}

/* When somebody answers: before the bot knows that the poll is there, soon, at some time,
 * in the last second, or too late. */
static int64_t thinks_ms(struct game *g, const struct group *in, int64_t limit_ms)
{
    int64_t dice = within(g, 0, 100);
    return in->hasty   ? within(g, 300, 2000)
           : dice < 8  ? within(g, 0, in->latency_ms + 1)
           : dice < 30 ? within(g, 300, 3000)
           : dice < 90 ? within(g, 1000, limit_ms)
                       : within(g, limit_ms - 1000, limit_ms + 1000);
}

static void answers(struct game *g, const struct act *like, const struct player *p, int key,
                    int64_t limit_ms)
{
    struct act a = *like;
    bool right = chance(g, p->skill);
    a.kind = ACT_VOTE;
    a.person = p->id;
    a.option = right ? key : (key + 1 + (int)within(g, 0, 3)) % 4;
    a.at_ms = g->world.now_ms + thinks_ms(g, &g->group[like->group], limit_ms);
    plan(g, a);
    if (chance(g, 4)) { /* tries another one */
        a.option = (a.option + 1) % 4;
        a.at_ms += within(g, 0, 2000);
        plan(g, a);
    }
}

static void see_poll(struct game *g, const struct act *like, const struct rules_row *row)
{
    const struct group *in = &g->group[like->group];
    const char *period = strstr(row->body, "\"open_period\":");
    const char *skip = button(row, "k.");
    int number = atoi(row->shown.text);
    int key = rules_right(rules_message(g->world.rules, row->chat, row->message));
    int64_t limit_ms = period ? strtoll(period + 14, NULL, 10) * 1000 : 0;
    int64_t now_ms = g->world.now_ms;
    bool dull = chance(g, in->bored ? 40 : 3);
    char data[RULES_DATA_MAX + 1];
    if (key < 0 || limit_ms < 1000 || !*skip) {
        give_up(g, "a poll that is no question of a battle");
        return;
    }
    for (int i = 0; i < g->players; i++) {
        const struct player *p = &in->player[i];
        bool plays = p->habit != ABSENT && p->habit != WATCHES;
        if (plays && number <= p->quits_after && (!in->bored || number < 4) &&
            (in->hasty || chance(g, 93)))
            answers(g, like, p, key, limit_ms);
        if (number == 2 && (p->habit == LATE || p->habit == WATCHES)) {
            snprintf(data, sizeof data, "%.18s.j", skip);
            press_later(g, like, p->id, now_ms + within(g, 0, 4000), data);
        }
        if (chance(g, dull ? 70 : 2))
            press_later(g, like, p->id, now_ms + within(g, 0, limit_ms), skip);
    }
    if (number == 4 && chance(g, 3)) {
        snprintf(data, sizeof data, "%.18s.x", skip);
        for (int i = 0; i < PLACES; i++) /* whoever has opened it may */
            press_later(g, like, in->player[i].id, now_ms + within(g, 0, limit_ms), data);
    }
}

/* A message or an edit that is there since the last look. */
static void see_row(struct game *g, const struct rules_row *row)
{
    struct act like = {.message = row->message};
    if (row->kind != ROW_SENT || row->status != 200 || row->chat >= 0)
        return;
    while (like.group < g->groups && g->group[like.group].chat != row->chat)
        like.group++;
    if (like.group == g->groups)
        return;
    struct group *in = &g->group[like.group];
    if (!strcmp(row->method, "sendPoll"))
        see_poll(g, &like, row);
    else if (*button(row, "j"))
        see_lobby(g, &like, row);
    else if (*button(row, "a") && in->again) {
        press_later(g, &like, in->player[within(g, 0, g->players)].id,
                    g->world.now_ms + within(g, 1000, 8000), button(row, "a"));
        in->again = false;
    }
}

void see_news(struct game *g)
{
    size_t n = rules_ledger_count(g->world.rules);
    while (g->rows_seen < n)
        see_row(g, rules_ledger(g->world.rules, g->rows_seen++));
}
