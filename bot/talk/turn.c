#include "bot/talk/turn.h"

#include <inttypes.h>
#include <string.h>

#include "bot/base/log.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/forget.h"
#include "db/inbox.h"
#include "db/meta.h"

#define LOG_MOD "turn"

enum {
    TRIES = 3, /* begins without an end, or failures of an alarm */
    ALARMS_A_CALL = 100,
    HOUR_MS = 3600 * 1000,
};

struct turn turn_open(struct bot *b, struct moment m)
{
    arena_reset(&b->arena);
    b->toast_n = 0;
    return (struct turn){.bot = b,
                         .db = b->db,
                         .arena = &b->arena,
                         .now_ms = m.now_ms,
                         .due_ms = m.now_ms,
                         .random = m.random,
                         .words = {&b->arena, LANG_EN}};
}

enum err turn_end(struct turn *t, enum err e)
{
    if (!e)
        e = meta_set(t->db, "alive_ms", t->now_ms);
    if (!e)
        e = db_commit(t->db);
    if (e)
        db_rollback(t->db);
    else if (t->bot->erased)
        t->bot->erased = !forget_for_good(t->db);
    return e ? ERR_DB : OK;
}

/* A handler's failure is undone and counts as done; the disk's ends the turn. */
static bool is_ours(const struct turn *t, enum err e)
{
    return e != ERR_DB && db_in_transaction(t->db);
}

static enum err apologize(struct turn *t)
{
    const struct update *u = t->update;
    if (u->kind == UPDATE_BUTTON && u->chat) {
        t->bot->toasts[t->bot->toast_n++] =
            (struct toast){.query = u->query, .text = w_toast_sorry(&t->words)};
        return OK;
    }
    bool owed = t->known && u->is_private && u->kind == UPDATE_TEXT;
    return owed ? say(t, w_sorry(&t->words), NULL) : OK;
}

/* One update inside the open transaction. */
static enum err one_update(struct turn *t, const struct update *u)
{
    bool fresh;
    struct turn was = *t;
    int toasts = t->bot->toast_n;
    enum err e = inbox_mark(t->db, u->id, t->now_ms, &fresh);
    if (e || !fresh)
        return e;
    t->update = u;
    t->due_ms = u->at_ms ? u->at_ms : t->now_ms;
    e = db_savepoint(t->db);
    if (!e)
        e = route_update(t);
    if (!e)
        e = db_release(t->db);
    if (e && is_ours(t, e)) {
        log_error("update=%" PRId64 " kind=%d err=\"%s\"", u->id, (int)u->kind,
                  err_text(e));
        t->bot->toast_n = toasts;
        e = db_undo(t->db);
        if (!e)
            e = apologize(t);
    }
    was.random = t->random;
    *t = was;
    return e;
}

/* Committed before the cause is run: a crash in it leaves the mark. *out_dead: it has
 * crashed three times and is put away. */
static enum err suspect(struct turn *t, const char *source, int64_t id, const char *summary,
                        bool *out_dead)
{
    int64_t tries;
    enum err e = db_begin(t->db);
    if (!e)
        e = suspect_begin(t->db, source, id, &tries);
    *out_dead = !e && tries >= TRIES;
    if (*out_dead) {
        log_error("source=%s id=%" PRId64 " put away after %d crashes", source, id, TRIES);
        e = dead_add(t->db, source, id, summary, "crashed", t->now_ms);
    }
    if (!e)
        e = db_commit(t->db);
    if (e)
        db_rollback(t->db);
    return e;
}

static enum err updates_commit(struct turn *t, const struct update *u, int n,
                               bool suspected)
{
    enum err e = db_begin(t->db);
    for (int i = 0; !e && i < n; i++)
        e = one_update(t, &u[i]);
    if (!e && suspected)
        e = suspect_clear(t->db, "update", u->id);
    if (!e)
        e = inbox_set_offset(t->db, u[n - 1].id + 1);
    e = turn_end(t, e);
    if (e) /* what was not stored is not answered */
        t->bot->toast_n = 0;
    return e;
}

enum err turn_updates(struct bot *b, struct moment m, const struct update *u, int n,
                      int *out_done)
{
    struct turn t = turn_open(b, m);
    *out_done = 0;
    if (n == 0)
        return OK;
    bool one = b->suspects > 0, dead = false;
    if (one) {
        enum err e = suspect(&t, "update", u->id, update_summary(u, t.arena), &dead);
        if (e)
            return ERR_DB;
    }
    struct update skipped = *u;
    if (dead)
        skipped.kind = UPDATE_OTHER;
    enum err e = updates_commit(&t, dead ? &skipped : u, one ? 1 : n, one);
    if (e)
        return e;
    *out_done = one ? 1 : n;
    b->suspects -= one;
    return OK;
}

