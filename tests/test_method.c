#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bot/base/json.h"
#include "bot/telegram/method.h"

static void expect(struct buf *b, const char *want)
{
    struct cJSON *v = json_parse(b->data, b->len);
    assert_non_null(v);
    json_free(v);
    assert_string_equal(b->data, want);
    buf_free(b);
}

static void a_text_without_a_keyboard_has_no_reply_markup(void **state)
{
    (void)state;
    struct buf b = {0};
    struct keyboard empty = {0};
    const char *want = "{\"text\":\"<b>Ж</b> \\\"x\\\"\\n\\\\\",\"parse_mode\":\"HTML\","
                       "\"link_preview_options\":{\"is_disabled\":true}}";
    method_text(&b, "<b>Ж</b> \"x\"\n\\", NULL, false);
    expect(&b, want);
    method_text(&b, "<b>Ж</b> \"x\"\n\\", &empty, false);
    expect(&b, want);
}

static void a_keyboard_keeps_its_rows_and_styles(void **state)
{
    (void)state;
    struct keyboard k = {0};
    keyboard_button(&k, "Снова", "r:1");
    keyboard_style(&k, BUTTON_RED);
    keyboard_button(&k, "Хорошо", "r:3");
    keyboard_style(&k, BUTTON_GREEN);
    keyboard_row(&k);
    keyboard_row(&k); /* an empty row is not left behind */
    keyboard_button(&k, "Дальше", "n");
    keyboard_style(&k, BUTTON_BLUE);
    keyboard_button(&k, "Нет", "0");
    keyboard_row(&k);
    struct buf b = {0};
    method_text(&b, "?", &k, true);
    expect(&b, "{\"text\":\"?\",\"parse_mode\":\"HTML\","
               "\"link_preview_options\":{\"is_disabled\":true},"
               "\"disable_notification\":true,\"reply_markup\":{\"inline_keyboard\":["
               "[{\"text\":\"Снова\",\"callback_data\":\"r:1\",\"style\":\"danger\"},"
               "{\"text\":\"Хорошо\",\"callback_data\":\"r:3\",\"style\":\"success\"}],"
               "[{\"text\":\"Дальше\",\"callback_data\":\"n\",\"style\":\"primary\"},"
               "{\"text\":\"Нет\",\"callback_data\":\"0\"}]]}}");
}

static void a_keyboard_holds_all_that_it_promises(void **state)
{
    (void)state;
    struct keyboard k = {0};
    char data[65];
    memset(data, 'x', 64);
    data[64] = '\0';
    for (int row = 0; row < ROWS_MAX; row++) {
        keyboard_row(&k);
        for (int i = 0; i < ROW_MAX; i++)
            keyboard_button(&k, "b", data);
    }
    assert_int_equal(k.n, ROWS_MAX);
    assert_int_equal(k.row_len[ROWS_MAX - 1], ROW_MAX);
}

static void every_method_writes_the_object_of_the_bot_api(void **state)
{
    (void)state;
    struct buf b = {0};
    method_get_updates(&b, 900000014, 100, 25);
    expect(&b, "{\"offset\":900000014,\"limit\":100,\"timeout\":25,\"allowed_updates\":"
               "[\"message\",\"callback_query\",\"my_chat_member\",\"poll_answer\"]}");
    method_answer_query(&b, "30117200437529810", "", false);
    expect(&b, "{\"callback_query_id\":\"30117200437529810\"}");
    method_answer_query(&b, "1", "Уже", true);
    expect(&b, "{\"callback_query_id\":\"1\",\"text\":\"Уже\",\"show_alert\":true}");
    const struct command_line c[] = {{"next", "следующий вопрос"}, {"help", "что я умею"}};
    method_set_commands(&b, "all_private_chats", 0, "ru", c, 2);
    expect(&b, "{\"commands\":[{\"command\":\"next\",\"description\":\"следующий вопрос\"},"
               "{\"command\":\"help\",\"description\":\"что я умею\"}],"
               "\"scope\":{\"type\":\"all_private_chats\"},\"language_code\":\"ru\"}");
    method_set_commands(&b, "all_chat_administrators", 0, "", c, 1);
    expect(&b,
           "{\"commands\":[{\"command\":\"next\",\"description\":\"следующий вопрос\"}],"
           "\"scope\":{\"type\":\"all_chat_administrators\"}}");
    method_set_commands(&b, "all_group_chats", 0, "ru", c, 0);
    expect(&b, "{\"commands\":[],\"scope\":{\"type\":\"all_group_chats\"},"
               "\"language_code\":\"ru\"}");
    method_member(&b, 7012345678);
    expect(&b, "{\"user_id\":7012345678}");
    method_member(&b, INT64_MAX);
    expect(&b, "{\"user_id\":9223372036854775807}");
}

