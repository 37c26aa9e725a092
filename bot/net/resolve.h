/* resolve: the addresses of the one host that the bot talks to, the proxy if it has one.
 *
 * Asked in libuv's pool under our own deadline, so that a resolver that swallows questions
 * never holds up the loop. The last good set is kept for 24 hours and used meanwhile: an
 * outage of DNS is not an outage of the bot. Asked again when the set is 5 minutes old and
 * it is looked at, and after a connect that failed. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>

struct resolve;
struct uv_loop_s;

enum resolve_state {
    RESOLVE_KNOWN,   /* go: resolve_pairs() */
    RESOLVE_WAIT,    /* the first answer is being waited for, 5 s at most */
    RESOLVE_NOTHING, /* no address is known; another look later may find one */
};

/* The host of a URL; a literal address is never looked up. `told` runs, never inside a call
 * of this module, when a state of RESOLVE_WAIT has ended. Borrows url; keeps loop and arg.
 * NULL: not a URL with a host. */
struct resolve *resolve_new(struct uv_loop_s *loop, const char *url,
                            void (*told)(void *arg), void *arg);
/* Asks when it is time to. */
enum resolve_state resolve_look(struct resolve *r);
/* "host:port:address,address" for CURLOPT_RESOLVE, lent until the next call; NULL for a
 * literal address. *out_version grows whenever the addresses change. */
const char *resolve_pairs(const struct resolve *r, int *out_version);
void resolve_again(struct resolve *r); /* a connect failed: the set may be old */
/* `told` never runs after this. The memory goes when the loop has run the closing
 * callbacks, and a lookup that hangs may take its time for that. NULL is fine. */
void resolve_free(struct resolve *r);

#endif
