/* /settings of a group: one message, edited in place, by administrators alone.
 *
 * "g.TOKEN.CODE", TOKEN the group's; CODE is a page, or PAGE.VALUE. Who is not known to be
 * an administrator is asked about: "g.PERSON.THREAD.CHAT.MESSAGE.CODE" is told, MESSAGE
 * what is to be edited, 0 for a new one. */
#include "bot/talk/club_settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/tz.h"
#include "bot/study/battle.h"
#include "bot/talk/clock.h"
#include "bot/talk/club.h"
#include "bot/talk/club_button.h"
#include "bot/talk/daily.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"
#include "db/posts.h"

static const char *data(struct turn *t, const char *code)
{
    return arena_printf(t->arena, "%s.%s", club_button_prefix(t, "g"), code);
}

static void choice(struct turn *t, struct keyboard *k, bool on, const char *label,
                   const char *code)
{
    keyboard_button(k, on ? arena_printf(t->arena, "✅ %s", label) : label, data(t, code));
}

static const char *topic_name(struct turn *t, const char *slug)
{
    struct bank_topic topic;
    bool known = slug && bank_topic(t->db, t->arena, slug, &topic) == OK;
    return known ? topic_title(t, &topic) : w_all_topics(&t->words);
}

/* ---- the pages ---- */

static enum err page_main(struct turn *t, const char **out_html, struct keyboard *k)
{
    const struct club *c = &t->club;
    const struct words *w = &t->words;
    *out_html =
        w_club_settings(w, t->words.lang == LANG_RU ? "Русский" : "English",
                        clock_zone_name(t, c->zone), topic_name(t, c->topic), c->rounds,
                        c->speed ? w_points_speed(w) : w_points_accuracy(w),
                        c->bonus ? w_bonus_on(w) : w_bonus_off(w),
                        c->daily_min < 0 ? w_daily_short_off(w)
                                         : w_daily_short(w, clock_show(t, c->daily_min),
                                                         topic_name(t, c->daily_topic)));
    keyboard_row(k);
    keyboard_button(k, w_btn_set_lang(w), data(t, "lang"));
    keyboard_button(k, w_btn_set_zone(w), data(t, "zone"));
    keyboard_row(k);
    keyboard_button(k, w_btn_set_battle_topic(w), data(t, "topic"));
    keyboard_button(k, w_btn_set_rounds(w), data(t, "rounds"));
    keyboard_row(k);
    keyboard_button(k, c->speed ? w_btn_points_accuracy(w) : w_btn_points_speed(w),
                    data(t, c->speed ? "speed.0" : "speed.1"));
    keyboard_row(k);
    keyboard_button(k, c->bonus ? w_btn_bonus_off(w) : w_btn_bonus_on(w),
                    data(t, c->bonus ? "bonus.0" : "bonus.1"));
    return OK;
}

static enum err page_lang(struct turn *t, struct keyboard *k)
{
    keyboard_row(k);
    choice(t, k, t->words.lang == LANG_RU, "Русский", "lang.ru");
    choice(t, k, t->words.lang == LANG_EN, "English", "lang.en");
    return OK;
}

static enum err page_zone(struct turn *t, struct keyboard *k)
{
    clock_zone_buttons(t, data(t, "zone"), k);
    keyboard_row(k);
    keyboard_button(k, "UTC", data(t, "zone.Etc/UTC"));
    return OK;
}

static enum err page_topic(struct turn *t, struct keyboard *k)
{
    keyboard_row(k);
    choice(t, k, !t->club.topic, w_all_topics(&t->words), "topic.");
    return topic_choices(t, data(t, "topic"), t->club.topic, k);
}

static enum err page_rounds(struct turn *t, struct keyboard *k)
{
    static const int numbers[] = {3, 5, 7, 10, 15, 20};
    for (int i = 0; i < 6; i++) {
        if (i % 3 == 0)
            keyboard_row(k);
        choice(t, k, t->club.rounds == numbers[i], arena_printf(t->arena, "%d", numbers[i]),
               arena_printf(t->arena, "rounds.%d", numbers[i]));
    }
    return OK;
}

/* ---- the values: ERR_NOT_FOUND is not one of ours ---- */

static enum err set_lang(struct turn *t, const char *v)
{
    if (strcmp(v, "ru") != 0 && strcmp(v, "en") != 0)
        return ERR_NOT_FOUND;
    t->club.lang = v;
    t->words.lang = strcmp(v, "ru") == 0 ? LANG_RU : LANG_EN;
    return OK;
}

static enum err set_zone(struct turn *t, const char *v)
{
    const struct zone *z = zone_find(v);
    if (z)
        t->club.zone = zone_id(z);
    return z ? OK : ERR_NOT_FOUND;
}

static enum err set_topic(struct turn *t, const char *v)
{
    struct bank_topic topic;
    enum err e = *v ? bank_topic(t->db, t->arena, v, &topic) : OK;
    if (e || (*v && topic.held == 0))
        return e ? e : ERR_NOT_FOUND;
    t->club.topic = *v ? topic.slug : NULL;
    return OK;
}

