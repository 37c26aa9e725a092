/* notify: tells systemd how the daemon is (sd_notify's protocol: lines in a datagram).
 *
 * Nothing is ever waited for, and nothing fails: what systemd does not take now it does
 * not learn. Times are of the steady clock. */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/net/well.h"

struct notify;

/* `socket`, `usec`, `pid`: NOTIFY_SOCKET (a path, or @name), WATCHDOG_USEC, WATCHDOG_PID as
 * the environment has them, or NULL. Gives NULL, which all below take, when there is
 * nobody to tell. */
struct notify *notify_new(const char *socket, const char *usec, const char *pid);
/* Once a pass of the loop. READY=1 once it has `booted`, STATUS= with each change,
 * STOPPING=1 at the end, WATCHDOG=1 four times in the time that systemd allows, while
 * `alive`. */
void notify_beat(struct notify *n, enum well w, bool booted, bool alive, int64_t steady_ms);
/* When notify_beat() wants to be called next, for the watchdog's sake; INT64_MAX: never. */
int64_t notify_next_ms(const struct notify *n);
void notify_free(struct notify *n);

#endif
