/* endpoint: a Telegram that costs next to nothing, for measuring the one who talks to it.
 *
 *   endpoint FIRST N        prints "port P"; people FIRST .. FIRST+N-1 act (crowd.h)
 *
 * HTTP/1.1 with keep-alive on loopback, canned answers with growing message ids, no rule
 * of Telegram's. It keeps counts and no calls. Told on stdin, one line each:
 *
 *   stats              {"sends":..,"edits":..,"toasts":..,"polls":..,"others":..,"acts":..,
 *                       "confirmed":..,"waited":..,"p50_us":..,"p99_us":..,"max_us":..}
 *   forget             the waits so far are forgotten
 *   act N TEXT_EVERY   people act N times, as fast as the bot asks for updates
 *   ask PER_SEC        "/next" so often; 0: no more
 *
 * The end of stdin is the end. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "tests/bench/crowd.h"

enum {
    REQUEST_MAX = 1 << 16,
    UPDATE_MAX = 1024,
    BATCH_MAX = 100,
    WAITING_MAX = 1 << 14, /* updates that the bot has not confirmed */
    TICK_MS = 5,
    SAID_BACK = 400, /* Telegram gives the message back, text and all */
};

struct link {
    uv_tcp_t tcp;
    size_t len;
    char in[REQUEST_MAX + 1];
    char *out; /* answers of one read */
    size_t out_len, out_cap;
    bool polls; /* a getUpdates is held here */
};

static struct {
    uv_loop_t *loop;
    uv_tcp_t server;
    uv_pipe_t control;
    uv_timer_t tick;
    struct crowd *crowd;
    char line[256], echo[SAID_BACK + 1];
    size_t line_len;
    int64_t messages, sends, edits, toasts, polls, others, acts;
    /* Updates from `confirmed` up to `given` wait for the offset that confirms them. */
    int64_t confirmed, given;
    char waiting[WAITING_MAX][UPDATE_MAX];
    int64_t asks_per_sec, asks_since_us, asked;
    struct link *poll; /* the one that is held */
    int64_t poll_by_us, poll_limit;
} all;

static int64_t now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* ---- answers ---- */

static void put(struct link *l, const char *data, size_t n)
{
    if (l->out_len + n > l->out_cap) {
        l->out_cap = (l->out_len + n) * 2;
        l->out = realloc(l->out, l->out_cap);
        if (!l->out)
            abort();
    }
    memcpy(l->out + l->out_len, data, n);
    l->out_len += n;
}

static void answer(struct link *l, const char *body, size_t n)
{
    char head[128];
    int h = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     n);
    put(l, head, (size_t)h);
    put(l, body, n);
}

static void written(uv_write_t *w, int status)
{
    (void)status;
    free(w->data);
    free(w);
}

static void flush(struct link *l)
{
    uv_buf_t b = uv_buf_init(l->out, (unsigned)l->out_len);
    if (l->out_len == 0 || uv_is_closing((uv_handle_t *)&l->tcp))
        return;
    int n = uv_try_write((uv_stream_t *)&l->tcp, &b, 1);
    if (n != (int)l->out_len) {
        size_t sent = n > 0 ? (size_t)n : 0, left = l->out_len - sent;
        uv_write_t *w = calloc(1, sizeof *w);
        if (!w || !(w->data = malloc(left)))
            abort();
        memcpy(w->data, l->out + sent, left);
        b = uv_buf_init(w->data, (unsigned)left);
        uv_write(w, (uv_stream_t *)&l->tcp, &b, 1, written);
    }
    l->out_len = 0;
}

static int64_t number_after(const char *text, const char *key, int64_t fallback)
{
    const char *at = strstr(text, key);
    return at ? strtoll(at + strlen(key), NULL, 10) : fallback;
}

static void answer_message(struct link *l, const char *body, bool edit)
{
    char out[1024];
    int64_t chat = number_after(body, "\"chat_id\":", 0);
    int64_t message = edit ? number_after(body, "\"message_id\":", 0) : ++all.messages;
    crowd_hears(all.crowd, chat, message, body, now_us());
    int n = snprintf(out, sizeof out,
                     "{\"ok\":true,\"result\":{\"message_id\":%" PRId64
                     ",\"from\":{\"id\":1000001,\"is_bot\":true,\"first_name\":\"Sobes\","
                     "\"username\":\"sobes_bench_bot\"},\"chat\":{\"id\":%" PRId64
                     ",\"first_name\":\"Ann\",\"type\":\"private\"},\"date\":1800000000,"
                     "\"text\":\"%s\"}}",
                     message, chat, all.echo);
    answer(l, out, (size_t)n);
}

/* ---- updates ---- */

