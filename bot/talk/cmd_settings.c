/* /settings: one message, edited in place. Its buttons carry plain values: the person who
 * presses is the only one they can change, and every value is checked here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/tz.h"
#include "bot/talk/clock.h"
#include "bot/talk/club_settings.h"
#include "bot/talk/morning.h"
#include "bot/talk/pause.h"
#include "bot/talk/remind.h"
#include "bot/talk/say.h"

enum { ALL_DAYS = 127, DAY_MIN = 1440, LATEST_DAY_START = 360 };

static const char *yes(struct turn *t, bool on, const char *label)
{
    return on ? arena_printf(t->arena, "✅ %s", label) : label;
}

static void choice(struct turn *t, struct keyboard *k, bool on, const char *label,
                   const char *data)
{
    keyboard_button(k, yes(t, on, label), data);
}

static const char *days_line(struct turn *t)
{
    if (t->who.weekdays == ALL_DAYS)
        return w_every_day(&t->words);
    return clock_weekdays(t, t->who.weekdays);
}

static const char *level_name(const struct words *w, int level)
{
    return level == 1   ? w_btn_level_junior(w)
           : level == 2 ? w_btn_level_middle(w)
                        : w_btn_level_all(w);
}

static const char *quiet_line(struct turn *t)
{
    const struct learner *who = &t->who;
    return who->quiet_from_min == who->quiet_to_min
               ? w_no_quiet(&t->words)
               : arena_printf(t->arena, "%s–%s", clock_show(t, who->quiet_from_min),
                              clock_show(t, who->quiet_to_min));
}

static const char *number_line(struct turn *t)
{
    return t->who.at_once ? w_number_at_once(&t->words, t->who.per_sitting)
                          : arena_printf(t->arena, "%d", t->who.per_sitting);
}

static enum err page_main(struct turn *t, const char **out_html, struct keyboard *k)
{
    const struct learner *who = &t->who;
    const struct words *w = &t->words;
    static const struct {
        const char *(*label)(const struct words *);
        const char *data;
    } pages[] = {{w_btn_set_time, "s.time"},   {w_btn_set_zone, "s.zone"},
                 {w_btn_set_days, "s.days"},   {w_btn_set_number, "s.num"},
                 {w_btn_set_level, "s.lvl"},   {w_btn_set_lang, "s.lang"},
                 {w_btn_set_quiet, "s.quiet"}, {w_btn_set_day_start, "s.day"},
                 {w_btn_set_remind, "s.rem"}};
    *out_html =
        w_settings(w, clock_show(t, who->at_min), clock_zone_name(t, who->zone),
                   days_line(t), number_line(t), level_name(w, who->level), quiet_line(t),
                   clock_show(t, who->day_start_min), remind_line(t));
    *out_html = arena_printf(t->arena, "%s%s", *out_html, pause_line(t));
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (i % 2 == 0)
            keyboard_row(k);
        keyboard_button(k, pages[i].label(w), pages[i].data);
    }
    return OK;
}

static void page_lang(struct turn *t, struct keyboard *k)
{
    keyboard_row(k);
    choice(t, k, t->words.lang == LANG_RU, "Русский", "s.lang.ru");
    choice(t, k, t->words.lang == LANG_EN, "English", "s.lang.en");
}

static void page_time(struct turn *t, struct keyboard *k)
{
    static const int hours[] = {7, 8, 9, 10, 12, 18, 20, 21};
    for (int i = 0; i < 8; i++) {
        if (i % 4 == 0)
            keyboard_row(k);
        choice(t, k, t->who.at_min == hours[i] * 60, clock_show(t, hours[i] * 60),
               arena_printf(t->arena, "s.time.%d", hours[i] * 60));
    }
    keyboard_row(k);
    keyboard_button(k, w_btn_type_time(&t->words), "s.time.type");
}

static void page_days(struct turn *t, struct keyboard *k)
{
    for (int i = 0; i < 7; i++) {
        unsigned toggled = t->who.weekdays ^ 1u << i;
        if (i % 4 == 0)
            keyboard_row(k);
        choice(t, k, t->who.weekdays & 1u << i, clock_weekdays(t, 1u << i),
               arena_printf(t->arena, "s.days.%u", toggled));
    }
    keyboard_row(k);
    keyboard_button(k, w_btn_workdays(&t->words), "s.days.31");
    keyboard_button(k, w_btn_every_day(&t->words), "s.days.127");
}

static void page_number(struct turn *t, struct keyboard *k)
{
    static const int numbers[] = {1, 2, 3, 5, 7, 10, 15, 20};
    for (int i = 0; i < 8; i++) {
        if (i % 4 == 0)
            keyboard_row(k);
        choice(t, k, t->who.per_sitting == numbers[i],
               arena_printf(t->arena, "%d", numbers[i]),
               arena_printf(t->arena, "s.num.%d", numbers[i]));
    }
    keyboard_row(k);
    choice(t, k, !t->who.at_once, w_btn_one_by_one(&t->words), "s.once.0");
    choice(t, k, t->who.at_once, w_btn_at_once(&t->words), "s.once.1");
}

static void page_level(struct turn *t, struct keyboard *k)
{
    for (int level = 1; level <= 3; level++) {
        keyboard_row(k);
        choice(t, k, t->who.level == level, level_name(&t->words, level),
               arena_printf(t->arena, "s.lvl.%d", level));
    }
}

static void page_day_start(struct turn *t, struct keyboard *k)
{
    for (int hour = 0; hour <= LATEST_DAY_START / 60; hour++) {
        if (hour % 4 == 0)
            keyboard_row(k);
        choice(t, k, t->who.day_start_min == hour * 60, clock_show(t, hour * 60),
               arena_printf(t->arena, "s.day.%d", hour * 60));
    }
}

static void page_quiet(struct turn *t, struct keyboard *k)
{
    static const int ranges[][2] = {{22, 8}, {23, 7}, {23, 9}, {0, 8}};
    for (int i = 0; i < 4; i++) {
        int from = ranges[i][0] * 60, to = ranges[i][1] * 60;
        if (i % 2 == 0)
            keyboard_row(k);
        choice(t, k, t->who.quiet_from_min == from && t->who.quiet_to_min == to,
               arena_printf(t->arena, "%s–%s", clock_show(t, from), clock_show(t, to)),
               arena_printf(t->arena, "s.quiet.%d-%d", from, to));
    }
    keyboard_row(k);
    choice(t, k, t->who.quiet_from_min == t->who.quiet_to_min, w_btn_no_quiet(&t->words),
           "s.quiet.0-0");
}

static void page_remind(struct turn *t, struct keyboard *k)
{
    static const int times[] = {18 * 60, 20 * 60, 21 * 60 + 30};
    keyboard_row(k);
    for (int i = 0; i < 3; i++)
        choice(t, k, t->who.remind_min == times[i], clock_show(t, times[i]),
               arena_printf(t->arena, "s.rem.%d", times[i]));
    keyboard_row(k);
    choice(t, k, t->who.remind_min < 0, w_btn_no_remind(&t->words), "s.rem.off");
    keyboard_button(k, w_btn_type_time(&t->words), "s.rem.type");
}

static void page_zone(struct turn *t, struct keyboard *k)
{
    clock_zone_buttons(t, "s.zone", k);
    keyboard_row(k);
    keyboard_button(k, w_btn_type_zone(&t->words), "s.zone.type");
}

/* A whole number of at most five digits in lo..hi, with nothing after it but `stop`. */
static bool number(const char *text, int lo, int hi, char stop, int *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != stop)
        return false;
    *out = atoi(text);
    return *out >= lo && *out <= hi;
}

