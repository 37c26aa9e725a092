/* The log: one line an event, no token in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/log.h"

#define LOG_MOD "test"
#define SECRET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh" /* shaped like one, nobody's */

/* What stderr gets while `speak` runs in a child; gives its exit code. */
static int heard(void (*speak)(const void *), const void *arg, char out[8192])
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        speak(arg);
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(ends[0], out + len, 8191 - len)) > 0)
        len += (size_t)n;
    out[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void say(const void *text)
{
    log_info("%s", (const char *)text);
}

static void tokens_are_blanked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"sent=1", "sent=1"},
        {"123456:" SECRET, "123456:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {"https://api.telegram.org/bot123456789:" SECRET "/getMe",
         "https://api.telegram.org/bot123456789:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/getMe"},
        {"a 7:" SECRET " b 8:" SECRET,
         "a 7:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx b 8:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {"10:30 and 127.0.0.1:8081", "10:30 and 127.0.0.1:8081"},
        {"123456:short of a value that was cut", "123456:xxxxx of a value that was cut"},
        {"12345:short", "12345:short"},
        {":" SECRET, ":" SECRET},
        {"two\nlines\tand\x7f", "two lines and "},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[8192], want[512];
        assert_int_equal(heard(say, rows[i].text, got), 0);
        snprintf(want, sizeof want, "info test: %s\n", rows[i].want);
        if (strcmp(got, want) != 0)
            fail_msg("row %zu: %s", i, got);
    }
}

/* Whatever the place at which a long line is cut, no part of the secret is left. */
static void a_cut_line_shows_no_part_of_a_token(void **state)
{
    (void)state;
    for (size_t before = 1980; before < 2060; before++) {
        char text[4096], got[8192];
        memset(text, '.', sizeof text);
        strcpy(text + before, "123456:" SECRET "......");
        assert_int_equal(heard(say, text, got), 0);
        assert_true(strlen(got) <= 2048);
        assert_int_equal(got[strlen(got) - 1], '\n');
        assert_null(strchr(got, 'A'));
    }
}

static void speak_all_levels(const void *least)
{
    log_set_level(*(const enum log_level *)least);
    log_debug("d");
    log_info("i");
    log_warn("w");
    log_error("e");
}

static void quieter_levels_are_left_out(void **state)
{
    (void)state;
    static const struct {
        enum log_level least;
        const char *want;
    } rows[] = {
        {LOG_DEBUG, "debug test: d\ninfo test: i\nwarn test: w\nerror test: e\n"},
        {LOG_INFO, "info test: i\nwarn test: w\nerror test: e\n"},
        {LOG_WARN, "warn test: w\nerror test: e\n"},
        {LOG_ERROR, "error test: e\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[8192];
        heard(speak_all_levels, &rows[i].least, got);
        assert_string_equal(got, rows[i].want);
    }
}

static void give_up(const void *text)
{
    die(78, "BOT_TOKEN is %s", (const char *)text);
}

static void die_says_why_and_exits_with_its_code(void **state)
{
    (void)state;
    char got[8192];
    assert_int_equal(heard(give_up, "12345678:" SECRET, got), 78);
    assert_string_equal(
        got, "sobes: BOT_TOKEN is 12345678:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_blanked),
        cmocka_unit_test(a_cut_line_shows_no_part_of_a_token),
        cmocka_unit_test(quieter_levels_are_left_out),
        cmocka_unit_test(die_says_why_and_exits_with_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
