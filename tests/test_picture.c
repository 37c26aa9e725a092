/* The real net/picture.c with small scripts in place of sobes-draw: whatever the program
 * does, one done a request, nothing of it is left behind, and only a whole PNG is one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "bot/net/picture.h"

#define SIGN "\x89PNG\r\n\x1a\n"
#define SAY_SIGN "printf '\\211PNG\\r\\n\\032\\n'; "

static uv_loop_t loop;
static int inside; /* a call of the module */

/* A folder with a sobes-draw in it. */
struct easel {
    char folder[64];
    struct pictures *pictures;
};

static void path_in(const struct easel *e, const char *name, char out[100])
{
    snprintf(out, 100, "%s/%s", e->folder, name);
}

/* script NULL: there is no program. */
static struct easel easel_open(const char *script)
{
    struct easel e = {.folder = "/tmp/test_picture_XXXXXX"};
    char path[100];
    assert_non_null(mkdtemp(e.folder));
    path_in(&e, "sobes-draw", path);
    if (script) {
        FILE *f = fopen(path, "w");
        fprintf(f, "#!/bin/sh\ncd %s\n%s\n", e.folder, script);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(path, 0700), 0);
    }
    e.pictures = picture_new(&loop, e.folder);
    return e;
}

static void easel_close(struct easel *e)
{
    static const char *const files[] = {"sobes-draw", "pid", "log"};
    char path[100];
    picture_free(e->pictures);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_in(e, files[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(e->folder), 0);
}

static char *file_of(const struct easel *e, const char *name)
{
    static char text[4096];
    char path[100];
    path_in(e, name, path);
    FILE *f = fopen(path, "r");
    text[f ? fread(text, 1, sizeof text - 1, f) : 0] = '\0';
    if (f)
        fclose(f);
    return text;
}

struct wish {
    struct picture_req req;
    struct easel *easel;
    int done, again; /* again: asked for so often from within done */
};

static void wish_for(struct wish *w, struct easel *e, const char *json);

static void wished(struct picture_req *r)
{
    struct wish *w = r->owner;
    assert_int_equal(inside, 0);
    w->done++;
    if (w->again-- > 0)
        wish_for(w, w->easel, r->json);
}

static void wish_for(struct wish *w, struct easel *e, const char *json)
{
    w->easel = e;
    w->req.json = json;
    w->req.done = wished;
    w->req.owner = w;
    inside++;
    picture_draw(e->pictures, &w->req);
    inside--;
}

static void cancel(struct wish *w)
{
    inside++;
    picture_cancel(w->easel->pictures, &w->req);
    inside--;
}

static void ticked(uv_timer_t *t)
{
    (void)t;
}

/* Until so many are done. */
static void wait_for(const struct wish *w, int done)
{
    uv_timer_t tick;
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, ticked, 5, 5);
    while (w->done < done)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(w->done, done);
}

