#include "tests/faults.h"

enum { SHADOW = 4 }; /* commits around one that belong to the same story */

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

/* A commit or call among those that nobody hears of (the bot notes every few minutes that
 * it is alive, and polls): after the first such ones, breaking the next is the same run. */
static bool dull(const struct buf *trace, int n)
{
    const int *told = (const int *)(const void *)trace->data;
    int count = (int)(trace->len / sizeof *told), from = n - 1 - SHADOW,
        to = n - 1 + SHADOW;
    return from >= 0 && to < count && told[from] == told[to];
}

void faults_play(const char *file, const struct scene_options *base, enum faults what,
                 int max_n, int step, int *passed, int *failed)
{
    static const enum breakage kinds[][4] = {
        [FAULTS_COMMIT] = {BREAK_COMMIT},
        [FAULTS_CALL] = {BREAK_REFUSE, BREAK_SWALLOW},
        [FAULTS_KILL] = {BREAK_KILL_BEFORE, BREAK_KILL_AFTER, BREAK_KILL_CALL,
                         BREAK_KILL_CALLED},
    };
    struct buf commits = {0}, calls = {0};
    struct scene_options first = *base;
    first.commit_trace = &commits;
    first.call_trace = &calls;
    struct scene_result plain = scene_play(file, &first);
    *failed += !plain.passed;
    if (!plain.passed || plain.fragile || (plain.hurried && what != FAULTS_COMMIT)) {
        buf_free(&commits);
        buf_free(&calls);
        return;
    }
    for (int k = 0; k < 4 && kinds[what][k] != BREAK_NOTHING; k++) {
        struct scene_options o = *base;
        o.break_as = kinds[what][k];
        bool more = true;
        for (int n = 1; more && (!max_n || n <= max_n); n += step) {
            bool commit = o.break_as == BREAK_COMMIT || o.break_as == BREAK_KILL_BEFORE ||
                          o.break_as == BREAK_KILL_AFTER;
            o.break_at = n;
            if (!dull(commit ? &commits : &calls, n))
                more = break_one(file, o, passed, failed);
        }
    }
    buf_free(&commits);
    buf_free(&calls);
}
