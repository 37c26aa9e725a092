#include "bot/net/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bot/base/log.h"
#include "bot/base/proxy.h"
#include "bot/net/payload.h"
#include "bot/net/resolve.h"
#include "bot/net/sockets.h"
#include "bot/net/trouble.h"

#define LOG_MOD "http"

enum {
    UPDATES_BYTES = 64 << 20, /* 100 updates of escaped text are several megabytes */
    ANSWER_BYTES = 1 << 20,
    CONNECT_MS = 10000,
    IDLE_MAX_S = 110,      /* of a connection that is used again */
    SPARE_CONNECTIONS = 6, /* beside IN_FLIGHT: the poll, getMe, four toasts */
};

/* An easy handle and the request it works for; kept for the next request.
 *   IDLE ──http_post──▶ WAITS (for an address) ──▶ RUNS (curl has it) ──▶ IDLE, done
 *                         └── no address, cancel ──▶ ENDED ──next iteration──▶ IDLE, done
 */
struct call {
    struct call *next, *next_idle;
    struct http *http;
    CURL *easy;
    struct http_req *req;
    enum { CALL_IDLE, CALL_WAITS, CALL_RUNS, CALL_ENDED } state;
    struct payload payload;
    int pairs_version; /* of the addresses that the handle was given */
    struct curl_slist *pairs;
};

struct http {
    CURLM *multi;
    uv_timer_t timer; /* curl's: its deadlines run on the clock that never jumps */
    uv_idle_t later;  /* runs while a done is owed that curl will not bring */
    struct resolve *resolve;
    struct call *calls, *idle; /* all of them; those without a request */
    struct sockets *sockets;
    struct curl_slist *headers, *form_headers;
    const struct config *cfg;
    char prefix[700]; /* "https://host/bot<token>/" */
    struct trouble trouble;
    uint64_t timed_out_ms; /* uv_now() when a request last got no answer in its time */
    bool closing;
    int open_handles;
};

static void finish(struct call *c, enum http_fate fate, const char *trouble)
{
    struct http_req *r = c->req;
    payload_clear(&c->payload, c->easy);
    r->fate = fate;
    r->trouble = trouble;
    r->private = NULL;
    c->req = NULL;
    c->state = CALL_IDLE;
    c->next_idle = c->http->idle;
    c->http->idle = c;
    r->done(r); /* last: it may post again */
}

static void finish_ended(uv_idle_t *later)
{
    struct http *h = later->data;
    uv_idle_stop(later);
    for (struct call *c = h->calls; c; c = c->next)
        if (c->state == CALL_ENDED)
            finish(c, c->req->fate, c->req->trouble);
}

static void end_later(struct call *c, enum http_fate fate, const char *trouble)
{
    c->state = CALL_ENDED;
    c->req->fate = fate;
    c->req->trouble = trouble;
    uv_idle_start(&c->http->later, finish_ended);
}

static const char *words_of(const struct call *c, CURLcode rc)
{
    if (rc == CURLE_WRITE_ERROR && c->req->answer.over)
        return "the answer is over its ceiling";
    return trouble_words(&c->http->trouble, c->easy, rc);
}

static void call_over(struct call *c, CURLcode rc)
{
    long status = 0;
    const char *words = words_of(c, rc);
    enum http_fate fate = trouble_fate(&c->http->trouble, c->easy, rc);
    bool connecting = trouble_connecting(c->easy, rc);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(c->http->multi, c->easy);
    c->req->status = rc == CURLE_OK ? status : 0;
    if (rc == CURLE_OPERATION_TIMEDOUT)
        c->http->timed_out_ms = uv_now(c->http->timer.loop);
    if (connecting)
        resolve_again(c->http->resolve);
    finish(c, fate, words);
}

static void harvest(struct http *h)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left));) {
        struct call *c = NULL;
        CURLcode rc = m->data.result; /* m is gone once the handle is removed */
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
        call_over(c, rc);
    }
}

static size_t take_answer(char *data, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    buf_add(&c->req->answer, data, size * n);
    return c->req->answer.over ? 0 : size * n;
}

