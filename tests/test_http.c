/* The real net/http.c against a small server on the loopback that misbehaves on purpose:
 * what must hold is the promise of http.h, one done a call and never a silent copy. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "bot/net/http.h"

#define TOKEN "123456:abcdefghijklmnopqrstuvwxyz012345678"

enum manner {
    POLITE,
    SWALLOWS_EVERY_SECOND, /* of a connection: reads it, closes without an answer */
    CLOSES_AFTER_ANSWER,   /* without having said so */
    CUTS_THE_ANSWER,
    TRICKLES,
    SENDS_TWO_MEGABYTES,
    SENDS_CHUNKS_FOR_EVER,
    SPEAKS_HTML,
    KEEPS_SILENT,
    HANGS_UP_ON_EVERY_SECOND, /* of a connection, when its body has begun */
};

enum { CONNS = 64, NUMBERS = 1024, FILE_BYTES = 100000, REQUEST_MAX = 120000 };

struct conn {
    int fd, requests;
    char in[REQUEST_MAX];
    size_t len;
};

static struct server {
    volatile enum manner manner;
    bool running;
    int listener, port, quit[2];
    pthread_t thread;
    struct conn conns[CONNS];
    int connections;        /* accepted */
    int begun;              /* requests of which a byte arrived */
    int seen[NUMBERS];      /* how often the body {"n":i}, or its form, arrived whole */
    char first_head[4096];  /* of the first request */
    char last[REQUEST_MAX]; /* the last whole request */
    size_t last_len;
} server;

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return; /* the client has gone, which some tests want */
}

static void answer_body(int fd, const char *status, const char *body)
{
    char head[512];
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
             strlen(body), body);
    say(fd, head);
}

static void answer_two_megabytes(int fd)
{
    enum { MEGABYTES_2 = 2 << 20 };
    char *big = malloc(MEGABYTES_2 + 1);
    memset(big, 'x', MEGABYTES_2);
    big[MEGABYTES_2] = '\0';
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n");
    say(fd, big);
    free(big);
}

