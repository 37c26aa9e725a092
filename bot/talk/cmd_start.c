/* /start: the first message, the topics as toggles, a question at one tap; for who is back,
 * everything goes on. "?start=q_ID" opens one question, "?start=t_TOPIC" one topic. */
#include <string.h>

#include "bot/talk/morning.h"
#include "bot/talk/pause.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "bot/talk/topics.h"

enum { PAYLOAD_MAX = 64 };

static enum err greet(struct turn *t, bool here)
{
    struct keyboard k = {0};
    const struct words *w = &t->words;
    enum err e = topic_toggles(t, "o.t", &k);
    if (e)
        return e;
    keyboard_row(&k);
    keyboard_button(&k, w_btn_go(w), "o.go");
    keyboard_style(&k, BUTTON_GREEN);
    keyboard_button(&k, w->lang == LANG_RU ? "English" : "Русский",
                    w->lang == LANG_RU ? "o.l.en" : "o.l.ru");
    return here ? say_here(t, w_welcome(w), &k) : say(t, w_welcome(w), &k);
}

/* People who may read either language as their own choose first. */
static bool reads_both(const char *code)
{
    static const char region[][3] = {"uk", "be", "kk", "ky", "uz", "tg", "hy",
                                     "az", "ka", "ro", "tk", "mn", "tt", "ba"};
    for (size_t i = 0; i < sizeof region / sizeof *region; i++)
        if (strncmp(code, region[i], 2) == 0 && (!code[2] || code[2] == '-'))
            return true;
    return false;
}

static enum err choose_language(struct turn *t)
{
    struct keyboard k = {0};
    keyboard_row(&k);
    keyboard_button(&k, "Русский", "o.l.ru");
    keyboard_button(&k, "English", "o.l.en");
    return say(t, w_choose_language(&t->words), &k);
}

static bool well_formed(const char *payload)
{
    size_t n = strlen(payload);
    return n <= PAYLOAD_MAX && strspn(payload, "abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "0123456789_-") == n;
}

/* *out_done false: not a link of ours, a plain start. */
static enum err deep_link(struct turn *t, const char *payload, bool *out_done)
{
    struct bank_question q;
    struct bank_topic topic;
    *out_done = true;
    if (well_formed(payload) && strncmp(payload, "q_", 2) == 0) {
        enum err e = bank_question_by_id(t->db, t->arena, payload + 2, &q);
        if (!e && q.retired)
            e = q.instead ? bank_question(t->db, t->arena, q.instead, &q) : ERR_NOT_FOUND;
        if (e != ERR_NOT_FOUND)
            return e ? e : serve_question(t, q.num);
    }
    if (well_formed(payload) && strncmp(payload, "t_", 2) == 0) {
        enum err e = bank_topic(t->db, t->arena, payload + 2, &topic);
        if (!e && topic.held > 0)
            return topic_open(t, &topic);
        if (e && e != ERR_NOT_FOUND)
            return e;
    }
    *out_done = false;
    return OK;
}

static enum err run(struct turn *t, const char *args)
{
    bool fresh = !t->known, back = t->known && t->who.state != LEARNER_ACTIVE, done;
    const char *code = t->update->lang;
    enum err e = OK;
    if (fresh)
        e = turn_welcome(t, strncmp(code, "ru", 2) == 0 || reads_both(code) ? "ru" : "en");
    else if (back)
        e = morning_resume(t);
    else if (!*args && learner_paused(t)) {
        e = pause_end(t);
        back = true;
    }
    if (e)
        return e;
    e = deep_link(t, args, &done);
    if (e || done)
        return e;
    if (fresh && reads_both(code))
        return choose_language(t);
    if (back)
        e = say(t, w_welcome_back(&t->words), NULL);
    return e ? e : greet(t, false);
}

static enum err go(struct turn *t)
{
    struct subscription subs[TOPICS_MAX];
    int n, found;
    bool waits;
    enum err e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &n);
    if (!e)
        e = delivery_waits(t->db, t->who.id, learner_today(t), &waits);
    if (e)
        return e;
    if (n == 0 || waits) { /* two taps are one question */
        say_toast(t, n == 0 ? w_toast_choose_topic(&t->words) : w_toast_waits(&t->words));
        return OK;
    }
    e = serve_now(t, NULL, 1, &found);
    return e || found ? e : say(t, w_nothing_now(&t->words), NULL);
}

static enum err press(struct turn *t, const char *data)
{
    if (strcmp(data, "go") == 0)
        return go(t);
    if (strcmp(data, "l.ru") == 0 || strcmp(data, "l.en") == 0) {
        t->who.lang = data + 2;
        t->words.lang = strcmp(data, "l.ru") == 0 ? LANG_RU : LANG_EN;
        enum err e = learner_save(t->db, &t->who);
        return e ? e : greet(t, true);
    }
    enum err e = strncmp(data, "t.", 2) == 0 ? topic_toggle(t, data + 2) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : greet(t, true);
}

const struct feature cmd_start = {
    .name = "start", .about = w_about_start, .run = run, .prefix = "o", .press = press};
