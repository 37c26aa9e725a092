/* boot: what a turn does that no person caused: the start, the stop, a clock that moved. */
#include "bot/talk/menu.h"
#include "bot/talk/morning.h"
#include "bot/talk/outcome.h"
#include "bot/talk/route.h"
#include "db/alarms.h"
#include "db/meta.h"

enum {
    SUSPECTS = 100, /* causes run one a commit after an unclean stop */
    WAKE_A_CALL = 500,
    DOWN_FROM_MS = 60 * 1000, /* a shorter gap is a restart, not an outage */
    CLOCK_BACK_MS = 5 * 1000, /* less is the clock being kept right */
};
#define CLOCK_WRONG_MS (30LL * 24 * 3600 * 1000) /* it never was so late */

/* Rows that were under way when the process ended may or may not have arrived. */
static enum err settle_unsettled(struct turn *t)
{
    enum { AT_ONCE = 256 };
    struct outbox_row *rows = arena_alloc(t->arena, AT_ONCE * sizeof *rows);
    int n;
    enum err e = outbox_unsettled(t->db, t->arena, rows, AT_ONCE, &n);
    for (int i = 0; !e && i < n; i++)
        e = outcome_unknown(t, &rows[i]);
    return e ? e : outbox_free_lanes(t->db);
}

/* Nobody was served from then till now. */
static enum err note_gap(struct turn *t, int64_t from_ms)
{
    bool outage = t->now_ms - from_ms > DOWN_FROM_MS;
    return outage ? down_add(t->db, from_ms, t->now_ms) : OK;
}

/* What waits for a time of the future that was must not wait for it again; everybody's
 * mornings are planned anew by turn_wake(), the days of groups by their own alarm. */
static enum err clock_back(struct turn *t, int64_t by_ms)
{
    enum err e = outbox_clock_back(t->db, t->now_ms, by_ms);
    if (!e)
        e = alarms_clock_back(t->db, t->now_ms, by_ms);
    if (!e)
        e = dailies_ring(t->db, t->now_ms);
    if (!e && by_ms < -CLOCK_WRONG_MS) /* else all the days until then would be excused */
        e = down_cut(t->db, t->now_ms);
    return e ? e : meta_set(t->db, "replan", 1);
}

/* How the clock went on since the last process was alive. */
static enum err note_down(struct turn *t)
{
    int64_t alive;
    enum err e = meta_get(t->db, "alive_ms", t->now_ms, &alive);
    if (!e && alive - t->now_ms > CLOCK_BACK_MS)
        return clock_back(t, t->now_ms - alive);
    return e ? e : note_gap(t, alive);
}

enum err turn_boot(struct bot *b, struct moment m)
{
    struct turn t = turn_open(b, m);
    int64_t clean = 1, replan = 0;
    b->erased = true; /* what a crash has left of them goes with the first commit */
    enum err e = db_begin(b->db);
    if (!e)
        e = meta_get(b->db, "clean", 1, &clean);
    if (!e)
        e = meta_set(b->db, "clean", 0);
    if (!e)
        e = note_down(&t);
    if (!e)
        e = meta_get(b->db, "replan", 0, &replan);
    if (!e)
        e = settle_unsettled(&t);
    if (!e)
        e = menu_refresh(&t);
    if (!e)
        e = alarm_set(b->db, "alive", 0, m.now_ms, false);
    if (!e)
        e = alarm_set(b->db, "sweep", 0, m.now_ms, false);
    e = turn_end(&t, e);
    if (e)
        return e;
    b->suspects = clean ? 0 : SUSPECTS;
    b->replans = replan != 0;
    b->woken = 0;
    return OK;
}

enum err turn_wake(struct bot *b, struct moment m, bool *out_done)
{
    struct turn t = turn_open(b, m);
    int64_t *ids = arena_alloc(t.arena, WAKE_A_CALL * sizeof *ids);
    int n;
    *out_done = false;
    enum err e = learners_active(b->db, b->woken, ids, WAKE_A_CALL, &n);
    if (!e)
        e = db_begin(b->db);
    for (int i = 0; !e && i < n; i++) {
        int64_t due;
        e = b->replans ? ERR_NOT_FOUND : alarm_due(b->db, "sitting", ids[i], &due);
        if (e != ERR_NOT_FOUND)
            continue;
        e = turn_load(&t, ids[i]);
        if (!e)
            e = morning_plan(&t);
    }
    bool done = n < WAKE_A_CALL;
    if (!e && done && b->replans)
        e = meta_set(b->db, "replan", 0);
    e = turn_end(&t, e);
    if (e)
        return e;
    *out_done = done;
    b->replans = b->replans && !done;
    if (n)
        b->woken = ids[n - 1];
    return OK;
}

/* Forward: a suspended machine, or a clock put right; either way nobody was served. */
enum err turn_clock_moved(struct bot *b, struct moment m, int64_t by_ms)
{
    struct turn t = turn_open(b, m);
    enum err e = db_begin(b->db);
    if (!e)
        e = by_ms > 0 ? note_gap(&t, m.now_ms - by_ms) : clock_back(&t, by_ms);
    e = turn_end(&t, e);
    if (e)
        return e;
    b->replans = b->replans || by_ms < 0;
    b->woken = 0;
    return OK;
}

enum err turn_stop(struct bot *b, struct moment m)
{
    struct turn t = turn_open(b, m);
    enum err e = db_begin(b->db);
    if (!e)
        e = meta_set(b->db, "clean", 1);
    return turn_end(&t, e);
}
