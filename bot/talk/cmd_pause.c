/* /pause: no questions by themselves for some days; the streak neither grows nor breaks.
 * The pause ends by itself: the calendar skips its days. */
#include "bot/talk/pause.h"

#include <string.h>

#include "bot/base/tz.h"
#include "bot/study/date.h"
#include "bot/study/pause.h"
#include "bot/talk/morning.h"
#include "bot/talk/outcome.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/broadcasts.h"
#include "db/sittings.h"

enum { SHORT = 3, WEEK = 7, LONG = 14 };

/* "31 декабря"; of another year with the year. */
static const char *in_words(struct turn *t, int64_t day)
{
    static const char *(*const months[12])(const struct words *) = {
        w_month_1, w_month_2, w_month_3, w_month_4,  w_month_5,  w_month_6,
        w_month_7, w_month_8, w_month_9, w_month_10, w_month_11, w_month_12};
    struct date d = date_of(day);
    const char *month = months[d.month - 1](&t->words);
    return d.year == date_of(learner_today(t)).year
               ? w_date(&t->words, d.day, month)
               : w_date_of_year(&t->words, d.day, month,
                                arena_printf(t->arena, "%d", (int)d.year));
}

/* The date of the next questions, as far as the calendar tells. */
static enum err comes_back(struct turn *t, const char **out)
{
    int64_t due_ms, day = t->who.pause_until_day + 1;
    enum err e = alarm_due(t->db, "sitting", t->who.id, &due_ms);
    if (!e && due_ms > t->now_ms)
        day = zone_date(learner_zone(&t->who), due_ms, NULL);
    *out = in_words(t, day);
    return e == ERR_NOT_FOUND ? OK : e;
}

const char *pause_line(struct turn *t)
{
    return learner_paused(t) ? w_pause_line(&t->words, in_words(t, t->who.pause_until_day))
                             : "";
}

static enum err speak(struct turn *t, bool here, const char *html)
{
    return here ? say_here(t, html, NULL) : say(t, html, NULL);
}

/* Today's questions may be in the chat by now: they break no streak either. */
static enum err begin(struct turn *t, int64_t until_day, bool here)
{
    struct streak streak;
    const char *back;
    const struct words *w = &t->words;
    if (t->who.state != LEARNER_ACTIVE)
        return speak(t, here, w_pause_stopped(w));
    t->who.pause_until_day = until_day;
    enum err e = learner_set_pause(t->db, t->who.id, until_day);
    if (!e)
        e = reader_spare(t->db, t->who.id);
    if (!e)
        e = outbox_hush(t->db, t->who.id);
    if (!e)
        e = sittings_excuse(t->db, t->who.id, learner_today(t), true);
    if (!e)
        e = morning_plan(t);
    if (!e)
        e = streak_now(t, &streak);
    if (!e)
        e = comes_back(t, &back);
    if (e)
        return e;
    const char *html = w_pause_set(w, in_words(t, until_day), back);
    if (streak.days)
        html =
            arena_printf(t->arena, "%s%s", html, w_pause_streak(w, w_days(w, streak.days)));
    return speak(t, here, html);
}

enum err pause_end(struct turn *t)
{
    if (!learner_paused(t))
        return OK;
    t->who.pause_until_day = -1;
    enum err e = learner_set_pause(t->db, t->who.id, -1);
    if (!e)
        e = sittings_excuse(t->db, t->who.id, learner_today(t), false);
    return e ? e : morning_plan(t);
}

static enum err end(struct turn *t, bool here)
{
    const struct words *w = &t->words;
    const char *html = t->who.state != LEARNER_ACTIVE ? w_pause_stopped(w)
                       : learner_paused(t)            ? w_pause_over(w)
                                                      : w_pause_none(w);
    enum err e = pause_end(t);
    return e ? e : speak(t, here, html);
}

