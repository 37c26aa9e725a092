/* Text made comparable, and how far apart two are. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bot/base/fold.h"

static void folded_texts_are_equal_when_people_would_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"Django", "django"},
        {"ДЖАНГО", "джанго"},
        {"Ёлка и ещё", "елка и еще"},
        {"е\xcc\x88лка", "елка"}, /* е and two dots apart */
        {"Йод, йод", "йод йод"},
        {"и\xcc\x86од", "йод"}, /* и and its breve apart */
        {"Straße", "strasse"},
        {"ﬁle", "file"},            /* a ligature */
        {"ＰＹＴＨＯＮ", "python"}, /* full width */
        {"ℌello", "hello"},
        {"x²", "x2"},
        {"  a \t\n b  ", "a b"},
        {"...a--b!!!", "a b"},
        {"select_related()", "select related"},
        {"__init__", "init"},
        {"C++ / C#", "c c"},
        {"py\xc2\xad"
         "thon",
         "python"}, /* soft hyphen */
        {"py\xe2\x80\x8b"
         "thon",
         "python"}, /* blank of no width */
        {"\xef\xbb\xbf"
         "python",
         "python"},
        {"python \xf0\x9f\x90\x8d", "python"}, /* snake */
        {"a\xc2\xa0"
         "b",
         "a b"}, /* blank that does not break */
        {"---", ""},
        {"42", "42"},
        {"\xff", ""},
        {"abc\xc0\xaf", ""},
        {"abc\xed\xa0\x80", ""},
        {"\xd0", ""},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *once = fold(&a, rows[i].text);
        if (strcmp(once, rows[i].want) != 0)
            fail_msg("row %zu: \"%s\"", i, once);
        assert_string_equal(fold(&a, once), once);
    }
    arena_free(&a);
}

static void distance_counts_typing_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int max, want;
    } rows[] = {
        {"", "", 2, 0},
        {"", "ab", 2, 2},
        {"", "abc", 2, 3},
        {"django", "django", 0, 0},
        {"django", "djanog", 2, 1}, /* neighbours swapped */
        {"django", "jango", 2, 1},
        {"django", "djjango", 2, 1},
        {"django", "dzhango", 2, 2},
        {"джанго", "джнаго", 1, 1},
        {"джанго", "жданог", 2, 2},
        {"базы", "баз", 1, 1},
        {"базы", "вазы", 1, 1},
        {"ё", "e", 1, 1},
        {"ca", "abc", 5, 3}, /* a piece is not edited twice */
        {"kitten", "sitting", 5, 3},
        {"kitten", "sitting", 2, 3},
        {"abcdef", "fedcba", 3, 4},
        {"abcdefghij", "badcfehgji", 5, 5}, /* swaps alone */
        {"abcdefghij", "badcfehgji", 4, 5},
        {"a", "b", 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int there = fold_distance(rows[i].a, rows[i].b, rows[i].max);
        int back = fold_distance(rows[i].b, rows[i].a, rows[i].max);
        if (there != rows[i].want || back != rows[i].want)
            fail_msg("row %zu: %d and back %d", i, there, back);
    }
}

static void a_lower_ceiling_never_changes_what_is_under_it(void **state)
{
    (void)state;
    char a[8] = "", b[8] = "";
    for (unsigned x = 0; x < 3 * 3 * 3 * 3 * 3; x++)
        for (unsigned y = 0; y < 3 * 3 * 3 * 3; y++) {
            for (unsigned i = 0, m = x; i < 5; i++, m /= 3)
                a[i] = (char)('a' + m % 3);
            for (unsigned i = 0, m = y; i < 4; i++, m /= 3)
                b[i] = (char)('a' + m % 3);
            int exact = fold_distance(a, b, 9);
            for (int max = 0; max < 6; max++)
                assert_int_equal(fold_distance(a, b, max), exact <= max ? exact : max + 1);
        }
}

static void very_long_texts_are_equal_or_far_apart(void **state)
{
    (void)state;
    char a[FOLD_DISTANCE_LEN + 2], b[FOLD_DISTANCE_LEN + 2];
    memset(a, 'a', sizeof a);
    a[sizeof a - 1] = '\0';
    memcpy(b, a, sizeof a);
    assert_int_equal(fold_distance(a, b, 2), 0);
    b[0] = 'b';
    assert_int_equal(fold_distance(a, b, 2), 3);
    a[FOLD_DISTANCE_LEN] = b[FOLD_DISTANCE_LEN] = '\0';
    assert_int_equal(fold_distance(a, b, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folded_texts_are_equal_when_people_would_say_so),
        cmocka_unit_test(distance_counts_typing_mistakes),
        cmocka_unit_test(a_lower_ceiling_never_changes_what_is_under_it),
        cmocka_unit_test(very_long_texts_are_equal_or_far_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
