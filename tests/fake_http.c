#include "tests/fake_http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT_MAX = 256 };

enum stage { FREE, POSTED, HELD, ANSWERED };

struct flight {
    struct http_req *req;
    enum stage stage;
    bool cancelled;
    int64_t due_ms;    /* when done runs, or a held poll gives up */
    int64_t client_ms; /* when the caller's own patience ends */
    enum http_fate fate;
    struct rules_answer answer;
};

struct http {
    struct rules *rules;
    struct flight flight[IN_FLIGHT_MAX];
    struct fake_watch watch;
    bool down, dead;
    int64_t patience_ms;
};

struct http *fake_http_new(struct rules *rules)
{
    struct http *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->rules = rules;
    return h;
}

void fake_http_free(struct http *h)
{
    if (!h)
        return;
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        assert(h->flight[i].stage == FREE);
        buf_free(&h->flight[i].answer.body);
    }
    free(h);
}

void fake_http_watch(struct http *h, const struct fake_watch *w)
{
    h->watch = *w;
}

void fake_http_network(struct http *h, bool up)
{
    h->down = !up;
}

void fake_http_patience(struct http *h, int64_t ms)
{
    h->patience_ms = ms;
}

void fake_http_die(struct http *h)
{
    h->dead = true;
}

void http_post(struct http *h, struct http_req *r)
{
    struct flight *f = h->flight;
    while (f->stage != FREE) {
        f++;
        assert(f < h->flight + IN_FLIGHT_MAX);
    }
    assert(!r->private && r->done && r->method && r->body);
    r->private = f;
    buf_reset(&r->answer);
    f->req = r;
    f->stage = POSTED;
    f->cancelled = false;
}

void http_cancel(struct http_req *r)
{
    struct flight *f = r->private;
    if (f)
        f->cancelled = true;
}

static void done(struct flight *f)
{
    struct http_req *r = f->req;
    r->fate = f->fate;
    r->status = f->fate == HTTP_ANSWERED ? f->answer.status : 0;
    r->trouble = f->fate == HTTP_NOT_SENT  ? "no connection"
                 : f->fate == HTTP_UNKNOWN ? "connection lost"
                                           : "";
    if (f->fate == HTTP_ANSWERED)
        buf_add(&r->answer, f->answer.body.data, f->answer.body.len);
    f->stage = FREE;
    r->private = NULL;
    r->done(r);
}

static void answer_at(struct flight *f, enum http_fate fate, int64_t due_ms)
{
    f->stage = ANSWERED;
    f->fate = fate;
    f->due_ms = due_ms;
    if (due_ms > f->client_ms) {
        f->fate = HTTP_UNKNOWN;
        f->due_ms = f->client_ms;
    }
}

/* What the rule book said becomes what the caller will hear. */
static void weigh(struct http *h, struct flight *f, int64_t now_ms)
{
    const struct rules_answer *a = &f->answer;
    if (a->wait_ms) {
        int64_t wait = a->wait_ms > h->patience_ms ? a->wait_ms : h->patience_ms;
        f->client_ms += wait - a->wait_ms;
        f->due_ms = now_ms + wait;
        f->stage = HELD;
        return;
    }
    answer_at(f,
              a->refused                          ? HTTP_NOT_SENT
              : a->lost || a->reset || a->trickle ? HTTP_UNKNOWN
                                                  : HTTP_ANSWERED,
              now_ms + a->delay_ms);
}

/* Two clients that poll at once: the older one is told so. */
static void poll_alone(struct http *h, const struct flight *fresh, int64_t now_ms)
{
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        struct flight *f = &h->flight[i];
        if (f != fresh && f->stage == HELD && !f->cancelled) {
            rules_conflict(h->rules, now_ms, &f->answer);
            answer_at(f, HTTP_ANSWERED, now_ms);
        }
    }
}

static void execute(struct http *h, struct flight *f, int64_t now_ms)
{
    const struct http_req *r = f->req;
    f->client_ms = now_ms + r->timeout_ms;
    enum fake_fate fate = FAKE_REFUSE; /* of what cannot leave nobody is told */
    if (!h->down)
        fate = h->watch.before ? h->watch.before(h->watch.arg, r->method) : FAKE_GO;
    if (h->dead) {
        answer_at(f, HTTP_UNKNOWN, now_ms);
    } else if (fate == FAKE_REFUSE) {
        answer_at(f, HTTP_NOT_SENT, now_ms);
    } else {
        if (!strcmp(r->method, "getUpdates"))
            poll_alone(h, f, now_ms);
        struct rules_request q = {
            .method = r->method, .json = r->body, .len = strlen(r->body)};
        struct rules_file file;
        if (r->file) {
            file = (struct rules_file){.field = r->file->field,
                                       .name = r->file->name,
                                       .mime = r->file->mime,
                                       .data = r->file->data,
                                       .len = r->file->len};
            q.file = &file;
            q.files = 1;
        }
        rules_call(h->rules, now_ms, &q, &f->answer);
        if (h->watch.after)
            h->watch.after(h->watch.arg, r->method);
        if (fate == FAKE_SWALLOW || h->dead) {
            rules_unheard(h->rules, now_ms);
            answer_at(f, HTTP_UNKNOWN, now_ms);
        } else {
            weigh(h, f, now_ms);
        }
    }
}

static void hold_on(struct http *h, struct flight *f, int64_t now_ms)
{
    if (h->dead || h->down)
        answer_at(f, HTTP_UNKNOWN, now_ms);
    else if (rules_waiting(h->rules)) {
        rules_poll(h->rules, now_ms, f->req->body, strlen(f->req->body), &f->answer);
        if (!f->answer.wait_ms)
            weigh(h, f, now_ms);
    }
    if (f->stage == HELD && now_ms >= f->due_ms) {
        rules_poll_over(h->rules, now_ms, &f->answer);
        answer_at(f, HTTP_ANSWERED, now_ms);
    }
}

bool fake_http_run(struct http *h, int64_t now_ms)
{
    bool any = false;
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        struct flight *f = &h->flight[i];
        if (f->stage == FREE)
            continue;
        if (f->cancelled)
            answer_at(f, HTTP_UNKNOWN, now_ms);
        if (f->stage == POSTED)
            execute(h, f, now_ms);
        if (f->stage == HELD)
            hold_on(h, f, now_ms);
        if (f->stage == ANSWERED && (f->due_ms <= now_ms || h->dead)) {
            any = true;
            if (f->fate == HTTP_ANSWERED && !h->dead) /* heard: by the virtual clock */
                rules_ledger_time(h->rules, f->answer.row, 0, now_ms * 1000);
            done(f);
        }
    }
    return any;
}

int64_t fake_http_next_ms(const struct http *h)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < IN_FLIGHT_MAX; i++) {
        const struct flight *f = &h->flight[i];
        if (f->stage == FREE)
            continue;
        bool now = f->stage == POSTED || f->cancelled || h->dead ||
                   (f->stage == HELD && (h->down || rules_waiting(h->rules)));
        int64_t at = now ? INT64_MIN : f->due_ms;
        next = at < next ? at : next;
    }
    return next;
}
