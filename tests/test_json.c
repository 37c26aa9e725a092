/* JSON of strangers in, JSON for Telegram out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"

enum { ELSE = -7 };

static void numbers_are_read_exactly_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t want; /* ELSE: the fallback */
        bool parses;
    } rows[] = {
        {"0", 0, true},
        {"-0", 0, true},
        {"7", 7, true},
        {"-7000", -7000, true},
        {"2147483647", 2147483647, true},
        {"2147483648", 2147483648, true},
        {"-2147483649", -2147483649, true},
        {"5000000000", 5000000000, true},
        {"-1001234567890", -1001234567890, true},
        {"-1009999999999999", -1009999999999999, true},
        {"9007199254740991", 9007199254740991, true},
        {"-9007199254740991", -9007199254740991, true},
        {"9007199254740992", ELSE, true},
        {"-9007199254740993", ELSE, true},
        {"9223372036854775807", ELSE, true},
        {"18446744073709551616", ELSE, true},
        {"1e3", 1000, true},
        {"1E+3", 1000, true},
        {"1.0", 1, true},
        {"15e-1", ELSE, true},
        {"1.5", ELSE, true},
        {"0.1", ELSE, true},
        {"1e999", ELSE, true},
        {"-1e999", ELSE, true},
        {"1e-999", 0, true},
        {"01", ELSE, false},
        {"-01", ELSE, false},
        {"00", ELSE, false},
        {"+1", ELSE, false},
        {"-", ELSE, false},
        {"--1", ELSE, false},
        {".5", ELSE, false},
        {"1.", ELSE, false},
        {"1.e5", ELSE, false},
        {"1e", ELSE, false},
        {"1e+", ELSE, false},
        {"1.2.3", ELSE, false},
        {"0x10", ELSE, false},
        {"1_000", ELSE, false},
        {"NaN", ELSE, false},
        {"Infinity", ELSE, false},
        {"-Infinity", ELSE, false},
        {"1 2", ELSE, false},
        {"\"12\"", 12, true},
        {"\"-1001234567890\"", -1001234567890, true},
        {"\"999999999999999999\"", 999999999999999999, true},
        {"\"9999999999999999999\"", ELSE, true},
        {"\"\"", ELSE, true},
        {"\"-\"", ELSE, true},
        {"\"1-2\"", ELSE, true},
        {"\" 12\"", ELSE, true},
        {"\"12a\"", ELSE, true},
        {"\"1e3\"", ELSE, true},
        {"null", ELSE, true},
        {"true", ELSE, true},
        {"[5]", ELSE, true},
        {"{}", ELSE, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *v = json_parse(rows[i].json, strlen(rows[i].json));
        if (!!v != rows[i].parses)
            fail_msg("row %zu: %s", i, rows[i].json);
        if (v && json_int(v, "", ELSE) != rows[i].want)
            fail_msg("row %zu: %s is %lld", i, rows[i].json,
                     (long long)json_int(v, "", ELSE));
        json_free(v);
    }
}

static void strings_are_unescaped_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want; /* NULL: does not parse */
    } rows[] = {
        {"\"\"", ""},
        {"\"abc\"", "abc"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"Django \xf0\x9f\xa6\x8a\"", "Django \xf0\x9f\xa6\x8a"},
        {"\"\\u0451\"", "ё"},
        {"\"\\ud83e\\udd8a\"", "\xf0\x9f\xa6\x8a"},
        {"\"\\u0001\"", "\x01"},
        {"\"a\\u0000b\"", "a"}, /* a text ends there, the rest of the answer lives */
        {"\"\\ud83e\"", NULL},
        {"\"\\ud83ex\"", NULL},
        {"\"\\udd8a\"", NULL},
        {"\"\\udd8a\\ud83e\"", NULL},
        {"\"\\u12\"", NULL},
        {"\"\\uzzzz\"", NULL},
        {"\"\\x41\"", NULL},
        {"\"a\nb\"", NULL},
        {"\"a\x01\"", NULL},
        {"\"abc", NULL},
        {"\"abc\\\"", NULL},
        {"\"\\", NULL},
        {"'abc'", NULL},
        {"\"\xff\"", NULL},
        {"\"\xc0\xaf\"", NULL},
        {"\"\xed\xa0\x80\"", NULL}, /* a surrogate in UTF-8 */
        {"\"\xd0\"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *v = json_parse(rows[i].json, strlen(rows[i].json));
        const char *text = json_text(v, "");
        if (!rows[i].want != !text || (text && strcmp(text, rows[i].want) != 0))
            fail_msg("row %zu: %s", i, rows[i].json);
        json_free(v);
    }
}

