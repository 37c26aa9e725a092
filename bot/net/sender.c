#include "bot/net/sender.h"

#include <assert.h>
#include <stdlib.h>

#include "bot/base/count.h"
#include "bot/base/log.h"
#include "bot/net/backoff.h"
#include "bot/net/lanes.h"
#include "bot/net/pace.h"
#include "bot/net/slot.h"
#include "bot/net/toasts.h"
#include "bot/net/verdict.h"
#include "db/outbox.h"

#define LOG_MOD "sender"

enum {
    HOST_FIRST_MS = 1000,
    HOST_MAX_MS = 15 * 1000,
    DB_AGAIN_MS = 1000,
    RECALL_A_LOOK = 256,
    ROOM_MIN = 100, /* ready bulk lanes below which there is always room for more */
};

struct sender {
    struct http *http;
    struct pictures *pictures;
    struct bot *bot;
    struct toasts *toasts;
    struct pace *pace;
    struct slot *slots;
    int slot_n;
    int64_t per_sec;
    struct outcome *outcomes; /* not yet settled: a turn's rows, slot_n at most */
    int outcome_n;
    struct arena arena; /* of the outcomes; of the rows while they are taken */
    struct lanes *lanes;
    struct backoff host, db;
    int ails; /* answers in a row that are the host's fault */
    int64_t next_ms;
    bool recalls; /* the budgets of groups are not yet all known */
    struct spoken recalled;
    bool stopped, refused;
};

struct sender *sender_new(struct http *h, struct pictures *p, struct bot *b,
                          const struct config *cfg)
{
    struct sender *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->http = h;
    s->pictures = p;
    s->bot = b;
    s->recalls = true;
    s->slot_n = (int)cfg->in_flight;
    s->per_sec = cfg->sends_per_sec;
    s->toasts = toasts_new(h);
    s->pace = pace_new(cfg->sends_per_sec);
    s->slots = calloc((size_t)s->slot_n, sizeof *s->slots);
    s->outcomes = calloc((size_t)s->slot_n, sizeof *s->outcomes);
    s->lanes = lanes_new(b->db, s->pace, s->slot_n == 1);
    if (!s->slots || !s->outcomes)
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
    verdict_count(&v, k->kind, k->due_ms, m.now_ms);
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
    slot_clear(k);
}

/* A row that was not sent after all: it stays at the head of its queue. */
static void put_back(struct sender *s, struct slot *k)
{
    assert(s->outcome_n < s->slot_n);
    s->outcomes[s->outcome_n++] = (struct outcome){
        .row = k->row, .fate = FATE_LATER, .description = "", .poll = "", .status = ""};
    slot_clear(k);
}

static void hear(struct sender *s, struct moment m)
{
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++) {
        if (k->state == SLOT_ANSWERED)
            judge(s, k, m);
        if (k->state == SLOT_DRAWN)
            k->state = SLOT_READY;
        if (k->state == SLOT_READY && (s->stopped || s->refused))
            put_back(s, k);
    }
}

/* All answers of a pass in one commit. False: the disk is in trouble; the outcomes are
 * kept and nothing is taken until they are settled. */
static bool settle(struct sender *s, struct moment m)
{
    if (s->outcome_n == 0)
        return true;
    if (!backoff_over(&s->db, m.now_ms))
        return false;
    int64_t began_us = count_clock_us();
    enum err e = turn_outcomes(s->bot, m, s->outcomes, s->outcome_n);
    histogram_add(&counts.turn_us[TURN_OUTCOMES], count_clock_us() - began_us);
    if (e) {
        backoff_wait(&s->db, m.now_ms, DB_AGAIN_MS);
        return false;
    }
    backoff_clear(&s->db);
    s->outcome_n = 0;
    arena_reset(&s->arena);
    return true;
}

/* ---- what goes out ---- */

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

/* Inside a transaction. What only asks Telegram is heard by nobody and costs nothing. */
static enum err pay(struct sender *s, const struct slot *k, int64_t now_ms)
{
    if (k->kind == KIND_ASK)
        return OK;
    pace_pay(s->pace, k->chat, k->class, k->kind == KIND_EDIT, now_ms);
    return k->chat < 0 ? outbox_spoken(s->bot->db, k->chat, now_ms) : OK;
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
        s->outcomes[s->outcome_n++] = (struct outcome){
            .row = row.id, .fate = fate, .description = "", .poll = "", .status = ""};
        counts.sends[row.kind][fate == FATE_EXPIRED ? SEND_EXPIRED : SEND_REFUSED]++;
        return OK;
    }
    slot_take(k, &row, lane->class);
    return k->pictured ? OK : pay(s, k, now_ms);
}

static void wake_at(struct sender *s, int64_t ms)
{
    if (ms < s->next_ms)
        s->next_ms = ms;
}

/* Inside the transaction. */
static enum err take_all(struct sender *s, const struct lane *lane, int slots,
                         int64_t now_ms)
{
    for (; lane && slots > 0; lane = slots > 0 ? lanes_next(s->lanes, now_ms) : NULL) {
        enum err e = take(s, lane, now_ms);
        if (e && e != ERR_NOT_FOUND) /* that was an empty lane, and is swept away */
            return e;
        slots -= !e;
    }
    return OK;
}

/* What the database cannot give now waits at the head of its queue. */
static void export_and_fly(struct sender *s, struct slot *k, int64_t now_ms, enum err *io)
{
    enum err e = slot_export(k, s->bot->db, now_ms);
    if (!e) {
        slot_fly(k, s->http);
        return;
    }
    put_back(s, k);
    *io = e;
}

/* The commit comes before the first byte: a kill in between leaves rows that say that they
 * may have been sent. */
