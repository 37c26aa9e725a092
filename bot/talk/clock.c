#include "bot/talk/clock.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/tz.h"
#include "bot/talk/cities.h"
#include "bot/talk/morning.h"
#include "bot/talk/remind.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"

enum { DAY_MIN = 1440, TYPED_MAX = 64 };

typedef const char *word_fn(const struct words *w);

/* The first eight of a language are its buttons; the rest are what a typed "14:35" may
 * mean, the likeliest of an offset first. */
static const struct {
    const char *id;
    word_fn *name;
} likely[2][24] = {[LANG_RU] = {{"Europe/Moscow", w_btn_zone_moscow},
                                {"Asia/Yekaterinburg", w_btn_zone_yekaterinburg},
                                {"Asia/Novosibirsk", w_btn_zone_novosibirsk},
                                {"Asia/Vladivostok", w_btn_zone_vladivostok},
                                {"Europe/Kaliningrad", w_btn_zone_kaliningrad},
                                {"Asia/Almaty", w_btn_zone_almaty},
                                {"Asia/Tbilisi", w_btn_zone_tbilisi},
                                {"Europe/Berlin", w_btn_zone_berlin},
                                {"Europe/Minsk", NULL},
                                {"Europe/Kyiv", NULL},
                                {"Europe/Samara", NULL},
                                {"Asia/Omsk", NULL},
                                {"Asia/Krasnoyarsk", NULL},
                                {"Asia/Irkutsk", NULL},
                                {"Asia/Yakutsk", NULL},
                                {"Asia/Magadan", NULL},
                                {"Asia/Kamchatka", NULL},
                                {"Europe/London", NULL},
                                {"America/New_York", NULL},
                                {"America/Los_Angeles", NULL}},
                   [LANG_EN] = {{"America/New_York", w_btn_zone_new_york},
                                {"America/Chicago", w_btn_zone_chicago},
                                {"America/Los_Angeles", w_btn_zone_los_angeles},
                                {"Europe/London", w_btn_zone_london},
                                {"Europe/Berlin", w_btn_zone_berlin},
                                {"Asia/Kolkata", w_btn_zone_delhi},
                                {"Asia/Singapore", w_btn_zone_singapore},
                                {"Australia/Sydney", w_btn_zone_sydney},
                                {"America/Denver", NULL},
                                {"America/Sao_Paulo", NULL},
                                {"Africa/Lagos", NULL},
                                {"Europe/Athens", NULL},
                                {"Europe/Moscow", NULL},
                                {"Asia/Dubai", NULL},
                                {"Asia/Karachi", NULL},
                                {"Asia/Dhaka", NULL},
                                {"Asia/Bangkok", NULL},
                                {"Asia/Tokyo", NULL},
                                {"Pacific/Auckland", NULL},
                                {"America/Anchorage", NULL},
                                {"Pacific/Honolulu", NULL}}};
enum { ZONES = sizeof likely[0] / sizeof likely[0][0], ZONE_BUTTONS = 8 };

/* For the offsets that neither language has among its likely ones, in winter or summer. */
static const char *const others[] = {"America/Argentina/Buenos_Aires",
                                     "America/Chicago",
                                     "America/Denver",
                                     "America/Halifax",
                                     "America/Mexico_City",
                                     "Asia/Kolkata",
                                     "Australia/Sydney",
                                     "Australia/Brisbane",
                                     "Australia/Adelaide",
                                     "Australia/Darwin",
                                     "Pacific/Auckland",
                                     "Pacific/Fiji",
                                     "Africa/Abidjan",
                                     "Africa/Lagos",
                                     "Asia/Dhaka",
                                     "Asia/Tehran",
                                     "Asia/Kabul",
                                     "Asia/Kathmandu",
                                     "Asia/Yangon",
                                     "America/Caracas",
                                     "America/Bogota",
                                     "America/Phoenix",
                                     "America/Anchorage",
                                     "Pacific/Honolulu",
                                     "America/St_Johns",
                                     "Atlantic/Azores",
                                     "Atlantic/Cape_Verde",
                                     "America/Noronha",
                                     "Pacific/Noumea",
                                     "Pacific/Tongatapu",
                                     "Pacific/Kiritimati",
                                     "Pacific/Gambier",
                                     "Pacific/Marquesas",
                                     "Pacific/Pago_Pago",
                                     "Pacific/Chatham",
                                     "Asia/Singapore",
                                     "Asia/Tokyo"};
