#define _DEFAULT_SOURCE /* ssize_t and friends of microhttpd.h */
#include "bot/net/health.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "bot/base/addr.h"
#include "bot/base/log.h"
#include "bot/net/metrics.h"

#define LOG_MOD "health"

enum {
    CONNECTIONS = 64,
    TIMEOUT_S = 10,
    MEMORY = 8192, /* of a connection: its headers must fit, else 431 */
    WAITING = 64,  /* connections that the kernel holds for us */
};

struct health {
    struct MHD_Daemon *daemon;
    struct db *db;
    const char *db_path;
    uv_poll_t poll;
    uv_timer_t timer;
    int closing; /* handles that the loop still knows */
    enum well well;
    int64_t started_ms, answered_ms;
};

static int64_t bytes_of(const char *path, const char *end)
{
    char name[1100];
    struct stat st;
    snprintf(name, sizeof name, "%s%s", path, end);
    return stat(name, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void print_metrics(struct health *h, struct buf *out)
{
    struct gauges g = {.well = h->well,
                       .started_ms = h->started_ms,
                       .answered_ms = h->answered_ms,
                       .db_bytes = bytes_of(h->db_path, ""),
                       .wal_bytes = bytes_of(h->db_path, "-wal")};
    g.tally_known = tally_read(h->db, &g.tally) == OK;
    metrics_print(out, &counts, &g);
}

/* Takes the text. */
static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *type,
                              struct buf *text)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(text->len, text->data, MHD_RESPMEM_MUST_FREE);
    if (!r) {
        buf_free(text);
        return MHD_NO;
    }
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "Connection", "close");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, "Allow", "GET, HEAD");
    enum MHD_Result done = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result answer_line(struct MHD_Connection *c, unsigned status,
                                   const char *line)
{
    struct buf text = {0};
    buf_printf(&text, "%s\n", line);
    return answer(c, status, "text/plain; charset=utf-8", &text);
}

static bool brings_a_body(struct MHD_Connection *c)
{
    const char *len = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
    return (len && strcmp(len, "0") != 0) ||
           MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Transfer-Encoding");
}

/* Answers as soon as the headers are there: no body is ever read. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version,
                                  const char *upload, size_t *upload_len, void **own)
{
    struct health *h = arg;
    struct buf text = {0};
    (void)version;
    (void)upload;
    (void)upload_len;
    (void)own;
    bool wants_health = strcmp(path, "/healthz") == 0;
    if (!wants_health && strcmp(path, "/metrics") != 0)
        return answer_line(c, MHD_HTTP_NOT_FOUND, "not found");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_line(c, MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed");
    if (brings_a_body(c))
        return answer_line(c, MHD_HTTP_CONTENT_TOO_LARGE, "no body is wanted");
    if (wants_health)
        return answer_line(c, h->well == WELL ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                           well_word(h->well));
    print_metrics(h, &text);
    return answer(c, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &text);
}

static void on_timer(uv_timer_t *timer);

static unsigned connections(struct health *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
        ->num_connections;
}

/* What libmicrohttpd has to do now, and when it wants to be called without news. Full, it
 * stops to listen, and begins again only in the run after the one that closed a connection:
 * when that was the last, nothing would ever call for it. */
static void turn(struct health *h)
{
    MHD_UNSIGNED_LONG_LONG ms;
    unsigned before;
    do {
        before = connections(h);
        MHD_run(h->daemon);
    } while (connections(h) < before);
    if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
        uv_timer_start(&h->timer, on_timer, ms, 0);
    else
        uv_timer_stop(&h->timer);
}

static void on_timer(uv_timer_t *timer)
{
    turn(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    turn(poll->data);
}

/* A socket of our own, so that errno tells what is wrong; -1. */
static int listen_at(struct addr *a)
{
    const int yes = 1;
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&a->at, a->len) == 0 && listen(fd, WAITING) == 0 &&
        getsockname(fd, (struct sockaddr *)&a->at, &a->len) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static void start(struct health *h, uv_loop_t *loop, int fd)
{
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!h->daemon)
        return;
    int epoll = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    if (uv_poll_init(loop, &h->poll, epoll) != 0) {
        MHD_stop_daemon(h->daemon);
        h->daemon = NULL;
        return;
    }
    uv_timer_init(loop, &h->timer);
    h->poll.data = h->timer.data = h;
    h->closing = 2;
    uv_poll_start(&h->poll, UV_READABLE, on_poll);
    turn(h);
}

struct health *health_new(uv_loop_t *loop, const struct config *cfg, struct db *db,
                          int64_t now_ms)
{
    struct addr a;
    char name[ADDR_TEXT_MAX];
    if (!cfg->health_addr[0])
        return NULL;
    int fd = addr_parse(cfg->health_addr, &a) ? listen_at(&a) : -1;
    if (fd < 0) {
        log_warn("HEALTH_ADDR %s cannot be had (%s): no /healthz, no /metrics",
                 cfg->health_addr, strerror(errno));
        return NULL;
    }
    struct health *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->db = db;
    h->db_path = cfg->db_path;
    h->well = UNWELL_STARTING;
    h->started_ms = now_ms;
    start(h, loop, fd);
    if (!h->daemon) {
        log_warn("the server of /healthz and /metrics does not start");
        close(fd);
        free(h);
        return NULL;
    }
    addr_print(&a, name);
    log_info("addr=http://%s", name);
    return h;
}

void health_tell(struct health *h, enum well w, int64_t answered_ms)
{
    if (!h)
        return;
    h->well = w;
    h->answered_ms = answered_ms;
}

static void closed(uv_handle_t *handle)
{
    struct health *h = handle->data;
    if (--h->closing == 0)
        free(h);
}

void health_free(struct health *h)
{
    if (!h)
        return;
    uv_poll_stop(&h->poll);
    MHD_stop_daemon(h->daemon);
    uv_close((uv_handle_t *)&h->poll, closed);
    uv_close((uv_handle_t *)&h->timer, closed);
}
