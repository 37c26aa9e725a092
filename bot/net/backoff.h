/* backoff: how long to leave alone what has just failed. Pure.
 *
 * The clock may jump: a wait that seems to have begun in the future is over, so a clock
 * that was wrong by years cannot silence the bot for years. A zeroed struct waits for
 * nothing. */
#ifndef NET_BACKOFF_H
#define NET_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/talk/turn.h"

struct backoff {
    int64_t from_ms, wait_ms; /* UTC; 0: no wait */
    int failures;             /* in a row */
};

/* first_ms, then twice as long each time, at most max_ms; up to a quarter more by chance,
 * so that many bots do not come back in step. */
void backoff_failed(struct backoff *b, struct moment m, int64_t first_ms, int64_t max_ms);
void backoff_wait(struct backoff *b, int64_t now_ms, int64_t wait_ms); /* just so long */
void backoff_clear(struct backoff *b);                                 /* it works again */
bool backoff_over(const struct backoff *b, int64_t now_ms);
int64_t backoff_end_ms(const struct backoff *b); /* UTC; long ago when there is no wait */

#endif
