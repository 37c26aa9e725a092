#include "bot/net/resolve.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bot/base/buf.h"
#define LOG_MOD "resolve"
#include "bot/base/log.h"

enum {
    DEADLINE_MS = 5000,
    FRESH_MS = 5 * 60 * 1000,
    KEPT_MS = 24 * 60 * 60 * 1000,
    AGAIN_MS = 5000, /* how soon a failed connect may ask again */
    ADDRESSES_MAX = 16,
};

/*   nothing known ──look──▶ asking ──answer──▶ known ──5 min, failed connect──▶ asking
 *                             └─5 s─▶ late: the answer is still taken when it comes
 * At most one question is out: a resolver that hangs holds one thread of the pool. */
struct resolve {
    uv_loop_t *loop;
    uv_timer_t deadline;
    uv_getaddrinfo_t question;
    char host[256], port[8];
    bool literal, asking, late, failing, closing, timer_closed;
    struct buf pairs;  /* empty: nothing known */
    uint64_t known_ms; /* uv_now() of the last good answer */
    uint64_t asked_ms; /* of the last question */
    int version;
    void (*told)(void *arg);
    void *arg;
};

static void destroy_when_quiet(struct resolve *r)
{
    if (!r->closing || !r->timer_closed || r->asking)
        return;
    buf_free(&r->pairs);
    free(r);
}

static int add_addresses(struct buf *out, const struct addrinfo *list)
{
    int n = 0;
    for (const struct addrinfo *ai = list; ai && n < ADDRESSES_MAX; ai = ai->ai_next) {
        char text[INET6_ADDRSTRLEN];
        bool six = ai->ai_family == AF_INET6;
        if (!six && ai->ai_family != AF_INET)
            continue;
        const void *at = six ? (void *)&((struct sockaddr_in6 *)ai->ai_addr)->sin6_addr
                             : (void *)&((struct sockaddr_in *)ai->ai_addr)->sin_addr;
        if (!inet_ntop(ai->ai_family, at, text, sizeof text))
            continue;
        buf_printf(out, six ? "%s[%s]" : "%s%s", n > 0 ? "," : "", text);
        n++;
    }
    return n;
}

static void learn(struct resolve *r, const struct addrinfo *list)
{
    struct buf fresh = {0};
    buf_printf(&fresh, "%s:%s:", r->host, r->port);
    if (add_addresses(&fresh, list) == 0) {
        buf_free(&fresh);
        return;
    }
    r->known_ms = uv_now(r->loop);
    if (r->pairs.len == fresh.len && memcmp(r->pairs.data, fresh.data, fresh.len) == 0) {
        buf_free(&fresh);
        return;
    }
    buf_free(&r->pairs);
    r->pairs = fresh;
    r->version++;
}

/* One line when names stop resolving and one when they do again. */
static void note(struct resolve *r, const char *trouble)
{
    if (trouble && !r->failing)
        log_warn("host=%s err=\"%s\" last_good_kept=%d", r->host, trouble,
                 r->pairs.len > 0);
    else if (!trouble && r->failing)
        log_info("host=%s resolves again", r->host);
    r->failing = trouble != NULL;
}

static void answered(uv_getaddrinfo_t *q, int status, struct addrinfo *list)
{
    struct resolve *r = q->data;
    bool waited_for = !r->late;
    r->asking = r->late = false;
    if (r->closing) {
        uv_freeaddrinfo(list);
        destroy_when_quiet(r);
        return;
    }
    uv_timer_stop(&r->deadline);
    if (status == 0)
        learn(r, list);
    note(r, status == 0 ? NULL : uv_strerror(status));
    uv_freeaddrinfo(list);
    if (waited_for)
        r->told(r->arg);
}

static void too_late(uv_timer_t *t)
{
    struct resolve *r = t->data;
    r->late = true;
    note(r, "no answer from the resolver in 5 s");
    r->told(r->arg);
}

static void ask(struct resolve *r)
{
    static const struct addrinfo both = {.ai_family = AF_UNSPEC,
                                         .ai_socktype = SOCK_STREAM};
    if (r->asking)
        return;
    r->asked_ms = uv_now(r->loop);
    if (uv_getaddrinfo(r->loop, &r->question, answered, r->host, r->port, &both) != 0)
        return; /* a name that cannot be one; looked at again, it is asked again */
    r->asking = true;
    uv_timer_start(&r->deadline, too_late, DEADLINE_MS, 0);
}

static bool is_literal(const char *host)
{
    unsigned char four[4];
    return host[0] == '[' || inet_pton(AF_INET, host, four) == 1;
}

/* Host and port of the URL, as curl itself will read them. */
static bool find_host(struct resolve *r, const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL, *port = NULL;
    CURLUcode c = u ? curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME)
                    : CURLUE_OUT_OF_MEMORY;
    if (!c)
        c = curl_url_get(u, CURLUPART_HOST, &host, 0);
    if (!c)
        c = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    if (c == CURLUE_OUT_OF_MEMORY)
        abort();
    bool found = !c && strlen(host) < sizeof r->host && strlen(port) < sizeof r->port;
    if (found) {
        snprintf(r->host, sizeof r->host, "%s", host);
        snprintf(r->port, sizeof r->port, "%s", port);
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return found;
}

struct resolve *resolve_new(uv_loop_t *loop, const char *url, void (*told)(void *arg),
                            void *arg)
{
    struct resolve *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    if (!find_host(r, url)) {
        free(r);
        return NULL;
    }
    r->loop = loop;
    r->told = told;
    r->arg = arg;
    r->literal = is_literal(r->host);
    uv_timer_init(loop, &r->deadline);
    r->deadline.data = r->question.data = r;
    return r;
}

enum resolve_state resolve_look(struct resolve *r)
{
    if (r->literal)
        return RESOLVE_KNOWN;
    uint64_t age = uv_now(r->loop) - r->known_ms;
    if (r->pairs.len > 0 && age > KEPT_MS)
        buf_reset(&r->pairs);
    if (r->pairs.len == 0 || (age > FRESH_MS && uv_now(r->loop) - r->asked_ms > AGAIN_MS))
        ask(r);
    if (r->pairs.len > 0)
        return RESOLVE_KNOWN;
    return r->asking && !r->late ? RESOLVE_WAIT : RESOLVE_NOTHING;
}

const char *resolve_pairs(const struct resolve *r, int *out_version)
{
    *out_version = r->version;
    return r->pairs.len > 0 ? r->pairs.data : NULL;
}

void resolve_again(struct resolve *r)
{
    if (!r->literal && uv_now(r->loop) - r->asked_ms > AGAIN_MS)
        ask(r);
}

static void timer_closed(uv_handle_t *h)
{
    struct resolve *r = h->data;
    r->timer_closed = true;
    destroy_when_quiet(r);
}

void resolve_free(struct resolve *r)
{
    if (!r)
        return;
    r->closing = true;
    if (r->asking)
        uv_cancel((uv_req_t *)&r->question); /* fails when it runs: then it must end */
    uv_close((uv_handle_t *)&r->deadline, timer_closed);
}
