/* Memory and strings: arena, buf, and file, which reads into one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/file.h"

static void arena_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 16, 100, 16383, 16384, 16385, 1000000, 3};
    struct arena a = {0};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *p = arena_alloc(&a, sizes[i]);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0xff, sizes[i]);
        }
        arena_reset(&a);
    }
    arena_free(&a);
    assert_null(a.head);
    arena_free(&a);
}

static void arena_pieces_do_not_overlap(void **state)
{
    (void)state;
    struct arena a = {0};
    char *texts[2000];
    for (int i = 0; i < 2000; i++)
        texts[i] = arena_printf(&a, "%d:%0*d", i, i % 90, 0);
    for (int i = 0; i < 2000; i++) {
        char want[128];
        snprintf(want, sizeof want, "%d:%0*d", i, i % 90, 0);
        assert_string_equal(texts[i], want);
    }
    assert_string_equal(arena_text(&a, "question", 5), "quest");
    arena_free(&a);
}

static void buf_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "%d,", i % 10);
    buf_text(&b, "");
    assert_int_equal(b.len, 10000);
    assert_int_equal(strlen(b.data), 10000);
    assert_false(b.over);
    buf_reset(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_add(&b, "a\0b", 3);
    assert_memory_equal(b.data, "a\0b", 4);
    buf_free(&b);
    assert_null(b.data);
}

static void past_its_ceiling_a_buf_takes_nothing_more(void **state)
{
    (void)state;
    struct buf b = {.max = 10};
    buf_text(&b, "12345");
    buf_text(&b, "123456"); /* as a whole or not at all */
    assert_true(b.over);
    buf_text(&b, "1");
    buf_printf(&b, "%d", 1);
    assert_string_equal(b.data, "12345");
    buf_reset(&b);
    assert_false(b.over);
    buf_printf(&b, "%s", "1234567890");
    assert_false(b.over);
    assert_string_equal(b.data, "1234567890");
    buf_free(&b);
    assert_int_equal(b.max, 10);
}

static void text_of_people_is_harmless_in_html(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"},
        {"&amp;", "&amp;amp;"},
        {"<", "&lt;"},
        {"Привет <тест>", "Привет &lt;тест&gt;"},
        {"it's", "it's"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = {0};
        buf_escape(&b, rows[i].text);
        assert_string_equal(b.data, rows[i].want);
        buf_free(&b);
    }
}

static void a_file_is_read_whole_or_with_a_reason(void **state)
{
    (void)state;
    struct buf b = {0};
    FILE *f = tmpfile(); /* nothing of ours stays behind */
    assert_non_null(f);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(f));
    for (int i = 0; i < 20000; i++)
        fprintf(f, "%d\n", i % 10);
    fflush(f);
    assert_int_equal(file_read(path, &b), OK);
    assert_int_equal(b.len, 40000);
    buf_free(&b);
    b.max = 39999;
    assert_int_equal(file_read(path, &b), ERR_TOO_BIG);
    buf_free(&b);
    fclose(f);
    assert_int_equal(file_read("/dev/zero", &b), ERR_TOO_BIG); /* and it comes back */
    buf_free(&b);
    assert_int_equal(file_read("/nowhere/at/all", &b), ERR_NOT_FOUND);
    assert_int_equal(file_read("/", &b), ERR_BAD_INPUT);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(arena_pieces_do_not_overlap),
        cmocka_unit_test(buf_grows_and_stays_terminated),
        cmocka_unit_test(past_its_ceiling_a_buf_takes_nothing_more),
        cmocka_unit_test(text_of_people_is_harmless_in_html),
        cmocka_unit_test(a_file_is_read_whole_or_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