static bool gone(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte;
    return poll(&p, 1, 20) > 0 && recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

/* False: the connection is to be closed. */
static bool answer(struct conn *c)
{
    static const char chunk[] = "400\r\n%1024s\r\n";
    char block[1100];
    c->requests++;
    switch (server.manner) {
    case SWALLOWS_EVERY_SECOND:
        if (c->requests == 2)
            return false;
        break;
    case CLOSES_AFTER_ANSWER:
        answer_body(c->fd, "200 OK", "{\"ok\":true}");
        return false;
    case CUTS_THE_ANSWER:
        say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true,");
        return false;
    case TRICKLES:
        say(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while (!gone(c->fd))
            say(c->fd, " ");
        return false;
    case SENDS_TWO_MEGABYTES:
        answer_two_megabytes(c->fd);
        return true;
    case SENDS_CHUNKS_FOR_EVER:
        say(c->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        snprintf(block, sizeof block, chunk, "x");
        for (int i = 0; i < 100000 && (i % 64 || !gone(c->fd)); i++)
            say(c->fd, block);
        return false;
    case SPEAKS_HTML:
        answer_body(c->fd, "502 Bad Gateway", "<html>502</html>");
        return true;
    case KEEPS_SILENT:
        return true;
    case HANGS_UP_ON_EVERY_SECOND:
    case POLITE:
        break;
    }
    answer_body(c->fd, "200 OK", "{\"ok\":true,\"result\":{\"message_id\":1}}");
    return true;
}

/* The number in the body, as JSON or in a form; -1: none. */
static int number_of(const char *body)
{
    static const char part[] = "form-data; name=\"n\"\r\n\r\n";
    const char *form = strncmp(body, "--", 2) == 0 ? strstr(body, part) : NULL;
    int n;
    if (sscanf(form ? form + sizeof part - 1 : body, form ? "%d" : "{\"n\":%d", &n) != 1)
        return -1;
    return n >= 0 && n < NUMBERS ? n : -1;
}

/* Takes whole requests off the front of what has come. False: close it. */
static bool serve(struct conn *c)
{
    ssize_t got = recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, 0);
    if (got <= 0)
        return false;
    server.begun += c->len == 0;
    c->len += (size_t)got;
    c->in[c->len] = '\0';
    char *end, *body_len = strstr(c->in, "Content-Length: ");
    if (!(end = strstr(c->in, "\r\n\r\n")) || !body_len)
        return true;
    size_t body = (size_t)strtol(body_len + 16, NULL, 10);
    size_t whole = (size_t)(end + 4 - c->in) + body;
    if (server.manner == HANGS_UP_ON_EVERY_SECOND && c->requests == 1 &&
        c->len > (size_t)(end + 4 - c->in))
        return false;
    if (c->len < whole)
        return true;
    int n = number_of(end + 4);
    if (n >= 0)
        server.seen[n]++;
    if (!server.first_head[0])
        memcpy(server.first_head, c->in, (size_t)(end - c->in));
    memcpy(server.last, c->in, whole);
    server.last_len = whole;
    c->len = 0;
    return answer(c);
}

static void *serve_all(void *arg)
{
    (void)arg;
    for (;;) {
        struct pollfd p[CONNS + 2] = {{.fd = server.quit[0], .events = POLLIN},
                                      {.fd = server.listener, .events = POLLIN}};
        for (int i = 0; i < CONNS; i++)
            p[i + 2] = (struct pollfd){.fd = server.conns[i].fd, .events = POLLIN};
        poll(p, CONNS + 2, -1);
        if (p[0].revents)
            return NULL;
        for (int i = 0; i < CONNS; i++)
            if (p[i + 2].revents && !serve(&server.conns[i])) {
                close(server.conns[i].fd);
                server.conns[i].fd = -1;
                server.conns[i].requests = 0;
                server.conns[i].len = 0;
            }
        if (p[1].revents)
            for (int i = 0; i < CONNS; i++)
                if (server.conns[i].fd < 0) {
                    server.conns[i].fd = accept(server.listener, NULL, NULL);
                    server.connections++;
                    break;
                }
    }
}

static int bound_socket(int *out_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        abort();
    *out_port = ntohs(at.sin_port);
    return fd;
}

static void server_start(enum manner manner)
{
    memset(&server, 0, sizeof server);
    server.manner = manner;
    for (int i = 0; i < CONNS; i++)
        server.conns[i].fd = -1;
    server.listener = bound_socket(&server.port);
    if (listen(server.listener, 64) != 0 || pipe(server.quit) != 0 ||
        pthread_create(&server.thread, NULL, serve_all, NULL) != 0)
        abort();
    server.running = true;
}

static void server_stop(void)
{
    server.running = false;
    if (write(server.quit[1], "q", 1) != 1)
        abort();
    pthread_join(server.thread, NULL);
    for (int i = 0; i < CONNS; i++)
        if (server.conns[i].fd >= 0)
            close(server.conns[i].fd);
    close(server.listener);
    close(server.quit[0]);
    close(server.quit[1]);
}

/* ---- the client's side ---- */

static struct client {
    uv_loop_t loop;
    struct config cfg;
    struct http *http;
    uv_timer_t tick; /* a call may end in a timer's callback, before a pass goes to sleep */
    int inside_post;
} client;

static char picture[FILE_BYTES];
static struct http_file file = {.field = "photo",
                                .name = "podium.png",
                                .mime = "image/png",
                                .data = picture,
                                .len = sizeof picture};

struct ask {
    struct http_req req;
    bool form; /* a file goes along */
    char body[32];
    int done;
};

static void asked(struct http_req *r)
{
    struct ask *a = r->owner;
    assert_int_equal(client.inside_post, 0);
    a->done++;
}

static void client_start(const char *scheme_and_host, int port)
{
    uv_loop_init(&client.loop);
    client.cfg = (struct config){.token = TOKEN, .in_flight = 8};
    snprintf(client.cfg.api_url, sizeof client.cfg.api_url, "%s:%d", scheme_and_host, port);
    uv_timer_init(&client.loop, &client.tick);
    client.http = http_new(&client.loop, &client.cfg);
}

static void client_stop(void)
{
    http_free(client.http);
    uv_close((uv_handle_t *)&client.tick, NULL);
    uv_run(&client.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&client.loop), 0);
}

static void post(struct ask *a, const char *method, int n, long timeout_ms)
{
    snprintf(a->body, sizeof a->body, "{\"n\":%d}", n);
    a->done = 0;
    a->req.method = method;
    a->req.body = a->body;
    a->req.file = a->form ? &file : NULL;
    a->req.timeout_ms = timeout_ms;
    a->req.done = asked;
    a->req.owner = a;
    client.inside_post = 1;
    http_post(client.http, &a->req);
    client.inside_post = 0;
}

static void ticked(uv_timer_t *t)
{
    (void)t;
}

static void wait_for(struct ask *a)
{
    uv_timer_start(&client.tick, ticked, 2, 2);
    while (!a->done)
        uv_run(&client.loop, UV_RUN_ONCE);
    uv_timer_stop(&client.tick);
    assert_int_equal(a->done, 1);
    assert_null(a->req.private);
}

static void rest(uv_timer_t *t)
{
    uv_close((uv_handle_t *)t, NULL);
}

static void pause_ms(uint64_t ms)
{
    uv_timer_t t;
    uv_timer_init(&client.loop, &t);
    uv_timer_start(&t, rest, ms, 0);
    while (!uv_is_closing((uv_handle_t *)&t))
        uv_run(&client.loop, UV_RUN_ONCE);
    uv_run(&client.loop, UV_RUN_NOWAIT);
}

/* ---- tests ---- */

static void a_call_is_a_post_of_json_to_the_method_of_the_token(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {0};
    post(&a, "sendMessage", 7, 5000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_ANSWERED);
    assert_int_equal(a.req.status, 200);
    assert_string_equal(a.req.answer.data, "{\"ok\":true,\"result\":{\"message_id\":1}}");
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    static const char start[] = "POST /bot" TOKEN "/sendMessage HTTP/1.1\r\n";
    assert_memory_equal(server.first_head, start, sizeof start - 1);
    assert_non_null(strstr(server.first_head, "\r\nContent-Type: application/json"));
    assert_null(strstr(server.first_head, "Expect"));
    assert_int_equal(server.seen[7], 1);
}

/* The host of API_URL is left to the proxy, and no variable of the environment decides. */
static void a_proxy_is_told_the_whole_address(void **state)
{
    (void)state;
    struct ask a = {0};
    server_start(POLITE);
    setenv("no_proxy", "*", 1);
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    uv_loop_init(&client.loop);
    client.cfg = (struct config){
        .token = TOKEN, .api_url = "http://no-such-host.invalid:81", .in_flight = 8};
    snprintf(client.cfg.proxy_url, sizeof client.cfg.proxy_url,
             "http://anna:p%%40s@localhost:%d", server.port);
    uv_timer_init(&client.loop, &client.tick);
    client.http = http_new(&client.loop, &client.cfg);
    post(&a, "sendMessage", 7, 5000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_ANSWERED);
    server_stop();
    post(&a, "sendMessage", 8, 5000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_NOT_SENT);
    assert_string_equal(a.req.trouble, "the proxy of PROXY_URL cannot be reached");
    client_stop();
    unsetenv("no_proxy");
    unsetenv("http_proxy");
    buf_free(&a.req.answer);
    static const char start[] =
        "POST http://no-such-host.invalid:81/bot" TOKEN "/sendMessage HTTP/1.1\r\n";
    assert_memory_equal(server.first_head, start, sizeof start - 1);
    assert_non_null(strstr(server.first_head, /* anna:p@s */
                           "\r\nProxy-Authorization: Basic YW5uYTpwQHM="));
    assert_int_equal(server.seen[7], 1);
}

static void a_connection_is_kept_for_the_next_call(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("http://localhost", server.port); /* a name of two families, maybe */
    struct ask a = {0};
    for (int i = 0; i < 100; i++) {
        post(&a, "sendMessage", i, 5000);
        wait_for(&a);
        assert_int_equal(a.req.fate, HTTP_ANSWERED);
    }
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_int_equal(server.connections, 1);
}

static void many_calls_at_once_all_come_back(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("http://127.0.0.1", server.port);
    static struct ask asks[40];
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 40; i++) {
            asks[i].form = (round + i) % 4 == 0;
            post(&asks[i], "sendMessage", round * 40 + i, 5000);
        }
        for (int i = 0; i < 40; i++) {
            wait_for(&asks[i]);
            assert_int_equal(asks[i].req.fate, HTTP_ANSWERED);
        }
    }
    client_stop();
    server_stop();
    for (int i = 0; i < 40; i++)
        buf_free(&asks[i].req.answer);
    for (int i = 0; i < 400; i++)
        assert_int_equal(server.seen[i], 1);
}

