#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "bot/telegram/update.h"

#define ANNA \
    "{\"id\":7012345678,\"is_bot\":false,\"first_name\":\"Аня\",\"language_code\":\"ru\"}"
#define OWN "{\"id\":7012345678,\"first_name\":\"Аня\",\"type\":\"private\"}"
#define GROUP "{\"id\":-1001234567890,\"title\":\"Py\",\"type\":\"supergroup\"}"
#define U(id, rest) "{\"update_id\":" #id "," rest "}"

/* One row per kind that Telegram sends, per field that may be missing or mistyped, and per
 * edge of an id. */
static const struct {
    const char *json;
    enum err err;
    struct update want;
} rows[] = {
    {U(900000001, "\"message\":{\"message_id\":17,\"from\":" ANNA ",\"chat\":" OWN
                  ",\"date\":1795353653,\"text\":\"/start ref_ab12\",\"entities\":[{"
                  "\"offset\":0,\"length\":6,\"type\":\"bot_command\"}]}"),
     OK,
     {.id = 900000001,
      .kind = UPDATE_TEXT,
      .chat = 7012345678,
      .is_private = true,
      .user = 7012345678,
      .message = 17,
      .lang = "ru",
      .text = "/start ref_ab12"}},
    {U(900000002,
       "\"message\":{\"message_id\":941,\"message_thread_id\":12,"
       "\"is_topic_message\":true,\"from\":" ANNA
       ",\"chat\":{\"id\":-1001234567890,\"title\":\"Py\",\"type\":\"supergroup\","
       "\"is_forum\":true},\"date\":1795353660,\"text\":\"/battle@MyQuizBot 5\"}"),
     OK,
     {.id = 900000002,
      .kind = UPDATE_TEXT,
      .chat = -1001234567890,
      .thread = 12,
      .user = 7012345678,
      .message = 941,
      .lang = "ru",
      .text = "/battle@MyQuizBot 5"}},
    {U(900000003, "\"callback_query\":{\"id\":\"30117200437529810\",\"from\":" ANNA
                  ",\"chat_instance\":\"-4211\",\"data\":\"r:1a2f:3\",\"message\":{"
                  "\"message_id\":18,\"chat\":" OWN ",\"date\":1795353654,\"text\":\"Q\","
                  "\"reply_markup\":{\"inline_keyboard\":[[{\"text\":\"Good\","
                  "\"callback_data\":\"r:1a2f:3\"}]]}}}"),
     OK,
     {.id = 900000003,
      .kind = UPDATE_BUTTON,
      .chat = 7012345678,
      .is_private = true,
      .user = 7012345678,
      .message = 18,
      .lang = "ru",
      .text = "r:1a2f:3",
      .query = "30117200437529810"}},
    {U(900000004, "\"callback_query\":{\"id\":\"30117200437529811\",\"from\":" ANNA
                  ",\"chat_instance\":\"-4211\",\"data\":\"r:1a2f:3\",\"message\":{"
                  "\"message_id\":18,\"chat\":" OWN ",\"date\":0}}"),
     OK,
     {.id = 900000004,
      .kind = UPDATE_BUTTON,
      .chat = 7012345678,
      .is_private = true,
      .user = 7012345678,
      .message = 18,
      .lang = "ru",
      .text = "r:1a2f:3",
      .query = "30117200437529811"}},
    {U(900000005, "\"poll_answer\":{\"poll_id\":\"5298988606646386709\",\"user\":" ANNA
                  ",\"option_ids\":[2],\"option_persistent_ids\":[\"AQ\"]}"),
     OK,
     {.id = 900000005,
      .kind = UPDATE_VOTE,
      .user = 7012345678,
      .name = "Аня",
      .lang = "ru",
      .poll = "5298988606646386709",
      .option = 2}},
    {U(900000006, "\"poll_answer\":{\"poll_id\":\"5298988606646386709\",\"user\":{"
                  "\"id\":136817688,\"is_bot\":true,\"first_name\":\"Channel\"},"
                  "\"voter_chat\":{\"id\":-1009876543210,\"title\":\"Ch\","
                  "\"type\":\"channel\"},\"option_ids\":[0]}"),
     OK,
     {.id = 900000006, .user = 136817688}},
    {U(900000007, "\"poll\":{\"id\":\"5298988606646386709\",\"question\":\"?\","
                  "\"options\":[],\"total_voter_count\":5,\"is_closed\":true}"),
     OK,
     {.id = 900000007}},
    {U(900000008, "\"my_chat_member\":{\"chat\":" OWN ",\"from\":" ANNA
                  ",\"date\":1795353700,\"old_chat_member\":{\"user\":{\"id\":111,"
                  "\"is_bot\":true,\"first_name\":\"Bot\"},\"status\":\"member\"},"
                  "\"new_chat_member\":{\"user\":{\"id\":111,\"is_bot\":true,"
                  "\"first_name\":\"Bot\"},\"status\":\"kicked\",\"until_date\":0}}"),
     OK,
     {.id = 900000008,
      .kind = UPDATE_MEMBER,
      .chat = 7012345678,
      .is_private = true,
      .user = 7012345678,
      .could_write = true,
      .lang = "ru"}},
    {U(900000009, "\"message\":{\"message_id\":5,\"chat\":{\"id\":-4012345678,"
                  "\"title\":\"Py\",\"type\":\"group\"},\"date\":1795353710,\"from\":" ANNA
                  ",\"migrate_to_chat_id\":-1001234567890}"),
     OK,
     {.id = 900000009,
      .kind = UPDATE_MOVED,
      .chat = -4012345678,
      .moved_to = -1001234567890}},
    {U(900000010, "\"message\":{\"message_id\":1,\"chat\":" GROUP ",\"date\":1795353710,"
                  "\"from\":{\"id\":1087968824,\"is_bot\":true,\"first_name\":\"Group\","
                  "\"username\":\"GroupAnonymousBot\"},\"sender_chat\":" GROUP
                  ",\"migrate_from_chat_id\":-4012345678}"),
     OK,
     {.id = 900000010,
      .kind = UPDATE_MOVED,
      .chat = -4012345678,
      .moved_to = -1001234567890}},
    {U(900000011, "\"chat_member\":{\"chat\":" GROUP ",\"from\":{\"id\":1,"
                  "\"is_bot\":false,\"first_name\":\"A\"},\"date\":1795353711,"
                  "\"new_chat_member\":{\"user\":{\"id\":2},\"status\":\"left\"}}"),
     OK,
     {.id = 900000011}},
    {U(900000012, "\"edited_message\":{\"message_id\":17,\"from\":" ANNA ",\"chat\":" OWN
                  ",\"date\":1795353653,\"edit_date\":1795353720,\"text\":\"/start\"}"),
     OK,
     {.id = 900000012}},
    {U(900000013, "\"inline_query\":{\"id\":\"301172004375\",\"from\":" ANNA
                  ",\"query\":\"gil\",\"offset\":\"\",\"chat_type\":\"group\"}"),
     OK,
     {.id = 900000013}},
    /* an anonymous admin's command and a channel's post speak for nobody */
    {U(1, "\"message\":{\"message_id\":2,\"chat\":" GROUP ",\"from\":{\"id\":1087968824,"
          "\"is_bot\":true},\"sender_chat\":" GROUP ",\"text\":\"/top\"}"),
     OK,
     {.id = 1, .chat = -1001234567890, .user = 1087968824, .message = 2}},
    {U(1, "\"message\":{\"message_id\":2,\"chat\":" GROUP ",\"from\":{\"id\":777000,"
          "\"is_bot\":false},\"sender_chat\":{\"id\":-100777,\"type\":\"channel\"},"
          "\"text\":\"/top\"}"),
     OK,
     {.id = 1, .chat = -1001234567890, .user = 777000, .message = 2}},
    {U(1, "\"callback_query\":{\"id\":\"9\",\"from\":{\"id\":5,\"is_bot\":true},"
          "\"data\":\"x\",\"message\":{\"message_id\":2,\"chat\":" GROUP "}}"),
     OK,
     {.id = 1, .chat = -1001234567890, .user = 5, .message = 2}},
    /* a reply in a supergroup has a thread that is no topic */
    {U(1, "\"message\":{\"message_id\":3,\"message_thread_id\":12,\"from\":" ANNA
          ",\"chat\":" GROUP ",\"text\":\"hi\"}"),
     OK,
     {.id = 1,
      .kind = UPDATE_TEXT,
      .chat = -1001234567890,
      .user = 7012345678,
      .message = 3,
      .lang = "ru",
      .text = "hi"}},
    /* a chat that says private and is not the person's own is not private */
    {U(1, "\"message\":{\"message_id\":3,\"from\":{\"id\":5},\"chat\":{\"id\":6,"
          "\"type\":\"private\"},\"text\":\"hi\"}"),
     OK,
     {.id = 1, .kind = UPDATE_TEXT, .chat = 6, .user = 5, .message = 3, .text = "hi"}},
    {U(1, "\"my_chat_member\":{\"chat\":" OWN ",\"from\":" ANNA
          ",\"new_chat_member\":{\"status\":\"member\"}}"),
     OK,
     {.id = 1,
      .kind = UPDATE_MEMBER,
      .chat = 7012345678,
      .is_private = true,
      .user = 7012345678,
      .lang = "ru",
      .can_write = true}},
    {U(1, "\"my_chat_member\":{\"chat\":" GROUP ",\"from\":" ANNA
          ",\"new_chat_member\":{\"status\":\"restricted\",\"can_send_messages\":false}}"),
     OK,
     {.id = 1,
      .kind = UPDATE_MEMBER,
      .chat = -1001234567890,
      .user = 7012345678,
      .lang = "ru"}},
    /* a channel is no group: nobody plays there */
    {U(1, "\"my_chat_member\":{\"chat\":{\"id\":-1009876543210,\"type\":\"channel\"},"
          "\"from\":" ANNA ",\"new_chat_member\":{\"status\":\"administrator\"}}"),
     OK,
     {.id = 1}},
    {U(1, "\"my_chat_member\":{\"chat\":" OWN ",\"from\":" ANNA "}"),
     OK,
     {.id = 1, .chat = 7012345678, .is_private = true, .user = 7012345678, .lang = "ru"}},
    /* missing and mistyped */
    {U(1, "\"message\":{}"), OK, {.id = 1}},
    {U(1, "\"message\":[]"), OK, {.id = 1}},
    {U(1, "\"message\":null"), OK, {.id = 1}},
    {U(1, "\"message\":{\"text\":\"x\",\"chat\":7,\"from\":\"me\"}"), OK, {.id = 1}},
    {U(1, "\"message\":{\"message_id\":\"a\",\"text\":5,\"chat\":{\"id\":7},"
          "\"from\":{\"id\":7}}"),
     OK,
     {.id = 1, .chat = 7, .user = 7}},
    {U(1, "\"message\":{\"message_id\":1,\"text\":\"x\",\"chat\":{\"id\":7}}"),
     OK,
     {.id = 1, .chat = 7, .message = 1}},
    {U(1, "\"message\":{\"message_id\":1,\"text\":\"x\",\"chat\":{\"id\":7},"
          "\"from\":{\"id\":-7}}"),
     OK,
     {.id = 1, .chat = 7, .user = -7, .message = 1}},
    {U(1,
       "\"callback_query\":{\"id\":\"9\",\"from\":{\"id\":7},\"inline_message_id\":\"a\","
       "\"data\":\"x\"}"),
     OK,
     {.id = 1, .user = 7}},
    {U(1, "\"callback_query\":{\"from\":{\"id\":7},\"data\":\"x\",\"message\":{"
          "\"message_id\":1,\"chat\":{\"id\":7}}}"),
     OK,
     {.id = 1, .chat = 7, .user = 7, .message = 1}},
    {U(1, "\"callback_query\":{\"id\":\"9\",\"from\":{\"id\":7},\"game_short_name\":\"x\","
          "\"message\":{\"message_id\":1,\"chat\":{\"id\":7}}}"),
     OK,
     {.id = 1, .chat = 7, .user = 7, .message = 1}},
    /* ids: 52 bits pass, what a double cannot hold does not */
    {U(2147483647, "\"message\":{\"message_id\":4294967296,\"text\":\"x\",\"chat\":{"
                   "\"id\":-4503599627370495},\"from\":{\"id\":4503599627370495}}"),
     OK,
     {.id = 2147483647,
      .kind = UPDATE_TEXT,
      .chat = -4503599627370495,
      .user = 4503599627370495,
      .message = 4294967296,
      .text = "x"}},
    {U(1, "\"message\":{\"message_id\":1,\"text\":\"x\",\"chat\":{\"id\":1e400},"
          "\"from\":{\"id\":9007199254740993}}"),
     OK,
     {.id = 1, .message = 1}},
    {U(1, "\"message\":{\"message_id\":1.5,\"text\":\"x\",\"chat\":{\"id\":1},"
          "\"from\":{\"id\":1}}"),
     OK,
     {.id = 1, .kind = UPDATE_TEXT, .chat = 1, .user = 1, .text = "x"}},
    {"{\"update_id\":-5}", ERR_BAD_INPUT, {.id = -5}},
    {"{\"update_id\":1e300}", ERR_BAD_INPUT, {.id = -1}},
    {"{\"update_id\":null}", ERR_BAD_INPUT, {.id = -1}},
    {"{}", ERR_BAD_INPUT, {.id = -1}},
    {"[]", ERR_BAD_INPUT, {.id = -1}},
    {"7", ERR_BAD_INPUT, {.id = -1}},
    {"null", ERR_BAD_INPUT, {.id = -1}},
};

