/* /topic in a group: one question to think about. Its buttons: "t.TOKEN.TOPIC", TOKEN the
 * group's. */
#include <string.h>

#include "bot/talk/club_button.h"
#include "bot/talk/club_question.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"

enum { NAME_MAX_BYTES = 128 };

static enum err list(struct turn *t)
{
    struct keyboard k = {0};
    enum err e = topic_choices(t, club_button_prefix(t, "t"), NULL, &k);
    return e ? e : say(t, w_club_topic_list(&t->words), &k);
}

static enum err post(struct turn *t, const char *slug)
{
    int64_t question;
    enum err e = club_question_any(t, slug, &question);
    return e ? e : club_question_say(t, question, 0, NULL);
}

enum err club_topic_run(struct turn *t, const char *args)
{
    struct bank_topic topic, near[NEAREST];
    int near_n;
    if (!*args)
        return list(t);
    if (strlen(args) > NAME_MAX_BYTES)
        args = "?";
    enum err e = topic_find(t, args, &topic, near, &near_n);
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0))
        return topic_refuse(t, e ? NULL : &topic, near, near_n, club_button_prefix(t, "t"));
    return e ? e : post(t, topic.slug);
}

enum err club_topic_press(struct turn *t, const char *data)
{
    struct bank_topic topic;
    const char *code;
    enum err e = club_button_code(t, data, &code);
    if (e || !code)
        return e;
    e = bank_topic(t->db, t->arena, code, &topic);
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : post(t, topic.slug);
}
