/* scene: plays one written chat against the real bot. The language: scenes/README.md. */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/scene_world.h"

struct scene_options {
    const char *bank;
    FILE *record;           /* the scene with what the bot really said, or NULL */
    FILE *calls;            /* every call and update, a JSON object a line, or NULL */
    enum breakage break_as; /* what to break in this run, and which one */
    int break_at;
    bool linger; /* after it, a minute passes before anybody acts: late copies come */
    /* Get an int a commit, an int a call: calls but getUpdates until then; or NULL. */
    struct buf *commit_trace, *call_trace;
    const struct world_points *points; /* told of them, or NULL */
    bool press_older; /* where a message came twice: press the first copy */
};

struct scene_result {
    bool passed, hit; /* hit: the breakage happened */
    bool copied;      /* a message came twice and that was forgiven */
    int commits, calls;
};

/* Complaints go to stderr, with file:line. */
struct scene_result scene_play(const char *file, const struct scene_options *o);

#endif