static void a_quiz_is_written_with_all_or_the_least_of_it(void **state)
{
    (void)state;
    static const char *const option[] = {"\"1\"", "<b>", "ё", "4"};
    struct keyboard k = {0}, empty = {0};
    struct buf b = {0};
    keyboard_button(&k, "Пропустить", "b.1");
    method_quiz(&b, &(struct poll_of_quiz){.question = "a < \"b\"?",
                                           .option = option,
                                           .options = 4,
                                           .key = 3,
                                           .why = "<code>x</code>",
                                           .about = "<pre>y</pre>",
                                           .open_s = 45,
                                           .keyboard = &k});
    expect(&b, "{\"question\":\"a < \\\"b\\\"?\",\"options\":[{\"text\":\"\\\"1\\\"\"},"
               "{\"text\":\"<b>\"},{\"text\":\"ё\"},{\"text\":\"4\"}],\"type\":\"quiz\","
               "\"correct_option_ids\":[3],\"is_anonymous\":false,"
               "\"shuffle_options\":true,\"explanation\":\"<code>x</code>\","
               "\"explanation_parse_mode\":\"HTML\",\"description\":\"<pre>y</pre>\","
               "\"description_parse_mode\":\"HTML\",\"open_period\":45,"
               "\"disable_notification\":true,\"protect_content\":true,"
               "\"reply_markup\":{\"inline_keyboard\":[[{\"text\":\"Пропустить\","
               "\"callback_data\":\"b.1\"}]]}}");
    for (int i = 0; i < 2; i++) {
        method_quiz(&b, &(struct poll_of_quiz){.question = "?",
                                               .option = option + 2,
                                               .options = 2,
                                               .why = "",
                                               .about = "",
                                               .keyboard = i ? &empty : NULL});
        expect(&b, "{\"question\":\"?\",\"options\":[{\"text\":\"ё\"},{\"text\":\"4\"}],"
                   "\"type\":\"quiz\",\"correct_option_ids\":[0],\"is_anonymous\":false,"
                   "\"shuffle_options\":true,\"disable_notification\":true,"
                   "\"protect_content\":true}");
    }
}

/* The sender turns it into a text by its first nine letters when there is no picture. */
static void a_caption_begins_with_its_key(void **state)
{
    (void)state;
    struct buf b = {0};
    struct keyboard k = {0};
    keyboard_link(&k, "Ответ в личке", "https://t.me/sobes_bot?start=q_a");
    keyboard_button(&k, "Ещё", "n");
    method_caption(&b, "<b>Ж</b> \"caption\"", &k, true);
    assert_memory_equal(b.data, "{\"caption\":", 11);
    expect(&b, "{\"caption\":\"<b>Ж</b> \\\"caption\\\"\",\"parse_mode\":\"HTML\","
               "\"disable_notification\":true,\"reply_markup\":{\"inline_keyboard\":[["
               "{\"text\":\"Ответ в личке\",\"url\":\"https://t.me/sobes_bot?start=q_a\"},"
               "{\"text\":\"Ещё\",\"callback_data\":\"n\"}]]}}");
}

static const struct {
    const char *body;
    int64_t chat, thread, message;
    const char *want;
} addresses[] = {
    {"{\"text\":\"x\"}", 7, 0, 0, "{\"chat_id\":7,\"text\":\"x\"}"},
    {"{\"text\":\"x\"}", -1001234567890, 12, 0,
     "{\"chat_id\":-1001234567890,\"message_thread_id\":12,\"text\":\"x\"}"},
    {"{\"text\":\"x\"}", 4503599627370495, 0, 4294967296,
     "{\"chat_id\":4503599627370495,\"message_id\":4294967296,\"text\":\"x\"}"},
    {"{\"text\":\"x\"}", INT64_MIN, 1, INT64_MAX,
     "{\"chat_id\":-9223372036854775808,\"message_id\":9223372036854775807,"
     "\"text\":\"x\"}"},
    {"{}", 7, 0, 0, "{\"chat_id\":7}"},
    {"{\"commands\":[]}", 0, 5, 6, "{\"commands\":[]}"},
};

static void an_address_is_spliced_in_as_plain_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct buf b = {0};
        method_address(&b, addresses[i].body, addresses[i].chat, addresses[i].thread,
                       addresses[i].message);
        expect(&b, addresses[i].want);
    }
}

