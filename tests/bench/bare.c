/* bare: the least that a C program with libcurl and cJSON spends on the same calls.
 *
 *   bare URL IN_FLIGHT send N [CA]    N messages with a keyboard, each answer parsed
 *   bare URL IN_FLIGHT press N [CA]   N presses taken by getUpdates, each answered by a
 *                                     toast and an edit, every second one by a message too
 *
 * No database, no words, no queue, no retry: what is left is the price of the wire. Prints
 * {"done":..,"calls":..,"cpu_us":..}, its own user and system time. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 420, QUEUE_MAX = 1 << 10, FLIGHTS_MAX = 100 };

static const char *url;
static const char *ca; /* NULL: the system's */

struct todo {
    enum { SEND, EDIT, TOAST, POLL } kind;
    int64_t chat, message;
    char query[32];
};

/* An easy handle and what it is about. */
struct flight {
    CURL *easy;
    bool busy;
    struct todo todo;
    char *body, answer[1 << 18];
    size_t len;
};

static struct {
    CURLM *multi;
    int epoll;
    int64_t timer_at_ms; /* -1: none */
    struct curl_slist *headers;
    struct flight *flights;
    int n;
    struct todo queue[QUEUE_MAX];
    int head, queued;
    int64_t presses, calls, offset;
    bool polling;
    char text[TEXT + 1];
} all;

static void must(bool good)
{
    if (!good)
        abort();
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- curl's sockets: they stay registered until they are closed ---- */

static int watch(CURL *easy, curl_socket_t s, int what, void *arg, void *known)
{
    (void)easy, (void)arg;
    uint32_t wants = what == CURL_POLL_OUT     ? EPOLLOUT
                     : what == CURL_POLL_INOUT ? EPOLLIN | EPOLLOUT
                                               : EPOLLIN;
    struct epoll_event e = {.events = wants, .data.fd = s};
    uint32_t has = (uint32_t)(uintptr_t)known;
    if (what == CURL_POLL_REMOVE || has == wants)
        return 0;
    if (!has || epoll_ctl(all.epoll, EPOLL_CTL_MOD, s, &e) != 0)
        if (epoll_ctl(all.epoll, EPOLL_CTL_ADD, s, &e) != 0)
            must(epoll_ctl(all.epoll, EPOLL_CTL_MOD, s, &e) == 0);
    curl_multi_assign(all.multi, s, (void *)(uintptr_t)wants);
    return 0;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi, (void)arg;
    all.timer_at_ms = ms < 0 ? -1 : now_ms() + ms;
    return 0;
}

/* ---- bodies ---- */

static cJSON *keyboard(int64_t chat)
{
    cJSON *markup = cJSON_CreateObject(),
          *rows = cJSON_AddArrayToObject(markup, "inline_keyboard");
    for (int i = 0; i < 4; i++) {
        char data[48];
        cJSON *row = cJSON_CreateArray(), *b = cJSON_CreateObject();
        snprintf(data, sizeof data, "d.%" PRId64 ".%c", chat, "aklo"[i]);
        cJSON_AddStringToObject(b, "text", "Show the answer");
        cJSON_AddStringToObject(b, "callback_data", data);
        cJSON_AddItemToArray(row, b);
        cJSON_AddItemToArray(rows, row);
    }
    return markup;
}

static char *body_of(const struct todo *t)
{
    cJSON *o = cJSON_CreateObject();
    if (t->kind == POLL) {
        cJSON_AddNumberToObject(o, "offset", (double)all.offset);
        cJSON_AddNumberToObject(o, "limit", 100);
        cJSON_AddNumberToObject(o, "timeout", 5);
    } else if (t->kind == TOAST) {
        cJSON_AddStringToObject(o, "callback_query_id", t->query);
    } else {
        cJSON_AddNumberToObject(o, "chat_id", (double)t->chat);
        if (t->kind == EDIT)
            cJSON_AddNumberToObject(o, "message_id", (double)t->message);
        cJSON_AddStringToObject(o, "text", all.text);
        cJSON_AddStringToObject(o, "parse_mode", "HTML");
        cJSON_AddItemToObject(o, "reply_markup", keyboard(t->chat));
    }
    char *text = cJSON_PrintUnformatted(o);
    must(text != NULL);
    cJSON_Delete(o);
    return text;
}

/* ---- flights ---- */

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct flight *f = arg;
    must(f->len + size * n < sizeof f->answer);
    memcpy(f->answer + f->len, data, size * n);
    f->len += size * n;
    return size * n;
}

static void prepare(struct flight *f)
{
    f->easy = curl_easy_init();
    must(f->easy != NULL);
    curl_easy_setopt(f->easy, CURLOPT_PRIVATE, f);
    curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, all.headers);
    curl_easy_setopt(f->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(f->easy, CURLOPT_NOSIGNAL, 1L);
    if (ca)
        curl_easy_setopt(f->easy, CURLOPT_CAINFO, ca);
}

static void fly(struct flight *f, const struct todo *t)
{
    static const char *const methods[] = {"sendMessage", "editMessageText",
                                          "answerCallbackQuery", "getUpdates"};
    char at[512];
    snprintf(at, sizeof at, "%s/bot1:bench/%s", url, methods[t->kind]);
    f->todo = *t;
    f->busy = true;
    f->len = 0;
    f->body = body_of(t);
    curl_easy_setopt(f->easy, CURLOPT_URL, at);
    curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(f->body));
    curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, f->body);
    must(curl_multi_add_handle(all.multi, f->easy) == CURLM_OK);
    all.calls++;
}

