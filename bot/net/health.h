/* health: GET /healthz and GET /metrics over HTTP, for a supervisor and for Prometheus, at
 * HEALTH_ADDR. Anything else is refused. libmicrohttpd without threads, on the one loop.
 *
 * A request reads numbers and one small table; it never waits for a turn and no turn waits
 * for it. An address that is taken is a warning: the bot is more than its thermometer. */
#ifndef NET_HEALTH_H
#define NET_HEALTH_H

#include "bot/base/env.h"
#include "bot/net/well.h"
#include "db/db.h"

struct health;
struct uv_loop_s;

/* Keeps all of them. NULL, which all below take: HEALTH_ADDR is off, or cannot be had. */
struct health *health_new(struct uv_loop_s *loop, const struct config *cfg, struct db *db,
                          int64_t now_ms);
/* Once a pass: what is answered until the next. */
void health_tell(struct health *h, enum well w, int64_t answered_ms);
/* Closes every connection; the loop must still be run until its handles are gone. */
void health_free(struct health *h);

#endif