static void only_one_whole_value_parses(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool parses;
    } rows[] = {
        {"{}", true},           {"[]", true},          {" \t\r\n[1,2]\n ", true},
        {"{\"a\":{}}", true},   {"", false},           {" ", false},
        {"{}{}", false},        {"{} x", false},       {"[1,]", false},
        {"[1 2]", false},       {"{\"a\":1,}", false}, {"{\"a\"}", false},
        {"{\"a\":}", false},    {"{a:1}", false},      {"[", false},
        {"{\"ok\":tru", false}, {"nul", false},        {"nullx", false},
        {"TRUE", false},        {"[1]]", false},       {"// x\n1", false},
        {"\x01{}", false},      {"{}\x0b", false},     {"\xef\xbb\xbf{}", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *v = json_parse(rows[i].json, strlen(rows[i].json));
        if (!!v != rows[i].parses)
            fail_msg("row %zu: %s", i, rows[i].json);
        json_free(v);
    }
    assert_null(json_parse(NULL, 0));
    assert_null(json_parse("1\0", 2));
}

/* Each beginning of an answer is given in memory of its own, so that a byte read past its
 * end is a fault under ASan. */
static void a_cut_answer_never_parses(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"ok\":true,\"result\":[{\"update_id\":-12.5e3,\"text\":\"\\u0451 "
        "\\ud83e\\udd8a ё\",\"list\":[null,false]}]}";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char *part = malloc(n ? n : 1);
        assert_non_null(part);
        memcpy(part, whole, n);
        assert_null(json_parse(part, n));
        free(part);
    }
    struct cJSON *v = json_parse(whole, sizeof whole - 1);
    assert_non_null(v);
    json_free(v);
}

