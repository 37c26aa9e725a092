#include "bot/net/trouble.h"

#include <stdio.h>
#include <string.h>

enum { UNAUTHORIZED = 401, PROXY_WANTS_USER = 407 };

/* Verdicts of OpenSSL about a certificate, which curl passes on as numbers. */
static const struct {
    long code;
    const char *words;
} flaws[] = {
    /* The chain is good, or was not asked about after that: what else curl checks, and
     * checks first, is the name. */
    {0, "is for another host"},
    {1, "is for another host"},
    {9, "is not valid yet: is the clock right?"},
    {10, "has expired, or the clock is wrong"},
    {18, "is signed by itself"},
    {19, "is signed by an authority that is not known"},
    {20, "is signed by an authority that is not known"},
    {21, "is signed by an authority that is not known"},
    {62, "is for another host"},
    {64, "is for another host"},
};

static bool request_begun(CURL *easy)
{
    curl_off_t begun = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &begun);
    return begun > 0;
}

/* The proxy's own answer, to CONNECT or to a request that it would not pass on; some say
 * 401 where they mean 407. */
static long proxy_answer(const struct trouble *t, CURL *easy, CURLcode rc)
{
    long connect = 0, status = 0;
    if (!t->cfg->proxy_url[0])
        return 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (rc == CURLE_OK)
        return status == PROXY_WANTS_USER ? status : 0;
    return connect >= 300 ? connect : 0;
}

enum http_fate trouble_fate(const struct trouble *t, CURL *easy, CURLcode rc)
{
    if (proxy_answer(t, easy, rc))
        return HTTP_NOT_SENT;
    switch (rc) {
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return HTTP_NOT_SENT;
    case CURLE_OPERATION_TIMEDOUT:
        return request_begun(easy) ? HTTP_UNKNOWN : HTTP_NOT_SENT;
    default: /* a proxy may hang up before there is anything to hang up on */
        return t->cfg->proxy_url[0] && !request_begun(easy) ? HTTP_NOT_SENT : HTTP_UNKNOWN;
    }
}

static const char *distrust(struct trouble *t, CURL *easy, CURLcode rc)
{
    const char *flaw = "does not hold";
    long code = -1;
    if (rc == CURLE_SSL_CACERT_BADFILE) {
        snprintf(
            t->distrust, sizeof t->distrust, "the authorities to trust cannot be read: %s",
            t->cfg->ca_file[0] ? t->cfg->ca_file : "the system's (CA_FILE is not set)");
        return t->distrust;
    }
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &code);
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++)
        if (flaws[i].code == code)
            flaw = flaws[i].words;
    snprintf(t->distrust, sizeof t->distrust,
             "the server's certificate %s; trusted are the authorities of %s", flaw,
             t->cfg->ca_file[0] ? t->cfg->ca_file : "the system (CA_FILE is not set)");
    return t->distrust;
}

static const char *proxy_words(CURL *easy, CURLcode rc, long answer)
{
    long why = CURLPX_OK;
    curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &why);
    if (answer == UNAUTHORIZED || answer == PROXY_WANTS_USER || why == CURLPX_NO_AUTH ||
        why == CURLPX_USER_REJECTED)
        return "the proxy does not accept the user and password of PROXY_URL";
    if (answer || rc == CURLE_PROXY)
        return "the proxy of PROXY_URL does not connect to the host of API_URL";
    if (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_PROXY)
        return "the proxy of PROXY_URL cannot be reached";
    if (rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING)
        return "the connection through the proxy of PROXY_URL broke off";
    return NULL;
}

const char *trouble_words(struct trouble *t, CURL *easy, CURLcode rc)
{
    long answer = proxy_answer(t, easy, rc);
    const char *words = NULL;
    if (rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE)
        return distrust(t, easy, rc);
    if (t->cfg->proxy_url[0])
        words = proxy_words(easy, rc, answer);
    if (words)
        return words;
    return rc == CURLE_OK ? "" : curl_easy_strerror(rc);
}

bool trouble_connecting(CURL *easy, CURLcode rc)
{
    return rc == CURLE_COULDNT_CONNECT ||
           (rc == CURLE_OPERATION_TIMEDOUT && !request_begun(easy));
}
