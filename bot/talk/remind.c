/* "rem.go.DAY" brings the question that waits, if it is still that study day; "rem.off"
 * ends the reminders. */
#include "bot/talk/remind.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/study/remind.h"
#include "bot/talk/clock.h"
#include "bot/talk/morning.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "bot/talk/topics.h"
#include "db/alarms.h"
#include "db/sittings.h"

enum { TYPED_MAX = 64 };

static struct remind rules_of(const struct learner *who)
{
    return (struct remind){.zone = learner_zone(who),
                           .day_start_min = who->day_start_min,
                           .quiet_from_min = who->quiet_from_min,
                           .quiet_to_min = who->quiet_to_min,
                           .at_min = who->remind_min};
}

/* Who has never rated anything has no habit to be reminded of, and who leaves questions
 * unanswered for days is written to less, not more. */
static bool wanted(const struct turn *t, int64_t today)
{
    struct rhythm r = learner_rhythm(&t->who);
    return t->known && t->who.state == LEARNER_ACTIVE && t->who.remind_min >= 0 &&
           t->who.last_day >= 0 && t->who.reminded_day != today &&
           t->who.pause_until_day < today && !rhythm_thin(&r, today);
}

enum err remind_plan(struct turn *t)
{
    int64_t due, today = learner_today(t);
    enum err e = alarm_due(t->db, "remind", t->who.id, &due);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e && due <= t->now_ms)
        return OK;
    struct remind r = rules_of(&t->who);
    due = wanted(t, today) ? remind_due_ms(&r, today) : 0;
    return due > t->now_ms ? alarm_set(t->db, "remind", t->who.id, due, true)
                           : alarm_drop(t->db, "remind", t->who.id);
}

/* Whether a question of today's waits; when nothing does but a streak is at stake, that is
 * a reason too. Not on a day that breaks nothing: it has no sitting, or we were down. */
