#include "bot/net/poll.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/count.h"
#include "bot/base/log.h"
#include "bot/net/backoff.h"
#include "bot/telegram/method.h"
#include "db/inbox.h"

#define LOG_MOD "poll"

enum {
    TROUBLE_FIRST_MS = 1000,
    TROUBLE_MAX_MS = 15 * 1000,
    RIVAL_FIRST_MS = 5000, /* 409: somebody else polls with our token */
    RIVAL_MAX_MS = 30 * 1000,
    DB_FIRST_MS = 1000,
    DB_MAX_MS = 10 * 1000,
    SLACK_MS = 10 * 1000, /* beside the time that the server may hold the call */
    SHORT_MS = 10 * 1000, /* getMe, deleteWebhook */
    CONFIRM_MS = 3000,
    HASTY_MS = 500, /* an empty answer sooner than that did not wait */
    HASTY_MAX = 3,
    UNREADABLE_MAX = 3,
    BUFFER_KEPT = 1 << 20,
    HANGS_MS = 90 * 1000, /* longer than any timeout of ours */
};

/* Callbacks hold no logic: call_done() only marks the call. */
struct call {
    enum { CALL_IDLE, CALL_FLIES, CALL_ANSWERED } state;
    struct http_req req;
    struct buf body;
    struct backoff rest; /* before the next one */
    int64_t since_ms;
};

/*  start ─┬─ getMe ─────────────────────────────────▶ the name is known
 *         └─ getUpdates ─▶ a batch ─ once it is ─▶ turn ─▶ getUpdates with the next offset
 *                              409, a webhook ─▶ deleteWebhook, once ─▶ getUpdates */
struct poll {
    struct http *http;
    struct bot *bot;
    struct sender *sender;
    int timeout_s;
    struct call me, updates; /* updates: deleteWebhook and the confirmation too */
    bool me_known;
    char username[64];
    bool offset_known;
    int64_t offset, asked; /* the next to ask with; the last that was asked with */
    struct update batch[UPDATES_MAX];
    int batch_n, batch_done;
    struct arena arena; /* of the batch; of the answers without one */
    bool ails, rival;   /* said once in the log */
    bool webhook_here, webhook_deleted;
    int hasty, unreadable, singly; /* answers in a row; asks left that want one update */
    struct backoff db;
    bool stopping, confirmed;
    int64_t heard_ms, answered_ms; /* when a call ended; ended with a good answer */
};

struct poll *poll_new(struct http *h, struct bot *b, struct sender *s,
                      const struct config *cfg)
{
    struct poll *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->http = h;
    p->bot = b;
    p->sender = s;
    p->timeout_s = (int)cfg->poll_timeout;
    if (!b->username)
        b->username = "";
    return p;
}

static void call_done(struct http_req *r)
{
    struct call *c = r->owner;
    c->state = CALL_ANSWERED;
}

/* The body is in c->body. */
static void call_fly(struct poll *p, struct call *c, const char *method, long timeout_ms,
                     int64_t now_ms)
{
    c->state = CALL_FLIES;
    c->since_ms = now_ms;
    c->req.method = method;
    c->req.body = c->body.data;
    c->req.timeout_ms = timeout_ms;
    c->req.done = call_done;
    c->req.owner = c;
    http_post(p->http, &c->req);
}

/* ---- trouble ---- */

static void works(struct poll *p, struct call *c)
{
    if (p->ails || p->rival)
        log_info("telegram answers again");
    p->ails = p->rival = p->bot->deaf = false;
    backoff_clear(&c->rest);
}

static void trouble(struct poll *p, struct call *c, const char *words, struct moment m)
{
    if (!p->ails)
        log_warn("method=%s status=%ld err=\"%s\"", c->req.method, c->req.status, words);
    p->ails = p->bot->deaf = true;
    backoff_failed(&c->rest, m, TROUBLE_FIRST_MS, TROUBLE_MAX_MS);
}