static void owe(int kind, const cJSON *press)
{
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(press, "message");
    const cJSON *chat = cJSON_GetObjectItemCaseSensitive(message, "chat");
    struct todo t = {.kind = (unsigned)kind};
    must(all.queued < QUEUE_MAX);
    t.chat = (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(chat, "id"));
    t.message = (int64_t)cJSON_GetNumberValue(
        cJSON_GetObjectItemCaseSensitive(message, "message_id"));
    snprintf(t.query, sizeof t.query, "%s",
             cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(press, "id")));
    all.queue[(all.head + all.queued++) % QUEUE_MAX] = t;
}

static void take_updates(const cJSON *list)
{
    const cJSON *u;
    cJSON_ArrayForEach(u, list)
    {
        const cJSON *press = cJSON_GetObjectItemCaseSensitive(u, "callback_query");
        all.offset = (int64_t)cJSON_GetNumberValue(
                         cJSON_GetObjectItemCaseSensitive(u, "update_id")) +
                     1;
        if (!press)
            continue;
        owe(TOAST, press);
        owe(EDIT, press);
        if (all.presses++ % 2)
            owe(SEND, press);
    }
}

static void land(struct flight *f, CURLcode rc)
{
    if (rc != CURLE_OK) {
        fprintf(stderr, "bare: %s\n", curl_easy_strerror(rc));
        exit(1);
    }
    cJSON *o = cJSON_ParseWithLength(f->answer, f->len);
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(o, "result");
    must(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "ok")));
    if (f->todo.kind == POLL) {
        all.polling = false;
        take_updates(result);
    } else if (f->todo.kind == SEND) {
        must(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(result, "message_id")) >
             0);
    }
    cJSON_Delete(o);
    curl_multi_remove_handle(all.multi, f->easy);
    free(f->body);
    f->busy = false;
}

/* One turn of the loop: what came, and what it woke. */
static void spin(void)
{
    struct epoll_event ready[FLIGHTS_MAX];
    int running, left;
    int64_t wait = all.timer_at_ms < 0 ? 1000 : all.timer_at_ms - now_ms();
    int n = epoll_wait(all.epoll, ready, FLIGHTS_MAX, wait < 0 ? 0 : (int)wait);
    for (int i = 0; i < n; i++)
        curl_multi_socket_action(
            all.multi, ready[i].data.fd,
            (ready[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0),
            &running);
    if (all.timer_at_ms >= 0 && all.timer_at_ms <= now_ms()) {
        all.timer_at_ms = -1;
        curl_multi_socket_action(all.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (CURLMsg *m; (m = curl_multi_info_read(all.multi, &left)) != NULL;) {
        struct flight *f;
        CURLcode rc = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
        land(f, rc);
    }
}

static bool next(bool presses, int64_t n, struct todo *out)
{
    if (!presses) {
        *out = (struct todo){.kind = SEND, .chat = 8000000000 + all.calls};
        return all.calls < n;
    }
    if (all.queued > 0) {
        *out = all.queue[all.head];
        all.head = (all.head + 1) % QUEUE_MAX;
        all.queued--;
        return true;
    }
    if (all.polling || all.presses >= n)
        return false;
    *out = (struct todo){.kind = POLL};
    return all.polling = true;
}

static void run(bool presses, int64_t n)
{
    for (int busy = 1; busy > 0;) {
        busy = 0;
        for (struct flight *f = all.flights; f < all.flights + all.n; f++) {
            struct todo t;
            if (!f->busy && next(presses, n, &t))
                fly(f, &t);
            busy += f->busy;
        }
        if (busy)
            spin();
    }
}

int main(int argc, char **argv)
{
    if (argc < 5 || (strcmp(argv[3], "send") != 0 && strcmp(argv[3], "press") != 0)) {
        fprintf(stderr, "usage: bare URL IN_FLIGHT send|press N [CA]\n");
        return 64;
    }
    url = argv[1];
    ca = argc > 5 ? argv[5] : NULL;
    all.n = atoi(argv[2]);
    all.n = all.n < 1 ? 1 : all.n > FLIGHTS_MAX ? FLIGHTS_MAX : all.n;
    bool presses = strcmp(argv[3], "press") == 0;
    memset(all.text, 'q', TEXT);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    all.epoll = epoll_create1(EPOLL_CLOEXEC);
    all.multi = curl_multi_init();
    all.timer_at_ms = -1;
    all.headers = curl_slist_append(NULL, "Content-Type: application/json");
    all.headers = curl_slist_append(all.headers, "Expect:");
    all.flights = calloc((size_t)all.n, sizeof *all.flights);
    must(all.multi && all.flights && all.epoll >= 0);
    curl_multi_setopt(all.multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(all.multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(all.multi, CURLMOPT_MAXCONNECTS, (long)all.n + 6);
    for (int i = 0; i < all.n; i++)
        prepare(&all.flights[i]);
    run(presses, strtoll(argv[4], NULL, 10));
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("{\"done\":%" PRId64 ",\"calls\":%" PRId64 ",\"cpu_us\":%" PRId64 "}\n",
           presses ? all.presses : all.calls, all.calls,
           (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000) + u.ru_utime.tv_usec +
               u.ru_stime.tv_usec);
    return 0;
}
