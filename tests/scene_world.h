/* scene_world: the real bot in a bottle. Real database in a temporary folder, real turns,
 * poll and sender; the rule book instead of Telegram, a virtual clock instead of time.
 *
 * The twin of net/loop.c: it calls the same x_run(now) whenever x_next_ms() has come. */
#ifndef TESTS_SCENE_WORLD_H
#define TESTS_SCENE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/net/poll.h"
#include "bot/net/sender.h"
#include "bot/talk/turn.h"
#include "tests/fake_http.h"
#include "tests/fake_picture.h"

/* One thing to break in a run; counted from 1. None when `at` is 0. */
enum breakage {
    BREAK_NOTHING,
    BREAK_COMMIT,      /* the at-th commit fails */
    BREAK_REFUSE,      /* the at-th call finds no connection */
    BREAK_SWALLOW,     /* the at-th call is executed, its answer lost */
    BREAK_KILL_BEFORE, /* killed before the at-th commit */
    BREAK_KILL_AFTER,  /* killed right after the at-th commit */
    BREAK_KILL_CALL,   /* killed before the at-th call reaches Telegram */
    BREAK_KILL_CALLED  /* killed after Telegram executed the at-th call */
};

struct world;

/* Somebody who is told of each commit and call about to be, counted from 1, and may let
 * this world go on twice: fork(), and in the child choose what breaks. */
struct world_points {
    void (*reached)(void *arg, struct world *w, bool commit, int n);
    void *arg;
};

struct world {
    struct rules *rules;
    struct http *http;
    struct pictures *pictures;
    struct db *db;
    struct bot bot;
    struct poll *poll;
    struct sender *sender;
    struct config config; /* admin_ids grows by world_operator() */
    const char *bank;     /* the scene's, then own_bank */
    char own_bank[600];
    int banks; /* made by world_bank() so far */
    int64_t now_ms;
    uint64_t seed;
    int life; /* which process this is, from 1; names the database file */
    bool booted, awake, network_down, drawings_fail;
    int64_t patience_ms;    /* see fake_http_patience() */
    int64_t moved_ms;       /* the clock jumped by so much and the bot has not noticed */
    int64_t retry_ms;       /* after ERR_DB: when turns are tried again */
    int64_t restless_ms;    /* until then the clock is looked at every 30 s */
    enum breakage break_as; /* what this run breaks */
    int break_at, commits, calls;
    int told;             /* calls other than getUpdates so far */
    struct buf *trace[2]; /* of each commit, each call an int: `told` then; or NULL */
    const struct world_points *points; /* or NULL; then databases are in memory */
    bool twin;                         /* made by fork(): the folder is the other one's */
    bool broken, dying; /* it was hit; the process is dead and not yet replaced */
    bool token_refused;
    char dir[512], path[600];
    char trouble[256]; /* why the world cannot go on, "" while it can */
};

/* Opens a world at now_ms with an empty database. Keeps bank. False: see trouble; close it
 * all the same. The bot starts with the first world_settle(). */
bool world_open(struct world *w, const char *bank, int64_t now_ms);
void world_close(struct world *w);

/* Does all that is due at this very instant. */
void world_settle(struct world *w);
/* When something is due next; INT64_MAX: never. */
int64_t world_next_ms(const struct world *w);
/* Lets the clock run to t, from event to event. */
void world_until(struct world *w, int64_t t);
/* The wall clock jumps while nothing runs. */
void world_jump(struct world *w, int64_t by_ms);

void world_network(struct world *w, bool up);
void world_drawings(struct world *w, bool work);
/* One more, ADMINS_MAX at most; or one less. */
void world_operator(struct world *w, int64_t person, bool is_one);
void world_patience(struct world *w, int64_t ms);
/* A new bank, the old one changed by `sql`, takes its place as SIGHUP does it. */
bool world_bank(struct world *w, const char *sql);
bool world_restart(struct world *w); /* a clean stop and a new start, same database */
bool world_kill(struct world *w); /* database and WAL are copied as they are; new start */

/* First column of the first row, or "none"; "error: ..." when it does not run. Gives. */
char *world_sql(struct world *w, const char *sql);
/* Empty when integrity_check and foreign_key_check are content, else what they say. */
void world_check(struct world *w, char *out, size_t size);

#endif