/* Half of the calls of a connection are answered, half are not; none comes twice. */
static void never_repeated(enum manner manner, bool form)
{
    enum { SENDS = 500 };
    int answered = 0, unknown = 0;
    server_start(manner);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {.form = form};
    for (int i = 0; i < SENDS; i++) {
        post(&a, "sendMessage", i, 5000);
        wait_for(&a);
        answered += a.req.fate == HTTP_ANSWERED;
        unknown += a.req.fate == HTTP_UNKNOWN;
    }
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_int_equal(answered, SENDS / 2);
    assert_int_equal(unknown, SENDS / 2);
    assert_int_equal(server.begun, SENDS);
    for (int i = 0; i < SENDS; i++)
        if (server.seen[i] != (manner == SWALLOWS_EVERY_SECOND || i % 2 == 0))
            fail_msg("body %d arrived %d times", i, server.seen[i]);
}

static void a_swallowed_post_is_never_repeated_in_silence(void **state)
{
    (void)state;
    never_repeated(SWALLOWS_EVERY_SECOND, false);
    never_repeated(SWALLOWS_EVERY_SECOND, true);
}

static void a_form_that_was_cut_off_is_never_repeated_in_silence(void **state)
{
    (void)state;
    never_repeated(HANGS_UP_ON_EVERY_SECOND, true);
}

