#include "bot/talk/morning.h"

#include <string.h>

#include "bot/base/tz.h"
#include "bot/study/day.h"
#include "bot/talk/clock.h"
#include "bot/talk/pause.h"
#include "bot/talk/serve.h"
#include "db/alarms.h"
#include "db/broadcasts.h"
#include "db/sittings.h"

enum { LATEST_MS = 6 * 3600 * 1000, LATE_MS = 10 * 60 * 1000 };

const struct zone *learner_zone(const struct learner *who)
{
    const struct zone *z = zone_find(who->zone);
    return z ? z : zone_find("Etc/UTC"); /* tzdata may drop an id one day */
}

int64_t learner_today(const struct turn *t)
{
    return day_settled(day_of(learner_zone(&t->who), t->now_ms, t->who.day_start_min),
                       t->who.last_day);
}

bool learner_paused(const struct turn *t)
{
    return learner_today(t) <= t->who.pause_until_day;
}

struct rhythm learner_rhythm(const struct learner *who)
{
    return (struct rhythm){.weekdays = who->weekdays,
                           .ignored = who->ignored,
                           .first_day = who->ignored_first_day,
                           .last_day = who->ignored_last_day};
}

/* What was chosen. */
static struct plan plan_of(const struct learner *who)
{
    return (struct plan){learner_zone(who), who->day_start_min, who->weekdays};
}

/* What comes today, where questions are left unanswered: less than was chosen. */
static struct plan plan_today(const struct turn *t)
{
    struct plan plan = plan_of(&t->who);
    struct rhythm r = learner_rhythm(&t->who);
    int64_t today = learner_today(t);
    if (rhythm_thin(&r, today) && today < rhythm_ask_day(&r))
        plan.weekdays = rhythm_twice(plan.weekdays);
    return plan;
}

static int time_of(const struct learner *who, const struct subscription *s)
{
    return s->at_min >= 0 ? s->at_min : who->at_min;
}

/* Just before the study day begins, or now when that is later. */
static int64_t before_day(const struct turn *t, const struct plan *plan, int64_t day)
{
    int64_t at_ms = plan_slot_ms(plan, day, plan->day_start_min) - 1;
    return at_ms > t->now_ms ? at_ms : t->now_ms;
}

/* The next slot: after a pause, and on the days that somebody who does not answer is left
 * with, until the day on which they are asked. */
static int64_t next_slot(const struct turn *t, const int *at_min, int n)
{
    struct plan plan = plan_of(&t->who), today = plan_today(t);
    struct rhythm r = learner_rhythm(&t->who);
    int64_t after_ms = before_day(t, &plan, t->who.pause_until_day + 1);
    int64_t next = plan_next_ms(&today, at_min, n, after_ms);
    if (today.weekdays == plan.weekdays)
        return next;
    int64_t ask_ms = before_day(t, &plan, rhythm_ask_day(&r));
    ask_ms = plan_next_ms(&plan, at_min, n, ask_ms > after_ms ? ask_ms : after_ms);
    return ask_ms < next ? ask_ms : next;
}

/* The alarm at the next slot, or before it at again_ms. */
static enum err set_next(struct turn *t, const struct subscription *subs, int n,
                         int64_t again_ms)
{
    int at_min[TOPICS_MAX];
    for (int i = 0; i < n; i++)
        at_min[i] = time_of(&t->who, &subs[i]);
    int64_t next = t->who.asleep ? INT64_MAX : next_slot(t, at_min, n);
    next = again_ms < next ? again_ms : next;
    return next == INT64_MAX ? alarm_drop(t->db, "sitting", t->who.id)
                             : alarm_set(t->db, "sitting", t->who.id, next, true);
}

static enum err plan_next(struct turn *t)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    enum err e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &n);
    return e ? e : set_next(t, subs, n, INT64_MAX);
}

static enum err waits_quiet(struct turn *t, const struct subscription *subs, int n,
                            int64_t until_ms, bool *out);

/* The alarm is at due_ms: it stays when it is what late questions wait for. */
static enum err plan_anew(struct turn *t, int64_t due_ms)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    bool waits = false;
    enum err e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &n);
    if (!e)
        e = waits_quiet(t, subs, n, due_ms, &waits);
    return e ? e : set_next(t, subs, n, waits ? due_ms : INT64_MAX);
}