static bool set_lang(struct turn *t, const char *v)
{
    if (strcmp(v, "ru") != 0 && strcmp(v, "en") != 0)
        return false;
    t->who.lang = v;
    t->words.lang = strcmp(v, "ru") == 0 ? LANG_RU : LANG_EN;
    return true;
}

static bool set_zone(struct turn *t, const char *v)
{
    const struct zone *z = zone_find(v);
    if (z)
        t->who.zone = zone_id(z);
    return z;
}

static bool set_time(struct turn *t, const char *v)
{
    if (!number(v, 0, DAY_MIN - 1, '\0', &t->who.at_min))
        return false;
    t->who.step = STEP_DONE; /* perhaps chosen before we asked */
    return true;
}

static bool set_days(struct turn *t, const char *v)
{
    int days;
    if (!number(v, 1, ALL_DAYS, '\0', &days))
        return false;
    t->who.weekdays = (unsigned)days;
    return true;
}

static bool set_number(struct turn *t, const char *v)
{
    return number(v, 1, 20, '\0', &t->who.per_sitting);
}

static bool set_at_once(struct turn *t, const char *v)
{
    int on;
    if (!number(v, 0, 1, '\0', &on))
        return false;
    t->who.at_once = on;
    return true;
}

static bool set_level(struct turn *t, const char *v)
{
    return number(v, 1, 3, '\0', &t->who.level);
}

