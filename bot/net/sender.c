#include "bot/net/sender.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "bot/base/log.h"
#include "bot/net/backoff.h"
#include "bot/net/pace.h"
#include "bot/net/toasts.h"
#include "bot/net/verdict.h"
#include "bot/telegram/method.h"
#include "db/outbox.h"

#define LOG_MOD "sender"

enum {
    SEND_MS = 25000, /* the server itself may hold a call for 8 s */
    HOST_FIRST_MS = 1000,
    HOST_MAX_MS = 60 * 1000,
    DB_AGAIN_MS = 1000,
    ROOM_MIN = 100, /* ready bulk lanes below which there is always room for more */
    LANES_SPARE = 16,
    LANES_MAX = 4096, /* looked at in one go; behind so many that must wait, some wait */
};

/* One row on its way, top to bottom:
 *   FREE ──taken, in the transaction──▶ TAKEN ──after the commit──▶ FLIES ──done──▶
 *   ANSWERED ──judged: an outcome──▶ FREE
 * Callbacks hold no logic: row_done() only marks the slot. */
struct slot {
    enum { SLOT_FREE, SLOT_TAKEN, SLOT_FLIES, SLOT_ANSWERED } state;
    struct http_req req;
    struct buf body;
    char method[32];
    int64_t row, chat, message;
    enum outbox_class class;
};

struct sender {
    struct http *http;
    struct bot *bot;
    struct toasts *toasts;
    struct pace *pace;
    struct slot *slots;
    int slot_n;
    int64_t per_sec;
    struct outcome *outcomes; /* not yet settled: a turn's rows, slot_n at most */
    int outcome_n;
    struct arena arena; /* of the outcomes; of the rows while they are taken */
    struct lane *lanes; /* LANES_MAX: people first, then bulk */
    struct backoff host, db;
    int ails;      /* answers in a row that are the host's fault */
    int held_back; /* lanes that only their own pace held in the last look */
    int64_t next_ms;
    bool stopped, refused;
};

struct sender *sender_new(struct http *h, struct bot *b, const struct config *cfg)
{
    struct sender *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->http = h;
    s->bot = b;
    s->slot_n = (int)cfg->in_flight;
    s->per_sec = cfg->sends_per_sec;
    s->toasts = toasts_new(h);
    s->pace = pace_new(cfg->sends_per_sec);
    s->slots = calloc((size_t)s->slot_n, sizeof *s->slots);
    s->outcomes = calloc((size_t)s->slot_n, sizeof *s->outcomes);
    s->lanes = calloc(LANES_MAX, sizeof *s->lanes);
    if (!s->slots || !s->outcomes || !s->lanes)
        abort();
    return s;
}

/* Slots that are not free: of all for CLASS_PEOPLE, of bulk for CLASS_BULK. */
static int in_use(const struct sender *s, enum outbox_class least)
{
    int n = 0;
    for (int i = 0; i < s->slot_n; i++)
        n += s->slots[i].state != SLOT_FREE && s->slots[i].class >= least;
    return n;
}

/* ---- what came back ---- */

/* One hiccup is a row's affair. No connection at all, or a second bad answer in a row, is
 * the host's: then everything waits, instead of spending every row's second copy on it. */
static void host_feels(struct sender *s, const struct http_req *r, const struct verdict *v,
                       struct moment m)
{
    if (!v->host_ails) {
        if (s->host.failures)
            log_info("telegram answers again");
        s->ails = 0;
        backoff_clear(&s->host);
        return;
    }
    s->ails++;
    if ((r->fate != HTTP_NOT_SENT && s->ails < 2) || !backoff_over(&s->host, m.now_ms))
        return;
    backoff_failed(&s->host, m, HOST_FIRST_MS, HOST_MAX_MS);
    if (s->host.failures == 1)
        log_warn("sends wait method=%s status=%ld err=\"%s\"", r->method, r->status,
                 r->fate == HTTP_ANSWERED ? "not an answer of the Bot API" : r->trouble);
}

static void judge(struct sender *s, struct slot *k, struct moment m)
{
    struct verdict v = verdict_of(&k->req, k->row, k->message, m.now_ms, &s->arena);
    host_feels(s, &k->req, &v, m);
    if (v.flood) {
        log_warn("too fast method=%s retry_after_s=%lld", k->method,
                 (long long)v.retry_after_s);
        pace_flood(s->pace, k->chat, v.retry_after_s, m.now_ms);
    }
    if (v.token_refused && !s->refused)
        log_error("telegram refuses the token");
    s->refused = s->refused || v.token_refused;
    assert(s->outcome_n < s->slot_n);
    s->outcomes[s->outcome_n++] = v.outcome;
    k->state = SLOT_FREE;
}

/* All answers of a pass in one commit. False: the disk is in trouble; the outcomes are
 * kept and nothing is taken until they are settled. */