static enum err ask(struct turn *t)
{
    static const int lengths[] = {SHORT, WEEK, LONG};
    const struct words *w = &t->words;
    struct keyboard k = {0};
    const char *back;
    if (t->who.state != LEARNER_ACTIVE)
        return say(t, w_pause_stopped(w), NULL);
    enum err e = comes_back(t, &back);
    if (e)
        return e;
    keyboard_row(&k);
    for (int i = 0; i < 3; i++)
        keyboard_button(&k,
                        lengths[i] == WEEK   ? w_btn_pause_week(w)
                        : lengths[i] == LONG ? w_btn_pause_two_weeks(w)
                                             : w_days(w, lengths[i]),
                        arena_printf(t->arena, "w.%d", lengths[i]));
    if (!learner_paused(t))
        return say(t, w_pause_ask(w), &k);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_pause_over(w), "w.off");
    keyboard_style(&k, BUTTON_GREEN);
    return say(t, w_pause_is(w, in_words(t, t->who.pause_until_day), back), &k);
}

static enum err run(struct turn *t, const char *args)
{
    int64_t until_day;
    const struct words *w = &t->words;
    if (!*args)
        return ask(t);
    switch (pause_parse(t->arena, args, learner_today(t), &until_day)) {
    case PAUSE_UNTIL:
        return begin(t, until_day, false);
    case PAUSE_OFF:
        return end(t, false);
    case PAUSE_PAST:
        return say(t, w_pause_past(w), NULL);
    case PAUSE_LONG:
        return say(t, w_pause_long(w, PAUSE_DAYS_MAX), NULL);
    case PAUSE_UNCLEAR:
        break;
    }
    return say(t, w_pause_unclear(w), NULL);
}

enum err pause_offer(struct turn *t, int64_t until_ms)
{
    struct keyboard k = {0};
    const struct words *w = &t->words;
    keyboard_row(&k);
    keyboard_button(&k, w_btn_pause_go_on(w), "w.go");
    keyboard_style(&k, BUTTON_GREEN);
    keyboard_button(&k, w_btn_pause_for_week(w), arena_printf(t->arena, "w.%d", WEEK));
    keyboard_row(&k);
    keyboard_button(&k, w_btn_pause_stop(w), "w.stop");
    t->who.asleep = true;
    enum err e = learner_set_asleep(t->db, t->who.id, true);
    return e ? e
             : say_new(t,
                       &(struct speech){.kind = KIND_REPLY,
                                        .html = w_pause_offer(w),
                                        .keyboard = &k,
                                        .expires_ms = until_ms,
                                        .told = "w.offer"},
                       NULL);
}

/* An offer that surely did not get there is made again: its silence would never end. */
static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    bool lost = o->fate == FATE_EXPIRED || o->fate == FATE_REFUSED;
    if (strcmp(data, "offer") != 0 || !lost || !t->known || !t->who.asleep)
        return OK;
    t->who.asleep = false;
    enum err e = learner_set_asleep(t->db, t->who.id, false);
    return e ? e : morning_plan(t);
}

static enum err go_on(struct turn *t)
{
    if (t->who.state == LEARNER_ACTIVE && learner_paused(t))
        return end(t, true);
    if (t->who.state == LEARNER_ACTIVE)
        return say_here(t, w_pause_go_on(&t->words), NULL);
    enum err e = morning_resume(t);
    return e ? e : say_here(t, w_welcome_back(&t->words), NULL);
}

static enum err press(struct turn *t, const char *data)
{
    static const struct {
        const char *data;
        int days;
    } lengths[] = {{"3", SHORT}, {"7", WEEK}, {"14", LONG}};
    for (int i = 0; i < 3; i++)
        if (strcmp(lengths[i].data, data) == 0)
            return begin(t, learner_today(t) + lengths[i].days - 1, true);
    if (strcmp(data, "off") == 0)
        return end(t, true);
    if (strcmp(data, "go") == 0)
        return go_on(t);
    if (strcmp(data, "stop") == 0) {
        enum err e = morning_stop(t);
        return e ? e : say_here(t, w_stopped(&t->words), NULL);
    }
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

const struct feature cmd_pause = {.name = "pause",
                                  .about = w_about_pause,
                                  .run = run,
                                  .prefix = "w",
                                  .press = press,
                                  .told = told};
