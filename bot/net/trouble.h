/* trouble: how a call ended, from what curl knows of it. A part of http.c. */
#ifndef NET_TROUBLE_H
#define NET_TROUBLE_H

#include <curl/curl.h>

#include "bot/net/http.h"

struct trouble {
    const struct config *cfg;
    char distrust[1300]; /* words for the last certificate that was not trusted */
};

enum http_fate trouble_fate(const struct trouble *t, CURL *easy, CURLcode rc);
/* Words for the log, without token and password, "" after CURLE_OK with an answer of the
 * server; lent as long as t lives. */
const char *trouble_words(struct trouble *t, CURL *easy, CURLcode rc);
/* The other end, proxy or server, was not reached. */
bool trouble_connecting(CURL *easy, CURLcode rc);

#endif