static void socket_ready(void *arg, int fd, int events)
{
    struct http *h = arg;
    int running, flags = events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    if (events < 0)
        flags = CURL_CSELECT_ERR;
    curl_multi_socket_action(h->multi, fd, flags, &running);
    harvest(h);
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
    (void)easy, (void)sockp;
    struct http *h = arg;
    static const int events[] = {[CURL_POLL_IN] = UV_READABLE,
                                 [CURL_POLL_OUT] = UV_WRITABLE,
                                 [CURL_POLL_INOUT] = UV_READABLE | UV_WRITABLE,
                                 [CURL_POLL_REMOVE] = 0};
    sockets_watch(h->sockets, fd, events[what]);
    return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
    (void)purpose;
    struct http *h = arg;
    return sockets_open(h->sockets, at->family, at->socktype, at->protocol);
}

static int close_socket(void *arg, curl_socket_t fd)
{
    return sockets_close(((struct http *)arg)->sockets, fd);
}

static void time_is_up(uv_timer_t *timer)
{
    struct http *h = timer->data;
    int running;
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    harvest(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct http *h = arg;
    return ms < 0 ? uv_timer_stop(&h->timer)
                  : uv_timer_start(&h->timer, time_is_up, (uint64_t)ms, 0);
}

static struct call *call_new(struct http *h)
{
    struct call *c = calloc(1, sizeof *c);
    CURL *e = curl_easy_init();
    if (!c || !e)
        abort();
    const char *schemes = strncmp(h->cfg->api_url, "https:", 6) == 0 ? "https" : "http";
    *c = (struct call){.next = h->calls, .http = h, .easy = e};
    h->calls = c;
    payload_init(&c->payload, e);
    curl_easy_setopt(e, CURLOPT_PRIVATE, c);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "sobes");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, h->cfg->proxy_url); /* none of the environment */
    curl_easy_setopt(e, CURLOPT_NOPROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 15L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 5L);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, h);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, h);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
    /* One bundle and no folder: only then curl parses the authorities once for all. */
    curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
    if (h->cfg->ca_file[0])
        curl_easy_setopt(e, CURLOPT_CAINFO, h->cfg->ca_file);
    return c;
}

static void call_start(struct call *c)
{
    const struct http_req *r = c->req;
    char url[800];
    int version;
    const char *pairs = resolve_pairs(c->http->resolve, &version);
    if (pairs && version != c->pairs_version) {
        curl_slist_free_all(c->pairs);
        c->pairs = curl_slist_append(NULL, pairs);
        c->pairs_version = version;
        curl_easy_setopt(c->easy, CURLOPT_RESOLVE, c->pairs);
    }
    int n = snprintf(url, sizeof url, "%s%s", c->http->prefix, r->method);
    assert(n > 0 && (size_t)n < sizeof url);
    /* A call that hung may have hung on a network that is gone: connections that have been
     * idle since before it are not trusted with the next one. */
    uint64_t since_s = (uv_now(c->http->timer.loop) - c->http->timed_out_ms) / 1000;
    long max_idle_s = since_s < 1 ? 1 : since_s < IDLE_MAX_S ? (long)since_s : IDLE_MAX_S;
    curl_easy_setopt(c->easy, CURLOPT_MAXAGE_CONN, max_idle_s);
    payload_set(&c->payload, c->easy, r);
    curl_easy_setopt(c->easy, CURLOPT_URL, url);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER,
                     r->file ? c->http->form_headers : c->http->headers);
    curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, r->timeout_ms);
    c->state = CALL_RUNS;
    if (curl_multi_add_handle(c->http->multi, c->easy) != CURLM_OK)
        end_later(c, HTTP_NOT_SENT, "curl refuses the call");
}

static void call_go(struct call *c, enum resolve_state addresses)
{
    switch (addresses) {
    case RESOLVE_KNOWN:
        call_start(c);
        break;
    case RESOLVE_WAIT:
        c->state = CALL_WAITS;
        break;
    case RESOLVE_NOTHING:
        end_later(c, HTTP_NOT_SENT,
                  "the name of the host, or of the proxy, does not resolve");
        break;
    }
}