static enum err take_and_fly(struct sender *s, const struct lane *first, int slots,
                             int64_t now_ms)
{
    enum err made = OK, e = db_begin(s->bot->db);
    if (!e)
        e = take_all(s, first, slots, now_ms);
    if (!e)
        e = db_commit(s->bot->db);
    if (e) {
        db_rollback(s->bot->db);
        s->outcome_n = 0;
    }
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++)
        if (k->state == SLOT_TAKEN && e)
            slot_clear(k);
        else if (k->state == SLOT_TAKEN && k->pictured)
            slot_draw(k, s->pictures);
        else if (k->state == SLOT_TAKEN && k->exports)
            export_and_fly(s, k, now_ms, &made);
        else if (k->state == SLOT_TAKEN)
            slot_fly(k, s->http);
    return e ? e : made;
}

/* Rows whose drawing is over. They pay now and not when they were taken: a group's minute
 * is counted from what it hears, and a drawing takes its time. Nobody else of the chat can
 * have paid meanwhile, the lane is theirs. */
static enum err send_the_drawn(struct sender *s, int64_t now_ms)
{
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++) {
        if (k->state != SLOT_READY)
            continue;
        int64_t at_ms = pace_all_ms(s->pace, CLASS_PEOPLE, now_ms);
        if (at_ms > now_ms) {
            wake_at(s, at_ms);
            return OK;
        }
        enum err e = db_begin(s->bot->db);
        if (!e)
            e = pay(s, k, now_ms);
        if (!e)
            e = db_commit(s->bot->db);
        if (e) {
            db_rollback(s->bot->db);
            return e;
        }
        slot_fly(k, s->http);
    }
    return OK;
}

/* What the process before this one said to groups in its last minute. */
static enum err recall(struct sender *s, int64_t now_ms)
{
    struct spoken past[RECALL_A_LOOK];
    if (s->recalled.at_ms == 0)
        s->recalled = (struct spoken){.id = INT64_MAX, .at_ms = now_ms - SPOKEN_MS};
    while (s->recalls) {
        int n;
        enum err e =
            outbox_spoken_after(s->bot->db, &s->recalled, now_ms, past, RECALL_A_LOOK, &n);
        if (e)
            return e;
        for (int i = 0; i < n; i++)
            pace_recall(s->pace, past[i].chat, past[i].at_ms);
        if (n > 0)
            s->recalled = past[n - 1];
        s->recalls = n == RECALL_A_LOOK;
    }
    return OK;
}

static enum err send_what_may(struct sender *s, int64_t now_ms)
{
    int bulk_max = s->slot_n > 2 ? s->slot_n - 2 : 1;
    int max = pace_one_at_a_time(s->pace, now_ms) ? 1 : s->slot_n;
    int slots = max - in_use(s, CLASS_PEOPLE);
    if (slots <= 0)
        return OK; /* an answer will wake us */
    int64_t thaw_ms = INT64_MAX;
    enum err e = lanes_look(s->lanes, slots, bulk_max - in_use(s, CLASS_BULK), now_ms);
    const struct lane *first = e ? NULL : lanes_next(s->lanes, now_ms);
    if (first)
        e = take_and_fly(s, first, slots, now_ms);
    if (!e && max > in_use(s, CLASS_PEOPLE))
        e = outbox_next_ms(s->bot->db, now_ms, &thaw_ms);
    wake_at(s, lanes_wake_ms(s->lanes));
    wake_at(s, thaw_ms);
    return e;
}

void sender_run(struct sender *s, struct moment m)
{
    s->next_ms = INT64_MAX;
    hear(s, m);
    toasts_run(s->toasts, m.now_ms);
    bool settled = settle(s, m);
    if (settled && !s->stopped && !s->refused) {
        if (!backoff_over(&s->host, m.now_ms))
            wake_at(s, backoff_end_ms(&s->host));
        else if (!backoff_over(&s->db, m.now_ms))
            wake_at(s, backoff_end_ms(&s->db));
        else if (recall(s, m.now_ms) || send_the_drawn(s, m.now_ms) ||
                 send_what_may(s, m.now_ms))
            backoff_wait(&s->db, m.now_ms, DB_AGAIN_MS);
        else
            backoff_clear(&s->db);
        if (s->outcome_n > 0) /* rows that had their last word unsent: the next turn's */
            wake_at(s, m.now_ms);
    }
    if (!settled || !backoff_over(&s->db, m.now_ms))
        s->next_ms = backoff_end_ms(&s->db);
}

/* ---- the rest of the contract ---- */

int64_t sender_next_ms(const struct sender *s)
{
    for (int i = 0; i < s->slot_n; i++)
        if (s->slots[i].state == SLOT_ANSWERED || s->slots[i].state == SLOT_DRAWN)
            return 0;
    int64_t toast_ms = toasts_next_ms(s->toasts);
    return toast_ms < s->next_ms ? toast_ms : s->next_ms;
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
    for (struct slot *k = s->slots; k < s->slots + s->slot_n; k++)
        if (k->state == SLOT_DRAWS)
            picture_cancel(s->pictures, &k->drawing);
}

bool sender_idle(const struct sender *s)
{
    return in_use(s, CLASS_PEOPLE) == 0 && s->outcome_n == 0 && toasts_idle(s->toasts);
}

bool sender_db_ails(const struct sender *s)
{
    return s->db.wait_ms > 0;
}

bool sender_refused(const struct sender *s)
{
    return s->refused;
}

void sender_free(struct sender *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->slot_n; i++)
        slot_free(&s->slots[i]);
    toasts_free(s->toasts);
    pace_free(s->pace);
    arena_free(&s->arena);
    free(s->slots);
    free(s->outcomes);
    lanes_free(s->lanes);
    free(s);
}
