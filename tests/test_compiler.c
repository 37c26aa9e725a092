/* The bank compiler, run as people run it, on a good little bank (compiler_cases/good) with
 * one thing broken at a time. Every rule has a row; the message names file and line.
 *
 * The program under test is $COMPILER, else the one beside this test's folder:
 * build/compiler for build/tests/test_compiler. Run from the root of the repository. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"
#include "bot/base/file.h"
#include "tests/compiler_cases/habits.h"
#include "tests/compiler_cases/quizzes.h"
#include "tests/compiler_cases/rows.h"

static const char good[] = "tests/compiler_cases/good";
static struct arena arena;
static char folder[] = "/tmp/sobes-compiler-XXXXXX";
static char compiler[4096];

static const char *path_in(const char *file)
{
    return arena_printf(&arena, "%s/content/%s", folder, file);
}

static char *read_text(const char *path)
{
    struct buf b = {0};
    if (file_read(path, &b) != OK)
        fail_msg("%s cannot be read", path);
    char *text = arena_text(&arena, b.data ? b.data : "", b.len);
    buf_free(&b);
    return text;
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static const char *const files[] = {
    "topics.yaml",         "ids.tsv",
    "checklist.yaml",      "questions/python.yaml",
    "questions/talk.yaml", "words/page.ru.yaml",
    "words/page.en.yaml",  "words/study.ru.yaml",
    "words/study.en.yaml",
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void put_good_content(void)
{
    nftw(path_in("."), remove_one, 8, FTW_DEPTH | FTW_PHYS);
    static const char *const folders[] = {"", "questions", "words"};
    for (size_t i = 0; i < 3; i++)
        mkdir(path_in(folders[i]), 0700);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_text(path_in(files[i]),
                   read_text(arena_printf(&arena, "%s/%s", good, files[i])));
}

/* Replaces the first `from` of the file by `to`; an empty `from` means the end. */
static void break_file(const char *file, const char *from, const char *to)
{
    const char *text = read_text(path_in(file));
    const char *at = *from ? strstr(text, from) : text + strlen(text);
    if (!at)
        fail_msg("no \"%s\" in %s", from, file);
    write_text(path_in(file), arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to,
                                           at + strlen(from)));
}

/* Runs the compiler in `folder`; gives its exit code, *err lends what it said. */
static int run(const char **err, const char *a, const char *b, const char *c, const char *d)
{
    const char *out = arena_printf(&arena, "%s/stderr", folder);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int null = open("/dev/null", O_WRONLY);
        if (chdir(folder) != 0 || dup2(fd, 2) < 0 || dup2(null, 1) < 0)
            _exit(99);
        execl(compiler, "compiler", a, b, c, d, (char *)NULL);
        _exit(99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (err)
        *err = read_text(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Is there a line that begins with `start`? */
static bool says(const char *text, const char *start)
{
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, start, strlen(start)) == 0)
            return true;
    return false;
}

static void good_content_has_no_fault(void **state)
{
    (void)state;
    const char *err;
    put_good_content();
    int code = run(&err, "-v", "check", "content", NULL);
    assert_string_equal(err, "");
    assert_int_equal(code, 0);
}

static void every_broken_file_is_named_with_its_line(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *err, *want = arena_printf(&arena, "content/%s", rows[i].says);
        put_good_content();
        break_file(rows[i].file, rows[i].from, rows[i].to);
        int code = run(&err, "-v", "check", "content", NULL);
        bool warning = strstr(want, ": warning: ") != NULL;
        if ((code == 1 || warning) && says(err, want))
            continue;
        wrong++;
        print_error("row %zu: wanted \"%s\", exit %d:\n%s\n", i, want, code, err);
    }
    assert_int_equal(wrong, 0);
}

static void all_faults_are_told_in_one_run_in_the_order_of_the_lines(void **state)
{
    (void)state;
    const char *err;
    put_good_content();
    break_file("questions/python.yaml", "level: junior", "level: expert");
    break_file("questions/python.yaml", "topic: python", "topic: cooking");
    break_file("topics.yaml", "places: 3", "places: many");
    assert_int_equal(run(&err, "check", "content", NULL, NULL), 1);
    const char *first = strstr(err, "python.yaml:3: topic 'cooking'");
    const char *second = strstr(err, "python.yaml:5: level 'expert'");
    assert_true(first && second && first < second);
    assert_true(says(err, "content/topics.yaml:5: 'places'"));
}

