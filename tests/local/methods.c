/* The methods of the Bot API that this bot calls. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/base/json.h"
#include "tests/local/html.h"
#include "tests/local/state.h"
#include "tests/local/text.h"

static bool refuse(struct call *c, long status, const char *words)
{
    c->status = status;
    buf_reset(c->error);
    buf_text(c->error, words);
    return false;
}

static bool get_me(struct call *c)
{
    struct json_out o = {.buf = c->result};
    jo_open(&o, NULL, '{');
    jo_int(&o, "id", 5550001);
    jo_bool(&o, "is_bot", true);
    jo_text(&o, "first_name", "Sobes");
    jo_text(&o, "username", c->r->username);
    jo_bool(&o, "can_join_groups", true);
    jo_bool(&o, "can_read_all_group_messages", false);
    jo_bool(&o, "supports_inline_queries", false);
    jo_close(&o, '}');
    return true;
}

static bool get_updates(struct call *c)
{
    int n;
    buf_text(c->result, "[");
    queue_serve(c->r, c->now_ms, c->in, c->result, &n, &c->wait_ms);
    buf_text(c->result, "]");
    return true;
}

static bool delete_webhook(struct call *c)
{
    buf_text(c->result, "true");
    return true;
}

/* The person whose private chat is written to, or NULL with the reason. */
static struct person *chat_open(struct call *c)
{
    const struct cJSON *id = json_at(c->in, "chat_id");
    const char *text = json_text(id, "");
    struct person *p = person_find(c->r, json_int(id, "", 0));
    if (!id || (text && !*text))
        refuse(c, 400, "chat_id is empty");
    else if (!p)
        refuse(c, 400, "chat not found");
    else if (!p->met)
        refuse(c, 403, "bot can't initiate conversation with a user");
    else if (p->blocks)
        refuse(c, 403, "bot was blocked by the user");
    else
        return p;
    return NULL;
}

static void entities_line(struct rules *r, const struct html_text *t, struct shown *out)
{
    struct buf b = {0};
    for (int i = 0; i < t->n && i < HTML_ENTITIES_MAX; i++)
        buf_printf(&b, "%s(%d,%d,%s)", t->entity[i].type, t->entity[i].from,
                   t->entity[i].len, t->entity[i].arg);
    out->entities = rules_keep(r, b.data ? b.data : "");
    out->dropped = t->dropped;
    buf_free(&b);
}

/* text and parse_mode of a call. */
static bool text_read(struct call *c, struct shown *out)
{
    const char *text = json_text(c->in, "text"), *mode = json_text(c->in, "parse_mode");
    struct html_text t = {0};
    out->entities = "";
    if (!text || !*text)
        return refuse(c, 400, "message text is empty");
    if (strlen(text) > RULES_RAW_MAX)
        return refuse(c, 400, "text is too long");
    if (!mode || !*mode) {
        out->text = text_clean(text, &c->r->keep);
    } else if (strcasecmp(mode, "HTML") != 0) { /* MarkdownV2 is not in this rule book */
        return refuse(c, 400, "unsupported parse_mode");
    } else if (html_parse(text, &c->r->keep, &t, c->error)) {
        out->text = t.text;
        entities_line(c->r, &t, out);
    } else {
        return false;
    }
    if (!*out->text)
        return refuse(c, 400, "text must be non-empty");
    if (text_points(out->text) > RULES_TEXT_MAX)
        return refuse(c, 400, "message is too long");
    return true;
}

static void message_result(struct call *c, const struct rules_message *m)
{
    struct json_out o = {.buf = c->result};
    message_json(c->r, &o, NULL, m);
}

static bool send_message(struct call *c)
{
    struct shown now = {.text = "", .entities = "", .markup = ""};
    bool good = text_read(c, &now) && keyboard_read(c->r, c->in, &now, c->error);
    c->row->shown = now;
    if (!good)
        return false;
    const struct person *p = chat_open(c);
    if (!p)
        return false;
    struct rules_message *m = message_add(c->r, c->now_ms, p->id, true);
    m->silent = json_bool(c->in, "disable_notification");
    m->now = now;
    c->row->message = m->id;
    message_result(c, m);
    return true;
}

