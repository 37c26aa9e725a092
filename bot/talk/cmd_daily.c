/* /daily in a group: what is set, for everybody; the rest is administrators'.
 *   /daily                what is set
 *   /daily 10:00 django   a question a day at that time; without a topic, of all
 *   /daily off            no more of them
 *
 * "y.TOKEN.CODE", TOKEN the group's: s.MINUTE.TOPIC sets it. "y.q.ROUND" and "y.p.ROUND"
 * are told of a question's and a quiz's fate, "y.PERSON...." of who may set it: CODE as
 * above, or a.ARGS as typed. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/base/tz.h"
#include "bot/talk/clock.h"
#include "bot/talk/club.h"
#include "bot/talk/club_button.h"
#include "bot/talk/daily.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"

enum { ARGS_MAX = 128, DAY_MIN = 1440 };

static const char *topic_name(struct turn *t, const char *slug)
{
    struct bank_topic topic;
    bool known = slug && bank_topic(t->db, t->arena, slug, &topic) == OK;
    return known ? topic_title(t, &topic) : w_all_topics(&t->words);
}

/* With the zone's own clock, so that a wrong zone is seen at once. */
static enum err show(struct turn *t)
{
    const struct club *c = &t->club;
    const struct zone *z = zone_find(c->zone);
    int now;
    if (c->daily_min < 0)
        return say(t, w_daily_none(&t->words), NULL);
    zone_date(z ? z : zone_find("Etc/UTC"), t->now_ms, &now);
    return say(t,
               w_daily_is(&t->words, clock_show(t, c->daily_min),
                          topic_name(t, c->daily_topic), clock_zone_name(t, c->zone),
                          clock_show(t, now)),
               NULL);
}

/* What goes out today and its quiz are as they were. */
static enum err set(struct turn *t, int minute, const char *topic)
{
    t->club.daily_min = minute;
    t->club.daily_topic = topic;
    t->club.daily_thread = t->thread;
    enum err e = club_save(t->db, &t->club);
    if (!e)
        e = daily_plan(t);
    return e ? e : show(t);
}

static enum err off(struct turn *t)
{
    t->club.daily_min = -1;
    t->club.daily_question = 0;
    enum err e = club_save(t->db, &t->club);
    if (!e)
        e = daily_plan(t);
    return e ? e : show(t);
}

/* "10:00 django", "off" */
static enum err typed(struct turn *t, const char *args)
{
    struct bank_topic topic, near[NEAREST];
    int near_n;
    size_t n = strcspn(args, " \n");
    const char *name = args + n + strspn(args + n, " \n");
    const char *first = arena_text(t->arena, args, n);
    int minute = clock_parse(first);
    if (!*name && topic_is_off(fold(t->arena, first)))
        return off(t);
    if (minute < 0)
        return say(t, w_daily_unknown(&t->words), NULL);
    if (!*name)
        return set(t, minute, NULL);
    enum err e = topic_find(t, name, &topic, near, &near_n);
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0))
        return topic_refuse(
            t, e ? NULL : &topic, near, near_n,
            arena_printf(t->arena, "%s.s.%d", club_button_prefix(t, "y"), minute));
    return e ? e : set(t, minute, topic.slug);
}

/* "MINUTE.TOPIC" */
static enum err chosen(struct turn *t, const char *data)
{
    struct bank_topic topic;
    char *end;
    long minute = isdigit((unsigned char)*data) ? strtol(data, &end, 10) : -1;
    enum err e = minute >= 0 && minute < DAY_MIN && *end == '.'
                     ? bank_topic(t->db, t->arena, end + 1, &topic)
                     : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : set(t, (int)minute, topic.slug);
}

static enum err act(struct turn *t, const char *code)
{
    if (strncmp(code, "a.", 2) == 0)
        return typed(t, code + 2);
    if (strncmp(code, "s.", 2) == 0)
        return chosen(t, code + 2);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

static enum err run_in_club(struct turn *t, const char *args)
{
    bool may;
    const char *code = arena_printf(t->arena, "a.%.*s", (int)strnlen(args, ARGS_MAX), args);
    if (!*args)
        return show(t);
    enum err e = admin_ask(t, "y", code, &may);
    return e || !may ? e : act(t, code);
}

static enum err press_in_club(struct turn *t, const char *data)
{
    bool may;
    const char *code;
    enum err e = club_button_code(t, data, &code);
    if (e || !code)
        return e;
    e = admin_ask(t, "y", code, &may);
    if (!e && !may)
        say_toast(t, w_toast_asking_who(&t->words));
    return e || !may ? e : act(t, code);
}

static enum err who_told(struct turn *t, const char *data, const struct outcome *o)
{
    bool yes;
    int64_t person;
    const char *code;
    enum err e = admin_told(t, data, o, &yes, &person, &code);
    if (e || !t->club.id)
        return e;
    if (yes)
        return act(t, code);
    /* a press has had its toast */
    return o->fate == FATE_SENT && code[0] == 'a' ? say(t, w_only_admins(&t->words), NULL)
                                                  : OK;
}

static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    bool round = (data[0] == 'q' || data[0] == 'p') && data[1] == '.';
    return (round ? daily_told : who_told)(t, data, o);
}

const struct feature cmd_daily = {.name = "daily",
                                  .about = w_about_daily,
                                  .run_in_club = run_in_club,
                                  .for_admins = true,
                                  .prefix = "y",
                                  .press_in_club = press_in_club,
                                  .told = told,
                                  .alarm = "daily",
                                  .ring = daily_rings,
                                  .give_up = daily_give_up};
