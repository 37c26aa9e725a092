/* fold: text made comparable, for what people type.
 *
 * Case folded, compatibility forms unified (NFKC), ё read as е, й kept; what is neither
 * letter, mark nor digit becomes one blank between words, none at the ends. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "bot/base/arena.h"

enum { FOLD_DISTANCE_LEN = 256 };

/* Lends from the arena. Invalid UTF-8 gives the empty string. */
char *fold(struct arena *a, const char *utf8);
/* Typing mistakes between two folded texts, in code points: insert, drop, replace, swap
 * of neighbours (optimal string alignment). max + 1 when there are more than max, and for
 * texts of over FOLD_DISTANCE_LEN code points that are not equal. */
int fold_distance(const char *a, const char *b, int max);

#endif