static void warnings_alone_do_not_fail_and_show_with_v_only(void **state)
{
    (void)state;
    const char *err;
    put_good_content();
    break_file("questions/python.yaml", "en: [TypeError,", "en: [TypeErrorOrSo,");
    assert_int_equal(run(&err, "-v", "check", "content", NULL), 0);
    assert_true(says(err, "content/questions/python.yaml:143: warning: "));
    assert_int_equal(run(&err, "check", "content", NULL, NULL), 0);
    assert_string_equal(err, "");
}

static void a_file_that_is_not_yaml_makes_no_noise_in_the_others(void **state)
{
    (void)state;
    const char *err;
    put_good_content();
    break_file("questions/python.yaml", "level: junior", "\tlevel: junior");
    assert_int_equal(run(&err, "check", "content", NULL, NULL), 1);
    assert_true(says(err, "content/questions/python.yaml:5: not YAML: "));
    assert_true(says(err, "1 faults, 0 warnings"));
}

static void write_entries(int n, const char *options)
{
    struct buf text = {0};
    put_good_content();
    buf_text(&text, "questions:\n");
    for (int i = 1; i <= n; i++)
        buf_printf(&text, entry_form, i, options);
    write_text(path_in("questions/sql.yaml"), text.data);
    buf_free(&text);
    assert_int_equal(run(NULL, "ids", "content", NULL, NULL), 0);
}

static void shares_over_the_bank_fail_from_twenty_on(void **state)
{
    (void)state;
    for (int n = 10; n <= 20; n += 10) {
        const char *err, *kind = n < 20 ? "warning: " : "";
        write_entries(n, "a, bb, cc, d");
        run(&err, "-v", "check", "content", NULL);
        assert_true(
            says(err, arena_printf(&arena, "content/topics.yaml:7: %s%d of the %d blocks",
                                   kind, n, n)));
    }
}

static void a_habit_that_finds_the_right_options_fails_from_twenty_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        for (int n = 10; n <= 20; n += 10) {
            const char *err, *kind = n < 20 ? "warning: " : "";
            write_entries(n, habits[i].options);
            run(&err, "-v", "check", "content", NULL);
            const char *said =
                arena_printf(&arena, ": %sthe right option %s in ", kind, habits[i].says);
            if (!strstr(err, said))
                fail_msg("no \"%s\" in:\n%s", said, err);
        }
}

static void what_a_newer_python_runs_counts_as_run(void **state)
{
    (void)state;
    const char *err;
    put_good_content();
    for (int i = 0; i < 2; i++)
        break_file("questions/python.yaml", "print(len(a))  # -> 1",
                   "print(len(a))  # not run: needs Python 3.14");
    assert_int_equal(run(&err, "-v", "check", "content", NULL), 0);
    assert_string_equal(err, "");
}

static void the_same_content_gives_the_same_bytes(void **state)
{
    (void)state;
    put_good_content();
    struct buf one = {0}, two = {0};
    assert_int_equal(run(NULL, "bank", "content", "one.db", NULL), 0);
    sleep(1); /* a time stamp would show */
    assert_int_equal(run(NULL, "bank", "content", "two.db", NULL), 0);
    assert_int_equal(file_read(arena_printf(&arena, "%s/one.db", folder), &one), OK);
    assert_int_equal(file_read(arena_printf(&arena, "%s/two.db", folder), &two), OK);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    assert_memory_equal(one.data, "SQLite format 3", 16);
    buf_free(&one);
    buf_free(&two);
}

/* Compiles the content and reads one quiz of it as the bot does. */
static enum err quiz_compiled(int64_t question, const char *lang, struct quiz *out)
{
    struct db *db;
    const char *err;
    if (run(&err, "bank", "content", "quiz.db", NULL) != 0)
        fail_msg("%s", err);
    assert_int_equal(db_open_plain(":memory:", &db), OK);
    assert_int_equal(db_swap_bank(db, arena_printf(&arena, "%s/quiz.db", folder)), OK);
    enum err e = quiz_find(db, &arena, question, lang, out);
    db_close(db);
    return e;
}

