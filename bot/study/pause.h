/* pause: what a person typed after /pause, as the last day of the pause. Pure. */
#ifndef STUDY_PAUSE_H
#define STUDY_PAUSE_H

#include <stdint.h>

struct arena;

enum pause_said { PAUSE_UNTIL, PAUSE_OFF, PAUSE_PAST, PAUSE_LONG, PAUSE_UNCLEAR };
enum { PAUSE_DAYS_MAX = 365 };

/* "7", "10 days", "неделя", "2 недели", "2026-12-31", "31.12", "31.12.2026", "off". A
 * number of days counts today; a date is the last day of the pause; one without a year is
 * the next such. *out_until is set for PAUSE_UNTIL alone. */
enum pause_said pause_parse(struct arena *a, const char *text, int64_t today,
                            int64_t *out_until);

#endif