static bool is_gone(const struct easel *e)
{
    pid_t pid = (pid_t)strtol(file_of(e, "pid"), NULL, 10);
    assert_true(pid > 1);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static void what_it_is_told_and_what_it_says_come_whole(void **state)
{
    (void)state;
    enum { LONG = 250000 };
    struct easel e = easel_open(SAY_SIGN "cat");
    struct wish w = {0};
    wish_for(&w, &e, "{\"podium\":1}");
    wait_for(&w, 1);
    assert_true(w.req.drawn);
    assert_int_equal(w.req.png.len, 8 + 12);
    assert_memory_equal(w.req.png.data, SIGN "{\"podium\":1}", 20);
    char *json = malloc(LONG + 1); /* more than a pipe holds */
    memset(json, 'x', LONG);
    json[LONG] = '\0';
    wish_for(&w, &e, json);
    wait_for(&w, 2);
    assert_true(w.req.drawn);
    assert_int_equal(w.req.png.len, 8 + LONG);
    assert_memory_equal(w.req.png.data + 8, json, LONG);
    free(json);
    buf_free(&w.req.png);
    easel_close(&e);
}

static void its_environment_is_the_fonts_alone(void **state)
{
    (void)state;
    char want[100];
    struct easel e = easel_open(SAY_SIGN "cat /proc/$$/environ");
    struct wish w = {0};
    setenv("BOT_TOKEN", "123456:abcdef", 1);
    wish_for(&w, &e, "{}");
    wait_for(&w, 1);
    unsetenv("BOT_TOKEN");
    assert_true(w.req.drawn);
    snprintf(want, sizeof want, SIGN "FONTCONFIG_FILE=%s/fonts.conf", e.folder);
    assert_int_equal(w.req.png.len, strlen(want) + 1); /* with its zero, and no more */
    assert_memory_equal(w.req.png.data, want, w.req.png.len);
    buf_free(&w.req.png);
    easel_close(&e);
}

/* Of an installation as `make install` lays it down. */
static void its_fonts_are_beside_it_or_in_share(void **state)
{
    (void)state;
    struct easel e = easel_open(SAY_SIGN "printf %s \"$FONTCONFIG_FILE\"");
    char path[4][100], want[160];
    static const char *const names[4] = {"bin", "bin/fonts.conf", "share", "share/sobes"};
    for (int i = 0; i < 4; i++)
        path_in(&e, names[i], path[i]);
    assert_int_equal(mkdir(path[0], 0700), 0);
    assert_int_equal(mkdir(path[2], 0700), 0);
    assert_int_equal(mkdir(path[3], 0700), 0);
    char installed[100], program[100], moved[100];
    path_in(&e, "share/sobes/fonts.conf", installed);
    path_in(&e, "sobes-draw", program);
    path_in(&e, "bin/sobes-draw", moved);
    assert_int_equal(rename(program, moved), 0);
    fclose(fopen(installed, "w"));
    for (int beside = 0; beside < 2; beside++) {
        if (beside)
            fclose(fopen(path[1], "w"));
        picture_free(e.pictures);
        e.pictures = picture_new(&loop, path[0]);
        struct wish w = {0};
        wish_for(&w, &e, "{}");
        wait_for(&w, 1);
        assert_true(w.req.drawn);
        snprintf(want, sizeof want, SIGN "%s/bin/%s", e.folder,
                 beside ? "fonts.conf" : "../share/sobes/fonts.conf");
        assert_int_equal(w.req.png.len, strlen(want));
        assert_memory_equal(w.req.png.data, want, w.req.png.len);
        buf_free(&w.req.png);
    }
    unlink(installed);
    unlink(path[1]);
    unlink(moved);
    for (int i = 4; i-- > 0;)
        if (i != 1)
            assert_int_equal(rmdir(path[i]), 0);
    easel_close(&e);
}

static void it_inherits_no_descriptor(void **state)
{
    (void)state;
    char pipe_name[64];
    int fds[2];
    struct stat st;
    struct easel e = easel_open(SAY_SIGN "ls -l /proc/$$/fd");
    struct wish w = {0};
    assert_int_equal(pipe(fds),
                     0); /* as a library would, that does not think of children */
    assert_int_equal(fstat(fds[1], &st), 0);
    snprintf(pipe_name, sizeof pipe_name, "pipe:[%ju]", (uintmax_t)st.st_ino);
    wish_for(&w, &e, "{}");
    wait_for(&w, 1);
    close(fds[0]);
    close(fds[1]);
    assert_true(w.req.drawn);
    assert_non_null(strstr(w.req.png.data, "socket:["));
    assert_null(strstr(w.req.png.data, pipe_name));
    buf_free(&w.req.png);
    easel_close(&e);
}

static const struct {
    const char *script;
    size_t len; /* of the picture; 0: none is made of it */
} scripts[] = {
    {SAY_SIGN "echo", 9},
    {SAY_SIGN "echo; exit 1", 0},
    {SAY_SIGN "echo; kill -SEGV $$", 0},
    {SAY_SIGN "echo; kill -TERM $$", 0},
    {SAY_SIGN, 0},
    {"exit 0", 0},
    {"exec 0<&- 1>&-; exit 0", 0},
    {"echo GIF89a is no such thing", 0},
    {"echo oops >&2; exit 3", 0},
    {SAY_SIGN "head -c 262136 /dev/zero", PICTURE_BYTES},
    {SAY_SIGN "head -c 262137 /dev/zero", 0},
    {SAY_SIGN "cat /dev/zero", 0},
    {"echo $$ >pid; exec cat /dev/zero", 0},
    {NULL, 0},
};

static void only_a_whole_png_of_a_program_that_ended_well_is_a_picture(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct easel e = easel_open(scripts[i].script);
        struct wish w = {0};
        wish_for(&w, &e, "{}");
        wait_for(&w, 1);
        if (w.req.drawn != (scripts[i].len > 0) ||
            (w.req.drawn && w.req.png.len != scripts[i].len))
            fail_msg("row %zu: drawn %d, %zu bytes", i, w.req.drawn, w.req.png.len);
        if (scripts[i].script && strstr(scripts[i].script, ">pid") && !is_gone(&e))
            fail_msg("row %zu: it still runs", i);
        buf_free(&w.req.png);
        easel_close(&e);
    }
}

