/* What people do, and the updates that come of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "tests/local/state.h"
#include "tests/local/text.h"

enum { BOT_ID = 5550001 };

static void person_json(struct json_out *o, const char *key, const struct person *p)
{
    jo_open(o, key, '{');
    jo_int(o, "id", p->id);
    jo_bool(o, "is_bot", false);
    jo_text(o, "first_name", p->name);
    if (*p->lang)
        jo_text(o, "language_code", p->lang);
    jo_close(o, '}');
}

static void bot_json(const struct rules *r, struct json_out *o, const char *key)
{
    jo_open(o, key, '{');
    jo_int(o, "id", BOT_ID);
    jo_bool(o, "is_bot", true);
    jo_text(o, "first_name", "Sobes");
    jo_text(o, "username", r->username);
    jo_close(o, '}');
}

static void chat_json(struct json_out *o, const struct person *p)
{
    jo_open(o, "chat", '{');
    jo_int(o, "id", p->id);
    jo_text(o, "first_name", p->name);
    jo_text(o, "type", "private");
    jo_close(o, '}');
}

/* A command is marked only where the bot would look for one: at the very beginning. */
static void command_json(struct json_out *o, const char *text)
{
    size_t n = 1;
    while (text[0] == '/' &&
           (text[n] == '_' || text[n] == '@' || (text[n] >= '0' && text[n] <= '9') ||
            ((text[n] | 32) >= 'a' && (text[n] | 32) <= 'z')))
        n++;
    if (n < 2)
        return;
    jo_open(o, "entities", '[');
    jo_open(o, NULL, '{');
    jo_text(o, "type", "bot_command");
    jo_int(o, "offset", 0);
    jo_int(o, "length", (int64_t)n);
    jo_close(o, '}');
    jo_close(o, ']');
}

void message_json(struct rules *r, struct json_out *o, const char *key,
                  const struct rules_message *m)
{
    const struct person *p = person_find(r, m->chat);
    jo_open(o, key, '{');
    jo_int(o, "message_id", m->id);
    if (m->from_bot)
        bot_json(r, o, "from");
    else
        person_json(o, "from", p);
    chat_json(o, p);
    jo_int(o, "date", m->at_ms / 1000);
    if (m->edited_ms)
        jo_int(o, "edit_date", m->edited_ms / 1000);
    jo_text(o, "text", m->now.text);
    if (!m->from_bot)
        command_json(o, m->now.text);
    if (*m->now.markup) {
        buf_printf(o->buf, ",\"reply_markup\":%s", m->now.markup);
        o->comma = true;
    }
    jo_close(o, '}');
}

bool rules_text(struct rules *r, int64_t now_ms, int64_t person, const char *text)
{
    struct person *p = person_find(r, person);
    if (!p || p->blocks)
        return false;
    p->met = true;
    struct rules_message *m = message_add(r, now_ms, person, false);
    m->now.text = rules_keep(r, text);
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    message_json(r, &o, "message", m);
    queue_add(r, now_ms, SORT_MESSAGE, b.data);
    buf_free(&b);
    return true;
}

bool rules_press(struct rules *r, int64_t now_ms, int64_t person, int64_t message,
                 const char *data)
{
    const struct person *p = person_find(r, person);
    if (!p || p->blocks)
        return false;
    rules_grow((void **)&r->press, r->presses, &r->presses_room, sizeof *r->press);
    struct press *press = &r->press[r->presses];
    *press = (struct press){.id = FIRST_PRESS + (int64_t)r->presses++,
                            .person = person,
                            .at_ms = now_ms,
                            .data = rules_keep(r, data)};
    char id[32], instance[32];
    snprintf(id, sizeof id, "%lld", (long long)press->id);
    snprintf(instance, sizeof instance, "-%lld", (long long)(person % 1000003));
    const struct rules_message *m = rules_message(r, person, message);
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    jo_open(&o, "callback_query", '{');
    jo_text(&o, "id", id);
    person_json(&o, "from", p);
    if (m) {
        message_json(r, &o, "message", m);
    } else { /* deleted or too old: only where it was */
        jo_open(&o, "message", '{');
        jo_int(&o, "message_id", message);
        chat_json(&o, p);
        jo_int(&o, "date", 0);
        jo_close(&o, '}');
    }
    jo_text(&o, "chat_instance", instance);
    jo_text(&o, "data", data);
    jo_close(&o, '}');
    queue_add(r, now_ms, SORT_PRESS, b.data);
    buf_free(&b);
    return true;
}

static void member_json(const struct rules *r, struct json_out *o, const char *key,
                        bool member)
{
    jo_open(o, key, '{');
    bot_json(r, o, "user");
    jo_text(o, "status", member ? "member" : "kicked");
    if (!member)
        jo_int(o, "until_date", 0);
    jo_close(o, '}');
}

bool rules_block(struct rules *r, int64_t now_ms, int64_t person, bool blocks)
{
    struct person *p = person_find(r, person);
    if (!p || p->blocks == blocks)
        return false;
    p->blocks = blocks;
    p->met = true;
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    jo_open(&o, "my_chat_member", '{');
    chat_json(&o, p);
    person_json(&o, "from", p);
    jo_int(&o, "date", now_ms / 1000);
    member_json(r, &o, "old_chat_member", blocks);
    member_json(r, &o, "new_chat_member", !blocks);
    jo_close(&o, '}');
    queue_add(r, now_ms, SORT_MEMBER, b.data);
    buf_free(&b);
    return true;
}