static enum err at_stake(struct turn *t, int64_t today, struct streak *out_streak,
                         bool *out)
{
    int64_t came, rated, missed;
    int n;
    struct delivery d;
    *out = false;
    enum err e = streak_day_reviews(t->db, t->who.id, today, &rated);
    if (!e && rated)
        return OK;
    if (!e)
        e = days_missed(t->db, t->who.id, today - 1, today + 1, &missed, 1, &n);
    if (!e && !n)
        return OK;
    if (!e)
        e = sitting_came(t->db, t->who.id, today, &came);
    if (e || t->now_ms - came < REMIND_AFTER_MS)
        return e == ERR_NOT_FOUND ? OK : e;
    e = streak_now(t, out_streak);
    if (!e)
        e = delivery_waiting(t->db, t->arena, t->who.id, today, &d);
    *out = !e || (e == ERR_NOT_FOUND && out_streak->days);
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err remind(struct turn *t, int64_t today, const struct streak *s,
                       int64_t until_ms)
{
    const struct words *w = &t->words;
    struct keyboard k = {0};
    keyboard_row(&k);
    keyboard_button(&k, w_btn_remind_go(w),
                    arena_printf(t->arena, "rem.go.%" PRId64, today));
    keyboard_style(&k, BUTTON_BLUE);
    keyboard_button(&k, w_btn_remind_off(w), "rem.off");
    t->who.reminded_day = today;
    enum err e = learner_reminded(t->db, t->who.id, today);
    return e ? e
             : say_new(t,
                       &(struct speech){.kind = KIND_NUDGE,
                                        .html = s->days
                                                    ? w_remind_streak(w, w_days(w, s->days))
                                                    : w_remind(w),
                                        .keyboard = &k,
                                        .silent = true,
                                        .expires_ms = until_ms},
                       NULL);
}

static enum err ring(struct turn *t, int64_t learner)
{
    struct streak s = {0};
    bool stake = false;
    enum err e = turn_load(t, learner);
    int64_t today = e || !t->known ? 0 : learner_today(t);
    if (e || !wanted(t, today))
        return e;
    struct remind r = rules_of(&t->who);
    if (remind_due_ms(&r, today) > t->now_ms) /* the clock or the zone has moved */
        return remind_plan(t);
    int64_t until_ms = remind_until_ms(&r, today, t->now_ms);
    if (until_ms <= t->now_ms)
        return OK;
    e = at_stake(t, today, &s, &stake);
    t->class = CLASS_BULK;
    return e || !stake ? e : remind(t, today, &s, until_ms);
}

/* ---- its buttons ---- */

/* The question moves to where the person is: its message is this one from now on. */
static enum err bring(struct turn *t, struct delivery *d, int64_t post)
{
    struct keyboard k = {0};
    const char *html;
    int64_t old = d->post;
    enum err e = question_view(t, d, &html, &k);
    if (e == ERR_NOT_FOUND) /* the bank holds it no more */
        return say_edit(t, post, w_remind_over(&t->words), NULL);
    d->post = post;
    if (!e)
        e = delivery_save(t->db, d);
    if (!e)
        e = say_edit(t, post, html, &k);
    return e || !old ? e : say_edit(t, old, w_question_moved(&t->words), NULL);
}

static enum err go(struct turn *t, int64_t day, int64_t post)
{
    struct delivery d;
    int64_t rated = 0, today = learner_today(t);
    int found = 0;
    enum err e = day == today ? delivery_waiting(t->db, t->arena, t->who.id, today, &d)
                              : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e ? e : bring(t, &d, post);
    e = streak_day_reviews(t->db, t->who.id, today, &rated);
    if (!e && day == today && !rated)
        e = serve_now(t, NULL, 1, &found);
    return e ? e
             : say_edit(t, post,
                        found ? w_remind_here(&t->words) : w_remind_over(&t->words), NULL);
}

static enum err off(struct turn *t, int64_t post)
{
    t->who.remind_min = -1;
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = alarm_drop(t->db, "remind", t->who.id);
    return e ? e : say_edit(t, post, w_remind_is_off(&t->words), NULL);
}

static enum err press(struct turn *t, const char *data)
{
    char *end = NULL;
    int64_t post, day = -1;
    bool is_off = strcmp(data, "off") == 0;
    if (strncmp(data, "go.", 3) == 0 && isdigit((unsigned char)data[3]))
        day = strtoll(data + 3, &end, 10);
    if (!is_off && (!end || *end)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    enum err e = say_pressed(t, &post);
    if (e == ERR_REFUSED) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : is_off ? off(t, post) : go(t, day, post);
}

/* ---- its settings ---- */

const char *remind_line(struct turn *t)
{
    struct remind r = rules_of(&t->who);
    if (t->who.remind_min < 0)
        return w_remind_none(&t->words);
    const char *at = clock_show(t, t->who.remind_min);
    return remind_is_quiet(&r) ? w_remind_quiet(&t->words, at) : at;
}

enum err remind_ask(struct turn *t)
{
    t->who.asking = "remind";
    enum err e = learner_save(t->db, &t->who);
    return e ? e : say(t, w_ask_remind(&t->words), NULL);
}

static enum err answer(struct turn *t, const char *what, const char *text)
{
    (void)what;
    bool is_off = strlen(text) <= TYPED_MAX && topic_is_off(fold(t->arena, text));
    int minute = strlen(text) <= TYPED_MAX ? clock_parse(text) : -1;
    if (minute < 0 && !is_off)
        return say(t, w_time_unknown(&t->words), NULL);
    t->who.asking = NULL;
    t->who.remind_min = is_off ? -1 : minute;
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = remind_plan(t);
    if (e)
        return e;
    return say(
        t, is_off ? w_remind_is_off(&t->words) : w_remind_is_set(&t->words, remind_line(t)),
        NULL);
}

const struct feature remind_feature = {.prefix = "rem",
                                       .press = press,
                                       .asks = "remind",
                                       .answer = answer,
                                       .alarm = "remind",
                                       .ring = ring};
