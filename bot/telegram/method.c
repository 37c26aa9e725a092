#include "bot/telegram/method.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "bot/base/json.h"

enum { DATA_MAX_BYTES = 64, RETRY_MAX_S = 7 * 86400 };

void keyboard_row(struct keyboard *k)
{
    if (k->n > 0 && k->row_len[k->n - 1] == 0)
        return;
    assert(k->n < ROWS_MAX);
    k->row_len[k->n++] = 0;
}

void keyboard_button(struct keyboard *k, const char *text, const char *data)
{
    assert(*data && strlen(data) <= DATA_MAX_BYTES);
    if (k->n == 0)
        keyboard_row(k);
    int row = k->n - 1;
    assert(k->row_len[row] < ROW_MAX);
    k->rows[row][k->row_len[row]++] = (struct button){.text = text, .data = data};
}

void keyboard_link(struct keyboard *k, const char *text, const char *url)
{
    keyboard_button(k, text, "-");
    struct button *b = &k->rows[k->n - 1][k->row_len[k->n - 1] - 1];
    b->data = NULL;
    b->url = url;
}

void keyboard_style(struct keyboard *k, enum button_style style)
{
    assert(k->n > 0 && k->row_len[k->n - 1] > 0);
    k->rows[k->n - 1][k->row_len[k->n - 1] - 1].style = style;
}

static void button(struct json_out *o, const struct button *b)
{
    static const char *const styles[] = {
        [BUTTON_PLAIN] = NULL,
        [BUTTON_GREEN] = "success",
        [BUTTON_RED] = "danger",
        [BUTTON_BLUE] = "primary",
    };
    jo_open(o, NULL, '{');
    jo_text(o, "text", b->text);
    jo_text(o, b->data ? "callback_data" : "url", b->data ? b->data : b->url);
    if (styles[b->style])
        jo_text(o, "style", styles[b->style]);
    jo_close(o, '}');
}

static void reply_markup(struct json_out *o, const struct keyboard *k)
{
    jo_open(o, "reply_markup", '{');
    jo_open(o, "inline_keyboard", '[');
    for (int row = 0; row < k->n; row++) {
        if (k->row_len[row] == 0)
            continue;
        jo_open(o, NULL, '[');
        for (int i = 0; i < k->row_len[row]; i++)
            button(o, &k->rows[row][i]);
        jo_close(o, ']');
    }
    jo_close(o, ']');
    jo_close(o, '}');
}

/* previews: the method would show what links lead to. */
static void message(struct buf *out, const char *key, const char *html,
                    const struct keyboard *k, bool previews, bool silent)
{
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_text(&o, key, html);
    jo_text(&o, "parse_mode", "HTML");
    if (previews) {
        jo_open(&o, "link_preview_options", '{');
        jo_bool(&o, "is_disabled", true);
        jo_close(&o, '}');
    }
    if (silent)
        jo_bool(&o, "disable_notification", true);
    if (k && k->n > 0)
        reply_markup(&o, k);
    jo_close(&o, '}');
}

void method_text(struct buf *out, const char *html, const struct keyboard *k, bool silent)
{
    message(out, "text", html, k, true, silent);
}

void method_caption(struct buf *out, const char *html, const struct keyboard *k,
                    bool silent)
{
    message(out, "caption", html, k, false, silent);
}

static void text_in_html(struct json_out *o, const char *key, const char *mode,
                         const char *html)
{
    if (!*html)
        return;
    jo_text(o, key, html);
    jo_text(o, mode, "HTML");
}

void method_quiz(struct buf *out, const struct poll_of_quiz *q)
{
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_text(&o, "question", q->question);
    jo_open(&o, "options", '[');
    for (int i = 0; i < q->options; i++) {
        jo_open(&o, NULL, '{');
        jo_text(&o, "text", q->option[i]);
        jo_close(&o, '}');
    }
    jo_close(&o, ']');
    jo_text(&o, "type", "quiz");
    jo_open(&o, "correct_option_ids", '[');
    jo_int(&o, NULL, q->key);
    jo_close(&o, ']');
    jo_bool(&o, "is_anonymous", false);
    jo_bool(&o, "shuffle_options", true);
    text_in_html(&o, "explanation", "explanation_parse_mode", q->why);
    text_in_html(&o, "description", "description_parse_mode", q->about);
    if (q->open_s)
        jo_int(&o, "open_period", q->open_s);
    jo_bool(&o, "disable_notification", true);
    jo_bool(&o, "protect_content", true); /* a forwarded copy would collect votes too */
    if (q->keyboard && q->keyboard->n > 0)
        reply_markup(&o, q->keyboard);
    jo_close(&o, '}');
}