static enum err set_rounds(struct turn *t, const char *v)
{
    size_t digits = strspn(v, "0123456789");
    int n = digits && digits <= 2 && !v[digits] ? atoi(v) : 0;
    if (n < BATTLE_ROUNDS_MIN || n > BATTLE_ROUNDS_MAX)
        return ERR_NOT_FOUND;
    t->club.rounds = n;
    return OK;
}

static enum err set_switch(const char *v, bool *out)
{
    if (strcmp(v, "0") != 0 && strcmp(v, "1") != 0)
        return ERR_NOT_FOUND;
    *out = v[0] == '1';
    return OK;
}

static enum err set_speed(struct turn *t, const char *v)
{
    return set_switch(v, &t->club.speed);
}

static enum err set_bonus(struct turn *t, const char *v)
{
    return set_switch(v, &t->club.bonus);
}

static const struct page {
    const char *name;
    const char *(*html)(const struct words *); /* NULL: it is on the main page */
    enum err (*buttons)(struct turn *t, struct keyboard *k);
    enum err (*set)(struct turn *t, const char *value);
} pages[] = {{"lang", w_set_club_lang, page_lang, set_lang},
             {"zone", w_set_club_zone, page_zone, set_zone},
             {"topic", w_set_battle_topic, page_topic, set_topic},
             {"rounds", w_set_rounds, page_rounds, set_rounds},
             {"speed", NULL, NULL, set_speed},
             {"bonus", NULL, NULL, set_bonus}};

/* ---- what is done ---- */

/* A press edits its own message; `post` is what was pressed before we knew by whom, 0: it
 * was a command. */
static enum err show(struct turn *t, const struct page *p, int64_t post)
{
    struct keyboard k = {0};
    const char *html;
    enum err e;
    if (p && p->html) {
        html = p->html(&t->words);
        e = p->buttons(t, &k);
        keyboard_row(&k);
        keyboard_button(&k, w_btn_back(&t->words), data(t, ""));
    } else {
        e = page_main(t, &html, &k);
    }
    if (e)
        return e;
    return t->update && t->update->kind == UPDATE_BUTTON ? say_here(t, html, &k)
           : post                                        ? say_edit(t, post, html, &k)
                                                         : say(t, html, &k);
}

static enum err store(struct turn *t, const struct page *p, const char *value, int64_t post)
{
    enum err e = p->set(t, value);
    if (e == ERR_NOT_FOUND) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (!e)
        e = club_save(t->db, &t->club);
    if (!e)
        e = daily_plan(t);
    if (!e)
        say_toast(t, w_toast_set(&t->words));
    return e ? e : show(t, NULL, post);
}

static enum err act(struct turn *t, const char *code, int64_t post)
{
    size_t n = strcspn(code, ".");
    if (!*code)
        return show(t, NULL, post);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strlen(pages[i].name) == n && memcmp(pages[i].name, code, n) == 0)
            return code[n] ? store(t, &pages[i], code + n + 1, post)
                           : show(t, &pages[i], post);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

/* *out_may false: Telegram is being asked, and told() goes on. */
static enum err act_if_may(struct turn *t, int64_t message, const char *code, bool *out_may)
{
    enum err e = admin_ask(
        t, "g",
        arena_printf(t->arena, "%" PRId64 ".%" PRId64 ".%s", t->chat, message, code),
        out_may);
    return e || !*out_may ? e : act(t, code, 0);
}

enum err club_settings_run(struct turn *t, const char *args)
{
    bool may;
    (void)args;
    return act_if_may(t, 0, "", &may);
}

static enum err press_in_club(struct turn *t, const char *text)
{
    bool may = true;
    const char *code;
    enum err e = club_button_code(t, text, &code);
    if (!e && code)
        e = act_if_may(t, t->update->message, code, &may);
    if (!e && !may)
        say_toast(t, w_toast_asking_who(&t->words));
    return e;
}

static enum err told(struct turn *t, const char *text, const struct outcome *o)
{
    bool yes;
    int64_t person, post = 0;
    const char *rest;
    char *end;
    enum err e = admin_told(t, text, o, &yes, &person, &rest);
    if (e || !t->club.id)
        return e;
    int64_t chat = strtoll(rest, &end, 10);
    int64_t message = strtoll(end + (*end == '.'), &end, 10);
    if (!yes) /* a press has had its toast */
        return o->fate == FATE_SENT && !message ? say(t, w_only_admins(&t->words), NULL)
                                                : OK;
    if (message && chat == t->chat) /* else it lies where the group was before */
        e = post_of_message(t->db, t->chat, message, &post);
    return e ? e : act(t, end + (*end == '.'), post);
}

const struct feature club_settings_feature = {
    .prefix = "g", .press_in_club = press_in_club, .told = told};