static bool edit_message_text(struct call *c)
{
    struct shown now = {.text = "", .entities = "", .markup = ""};
    bool good = text_read(c, &now) && keyboard_read(c->r, c->in, &now, c->error);
    c->row->shown = now;
    c->row->message = json_int(c->in, "message_id", 0);
    if (!good)
        return false;
    const struct person *p = chat_open(c);
    if (!p)
        return false;
    if (c->row->message <= 0)
        return refuse(c, 400, "message identifier is not specified");
    if (!rules_message(c->r, p->id, c->row->message))
        return refuse(c, 400, "message to edit not found");
    struct rules_message *m = &c->r->message[c->row->message - 1];
    if (!m->from_bot)
        return refuse(c, 400, "message can't be edited");
    if (!strcmp(m->now.text, now.text) && !strcmp(m->now.entities, now.entities) &&
        !strcmp(m->now.markup, now.markup))
        return refuse(
            c, 400,
            "message is not modified: specified new message content and reply "
            "markup are exactly the same as a current content and reply markup of "
            "the message");
    m->now = now;
    m->edited_ms = c->now_ms;
    message_result(c, m);
    return true;
}

static bool answer_callback_query(struct call *c)
{
    const char *text = json_text(c->in, "text");
    int64_t id = json_int(c->in, "callback_query_id", 0);
    struct press *p = NULL;
    if (id >= FIRST_PRESS && (uint64_t)(id - FIRST_PRESS) < c->r->presses)
        p = &c->r->press[id - FIRST_PRESS];
    if (p) {
        p->tried = true;
        c->row->chat = p->person;
        c->row->data = p->data;
    }
    c->row->shown.text = rules_keep(c->r, text);
    if (text && text_points(text) > RULES_TOAST_MAX)
        return refuse(c, 400, "MESSAGE_TOO_LONG");
    if (!p || p->answered || c->now_ms - p->at_ms > RULES_QUERY_MS)
        return refuse(
            c, 400, "query is too old and response timeout expired or query ID is invalid");
    p->answered = true;
    buf_text(c->result, "true");
    return true;
}

static const char *command_wrong(const struct cJSON *in)
{
    const char *name = json_text(in, "command"), *about = json_text(in, "description");
    if (!name || !about)
        return "can't parse list of bot commands: expected an Array of BotCommand";
    name += *name == '/';
    size_t n = strlen(name);
    if (n < 1 || n > 32 || n != strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"))
        return "BOT_COMMAND_INVALID";
    if (!*about || text_points(about) > 256)
        return "BOT_COMMAND_DESCRIPTION_INVALID";
    return NULL;
}

static bool set_my_commands(struct call *c)
{
    const struct cJSON *list = json_at(c->in, "commands");
    const char *lang = json_text(c->in, "language_code");
    int n = 0;
    if (!json_is_array(list))
        return refuse(c, 400,
                      "can't parse list of bot commands: expected an Array of "
                      "BotCommand");
    for (const struct cJSON *v = json_first(list); v; v = json_next(v)) {
        const char *wrong =
            ++n > RULES_COMMANDS_MAX ? "BOT_COMMANDS_TOO_MUCH" : command_wrong(v);
        if (wrong)
            return refuse(c, 400, wrong);
    }
    if (lang && *lang &&
        (strlen(lang) != 2 || strspn(lang, "abcdefghijklmnopqrstuvwxyz") != 2))
        return refuse(c, 400, "LANG_CODE_INVALID");
    const char *scope = json_text(c->in, "scope.type");
    static const char *const scopes[] = {"default", "all_private_chats", "all_group_chats",
                                         "all_chat_administrators"};
    bool known = !json_at(c->in, "scope");
    for (size_t i = 0; scope && i < sizeof scopes / sizeof *scopes; i++)
        known = known || !strcmp(scope, scopes[i]);
    if (!known)
        return refuse(c, 400, "can't parse BotCommandScope: unsupported type specified");
    buf_text(c->result, "true");
    return true;
}

method_run *method_find(const char *name, enum row_kind *out_kind)
{
    static const struct {
        const char *name;
        method_run *run;
        enum row_kind kind;
    } methods[] = {
        {"getMe", get_me, ROW_OTHER},
        {"getUpdates", get_updates, ROW_POLL},
        {"deleteWebhook", delete_webhook, ROW_OTHER},
        {"sendMessage", send_message, ROW_SENT},
        {"editMessageText", edit_message_text, ROW_EDITED},
        {"answerCallbackQuery", answer_callback_query, ROW_TOAST},
        {"setMyCommands", set_my_commands, ROW_OTHER},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strcasecmp(methods[i].name, name)) {
            *out_kind = methods[i].kind;
            return methods[i].run;
        }
    return NULL;
}
