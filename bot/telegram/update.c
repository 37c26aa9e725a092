#include "bot/telegram/update.h"

#include <ctype.h>
#include <string.h>

#include "bot/base/json.h"

enum { ID_DIGITS_MAX = 15, POLL_DIGITS_MAX = 20, OPTION_MAX = 11 };

static const char *copy(struct arena *a, const char *text)
{
    return text ? arena_text(a, text, strlen(text)) : "";
}

static const char *full_name(struct arena *a, const struct cJSON *from)
{
    const char *first = json_text(from, "first_name"), *last = json_text(from, "last_name");
    return last && *last ? arena_printf(a, "%s %s", first ? first : "", last)
                         : copy(a, first);
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
    u->name = full_name(a, from);
    /* In ordinary supergroups replies carry a message_thread_id that is no topic. */
    if (json_bool(message, "is_topic_message"))
        u->thread = json_int(message, "message_thread_id", 0);
    return u->chat != 0 && u->user > 0 && !json_bool(from, "is_bot");
}

/* Both groups tell of the move, the old one and the new; either may come first. */
static enum update_kind moved_kind(const struct cJSON *message, struct update *u)
{
    int64_t here = json_int(message, "chat.id", 0);
    int64_t to = json_int(message, "migrate_to_chat_id", 0);
    int64_t from = json_int(message, "migrate_from_chat_id", 0);
    u->is_private = false;
    u->chat = to ? here : from;
    u->moved_to = to ? to : here;
    return u->chat < 0 && u->moved_to < 0 ? UPDATE_MOVED : UPDATE_OTHER;
}

static enum update_kind text_kind(const struct cJSON *message, struct arena *a,
                                  struct update *u)
{
    const char *text = json_text(message, "text");
    if (json_at(message, "migrate_to_chat_id") || json_at(message, "migrate_from_chat_id"))
        return moved_kind(message, u);
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

static bool may_write(const struct cJSON *member)
{
    const char *status = json_text(member, "status");
    return status &&
           (strcmp(status, "member") == 0 || strcmp(status, "administrator") == 0 ||
            strcmp(status, "creator") == 0 ||
            (strcmp(status, "restricted") == 0 && json_bool(member, "can_send_messages")));
}

/* Who did it may be an anonymous administrator: in a group that does not matter. */
static enum update_kind member_kind(const struct cJSON *change, struct arena *a,
                                    struct update *u)
{
    const struct cJSON *now = json_at(change, "new_chat_member");
    const char *type = json_text(change, "chat.type");
    if (type && strcmp(type, "channel") == 0) /* nobody plays there */
        return UPDATE_OTHER;
    bool person = person_in_chat(json_at(change, "from"), change, a, u);
    if ((!person && u->chat >= 0) || !json_text(now, "status"))
        return UPDATE_OTHER;
    u->can_write = may_write(now);
    u->could_write = may_write(json_at(change, "old_chat_member"));
    return UPDATE_MEMBER;
}

/* Votes by channels and by anonymous administrators are nobody's. */
static enum update_kind vote_kind(const struct cJSON *vote, struct arena *a,
                                  struct update *u)
{
    const struct cJSON *user = json_at(vote, "user");
    const struct cJSON *chosen = json_at(vote, "option_ids");
    const char *poll = json_text(vote, "poll_id");
    size_t digits = poll ? strspn(poll, "0123456789") : 0;
    u->user = json_int(user, "id", 0);
    if (u->user <= 0 || json_bool(user, "is_bot") || json_at(vote, "voter_chat") ||
        !json_is_array(chosen) || !digits || digits > POLL_DIGITS_MAX || poll[digits])
        return UPDATE_OTHER;
    const struct cJSON *first = json_first(chosen);
    int64_t option = first ? json_int(first, NULL, -1) : -1;
    if (first && (option < 0 || option > OPTION_MAX))
        return UPDATE_OTHER;
    u->poll = copy(a, poll);
    u->option = (int)option;
    u->name = full_name(a, user);
    u->lang = copy(a, json_text(user, "language_code"));
    return UPDATE_VOTE;
}

static const struct {
    const char *key;
    enum update_kind (*read)(const struct cJSON *v, struct arena *a, struct update *u);
} kinds[] = {
    {"message", text_kind},
    {"callback_query", button_kind},
    {"my_chat_member", member_kind},
    {"poll_answer", vote_kind},
};

enum err update_parse(const struct cJSON *in, struct arena *a, struct update *out)
{
    *out = (struct update){.id = json_int(in, "update_id", -1),
                           .name = "",
                           .lang = "",
                           .text = "",
                           .query = "",
                           .poll = "",
                           .option = -1};
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
        [UPDATE_OTHER] = "other",   [UPDATE_TEXT] = "text", [UPDATE_BUTTON] = "button",
        [UPDATE_MEMBER] = "member", [UPDATE_VOTE] = "vote", [UPDATE_MOVED] = "moved",
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