enum { OTHERS = sizeof others / sizeof others[0] };

/* Steps over "am" or "pm". */
static bool half_of_day(const char **text)
{
    int first = tolower((unsigned char)**text);
    if ((first != 'a' && first != 'p') || tolower((unsigned char)(*text)[1]) != 'm')
        return false;
    *text += 2;
    return true;
}

/* 12 am is midnight, 12 pm noon. */
static bool to_24(char half, int *hour)
{
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (tolower((unsigned char)half) == 'p' ? 12 : 0);
    return true;
}

int clock_parse(const char *text)
{
    int hour = 0, minute = 0, digits = 0;
    while (isspace((unsigned char)*text))
        text++;
    for (; isdigit((unsigned char)*text) && digits < 4; digits++)
        hour = hour * 10 + (*text++ - '0');
    if (digits == 0)
        return -1;
    if (digits > 2) {
        minute = hour % 100;
        hour /= 100;
    } else if (*text && strchr(":.-", *text)) {
        if (!isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
            return -1;
        minute = (text[1] - '0') * 10 + (text[2] - '0');
        text += 3;
    }
    while (isspace((unsigned char)*text))
        text++;
    if (half_of_day(&text) && !to_24(text[-2], &hour))
        return -1;
    while (isspace((unsigned char)*text))
        text++;
    return *text || hour > 23 || minute > 59 ? -1 : hour * 60 + minute;
}

const char *clock_show(struct turn *t, int minute)
{
    return arena_printf(t->arena, "%02d:%02d", minute / 60, minute % 60);
}

const char *clock_weekdays(struct turn *t, unsigned weekdays)
{
    const char *(*const names[])(const struct words *) = {
        w_btn_mon, w_btn_tue, w_btn_wed, w_btn_thu, w_btn_fri, w_btn_sat, w_btn_sun};
    const char *line = "";
    for (int i = 0; i < 7; i++)
        if (weekdays & 1u << i)
            line = arena_printf(t->arena, "%s%s%s", line, *line ? ", " : "",
                                names[i](&t->words));
    return line;
}

void clock_zone_buttons(struct turn *t, const char *prefix, struct keyboard *k)
{
    for (int i = 0; i < ZONE_BUTTONS; i++) {
        if (i % 2 == 0)
            keyboard_row(k);
        keyboard_button(
            k, likely[t->words.lang][i].name(&t->words),
            arena_printf(t->arena, "%s.%s", prefix, likely[t->words.lang][i].id));
    }
}

const char *clock_zone_name(struct turn *t, const char *id)
{
    for (int i = 0; i < ZONE_BUTTONS; i++)
        if (strcmp(likely[t->words.lang][i].id, id) == 0)
            return likely[t->words.lang][i].name(&t->words);
    return strcmp(id, "Etc/UTC") == 0 ? "UTC" : id;
}

static enum err ask(struct turn *t, const char *asking, const char *html,
                    const struct keyboard *k)
{
    t->who.asking = asking;
    enum err e = learner_save(t->db, &t->who);
    return e ? e : say(t, html, k);
}

enum err clock_ask_time(struct turn *t, const char *topic)
{
    const char *asking =
        topic ? arena_printf(t->arena, "clock:time:%s", topic) : "clock:time";
    struct keyboard k = {0};
    if (topic) {
        keyboard_row(&k);
        keyboard_button(&k, w_btn_time_as_all(&t->words, clock_show(t, t->who.at_min)),
                        arena_printf(t->arena, "t.all.%s", topic));
    }
    return ask(t, asking, w_ask_time(&t->words), &k);
}

enum err clock_ask_zone(struct turn *t)
{
    struct keyboard k = {0};
    clock_zone_buttons(t, "z", &k);
    return ask(t, "clock:zone", w_ask_zone(&t->words), &k);
}

/* "Every day at 09:00, Europe/Berlin": what was agreed on, with the zone's own clock so
 * that a wrong zone is seen at once. */
static enum err confirm(struct turn *t, const char *city)
{
    int minute;
    const char *zone = clock_zone_name(t, t->who.zone);
    zone_date(learner_zone(&t->who), t->now_ms, &minute);
    if (city && strcmp(city, zone) != 0)
        zone = arena_printf(t->arena, "%s (%s)", city, zone);
    return say(
        t,
        w_time_is_set(&t->words, clock_show(t, t->who.at_min), zone, clock_show(t, minute)),
        NULL);
}

/* `city`: by which it was found, or NULL. */
static enum err set_zone(struct turn *t, const char *id, const char *city)
{
    t->who.zone = id;
    t->who.asking = NULL;
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = morning_plan(t);
    if (!e)
        e = remind_plan(t);
    return e ? e : confirm(t, city);
}

/* Whether it is now about `minute` of the day there: clocks of people are not exact. */
static bool is_now(const struct turn *t, const char *id, int minute)
{
    const struct zone *z = zone_find(id);
    int there;
    if (!z)
        return false;
    zone_date(z, t->now_ms, &there);
    int apart = (minute - there + DAY_MIN) % DAY_MIN;
    return apart <= 7 || apart >= DAY_MIN - 7;
}

/* The zone in which it is now `minute` of the day, the likeliest for the language. */
static const char *zone_of_time(const struct turn *t, int minute)
{
    for (int i = 0; i < ZONES && likely[t->words.lang][i].id; i++)
        if (is_now(t, likely[t->words.lang][i].id, minute))
            return likely[t->words.lang][i].id;
    for (int i = 0; i < OTHERS; i++)
        if (is_now(t, others[i], minute))
            return others[i];
    return NULL;
}

static enum err zone_answered(struct turn *t, const char *text)
{
    struct place places[PLACES_MAX];
    struct keyboard k = {0};
    int minute = clock_parse(text);
    const char *id = minute >= 0 ? zone_of_time(t, minute) : zone_search(text);
    int n = minute >= 0 ? 0 : places_find(&t->words, text, t->now_ms, places);
    if (n == 1)
        return set_zone(t, places[0].zone, places[0].name);
    if (n == 0)
        return id ? set_zone(t, id, NULL) : say(t, w_zone_unknown(&t->words), NULL);
    for (int i = 0; i < n; i++) {
        keyboard_row(&k);
        keyboard_button(&k, places[i].label,
                        arena_printf(t->arena, "z.%s", places[i].zone));
    }
    return say(t, w_zone_which(&t->words), &k);
}

static enum err time_answered(struct turn *t, const char *topic, const char *text)
{
    int minute = clock_parse(text);
    if (minute < 0)
        return say(t, w_time_unknown(&t->words), NULL);
    t->who.asking = NULL;
    if (topic)
        return topic_set_time(t, topic, minute);
    bool asked = t->who.step == STEP_ASKED;
    t->who.at_min = minute;
    t->who.step = STEP_DONE; /* perhaps chosen before we asked */
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = morning_plan(t);
    if (e)
        return e;
    return asked ? clock_ask_zone(t) : confirm(t, NULL);
}

static enum err answer(struct turn *t, const char *what, const char *text)
{
    if (strlen(text) > TYPED_MAX)
        return say(t, w_plain_text(&t->words), NULL);
    if (strcmp(what, "zone") == 0)
        return zone_answered(t, text);
    return time_answered(t, strncmp(what, "time:", 5) == 0 ? what + 5 : NULL, text);
}

static enum err press(struct turn *t, const char *id)
{
    const struct zone *z = zone_find(id);
    if (z)
        return set_zone(t, zone_id(z), NULL);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

const struct feature clock_feature = {
    .prefix = "z", .press = press, .asks = "clock", .answer = answer};