static void quizzes_are_stored_as_telegram_shows_them(void **state)
{
    (void)state;
    put_good_content();
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        break_file(hard[i].file, hard[i].from, hard[i].to);
    for (size_t i = 0; i < sizeof quizzes / sizeof *quizzes; i++) {
        struct quiz q;
        const struct quiz *want = &quizzes[i].quiz;
        enum err e = quiz_compiled(quizzes[i].question, quizzes[i].lang, &q);
        if (e != (want->level ? OK : ERR_NOT_FOUND))
            fail_msg("row %zu: %s", i, err_text(e));
        if (e)
            continue;
        assert_string_equal(q.ask, want->ask);
        for (int k = 0; k < QUIZ_OPTIONS; k++)
            assert_string_equal(q.option[k], want->option[k]);
        assert_string_equal(q.code_html, want->code_html);
        assert_string_equal(q.why_html, want->why_html);
        assert_int_equal(q.right, 0);
        assert_int_equal(q.level, want->level);
    }
}

static void the_code_of_a_quiz_shows_its_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        struct quiz q;
        put_good_content();
        break_file("questions/python.yaml",
                   "a = [1, 2]\n        a.append([3, 4])\n        print(len(a))\n",
                   arena_printf(&arena, "%s\n", begins[i].code));
        assert_int_equal(quiz_compiled(1, "en", &q), OK);
        const char *want =
            arena_printf(&arena, "<pre><code class=\"language-%s\">", begins[i].language);
        if (strncmp(q.code_html, want, strlen(want)) != 0)
            fail_msg("\"%s\" became %s", begins[i].code, q.code_html);
    }
}

static void a_faulty_bank_leaves_the_old_one_alone(void **state)
{
    (void)state;
    put_good_content();
    const char *bank = arena_printf(&arena, "%s/old.db", folder);
    write_text(bank, "old");
    break_file("questions/python.yaml", "level: junior", "level: expert");
    assert_int_equal(run(NULL, "bank", "content", "old.db", NULL), 1);
    assert_string_equal(read_text(bank), "old");
}

static void ids_numbers_new_entries_at_the_end(void **state)
{
    (void)state;
    put_good_content();
    write_text(path_in("ids.tsv"), "1\tpython-tuple\n");
    assert_int_equal(run(NULL, "ids", "content", NULL, NULL), 0);
    assert_string_equal(read_text(path_in("ids.tsv")),
                        "1\tpython-tuple\n2\tpython-list-append\n3\thr-why-here\n"
                        "4\tpython-old\n");
    assert_int_equal(run(NULL, "check", "content", NULL, NULL), 0);
}

static void wrong_usage_is_64(void **state)
{
    (void)state;
    const char *err;
    assert_int_equal(run(&err, NULL, NULL, NULL, NULL), 64);
    assert_true(says(err, "usage: "));
    assert_int_equal(run(&err, "bank", "content", NULL, NULL), 64);
    assert_int_equal(run(&err, "bake", "content", NULL, NULL), 64);
}

static void locate_compiler(void)
{
    const char *given = getenv("COMPILER");
    char self[4000] = "";
    if (!given) {
        ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
        for (int up = 0; n > 0 && up < 2; up++)
            *strrchr(self, '/') = '\0';
        strcat(self, "/compiler");
    }
    if (!realpath(given ? given : self, compiler)) {
        fprintf(stderr, "no compiler at %s; build it first\n", given ? given : self);
        exit(1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_content_has_no_fault),
        cmocka_unit_test(every_broken_file_is_named_with_its_line),
        cmocka_unit_test(all_faults_are_told_in_one_run_in_the_order_of_the_lines),
        cmocka_unit_test(warnings_alone_do_not_fail_and_show_with_v_only),
        cmocka_unit_test(a_file_that_is_not_yaml_makes_no_noise_in_the_others),
        cmocka_unit_test(shares_over_the_bank_fail_from_twenty_on),
        cmocka_unit_test(a_habit_that_finds_the_right_options_fails_from_twenty_on),
        cmocka_unit_test(what_a_newer_python_runs_counts_as_run),
        cmocka_unit_test(the_same_content_gives_the_same_bytes),
        cmocka_unit_test(quizzes_are_stored_as_telegram_shows_them),
        cmocka_unit_test(the_code_of_a_quiz_shows_its_language),
        cmocka_unit_test(a_faulty_bank_leaves_the_old_one_alone),
        cmocka_unit_test(ids_numbers_new_entries_at_the_end),
        cmocka_unit_test(wrong_usage_is_64),
    };
    locate_compiler();
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(&arena);
    return failed;
}
