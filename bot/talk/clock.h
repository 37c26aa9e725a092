/* clock: asking a person for a time of day and for their time zone, by buttons or typed. */
#ifndef TALK_CLOCK_H
#define TALK_CLOCK_H

#include "bot/talk/route.h"
#include "bot/telegram/method.h"

/* "8", "08:30", "8.30", "0830", "2:35 pm" as minutes after midnight, or -1. */
int clock_parse(const char *text);
const char *clock_show(struct turn *t, int minute); /* "08:30", lent by the arena */
const char *clock_weekdays(struct turn *t, unsigned weekdays); /* "пн, чт"; bit 0: Monday */

/* Sends the question; the next plain text answers it. topic NULL: the person's own time. */
enum err clock_ask_time(struct turn *t, const char *topic);
enum err clock_ask_zone(struct turn *t);
/* Buttons of the eight likeliest zones for the person's language, data "<prefix>.<id>". */
void clock_zone_buttons(struct turn *t, const char *prefix, struct keyboard *k);
/* What the zone is called on a button, else its id. */
const char *clock_zone_name(struct turn *t, const char *id);

#endif