static void one_that_takes_too_long_is_killed(void **state)
{
    (void)state;
    enum { LONG = 1000000 };
    static const char *const slow[] = {
        "echo $$ >pid; exec sleep 100", "echo $$ >pid; " SAY_SIGN "exec sleep 100",
        "echo $$ >pid; exec <&- >&-; exec sleep 100",
        "echo $$ >pid; sleep 8 & " SAY_SIGN
        "exit 0", /* a child of its own goes on saying */
    };
    enum { N = sizeof slow / sizeof *slow };
    struct easel e[N];
    struct wish w[N] = {0};
    char *json = malloc(LONG + 1); /* which nobody reads */
    memset(json, 'x', LONG);
    json[LONG] = '\0';
    for (int i = 0; i < N; i++) {
        e[i] = easel_open(slow[i]);
        wish_for(&w[i], &e[i], json);
    }
    for (int i = 0; i < N; i++) {
        wait_for(&w[i], 1);
        if (w[i].req.drawn || !is_gone(&e[i]))
            fail_msg("row %d: drawn %d", i, w[i].req.drawn);
        buf_free(&w[i].req.png);
        easel_close(&e[i]);
    }
    free(json);
}

static void drawings_go_one_at_a_time_in_the_order_they_were_asked_for(void **state)
{
    (void)state;
    enum { N = 5 };
    struct easel e = easel_open("read n; echo b$n >>log; sleep 0.05; " SAY_SIGN
                                "echo $n; echo e$n >>log");
    static const char *const json[N] = {"1\n", "2\n", "3\n", "4\n", "5\n"};
    struct wish w[N] = {0};
    for (int i = 0; i < N; i++)
        wish_for(&w[i], &e, json[i]);
    cancel(&w[2]);
    cancel(&w[2]);
    wait_for(&w[2], 1);
    assert_false(w[2].req.drawn);
    assert_int_equal(w[4].done, 0);
    for (int i = 0; i < N; i++) {
        wait_for(&w[i], 1);
        assert_int_equal(w[i].req.drawn, i != 2);
        buf_free(&w[i].req.png);
    }
    assert_string_equal(file_of(&e, "log"), "b1\ne1\nb2\ne2\nb4\ne4\nb5\ne5\n");
    easel_close(&e);
}

static void one_that_is_done_may_be_asked_for_again(void **state)
{
    (void)state;
    struct easel e = easel_open(SAY_SIGN "cat; echo 1 >>log");
    struct wish w = {.again = 3};
    wish_for(&w, &e, "x");
    wait_for(&w, 4);
    assert_true(w.req.drawn);
    assert_int_equal(w.req.png.len, 9);
    assert_string_equal(file_of(&e, "log"), "1\n1\n1\n1\n");
    buf_free(&w.req.png);
    easel_close(&e);
}

