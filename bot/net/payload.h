/* payload: what a call carries, as curl takes it: JSON, or a form when a file goes along.
 * A part of http.c. */
#ifndef NET_PAYLOAD_H
#define NET_PAYLOAD_H

#include <curl/curl.h>

#include "bot/net/http.h"

struct payload {
    const char *data;  /* the JSON, or the file of the form; of the request */
    size_t len, given; /* bytes that curl has taken */
    curl_mime *form;   /* NULL: none */
};

/* Once for a handle; it keeps p. */
void payload_init(struct payload *p, CURL *easy);
/* Members of the JSON object become parts of the form: texts as they are, all else as its
 * JSON; the file comes last. Borrows the request's words until payload_clear(). */
void payload_set(struct payload *p, CURL *easy, const struct http_req *r);
void payload_clear(struct payload *p, CURL *easy);

#endif
