/* One call from its bytes to its answer: faults, the method, the ledger, the record. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "tests/local/rules/state.h"
#include "tests/local/rules/text.h"

const char *status_name(long status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 413:
        return "Request Entity Too Large";
    case 429:
        return "Too Many Requests";
    default:
        return "Internal Server Error";
    }
}

/* A call on its way through this file. */
struct run {
    struct rules *r;
    struct rules_row row;
    struct rules_answer *out;
};

/* {"ok":false,...}; `words` may be empty. The last two are 0 for none. */
static void refuse(struct run *u, long status, const char *words, int64_t retry_after_s,
                   int64_t migrate_to)
{
    struct buf text = {0}, json = {0};
    struct json_out o = {.buf = &json};
    buf_printf(&text, "%s%s%s", status_name(status), *words ? ": " : "", words);
    jo_open(&o, NULL, '{');
    jo_bool(&o, "ok", false);
    jo_int(&o, "error_code", status);
    jo_text(&o, "description", text.data);
    if (retry_after_s || migrate_to) {
        jo_open(&o, "parameters", '{');
        if (retry_after_s)
            jo_int(&o, "retry_after", retry_after_s);
        if (migrate_to)
            jo_int(&o, "migrate_to_chat_id", migrate_to);
        jo_close(&o, '}');
    }
    jo_close(&o, '}');
    u->out->status = status;
    u->out->retry_after_s = retry_after_s;
    buf_reset(&u->out->body);
    buf_ascii_json(&u->out->body, json.data);
    u->row.status = status;
    u->row.description = rules_keep(u->r, text.data);
    buf_free(&text);
    buf_free(&json);
}

static void accept(struct run *u, const char *result)
{
    u->out->status = 200;
    u->row.status = 200;
    u->row.description = "";
    buf_reset(&u->out->body);
    buf_text(&u->out->body, "{\"ok\":true,\"result\":");
    buf_ascii_json(&u->out->body, result);
    buf_text(&u->out->body, "}");
}

/* A fault that keeps the call from being executed. */
static void fault_answer(struct run *u, const struct rules_fault *f)
{
    u->row.fault = true;
    if (f->kind == FAULT_REFUSE) {
        u->out->refused = true;
    } else if (f->kind == FAULT_RESET) {
        u->out->reset = true;
    } else if (f->kind == FAULT_HTML) {
        u->row.status = u->out->status = 502;
        u->row.description = "Bad Gateway";
        buf_reset(&u->out->body);
        buf_text(&u->out->body,
                 "<html><head><title>502 Bad Gateway</title></head>"
                 "<body><center><h1>502 Bad Gateway</h1></center></body></html>");
    } else if (f->kind == FAULT_FLOOD) {
        char words[64];
        snprintf(words, sizeof words, "retry after %lld", (long long)f->value);
        refuse(u, 429, words, f->value, 0);
    } else {
        const char *words = f->value == 403   ? "bot was blocked by the user"
                            : f->value == 500 ? "restart"
                                              : "";
        refuse(u, (long)f->value, words, 0, 0);
    }
}

/* What a fault does to the answer of a call that was executed. */
static void fault_spoils(struct run *u, const struct rules_fault *f)
{
    struct rules_answer *out = u->out;
    out->lost = f->kind == FAULT_SWALLOW;
    out->reset = f->kind == FAULT_LOST;
    out->trickle = f->kind == FAULT_TRICKLE;
    out->delay_ms = f->kind == FAULT_DELAY ? f->value : 0;
    if (f->kind == FAULT_HALF) {
        out->body.len /= 2;
        out->body.data[out->body.len] = '\0';
    }
    u->row.lost = out->lost || out->reset || f->kind == FAULT_HALF;
}

static void execute(struct run *u, int64_t now_ms, const struct rules_request *q,
                    const struct cJSON *in, bool held)
{
    struct buf result = {0}, error = {0};
    struct call c = {.r = u->r,
                     .now_ms = now_ms,
                     .in = in,
                     .request = q,
                     .held = held,
                     .row = &u->row,
                     .result = &result,
                     .error = &error,
                     .status = 400};
    method_run *run = method_find(q->method, &u->row.kind);
    if (!run)
        refuse(u, 404, "method not found", 0, 0);
    else if (run(&c))
        accept(u, result.data);
    else
        refuse(u, c.status, error.data ? error.data : "", c.retry_after_s, c.migrate_to);
    u->out->wait_ms = c.wait_ms;
    buf_free(&result);
    buf_free(&error);
}

/* What came, for the ledger's readers: no more than BODY_KEPT, and valid UTF-8. */
static const char *readable(struct rules *r, const char *text, size_t len)
{
    enum { BODY_KEPT = 65536 };
    char *kept = arena_text(&r->keep, text, len > BODY_KEPT ? BODY_KEPT : len);
    if (!utf8_valid(kept, strlen(kept)))
        for (char *p = kept; *p; p++)
            *p = (char)(*p & 0x80 ? '?' : *p);
    return kept;
}