static char *update_room(void)
{
    return all.waiting[all.given % WAITING_MAX];
}

static void want_acts(int64_t limit)
{
    while (all.given - all.confirmed < limit) {
        if (!crowd_act(all.crowd, all.given, now_us(), update_room(), UPDATE_MAX))
            return;
        all.given++;
        all.acts++;
    }
}

static void answer_poll(struct link *l)
{
    static char out[BATCH_MAX * UPDATE_MAX + 64];
    int64_t n = all.given - all.confirmed;
    n = n < all.poll_limit ? n : all.poll_limit;
    size_t len = (size_t)sprintf(out, "{\"ok\":true,\"result\":[");
    for (int64_t i = 0; i < n; i++)
        len += (size_t)sprintf(out + len, "%s%s", i ? "," : "",
                               all.waiting[(all.confirmed + i) % WAITING_MAX]);
    len += (size_t)sprintf(out + len, "]}");
    answer(l, out, len);
    l->polls = false;
    all.poll = NULL;
    flush(l);
}

static void hold_poll(struct link *l, const char *body)
{
    int64_t offset = number_after(body, "\"offset\":", 0);
    int64_t limit = number_after(body, "\"limit\":", BATCH_MAX);
    if (offset > all.confirmed && offset <= all.given)
        all.confirmed = offset;
    all.poll_limit = limit > 0 && limit < BATCH_MAX ? limit : BATCH_MAX;
    all.poll_by_us = now_us() + number_after(body, "\"timeout\":", 0) * 1000000;
    l->polls = true;
    all.poll = l;
    want_acts(all.poll_limit);
    if (all.given > all.confirmed || all.poll_by_us <= now_us())
        answer_poll(l);
}

static void ticked(uv_timer_t *t)
{
    (void)t;
    int64_t now = now_us(), due = (now - all.asks_since_us) * all.asks_per_sec / 1000000;
    while (all.asks_per_sec && all.asked < due &&
           all.given - all.confirmed < WAITING_MAX - 1) {
        crowd_ask(all.crowd, all.given++, now, update_room(), UPDATE_MAX);
        all.asked++;
    }
    if (all.poll)
        want_acts(all.poll_limit);
    if (all.poll && (all.given > all.confirmed || all.poll_by_us <= now))
        answer_poll(all.poll);
}

/* ---- requests ---- */

static bool is(const char *method, const char *name)
{
    size_t n = strlen(name);
    return strncmp(method, name, n) == 0 && method[n] == ' ';
}

static void serve(struct link *l, const char *method, const char *body)
{
    static const char yes[] = "{\"ok\":true,\"result\":true}";
    static const char me[] = "{\"ok\":true,\"result\":{\"id\":1000001,\"is_bot\":true,"
                             "\"first_name\":\"Sobes\",\"username\":\"sobes_bench_bot\"}}";
    if (is(method, "sendMessage")) {
        all.sends++;
        answer_message(l, body, false);
    } else if (is(method, "editMessageText")) {
        all.edits++;
        answer_message(l, body, true);
    } else if (is(method, "getUpdates")) {
        all.polls++;
        hold_poll(l, body);
    } else if (is(method, "getMe")) {
        answer(l, me, sizeof me - 1);
    } else {
        all.toasts += is(method, "answerCallbackQuery");
        all.others += !is(method, "answerCallbackQuery");
        answer(l, yes, sizeof yes - 1);
    }
}

/* One whole request at the start of l->in; how long it was, 0 while it is not whole. */
static size_t request(struct link *l)
{
    l->in[l->len] = '\0';
    char *end = strstr(l->in, "\r\n\r\n"), *path = strchr(l->in, ' ');
    if (!end || !path)
        return 0;
    size_t head = (size_t)(end - l->in) + 4;
    const char *size = strstr(l->in, "Content-Length: ");
    size_t body = size && size < end ? strtoul(size + 16, NULL, 10) : 0;
    if (l->len < head + body)
        return 0;
    char *space = strchr(path + 1, ' ');
    const char *method = space;
    while (method > path && method[-1] != '/')
        method--;
    char after = l->in[head + body];
    l->in[head + body] = '\0';
    serve(l, method, l->in + head);
    l->in[head + body] = after;
    return head + body;
}

static void gone(uv_handle_t *h)
{
    struct link *l = h->data;
    free(l->out);
    free(l);
}

static void close_link(struct link *l)
{
    if (all.poll == l)
        all.poll = NULL;
    if (!uv_is_closing((uv_handle_t *)&l->tcp))
        uv_close((uv_handle_t *)&l->tcp, gone);
}

