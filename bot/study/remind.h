/* remind: when the evening reminder of a study day is due, and until when it is worth
 * sending. Pure: instants come in and go out, milliseconds UTC. */
#ifndef STUDY_REMIND_H
#define STUDY_REMIND_H

#include <stdbool.h>
#include <stdint.h>

struct zone;

/* Later than this it is dropped; sooner after the questions it would only nag. */
enum { REMIND_LATE_MS = 2 * 3600 * 1000, REMIND_AFTER_MS = 3600 * 1000 };

struct remind {
    const struct zone *zone;
    int day_start_min, quiet_from_min, quiet_to_min;
    int at_min; /* minute of the wall day; before the day start: on the date after it */
};

/* When the reminder of study day `day` is due. */
int64_t remind_due_ms(const struct remind *r, int64_t day);
/* Until when the reminder of that day may be sent, now that its time has come: for two
 * hours, within the day, not in quiet hours. now_ms or less: not any more. */
int64_t remind_until_ms(const struct remind *r, int64_t day, int64_t now_ms);
/* Whether the quiet hours swallow it every day. */
bool remind_is_quiet(const struct remind *r);

#endif
