/* local_telegram: the rule book over real HTTP, for the real binary and for people who try
 * the bot without a token. local_telegram [--port N] [--token T] [--name USERNAME]; port 0
 * takes a free one. Prints "listening on http://127.0.0.1:PORT" and serves until SIGTERM or
 * /control/quit.
 *
 * One thread: libmicrohttpd inside our own epoll loop. A getUpdates that finds nothing, and
 * an answer that is delayed, are suspended connections with a deadline. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "bot/base/json.h"
#include "tests/local/control.h"
#include "tests/local/rules.h"

enum { CONNECTIONS_MAX = 4000, IDLE_S = 500 };

enum stage { READING, HELD_POLL, HELD_ANSWER, READY, DROPPED };

struct request {
    struct MHD_Connection *conn;
    struct buf body;
    enum stage stage;
    int64_t due_ms; /* steady clock: when a held one goes on */
    struct rules_answer answer;
    struct request *before, *after; /* the list of held ones */
};

struct server {
    struct rules *rules;
    struct MHD_Daemon *daemon;
    struct request *held;
    int lively; /* rounds without waiting: libmicrohttpd may need two for a resumed one */
};

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
    (void)sig;
    stopping = 1;
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

static int64_t steady_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

static void hold(struct server *s, struct request *q, enum stage stage, int64_t ms)
{
    q->stage = stage;
    q->due_ms = steady_ms() + ms;
    q->before = NULL;
    q->after = s->held;
    if (s->held)
        s->held->before = q;
    s->held = q;
    MHD_suspend_connection(q->conn);
}

static void unlink_held(struct server *s, struct request *q)
{
    if (q->before)
        q->before->after = q->after;
    else
        s->held = q->after;
    if (q->after)
        q->after->before = q->before;
}

static void release(struct server *s, struct request *q, enum stage stage)
{
    unlink_held(s, q);
    q->stage = stage;
    s->lively = 3;
    MHD_resume_connection(q->conn);
}

/* What the rule book said decides how the request goes on. */
static void weigh(struct server *s, struct request *q)
{
    if (q->answer.refused || q->answer.lost)
        q->stage = DROPPED;
    else if (q->answer.wait_ms)
        hold(s, q, HELD_POLL, q->answer.wait_ms);
    else if (q->answer.delay_ms)
        hold(s, q, HELD_ANSWER, q->answer.delay_ms);
    else
        q->stage = READY;
}

static void plain(struct request *q, long status, const char *json)
{
    q->stage = READY;
    q->answer.status = status;
    buf_text(&q->answer.body, json);
}