static bool same_text(const char *got, const char *want)
{
    return got && strcmp(got, want ? want : "") == 0;
}

static bool same(const struct update *a, const struct update *want)
{
    return a->id == want->id && a->kind == want->kind && a->chat == want->chat &&
           a->is_private == want->is_private && a->thread == want->thread &&
           a->user == want->user && a->message == want->message &&
           a->can_write == want->can_write && a->could_write == want->could_write &&
           a->moved_to == want->moved_to &&
           a->option == (want->kind == UPDATE_VOTE ? want->option : -1) &&
           same_text(a->lang, want->lang) && same_text(a->text, want->text) &&
           same_text(a->query, want->query) && same_text(a->poll, want->poll) && a->name &&
           (!want->name || strcmp(a->name, want->name) == 0);
}

static void every_update_becomes_one_flat_struct(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *v = json_parse(rows[i].json, strlen(rows[i].json));
        if (!v)
            fail_msg("row %zu is not JSON", i);
        struct update u;
        if (update_parse(v, &a, &u) != rows[i].err || !same(&u, &rows[i].want))
            fail_msg("row %zu: %s", i, rows[i].json);
        json_free(v);
        const char *summary = update_summary(&u, &a);
        struct cJSON *s = json_parse(summary, strlen(summary));
        if (!s || strchr(summary, '\n') ||
            json_int(s, "text_bytes", -1) != (int64_t)strlen(u.text))
            fail_msg("row %zu: summary %s", i, summary);
        json_free(s);
    }
    arena_free(&a);
}

