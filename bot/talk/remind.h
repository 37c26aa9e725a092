/* remind: the evening reminder, when a question of this study day's morning waits and
 * nothing was rated yet.
 *
 * One alarm a person, set with the day's sitting and when settings change; it looks at the
 * day only when it rings. Silent, once a study day, at most once delivered. Not for who has
 * never rated, nor for who has left three days of questions unanswered (study/rhythm.h). */
#ifndef TALK_REMIND_H
#define TALK_REMIND_H

#include "bot/talk/route.h"

/* Plans today's alarm anew for t->who. One that is already due stays: it decides when it
 * rings. */
enum err remind_plan(struct turn *t);
/* "20:00", or that there is none, or that the quiet hours swallow it. */
const char *remind_line(struct turn *t);
enum err remind_ask(struct turn *t); /* the next plain text is its time */

#endif