static void conflict(struct poll *p, struct call *c, const struct reply *r, struct moment m)
{
    if (strstr(r->description, "webhook is active") && !p->webhook_deleted) {
        log_warn("a webhook is set for this token: deleting it, nothing gets lost");
        p->webhook_here = true;
        return;
    }
    if (!p->rival)
        log_error("another program polls with this token: %s", r->description);
    p->rival = true;
    backoff_failed(&c->rest, m, RIVAL_FIRST_MS, RIVAL_MAX_MS);
}

/* An answer that is not the good one. */
static enum poll_verdict hear_no(struct poll *p, struct call *c, const struct reply *r,
                                 struct moment m)
{
    if (c->req.fate != HTTP_ANSWERED) {
        trouble(p, c, c->req.trouble, m);
    } else if (!r->readable) {
        trouble(p, c, "not an answer of the Bot API", m);
    } else if (r->code == 401 || r->code == 404) {
        return POLL_TOKEN_REFUSED;
    } else if (r->code == 429 && r->retry_after_s > 0) {
        log_warn("too fast method=%s retry_after_s=%lld", c->req.method,
                 (long long)r->retry_after_s);
        backoff_wait(&c->rest, m.now_ms, r->retry_after_s * 1000);
        counts.polls_flooded++;
    } else if (r->code == 409) {
        conflict(p, c, r, m);
    } else {
        trouble(p, c, r->description, m);
    }
    return POLL_GOES_ON;
}

/* ---- what came back ---- */

static struct reply reply_of(const struct call *c, struct arena *a)
{
    struct reply r = {.description = "", .username = ""};
    if (c->req.fate == HTTP_ANSWERED)
        reply_parse(c->req.answer.data, c->req.answer.len, a, &r);
    return r;
}

static enum poll_verdict hear_me(struct poll *p, struct moment m)
{
    struct call *c = &p->me;
    struct arena a = {0};
    struct reply r = reply_of(c, &a);
    enum poll_verdict v = POLL_GOES_ON;
    if (r.ok && *r.username) {
        works(p, c);
        snprintf(p->username, sizeof p->username, "%s", r.username);
        p->bot->username = p->username;
        p->me_known = true;
    } else {
        v = hear_no(p, c, &r, m);
    }
    arena_free(&a);
    return v;
}

/* A server that answers at once with nothing must not be asked in a circle. */
static void rest_if_hasty(struct poll *p, struct moment m)
{
    int64_t took_ms = m.now_ms - p->updates.since_ms;
    bool hasty = p->batch_n == 0 && took_ms >= 0 && took_ms < HASTY_MS;
    p->hasty = hasty ? p->hasty + 1 : 0;
    if (p->hasty > HASTY_MAX)
        backoff_wait(&p->updates.rest, m.now_ms, TROUBLE_FIRST_MS);
}

/* Telegram repeats an answer until the offset moves, so one that we cannot read, or never
 * get whole, would hold up everybody. After the third the updates come one by one, and
 * the one to blame is passed over: true. What is cut moves nothing. */
static bool pass_over(struct poll *p)
{
    const struct http_req *q = &p->updates.req;
    bool cut = q->fate == HTTP_UNKNOWN && q->answer.len > 0;
    int64_t id;
    int n = q->status == 200 ? updates_scan(q->answer.data, q->answer.len, &id) : 0;
    if (n == 1 && p->singly > 0 && p->offset != id + 1) { /* else: did not help */
        log_error("update=%lld cannot be read: passed over", (long long)id);
        p->offset = id + 1;
        return true;
    }
    if ((cut || n > 0) && ++p->unreadable >= UNREADABLE_MAX)
        p->singly = UPDATES_MAX; /* it is among so many */
    return false;
}

