#include "bot/talk/daily.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/tz.h"
#include "bot/talk/battle.h"
#include "bot/talk/club.h"
#include "bot/talk/club_question.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/bank.h"

enum {
    LATEST_MS = 6 * 3600 * 1000,      /* a question later than that is left out */
    QUIZ_AFTER_MS = 3 * 3600 * 1000,  /* at least so long after its question */
    QUIZ_LATEST_MS = 3 * 3600 * 1000, /* late by more, the quiz is left out */
    EVENING_MIN = 19 * 60,
    LIMIT_MS = 24 * 3600 * 1000,
};

/* ---- the calendar ---- */

static const struct zone *zone_of(const struct turn *t)
{
    const struct zone *z = zone_find(t->club.zone);
    return z ? z : zone_find("Etc/UTC"); /* tzdata may drop an id one day */
}

static bool is_on(const struct turn *t)
{
    return t->club.id && t->club.here && t->club.daily_min >= 0;
}

static int64_t slot_ms(const struct turn *t, int64_t day)
{
    return zone_instant_ms(zone_of(t), day, t->club.daily_min);
}

/* A move west gives yesterday's date again, no more than that: a day further ahead was
 * written by a clock that was wrong. */
static bool had(const struct turn *t, int64_t day)
{
    return day <= t->club.daily_day && t->club.daily_day <= club_today(t) + 1;
}

/* 19:00 of the day on which the question came, or three hours after it. */
static int64_t quiz_ms(const struct turn *t, const struct round *r)
{
    int64_t date = zone_date(zone_of(t), r->opened_ms, NULL);
    int64_t evening = zone_instant_ms(zone_of(t), date, EVENING_MIN);
    int64_t after = r->opened_ms + QUIZ_AFTER_MS;
    return evening > after ? evening : after;
}

/* The round whose quiz is still to come. */
static enum err waiting(struct turn *t, struct round *out)
{
    int64_t id;
    if (!t->club.daily_question)
        return ERR_NOT_FOUND;
    enum err e = daily_round(t->db, t->club.id, t->club.daily_question, &id);
    return e ? e : round_find(t->db, id, out);
}

static enum err plan_next(struct turn *t)
{
    struct round r;
    int64_t day = club_today(t), next;
    if (!is_on(t))
        return alarm_drop(t->db, "daily", t->club.id);
    while (had(t, day) || slot_ms(t, day) <= t->now_ms)
        day++;
    next = slot_ms(t, day);
    enum err e = waiting(t, &r);
    if (!e && quiz_ms(t, &r) < next)
        next = quiz_ms(t, &r);
    return e && e != ERR_NOT_FOUND ? e : alarm_set(t->db, "daily", t->club.id, next, true);
}

enum err daily_plan(struct turn *t)
{
    int64_t due, today;
    enum err e = alarm_due(t->db, "daily", t->club.id, &due);
    if (!is_on(t) || (e && e != ERR_NOT_FOUND))
        return e && e != ERR_NOT_FOUND ? e : plan_next(t);
    if (!e && due <= t->now_ms)
        return OK; /* rings at once, and plans */
    today = club_today(t);
    today -= slot_ms(t, today) > t->now_ms;
    if (!had(t, today)) {
        t->club.daily_day = today;
        e = club_save(t->db, &t->club);
        if (e)
            return e;
    }
    return plan_next(t);
}

/* ---- the question ---- */

/* The round of the question, which waits for its quiz if it has one. */
static enum err new_round(struct turn *t, int64_t question, struct round *out)
{
    struct bank_question q;
    struct quiz quiz;
    enum err e = bank_question(t->db, t->arena, question, &q);
    if (e)
        return e;
    *out = (struct round){.chat = t->chat,
                          .number = 1,
                          .question = question,
                          .level = q.level,
                          .options = battle_shuffle((uint64_t)turn_token(t)),
                          .state = ROUND_VOID,
                          .limit_ms = LIMIT_MS};
    e = quiz_find(t->db, t->arena, question, t->club.lang, &quiz);
    if (!e) {
        out->key = battle_place_of(out->options, quiz.right);
        out->state = ROUND_ASKED;
    }
    return e && e != ERR_NOT_FOUND ? e : round_add(t->db, out);
}

