/* rhythm: how often somebody who does not answer is written to. Pure.
 *
 *   ignored days of sittings   0, 1, 2 ──▶ 3 or more ──▶ 14 days since the first of them
 *   sittings come              as chosen   twice a week  never: asked once, then silence
 *
 * Whatever the person does leads back to the beginning. */
#ifndef STUDY_RHYTHM_H
#define STUDY_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

enum { RHYTHM_IGNORED = 3, RHYTHM_SILENT_DAYS = 14 };

struct rhythm {
    unsigned weekdays; /* chosen; bit 0: Monday */
    int64_t ignored, first_day, last_day;
};

/* Two of these weekdays, as evenly over the week as can be; fewer stay as they are. */
unsigned rhythm_twice(unsigned weekdays);
/* Whether on that day sittings come but twice a week. A sitting of the same day is not
 * ignored yet. */
bool rhythm_thin(const struct rhythm *r, int64_t day);
/* Whether that is less than chosen and still to be told, by the sitting of that day. */
bool rhythm_tells(const struct rhythm *r, int64_t day);
/* The first day on which the person is to be asked instead. */
int64_t rhythm_ask_day(const struct rhythm *r);

#endif