/* ---- what groups bring ---- */

#define VOTE(rest) U(5, "\"poll_answer\":{" rest "}")
#define POLL "\"poll_id\":\"77\""
#define BY_ANNA "\"user\":" ANNA
#define MOVE(chat, rest)                                                   \
    U(5, "\"message\":{\"message_id\":1,\"date\":1,\"chat\":{\"id\":" chat \
         ",\"type\":\"group\"}," rest "}")
#define MEMBER(from, before, now)                                \
    U(5, "\"my_chat_member\":{\"chat\":" GROUP ",\"from\":" from \
         ",\"old_chat_member\":" before ",\"new_chat_member\":" now "}")
#define IS(status) "{\"status\":\"" status "\"}"
#define ANONYMOUS "{\"id\":1087968824,\"is_bot\":true,\"first_name\":\"Group\"}"

/* Nothing in them is as it was said: all that is not exactly a vote, a move or a change of
 * our own rights is nobody's. */
static const struct {
    const char *json;
    enum update_kind kind;
    int option;
    bool could, can;
} of_groups[] = {
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[0]"), UPDATE_VOTE, 0, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[11]"), UPDATE_VOTE, 11, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[]"), UPDATE_VOTE, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[3,1]"), UPDATE_VOTE, 3, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[12]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[-1]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[-2]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[99999999999999999999]"), UPDATE_OTHER, -1,
     false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[\"1\"]"), UPDATE_VOTE, 1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[[1]]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[1.5]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":[null]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"option_ids\":1"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false, false},
    {VOTE(BY_ANNA ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false, false},
    {VOTE("\"poll_id\":77," BY_ANNA ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false, false},
    {VOTE("\"poll_id\":\"\"," BY_ANNA ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false,
     false},
    {VOTE("\"poll_id\":\"7x\"," BY_ANNA ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false,
     false},
    {VOTE("\"poll_id\":\"-7\"," BY_ANNA ",\"option_ids\":[1]"), UPDATE_OTHER, -1, false,
     false},
    {VOTE("\"poll_id\":\"12345678901234567890\"," BY_ANNA ",\"option_ids\":[1]"),
     UPDATE_VOTE, 1, false, false},
    {VOTE("\"poll_id\":\"123456789012345678901\"," BY_ANNA ",\"option_ids\":[1]"),
     UPDATE_OTHER, -1, false, false},
    {VOTE(POLL "," BY_ANNA ",\"voter_chat\":{\"id\":-100},\"option_ids\":[1]"),
     UPDATE_OTHER, -1, false, false},
    {VOTE(POLL ",\"user\":{\"id\":9,\"is_bot\":true},\"option_ids\":[1]"), UPDATE_OTHER, -1,
     false, false},
    {VOTE(POLL ",\"user\":{\"id\":-9},\"option_ids\":[1]"), UPDATE_OTHER, -1, false, false},
    {VOTE(POLL ",\"user\":{\"id\":\"9x\"},\"option_ids\":[1]"), UPDATE_OTHER, -1, false,
     false},
    {U(5, "\"poll_answer\":[]"), UPDATE_OTHER, -1, false, false},
    {MOVE("-4", "\"migrate_to_chat_id\":-1001"), UPDATE_MOVED, -1, false, false},
    {MOVE("-1001", "\"migrate_from_chat_id\":-4"), UPDATE_MOVED, -1, false, false},
    {MOVE("-4", "\"migrate_to_chat_id\":1001"), UPDATE_OTHER, -1, false, false},
    {MOVE("4", "\"migrate_to_chat_id\":-1001"), UPDATE_OTHER, -1, false, false},
    {MOVE("-4", "\"migrate_to_chat_id\":\"-1001\""), UPDATE_MOVED, -1, false, false},
    {MOVE("-4", "\"migrate_to_chat_id\":null,\"text\":\"/top\""), UPDATE_OTHER, -1, false,
     false},
    {MOVE("-1001", "\"migrate_from_chat_id\":0"), UPDATE_OTHER, -1, false, false},
    {MOVE("-1001", "\"migrate_from_chat_id\":-9e99"), UPDATE_OTHER, -1, false, false},
    {MEMBER(ANNA, IS("left"), IS("member")), UPDATE_MEMBER, -1, false, true},
    {MEMBER(ANNA, IS("member"), IS("kicked")), UPDATE_MEMBER, -1, true, false},
    {MEMBER(ANNA, IS("administrator"), IS("left")), UPDATE_MEMBER, -1, true, false},
    {MEMBER(ANNA, IS("member"), IS("administrator")), UPDATE_MEMBER, -1, true, true},
    {MEMBER(ANNA, IS("member"), "{\"status\":\"restricted\",\"can_send_messages\":true}"),
     UPDATE_MEMBER, -1, true, true},
    {MEMBER(ANNA, IS("member"), IS("restricted")), UPDATE_MEMBER, -1, true, false},
    {MEMBER(ANNA, IS("emperor"), IS("emperor")), UPDATE_MEMBER, -1, false, false},
    {MEMBER(ANONYMOUS, IS("left"), IS("member")), UPDATE_MEMBER, -1, false, true},
    {MEMBER(ANNA, IS("left"), "{\"status\":5}"), UPDATE_OTHER, -1, false, false},
    {MEMBER(ANNA, IS("left"), "5"), UPDATE_OTHER, -1, false, false},
    {MEMBER(ANNA, "5", IS("member")), UPDATE_MEMBER, -1, false, true},
};

static void what_groups_bring_is_itself_or_nobodys(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof of_groups / sizeof *of_groups; i++) {
        struct update u;
        const char *json = of_groups[i].json;
        struct cJSON *v = json_parse(json, strlen(json));
        if (!v || update_parse(v, &a, &u) != OK)
            fail_msg("row %zu: %s", i, json);
        json_free(v);
        bool moved = u.kind == UPDATE_MOVED;
        if (u.kind != of_groups[i].kind || u.option != of_groups[i].option ||
            u.can_write != of_groups[i].can || u.could_write != of_groups[i].could ||
            (moved && (u.chat != -4 || u.moved_to != -1001)) ||
            (*u.poll != '\0') != (u.kind == UPDATE_VOTE))
            fail_msg("row %zu: kind %d, option %d: %s", i, (int)u.kind, u.option, json);
        if (u.kind == UPDATE_VOTE)
            assert_true(u.user == 7012345678 && *u.poll && u.chat == 0);
    }
    arena_free(&a);
}

static void a_name_is_first_and_last(void **state)
{
    static const struct {
        const char *fields, *name;
    } names[] = {
        {",\"first_name\":\"Аня\"", "Аня"},
        {",\"first_name\":\"Аня\",\"last_name\":\"Ким\"", "Аня Ким"},
        {",\"first_name\":\"Аня\",\"last_name\":\"\"", "Аня"},
        {",\"last_name\":\"Ким\"", " Ким"},
        {",\"first_name\":5,\"last_name\":[]", ""},
        {",\"first_name\":\"\\u202e<b>\"", "\u202e<b>"}, /* names.h sees to it */
        {"", ""},
    };
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct update u;
        const char *json = arena_printf(
            &a, VOTE(POLL ",\"user\":{\"id\":7%s},\"option_ids\":[1]"), names[i].fields);
        struct cJSON *v = json_parse(json, strlen(json));
        assert_non_null(v);
        assert_int_equal(update_parse(v, &a, &u), OK);
        json_free(v);
        assert_int_equal(u.kind, UPDATE_VOTE);
        assert_string_equal(u.name, names[i].name);
    }
    arena_free(&a);
}

static void an_absent_update_is_bad_input(void **state)
{
    (void)state;
    struct arena a = {0};
    struct update u;
    assert_int_equal(update_parse(NULL, &a, &u), ERR_BAD_INPUT);
    assert_string_equal(u.text, "");
    arena_free(&a);
}

static const struct {
    const char *body;
    enum err err;
    int n;
    int64_t last;
} answers[] = {
    {"{\"ok\":true,\"result\":[]}", OK, 0, 0},
    {"{\"ok\":true,\"result\":[{\"update_id\":7}]}\n", OK, 1, 7},
    {"{\"ok\":true,\"result\":[{\"update_id\":8},5,null,{\"update_id\":\"x\"},"
     "{\"update_id\":3,\"message\":\"?\"}]}",
     OK, 2, 3},
    {"{\"ok\":true,\"result\":{}}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":true,\"result\":true}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":true}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":1,\"result\":[]}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":false,\"error_code\":409,\"result\":[]}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":true,\"result\":[{\"update_id\":7}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":true,\"result\":[]} {}", ERR_BAD_INPUT, 0, 0},
    {"{\"ok\":true,\"result\":[{\"update_id\":7,\"x\":\"\xff\"}]}", ERR_BAD_INPUT, 0, 0},
    {"<html><body>502 Bad Gateway</body></html>", ERR_BAD_INPUT, 0, 0},
    {"", ERR_BAD_INPUT, 0, 0},
};

