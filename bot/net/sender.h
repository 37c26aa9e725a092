/* sender: takes rows out of the outbox, sends them at Telegram's pace, brings every answer
 * back as an outcome. Decides nothing: what a refusal means is the turn's business.
 *
 * A row with a picture is drawn first, by net/picture, and leaves as its caption alone when
 * that fails; meanwhile its chat waits. An export is made as it leaves. What is said to
 * groups is noted in the database before it leaves: a restart does not give them a new
 * minute.
 *
 * At most one call a chat and IN_FLIGHT in all, of which bulk holds at most IN_FLIGHT - 2;
 * toasts have 4 slots of their own. */
#ifndef NET_SENDER_H
#define NET_SENDER_H

#include "bot/base/env.h"
#include "bot/net/http.h"
#include "bot/net/picture.h"
#include "bot/talk/turn.h"

struct sender;

struct sender *sender_new(struct http *h, struct pictures *p, struct bot *b,
                          const struct config *cfg); /* keeps */
/* Settles the answers that came since, then takes and sends what may go now. */
void sender_run(struct sender *s, struct moment m);
int64_t
sender_next_ms(const struct sender *s); /* UTC; INT64_MAX: only a callback matters */
void sender_toast(struct sender *s, int64_t now_ms, const struct toast *t); /* copies */
/* Whether bulk alarms may run: fewer bulk lanes are ready than max(100, 4 x rate). */
bool sender_has_room(struct sender *s, int64_t now_ms);
void sender_stop(struct sender *s);          /* takes no more rows, drops waiting toasts */
bool sender_idle(const struct sender *s);    /* nothing in flight, nothing to settle */
bool sender_refused(const struct sender *s); /* 401: the token was revoked */
bool sender_db_ails(const struct sender *s); /* its last commit failed */
void sender_free(struct sender *s);          /* must be idle; NULL is fine */

#endif