enum err morning_plan(struct turn *t)
{
    int64_t due;
    if (t->who.state != LEARNER_ACTIVE)
        return alarm_drop(t->db, "sitting", t->who.id);
    enum err e = alarm_due(t->db, "sitting", t->who.id, &due);
    if (!e && due <= t->now_ms)
        return OK;
    return !e ? plan_anew(t, due) : e == ERR_NOT_FOUND ? plan_next(t) : e;
}

enum err morning_block(struct turn *t)
{
    if (t->who.state == LEARNER_ACTIVE) /* who said /stop means it after the block too */
        t->who.state = LEARNER_BLOCKED;
    enum err e = learner_set_state(t->db, t->who.id, t->who.state);
    if (!e)
        e = outbox_drop_chat(t->db, t->who.id);
    if (!e)
        e = deliveries_drop_unsent(t->db, t->who.id);
    return e ? e : morning_plan(t);
}

enum err morning_stop(struct turn *t)
{
    t->who.state = LEARNER_STOPPED;
    t->who.pause_until_day = -1;
    enum err e = learner_set_state(t->db, t->who.id, LEARNER_STOPPED);
    if (!e)
        e = learner_set_pause(t->db, t->who.id, -1);
    if (!e)
        e = reader_spare(t->db, t->who.id);
    if (!e)
        e = outbox_hush(t->db, t->who.id);
    return e ? e : morning_plan(t);
}

enum err morning_resume(struct turn *t)
{
    t->who.state = LEARNER_ACTIVE;
    enum err e = learner_set_state(t->db, t->who.id, LEARNER_ACTIVE);
    return e ? e : plan_next(t);
}

enum err morning_wake(struct turn *t, bool *out_told)
{
    struct learner *who = &t->who;
    bool asleep = who->asleep, thin = who->ignored >= RHYTHM_IGNORED;
    *out_told = asleep || (who->ignored > RHYTHM_IGNORED &&
                           rhythm_twice(who->weekdays) != who->weekdays);
    if (!asleep && who->ignored == 0)
        return OK;
    who->asleep = false;
    who->ignored = 0;
    who->ignored_first_day = -1;
    enum err e = learner_wake(t->db, who->id);
    return e || (!asleep && !thin) ? e : morning_plan(t);
}

const char *morning_note(struct turn *t)
{
    struct rhythm r = learner_rhythm(&t->who);
    return rhythm_tells(&r, learner_today(t))
               ? w_rhythm_twice(&t->words, clock_weekdays(t, rhythm_twice(t->who.weekdays)))
               : NULL;
}

/* The next instant at which the wall clock says that minute. */
static int64_t wall_next_ms(const struct zone *z, int64_t after_ms, int minute)
{
    int64_t date = zone_date(z, after_ms, NULL);
    int64_t at = zone_instant_ms(z, date, minute);
    return at > after_ms ? at : zone_instant_ms(z, date + 1, minute);
}

/* A slot that has come today. */
struct slot {
    int64_t day;      /* the study day it is served for; -1: there is none */
    int64_t until_ms; /* its question rings before that or not at all */
    int64_t again_ms; /* above 0: it is quiet now, to be tried again then */
};

/* Late ones keep to the quiet hours: they wait for their end, and what is still on its way
 * when they begin is let go. A time the person chose does not. */
static void hush(const struct turn *t, const struct zone *z, int64_t at, struct slot *out)
{
    const struct learner *who = &t->who;
    bool quiet = plan_quiet(z, t->now_ms, who->quiet_from_min, who->quiet_to_min);
    int64_t end_ms = wall_next_ms(z, t->now_ms, who->quiet_to_min);
    if (quiet && t->now_ms - at > LATE_MS) {
        out->again_ms = end_ms;
        if (out->again_ms > out->until_ms)
            out->day = -1;
        return;
    }
    int64_t hushed = wall_next_ms(z, t->now_ms, who->quiet_from_min);
    if (quiet && end_ms > out->until_ms) /* chosen for the night: no later in it */
        hushed = t->now_ms;
    if (who->quiet_from_min == who->quiet_to_min || hushed > out->until_ms)
        return;
    out->until_ms = hushed > at + LATE_MS ? hushed : at + LATE_MS;
}