static void an_answer_is_a_list_or_bad_input(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct update u[UPDATES_MAX];
        int n = -1;
        enum err e =
            updates_parse(answers[i].body, strlen(answers[i].body), &a, u, UPDATES_MAX, &n);
        if (e != answers[i].err || n != answers[i].n ||
            (n > 0 && u[n - 1].id != answers[i].last))
            fail_msg("row %zu: err %d, n %d", i, (int)e, n);
    }
    arena_free(&a);
}

static void more_updates_than_fit_are_left_for_the_next_answer(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf b = {0};
    buf_text(&b, "{\"ok\":true,\"result\":[{\"update_id\":0}");
    for (int i = 1; i < 1000; i++)
        buf_printf(&b, ",{\"update_id\":%d}", i);
    buf_text(&b, "]}");
    struct update u[UPDATES_MAX];
    int n = 0;
    assert_int_equal(updates_parse(b.data, b.len, &a, u, UPDATES_MAX, &n), OK);
    assert_int_equal(n, UPDATES_MAX);
    assert_int_equal(u[n - 1].id, UPDATES_MAX - 1);
    buf_free(&b);
    arena_free(&a);
}

static void every_cut_of_an_answer_is_refused(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"ok\":true,\"result\":[" U(1, "\"message\":{\"message_id\":17,\"from\":" ANNA
                                         ",\"chat\":" OWN ",\"text\":\"\\u0416\"}") "]}";
    struct arena a = {0};
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct update u[UPDATES_MAX];
        int n;
        char *exact = malloc(len + 1); /* so that a sanitizer sees a read past the end */
        memcpy(exact, whole, len);
        if (updates_parse(exact, len, &a, u, UPDATES_MAX, &n) != ERR_BAD_INPUT)
            fail_msg("cut at %zu was taken", len);
        free(exact);
    }
    arena_free(&a);
}