static void room(uv_handle_t *h, size_t want, uv_buf_t *out)
{
    struct link *l = h->data;
    (void)want;
    *out = uv_buf_init(l->in + l->len, (unsigned)(REQUEST_MAX - l->len));
}

static void came(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct link *l = s->data;
    (void)b;
    if (n < 0) {
        close_link(l);
        return;
    }
    l->len += (size_t)n;
    for (size_t used; (used = request(l)) > 0;) {
        l->len -= used;
        memmove(l->in, l->in + used, l->len);
    }
    flush(l);
    if (l->len == REQUEST_MAX)
        close_link(l);
}

static void connected(uv_stream_t *server, int status)
{
    struct link *l = calloc(1, sizeof *l);
    if (status < 0 || !l)
        abort();
    l->tcp.data = l;
    uv_tcp_init(all.loop, &l->tcp);
    if (uv_accept(server, (uv_stream_t *)&l->tcp) != 0) {
        close_link(l);
        return;
    }
    uv_tcp_nodelay(&l->tcp, 1);
    uv_read_start((uv_stream_t *)&l->tcp, room, came);
}

/* ---- control ---- */

static void stats(void)
{
    printf("{\"sends\":%" PRId64 ",\"edits\":%" PRId64 ",\"toasts\":%" PRId64
           ",\"polls\":%" PRId64 ",\"others\":%" PRId64 ",\"acts\":%" PRId64
           ",\"confirmed\":%" PRId64 ",\"waited\":%" PRId64 ",\"p50_us\":%" PRId64
           ",\"p99_us\":%" PRId64 ",\"max_us\":%" PRId64 "}\n",
           all.sends, all.edits, all.toasts, all.polls, all.others, all.acts, all.confirmed,
           crowd_answered(all.crowd), crowd_waited_us(all.crowd, 500),
           crowd_waited_us(all.crowd, 990), crowd_waited_us(all.crowd, 1000));
}

static void obey(const char *line)
{
    int64_t n = 0, every = 0;
    if (strcmp(line, "stats") == 0) {
        stats();
    } else if (strcmp(line, "forget") == 0) {
        crowd_forget_waits(all.crowd);
        printf("{}\n");
    } else if (sscanf(line, "act %" SCNd64 " %" SCNd64, &n, &every) == 2) {
        crowd_begin(all.crowd, n, every);
        printf("{}\n");
    } else if (sscanf(line, "ask %" SCNd64, &n) == 1) {
        all.asks_per_sec = n;
        all.asks_since_us = now_us();
        all.asked = 0;
        printf("{}\n");
    } else {
        fprintf(stderr, "endpoint: no such order: %s\n", line);
        exit(64);
    }
    fflush(stdout);
}

static void order_room(uv_handle_t *h, size_t want, uv_buf_t *out)
{
    (void)h, (void)want;
    *out = uv_buf_init(all.line + all.line_len,
                       (unsigned)(sizeof all.line - 1 - all.line_len));
}

static void ordered(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    (void)s, (void)b;
    if (n < 0)
        exit(0);
    all.line_len += (size_t)n;
    all.line[all.line_len] = '\0';
    for (char *end; (end = strchr(all.line, '\n')) != NULL;) {
        *end = '\0';
        obey(all.line);
        all.line_len -= (size_t)(end + 1 - all.line);
        memmove(all.line, end + 1, all.line_len + 1);
    }
}

static void listen_on_loopback(void)
{
    struct sockaddr_in at;
    struct sockaddr_storage bound;
    int len = sizeof bound;
    uv_ip4_addr("127.0.0.1", 0, &at);
    uv_tcp_init(all.loop, &all.server);
    if (uv_tcp_bind(&all.server, (const struct sockaddr *)&at, 0) != 0 ||
        uv_listen((uv_stream_t *)&all.server, 512, connected) != 0 ||
        uv_tcp_getsockname(&all.server, (struct sockaddr *)&bound, &len) != 0)
        abort();
    printf("port %d\n", (int)ntohs(((struct sockaddr_in *)&bound)->sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: endpoint FIRST N\n");
        return 64;
    }
    all.loop = uv_default_loop();
    all.crowd = crowd_new(strtoll(argv[1], NULL, 10), strtoll(argv[2], NULL, 10));
    all.confirmed = all.given = 1;
    memset(all.echo, 'a', SAID_BACK);
    listen_on_loopback();
    uv_pipe_init(all.loop, &all.control, 0);
    uv_pipe_open(&all.control, 0);
    uv_read_start((uv_stream_t *)&all.control, order_room, ordered);
    uv_timer_init(all.loop, &all.tick);
    uv_timer_start(&all.tick, ticked, TICK_MS, TICK_MS);
    return uv_run(all.loop, UV_RUN_DEFAULT);
}