void method_member(struct buf *out, int64_t person)
{
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_int(&o, "user_id", person);
    jo_close(&o, '}');
}

void method_get_updates(struct buf *out, int64_t offset, int limit, int timeout_s)
{
    /* Always the whole list: the server remembers what another program asked for. */
    static const char *const kinds[] = {"message", "callback_query", "my_chat_member",
                                        "poll_answer"};
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_int(&o, "offset", offset);
    jo_int(&o, "limit", limit);
    jo_int(&o, "timeout", timeout_s);
    jo_open(&o, "allowed_updates", '[');
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        jo_text(&o, NULL, kinds[i]);
    jo_close(&o, ']');
    jo_close(&o, '}');
}

void method_answer_query(struct buf *out, const char *query, const char *text, bool alert)
{
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_text(&o, "callback_query_id", query);
    if (*text)
        jo_text(&o, "text", text);
    if (alert)
        jo_bool(&o, "show_alert", true);
    jo_close(&o, '}');
}

void method_set_commands(struct buf *out, const char *scope, int64_t chat, const char *lang,
                         const struct command_line *c, int n)
{
    struct json_out o = {.buf = out};
    jo_open(&o, NULL, '{');
    jo_open(&o, "commands", '[');
    for (int i = 0; i < n; i++) {
        jo_open(&o, NULL, '{');
        jo_text(&o, "command", c[i].name);
        jo_text(&o, "description", c[i].about);
        jo_close(&o, '}');
    }
    jo_close(&o, ']');
    jo_open(&o, "scope", '{');
    jo_text(&o, "type", scope);
    if (chat)
        jo_int(&o, "chat_id", chat);
    jo_close(&o, '}');
    if (*lang)
        jo_text(&o, "language_code", lang);
    jo_close(&o, '}');
}

void method_address(struct buf *out, const char *body, int64_t chat, int64_t thread,
                    int64_t message)
{
    assert(body[0] == '{');
    if (chat == 0) {
        buf_text(out, body);
        return;
    }
    buf_printf(out, "{\"chat_id\":%" PRId64, chat);
    if (message)
        buf_printf(out, ",\"message_id\":%" PRId64, message);
    else if (thread)
        buf_printf(out, ",\"message_thread_id\":%" PRId64, thread);
    if (body[1] != '}')
        buf_text(out, ",");
    buf_text(out, body + 1);
}

static int64_t clamp(int64_t v, int64_t max)
{
    return v < 0 ? 0 : v > max ? max : v;
}

/* "" when it is not there. */
static const char *word(struct arena *a, const struct cJSON *tree, const char *path)
{
    const char *text = json_text(tree, path);
    return text ? arena_text(a, text, strlen(text)) : "";
}

void reply_parse(const char *body, size_t len, struct arena *a, struct reply *out)
{
    struct cJSON *tree = json_parse(body, len);
    *out = (struct reply){.ok = json_bool(tree, "ok"),
                          .description = "",
                          .username = word(a, tree, "result.username"),
                          .poll = word(a, tree, "result.poll.id"),
                          .status = word(a, tree, "result.status")};
    if (out->ok) {
        out->readable = true;
        out->message = clamp(json_int(tree, "result.message_id", 0), INT64_MAX);
    } else {
        out->code = (int)clamp(json_int(tree, "error_code", 0), 999);
        out->readable = out->code > 0;
        out->retry_after_s =
            clamp(json_int(tree, "parameters.retry_after", 0), RETRY_MAX_S);
        out->migrate_to = json_int(tree, "parameters.migrate_to_chat_id", 0);
        out->description = word(a, tree, "description");
    }
    json_free(tree);
}
