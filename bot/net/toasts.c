#include "bot/net/toasts.h"

#include <assert.h>
#include <stdlib.h>

#include "bot/telegram/method.h"

/* WAITING_MAX: three full answers of getUpdates; past it new ones are dropped. */
enum { SLOTS = 4, WAITING_MAX = 3 * UPDATES_MAX, LIFE_MS = 10 * 1000 };

struct waiting {
    struct buf body;
    int64_t since_ms;
};

struct slot {
    struct http_req req;
    struct buf body;
    bool flies;
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

static void toast_done(struct http_req *r)
{
    struct slot *s = r->owner;
    s->flies = false;
    buf_free(&s->body);
}

static void fly(struct toasts *t, struct slot *s, struct buf body)
{
    s->flies = true;
    s->body = body;
    s->req.method = "answerCallbackQuery";
    s->req.body = body.data;
    s->req.timeout_ms = LIFE_MS;
    s->req.done = toast_done;
    s->req.owner = s;
    http_post(t->http, &s->req);
}

void toasts_run(struct toasts *t, int64_t now_ms)
{
    for (int i = 0; i < SLOTS && t->n > 0; i++) {
        while (t->n > 0 && !t->slots[i].flies) {
            struct waiting w = t->ring[t->first];
            t->first = (t->first + 1) % WAITING_MAX;
            t->n--;
            if (now_ms - w.since_ms < LIFE_MS)
                fly(t, &t->slots[i], w.body);
            else
                buf_free(&w.body);
        }
    }
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
        if (t->slots[i].flies)
            return false;
    return true;
}

void toasts_free(struct toasts *t)
{
    if (!t)
        return;
    assert(toasts_idle(t));
    toasts_stop(t);
    for (int i = 0; i < SLOTS; i++)
        buf_free(&t->slots[i].req.answer);
    free(t);
}