static bool settle(struct sender *s, struct moment m)
{
    if (s->outcome_n == 0)
        return true;
    if (!backoff_over(&s->db, m.now_ms))
        return false;
    if (turn_outcomes(s->bot, m, s->outcomes, s->outcome_n)) {
        backoff_wait(&s->db, m.now_ms, DB_AGAIN_MS);
        return false;
    }
    s->outcome_n = 0;
    arena_reset(&s->arena);
    return true;
}

/* ---- what goes out ---- */

static void row_done(struct http_req *r)
{
    struct slot *k = r->owner;
    k->state = SLOT_ANSWERED;
}

static void fly(struct sender *s, struct slot *k)
{
    k->state = SLOT_FLIES;
    k->req.method = k->method;
    k->req.body = k->body.data;
    k->req.timeout_ms = SEND_MS;
    k->req.done = row_done;
    k->req.owner = k;
    http_post(s->http, &k->req);
}

/* A row that must not be sent has its last word at once. */
static bool stillborn(const struct outbox_row *row, int64_t now_ms, enum fate *out)
{
    if (row->expires_ms <= now_ms)
        *out = FATE_EXPIRED;
    else if (row->kind == KIND_EDIT && row->message == 0)
        *out = FATE_REFUSED; /* its message never got an id */
    else
        return false;
    return true;
}

static enum err take(struct sender *s, const struct lane *lane, int64_t now_ms)
{
    struct outbox_row row;
    enum fate fate;
    enum err e = outbox_take(s->bot->db, &s->arena, lane->chat, &row);
    if (e)
        return e;
    struct slot *k = s->slots;
    while (k->state != SLOT_FREE)
        k++;
    if (stillborn(&row, now_ms, &fate)) {
        s->outcomes[s->outcome_n++] =
            (struct outcome){.row = row.id, .fate = fate, .description = ""};
        return OK;
    }
    k->state = SLOT_TAKEN;
    k->row = row.id;
    k->chat = row.chat;
    k->class = lane->class;
    k->message = row.message;
    snprintf(k->method, sizeof k->method, "%s", row.method);
    buf_reset(&k->body);
    method_address(&k->body, row.body, row.chat, row.thread, row.message);
    pace_pay(s->pace, row.chat, lane->class, row.kind == KIND_EDIT, now_ms);
    return OK;
}

static void wake_at(struct sender *s, int64_t ms)
{
    if (ms < s->next_ms)
        s->next_ms = ms;
}

/* The lanes of one look whose chat may speak now: people's, then bulk's, in s->lanes. */
struct queues {
    int people, n; /* s->lanes[people] is the first of bulk; n of all */
    bool more;     /* the database has lanes behind these */
};

static enum err look(struct sender *s, enum outbox_class class_max, int max, int64_t now_ms,
                     struct queues *q)
{
    int found;
    *q = (struct queues){0};
    enum err e = outbox_lanes(s->bot->db, now_ms, class_max, s->lanes, max, &found);
    if (e)
        return e;
    for (int i = 0; i < found; i++) {
        int64_t at_ms = pace_chat_ms(s->pace, s->lanes[i].chat, now_ms);
        if (at_ms > now_ms) {
            wake_at(s, at_ms);
            continue;
        }
        q->people += s->lanes[i].class == CLASS_PEOPLE;
        s->lanes[q->n++] = s->lanes[i];
    }
    s->held_back = found - q->n;
    q->more = found == max;
    return OK;
}

/* Looks far enough behind lanes that only their own pace holds, and behind people when it
 * is bulk's turn. */
static enum err look_far(struct sender *s, int slots, bool bulk_too, int64_t now_ms,
                         struct queues *q)
{
    enum outbox_class class_max = bulk_too ? CLASS_BULK : CLASS_PEOPLE;
    bool bulk_turn = bulk_too && pace_bulk_turn(s->pace);
    int max = slots + s->held_back + LANES_SPARE;
    for (;; max *= 4) {
        max = max < LANES_MAX ? max : LANES_MAX;
        enum err e = look(s, class_max, max, now_ms, q);
        if (e || !q->more || max == LANES_MAX)
            return e;
        if (q->n >= slots && !(bulk_turn && q->people == q->n))
            return OK;
    }
}