static void expect_part(struct buf *b, const char *boundary, const char *name,
                        const char *value)
{
    buf_printf(b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
               boundary, name, value);
}

static void a_call_with_a_file_is_a_form_of_its_members(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {.form = true};
    post(&a, "sendPhoto", 7, 5000); /* then another body on the same handle */
    wait_for(&a);
    a.done = 0;
    a.req.body = "{\"chat_id\":-1001234567890123,\"caption\":\"«Ёлка» \\\"2\\\"\\n--\","
                 "\"disable_notification\":true,\"n\":8,\"reply_markup\":"
                 "{\"inline_keyboard\":[[{\"text\":\"да\",\"callback_data\":\"b.1\"}]]}}";
    http_post(client.http, &a.req);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_ANSWERED);
    char *boundary = strstr(server.last, "Content-Type: multipart/form-data; boundary=");
    assert_non_null(boundary);
    assert_null(strstr(server.last, "application/json"));
    boundary = strdup(strchr(boundary, '=') + 1);
    boundary[strcspn(boundary, "\r")] = '\0';
    struct buf want = {0};
    expect_part(&want, boundary, "chat_id", "-1001234567890123");
    expect_part(&want, boundary, "caption", "«Ёлка» \"2\"\n--");
    expect_part(&want, boundary, "disable_notification", "true");
    expect_part(&want, boundary, "n", "8");
    expect_part(&want, boundary, "reply_markup",
                "{\"inline_keyboard\":[[{\"text\":\"да\",\"callback_data\":\"b.1\"}]]}");
    buf_printf(&want,
               "--%s\r\nContent-Disposition: form-data; name=\"photo\"; "
               "filename=\"podium.png\"\r\nContent-Type: image/png\r\n\r\n",
               boundary);
    buf_add(&want, picture, sizeof picture);
    buf_printf(&want, "\r\n--%s--\r\n", boundary);
    const char *body = strstr(server.last, "\r\n\r\n") + 4;
    assert_int_equal(server.last_len - (size_t)(body - server.last), want.len);
    assert_memory_equal(body, want.data, want.len);
    a.form = false;
    post(&a, "sendMessage", 9, 5000);
    wait_for(&a);
    client_stop();
    server_stop();
    assert_non_null(strstr(server.last, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(server.last, "\r\n\r\n{\"n\":9}"));
    assert_int_equal(server.connections, 1);
    free(boundary);
    buf_free(&want);
    buf_free(&a.req.answer);
}

static void a_spare_connection_that_the_server_closed_does_no_harm(void **state)
{
    (void)state;
    server_start(CLOSES_AFTER_ANSWER);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {0};
    for (int i = 0; i < 5; i++) {
        a.form = i == 1 || i == 2;
        post(&a, "sendMessage", i, 5000);
        wait_for(&a);
        assert_int_equal(a.req.fate, HTTP_ANSWERED);
        pause_ms(30);
    }
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_int_equal(server.connections, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(server.seen[i], 1);
}

static void after_a_call_that_hung_older_connections_are_not_trusted(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {0}, b = {0};
    post(&a, "sendMessage", 1, 5000);
    post(&b, "sendMessage", 2, 5000);
    wait_for(&a);
    wait_for(&b);
    pause_ms(2100);
    server.manner = KEEPS_SILENT;
    post(&a, "sendMessage", 3, 100);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_UNKNOWN);
    server.manner = POLITE;
    post(&a, "sendMessage", 4, 5000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_ANSWERED);
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    buf_free(&b.req.answer);
    assert_int_equal(server.connections, 3);
}

