/* daily: one question a day for a group, and in the evening its quiz. */
#ifndef TALK_DAILY_H
#define TALK_DAILY_H

#include "bot/talk/route.h"

/* After the settings of t->club, its place or the clock have changed: its alarm is set to
 * what comes next, or dropped. */
enum err daily_plan(struct turn *t);

#endif