static void row_add(struct run *u, const char *method, const char *json, size_t len)
{
    struct rules *r = u->r;
    struct rules_row *row = arena_alloc(&r->keep, sizeof *row);
    rules_grow((void **)&r->row, r->rows, &r->rows_room, sizeof row);
    *row = u->row;
    row->method = readable(r, method, strlen(method));
    row->body = readable(r, json, len);
    r->row[r->rows++] = row;
    u->out->row = r->rows;
}

/* One line a call: what came, what was answered. After row_add(). */
static void record_call(const struct run *u, const struct rules_request *q)
{
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    if (!u->r->record)
        return;
    jo_open(&o, NULL, '{');
    jo_text(&o, "method", u->r->row[u->r->rows - 1]->method);
    jo_int(&o, "status", u->row.status);
    jo_int(&o, "row", (int64_t)u->r->rows);
    jo_int(&o, "at_ms", u->row.at_ms);
    if (u->row.fault)
        jo_bool(&o, "fault", true);
    buf_text(&b, ",\"body\":");
    buf_add(&b, q->len ? q->json : "{}", q->len ? q->len : 2);
    if (q->files) {
        jo_open(&o, "files", '[');
        for (int i = 0; i < q->files; i++)
            jo_text(&o, NULL, readable(u->r, q->file[i].field, strlen(q->file[i].field)));
        jo_close(&o, ']');
    }
    if (u->out->body.len && u->out->body.data[0] == '{' && !u->row.lost)
        buf_printf(&b, ",\"answer\":%s", u->out->body.data);
    for (size_t i = 0; i < b.len; i++) /* a body may be printed prettily */
        if (b.data[i] == '\n' || b.data[i] == '\r')
            b.data[i] = ' ';
    fprintf(u->r->record, "%s}\n", b.data);
    buf_free(&b);
}

static struct run run_new(struct rules *r, int64_t now_ms, struct rules_answer *out)
{
    struct buf body = out->body;
    buf_reset(&body);
    *out = (struct rules_answer){.body = body};
    rules_tick(r, now_ms);
    return (struct run){
        .r = r,
        .out = out,
        .row = {.at_ms = now_ms, .description = "", .shown = shown_nothing, .data = ""}};
}

/* held: a poll that waits looks again; no fault hits it. */
static void call_run(struct rules *r, int64_t now_ms, const struct rules_request *q,
                     bool held, struct rules_answer *out)
{
    struct run u = run_new(r, now_ms, out);
    struct cJSON *in = json_parse(q->len ? q->json : "{}", q->len ? q->len : 2);
    bool done = false;
    if (in)
        u.row.chat = json_int(in, "chat_id", 0);
    struct rules_fault *f = held ? NULL : fault_due(r, q->method, u.row.chat);
    if (f && f->kind < FAULT_HALF) {
        method_find(q->method, &u.row.kind);
        fault_answer(&u, f);
    } else if (q->len > RULES_BODY_MAX) {
        refuse(&u, 413, "too many parameters", 0, 0);
    } else if (!json_is_object(in)) {
        refuse(&u, 400,
               utf8_valid(q->json, q->len) ? "can't parse JSON object"
                                           : "strings must be encoded in UTF-8",
               0, 0);
    } else {
        execute(&u, now_ms, q, in, held);
        done = true;
    }
    if (f && out->wait_ms)
        f->times++; /* there is no answer yet that could suffer */
    else if (f && done)
        fault_spoils(&u, f);
    if (!out->refused && !out->wait_ms) {
        row_add(&u, q->method, q->json, q->len);
        if (in)
            record_call(&u, q);
    }
    json_free(in);
}

void rules_call(struct rules *r, int64_t now_ms, const struct rules_request *q,
                struct rules_answer *out)
{
    call_run(r, now_ms, q, false, out);
}

void rules_poll(struct rules *r, int64_t now_ms, const char *json, size_t len,
                struct rules_answer *out)
{
    const struct rules_request q = {.method = "getUpdates", .json = json, .len = len};
    call_run(r, now_ms, &q, true, out);
}

void rules_poll_over(struct rules *r, int64_t now_ms, struct rules_answer *out)
{
    struct run u = run_new(r, now_ms, out);
    u.row.kind = ROW_POLL;
    accept(&u, "[]");
    row_add(&u, "getUpdates", "", 0);
}

void rules_conflict(struct rules *r, int64_t now_ms, struct rules_answer *out)
{
    struct run u = run_new(r, now_ms, out);
    u.row.kind = ROW_POLL;
    refuse(&u, 409,
           "terminated by other getUpdates request; make sure that only one bot instance "
           "is running",
           0, 0);
    row_add(&u, "getUpdates", "", 0);
}
