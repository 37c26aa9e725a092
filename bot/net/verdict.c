#include "bot/net/verdict.h"

#include <string.h>

#include "bot/base/count.h"
#include "bot/telegram/method.h"

enum { RETRY_AFTER_S = 5 }; /* when a 429 does not say */

static bool has(const struct reply *r, const char *words)
{
    return strstr(r->description, words) != NULL;
}

/* 400s that speak of the chat and not of the message: no other row would do better. */
static bool chat_is_gone(const struct reply *r)
{
    static const char *const signs[] = {"chat not found", "user is deactivated",
                                        "PEER_ID_INVALID", "kicked",
                                        "group chat was deactivated"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (has(r, signs[i]))
            return true;
    return false;
}

static void refused(const struct reply *r, int64_t message, struct verdict *v)
{
    struct outcome *o = &v->outcome;
    if (r->code == 400 && r->migrate_to) {
        o->fate = FATE_MIGRATED;
        o->migrate_to = r->migrate_to;
    } else if (r->code == 400 && has(r, "message is not modified")) {
        o->fate = FATE_SENT; /* it already says what it should */
        o->message = message;
    } else if (r->code == 403 || (r->code == 400 && chat_is_gone(r))) {
        o->fate = FATE_BLOCKED;
    } else if (r->code == 401 || (r->code == 404 && !has(r, "method not found"))) {
        o->fate = FATE_LATER;
        v->token_refused = true;
    } else {
        o->fate = FATE_REFUSED;
    }
}

static void read_answer(const struct http_req *r, const struct reply *reply,
                        int64_t message, int64_t now_ms, struct verdict *v)
{
    struct outcome *o = &v->outcome;
    if (r->status == 429 || reply->code == 429) {
        o->fate = FATE_LATER;
        v->flood = true;
        v->retry_after_s = reply->retry_after_s > 0 ? reply->retry_after_s : RETRY_AFTER_S;
        o->retry_ms = now_ms + v->retry_after_s * 1000;
    } else if (!reply->readable || reply->code >= 500 || r->status >= 500) {
        o->fate = FATE_UNKNOWN;
        v->host_ails = true;
    } else if (reply->ok) {
        o->fate = FATE_SENT;
        o->message = reply->message;
        o->poll = reply->poll;
        o->status = reply->status;
    } else {
        refused(reply, message, v);
    }
}

struct verdict verdict_of(const struct http_req *r, int64_t row, int64_t message,
                          int64_t now_ms, struct arena *a)
{
    struct verdict v = {
        .outcome = {.row = row, .description = "", .poll = "", .status = ""}};
    if (r->fate == HTTP_ANSWERED) {
        struct reply reply;
        reply_parse(r->answer.data, r->answer.len, a, &reply);
        read_answer(r, &reply, message, now_ms, &v);
        v.outcome.description = reply.description;
    } else {
        v.outcome.fate = r->fate == HTTP_NOT_SENT ? FATE_LATER : FATE_UNKNOWN;
        v.host_ails = true;
    }
    return v;
}

void verdict_count(const struct verdict *v, enum outbox_kind kind, int64_t due_ms,
                   int64_t now_ms)
{
    static const enum send_end ends[] = {
        [FATE_SENT] = SEND_DONE,       [FATE_LATER] = SEND_LATER,
        [FATE_UNKNOWN] = SEND_UNKNOWN, [FATE_REFUSED] = SEND_REFUSED,
        [FATE_BLOCKED] = SEND_BLOCKED, [FATE_MIGRATED] = SEND_MOVED,
        [FATE_EXPIRED] = SEND_EXPIRED};
    counts.sends[kind][v->flood ? SEND_FLOOD : ends[v->outcome.fate]]++;
    if (v->outcome.fate == FATE_SENT && due_ms)
        histogram_add(&counts.delay_ms, now_ms - due_ms);
}