static const struct {
    const char *body;
    struct reply want; /* NULL texts stand for "" */
} replies[] = {
    {"{\"ok\":true,\"result\":{\"message_id\":18,\"chat\":{\"id\":7}}}",
     {.readable = true, .ok = true, .message = 18}},
    {"{\"ok\":true,\"result\":true}", {.readable = true, .ok = true}},
    {"{\"ok\":true,\"result\":{\"id\":111,\"is_bot\":true,\"username\":\"MyQuizBot\"}}",
     {.readable = true, .ok = true, .username = "MyQuizBot"}},
    {"{\"ok\":true,\"result\":{\"message_id\":-4}}", {.readable = true, .ok = true}},
    {"{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after "
     "17\","
     "\"parameters\":{\"retry_after\":17}}",
     {.readable = true,
      .code = 429,
      .description = "Too Many Requests: retry after 17",
      .retry_after_s = 17}},
    {"{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":9007199254740991}}",
     {.readable = true, .code = 429, .retry_after_s = 604800}},
    {"{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":-3}}",
     {.readable = true, .code = 429}},
    {"{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat was "
     "upgraded"
     " to a supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}",
     {.readable = true,
      .code = 400,
      .description = "Bad Request: group chat was upgraded to a supergroup chat",
      .migrate_to = -1001234567890}},
    {"{\"ok\":false,\"error_code\":403,\"description\":5}",
     {.readable = true, .code = 403}},
    {"{\"ok\":true,\"result\":{\"message_id\":19,\"poll\":{\"id\":\"5298988606646386709\"}}"
     "}",
     {.readable = true, .ok = true, .message = 19, .poll = "5298988606646386709"}},
    {"{\"ok\":true,\"result\":{\"message_id\":19,\"poll\":{\"id\":5298988606646386709}}}",
     {.readable = true, .ok = true, .message = 19}},
    {"{\"ok\":true,\"result\":{\"message_id\":19,\"poll\":[\"5\"]}}",
     {.readable = true, .ok = true, .message = 19}},
    /* stopPoll answers with the poll itself */
    {"{\"ok\":true,\"result\":{\"id\":\"52989\",\"is_closed\":true}}",
     {.readable = true, .ok = true}},
    {"{\"ok\":true,\"result\":{\"status\":\"administrator\",\"user\":{\"id\":7}}}",
     {.readable = true, .ok = true, .status = "administrator"}},
    {"{\"ok\":true,\"result\":{\"status\":[\"creator\"]}}", {.readable = true, .ok = true}},
    {"{\"ok\":true,\"result\":[{\"status\":\"creator\"}]}", {.readable = true, .ok = true}},
    {"{\"ok\":false}", {.readable = false}},
    {"{\"ok\":\"true\",\"result\":{\"message_id\":5}}", {.readable = false}},
    {"{\"result\":{\"message_id\":5}}", {.readable = false}},
    {"{\"ok\":true", {.readable = false}},
    {"[]", {.readable = false}},
    {"true", {.readable = false}},
    {"<html>502</html>", {.readable = false}},
    {"", {.readable = false}},
};

static void an_answer_is_read_or_called_unreadable(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        const struct reply *w = &replies[i].want;
        struct reply r;
        reply_parse(replies[i].body, strlen(replies[i].body), &a, &r);
        if (r.readable != w->readable || r.ok != w->ok || r.code != w->code ||
            r.retry_after_s != w->retry_after_s || r.migrate_to != w->migrate_to ||
            r.message != w->message ||
            strcmp(r.description, w->description ? w->description : "") != 0 ||
            strcmp(r.username, w->username ? w->username : "") != 0 ||
            strcmp(r.poll, w->poll ? w->poll : "") != 0 ||
            strcmp(r.status, w->status ? w->status : "") != 0)
            fail_msg("row %zu: %s", i, replies[i].body);
    }
    arena_free(&a);
}

static void no_body_at_all_is_unreadable(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r;
    reply_parse(NULL, 0, &a, &r);
    assert_false(r.readable);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_without_a_keyboard_has_no_reply_markup),
        cmocka_unit_test(a_keyboard_keeps_its_rows_and_styles),
        cmocka_unit_test(a_keyboard_holds_all_that_it_promises),
        cmocka_unit_test(every_method_writes_the_object_of_the_bot_api),
        cmocka_unit_test(a_quiz_is_written_with_all_or_the_least_of_it),
        cmocka_unit_test(a_caption_begins_with_its_key),
        cmocka_unit_test(an_address_is_spliced_in_as_plain_integers),
        cmocka_unit_test(an_answer_is_read_or_called_unreadable),
        cmocka_unit_test(no_body_at_all_is_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