/* Where the topic has no more that is new to the group, another one helps out. */
static enum err ask(struct turn *t, int64_t day)
{
    struct round r;
    int64_t question;
    enum err e = club_question_draw(t, t->club.daily_topic, &question);
    if (e == ERR_NOT_FOUND && t->club.daily_topic)
        e = club_question_draw(t, NULL, &question);
    t->club.daily_day = day;
    if (!e)
        e = new_round(t, question, &r);
    if (!e)
        e = club_question_say(t, question, slot_ms(t, day) + LATEST_MS,
                              arena_printf(t->arena, "y.q.%" PRId64, r.id));
    return e && e != ERR_NOT_FOUND ? e : club_save(t->db, &t->club);
}

static enum err question_due(struct turn *t)
{
    int64_t today = club_today(t);
    for (int64_t day = today - 1; day <= today; day++) {
        int64_t at = slot_ms(t, day);
        if (at <= t->now_ms && t->now_ms - at <= LATEST_MS && !had(t, day))
            return ask(t, day);
    }
    return OK;
}

static enum err question_told(struct turn *t, struct round *r, const struct outcome *o)
{
    if (o->fate != FATE_SENT || t->club.daily_min < 0) {
        r->state = ROUND_VOID;
        return round_save(t->db, r);
    }
    r->opened_ms = t->now_ms;
    t->club.daily_question = r->question;
    enum err e = round_save(t->db, r);
    if (!e)
        e = club_save(t->db, &t->club);
    return e ? e : daily_plan(t);
}

/* ---- the quiz ---- */

static enum err ask_quiz(struct turn *t, struct round *r)
{
    struct quiz quiz;
    const char *option[BATTLE_OPTIONS];
    enum err e = quiz_find(t->db, t->arena, r->question, t->club.lang, &quiz);
    if (e)
        return e;
    for (int i = 0; i < BATTLE_OPTIONS; i++)
        option[i] = quiz.option[battle_option_at(r->options, i)];
    return say_poll(t,
                    &(struct poll_of_quiz){.question = w_daily_quiz(&t->words, quiz.ask),
                                           .option = option,
                                           .options = BATTLE_OPTIONS,
                                           .key = r->key,
                                           .why = quiz.why_html,
                                           .about = quiz.code_html},
                    quiz_ms(t, r) + QUIZ_LATEST_MS,
                    arena_printf(t->arena, "y.p.%" PRId64, r->id), &r->post);
}

static enum err quiz_due(struct turn *t)
{
    struct round r;
    bool fit;
    enum err e = waiting(t, &r);
    if (e == ERR_NOT_FOUND)
        return OK;
    if (!e)
        e = quiz_is_fit(t->db, r.question, &fit);
    if (e || t->now_ms < quiz_ms(t, &r))
        return e;
    bool asked = fit && t->now_ms <= quiz_ms(t, &r) + QUIZ_LATEST_MS;
    if (asked)
        e = ask_quiz(t, &r);
    else
        r.state = ROUND_VOID;
    t->club.daily_question = 0;
    if (!e)
        e = round_save(t->db, &r);
    return e ? e : club_save(t->db, &t->club);
}

/* Without Telegram's id of the poll nobody's vote could be placed. */
static enum err quiz_told(struct turn *t, struct round *r, const struct outcome *o)
{
    bool open = o->fate == FATE_SENT && o->poll && *o->poll;
    r->state = open ? ROUND_OPEN : ROUND_VOID;
    if (open)
        r->opened_ms = t->now_ms;
    enum err e = round_save(t->db, r);
    return e || !open ? e : vote_poll_known(t, NULL, r, o->poll);
}

/* ---- what happens ---- */

enum err daily_told(struct turn *t, const char *data, const struct outcome *o)
{
    struct round r;
    enum err e = round_find(t->db, strtoll(data + 2, NULL, 10), &r);
    if (e || !t->club.id || r.chat != t->chat || r.state != ROUND_ASKED)
        return e == ERR_NOT_FOUND ? OK : e;
    return (data[0] == 'q' ? question_told : quiz_told)(t, &r, o);
}

enum err daily_rings(struct turn *t, int64_t club)
{
    enum err e = turn_enter(t, club, 0);
    if (e || !is_on(t))
        return e;
    t->thread = t->club.daily_thread;
    t->class = CLASS_BULK;
    e = quiz_due(t);
    if (!e)
        e = question_due(t);
    return e ? e : plan_next(t);
}

enum err daily_give_up(struct turn *t, int64_t club)
{
    enum err e = turn_enter(t, club, 0);
    return e || !is_on(t) ? e : plan_next(t);
}
