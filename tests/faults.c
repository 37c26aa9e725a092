#include "tests/faults.h"

/* After a breakage people go on at once, or wait until late copies have come, and then
 * press the newer copy or the older one. Returns what the run says. */
static struct scene_result play(const char *file, const struct scene_options *o,
                                int *passed, int *failed)
{
    struct scene_result r = scene_play(file, o);
    if (r.hit)
        ++*(r.passed ? passed : failed);
    return r;
}

/* False: the run was over before the breakage; there is nothing more to break. */
static bool break_one(const char *file, struct scene_options o, int *passed, int *failed)
{
    struct scene_result r = play(file, &o, passed, failed);
    if (!r.hit || o.break_as == BREAK_COMMIT || o.break_as == BREAK_REFUSE)
        return r.hit;
    o.linger = true;
    r = play(file, &o, passed, failed);
    if (r.copied) {
        o.press_older = true;
        play(file, &o, passed, failed);
    }
    return true;
}

void faults_play(const char *file, const struct scene_options *base, enum faults what,
                 int max_n, int *passed, int *failed)
{
    static const enum breakage kinds[][4] = {
        [FAULTS_COMMIT] = {BREAK_COMMIT},
        [FAULTS_CALL] = {BREAK_REFUSE, BREAK_SWALLOW},
        [FAULTS_KILL] = {BREAK_KILL_BEFORE, BREAK_KILL_AFTER, BREAK_KILL_CALL,
                         BREAK_KILL_CALLED},
    };
    struct scene_result plain = scene_play(file, base);
    if (plain.fragile && plain.passed)
        return;
    if (!plain.passed) {
        ++*failed;
        return;
    }
    for (int k = 0; k < 4 && kinds[what][k] != BREAK_NOTHING; k++) {
        struct scene_options o = *base;
        o.break_as = kinds[what][k];
        bool more = true;
        for (int n = 1; more && (!max_n || n <= max_n); n++) {
            o.break_at = n;
            more = break_one(file, o, passed, failed);
        }
    }
}
