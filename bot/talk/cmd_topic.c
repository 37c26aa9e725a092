/* /topic: what there is, what one is subscribed to, and one topic at a glance.
 *   /topic               the topics as toggles
 *   /topic django        subscribes, shows where one stands, sends a question
 *   /topic django 08:30  its own time
 *   /topic django off    unsubscribes */
#include <string.h>

#include "bot/base/fold.h"
#include "bot/talk/clock.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "bot/talk/topics.h"
#include "db/cards.h"

enum { NAME_MAX_BYTES = 128 };

static enum err list(struct turn *t, bool here)
{
    struct keyboard k = {0};
    enum err e = topic_toggles(t, "t.on", &k);
    const char *html = w_topic_list(&t->words);
    return e ? e : here ? say_here(t, html, &k) : say(t, html, &k);
}

/* Where the person stands, with what can be done about it. */
static enum err glance(struct turn *t, const struct bank_topic *topic)
{
    struct topic_counts c;
    struct keyboard k = {0};
    const struct words *w = &t->words;
    enum err e = topic_counts(t->db, t->who.id, topic->slug, &c);
    if (e)
        return e;
    keyboard_row(&k);
    keyboard_button(&k, w_btn_another(w), arena_printf(t->arena, "n.t.%s", topic->slug));
    keyboard_row(&k);
    keyboard_button(&k, w_btn_topic_time(w),
                    arena_printf(t->arena, "t.time.%s", topic->slug));
    keyboard_button(&k, w_btn_unsubscribe(w),
                    arena_printf(t->arena, "t.off.%s", topic->slug));
    return say(t,
               w_topic_state(w, topic_title(t, topic), c.known, c.learning, c.fresh,
                             c.likely_known, c.likely),
               &k);
}

enum err topic_open(struct turn *t, const struct bank_topic *topic)
{
    int found;
    enum err e = subscribe(t->db, t->who.id, topic->slug);
    if (!e)
        e = morning_plan(t);
    if (!e)
        e = glance(t, topic);
    if (!e)
        e = serve_now(t, topic->slug, 1, &found);
    return e || found ? e
                      : say(t, w_topic_exhausted(&t->words, topic_title(t, topic)), NULL);
}

static enum err leave(struct turn *t, const struct bank_topic *topic)
{
    enum err e = unsubscribe(t->db, t->who.id, topic->slug);
    if (!e)
        e = morning_plan(t);
    return e ? e : say(t, w_topic_off(&t->words, topic_title(t, topic)), NULL);
}

enum err topic_set_time(struct turn *t, const char *slug, int minute)
{
    struct bank_topic topic;
    enum err e = bank_topic(t->db, t->arena, slug, &topic);
    if (!e)
        e = subscribe(t->db, t->who.id, slug);
    if (!e)
        e = subscription_time(t->db, t->who.id, slug, minute);
    t->who.asking = NULL; /* a button may have answered it */
    if (!e)
        e = learner_save(t->db, &t->who);
    if (!e)
        e = morning_plan(t);
    if (e)
        return e;
    const char *title = topic_title(t, &topic);
    return say(t,
               minute < 0
                   ? w_topic_time_as_all(&t->words, title, clock_show(t, t->who.at_min))
                   : w_topic_time_set(&t->words, title, clock_show(t, minute)),
               NULL);
}

bool topic_is_off(const char *word)
{
    static const char *const offs[] = {"off", "stop", "no", "выкл", "стоп", "нет"};
    for (size_t i = 0; i < sizeof offs / sizeof *offs; i++)
        if (strcmp(offs[i], word) == 0)
            return true;
    return false;
}

static enum err run(struct turn *t, const char *args)
{
    struct bank_topic topic, near[NEAREST];
    int near_n, minute = -1;
    if (!*args)
        return list(t, false);
    if (strlen(args) > NAME_MAX_BYTES)
        args = "?";
    char *name = arena_text(t->arena, args, strlen(args));
    char *last = strrchr(name, ' ');
    bool off = last && topic_is_off(fold(t->arena, last + 1));
    if (last && !off && strpbrk(last + 1, ":.")) /* "python 3" is no time */
        minute = clock_parse(last + 1);
    if (off || minute >= 0)
        *last = '\0';
    enum err e = topic_find(t, name, &topic, near, &near_n);
    if (e == ERR_NOT_FOUND)
        return topic_refuse(t, NULL, near, near_n, "t.go");
    if (e)
        return e;
    if (topic.held == 0)
        return topic_refuse(t, &topic, near, near_n, "t.go");
    return off           ? leave(t, &topic)
           : minute >= 0 ? topic_set_time(t, topic.slug, minute)
                         : topic_open(t, &topic);
}

/* "on.1.SLUG" and "on.0.SLUG" are the list's; "go", "time" and "off" are about one topic.
 */
static enum err press(struct turn *t, const char *data)
{
    struct bank_topic topic = {0};
    bool in_list = strncmp(data, "on.", 3) == 0;
    const char *slug = strchr(data, '.');
    enum err e = ERR_NOT_FOUND;
    if (in_list)
        e = topic_toggle(t, data + 3);
    else if (slug)
        e = bank_topic(t->db, t->arena, slug + 1, &topic);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e && in_list)
        return list(t, true);
    if (!e && topic.held > 0) {
        size_t verb = (size_t)(slug - data);
        if (verb == 2 && memcmp(data, "go", verb) == 0)
            return topic_open(t, &topic);
        if (verb == 4 && memcmp(data, "time", verb) == 0)
            return clock_ask_time(t, topic.slug);
        if (verb == 3 && memcmp(data, "all", verb) == 0)
            return topic_set_time(t, topic.slug, -1);
        if (verb == 3 && memcmp(data, "off", verb) == 0)
            return leave(t, &topic);
    }
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

const struct feature cmd_topic = {.name = "topic",
                                  .about = w_about_topic,
                                  .about_in_club = w_about_topic_club,
                                  .run = run,
                                  .run_in_club = club_topic_run,
                                  .prefix = "t",
                                  .press = press,
                                  .press_in_club = club_topic_press};
