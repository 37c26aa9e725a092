#include "tests/local/control.h"

#include <stdio.h>
#include <string.h>

#include "bot/base/json.h"

struct control {
    struct rules *r;
    int64_t now_ms;
    const struct cJSON *in;
    struct json_out *out; /* inside {"ok":true, */
    const char *wrong;    /* why it was refused, NULL when it was not */
    enum control_effect effect;
};

static int64_t person_of(struct control *c)
{
    int64_t id = json_int(c->in, "person", 0);
    if (id <= 0)
        c->wrong = "person: an id above 0 is needed";
    return id;
}

static void person(struct control *c)
{
    const char *name = json_text(c->in, "name"), *lang = json_text(c->in, "lang");
    int64_t id = json_int(c->in, "id", 0);
    if (id <= 0 || id >= INT64_C(1) << 52)
        c->wrong = "id: 1 to 2^52 - 1 is needed";
    else
        rules_person(c->r, id, name ? name : "Nobody", lang ? lang : "");
}

static void say(struct control *c)
{
    const char *text = json_text(c->in, "text");
    int64_t id = person_of(c);
    if (!text)
        c->wrong = "text is needed";
    else if (!c->wrong && !rules_text(c->r, c->now_ms, id, text))
        c->wrong = "no such person, or the bot is blocked";
}

static void press(struct control *c)
{
    const char *data = json_text(c->in, "data");
    int64_t id = person_of(c), message = json_int(c->in, "message", 0);
    if (!data || message <= 0)
        c->wrong = "message and data are needed";
    else if (!c->wrong && !rules_press(c->r, c->now_ms, id, message, data))
        c->wrong = "no such person, or the bot is blocked";
}

static void block(struct control *c)
{
    int64_t id = person_of(c);
    if (!c->wrong)
        rules_block(c->r, c->now_ms, id, json_bool(c->in, "blocks"));
}

static void again(struct control *c)
{
    if (!rules_again(c->r))
        c->wrong = "there was no update yet";
}

static void fail(struct control *c)
{
    const char *method = json_text(c->in, "method"), *words = json_text(c->in, "words");
    struct rules_fault f = {.chat = json_int(c->in, "chat", 0)};
    if (!method || strlen(method) >= sizeof f.method || !words ||
        !rules_fault_parse(words, &f)) {
        c->wrong = "method and words are needed, as in `429 retry_after=3 times=2`";
        return;
    }
    snprintf(f.method, sizeof f.method, "%s", method);
    rules_fail(c->r, &f);
}

static void heal(struct control *c)
{
    rules_heal(c->r);
}

static void drop(struct control *c)
{
    c->effect = CONTROL_DROP;
}

static void quit(struct control *c)
{
    c->effect = CONTROL_QUIT;
}

static void shown_json(struct json_out *o, const struct shown *s)
{
    jo_text(o, "text", s->text);
    jo_open(o, "buttons", '[');
    for (int i = 0; i < s->buttons; i++) {
        jo_open(o, NULL, '{');
        jo_text(o, "text", s->button[i].text);
        jo_text(o, "data", s->button[i].data ? s->button[i].data : "");
        jo_int(o, "row", s->button[i].row);
        jo_close(o, '}');
    }
    jo_close(o, ']');
}

/* The messages of one chat, newest first. */
static void messages(struct control *c)
{
    int64_t id = person_of(c), limit = json_int(c->in, "limit", 50);
    jo_open(c->out, "messages", '[');
    for (size_t i = rules_message_count(c->r); i-- > 0 && limit > 0;) {
        const struct rules_message *m = rules_message_at(c->r, i);
        if (m->chat != id)
            continue;
        limit--;
        jo_open(c->out, NULL, '{');
        jo_int(c->out, "message_id", m->id);
        jo_int(c->out, "at_ms", m->at_ms);
        jo_int(c->out, "edited_ms", m->edited_ms);
        jo_bool(c->out, "from_bot", m->from_bot);
        jo_bool(c->out, "silent", m->silent);
        shown_json(c->out, &m->now);
        jo_close(c->out, '}');
    }
    jo_close(c->out, ']');
}

static void ledger(struct control *c)
{
    static const char *const kinds[] = {"other", "poll", "sent", "edited", "toast"};
    int64_t from = json_int(c->in, "from", 0), limit = json_int(c->in, "limit", 1000);
    size_t n = rules_ledger_count(c->r), at = from < 0 ? 0 : (size_t)from;
    jo_open(c->out, "rows", '[');
    for (; at < n && limit-- > 0; at++) {
        const struct rules_row *row = rules_ledger(c->r, at);
        jo_open(c->out, NULL, '{');
        jo_int(c->out, "at_ms", row->at_ms);
        jo_text(c->out, "method", row->method);
        jo_text(c->out, "kind", kinds[row->kind]);
        jo_int(c->out, "status", row->status);
        jo_text(c->out, "description", row->description);
        jo_bool(c->out, "lost", row->lost);
        jo_bool(c->out, "fault", row->fault);
        jo_int(c->out, "chat", row->chat);
        jo_int(c->out, "message", row->message);
        jo_text(c->out, "data", row->data);
        jo_text(c->out, "body", row->body);
        shown_json(c->out, &row->shown);
        jo_close(c->out, '}');
    }
    jo_close(c->out, ']');
    jo_int(c->out, "next", (int64_t)at);
    jo_int(c->out, "count", (int64_t)n);
}

long control_call(struct rules *r, int64_t now_ms, const char *verb, const char *json,
                  size_t len, struct buf *out, enum control_effect *effect)
{
    static const struct {
        const char *name;
        void (*run)(struct control *c);
    } verbs[] = {
        {"person", person}, {"say", say},           {"press", press},   {"block", block},
        {"again", again},   {"fail", fail},         {"heal", heal},     {"drop", drop},
        {"quit", quit},     {"messages", messages}, {"ledger", ledger},
    };
    struct json_out o = {.buf = out};
    struct control c = {.r = r, .now_ms = now_ms, .out = &o};
    long status = 404;
    struct cJSON *in = json_parse(len ? json : "{}", len ? len : 2);
    c.in = in;
    buf_reset(out);
    jo_open(&o, NULL, '{');
    jo_bool(&o, "ok", true);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verbs[i].name, verb)) {
            status = 200;
            if (json_is_object(in))
                verbs[i].run(&c);
            else
                c.wrong = "a JSON object is needed";
        }
    jo_close(&o, '}');
    if (c.wrong || status == 404) {
        status = c.wrong ? 400 : 404;
        buf_reset(out);
        o = (struct json_out){.buf = out};
        jo_open(&o, NULL, '{');
        jo_bool(&o, "ok", false);
        jo_text(&o, "wrong", c.wrong ? c.wrong : "no such verb");
        jo_close(&o, '}');
    }
    json_free(in);
    *effect = c.effect;
    return status;
}
