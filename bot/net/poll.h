/* poll: getUpdates, for ever. Hands whole answers to the turn and asks for the next ones
 * only after the commit: the offset it sends confirms what is stored.
 *
 * No timer of its own: the loop calls poll_run() whenever poll_next_ms() has come or any
 * callback has run. */
#ifndef NET_POLL_H
#define NET_POLL_H

#include "bot/base/env.h"
#include "bot/net/http.h"
#include "bot/net/sender.h"
#include "bot/talk/turn.h"

struct poll;

enum poll_verdict {
    POLL_GOES_ON,
    POLL_TOKEN_REFUSED, /* 401 or 404: the program must end with 78 */
};

/* Keeps all of them. The toasts of a turn go to the sender. getMe fills b->username, which
 * the poll lends until poll_free(), before the first update is handed to a turn. */
struct poll *poll_new(struct http *h, struct bot *b, struct sender *s,
                      const struct config *cfg);
enum poll_verdict poll_run(struct poll *p, struct moment m);
int64_t poll_next_ms(const struct poll *p); /* UTC; INT64_MAX while an answer is awaited */
/* Ends the waiting call, starts no other but one short confirmation of the offset. */
void poll_stop(struct poll *p, struct moment m);
bool poll_idle(const struct poll *p); /* after poll_stop(): nothing is in flight */
int64_t poll_answered_ms(const struct poll *p); /* the last good one, UTC; 0: none yet,
                                                 * or getMe has not told the bot its name,
                                                 * before which nobody is heard */
/* A call is under way, and none has ended in any way, for 90 s: what its timeout should
 * have made impossible. */
bool poll_hangs(const struct poll *p, int64_t now_ms);
bool poll_db_ails(const struct poll *p); /* its last turn failed: it is tried again */
void poll_free(struct poll *p);          /* must be idle; NULL is fine */

#endif
