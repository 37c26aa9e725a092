#include "bot/net/picture.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bot/base/file.h"
#include "bot/base/log.h"

#define LOG_MOD "picture"

enum { CHUNK = 64 << 10, HANDLES = 3 };

/* The first request of the queue is the one that is drawn, once there is a child:
 *   NONE ──spawned──▶ DRAWS ──it has exited, all is read──▶ CLOSES (its three handles)
 *     ▲                                                        │
 *     └────────── closed: the request is done, the next one ◀──┘
 * `later` owes what may not be done inside a call: starting, ending the cancelled. */
struct pictures {
    uv_loop_t *loop;
    char program[1200], fonts[1200];
    struct picture_req *first, *last;
    enum { CHILD_NONE, CHILD_DRAWS, CHILD_CLOSES } state;
    uv_process_t child;
    uv_pipe_t in, out;
    uv_write_t write;
    bool exited, read;  /* it is gone; there is nothing more to read */
    const char *failed; /* words for the log, NULL: not */
    int child_handles;  /* not yet closed */
    uv_timer_t deadline;
    uv_idle_t later;
    int own_handles;
    bool closing;
    char chunk[CHUNK];
};

static void run_later(uv_idle_t *later);

static void finish(struct pictures *p, struct picture_req *r, bool drawn)
{
    struct picture_req **at = &p->first, *before = NULL;
    for (; *at != r; at = &(*at)->next)
        before = *at;
    *at = r->next;
    if (p->last == r)
        p->last = before;
    r->busy = false;
    r->drawn = drawn;
    r->done(r); /* last: it may draw again */
}

/* ---- the child ---- */

static bool is_png(const struct buf *b)
{
    static const char sign[] = "\x89PNG\r\n\x1a\n";
    return b->len > sizeof sign - 1 && memcmp(b->data, sign, sizeof sign - 1) == 0;
}

static void child_closed(uv_handle_t *handle)
{
    struct pictures *p = handle->data;
    if (--p->child_handles > 0)
        return;
    p->state = CHILD_NONE;
    if (p->closing) {
        if (p->own_handles == 0)
            free(p);
        return;
    }
    struct picture_req *r = p->first;
    if (!p->failed && !is_png(&r->png))
        p->failed = "what it says is no PNG";
    if (p->failed && !r->cancelled)
        log_warn("no picture: %s", p->failed);
    if (p->first->next)
        uv_idle_start(&p->later, run_later);
    finish(p, r, !p->failed && !r->cancelled);
}

static void child_close(struct pictures *p)
{
    uv_handle_t *const handles[HANDLES] = {(uv_handle_t *)&p->child, (uv_handle_t *)&p->in,
                                           (uv_handle_t *)&p->out};
    p->state = CHILD_CLOSES;
    uv_timer_stop(&p->deadline);
    for (int i = 0; i < HANDLES; i++)
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], child_closed);
}

static void close_when_over(struct pictures *p)
{
    if (p->state == CHILD_DRAWS && p->exited && (p->read || p->failed))
        child_close(p);
}

static void fail(struct pictures *p, const char *why)
{
    if (!p->failed)
        p->failed = why;
    if (!p->exited)
        uv_process_kill(&p->child, SIGKILL);
    close_when_over(p);
}

static void child_exited(uv_process_t *child, int64_t status, int number)
{
    struct pictures *p = child->data;
    p->exited = true;
    if (!p->failed && number)
        p->failed = "sobes-draw was killed by a signal";
    else if (!p->failed && status)
        p->failed = "sobes-draw has no picture for that";
    close_when_over(p);
}

static void chunk_room(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct pictures *p = handle->data;
    (void)wanted;
    *out = uv_buf_init(p->chunk, sizeof p->chunk);
}

static void child_says(uv_stream_t *out, ssize_t n, const uv_buf_t *data)
{
    struct pictures *p = out->data;
    struct buf *png = &p->first->png;
    if (p->failed)
        return;
    if (n > 0)
        buf_add(png, data->base, (size_t)n);
    p->read = n < 0;
    if (png->over)
        fail(p, "it is over its ceiling");
    else if (n < 0 && n != UV_EOF)
        fail(p, uv_strerror((int)n));
    else
        close_when_over(p);
}

/* The end of its input: sobes-draw may begin. One that does not listen is judged by what it
 * says. */
