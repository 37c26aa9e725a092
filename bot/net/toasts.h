/* toasts: answers to button presses on their way out.
 *
 * Not rows of the outbox: what the press did is safe already, the toast only stops the
 * spinner. Four slots of their own, so that a busy morning never delays them; dropped when
 * they are 10 s old; what Telegram says to them is nobody's business. */
#ifndef NET_TOASTS_H
#define NET_TOASTS_H

#include "bot/net/http.h"
#include "bot/talk/turn.h"

struct toasts;

struct toasts *toasts_new(struct http *h);                                    /* keeps */
void toasts_add(struct toasts *t, int64_t now_ms, const struct toast *toast); /* copies */
/* After a slot came free, and when toasts_next_ms() has come: one that surely was not sent
 * is tried again each second while it lives. */
void toasts_run(struct toasts *t, int64_t now_ms);
/* UTC; INT64_MAX: only a callback matters. */
int64_t toasts_next_ms(const struct toasts *t);
void toasts_stop(struct toasts *t);       /* drops what waits, takes no more */
bool toasts_idle(const struct toasts *t); /* nothing in flight */
void toasts_free(struct toasts *t);       /* must be idle; NULL is fine */

#endif