static void the_loop_sleeps_while_a_closed_connection_lies_about(void **state)
{
    (void)state;
    server_start(CLOSES_AFTER_ANSWER);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {0};
    post(&a, "sendMessage", 1, 5000);
    wait_for(&a);
    uv_timer_t t;
    int turns = 0;
    uv_timer_init(&client.loop, &t);
    uv_timer_start(&t, rest, 200, 0);
    for (; !uv_is_closing((uv_handle_t *)&t); turns++)
        uv_run(&client.loop, UV_RUN_ONCE);
    uv_run(&client.loop, UV_RUN_NOWAIT);
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_in_range(turns, 1, 20);
}

static const struct {
    enum manner manner;
    const char *method;
    long timeout_ms;
    enum http_fate fate;
    long status;
} manners[] = {
    {CUTS_THE_ANSWER, "sendMessage", 5000, HTTP_UNKNOWN, 0},
    {CUTS_THE_ANSWER, "getUpdates", 5000, HTTP_UNKNOWN, 0},
    {TRICKLES, "sendMessage", 300, HTTP_UNKNOWN, 0},
    {SENDS_TWO_MEGABYTES, "sendMessage", 5000, HTTP_UNKNOWN, 0},
    {SENDS_TWO_MEGABYTES, "getUpdates", 5000, HTTP_ANSWERED, 200},
    {SENDS_CHUNKS_FOR_EVER, "sendMessage", 5000, HTTP_UNKNOWN, 0},
    {SPEAKS_HTML, "sendMessage", 5000, HTTP_ANSWERED, 502},
    {KEEPS_SILENT, "sendMessage", 300, HTTP_UNKNOWN, 0},
};

static void an_answer_is_whole_or_its_fate_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
        server_start(manners[i].manner);
        client_start("http://127.0.0.1", server.port);
        struct ask a = {0};
        post(&a, manners[i].method, 1, manners[i].timeout_ms);
        wait_for(&a);
        if (a.req.fate != manners[i].fate || a.req.status != manners[i].status ||
            (a.req.fate != HTTP_ANSWERED && !a.req.trouble[0]) ||
            a.req.answer.len > (64u << 20))
            fail_msg("row %zu: fate %d, status %ld, %s", i, (int)a.req.fate, a.req.status,
                     a.req.trouble);
        if (strstr(a.req.trouble, "abcdef"))
            fail_msg("row %zu: the token is in the words for the log", i);
        client_stop();
        server_stop();
        buf_free(&a.req.answer);
        if (server.seen[1] != 1)
            fail_msg("row %zu: the body arrived %d times", i, server.seen[1]);
    }
}

static void a_refused_connection_means_not_sent(void **state)
{
    (void)state;
    int port, fd = bound_socket(&port); /* bound and not listening */
    client_start("http://localhost", port);
    struct ask a = {0};
    post(&a, "sendMessage", 1, 5000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_NOT_SENT);
    assert_int_equal(a.req.status, 0);
    client_stop();
    close(fd);
    buf_free(&a.req.answer);
}

static void a_plain_server_behind_https_gets_no_request(void **state)
{
    (void)state;
    server_start(POLITE);
    client_start("https://127.0.0.1", server.port);
    struct ask a = {0};
    post(&a, "sendMessage", 1, 1000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_NOT_SENT);
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_int_equal(server.seen[1], 0);
    assert_string_equal(server.first_head, "");
}

static void a_handshake_that_hangs_means_not_sent(void **state)
{
    (void)state;
    server_start(KEEPS_SILENT);
    client_start("https://127.0.0.1", server.port);
    struct ask a = {0};
    post(&a, "sendMessage", 1, 300);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_NOT_SENT);
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
    assert_int_equal(server.connections, 1);
}

