/* pause: days without questions, and the offer of one to who has long been silent. */
#ifndef TALK_PAUSE_H
#define TALK_PAUSE_H

#include "bot/talk/route.h"

/* "\nПауза: по 31 декабря включительно" while there is one, else "". */
const char *pause_line(struct turn *t);
/* The pause is over now: the calendar goes on. Fine when there is none. */
enum err pause_end(struct turn *t);
/* Asks, before until_ms or not at all, whether to pause; from then on nothing comes by
 * itself until the person does something. */
enum err pause_offer(struct turn *t, int64_t until_ms);

#endif