static bool set_day_start(struct turn *t, const char *v)
{
    return number(v, 0, LATEST_DAY_START, '\0', &t->who.day_start_min);
}

static bool set_remind(struct turn *t, const char *v)
{
    if (strcmp(v, "off") != 0)
        return number(v, 0, DAY_MIN - 1, '\0', &t->who.remind_min);
    t->who.remind_min = -1;
    return true;
}

static bool set_quiet(struct turn *t, const char *v)
{
    const char *dash = strchr(v, '-');
    return dash && number(v, 0, DAY_MIN - 1, '-', &t->who.quiet_from_min) &&
           number(dash + 1, 0, DAY_MIN - 1, '\0', &t->who.quiet_to_min);
}

static const struct page {
    const char *name;
    const char *(*html)(const struct words *);
    void (*buttons)(struct turn *t, struct keyboard *k);
    bool (*set)(struct turn *t, const char *value); /* false: not a value of ours */
} pages[] = {{"lang", w_set_lang, page_lang, set_lang},
             {"zone", w_set_zone, page_zone, set_zone},
             {"time", w_set_time, page_time, set_time},
             {"days", w_set_days, page_days, set_days},
             {"num", w_set_number, page_number, set_number},
             {"once", w_set_number, page_number, set_at_once},
             {"lvl", w_set_level, page_level, set_level},
             {"day", w_set_day_start, page_day_start, set_day_start},
             {"quiet", w_set_quiet, page_quiet, set_quiet},
             {"rem", w_set_remind, page_remind, set_remind}};

static enum err show(struct turn *t, const struct page *p, bool here)
{
    struct keyboard k = {0};
    const char *html;
    enum err e = OK;
    if (p) {
        html = p->html(&t->words);
        p->buttons(t, &k);
        keyboard_row(&k);
        keyboard_button(&k, w_btn_back(&t->words), "s");
    } else {
        e = page_main(t, &html, &k);
    }
    return e ? e : here ? say_here(t, html, &k) : say(t, html, &k);
}

/* The value is stored and the page drawn again; a value of nobody's changes nothing. */
static enum err store(struct turn *t, const struct page *p, const char *value)
{
    struct learner was = t->who;
    if (strcmp(value, "type") == 0 && strcmp(p->name, "zone") == 0)
        return clock_ask_zone(t);
    if (strcmp(value, "type") == 0 && strcmp(p->name, "time") == 0)
        return clock_ask_time(t, NULL);
    if (strcmp(value, "type") == 0 && strcmp(p->name, "rem") == 0)
        return remind_ask(t);
    if (!p->set(t, value)) {
        bool no_day = strcmp(p->name, "days") == 0 && strcmp(value, "0") == 0;
        t->who = was;
        say_toast(t, no_day ? w_toast_one_day(&t->words) : w_toast_old(&t->words));
        return OK;
    }
    t->who.asking = NULL; /* a button answers what was to be typed */
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = morning_plan(t);
    if (!e)
        e = remind_plan(t);
    if (!e)
        say_toast(t, w_toast_set(&t->words));
    return e ? e : show(t, strcmp(p->name, "days") == 0 ? p : NULL, true);
}

static enum err press(struct turn *t, const char *data)
{
    if (!*data)
        return show(t, NULL, true);
    size_t n = strcspn(data, ".");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strlen(pages[i].name) == n && memcmp(pages[i].name, data, n) == 0)
            return data[n] ? store(t, &pages[i], data + n + 1) : show(t, &pages[i], true);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

static enum err run(struct turn *t, const char *args)
{
    (void)args;
    return show(t, NULL, false);
}

const struct feature cmd_settings = {.name = "settings",
                                     .about = w_about_settings,
                                     .about_in_club = w_about_settings_club,
                                     .run = run,
                                     .run_in_club = club_settings_run,
                                     .for_admins = true,
                                     .prefix = "s",
                                     .press = press};
