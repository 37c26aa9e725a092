/* plan: the calendar of sittings.
 *
 * A slot is a minute of the wall day (0..1439) at which a sitting is due on every allowed
 * weekday. It belongs to a study day: a slot before the day start stands on the wall date
 * after it. Pure: instants come in and go out, milliseconds UTC. */
#ifndef STUDY_PLAN_H
#define STUDY_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct zone;

struct plan {
    const struct zone *zone;
    int day_start_min;
    unsigned weekdays; /* bit 0 = Monday */
};

/* When the slot of study day `day` rings: in a gap of the clock the first valid instant,
 * in an hour that comes twice the first of the two. Where a gap swallows the day start
 * too (Nuuk, 23:45), that is already the next study day: day_of() there is day + 1. */
int64_t plan_slot_ms(const struct plan *p, int64_t day, int at_min);
/* Whether the weekday of the slot's wall date is allowed. */
bool plan_slot_on(const struct plan *p, int64_t day, int at_min);
/* The first instant after `after_ms` at which one of n slots rings; INT64_MAX when no
 * weekday is allowed or n is 0. */
int64_t plan_next_ms(const struct plan *p, const int *at_min, int n, int64_t after_ms);
/* Whether the wall clock is in [from, to); the range may go over midnight, and from == to
 * is never quiet. */
bool plan_quiet(const struct zone *z, int64_t now_ms, int from_min, int to_min);

#endif
