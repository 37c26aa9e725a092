#include "bot/telegram/update.h"

#include <ctype.h>
#include <string.h>

#include "bot/base/json.h"

enum { ID_DIGITS_MAX = 15 };

static const char *copy(struct arena *a, const char *text)
{
    return text ? arena_text(a, text, strlen(text)) : "";
}

/* Where and who, the same in every kind. False when it is not a person in a chat: other
 * bots, anonymous admins (they are bots too), channels that speak as themselves. */
static bool person_in_chat(const struct cJSON *from, const struct cJSON *message,
                           struct arena *a, struct update *u)
{
    const char *type = json_text(message, "chat.type");
    u->chat = json_int(message, "chat.id", 0);
    u->user = json_int(from, "id", 0);
    u->message = json_int(message, "message_id", 0);
    u->is_private = type && strcmp(type, "private") == 0 && u->chat == u->user;
    u->lang = copy(a, json_text(from, "language_code"));
    /* In ordinary supergroups replies carry a message_thread_id that is no topic. */
    if (json_bool(message, "is_topic_message"))
        u->thread = json_int(message, "message_thread_id", 0);
    return u->chat != 0 && u->user > 0 && !json_bool(from, "is_bot");
}

static enum update_kind text_kind(const struct cJSON *message, struct arena *a,
                                  struct update *u)
{
    const char *text = json_text(message, "text");
    if (!person_in_chat(json_at(message, "from"), message, a, u) || !text ||
        json_at(message, "sender_chat"))
        return UPDATE_OTHER;
    u->text = copy(a, text);
    return UPDATE_TEXT;
}

/* A press on a message that is too old to be shown still names its chat and id. */
static enum update_kind button_kind(const struct cJSON *press, struct arena *a,
                                    struct update *u)
{
    const char *data = json_text(press, "data"), *query = json_text(press, "id");
    if (!person_in_chat(json_at(press, "from"), json_at(press, "message"), a, u) || !data ||
        !query)
        return UPDATE_OTHER;
    u->text = copy(a, data);
    u->query = copy(a, query);
    return UPDATE_BUTTON;
}

static enum update_kind member_kind(const struct cJSON *change, struct arena *a,
                                    struct update *u)
{
    const char *status = json_text(change, "new_chat_member.status");
    if (!person_in_chat(json_at(change, "from"), change, a, u) || !status)
        return UPDATE_OTHER;
    u->can_write = strcmp(status, "member") == 0 || strcmp(status, "administrator") == 0 ||
                   strcmp(status, "creator") == 0 ||
                   (strcmp(status, "restricted") == 0 &&
                    json_bool(change, "new_chat_member.can_send_messages"));
    return UPDATE_MEMBER;
}

static const struct {
    const char *key;
    enum update_kind (*read)(const struct cJSON *v, struct arena *a, struct update *u);
} kinds[] = {
    {"message", text_kind},
    {"callback_query", button_kind},
    {"my_chat_member", member_kind},
};

enum err update_parse(const struct cJSON *in, struct arena *a, struct update *out)
{
    *out = (struct update){
        .id = json_int(in, "update_id", -1), .lang = "", .text = "", .query = ""};
    if (out->id < 0)
        return ERR_BAD_INPUT;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct cJSON *v = json_at(in, kinds[i].key);
        if (json_is_object(v)) {
            out->kind = kinds[i].read(v, a, out);
            break;
        }
    }
    return OK;
}

enum err updates_parse(const char *body, size_t len, struct arena *a, struct update *out,
                       int max, int *out_n)
{
    struct cJSON *tree = json_parse(body, len);
    const struct cJSON *list = json_at(tree, "result");
    bool good = json_bool(tree, "ok") && json_is_array(list);
    int n = 0;
    if (good)
        for (const struct cJSON *v = json_first(list); v && n < max; v = json_next(v))
            if (update_parse(v, a, &out[n]) == OK)
                n++;
    json_free(tree);
    *out_n = n;
    return good ? OK : ERR_BAD_INPUT;
}

static bool begins(const char *s, size_t left, const char *with)
{
    size_t n = strlen(with);
    return left >= n && memcmp(s, with, n) == 0;
}

/* The id of the update that opens at `s`, -1 for none. */
static int64_t id_at(const char *s, size_t left)
{
    static const char key[] = "{\"update_id\":";
    size_t i = sizeof key - 1, from = i;
    int64_t id = 0;
    if (!begins(s, left, key))
        return -1;
    for (; i < left && i - from < ID_DIGITS_MAX && isdigit((unsigned char)s[i]); i++)
        id = id * 10 + (s[i] - '0');
    return i > from && i < left && (s[i] == ',' || s[i] == '}') ? id : -1;
}

int updates_scan(const char *body, size_t len, int64_t *out_first)
{
    enum { IN_RESULT = 2 };
    int depth = 0, n = 0;
    bool quoted = false;
    *out_first = -1;
    if (!begins(body, len, "{\"ok\":true,\"result\":["))
        return 0;
    for (size_t i = 0; i < len; i++) {
        char c = body[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (quoted) {
            i += c == '\\';
        } else if (c == '{' || c == '[') {
            int64_t id = depth == IN_RESULT ? id_at(body + i, len - i) : 0;
            if (id < 0)
                return 0;
            if (depth++ == IN_RESULT && n++ == 0)
                *out_first = id;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1 == len ? n : 0;
        }
    }
    return 0;
}

const char *update_summary(const struct update *u, struct arena *a)
{
    static const char *const names[] = {
        [UPDATE_OTHER] = "other",
        [UPDATE_TEXT] = "text",
        [UPDATE_BUTTON] = "button",
        [UPDATE_MEMBER] = "member",
    };
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    jo_open(&o, NULL, '{');
    jo_int(&o, "update_id", u->id);
    jo_text(&o, "kind", names[u->kind]);
    jo_int(&o, "chat", u->chat);
    jo_int(&o, "thread", u->thread);
    jo_int(&o, "user", u->user);
    jo_int(&o, "message", u->message);
    jo_int(&o, "text_bytes", (int64_t)strlen(u->text));
    jo_close(&o, '}');
    const char *summary = arena_text(a, b.data, b.len);
    buf_free(&b);
    return summary;
}
