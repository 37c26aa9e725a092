/* verdict: what the wire's answer to a row of the outbox means. Pure, but for the count.
 *
 * The line that matters runs between "surely not delivered", which may be sent again, and
 * "perhaps delivered", which only the row's kind can decide. Matching is on the code
 * first, then on words: the wording changes between versions of the server. */
#ifndef NET_VERDICT_H
#define NET_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/net/http.h"
#include "bot/talk/outcome.h"
#include "db/outbox.h"

struct verdict {
    struct outcome outcome; /* description is lent by the arena */
    bool token_refused;     /* 401, or 404 for the whole path: nothing more can be sent */
    bool flood;             /* 429 */
    int64_t retry_after_s;  /* of the flood, at least 1 */
    bool host_ails;         /* no connection, a lost answer, 5xx: not this chat's fault */
};

/* row: its id; message: of the post that was edited, 0 for a new one. The request must be
 * done. Borrows it. */
struct verdict verdict_of(const struct http_req *r, int64_t row, int64_t message,
                          int64_t now_ms, struct arena *a);

/* For /metrics. due_ms 0: not known. */
void verdict_count(const struct verdict *v, enum outbox_kind kind, int64_t due_ms,
                   int64_t now_ms);

#endif