static enum poll_verdict hear_updates(struct poll *p, struct moment m)
{
    struct call *c = &p->updates;
    struct buf *answer = &c->req.answer;
    enum poll_verdict v = POLL_GOES_ON;
    arena_reset(&p->arena);
    p->batch_done = p->batch_n = 0;
    if (c->req.fate == HTTP_ANSWERED &&
        updates_parse(answer->data, answer->len, &p->arena, p->batch, UPDATES_MAX,
                      &p->batch_n) == OK) {
        works(p, c);
        p->answered_ms = m.now_ms;
        for (int i = 0; i < p->batch_n; i++) /* however late a commit takes them */
            p->batch[i].at_ms = m.now_ms;
        p->unreadable = 0;
        p->singly -= p->singly > 0;
        rest_if_hasty(p, m);
    } else if (pass_over(p)) {
        works(p, c);
    } else {
        struct reply r = reply_of(c, &p->arena);
        if (r.ok) /* but its result is no list */
            r.readable = false;
        v = hear_no(p, c, &r, m);
    }
    if (answer->cap > BUFFER_KEPT)
        buf_free(answer);
    return v;
}

static enum poll_verdict hear_webhook(struct poll *p, struct moment m)
{
    arena_reset(&p->arena);
    struct reply r = reply_of(&p->updates, &p->arena);
    p->webhook_deleted = r.ok;
    p->webhook_here = !r.ok;
    return r.ok ? POLL_GOES_ON : hear_no(p, &p->updates, &r, m);
}

static enum poll_verdict hear(struct poll *p, struct moment m)
{
    enum poll_verdict v = POLL_GOES_ON;
    bool me = p->me.state == CALL_ANSWERED, updates = p->updates.state == CALL_ANSWERED;
    if (me || updates)
        p->heard_ms = m.now_ms;
    if (me)
        p->me.state = CALL_IDLE;
    if (updates)
        p->updates.state = CALL_IDLE;
    if (p->stopping) /* what comes now comes again after the next start */
        return POLL_GOES_ON;
    if (me)
        v = hear_me(p, m);
    if (updates && v == POLL_GOES_ON)
        v = p->webhook_here ? hear_webhook(p, m) : hear_updates(p, m);
    return v;
}

/* ---- what goes out ---- */

/* Hands the batch, or one update of it after an unclean stop, to a turn. The offset moves
 * past the batch when all of it is stored, also when its ids went down. */
static void hand_over(struct poll *p, struct moment m)
{
    int done = 0, left = p->batch_n - p->batch_done;
    struct bot *b = p->bot;
    int64_t began_us = count_clock_us();
    enum err e = turn_updates(b, m, p->batch + p->batch_done, left, &done);
    histogram_add(&counts.turn_us[TURN_UPDATES], count_clock_us() - began_us);
    if (e) {
        backoff_failed(&p->db, m, DB_FIRST_MS, DB_MAX_MS);
        if (p->db.failures == 1)
            log_error("the database does not take updates; they wait at Telegram");
        p->batch_n = p->batch_done = 0; /* asked for again with the same offset */
        return;
    }
    backoff_clear(&p->db);
    for (int i = 0; i < b->toast_n; i++)
        sender_toast(p->sender, m.now_ms, &b->toasts[i]);
    for (int i = 0; i < done; i++)
        counts.updates[p->batch[p->batch_done + i].kind]++;
    p->batch_done += done;
    if (p->batch_done < p->batch_n)
        return;
    p->offset = p->batch[p->batch_n - 1].id + 1;
    p->batch_n = p->batch_done = 0;
}

static void ask_me(struct poll *p, int64_t now_ms)
{
    buf_reset(&p->me.body);
    buf_text(&p->me.body, "{}");
    call_fly(p, &p->me, "getMe", SHORT_MS, now_ms);
}

static void ask_updates(struct poll *p, struct moment m)
{
    struct call *c = &p->updates;
    if (!p->offset_known && inbox_offset(p->bot->db, &p->offset)) {
        backoff_failed(&p->db, m, DB_FIRST_MS, DB_MAX_MS);
        return;
    }
    p->offset_known = true;
    buf_reset(&c->body);
    if (p->webhook_here) {
        buf_text(&c->body, "{\"drop_pending_updates\":false}");
        call_fly(p, c, "deleteWebhook", SHORT_MS, m.now_ms);
        return;
    }
    method_get_updates(&c->body, p->offset, p->singly ? 1 : UPDATES_MAX, p->timeout_s);
    p->asked = p->offset;
    call_fly(p, c, "getUpdates", p->timeout_s * 1000L + SLACK_MS, m.now_ms);
}

