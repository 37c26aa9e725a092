/* daily: one question a day for a group, and in the evening its quiz.
 *
 * The question gets a round of no battle at once, so that the group counts it as seen; the
 * round waits for the quiz, and its opened_ms is when the question was delivered. */
#ifndef TALK_DAILY_H
#define TALK_DAILY_H

#include "bot/talk/route.h"

/* After the settings of t->club, its place or the clock have changed: its alarm is set to
 * what comes next, or dropped. What has passed by today is not made up for. */
enum err daily_plan(struct turn *t);

/* For cmd_daily.c. The alarm: whatever is due now. */
enum err daily_rings(struct turn *t, int64_t club);
enum err daily_give_up(struct turn *t, int64_t club);
/* "q.ROUND" and "p.ROUND": the last word on a question, on its quiz. */
enum err daily_told(struct turn *t, const char *data, const struct outcome *o);

#endif
