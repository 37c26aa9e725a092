#include "bot/net/sockets.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

struct sock {
    uv_poll_t poll;
    struct sockets *all;
    int fd, wanted, watched; /* UV_READABLE, UV_WRITABLE */
};

struct sockets {
    uv_loop_t *loop;
    sockets_cb *ready;
    void *arg;
    struct sock **by_fd;
    int cap;
};

struct sockets *sockets_new(uv_loop_t *loop, sockets_cb *ready, void *arg)
{
    struct sockets *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (struct sockets){.loop = loop, .ready = ready, .arg = arg};
    return s;
}

static struct sock *find(const struct sockets *s, int fd)
{
    return fd >= 0 && fd < s->cap ? s->by_fd[fd] : NULL;
}

static void make_room(struct sockets *s, int fd)
{
    if (fd < s->cap)
        return;
    int cap = fd * 2 + 16;
    s->by_fd = realloc(s->by_fd, (size_t)cap * sizeof *s->by_fd);
    if (!s->by_fd)
        abort();
    memset(s->by_fd + s->cap, 0, (size_t)(cap - s->cap) * sizeof *s->by_fd);
    s->cap = cap;
}

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* A socket whose connect took too long is closed by curl 7.88 without a word: its
 * handle goes when the number is given out again, or at the end. */
static void forget(struct sockets *s, int fd)
{
    struct sock *k = find(s, fd);
    if (!k)
        return;
    s->by_fd[fd] = NULL;
    uv_close((uv_handle_t *)&k->poll, closed);
}

int sockets_open(struct sockets *s, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -1;
    forget(s, fd);
    struct sock *k = calloc(1, sizeof *k);
    if (!k)
        abort();
    if (uv_poll_init(s->loop, &k->poll, fd) != 0) {
        free(k);
        close(fd);
        return -1;
    }
    make_room(s, fd);
    k->all = s;
    k->fd = fd;
    k->poll.data = k;
    s->by_fd[fd] = k;
    return fd;
}

static void polled(uv_poll_t *poll, int status, int events)
{
    struct sock *k = poll->data;
    if (status < 0)
        k->watched = 0; /* libuv has stopped it */
    if (k->wanted) {
        k->all->ready(k->all->arg, k->fd, status < 0 ? -1 : events); /* k may be gone */
        return;
    }
    uv_poll_stop(poll); /* the other end closes: whoever uses it next will see */
    k->watched = 0;
}

void sockets_watch(struct sockets *s, int fd, int events)
{
    struct sock *k = find(s, fd);
    if (!k)
        return;
    k->wanted = events;
    if (!events) /* a socket is nearly always writable: do not stay for that */
        events = k->watched & UV_READABLE;
    if (k->watched == events)
        return;
    if (events)
        uv_poll_start(&k->poll, events, polled);
    else
        uv_poll_stop(&k->poll);
    k->watched = events;
}

int sockets_close(struct sockets *s, int fd)
{
    assert(find(s, fd));
    forget(s, fd);
    return close(fd);
}

void sockets_free(struct sockets *s)
{
    if (!s)
        return;
    for (int fd = 0; fd < s->cap; fd++)
        forget(s, fd);
    free(s->by_fd);
    free(s);
}
