/* morning: the scheduled sitting, and what keeps it coming.
 *
 * One alarm a person, at the earliest next time over their topics' times. When it fires it
 * takes every unserved topic whose time of this study day has come into one sitting and
 * plans the next from the calendar, never from now + 24 h. */
#ifndef TALK_MORNING_H
#define TALK_MORNING_H

#include "bot/study/plan.h"
#include "bot/study/rhythm.h"
#include "bot/talk/route.h"

/* Plans t->who's alarm anew after a change of settings. One that is already due stays: it
 * plans when it fires. Not active, or no topics: there is none. */
enum err morning_plan(struct turn *t);
enum err morning_block(struct turn *t);  /* we may not write any more: silence, no alarm */
enum err morning_stop(struct turn *t);   /* they said so: silence, and no pause to end */
enum err morning_resume(struct turn *t); /* active again, with an alarm */
/* t->who has done something: what they left unanswered is forgotten, and questions come as
 * they were chosen. *out_told: they had been told of another rhythm, so tell of this one.
 */
enum err morning_wake(struct turn *t, bool *out_told);
/* What today's sitting is to say beside its question; NULL: nothing. */
const char *morning_note(struct turn *t);

const struct zone *learner_zone(const struct learner *who); /* never NULL */
int64_t learner_today(const struct turn *t);                /* t->who's study day now */
bool learner_paused(const struct turn *t);
struct rhythm learner_rhythm(const struct learner *who);

#endif
