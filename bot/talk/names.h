/* names: what people call themselves, made fit to be shown to others. */
#ifndef TALK_NAMES_H
#define TALK_NAMES_H

#include "bot/base/arena.h"

enum { NAME_SHOWN_MAX = 32 }; /* code points, then an ellipsis */

/* One line without control and direction marks, with at most two accents on a letter,
 * shortened; "?" when nothing is left. Plain text, lent by the arena. */
const char *name_plain(struct arena *a, const char *name);
/* The same, escaped for Telegram's HTML. */
const char *name_shown(struct arena *a, const char *name);

#endif
