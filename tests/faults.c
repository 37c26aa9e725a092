#include "tests/faults.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/file.h"

enum { SHADOW = 4 }; /* commits around one that belong to the same story */

/* How a child ends: MARK and what its run said; anything else is a crash. */
enum { MARK = 64, PASSED = 1, HIT = 2, COPIED = 4 };

/* A scene that is played once. At each point it forks, and the children play it to its end
 * with one thing broken there: nothing is played twice to come to where it breaks. */
struct trunk {
    struct scene_options options; /* of this process: a child changes its own */
    struct world_points points;
    const struct buf *commits, *calls; /* traces of the plain run */
    const enum breakage *kinds;        /* up to BREAK_NOTHING */
    const char *file;
    struct fault_points *which;
    int *passed, *failed;
    bool twin; /* this process is a child */
};

/* A commit or call among those that nobody hears of (the bot notes every few minutes that
 * it is alive, and polls): after the first such ones, breaking the next is the same run. */
static bool dull(const struct buf *trace, int n)
{
    const int *told = (const int *)(const void *)trace->data;
    int count = (int)(trace->len / sizeof *told), from = n - 1 - SHADOW,
        to = n - 1 + SHADOW;
    return from >= 0 && to < count && told[from] == told[to];
}

static bool of_commit(enum breakage b)
{
    return b == BREAK_COMMIT || b == BREAK_KILL_BEFORE || b == BREAK_KILL_AFTER;
}

/* Waits for the child and counts it. Returns how it ended, 0: it crashed. */
static int judge(struct trunk *t, pid_t child, enum breakage b, int n)
{
    int status = 0, said = 0;
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
        WEXITSTATUS(status) & MARK)
        said = WEXITSTATUS(status);
    if (!said)
        fprintf(stderr, "%s: crashed or not begun, breakage %d at %d, status %d\n", t->file,
                (int)b, n, status);
    if (!said || said & HIT)
        ++*(said & PASSED ? t->passed : t->failed);
    return said;
}

/* True in the child, which goes on with the scene. */
static bool branch(struct trunk *t, struct world *w, enum breakage b, int n, int *said)
{
    pid_t child = fork();
    if (child == 0) {
        t->twin = w->twin = true;
        t->options.break_as = w->break_as = b;
        t->options.break_at = w->break_at = n;
        return true;
    }
    *said = judge(t, child, b, n);
    return false;
}

/* After a breakage people go on at once, or wait until late copies have come, and then
 * press the newer copy or the older one. */
static void break_here(struct trunk *t, struct world *w, enum breakage b, int n)
{
    int said = 0;
    if (branch(t, w, b, n, &said) || b == BREAK_COMMIT || b == BREAK_REFUSE ||
        (said && !(said & HIT)))
        return;
    t->options.linger = true;
    if (branch(t, w, b, n, &said))
        return;
    t->options.press_older = true;
    if (!(said & COPIED) || !branch(t, w, b, n, &said))
        t->options.linger = t->options.press_older = false;
}

static bool concerns(const struct trunk *t, bool commit)
{
    const enum breakage *b = t->kinds;
    while (*b && of_commit(*b) != commit)
        b++;
    return *b != BREAK_NOTHING;
}

static void point_reached(void *arg, struct world *w, bool commit, int n)
{
    struct trunk *t = arg;
    if (t->twin || !concerns(t, commit) || (t->which->max_n && n > t->which->max_n) ||
        dull(commit ? t->commits : t->calls, n) ||
        t->which->met++ % t->which->step != t->which->offset)
        return;
    for (const enum breakage *b = t->kinds; *b && !t->twin; b++)
        if (of_commit(*b) == commit)
            break_here(t, w, *b, n);
}

/* True when a line of the scene is `word`; a file that cannot be read says nothing. */
static bool says(const char *file, const char *word)
{
    struct buf text = {.max = 1 << 20};
    bool found = false;
    buf_text(&text, "\n");
    if (!file_read(file, &text))
        for (const char *at = text.data; !found && (at = strstr(at, word)); at++)
            found = at[-1] == '\n' && at[strlen(word)] == '\n';
    buf_free(&text);
    return found;
}

void faults_play(const char *file, const struct scene_options *base, enum faults what,
                 struct fault_points *which, int *passed, int *failed)
{
    static const enum breakage kinds[][5] = {
        [FAULTS_COMMIT] = {BREAK_COMMIT},
        [FAULTS_CALL] = {BREAK_REFUSE, BREAK_SWALLOW},
        [FAULTS_KILL] = {BREAK_KILL_BEFORE, BREAK_KILL_AFTER, BREAK_KILL_CALL,
                         BREAK_KILL_CALLED},
    };
    if (says(file, "no faults") ||
        (what != FAULTS_COMMIT && says(file, "only commit faults")))
        return;
    struct buf commits = {0}, calls = {0};
    struct scene_options first = *base;
    first.commit_trace = &commits;
    first.call_trace = &calls;
    struct scene_result plain = scene_play(file, &first);
    *failed += !plain.passed;
    if (plain.passed) {
        struct trunk t = {.options = *base,
                          .commits = &commits,
                          .calls = &calls,
                          .kinds = kinds[what],
                          .file = file,
                          .which = which,
                          .passed = passed,
                          .failed = failed};
        t.points = (struct world_points){.reached = point_reached, .arg = &t};
        t.options.points = &t.points;
        fflush(NULL);
        struct scene_result r = scene_play(file, &t.options);
        if (t.twin)
            _exit(MARK | (r.passed ? PASSED : 0) | (r.hit ? HIT : 0) |
                  (r.copied ? COPIED : 0));
        *failed += !r.passed || r.commits != plain.commits || r.calls != plain.calls;
    }
    buf_free(&commits);
    buf_free(&calls);
}
