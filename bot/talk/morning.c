#include "bot/talk/morning.h"

#include <string.h>

#include "bot/base/tz.h"
#include "bot/study/day.h"
#include "bot/talk/serve.h"
#include "db/alarms.h"
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

static struct plan plan_of(const struct learner *who)
{
    return (struct plan){learner_zone(who), who->day_start_min, who->weekdays};
}

static int time_of(const struct learner *who, const struct subscription *s)
{
    return s->at_min >= 0 ? s->at_min : who->at_min;
}

static enum err set_next(struct turn *t, const struct subscription *subs, int n)
{
    int at_min[TOPICS_MAX];
    for (int i = 0; i < n; i++)
        at_min[i] = time_of(&t->who, &subs[i]);
    struct plan plan = plan_of(&t->who);
    int64_t next = plan_next_ms(&plan, at_min, n, t->now_ms);
    return next == INT64_MAX ? alarm_drop(t->db, "sitting", t->who.id)
                             : alarm_set(t->db, "sitting", t->who.id, next, true);
}

static enum err plan_next(struct turn *t)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    enum err e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &n);
    return e ? e : set_next(t, subs, n);
}

enum err morning_plan(struct turn *t)
{
    int64_t due;
    if (t->who.state != LEARNER_ACTIVE)
        return alarm_drop(t->db, "sitting", t->who.id);
    enum err e = alarm_due(t->db, "sitting", t->who.id, &due);
    if (!e && due <= t->now_ms)
        return OK;
    return e && e != ERR_NOT_FOUND ? e : plan_next(t);
}

enum err morning_block(struct turn *t)
{
    t->who.state = LEARNER_BLOCKED;
    enum err e = learner_set_state(t->db, t->who.id, LEARNER_BLOCKED);
    if (!e)
        e = outbox_drop_chat(t->db, t->who.id);
    return e ? e : morning_plan(t);
}

enum err morning_resume(struct turn *t)
{
    t->who.state = LEARNER_ACTIVE;
    enum err e = learner_set_state(t->db, t->who.id, LEARNER_ACTIVE);
    return e ? e : plan_next(t);
}

/* The study day whose slot of that minute has come and is still worth a sitting: today's,
 * or -1. Late ones keep to the quiet hours; a time the person chose does not. */
static int64_t day_due(const struct turn *t, const struct plan *plan, int at_min)
{
    const struct learner *who = &t->who;
    int64_t today = day_of(plan->zone, t->now_ms, who->day_start_min);
    for (int64_t day = today - 1; day <= today; day++) {
        int64_t at = plan_slot_ms(plan, day, at_min);
        if (at > t->now_ms || !plan_slot_on(plan, day, at_min) ||
            day_of(plan->zone, at, who->day_start_min) != today)
            continue; /* a slot whose day is over is not made up for */
        int64_t late = t->now_ms - at;
        bool hushed = late > LATE_MS && plan_quiet(plan->zone, t->now_ms,
                                                   who->quiet_from_min, who->quiet_to_min);
        if (late <= LATEST_MS && !hushed)
            return day;
    }
    return -1;
}

static enum err serve_due(struct turn *t, const struct subscription *subs, int n)
{
    struct plan plan = plan_of(&t->who);
    struct serve_topic due[TOPICS_MAX];
    int due_n = 0;
    for (int i = 0; i < n; i++) {
        int64_t day = day_due(t, &plan, time_of(&t->who, &subs[i]));
        bool served = true;
        enum err e =
            day < 0 ? OK : served_has(t->db, t->who.id, day, subs[i].topic, &served);
        if (e)
            return e;
        if (!served)
            due[due_n++] = (struct serve_topic){.sub = &subs[i], .day = day};
    }
    return due_n ? serve_morning(t, due, due_n) : OK;
}

static enum err morning_ring(struct turn *t, int64_t learner)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    enum err e = turn_load(t, learner);
    if (e || !t->known || t->who.state != LEARNER_ACTIVE)
        return e;
    t->class = CLASS_BULK;
    e = subscriptions(t->db, t->arena, learner, subs, TOPICS_MAX, &n);
    if (!e)
        e = serve_due(t, subs, n);
    return e ? e : set_next(t, subs, n);
}

/* A sitting that failed three times is let go; the mornings after it are not. */
static enum err morning_give_up(struct turn *t, int64_t learner)
{
    enum err e = turn_load(t, learner);
    return e || !t->known || t->who.state != LEARNER_ACTIVE ? e : plan_next(t);
}

const struct feature morning_feature = {
    .alarm = "sitting", .ring = morning_ring, .give_up = morning_give_up};