#define LIST(rest) "{\"ok\":true,\"result\":[" rest "]}"
#define LONE(id) U(id, "\"message\":{\"text\":\"\\ud83d [{\\\"}]\",\"chat\":" OWN "}")

/* What the parser refuses although all of it came, and what only looks like that. */
static const struct {
    const char *body;
    int n;
    int64_t first;
} scans[] = {
    {LIST(LONE(7)), 1, 7},
    {LIST(LONE(900000007) "," LONE(3)), 2, 900000007},
    {LIST("{\"update_id\":7,\"x\":\"\xff\"}"), 1, 7},
    {LIST("{\"update_id\":7,\"x\":\"\x01\\\\\"}"), 1, 7},
    {LIST("{\"update_id\":7,\"x\":\"\\ud83d{\\\"update_id\\\":9}\"}"), 1, 7},
    {LIST("{\"update_id\":7,\"x\":[[{\"update_id\":9}],01]}"), 1, 7},
    {LIST("{\"update_id\":999999999999999,\"x\":01}"), 1, 999999999999999},
    {LIST("{\"update_id\":9999999999999999,\"x\":01}"), 0, -1},
    {LIST("{\"update_id\":-7,\"x\":01}"), 0, -1},
    {LIST("{\"update_id\":\"7\",\"x\":01}"), 0, -1},
    {LIST("{\"update_id\":7e1,\"x\":01}"), 0, -1},
    {LIST("{\"x\":01,\"update_id\":7}"), 0, -1},
    {LIST("[{\"update_id\":7,\"x\":01}]"), 0, -1},
    {LIST(""), 0, -1},
    {LIST(LONE(7)) "}", 0, -1},
    {LIST(LONE(7)) LIST(LONE(8)), 0, -1},
    {"{\"ok\":false,\"result\":[" LONE(7) "]}", 0, -1},
    {"{\"ok\":true,\"result\":" LONE(7) "}", 0, -1},
    {"<html>{\"update_id\":7}</html>", 0, -1},
    {"", 0, -1},
};

