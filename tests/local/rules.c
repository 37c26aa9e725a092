#include "tests/local/rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "tests/local/state.h"
#include "tests/local/text.h"

void rules_grow(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return;
    *room = *room ? *room * 2 : 64;
    *array = realloc(*array, *room * size);
    if (!*array)
        abort();
}

const char *rules_keep(struct rules *r, const char *text)
{
    return text && *text ? arena_text(&r->keep, text, strlen(text)) : "";
}

struct rules *rules_new(const char *token, const char *username)
{
    struct rules *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->token = rules_keep(r, token);
    r->username = rules_keep(r, username);
    r->next_update = 900000001;
    r->allowed = SORT_MESSAGE | SORT_PRESS | SORT_MEMBER;
    return r;
}

void rules_free(struct rules *r)
{
    if (!r)
        return;
    arena_free(&r->keep);
    free(r->person);
    free(r->message);
    free(r->press);
    free(r->queue);
    free(r->fault);
    free(r->row);
    free(r);
}

bool rules_token_ok(const struct rules *r, const char *token)
{
    return strcmp(r->token, token) == 0;
}

/* The place of a person in a hash table, or of the hole where they would be. */
static size_t person_slot(const struct rules *r, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 20) & (r->people_room - 1);
    while (r->person[at].id && r->person[at].id != id)
        at = (at + 1) & (r->people_room - 1);
    return at;
}

struct person *person_find(const struct rules *r, int64_t id)
{
    if (!r->people || id <= 0)
        return NULL;
    struct person *p = &r->person[person_slot(r, id)];
    return p->id ? p : NULL;
}

void rules_person(struct rules *r, int64_t id, const char *name, const char *lang)
{
    assert(id > 0);
    if (r->people * 2 >= r->people_room) {
        struct person *old = r->person;
        size_t n = r->people_room;
        r->people_room = n ? n * 2 : 64;
        r->person = calloc(r->people_room, sizeof *r->person);
        if (!r->person)
            abort();
        for (size_t i = 0; i < n; i++)
            if (old[i].id)
                r->person[person_slot(r, old[i].id)] = old[i];
        free(old);
    }
    struct person *p = &r->person[person_slot(r, id)];
    r->people += p->id == 0;
    *p = (struct person){.id = id,
                         .name = rules_keep(r, name),
                         .lang = rules_keep(r, lang),
                         .met = p->met,
                         .blocks = p->blocks};
}

struct rules_message *message_add(struct rules *r, int64_t now_ms, int64_t chat,
                                  bool from_bot)
{
    rules_grow((void **)&r->message, r->messages, &r->messages_room, sizeof *r->message);
    struct rules_message *m = &r->message[r->messages++];
    *m = (struct rules_message){.id = (int64_t)r->messages,
                                .chat = chat,
                                .at_ms = now_ms,
                                .from_bot = from_bot,
                                .now = {.text = "", .entities = "", .markup = ""}};
    return m;
}

const struct rules_message *rules_message(const struct rules *r, int64_t chat, int64_t id)
{
    if (id < 1 || (uint64_t)id > r->messages || r->message[id - 1].chat != chat)
        return NULL;
    return &r->message[id - 1];
}

const struct rules_message *rules_newest(const struct rules *r, int64_t chat, int nth)
{
    for (size_t i = r->messages; i-- > 0;)
        if (r->message[i].chat == chat && r->message[i].from_bot && --nth == 0)
            return &r->message[i];
    return NULL;
}

size_t rules_message_count(const struct rules *r)
{
    return r->messages;
}

const struct rules_message *rules_message_at(const struct rules *r, size_t i)
{
    return &r->message[i];
}

size_t rules_ledger_count(const struct rules *r)
{
    return r->rows;
}

const struct rules_row *rules_ledger(const struct rules *r, size_t i)
{
    return &r->row[i];
}

int rules_spinners(const struct rules *r, int64_t person)
{
    int n = 0;
    for (size_t i = 0; i < r->presses; i++)
        n += r->press[i].person == person && !r->press[i].tried;
    return n;
}

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

/* {"ok":false,...}; `words` may be empty. */
static void refuse(struct rules_answer *out, struct rules_row *row, long status,
                   const char *words, int64_t retry_after_s, struct rules *r)
{
    struct buf text = {0}, json = {0};
    struct json_out o = {.buf = &json};
    buf_printf(&text, "%s%s%s", status_name(status), *words ? ": " : "", words);
    jo_open(&o, NULL, '{');
    jo_bool(&o, "ok", false);
    jo_int(&o, "error_code", status);
    jo_text(&o, "description", text.data);
    if (retry_after_s) {
        jo_open(&o, "parameters", '{');
        jo_int(&o, "retry_after", retry_after_s);
        jo_close(&o, '}');
    }
    jo_close(&o, '}');
    out->status = status;
    out->retry_after_s = retry_after_s;
    buf_reset(&out->body);
    buf_ascii_json(&out->body, json.data);
    row->status = status;
    row->description = rules_keep(r, text.data);
    buf_free(&text);
    buf_free(&json);
}

static void accept(struct rules_answer *out, struct rules_row *row,
                   const struct buf *result)
{
    out->status = 200;
    row->status = 200;
    row->description = "";
    buf_reset(&out->body);
    buf_text(&out->body, "{\"ok\":true,\"result\":");
    buf_ascii_json(&out->body, result->data);
    buf_text(&out->body, "}");
}

