/* scene_state: one scene while it is played. For the files scene*.c only. */
#ifndef TESTS_SCENE_STATE_H
#define TESTS_SCENE_STATE_H

#include "bot/base/tz.h"
#include "tests/scene.h"
#include "tests/scene_match.h"

enum { PEOPLE_MAX = 400, NAME_LEN_MAX = 32, OWED_MAX = 64, TOPICS_MAX = 32 };

/* A person with their private chat, or a group. */
struct player {
    char name[NAME_LEN_MAX];
    int64_t id;            /* of the chat; a person's own is the same */
    int64_t before;        /* of a group that has moved: its id until then, else 0 */
    int crowd;             /* so many that come next in the list are its people; 0: none */
    struct player *owner;  /* of a group: who made it; NULL: a person */
    unsigned rights;       /* of a group: what its members may */
    int foreign;           /* presses of theirs in groups that were not for the bot */
    int copies;            /* extra copies that were forgiven in this chat */
    int64_t first, second; /* the last pair of copies, message ids */
};

struct scene {
    const char *file;
    int line;
    const struct scene_options *options;
    struct world world;
    bool open, failed;
    const struct zone *zone;
    struct player player[PEOPLE_MAX];
    int players;
    struct player *actor; /* who acted last */
    struct player *place; /* and where: in their own chat or in a group */
    struct scene_topic {
        const struct player *group;
        char name[NAME_LEN_MAX];
        int64_t thread;
    } topic[TOPICS_MAX];
    int topics;
    bool *seen; /* rows of the ledger that a line has dealt with */
    size_t seen_n, checked;
    bool
        disturbed; /* the scene itself broke something: spinners and repeats are forgiven */
    int kills; /* `kill` lines so far: each may cost a copy more, once something is broken
                */
    bool lingered;
    char *owed[OWED_MAX]; /* toasts that did not come in time and may come later */
    int owed_n;
    int64_t debt_ms;   /* time lost to the breakage since the last act */
    struct buf script; /* the scene being recorded */
};

void scene_fail(struct scene *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct player *scene_player(struct scene *s, const char *name, size_t len);
struct player *scene_player_of(struct scene *s, int64_t chat);
bool scene_broken(const struct scene *s); /* the breakage of this run has happened */
/* Lets time pass; after a breakage it counts as owed and is taken off the next wait. */
void scene_pass(struct scene *s, int64_t until_ms);

/* scene_expect.c */
enum expect_flags { EXPECT_EDIT = 1, EXPECT_MAY_MISS = 2, EXPECT_POLL = 4 };
void expect_message(struct scene *s, struct player *p, const char *pattern, int flags);
void expect_toast(struct scene *s, const char *pattern);
/* The same of all that have come: a crowd's presses. */
void expect_toasts(struct scene *s, const char *pattern);
void expect_refusal(struct scene *s, const char *pattern);
/* Lets 2 s pass, then nothing may be there that no line has dealt with. */
void expect_silence(struct scene *s);
/* Before the next act: all that was said until now must have been expected. */
void expect_nothing_left(struct scene *s);
/* Writes lines for all that no line has dealt with (--record). */
void record_rest(struct scene *s);
/* Whether an old expectation still fits what comes next; then it is dealt with. p NULL: a
 * toast. */
bool record_keeps(struct scene *s, const struct player *p, const char *pattern);

/* scene_time.c: `2026-03-02 09:00 Europe/Moscow`, zone optional; `09:00`: the next one.
 * `1h30m`, `3s`, `2d`. False: not such a thing. */
bool time_instant(struct scene *s, const char *text, int64_t *out_ms);
bool time_span(const char *text, int64_t *out_ms);

/* scene_act.c: lines in which somebody does something. False: no such line. */
bool act_person(struct scene *s, struct player *p, const char *what);
bool act_world(struct scene *s, const char *line);

/* scene_press.c: `[Button] @2 twice stale`. */
void act_press(struct scene *s, const struct player *p, const struct player *place,
               const char *what);
/* `"data" on 17`: any data on any message id; `on @2`: on the second newest. */
void act_press_raw(struct scene *s, struct player *p, const struct player *place,
                   const char *what);

/* scene_group.c: `fans of 25 ru`: people who do everything one after another. */
void crowd_make(struct scene *s, const char *what);
/* `python of anna, john`, `without bot` at the end. */
void group_make(struct scene *s, enum chat_kind kind, bool forum, const char *what);
/* `python: bot admin`. False: no such line. */
bool act_group(struct scene *s, struct player *group, const char *what);
/* `python> ...`, `python "Quiz"> ...`: the group and the topic; gives what follows, NULL
 * when that failed. */
const char *place_read(struct scene *s, const char *what, struct player **out,
                       int64_t *out_thread);
/* `1 3 in python`, `2`, `nothing`: options counted from 1, on the newest poll; behind it
 * `as channel`, `as group`. */
void act_vote(struct scene *s, struct player *p, const char *what);

#endif