/* A queue of connections that is full: what would connect now waits for ever. */
static void a_connect_that_hangs_means_not_sent_and_leaves_nothing(void **state)
{
    (void)state;
    int port, fd = bound_socket(&port), full[8];
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    assert_int_equal(listen(fd, 0), 0);
    for (int i = 0; i < 8; i++) {
        full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(full[i], (struct sockaddr *)&at, sizeof at);
    }
    client_start("http://127.0.0.1", port);
    static struct ask asks[6]; /* the later ones get the numbers of sockets that are gone */
    for (int i = 0; i < 6; i++) {
        post(&asks[i], "sendMessage", i, 150);
        if (i % 2)
            wait_for(&asks[i]);
    }
    for (int i = 0; i < 6; i++) {
        wait_for(&asks[i]);
        assert_int_equal(asks[i].req.fate, HTTP_NOT_SENT);
        buf_free(&asks[i].req.answer);
    }
    client_stop();
    for (int i = 0; i < 8; i++)
        close(full[i]);
    close(fd);
}

static void a_name_that_does_not_resolve_means_not_sent(void **state)
{
    (void)state;
    client_start("http://no-such-host.invalid", 80);
    struct ask a = {0};
    post(&a, "sendMessage", 1, 20000);
    wait_for(&a);
    assert_int_equal(a.req.fate, HTTP_NOT_SENT);
    client_stop();
    buf_free(&a.req.answer);
}

static void a_cancelled_call_is_done_once_and_later(void **state)
{
    (void)state;
    server_start(KEEPS_SILENT);
    client_start("http://127.0.0.1", server.port);
    struct ask a = {0};
    http_cancel(&a.req); /* idle: nothing */
    for (uint64_t wait = 0; wait < 80; wait += 20) {
        a.form = wait >= 40;
        post(&a, "sendMessage", 1, 5000);
        if (wait > 0)
            pause_ms(wait);
        http_cancel(&a.req);
        http_cancel(&a.req);
        assert_int_equal(a.done, 0);
        wait_for(&a);
        assert_int_equal(a.req.fate, HTTP_UNKNOWN);
        assert_int_equal(a.req.status, 0);
        pause_ms(10);
        assert_int_equal(a.done, 1);
    }
    client_stop();
    server_stop();
    buf_free(&a.req.answer);
}

static void freeing_http_ends_what_is_open_once(void **state)
{
    (void)state;
    server_start(KEEPS_SILENT);
    client_start("http://127.0.0.1", server.port);
    static struct ask asks[4];
    for (int i = 0; i < 4; i++) {
        asks[i] = (struct ask){.form = i % 2 == 1};
        post(&asks[i], "sendMessage", i, 5000);
    }
    pause_ms(30);
    http_cancel(&asks[3].req);
    client_stop();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(asks[i].done, 1);
        assert_int_equal(asks[i].req.fate, HTTP_UNKNOWN);
        buf_free(&asks[i].req.answer);
    }
    server_stop();
}

/* After a test that failed in its middle. */
static int clean_up(void **state)
{
    (void)state;
    if (server.running)
        server_stop();
    return 0;
}

int main(void)
{
    for (size_t i = 0; i < sizeof picture; i++) /* every byte, zeros and line ends too */
        picture[i] = (char)(i * i >> 3);
    alarm(60); /* a done that never comes is a failure, not a hang */
#define T(f) cmocka_unit_test_teardown(f, clean_up)
    const struct CMUnitTest tests[] = {
        T(a_call_is_a_post_of_json_to_the_method_of_the_token),
        T(a_proxy_is_told_the_whole_address),
        T(a_connection_is_kept_for_the_next_call),
        T(many_calls_at_once_all_come_back),
        T(a_swallowed_post_is_never_repeated_in_silence),
        T(a_form_that_was_cut_off_is_never_repeated_in_silence),
        T(a_call_with_a_file_is_a_form_of_its_members),
        T(a_spare_connection_that_the_server_closed_does_no_harm),
        T(after_a_call_that_hung_older_connections_are_not_trusted),
        T(the_loop_sleeps_while_a_closed_connection_lies_about),
        T(an_answer_is_whole_or_its_fate_is_unknown),
        T(a_refused_connection_means_not_sent),
        T(a_plain_server_behind_https_gets_no_request),
        T(a_handshake_that_hangs_means_not_sent),
        T(a_connect_that_hangs_means_not_sent_and_leaves_nothing),
        T(a_name_that_does_not_resolve_means_not_sent),
        T(a_cancelled_call_is_done_once_and_later),
        T(freeing_http_ends_what_is_open_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