static void addresses_told(void *arg)
{
    struct http *h = arg;
    int version;
    bool known = resolve_pairs(h->resolve, &version);
    for (struct call *c = h->calls; c; c = c->next)
        if (c->state == CALL_WAITS)
            call_go(c, known ? RESOLVE_KNOWN : RESOLVE_NOTHING);
}

void http_post(struct http *h, struct http_req *r)
{
    assert(!h->closing && !r->private && r->timeout_ms > 0);
    struct call *c = h->idle ? h->idle : call_new(h);
    h->idle = c->next_idle;
    buf_reset(&r->answer);
    r->answer.max = strcmp(r->method, "getUpdates") == 0 ? UPDATES_BYTES : ANSWER_BYTES;
    r->status = 0;
    r->trouble = "";
    r->private = c;
    c->req = r;
    call_go(c, resolve_look(h->resolve));
}

void http_cancel(struct http_req *r)
{
    struct call *c = r->private;
    if (!c || c->state == CALL_ENDED)
        return;
    if (c->state == CALL_RUNS)
        curl_multi_remove_handle(c->http->multi, c->easy);
    end_later(c, HTTP_UNKNOWN, "cancelled");
}

static void tell_proxy(const char *url)
{
    char shown[PROXY_SHOWN];
    proxy_show(url, shown);
    if (*url)
        log_info("proxy=%s user=%s", shown, proxy_has_user(url) ? "yes" : "no");
}

struct http *http_new(struct uv_loop_s *loop, const struct config *cfg)
{
    struct http *h = calloc(1, sizeof *h);
    if (!h || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(h->multi = curl_multi_init()))
        abort();
    h->cfg = cfg;
    snprintf(h->prefix, sizeof h->prefix, "%s/bot%s/", cfg->api_url, cfg->token);
    h->trouble.cfg = cfg;
    h->headers = curl_slist_append(NULL, "Content-Type: application/json");
    h->headers = curl_slist_append(h->headers, "Expect:");
    h->form_headers = curl_slist_append(NULL, "Expect:"); /* curl names the boundary */
    h->timed_out_ms = uv_now(loop);
    uv_timer_init(loop, &h->timer);
    uv_idle_init(loop, &h->later);
    h->timer.data = h->later.data = h;
    h->open_handles = 2;
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
                      (long)cfg->in_flight + SPARE_CONNECTIONS);
    h->sockets = sockets_new(loop, socket_ready, h);
    const char *proxy = cfg->proxy_url; /* with one no other name is looked up */
    h->resolve = resolve_new(loop, *proxy ? proxy : cfg->api_url, addresses_told, h);
    if (!h->resolve)
        die(78, "%s names no host", *proxy ? "PROXY_URL" : "API_URL");
    tell_proxy(proxy);
    resolve_look(h->resolve); /* the first answer is under way before the first call */
    return h;
}

static void handle_closed(uv_handle_t *handle)
{
    struct http *h = handle->data;
    if (--h->open_handles == 0)
        free(h);
}

void http_free(struct http *h)
{
    if (!h)
        return;
    h->closing = true;
    for (struct call *c = h->calls; c; c = c->next) {
        curl_multi_remove_handle(h->multi, c->easy);
        if (c->state == CALL_ENDED)
            finish(c, c->req->fate, c->req->trouble);
        else if (c->state != CALL_IDLE)
            finish(c, HTTP_UNKNOWN, "the program ends");
    }
    while (h->calls) {
        struct call *c = h->calls;
        h->calls = c->next;
        curl_easy_cleanup(c->easy);
        curl_slist_free_all(c->pairs);
        free(c);
    }
    curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->headers);
    curl_slist_free_all(h->form_headers);
    sockets_free(h->sockets);
    resolve_free(h->resolve);
    uv_close((uv_handle_t *)&h->timer, handle_closed);
    uv_close((uv_handle_t *)&h->later, handle_closed);
    curl_global_cleanup();
}
