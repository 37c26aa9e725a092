/* sobes-draw: numbers and words as JSON on stdin, a picture as PNG on stdout.
 *
 * A program of its own, started for one picture with nothing in its environment but
 * FONTCONFIG_FILE: it reads what strangers call themselves with libraries that the daemon
 * should not carry, so it gives up what it does not need before it reads a byte. Exit 0
 * with a picture of at most PICTURE_MAX bytes, else 1 with nothing on stdout and one line
 * on stderr. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/json.h"
#include "bot/draw/canvas.h"
#include "bot/draw/fail.h"
#include "bot/draw/podium.h"

enum { INPUT_MAX = 64 << 10, PICTURE_MAX = 60000 };

static const struct drawing {
    const char *name;
    bool (*draw)(struct canvas *c, const struct cJSON *in);
} drawings[] = {
    {"podium", podium_draw},
};

/* Tried in this order until the picture is small enough. */
static const struct {
    int colours;
    bool emoji;
} efforts[] = {{256, true}, {64, true}, {24, true}, {16, false}};

extern void __asan_init(void) __attribute__((weak)); /* there in a SAN=1 build */

void fail(const char *why)
{
    fprintf(stderr, "sobes-draw: %s\n", why);
    _exit(1);
}

static void limit(int what, rlim_t most)
{
    struct rlimit r = {most, most};
    setrlimit(what, &r); /* may be below already: then that holds */
}

/* RLIMIT_NPROC stays: pango looks for its fonts in a thread, and without it gives up. */
static void give_up_powers(void)
{
    struct stat out;
    bool to_file = fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, 5);
    limit(RLIMIT_NOFILE, 16);
    limit(RLIMIT_FSIZE, to_file ? PICTURE_MAX : 0);
    mallopt(M_ARENA_MAX, 1); /* else each of those threads reserves addresses of its own */
    if (!__asan_init)        /* which reserves terabytes of them */
        limit(RLIMIT_AS, 256u << 20);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* fontconfig may try to renew its cache: it must only fail */
    signal(SIGPIPE, SIG_IGN);
}

static void read_all(struct buf *in)
{
    char part[4096];
    ssize_t n;
    while ((n = read(STDIN_FILENO, part, sizeof part)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("cannot read stdin");
        buf_add(in, part, (size_t)n);
        if (in->over)
            fail("more than 64 KB of input");
    }
}

static void write_all(const struct buf *out)
{
    for (size_t done = 0; done < out->len;) {
        ssize_t n = write(STDOUT_FILENO, out->data + done, out->len - done);
        if (n < 0 && errno != EINTR)
            fail("cannot write to stdout");
        done += n > 0 ? (size_t)n : 0;
    }
}

static const struct drawing *drawing_named(const char *name)
{
    for (size_t i = 0; name && i < sizeof drawings / sizeof *drawings; i++)
        if (strcmp(drawings[i].name, name) == 0)
            return &drawings[i];
    return NULL;
}

int main(void)
{
    give_up_powers();
    struct buf in = {.max = INPUT_MAX}, out = {0};
    read_all(&in);
    struct cJSON *json = json_parse(in.data, in.len);
    if (!json)
        fail("the input is not JSON");
    const struct drawing *d = drawing_named(json_text(json, "drawing"));
    if (!d)
        fail("no drawing of that name");
    size_t i = 0;
    do {
        struct canvas c;
        if (i == sizeof efforts / sizeof *efforts)
            fail("the picture stays too large");
        if (!canvas_open(&c, efforts[i].emoji))
            fail("the fonts are missing: FONTCONFIG_FILE names bot/draw/fonts.conf?");
        if (!d->draw(&c, json))
            fail("the input is not what the drawing takes");
        buf_reset(&out);
        canvas_png(&c, efforts[i++].colours, &out);
        canvas_close(&c);
    } while (out.len > PICTURE_MAX);
    write_all(&out);
    buf_free(&out);
    buf_free(&in);
    json_free(json);
    return 0;
}