/* Failed at the third try: a note for the operator, and the subject's life goes on. */
static enum err alarm_give_up(struct turn *t, const struct feature *f,
                              const struct alarm *a, enum err why)
{
    enum err e = dead_add(t->db, a->kind, a->subject, "{}", err_text(why), t->now_ms);
    if (!e)
        e = alarm_drop(t->db, a->kind, a->subject);
    return e || !f->give_up ? e : f->give_up(t, a->subject);
}

static enum err one_alarm(struct turn *t, const struct alarm *a)
{
    const struct feature *f = route_alarm(a->kind);
    struct turn was = *t;
    if (!f)
        return alarm_drop(t->db, a->kind, a->subject);
    t->due_ms = a->due_ms;
    enum err e = db_savepoint(t->db);
    if (!e)
        e = alarm_drop(t->db, a->kind, a->subject); /* its feature sets the next one */
    if (!e)
        e = f->ring(t, a->subject);
    if (!e)
        e = db_release(t->db);
    if (e && is_ours(t, e)) {
        enum err why = e;
        log_error("alarm=%s subject=%" PRId64 " fails=%d err=\"%s\"", a->kind, a->subject,
                  a->fails + 1, err_text(why));
        e = db_undo(t->db);
        if (!e)
            e = a->fails + 1 >= TRIES ? alarm_give_up(t, f, a, why)
                                      : alarm_fail(t->db, a, t->now_ms + HOUR_MS);
    }
    was.random = t->random;
    *t = was;
    return e;
}

static enum err alarms_commit(struct turn *t, const struct alarm *a, int n, bool suspected,
                              bool dead)
{
    enum err e = db_begin(t->db);
    for (int i = 0; !e && i < n; i++) {
        const struct feature *f = route_alarm(a[i].kind);
        e = dead ? (f ? alarm_give_up(t, f, &a[i], ERR_BAD_INPUT)
                      : alarm_drop(t->db, a[i].kind, a[i].subject))
                 : one_alarm(t, &a[i]);
    }
    if (!e && suspected)
        e = suspect_clear(t->db, a->kind, a->subject);
    return turn_end(t, e);
}

static enum err alarms_of(struct bot *b, struct moment m, bool bulk, bool *out_more)
{
    struct turn t = turn_open(b, m);
    struct alarm *due = arena_alloc(t.arena, ALARMS_A_CALL * sizeof *due);
    bool one = b->suspects > 0, dead = false;
    int n, max = one ? 1 : ALARMS_A_CALL;
    enum err e = alarms_due(b->db, t.arena, bulk, m.now_ms, due, max, &n);
    if (!e && n && one)
        e = suspect(&t, due->kind, due->subject, "{}", &dead);
    if (!e && n)
        e = alarms_commit(&t, due, n, one, dead);
    if (e)
        return ERR_DB;
    b->suspects -= one && n;
    *out_more |= n == max;
    return OK;
}

enum err turn_alarms(struct bot *b, struct moment m, bool bulk_too, bool *out_more)
{
    *out_more = false;
    enum err e = alarms_of(b, m, false, out_more);
    return e || !bulk_too ? e : alarms_of(b, m, true, out_more);
}

int64_t turn_next_alarm_ms(struct bot *b, bool bulk_too)
{
    int64_t urgent, bulk = INT64_MAX;
    if (alarms_next_ms(b->db, false, &urgent) ||
        (bulk_too && alarms_next_ms(b->db, true, &bulk)))
        return 0; /* the disk is in trouble: turn_alarms() will say so */
    return urgent < bulk ? urgent : bulk;
}

/* A row whose reaction fails is settled all the same: one bad row must not stop the rest.
 */
static enum err one_outcome(struct turn *t, const struct outcome *o)
{
    struct outbox_row row;
    struct turn was = *t;
    enum err e = db_savepoint(t->db);
    if (!e)
        e = outcome_settle(t, o);
    if (!e)
        e = db_release(t->db);
    if (e && is_ours(t, e)) {
        log_error("outcome row=%" PRId64 " fate=%d err=\"%s\"", o->row, (int)o->fate,
                  err_text(e));
        e = db_undo(t->db);
        if (!e)
            e = outbox_find(t->db, t->arena, o->row, &row);
        if (!e)
            e = outbox_settle(t->db, row.id, row.chat);
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    was.random = t->random;
    *t = was;
    return e;
}

enum err turn_outcomes(struct bot *b, struct moment m, const struct outcome *o, int n)
{
    struct turn t = turn_open(b, m);
    enum err e = db_begin(b->db);
    for (int i = 0; !e && i < n; i++)
        e = one_outcome(&t, &o[i]);
    return turn_end(&t, e);
}
