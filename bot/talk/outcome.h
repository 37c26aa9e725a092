/* outcome: Telegram's last word on a row of the outbox, brought back into a turn.
 *
 * net/sender classifies what the wire said; turn_outcomes() settles the row and runs the
 * feature's reaction in the same commit. */
#ifndef TALK_OUTCOME_H
#define TALK_OUTCOME_H

#include "bot/talk/turn.h"

enum fate {
    FATE_SENT,     /* delivered; `message` is its id (0 for methods without one) */
    FATE_LATER,    /* surely not delivered (429, no connection, 401, 404): stays queued, and
                      the chat is frozen until retry_ms. 0: not frozen */
    FATE_UNKNOWN,  /* may or may not have been delivered: decided by the row's kind */
    FATE_REFUSED,  /* Telegram refused this call for good (400) */
    FATE_BLOCKED,  /* 403, or the chat is gone: nothing more goes to this chat */
    FATE_MIGRATED, /* the chat's id is now `migrate_to` */
    FATE_EXPIRED,  /* its time ran out before it could be sent */
};

struct outcome {
    int64_t row; /* outbox id */
    enum fate fate;
    int64_t message;
    int64_t retry_ms; /* UTC */
    int64_t migrate_to;
    const char *description; /* Telegram's words, "" if none; borrowed, as are all words */
    const char *poll;        /* FATE_SENT: the id of the poll that was sent, "" if none */
    const char *status;      /* FATE_SENT: of the member that was asked about, "" if none */
};

enum err turn_outcomes(struct bot *b, struct moment m, const struct outcome *o, int n);

/* Inside a turn, for turn.c: one of them; and a row whose fate a dead process took along.
 */
struct turn;
struct outbox_row;
enum err outcome_settle(struct turn *t, const struct outcome *o);
enum err outcome_unknown(struct turn *t, const struct outbox_row *row);

#endif