static void nesting_has_a_ceiling(void **state)
{
    (void)state;
    static const struct {
        size_t depth;
        bool parses;
    } rows[] = {{1, true}, {900, true}, {1100, false}, {1000000, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *deep = malloc(2 * rows[i].depth);
        assert_non_null(deep);
        memset(deep, '[', rows[i].depth);
        memset(deep + rows[i].depth, ']', rows[i].depth);
        struct cJSON *v = json_parse(deep, 2 * rows[i].depth);
        assert_int_equal(!!v, rows[i].parses);
        json_free(v);
        free(deep);
    }
}

static void a_missing_path_gives_the_fallback(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":{\"b\":{\"c\":5,\"t\":\"x\",\"yes\":true,\"one\":1}},"
        "\"list\":[{\"n\":1},{\"n\":2}],\"A\":6,\"twice\":1,\"twice\":2}";
    struct cJSON *v = json_parse(text, sizeof text - 1);
    assert_int_equal(json_int(v, "a.b.c", ELSE), 5);
    assert_int_equal(json_int(v, "A", ELSE), 6);
    assert_int_equal(json_int(v, "twice", ELSE), 1);
    assert_string_equal(json_text(v, "a.b.t"), "x");
    assert_true(json_bool(v, "a.b.yes"));
    assert_false(json_bool(v, "a.b.one"));
    assert_true(json_is_object(json_at(v, "a")));
    assert_true(json_is_array(json_at(v, "list")));
    static const char *const missing[] = {"b", "a.x.c", "a.b.c.d", "list.n", "list.0",
                                          ".", "a..b",  "a.b.t.x", "a.B.c"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        assert_int_equal(json_int(v, missing[i], ELSE), ELSE);
        assert_null(json_text(v, missing[i]));
        assert_false(json_bool(v, missing[i]));
    }
    assert_int_equal(json_int(NULL, "a", ELSE), ELSE);
    assert_null(json_text(NULL, "a"));
    assert_null(json_first(NULL));
    assert_null(json_next(NULL));
    assert_null(json_name(NULL));
    int64_t sum = 0;
    for (const struct cJSON *i = json_first(json_at(v, "list")); i; i = json_next(i))
        sum = sum * 10 + json_int(i, "n", ELSE);
    assert_int_equal(sum, 12);
    assert_string_equal(json_name(json_first(v)), "a");
    json_free(v);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    char odd[64];
    for (char c = 1; c < ' '; c++) {
        struct buf b = {0};
        struct json_out o = {.buf = &b};
        strcat(strcpy(odd, "\"\\/ Ёж \xf0\x9f\xa6\x8a"), (char[]){c, 'z', 0});
        jo_open(&o, NULL, '{');
        jo_text(&o, "text", odd);
        jo_int(&o, "least", INT64_MIN);
        jo_int(&o, "chat", -1001234567890123);
        jo_bool(&o, "yes", true);
        jo_open(&o, "rows", '[');
        jo_open(&o, NULL, '[');
        jo_close(&o, ']');
        jo_int(&o, NULL, 1);
        jo_bool(&o, NULL, false);
        jo_open(&o, NULL, '{');
        jo_text(&o, odd, "");
        jo_close(&o, '}');
        jo_close(&o, ']');
        jo_text(&o, "end", "x");
        jo_close(&o, '}');
        struct cJSON *v = json_parse(b.data, b.len);
        assert_non_null(v);
        assert_string_equal(json_text(v, "text"), odd);
        assert_int_equal(json_int(v, "chat", ELSE), -1001234567890123);
        assert_true(json_bool(v, "yes"));
        assert_string_equal(json_text(v, "end"), "x");
        const struct cJSON *row = json_first(json_at(v, "rows"));
        assert_true(json_is_array(row));
        assert_int_equal(json_int(json_next(row), "", ELSE), 1);
        row = json_next(json_next(json_next(row)));
        assert_string_equal(json_name(json_first(row)), odd);
        assert_non_null(strstr(b.data, "\"least\":-9223372036854775808,"));
        json_free(v);
        buf_free(&b);
    }
}

static void a_copy_is_what_was_read(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want; /* NULL: the same */
    } rows[] = {
        {"-1001234567890123", NULL},
        {"9007199254740991", NULL},
        {"-9007199254740991", NULL},
        {"5000000000", NULL},
        {"0", NULL},
        {"1e3", "1000"},
        {"1.5", NULL},
        {"-0.25", NULL},
        {"1e999", "null"},
        {"true", NULL},
        {"false", NULL},
        {"null", NULL},
        {"\"12\"", NULL},
        {"\"«ё» \\\"\\\\ \\n\"", NULL},
        {"\"\\u0451\\/\"", "\"ё/\""},
        {"[]", NULL},
        {"{}", NULL},
        {"[[],{},[1,[2]],\"\"]", NULL},
        {" { \"a\" : [ {\"b\":-5000000000} , true ] , \"\\\"\" : {} } ",
         "{\"a\":[{\"b\":-5000000000},true],\"\\\"\":{}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cJSON *v = json_parse(rows[i].json, strlen(rows[i].json));
        struct buf b = {0};
        struct json_out o = {.buf = &b};
        const char *want = rows[i].want ? rows[i].want : rows[i].json;
        jo_open(&o, NULL, '{');
        jo_copy(&o, "x", v);
        jo_int(&o, "y", 1);
        jo_close(&o, '}');
        size_t len = strlen(want);
        if (!v || b.len != len + 12 || strncmp(b.data, "{\"x\":", 5) != 0 ||
            strncmp(b.data + 5, want, len) != 0 ||
            strcmp(b.data + 5 + len, ",\"y\":1}") != 0)
            fail_msg("row %zu: %s", i, b.data);
        json_free(v);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly_or_not_at_all),
        cmocka_unit_test(strings_are_unescaped_or_refused),
        cmocka_unit_test(only_one_whole_value_parses),
        cmocka_unit_test(a_cut_answer_never_parses),
        cmocka_unit_test(nesting_has_a_ceiling),
        cmocka_unit_test(a_missing_path_gives_the_fallback),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_copy_is_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
