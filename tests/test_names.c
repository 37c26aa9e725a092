/* Names of others, as they are shown: whatever somebody calls themselves, the line that it
 * stands in remains a line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bot/base/json.h"
#include "bot/talk/names.h"

#define A8 "аааааааа"
#define FAMILY "👨\u200d👩\u200d👧\u200d👦"

static const struct {
    const char *name, *plain;
} rows[] = {
    {"Anna", "Anna"},
    {"Аня Ёлкина-Смит", "Аня Ёлкина-Смит"},
    {"", "?"},
    {" ", "?"},
    {"\u00a0\u3000\u2003", "?"},
    {"\u200b\u200e\ufeff", "?"},
    {"\u3164", "?"}, /* a letter of Hangul that shows nothing */
    {"  Anna   Maria  ", "Anna Maria"},
    {"Anna\nMaria\r\n\tLee", "Anna Maria Lee"},
    {"An\x01\x7f\xc2\x85na", "Anna"},
    {"Anna\u2028Maria\u2029", "AnnaMaria"},
    {"\u202eannA", "annA"}, /* would turn the whole line round */
    {"A\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u061cB", "AB"},
    {"\u200fشهد", "شهد"}, /* letters that go right to left stay */
    {"e\u0301", "e\u0301"},
    {"Z\u0300\u0301\u0302\u0303\u0304a\u0305\u0306l\u0489\u0488\u0487go",
     "Z\u0300\u0301a\u0305\u0306l\u0489\u0488go"},
    {"\u0301\u0301\u0301", "\u0301\u0301"},
    {FAMILY, FAMILY}, /* joined by U+200D */
    {"Юра 🇺🇦", "Юра 🇺🇦"},
    {"👍🏽", "👍🏽"},
    {"A\U000e0041\U000e007f", "A"}, /* tags */
    {A8 A8 A8 A8, A8 A8 A8 A8},
    {A8 A8 A8 A8 "б", A8 A8 A8 A8 "…"},
    {A8 A8 A8 A8 "\n", A8 A8 A8 A8},
    {A8 A8 A8 A8 "   \u202e", A8 A8 A8 A8},
    {A8 A8 A8 A8 A8 A8 A8, A8 A8 A8 A8 "…"},
    {"<b>Anna</b> & \"co\"", "<b>Anna</b> & \"co\""},
};

static void a_name_is_one_line_without_tricks(void **state)
{
    struct arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = name_plain(&a, rows[i].name);
        if (strcmp(got, rows[i].plain) != 0)
            fail_msg("row %zu: \"%s\"", i, got);
        assert_string_equal(name_plain(&a, got), got); /* shown again, it stays */
    }
    arena_free(&a);
}

static void a_shown_name_is_no_markup(void **state)
{
    struct arena a = {0};
    (void)state;
    assert_string_equal(name_shown(&a, "<b>A</b> & <a href=\"tg://x\">B"),
                        "&lt;b&gt;A&lt;/b&gt; &amp; &lt;a href=&quot;tg://x&quot;&gt;B");
    assert_string_equal(name_shown(&a, "&amp;"), "&amp;amp;");
    assert_string_equal(name_shown(&a, "\n"), "?");
    arena_free(&a);
}

/* The shortening never cuts a letter in two, wherever the name begins. */
static void a_cut_name_is_still_utf8(void **state)
{
    static const char letters[] = "aя€😀\u0301";
    struct arena a = {0};
    char name[600];
    (void)state;
    for (size_t from = 0; from < 40; from++) {
        memset(name, 'x', from);
        name[from] = '\0';
        for (int i = 0; i < 20; i++)
            strcat(name, letters);
        const char *got = name_plain(&a, name);
        size_t shown = 0;
        assert_true(utf8_valid(got, strlen(got)));
        for (const char *p = got; *p; p++)
            shown += ((unsigned char)*p & 0xc0) != 0x80;
        assert_int_equal(shown, NAME_SHOWN_MAX + 1); /* and the ellipsis */
        assert_string_equal(got + strlen(got) - strlen("…"), "…");
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_one_line_without_tricks),
        cmocka_unit_test(a_shown_name_is_no_markup),
        cmocka_unit_test(a_cut_name_is_still_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
