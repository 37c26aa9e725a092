/* The words in C: what the compiler makes of compiler_cases/good/words compiles without a
 * warning, chooses plurals as CLDR does and fills placeholders (words_use.c says how).
 *
 * Runs the compiler ($COMPILER, else the one beside this test's folder) and $CC, else cc.
 * Run from the root of the repository. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/file.h"

static struct arena arena;
static char folder[] = "/tmp/sobes-words-XXXXXX";
static const char *compiler;

static void must_run(const char *command)
{
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static const char *generated(const char *ending)
{
    struct buf b = {0};
    assert_int_equal(file_read(arena_printf(&arena, "%s/words%s", folder, ending), &b), OK);
    const char *text = arena_text(&arena, b.data, b.len);
    buf_free(&b);
    return text;
}

static void the_generated_words_compile_and_speak(void **state)
{
    (void)state;
    const char *cc = getenv("CC") ? getenv("CC") : "cc";
    must_run(arena_printf(&arena, "%s words tests/compiler_cases/good/words %s/words",
                          compiler, folder));
    must_run(arena_printf(
        &arena,
        "%s -std=c17 -D_POSIX_C_SOURCE=200809L -I. -I%s -Wall -Wextra -Wshadow -Wformat=2 "
        "-Wvla"
        " -Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough -Wconversion "
        "-Werror"
        " -fsanitize=undefined -fno-sanitize-recover=undefined -o %s/use %s/words.c"
        " tests/compiler_cases/words_use.c bot/base/arena.c bot/base/buf.c",
        cc, folder, folder, folder));
    must_run(arena_printf(&arena, "%s/use", folder));
}

static void arguments_stand_in_the_order_of_the_russian_text(void **state)
{
    (void)state;
    const char *header = generated(".h");
    assert_non_null(strstr(header,
                           "const char *w_greeting(const struct words *w, const char "
                           "*who, int64_t count, const char *link);"));
    assert_non_null(strstr(header, "const char *w_streak(const struct words *w, int64_t n, "
                                   "const char *who);"));
    assert_non_null(strstr(header, "#ifndef WORDS_H\n"));
}

static void the_russian_text_stands_above_and_cannot_end_its_comment(void **state)
{
    (void)state;
    assert_non_null(strstr(generated(".h"), "/* <b>Настройки</b> * / \\ ?\?= \"да\" */\n"
                                            "const char *w_settings_title("));
}

static void the_same_words_give_the_same_bytes(void **state)
{
    (void)state;
    const char *before = generated(".c");
    must_run(arena_printf(&arena, "%s words tests/compiler_cases/good/words %s/words",
                          compiler, folder));
    assert_string_equal(generated(".c"), before);
}

static const char *find_compiler(void)
{
    const char *given = getenv("COMPILER");
    char self[4000] = "";
    if (given)
        return given;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; n > 0 && up < 2; up++)
        *strrchr(self, '/') = '\0';
    return arena_printf(&arena, "%s/compiler", self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generated_words_compile_and_speak),
        cmocka_unit_test(arguments_stand_in_the_order_of_the_russian_text),
        cmocka_unit_test(the_russian_text_stands_above_and_cannot_end_its_comment),
        cmocka_unit_test(the_same_words_give_the_same_bytes),
    };
    compiler = find_compiler();
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const made[] = {"words.c", "words.h", "use"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        remove(arena_printf(&arena, "%s/%s", folder, made[i]));
    rmdir(folder);
    arena_free(&arena);
    return failed;
}
