/* battles: hundreds of groups that play at once; see battles.c. */
#ifndef TESTS_BATTLES_H
#define TESTS_BATTLES_H

#include <stdio.h>

#include "tests/scene_world.h"

enum {
    GROUPS_MAX = 500,
    PLAYERS_MAX = 30,
    PLACES = 2,              /* topics of a forum */
    OPENING_MS = 60 * 1000,  /* all battles begin within so long */
    KILLING_MS = 300 * 1000, /* and are disturbed for so long, or longer */
};

enum habit { JOINS, ANSWERS, LATE, WATCHES, ABSENT };

struct player {
    int64_t id;
    enum habit habit;
    int skill;       /* of 100 answers so many are right */
    int quits_after; /* rounds */
};
struct group {
    int64_t chat, thread[PLACES];
    int places;
    int64_t latency_ms;                      /* of every answer to a call there */
    bool again, lonely, bored, hasty, kicks; /* hasty: all answer at once */
    struct player player[PLAYERS_MAX];
};

enum act_kind { ACT_SAY, ACT_PRESS, ACT_VOTE, ACT_KILL, ACT_RESTART, ACT_FAULT, ACT_KICK };
struct act {
    int64_t at_ms;
    uint64_t order; /* of two at the same time the first one planned */
    enum act_kind kind;
    int group, place, option;
    int64_t person, message;
    char data[RULES_DATA_MAX + 1]; /* of a button, or what is written */
};

struct game {
    struct world world;
    FILE *out;
    int groups, players, kills;
    bool faults;
    uint64_t seed, orders;
    struct group group[GROUPS_MAX];
    struct act *act; /* a heap, the next one first */
    size_t acts, acts_room;
    size_t rows_seen; /* of the ledger */
};

/* ---- battles_people.c: who plays, and what they do when they see a message ---- */

int64_t within(struct game *g, int64_t from, int64_t to); /* drawn; `to` is left out */
bool chance(struct game *g, int percent);
void plan(struct game *g, struct act a);
struct act next_act(struct game *g); /* takes it out; there must be one */
void give_up(struct game *g, const char *words);
void group_make(struct game *g, int at);
/* The rules of its battles, when all begin; the judge is told. */
void group_settle(struct game *g, int at);
/* Every call to a group has the group's latency: after rules_heal() once more. */
void latencies(struct game *g);
void see_news(struct game *g);

#endif