static void a_cancelled_one_is_killed_and_done_once_and_later(void **state)
{
    (void)state;
    struct easel e =
        easel_open("read n; echo $$ >pid; [ $n = 2 ] || exec sleep 100; " SAY_SIGN "echo");
    struct wish w[2] = {0};
    wish_for(&w[0], &e, "1\n");
    wish_for(&w[1], &e, "2\n");
    while (!*file_of(&e, "pid")) {
        uv_run(&loop, UV_RUN_NOWAIT);
        uv_sleep(2);
    }
    cancel(&w[0]);
    cancel(&w[0]);
    assert_int_equal(w[0].done, 0);
    wait_for(&w[0], 1);
    assert_false(w[0].req.drawn);
    wait_for(&w[1], 1); /* the next one has its turn */
    assert_true(w[1].req.drawn);
    assert_true(is_gone(&e));
    cancel(&w[1]); /* idle: nothing */
    wish_for(&w[0], &e, "2\n");
    wait_for(&w[0], 2);
    assert_true(w[0].req.drawn);
    assert_int_equal(w[1].done, 1);
    buf_free(&w[0].req.png);
    buf_free(&w[1].req.png);
    easel_close(&e);
}

static void freeing_ends_what_is_open_once(void **state)
{
    (void)state;
    for (int started = 0; started < 2; started++) {
        struct easel e = easel_open("echo $$ >pid; exec sleep 100");
        struct wish w[3] = {0};
        for (int i = 0; i < 3; i++)
            wish_for(&w[i], &e, "{}");
        while (started && !*file_of(&e, "pid")) {
            uv_run(&loop, UV_RUN_NOWAIT);
            uv_sleep(2);
        }
        pid_t pid = (pid_t)strtol(file_of(&e, "pid"), NULL, 10);
        easel_close(&e);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(w[i].done, 1);
            assert_false(w[i].req.drawn);
            buf_free(&w[i].req.png);
        }
        uv_run(&loop, UV_RUN_NOWAIT);
        if (started) { /* killed; a process that ends leaves it to the system to bury */
            int status;
            assert_int_equal(waitpid(pid, &status, 0), pid);
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        }
    }
    picture_free(NULL);
}

static int open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static int loop_open(void **state)
{
    (void)state;
    return uv_loop_init(&loop);
}

/* No handle, descriptor or dead child may be left. */
static int loop_shut(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_NOWAIT);
    if (uv_loop_close(&loop) != 0) {
        print_error("a handle is left in the loop\n");
        return -1;
    }
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
        print_error("a child is left\n");
        return -1;
    }
    return 0;
}

static void a_hundred_drawings_leave_nothing_behind(void **state)
{
    (void)state;
    struct easel e = easel_open(SAY_SIGN "cat");
    struct wish w = {.again = 9};
    wish_for(&w, &e, "x");
    wait_for(&w, 10);
    int before = open_files();
    w.again = 89;
    wish_for(&w, &e, "x");
    wait_for(&w, 100);
    assert_int_equal(open_files(), before);
    buf_free(&w.req.png);
    easel_close(&e);
}

int main(void)
{
    alarm(60); /* a done that never comes is a failure, not a hang */
    signal(SIGPIPE, SIG_IGN);
#define T(f) cmocka_unit_test_setup_teardown(f, loop_open, loop_shut)
    const struct CMUnitTest tests[] = {
        T(what_it_is_told_and_what_it_says_come_whole),
        T(its_environment_is_the_fonts_alone),
        T(its_fonts_are_beside_it_or_in_share),
        T(it_inherits_no_descriptor),
        T(only_a_whole_png_of_a_program_that_ended_well_is_a_picture),
        T(one_that_takes_too_long_is_killed),
        T(drawings_go_one_at_a_time_in_the_order_they_were_asked_for),
        T(one_that_is_done_may_be_asked_for_again),
        T(a_cancelled_one_is_killed_and_done_once_and_later),
        T(freeing_ends_what_is_open_once),
        T(a_hundred_drawings_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