/* The slot of that minute which has come today and is still worth a sitting. */
static struct slot slot_due(const struct turn *t, const struct plan *plan, int at_min)
{
    int start = t->who.day_start_min;
    int64_t today = day_of(plan->zone, t->now_ms, start);
    struct slot none = {.day = -1};
    for (int64_t day = today - 1; day <= today; day++) {
        int64_t at = plan_slot_ms(plan, day, at_min);
        if (at > t->now_ms || !plan_slot_on(plan, day, at_min) ||
            day_of(plan->zone, at, start) != today || t->now_ms - at > LATEST_MS)
            continue; /* a slot whose day is over is not made up for */
        if (day <= t->who.pause_until_day)
            continue;
        struct slot slot = {.day = day, .until_ms = at + LATEST_MS};
        int64_t over = wall_next_ms(plan->zone, t->now_ms, start);
        if (slot.until_ms > over)
            slot.until_ms = over;
        hush(t, plan->zone, at, &slot);
        if (slot.day >= 0)
            return slot;
    }
    return none;
}

/* Whether until_ms is the end of the quiet hours for what came today and was not sent. */
static enum err waits_quiet(struct turn *t, const struct subscription *subs, int n,
                            int64_t until_ms, bool *out)
{
    struct plan plan = plan_today(t);
    *out = false;
    for (int i = 0; i < n && !*out; i++) {
        struct slot slot = slot_due(t, &plan, time_of(&t->who, &subs[i]));
        bool served;
        if (slot.day < 0 || slot.again_ms != until_ms)
            continue;
        enum err e = served_has(t->db, t->who.id, slot.day, subs[i].topic, &served);
        if (e)
            return e;
        *out = !served;
    }
    return OK;
}

/* *out_again_ms: when to try again what it is too quiet for, or INT64_MAX. */
static enum err serve_due(struct turn *t, const struct subscription *subs, int n,
                          int64_t *out_again_ms)
{
    struct plan plan = plan_today(t);
    struct rhythm r = learner_rhythm(&t->who);
    int64_t today = learner_today(t);
    struct serve_topic due[TOPICS_MAX];
    int due_n = 0;
    int64_t until_ms = 0;
    bool another = false;
    *out_again_ms = INT64_MAX;
    for (int i = 0; i < n; i++) {
        struct slot slot = slot_due(t, &plan, time_of(&t->who, &subs[i]));
        int64_t day = slot.day < 0 ? today : slot.day;
        bool served;
        enum err e = served_has(t->db, t->who.id, day, subs[i].topic, &served);
        if (e)
            return e;
        another |= served;
        if (served || slot.day < 0)
            continue;
        if (slot.again_ms) {
            *out_again_ms = slot.again_ms;
            continue;
        }
        due[due_n++] = (struct serve_topic){.sub = &subs[i], .day = day};
        until_ms = slot.until_ms > until_ms ? slot.until_ms : until_ms;
    }
    if (due_n && rhythm_thin(&r, today) && today >= rhythm_ask_day(&r))
        return pause_offer(t, until_ms);
    return due_n ? serve_morning(t, due, due_n, another, until_ms) : OK;
}

static enum err morning_ring(struct turn *t, int64_t learner)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    enum err e = turn_load(t, learner);
    if (e || !t->known || t->who.state != LEARNER_ACTIVE)
        return e;
    t->class = CLASS_BULK;
    int64_t again_ms = INT64_MAX;
    e = subscriptions(t->db, t->arena, learner, subs, TOPICS_MAX, &n);
    if (!e && !t->who.asleep)
        e = serve_due(t, subs, n, &again_ms);
    return e ? e : set_next(t, subs, n, again_ms);
}

/* A sitting that failed three times is let go; the mornings after it are not. */
static enum err morning_give_up(struct turn *t, int64_t learner)
{
    enum err e = turn_load(t, learner);
    return e || !t->known || t->who.state != LEARNER_ACTIVE ? e : plan_next(t);
}

const struct feature morning_feature = {
    .alarm = "sitting", .ring = morning_ring, .give_up = morning_give_up};
