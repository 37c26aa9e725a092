/* streak: what days of learning add up to.
 *
 * A day is kept by a rating, or excused (it neither counts nor breaks), or missed. A missed
 * day uses up a freeze; without one it ends the streak. A freeze is earned with every
 * seventh day kept in a row. Pure. */
#ifndef STUDY_STREAK_H
#define STUDY_STREAK_H

#include <stdint.h>

enum { FREEZES_MAX = 2, FREEZE_EVERY = 7 };

struct streak {
    int64_t days, best; /* kept in a row, now and the most ever */
    int64_t last_day;   /* kept; -1: none yet */
    int freezes;        /* 0 to FREEZES_MAX */
};

/* How the streak stands after `missed` missed days (so many, or more than it has freezes),
 * each in its turn. */
struct streak streak_after_missed(struct streak s, int missed);
/* One more day is kept, later than the last one, what lay between being settled. */
struct streak streak_keep(struct streak s, int64_t day);

#endif
