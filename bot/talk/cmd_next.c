/* /next: a question now. "/next django": of that topic. */
#include <string.h>

#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "bot/talk/topics.h"

enum { NAME_MAX_BYTES = 128 };

/* topic NULL: of all the person's. */
static enum err serve(struct turn *t, const struct bank_topic *topic)
{
    int found;
    enum err e = serve_now(t, topic ? topic->slug : NULL, 1, &found);
    if (e || found)
        return e;
    return say(t,
               topic ? w_topic_exhausted(&t->words, topic_title(t, topic))
                     : w_nothing_now(&t->words),
               NULL);
}

static enum err run(struct turn *t, const char *args)
{
    struct bank_topic topic, near[NEAREST];
    int near_n;
    if (!*args)
        return serve(t, NULL);
    if (strlen(args) > NAME_MAX_BYTES)
        args = "?";
    enum err e = topic_find(t, args, &topic, near, &near_n);
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0))
        return topic_refuse(t, e ? NULL : &topic, near, near_n, "n.t");
    return e ? e : serve(t, &topic);
}

/* "t.SLUG": another one of that topic. */
static enum err press(struct turn *t, const char *data)
{
    struct bank_topic topic;
    enum err e = strncmp(data, "t.", 2) == 0 ? bank_topic(t->db, t->arena, data + 2, &topic)
                                             : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : serve(t, &topic);
}

const struct feature cmd_next = {
    .name = "next", .about = w_about_next, .run = run, .prefix = "n", .press = press};