/* A fault that keeps the call from being executed. */
static void fault_answer(struct rules *r, const struct rules_fault *f,
                         struct rules_answer *out, struct rules_row *row)
{
    row->fault = true;
    if (f->kind == FAULT_REFUSE) {
        out->refused = true;
    } else if (f->kind == FAULT_HTML) {
        row->status = out->status = 502;
        row->description = "Bad Gateway";
        buf_reset(&out->body);
        buf_text(&out->body,
                 "<html><head><title>502 Bad Gateway</title></head>"
                 "<body><center><h1>502 Bad Gateway</h1></center></body></html>");
    } else if (f->kind == FAULT_FLOOD) {
        char words[64];
        snprintf(words, sizeof words, "retry after %lld", (long long)f->value);
        refuse(out, row, 429, words, f->value, r);
    } else {
        const char *words = f->value == 403   ? "bot was blocked by the user"
                            : f->value == 500 ? "restart"
                                              : "";
        refuse(out, row, (long)f->value, words, 0, r);
    }
}

static void execute(struct rules *r, int64_t now_ms, const char *method,
                    const struct cJSON *in, struct rules_answer *out, struct rules_row *row)
{
    struct buf result = {0}, error = {0};
    struct call c = {.r = r,
                     .now_ms = now_ms,
                     .in = in,
                     .row = row,
                     .result = &result,
                     .error = &error,
                     .status = 400};
    method_run *run = method_find(method, &row->kind);
    if (!run)
        refuse(out, row, 404, "method not found", 0, r);
    else if (run(&c))
        accept(out, row, &result);
    else
        refuse(out, row, c.status, error.data ? error.data : "", 0, r);
    out->wait_ms = c.wait_ms;
    buf_free(&result);
    buf_free(&error);
}

static void row_add(struct rules *r, const struct rules_row *row, const char *method,
                    const char *json, size_t len)
{
    rules_grow((void **)&r->row, r->rows, &r->rows_room, sizeof *r->row);
    struct rules_row *to = &r->row[r->rows++];
    *to = *row;
    to->method = rules_keep(r, method);
    to->body = arena_text(&r->keep, json, len);
}

static struct rules_row row_blank(int64_t now_ms)
{
    const struct shown nothing = {.text = "", .entities = "", .markup = ""};
    return (struct rules_row){
        .at_ms = now_ms, .description = "", .shown = nothing, .data = ""};
}

static void call_run(struct rules *r, int64_t now_ms, const char *method, const char *json,
                     size_t len, const struct rules_fault *f, struct rules_answer *out)
{
    struct rules_row row = row_blank(now_ms);
    struct cJSON *in = json_parse(len ? json : "{}", len ? len : 2);
    bool done = false;
    if (in)
        row.chat = json_int(in, "chat_id", 0);
    if (!f)
        f = fault_due(r, method, row.chat);
    if (f && f->kind != FAULT_HALF && f->kind != FAULT_SWALLOW && f->kind != FAULT_DELAY) {
        method_find(method, &row.kind);
        fault_answer(r, f, out, &row);
    } else if (len > RULES_BODY_MAX) {
        refuse(out, &row, 413, "too many parameters", 0, r);
    } else if (!json_is_object(in)) {
        refuse(out, &row, 400,
               utf8_valid(json, len) ? "can't parse JSON object"
                                     : "strings must be encoded in UTF-8",
               0, r);
    } else {
        execute(r, now_ms, method, in, out, &row);
        done = true;
    }
    if (f && done && !out->wait_ms) {
        out->lost = row.lost = f->kind == FAULT_SWALLOW;
        out->delay_ms = f->kind == FAULT_DELAY ? f->value : 0;
        if (f->kind == FAULT_HALF) {
            row.lost = true;
            out->body.len /= 2;
            out->body.data[out->body.len] = '\0';
        }
    }
    if (!out->refused && !out->wait_ms)
        row_add(r, &row, method, json, len > 65536 ? 65536 : len);
    json_free(in);
}

static void answer_empty(struct rules_answer *out)
{
    struct buf body = out->body;
    buf_reset(&body);
    *out = (struct rules_answer){.body = body};
}

void rules_call(struct rules *r, int64_t now_ms, const char *method, const char *json,
                size_t len, struct rules_answer *out)
{
    answer_empty(out);
    call_run(r, now_ms, method, json, len, NULL, out);
}

void rules_poll(struct rules *r, int64_t now_ms, const char *json, size_t len,
                struct rules_answer *out)
{
    static const struct rules_fault none = {.kind = FAULT_DELAY}; /* a delay of nothing */
    answer_empty(out);
    call_run(r, now_ms, "getUpdates", json, len, &none, out);
}

void rules_poll_over(struct rules *r, int64_t now_ms, struct rules_answer *out)
{
    struct rules_row row = row_blank(now_ms);
    struct buf none = {0};
    row.kind = ROW_POLL;
    buf_text(&none, "[]");
    answer_empty(out);
    accept(out, &row, &none);
    buf_free(&none);
    row_add(r, &row, "getUpdates", "", 0);
}

void rules_conflict(struct rules *r, int64_t now_ms, struct rules_answer *out)
{
    struct rules_row row = row_blank(now_ms);
    row.kind = ROW_POLL;
    answer_empty(out);
    refuse(out, &row, 409,
           "terminated by other getUpdates request; make sure that only one bot instance "
           "is running",
           0, r);
    row_add(r, &row, "getUpdates", "", 0);
}