/* Inside the transaction: takes until the slots, the tokens or the lanes are used up. */
static enum err take_all(struct sender *s, struct queues *q, int slots, int bulk_slots,
                         int64_t now_ms)
{
    int person = 0, bulk = q->people;
    while (slots > 0) {
        int64_t people_ms = pace_all_ms(s->pace, CLASS_PEOPLE, now_ms);
        int64_t bulk_ms = pace_all_ms(s->pace, CLASS_BULK, now_ms);
        bool person_wants = person < q->people, bulk_wants = bulk < q->n && bulk_slots > 0;
        bool person_may = person_wants && people_ms <= now_ms;
        bool bulk_may = bulk_wants && bulk_ms <= now_ms;
        if (person_wants && !person_may)
            wake_at(s, people_ms);
        if (bulk_wants && !bulk_may)
            wake_at(s, bulk_ms);
        if (!person_may && !bulk_may)
            break;
        bool bulk_next =
            bulk_may && (!person_may || (s->slot_n > 1 && pace_bulk_turn(s->pace)));
        enum err e = take(s, &s->lanes[bulk_next ? bulk++ : person++], now_ms);
        if (e == ERR_NOT_FOUND) /* an empty lane, swept away */
            continue;
        if (e)
            return e;
        slots--;
        bulk_slots -= bulk_next;
    }
    if (slots > 0 && q->more)
        wake_at(s, now_ms);
    return OK;
}

/* The commit comes before the first byte: a kill in between leaves rows that say that they
 * may have been sent. */
static enum err take_and_fly(struct sender *s, struct queues *q, int slots, int bulk_slots,
                             int64_t now_ms)
{
    enum err e = db_begin(s->bot->db);
    if (!e)
        e = take_all(s, q, slots, bulk_slots, now_ms);
    if (!e)
        e = db_commit(s->bot->db);
    if (e) {
        db_rollback(s->bot->db);
        s->outcome_n = 0;
    }
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++)
        if (k->state == SLOT_TAKEN && e)
            k->state = SLOT_FREE;
        else if (k->state == SLOT_TAKEN)
            fly(s, k);
    return e;
}

static enum err send(struct sender *s, int64_t now_ms)
{
    int bulk_max = s->slot_n > 2 ? s->slot_n - 2 : 1;
    int max = pace_one_at_a_time(s->pace, now_ms) ? 1 : s->slot_n;
    int slots = max - in_use(s, CLASS_PEOPLE);
    int bulk_slots = bulk_max - in_use(s, CLASS_BULK);
    if (slots <= 0)
        return OK; /* an answer will wake us */
    struct queues q;
    enum err e = look_far(s, slots, bulk_slots > 0, now_ms, &q);
    if (!e && q.n > 0)
        e = take_and_fly(s, &q, slots, bulk_slots, now_ms);
    int64_t thaw_ms;
    if (!e)
        e = outbox_next_ms(s->bot->db, now_ms, &thaw_ms);
    if (!e)
        wake_at(s, thaw_ms);
    return e;
}

void sender_run(struct sender *s, struct moment m)
{
    s->next_ms = INT64_MAX;
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++)
        if (k->state == SLOT_ANSWERED)
            judge(s, k, m);
    toasts_run(s->toasts, m.now_ms);
    bool settled = settle(s, m);
    if (settled && !s->stopped && !s->refused) {
        if (!backoff_over(&s->host, m.now_ms))
            wake_at(s, backoff_end_ms(&s->host));
        else if (!backoff_over(&s->db, m.now_ms))
            wake_at(s, backoff_end_ms(&s->db));
        else if (send(s, m.now_ms))
            backoff_wait(&s->db, m.now_ms, DB_AGAIN_MS);
        if (s->outcome_n > 0) { /* rows that had their last word unsent */
            settled = settle(s, m);
            wake_at(s, m.now_ms);
        }
    }
    if (!settled || !backoff_over(&s->db, m.now_ms))
        s->next_ms = backoff_end_ms(&s->db);
}

/* ---- the rest of the contract ---- */

int64_t sender_next_ms(const struct sender *s)
{
    for (int i = 0; i < s->slot_n; i++)
        if (s->slots[i].state == SLOT_ANSWERED)
            return 0;
    return s->next_ms;
}

void sender_toast(struct sender *s, int64_t now_ms, const struct toast *t)
{
    toasts_add(s->toasts, now_ms, t);
}

bool sender_has_room(struct sender *s, int64_t now_ms)
{
    int64_t max = s->per_sec * 4 > ROOM_MIN ? s->per_sec * 4 : ROOM_MIN;
    int ready;
    return !s->stopped && !s->refused &&
           outbox_bulk_ready(s->bot->db, now_ms, (int)max, &ready) == OK && ready < max;
}

void sender_stop(struct sender *s)
{
    s->stopped = true;
    toasts_stop(s->toasts);
}

bool sender_idle(const struct sender *s)
{
    return in_use(s, CLASS_PEOPLE) == 0 && s->outcome_n == 0 && toasts_idle(s->toasts);
}

bool sender_refused(const struct sender *s)
{
    return s->refused;
}

void sender_free(struct sender *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->slot_n; i++) {
        assert(s->slots[i].state != SLOT_FLIES);
        buf_free(&s->slots[i].body);
        buf_free(&s->slots[i].req.answer);
    }
    toasts_free(s->toasts);
    pace_free(s->pace);
    arena_free(&s->arena);
    free(s->slots);
    free(s->outcomes);
    free(s->lanes);
    free(s);
}
