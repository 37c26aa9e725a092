/* broadcast: an operator says something to everybody. */
#ifndef TALK_BROADCAST_H
#define TALK_BROADCAST_H

#include "bot/talk/route.h"
#include "db/broadcasts.h"

/* Asks the operator for the texts; the rest follows from their answers and presses. */
enum err broadcast_ask(struct turn *t);

/* broadcast_told.c: how it goes. */
enum { BROADCAST_TOLD_MS = 5 * 1000 }; /* the operator's message changes no more often */
/* The end of it: nothing that is written is kept, and it is nobody's any more. */
enum err broadcast_end(struct turn *t, struct broadcast *b, enum broadcast_state as);
const char *broadcast_words(struct turn *t, const struct broadcast *b);
const char *broadcast_data(struct turn *t, const struct broadcast *b, const char *what);
const char *span_show(struct turn *t, int64_t ms); /* "3 h", lent by the arena */

#endif