static void an_answer_that_is_not_json_still_names_its_update(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scans / sizeof *scans; i++) {
        int64_t first = 0;
        int n = updates_scan(scans[i].body, strlen(scans[i].body), &first);
        if (n != scans[i].n || (n > 0 && first != scans[i].first))
            fail_msg("row %zu: n %d, first %lld", i, n, (long long)first);
    }
}

static void no_cut_of_an_answer_names_an_update(void **state)
{
    (void)state;
    static const char whole[] = LIST(LONE(7) "," LONE(8));
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        int64_t first;
        char *exact = malloc(len + 1); /* so that a sanitizer sees a read past the end */
        memcpy(exact, whole, len);
        if (updates_scan(exact, len, &first) != 0)
            fail_msg("cut at %zu was taken", len);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_update_becomes_one_flat_struct),
        cmocka_unit_test(what_groups_bring_is_itself_or_nobodys),
        cmocka_unit_test(a_name_is_first_and_last),
        cmocka_unit_test(an_absent_update_is_bad_input),
        cmocka_unit_test(an_answer_is_a_list_or_bad_input),
        cmocka_unit_test(more_updates_than_fit_are_left_for_the_next_answer),
        cmocka_unit_test(every_cut_of_an_answer_is_refused),
        cmocka_unit_test(an_answer_that_is_not_json_still_names_its_update),
        cmocka_unit_test(no_cut_of_an_answer_names_an_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
