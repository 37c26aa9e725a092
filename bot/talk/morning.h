/* morning: the scheduled sitting, and what keeps it coming.
 *
 * One alarm a person, at the earliest next time over their topics' times. When it fires it
 * takes every unserved topic whose time of this study day has come into one sitting and
 * plans the next from the calendar, never from now + 24 h. */
#ifndef TALK_MORNING_H
#define TALK_MORNING_H

#include "bot/study/plan.h"
#include "bot/talk/route.h"

/* Plans t->who's alarm anew after a change of settings. One that is already due stays: it
 * plans when it fires. Not active, or no topics: there is none. */
enum err morning_plan(struct turn *t);
enum err morning_block(struct turn *t);  /* we may not write any more: silence, no alarm */
enum err morning_resume(struct turn *t); /* active again, with an alarm */

const struct zone *learner_zone(const struct learner *who); /* never NULL */
int64_t learner_today(const struct turn *t);                /* t->who's study day now */

#endif
