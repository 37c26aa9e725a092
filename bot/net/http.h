/* http: Bot API calls on one uv loop through curl's multi interface. The only file that
 * knows curl (but for payload.c and trouble.c, parts of it), and the only one that knows
 * the token; tests link tests/fake_http.c instead, which answers from a rule book.
 *
 * The request struct belongs to the caller, lives inside the caller's own object, and must
 * stay put until done runs. done runs exactly once, never inside http_post(), also on
 * timeout, on http_cancel() and when http is being freed.
 *
 * http never repeats a request: what may be sent again is decided where the row is known.
 * Its deadlines belong to curl and run on the steady clock, so it has a uv timer of its
 * own, apart from the one of net/loop.c that runs on the wall clock. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/base/buf.h"
#include "bot/base/env.h"

struct http;
struct http_req;
typedef void http_done_cb(struct http_req *r);

/* A file that goes with a call; `field` names its part of the form. */
struct http_file {
    const char *field, *name, *mime, *data;
    size_t len;
};

enum http_fate {
    HTTP_ANSWERED, /* status and body are there, whole */
    HTTP_NOT_SENT, /* surely no byte of the request left: resolve, connect, TLS */
    HTTP_UNKNOWN,  /* the request may have been read: timeout, reset, cut answer */
};

struct http_req {
    const char *method;           /* in: "sendMessage"; kept until done */
    const char *body;             /* in: JSON, an object; kept until done */
    const struct http_file *file; /* in: kept until done, as is all in it; NULL: none */
    long timeout_ms;              /* in: above 0, from http_post() on */
    http_done_cb *done;           /* in */
    void *owner;                  /* the caller's own */
    enum http_fate fate;          /* out */
    long status;                  /* out: HTTP status, 0 when there was no answer */
    struct buf answer;   /* out: emptied by http_post(); buf_free is the caller's, once */
    const char *trouble; /* out: words for the log, without the token, when not ANSWERED,
                            else ""; lent until http_free() */
    void *private;       /* http's own, NULL between calls */
};

void http_post(struct http *h, struct http_req *r);
void http_cancel(struct http_req *r); /* done runs later, UNKNOWN; idle request: nothing */

/* http.c alone has these: the world's side. Keeps cfg and loop. http_free() cancels what
 * is open (done runs inside) and closes every socket; the loop must still be run until its
 * handles are gone. */
struct uv_loop_s;
struct http *http_new(struct uv_loop_s *loop, const struct config *cfg);
void http_free(struct http *h);

#endif