static void bot_call(struct server *s, struct request *q, const char *path)
{
    char token[256];
    const char *slash = strchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (!slash || n >= sizeof token) {
        plain(q, 404, "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}");
        return;
    }
    memcpy(token, path, n);
    token[n] = '\0';
    if (!rules_token_ok(s->rules, token)) {
        plain(q, 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
        return;
    }
    const char *method = slash + 1;
    if (!strcasecmp(method, "getUpdates")) /* two programs on one token */
        for (struct request *h = s->held, *after; h; h = after) {
            after = h->after;
            if (h->stage == HELD_POLL) {
                rules_conflict(s->rules, wall_ms(), &h->answer);
                release(s, h, READY);
            }
        }
    rules_call(s->rules, wall_ms(), method, q->body.data ? q->body.data : "", q->body.len,
               &q->answer);
    weigh(s, q);
}

static void side_door(struct server *s, struct request *q, const char *verb)
{
    enum control_effect effect;
    q->answer.status = control_call(s->rules, wall_ms(), verb, q->body.data, q->body.len,
                                    &q->answer.body, &effect);
    q->stage = READY;
    if (effect == CONTROL_QUIT)
        stopping = 1;
    if (effect == CONTROL_DROP)
        while (s->held)
            release(s, s->held, DROPPED);
}

static enum MHD_Result reply(struct request *q)
{
    char text[32];
    const struct buf *b = &q->answer.body;
    struct MHD_Response *r = MHD_create_response_from_buffer(
        b->len, b->len ? b->data : (char *)"", MHD_RESPMEM_MUST_COPY);
    bool json = b->len && b->data[0] == '{';
    MHD_add_response_header(r, "Content-Type", json ? "application/json" : "text/html");
    if (q->answer.retry_after_s) {
        snprintf(text, sizeof text, "%lld", (long long)q->answer.retry_after_s);
        MHD_add_response_header(r, "Retry-After", text);
    }
    enum MHD_Result done = MHD_queue_response(q->conn, (unsigned)q->answer.status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *conn, const char *url,
                                  const char *verb, const char *version, const char *data,
                                  size_t *size, void **own)
{
    struct server *s = arg;
    struct request *q = *own;
    (void)verb, (void)version;
    if (!q) {
        q = calloc(1, sizeof *q);
        if (!q)
            abort();
        q->conn = conn;
        q->body.max = RULES_BODY_MAX + 1;
        *own = q;
        return MHD_YES;
    }
    if (*size) {
        size_t room = q->body.max - q->body.len; /* one byte too many is enough to know */
        buf_add(&q->body, data, *size < room ? *size : room);
        *size = 0;
        return MHD_YES;
    }
    if (q->stage == READING) {
        if (!strncmp(url, "/bot", 4))
            bot_call(s, q, url + 4);
        else if (!strncmp(url, "/control/", 9))
            side_door(s, q, url + 9);
        else
            plain(q, 404,
                  "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}");
    }
    if (q->stage == HELD_POLL || q->stage == HELD_ANSWER)
        return MHD_YES;
    return q->stage == DROPPED ? MHD_NO : reply(q);
}

static void on_completed(void *arg, struct MHD_Connection *conn, void **own,
                         enum MHD_RequestTerminationCode code)
{
    struct request *q = *own;
    (void)conn, (void)code;
    if (!q)
        return;
    if (q->stage == HELD_POLL || q->stage == HELD_ANSWER)
        unlink_held(arg, q);
    buf_free(&q->body);
    buf_free(&q->answer.body);
    free(q);
    *own = NULL;
}

/* Held requests whose time has come, or whose updates have. */
static void held_run(struct server *s)
{
    int64_t now = steady_ms();
    for (struct request *q = s->held, *after; q; q = after) {
        after = q->after;
        bool poll = q->stage == HELD_POLL;
        if (poll && rules_waiting(s->rules)) {
            rules_poll(s->rules, wall_ms(), q->body.data ? q->body.data : "", q->body.len,
                       &q->answer);
            if (!q->answer.wait_ms)
                release(s, q, READY);
        } else if (q->due_ms <= now) {
            if (poll)
                rules_poll_over(s->rules, wall_ms(), &q->answer);
            release(s, q, READY);
        }
    }
}

static int wait_ms(struct server *s)
{
    if (s->lively > 0)
        return --s->lively, 0;
    int64_t now = steady_ms(), wait = 1000;
    MHD_UNSIGNED_LONG_LONG theirs;
    for (const struct request *q = s->held; q; q = q->after)
        wait = q->due_ms - now < wait ? q->due_ms - now : wait;
    if (MHD_get_timeout(s->daemon, &theirs) == MHD_YES && (int64_t)theirs < wait)
        wait = (int64_t)theirs;
    return wait < 0 ? 0 : (int)wait;
}

static void serve(struct server *s)
{
    int fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    while (!stopping) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, wait_ms(s)) < 0 && errno != EINTR)
            break;
        MHD_run(s->daemon);
        held_run(s);
    }
    while (s->held) /* libmicrohttpd aborts when it is stopped with suspended ones */
        release(s, s->held, DROPPED);
    MHD_run(s->daemon);
    MHD_stop_daemon(s->daemon);
}

static int bound_port(struct MHD_Daemon *d)
{
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    int fd = MHD_get_daemon_info(d, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
    return getsockname(fd, (struct sockaddr *)&a, &n) == 0 ? ntohs(a.sin_port) : -1;
}

int main(int argc, char **argv)
{
    const char *token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
    const char *name = "sobes_bot";
    int port = 8081;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && !strcmp(argv[i], "--port"))
            port = atoi(argv[i + 1]);
        else if (i + 1 < argc && !strcmp(argv[i], "--token"))
            token = argv[i + 1];
        else if (i + 1 < argc && !strcmp(argv[i], "--name"))
            name = argv[i + 1];
        else
            return fprintf(stderr, "usage: local_telegram [--port N] [--token T]"
                                   " [--name USERNAME]\n"),
                   64;
    }
    struct sigaction act = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    struct server s = {.rules = rules_new(token, name)};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s.daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, &s,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, &s, MHD_OPTION_END);
    if (!s.daemon) {
        fprintf(stderr, "local_telegram: port %d cannot be opened\n", port);
        rules_free(s.rules);
        return 74;
    }
    printf("listening on http://127.0.0.1:%d\n", bound_port(s.daemon));
    fflush(stdout);
    serve(&s);
    rules_free(s.rules);
    return 0;
}
