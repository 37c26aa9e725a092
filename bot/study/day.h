/* day: the study day, the one notion of day in the program.
 *
 * The wall date of (the wall clock minus the day start), as days since 1970-01-01: a
 * number that is stored with an event and never computed again. */
#ifndef STUDY_DAY_H
#define STUDY_DAY_H

#include <stdint.h>

struct zone;

int64_t day_of(const struct zone *z, int64_t now_ms, int day_start_min);
/* A clock set back, or a move west, can give the day before the person's last one: that
 * is taken as the last one. Any other day stays as computed. */
int64_t day_settled(int64_t computed, int64_t stored);
int day_weekday(int64_t date); /* 0 = Monday */

#endif
