#include "bot/net/toasts.h"

#include <assert.h>
#include <stdlib.h>

#include "bot/base/count.h"
#include "bot/telegram/method.h"

/* WAITING_MAX: three full answers of getUpdates; past it new ones are dropped. */
enum { SLOTS = 4, WAITING_MAX = 3 * UPDATES_MAX, LIFE_MS = 10 * 1000, AGAIN_MS = 1000 };
enum { HTTP_OK = 200, HTTP_FLOOD = 429, HTTP_BROKEN = 500 };

struct waiting {
    struct buf body;
    int64_t since_ms;
};

struct slot {
    struct http_req req;
    struct buf body;
    int64_t since_ms, tried_ms;
    enum { IDLE, FLIES, NOT_SENT } state; /* surely not sent: tried again while it lives */
};

struct toasts {
    struct http *http;
    struct slot slots[SLOTS];
    struct waiting ring[WAITING_MAX];
    int first, n;
    bool stopped;
};

struct toasts *toasts_new(struct http *h)
{
    struct toasts *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->http = h;
    return t;
}

static void count(const struct http_req *r)
{
    enum send_end end = r->fate == HTTP_NOT_SENT   ? SEND_LATER
                        : r->fate == HTTP_UNKNOWN  ? SEND_UNKNOWN
                        : r->status == HTTP_OK     ? SEND_DONE
                        : r->status == HTTP_FLOOD  ? SEND_FLOOD
                        : r->status >= HTTP_BROKEN ? SEND_UNKNOWN
                                                   : SEND_REFUSED;
    counts.sends[COUNT_TOAST][end]++;
}

static void toast_done(struct http_req *r)
{
    struct slot *s = r->owner;
    count(r);
    s->state = r->fate == HTTP_NOT_SENT ? NOT_SENT : IDLE;
    if (s->state == IDLE)
        buf_free(&s->body);
}

static void fly(struct toasts *t, struct slot *s, int64_t now_ms)
{
    s->state = FLIES;
    s->tried_ms = now_ms;
    s->req.method = "answerCallbackQuery";
    s->req.body = s->body.data;
    s->req.timeout_ms = LIFE_MS;
    s->req.done = toast_done;
    s->req.owner = s;
    http_post(t->http, &s->req);
}

static bool lives(int64_t since_ms, int64_t now_ms)
{
    return now_ms - since_ms < LIFE_MS;
}

static void retry(struct toasts *t, struct slot *s, int64_t now_ms)
{
    if (t->stopped || !lives(s->since_ms, now_ms)) {
        buf_free(&s->body);
        s->state = IDLE;
    } else if (now_ms < s->tried_ms || now_ms - s->tried_ms >= AGAIN_MS) {
        fly(t, s, now_ms);
    }
}

void toasts_run(struct toasts *t, int64_t now_ms)
{
    for (struct slot *s = t->slots; s < t->slots + SLOTS; s++) {
        if (s->state == NOT_SENT)
            retry(t, s, now_ms);
        while (t->n > 0 && s->state == IDLE) {
            struct waiting w = t->ring[t->first];
            t->first = (t->first + 1) % WAITING_MAX;
            t->n--;
            s->body = w.body;
            s->since_ms = w.since_ms;
            if (lives(w.since_ms, now_ms))
                fly(t, s, now_ms);
            else
                buf_free(&s->body);
        }
    }
}

int64_t toasts_next_ms(const struct toasts *t)
{
    int64_t next = INT64_MAX;
    for (const struct slot *s = t->slots; s < t->slots + SLOTS; s++)
        if (s->state == NOT_SENT && s->tried_ms + AGAIN_MS < next)
            next = s->tried_ms + AGAIN_MS;
    return next;
}

void toasts_add(struct toasts *t, int64_t now_ms, const struct toast *toast)
{
    if (t->stopped || t->n == WAITING_MAX)
        return;
    struct waiting *w = &t->ring[(t->first + t->n) % WAITING_MAX];
    *w = (struct waiting){.since_ms = now_ms};
    method_answer_query(&w->body, toast->query, toast->text, toast->alert);
    t->n++;
    toasts_run(t, now_ms);
}

void toasts_stop(struct toasts *t)
{
    t->stopped = true;
    for (; t->n > 0; t->n--) {
        buf_free(&t->ring[t->first].body);
        t->first = (t->first + 1) % WAITING_MAX;
    }
}

bool toasts_idle(const struct toasts *t)
{
    for (int i = 0; i < SLOTS; i++)
        if (t->slots[i].state == FLIES)
            return false;
    return true;
}

void toasts_free(struct toasts *t)
{
    if (!t)
        return;
    assert(toasts_idle(t));
    toasts_stop(t);
    for (struct slot *s = t->slots; s < t->slots + SLOTS; s++) {
        buf_free(&s->body);
        buf_free(&s->req.answer);
    }
    free(t);
}