static void child_told(uv_write_t *write, int status)
{
    struct pictures *p = write->handle->data;
    (void)status;
    if (!uv_is_closing((uv_handle_t *)&p->in))
        uv_close((uv_handle_t *)&p->in, child_closed);
}

static void time_is_up(uv_timer_t *timer)
{
    fail(timer->data, "sobes-draw takes too long");
}

static void child_start(struct pictures *p)
{
    char *args[] = {p->program, NULL}, *environment[] = {p->fonts, NULL};
    uv_stdio_container_t stdio[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&p->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&p->out},
        {.flags = UV_IGNORE}};
    const uv_process_options_t options = {.exit_cb = child_exited,
                                          .file = p->program,
                                          .args = args,
                                          .env = environment,
                                          .stdio_count = 3,
                                          .stdio = stdio};
    uv_pipe_init(p->loop, &p->in, 0);
    uv_pipe_init(p->loop, &p->out, 0);
    p->child.data = p->in.data = p->out.data = p;
    p->child_handles = HANDLES;
    p->exited = p->read = false;
    p->failed = NULL;
    p->state = CHILD_DRAWS;
    uv_disable_stdio_inheritance(); /* curl leaves a pair of sockets to every child */
    int error = uv_spawn(p->loop, &p->child, &options);
    if (error) {
        p->exited = true;
        fail(p, uv_strerror(error));
        return;
    }
    const char *json = p->first->json;
    uv_buf_t said = uv_buf_init((char *)json, (unsigned)strlen(json));
    uv_timer_start(&p->deadline, time_is_up, DRAW_MS, 0);
    uv_read_start((uv_stream_t *)&p->out, chunk_room, child_says);
    error = uv_write(&p->write, (uv_stream_t *)&p->in, &said, 1, child_told);
    if (error)
        fail(p, uv_strerror(error));
}

/* ---- the queue ---- */

static struct picture_req *first_cancelled(const struct pictures *p)
{
    struct picture_req *r = p->first;
    if (r && p->state != CHILD_NONE)
        r = r->next; /* that one waits for its child */
    while (r && !r->cancelled)
        r = r->next;
    return r;
}

static void run_later(uv_idle_t *later)
{
    struct pictures *p = later->data;
    uv_idle_stop(later);
    for (struct picture_req *r; (r = first_cancelled(p));)
        finish(p, r, false);
    if (p->first && p->state == CHILD_NONE)
        child_start(p);
}

void picture_draw(struct pictures *p, struct picture_req *r)
{
    assert(!p->closing && !r->busy && r->json && r->done);
    r->busy = true;
    r->cancelled = false;
    r->next = NULL;
    buf_reset(&r->png);
    r->png.max = PICTURE_BYTES;
    if (p->last)
        p->last->next = r;
    else
        p->first = r;
    p->last = r;
    uv_idle_start(&p->later, run_later);
}

void picture_cancel(struct pictures *p, struct picture_req *r)
{
    if (!r->busy || r->cancelled)
        return;
    r->cancelled = true;
    if (r == p->first && p->state == CHILD_DRAWS)
        fail(p, "cancelled");
    else
        uv_idle_start(&p->later, run_later);
}

struct pictures *picture_new(struct uv_loop_s *loop, const char *folder)
{
    struct pictures *p = calloc(1, sizeof *p);
    char fonts[1100];
    if (!p)
        abort();
    p->loop = loop;
    file_own(folder, "sobes-draw", p->program, sizeof p->program);
    file_own(folder, "fonts.conf", fonts, sizeof fonts);
    snprintf(p->fonts, sizeof p->fonts, "FONTCONFIG_FILE=%s", fonts);
    uv_timer_init(loop, &p->deadline);
    uv_idle_init(loop, &p->later);
    p->deadline.data = p->later.data = p;
    p->own_handles = 2;
    return p;
}

static void own_closed(uv_handle_t *handle)
{
    struct pictures *p = handle->data;
    if (--p->own_handles == 0 && p->state == CHILD_NONE)
        free(p);
}

void picture_free(struct pictures *p)
{
    if (!p)
        return;
    p->closing = true;
    if (p->state == CHILD_DRAWS) {
        if (!p->exited)
            uv_process_kill(&p->child, SIGKILL);
        child_close(p);
    }
    while (p->first)
        finish(p, p->first, false);
    uv_close((uv_handle_t *)&p->deadline, own_closed);
    uv_close((uv_handle_t *)&p->later, own_closed);
}