/* Every getUpdates confirms what came before its offset. Only when a stop comes between a
 * turn and the next call is there something left to confirm; what this call brings is
 * not looked at, and comes again. */
static void confirm(struct poll *p, int64_t now_ms)
{
    p->confirmed = true;
    if (!p->offset_known || p->offset == p->asked)
        return;
    buf_reset(&p->updates.body);
    method_get_updates(&p->updates.body, p->offset, 1, 0);
    call_fly(p, &p->updates, "getUpdates", CONFIRM_MS, now_ms);
}

enum poll_verdict poll_run(struct poll *p, struct moment m)
{
    if (hear(p, m) == POLL_TOKEN_REFUSED)
        return POLL_TOKEN_REFUSED;
    if (p->stopping) {
        if (p->updates.state == CALL_IDLE && !p->confirmed)
            confirm(p, m.now_ms);
        return POLL_GOES_ON;
    }
    if (!p->me_known && p->me.state == CALL_IDLE && backoff_over(&p->me.rest, m.now_ms))
        ask_me(p, m.now_ms);
    if (p->batch_n > 0 && p->me_known)
        hand_over(p, m);
    if (p->updates.state == CALL_IDLE && p->batch_n == 0 &&
        backoff_over(&p->updates.rest, m.now_ms) && backoff_over(&p->db, m.now_ms))
        ask_updates(p, m);
    return POLL_GOES_ON;
}

/* ---- the rest of the contract ---- */

int64_t poll_next_ms(const struct poll *p)
{
    int64_t next = INT64_MAX;
    if (p->me.state == CALL_ANSWERED || p->updates.state == CALL_ANSWERED)
        return 0;
    if (p->stopping)
        return p->updates.state == CALL_IDLE && !p->confirmed ? 0 : INT64_MAX;
    if (!p->me_known && p->me.state == CALL_IDLE)
        next = backoff_end_ms(&p->me.rest);
    if (p->batch_n > 0)
        return p->me_known ? 0 : next;
    int64_t rest = backoff_end_ms(&p->updates.rest), db = backoff_end_ms(&p->db);
    int64_t ask = rest > db ? rest : db;
    return p->updates.state == CALL_IDLE && ask < next ? ask : next;
}

void poll_stop(struct poll *p, struct moment m)
{
    (void)m;
    p->stopping = true;
    p->batch_n = p->batch_done = 0;
    if (p->me.state == CALL_FLIES)
        http_cancel(&p->me.req);
    if (p->updates.state == CALL_FLIES)
        http_cancel(&p->updates.req);
}

bool poll_idle(const struct poll *p)
{
    return p->me.state == CALL_IDLE && p->updates.state == CALL_IDLE &&
           (p->confirmed || !p->stopping);
}

int64_t poll_answered_ms(const struct poll *p)
{
    return p->me_known ? p->answered_ms : 0; /* until then nobody is heard */
}

bool poll_hangs(const struct poll *p, int64_t now_ms)
{
    int64_t since_ms =
        p->updates.since_ms > p->heard_ms ? p->updates.since_ms : p->heard_ms;
    return p->updates.state == CALL_FLIES && now_ms - since_ms >= HANGS_MS;
}

bool poll_db_ails(const struct poll *p)
{
    return p->db.failures > 0;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    assert(p->me.state != CALL_FLIES && p->updates.state != CALL_FLIES);
    if (p->bot->username == p->username)
        p->bot->username = "";
    buf_free(&p->me.body);
    buf_free(&p->me.req.answer);
    buf_free(&p->updates.body);
    buf_free(&p->updates.req.answer);
    arena_free(&p->arena);
    free(p);
}
