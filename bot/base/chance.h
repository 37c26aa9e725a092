/* chance: numbers that follow from a seed, for what is drawn: tokens, questions, shuffles.
 * As hard to guess as the seed, which comes in with the turn. */
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include <stdint.h>

/* The next number of the sequence that *state is in (splitmix64). */
uint64_t chance_next(uint64_t *state);

#endif
