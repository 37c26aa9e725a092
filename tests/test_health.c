#define _GNU_SOURCE /* strcasestr, usleep */
/* /healthz and /metrics over real sockets, what they say and what they refuse; the words
 * for how the daemon is; the tallies behind the numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "bot/base/addr.h"
#include "bot/base/count.h"
#include "bot/net/health.h"
#include "bot/net/metrics.h"
#include "db/tally.h"

enum { NOW_MS = 1700000000, PATIENCE_S = 30 };

static uv_loop_t uv;
static struct db *db;
static struct health *health;
static struct addr at;

/* An address with a free port. */
static bool find_port(const char *host, char *out, size_t size)
{
    int fd;
    if (!addr_parse(host, &at) || (fd = socket(at.at.ss_family, SOCK_STREAM, 0)) < 0)
        return false;
    bool ok = bind(fd, (struct sockaddr *)&at.at, at.len) == 0 &&
              getsockname(fd, (struct sockaddr *)&at.at, &at.len) == 0;
    close(fd);
    addr_print(&at, out);
    return ok && strlen(out) < size;
}

static bool open_at(const char *host)
{
    static struct config cfg;
    const char *why = "";
    cfg = (struct config){.db_path = "/nowhere/at/all.db"};
    if (!find_port(host, cfg.health_addr, sizeof cfg.health_addr))
        return false;
    assert_int_equal(uv_loop_init(&uv), 0);
    assert_int_equal(db_open(":memory:", &db, &why), OK);
    health = health_new(&uv, &cfg, db, NOW_MS);
    assert_non_null(health);
    return true;
}

static int opened(void **state)
{
    (void)state;
    return open_at("127.0.0.1:0") ? 0 : -1;
}

static int closed(void **state)
{
    (void)state;
    health_free(health);
    uv_run(&uv, UV_RUN_DEFAULT);
    db_close(db);
    return uv_loop_close(&uv);
}

static int connected(void)
{
    int fd = socket(at.at.ss_family, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at.at, at.len), 0);
    return fd;
}

/* Turns the loop until the server closes the connection; all that it said. */
static size_t heard(int fd, char *out, size_t size)
{
    size_t len = 0;
    uint64_t until = uv_hrtime() + PATIENCE_S * 1000000000ull;
    while (uv_hrtime() < until) {
        uv_run(&uv, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, out + len, size - 1 - len, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            break;
        len += n > 0 ? (size_t)n : 0;
        if (n < 0)
            usleep(200);
    }
    assert_true(uv_hrtime() < until);
    close(fd);
    out[len] = '\0';
    return len;
}

static char answer[65536];

static const char *ask(const char *request)
{
    int fd = connected();
    assert_true(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
    heard(fd, answer, sizeof answer);
    return answer;
}

#define HOST " HTTP/1.1\r\nHost: h\r\n"

static void only_two_questions_are_answered(void **state)
{
    (void)state;
    static char endless[20000] = "GET /healthz" HOST "X: ";
    static char long_path[12000] = "GET /";
    memset(endless + strlen(endless), 'a', 16000);
    memset(long_path + strlen(long_path), 'a', 11000);
    static const struct {
        const char *request, *status, *end;
    } rows[] = {
        {"GET /healthz" HOST "\r\n", "HTTP/1.1 200 ", "\r\n\r\nok\n"},
        {"HEAD /healthz" HOST "\r\n", "HTTP/1.1 200 ", "\r\n\r\n"},
        {"GET /healthz?x=1" HOST "\r\n", "HTTP/1.1 200 ", "ok\n"},
        {"HEAD /metrics" HOST "\r\n", "HTTP/1.1 200 ", "\r\n\r\n"},
        {"GET /" HOST "\r\n", "HTTP/1.1 404 ", "\r\n\r\nnot found\n"},
        {"GET /healthz/" HOST "\r\n", "HTTP/1.1 404 ", "not found\n"},
        {"GET /healthz%00" HOST "\r\n", "HTTP/1.1 ", ""},
        {"GET /../metrics" HOST "\r\n", "HTTP/1.1 404 ", "not found\n"},
        {"GET /metrics2" HOST "\r\n", "HTTP/1.1 404 ", "not found\n"},
        {"POST /healthz" HOST "Content-Length: 0\r\n\r\n", "HTTP/1.1 405 ",
         "method not allowed\n"},
        {"DELETE /metrics" HOST "\r\n", "HTTP/1.1 405 ", "method not allowed\n"},
        {"OPTIONS /metrics" HOST "Origin: http://x\r\n\r\n", "HTTP/1.1 405 ",
         "method not allowed\n"},
        {"BREW /healthz" HOST "\r\n", "HTTP/1.1 405 ", "method not allowed\n"},
        {"GET /healthz" HOST "Content-Length: 5\r\n\r\nabcde", "HTTP/1.1 413 ",
         "no body is wanted\n"},
        {"GET /healthz" HOST "Content-Length: 99999999999\r\n\r\n", "HTTP/1.1 413 ",
         "no body is wanted\n"},
        {"GET /metrics" HOST "Transfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 413 ",
         "no body is wanted\n"},
        {"POST /metrics" HOST "Content-Length: 99999999\r\n\r\nabc", "HTTP/1.1 405 ",
         "method not allowed\n"},
        {"GET /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", ""},
        {endless, "HTTP/1.1 431 ", ""},
        {long_path, "HTTP/1.1 414 ", ""},
    };
    health_tell(health, WELL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *have = ask(rows[i].request);
        size_t len = strlen(have), end = strlen(rows[i].end);
        if (strncmp(have, rows[i].status, strlen(rows[i].status)) != 0 || len < end ||
            strcmp(have + len - end, rows[i].end) != 0)
            fail_msg("row %zu: %.300s", i, have);
        if (strcasestr(have, "access-control"))
            fail_msg("row %zu lets other sites in", i);
    }
}

static void what_ails_it_is_one_word(void **state)
{
    (void)state;
    static const struct {
        enum well well;
        const char *word;
    } rows[] = {{UNWELL_STARTING, "starting"}, {UNWELL_STOPPING, "stopping"},
                {UNWELL_TOKEN, "token"},       {UNWELL_BANK, "bank"},
                {UNWELL_DATABASE, "database"}, {UNWELL_TELEGRAM, "telegram"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[64];
        snprintf(want, sizeof want, "\r\n\r\n%s\n", rows[i].word);
        health_tell(health, rows[i].well, 0);
        const char *have = ask("GET /healthz" HOST "\r\n");
        if (strncmp(have, "HTTP/1.1 503 ", 13) != 0 || !strstr(have, want))
            fail_msg("row %zu: %s", i, have);
        assert_non_null(strstr(ask("GET /metrics" HOST "\r\n"), "\nsobes_healthy 0\n"));
    }
}

static void numbers_are_those_of_the_database_and_the_counters(void **state)
{
    (void)state;
    assert_int_equal(db_script(db,
                               "INSERT INTO learner (id, lang, zone, at_min, state) VALUES"
                               " (71000001, 'ru', 'Europe/Moscow', 540, 'active'),"
                               " (71000002, 'ru', 'Europe/Moscow', 540, 'active'),"
                               " (71000003, 'ru', 'Europe/Moscow', 540, 'blocked')"),
                     OK);
    memset(counts.updates, 0, sizeof counts.updates);
    counts.updates[2] = 41;
    counts.sends[1][SEND_FLOOD] = 3;
    counts.sends[COUNT_TOAST][SEND_FLOOD] = 2;
    histogram_add(&counts.delay_ms, 250);
    histogram_add(&counts.delay_ms, 251);
    histogram_add(&counts.delay_ms, -5);
    histogram_add(&counts.delay_ms, 99999999999);
    health_tell(health, WELL, 1234567);
    ask("GET /metrics" HOST "\r\n");
    static const char *const wants[] = {
        "sobes_healthy 1",
        "sobes_poll_answered_time_seconds 1234.567",
        "process_start_time_seconds 1700000",
        "sobes_updates_total{kind=\"button\"} 41",
        "sobes_updates_total{kind=\"text\"} 0",
        "sobes_sends_total{kind=\"reply\",outcome=\"flood\"} 3",
        "sobes_floods_total{call=\"send\"} 5",
        "sobes_people{state=\"active\"} 2",
        "sobes_people{state=\"stopped\"} 0",
        "sobes_people{state=\"blocked\"} 1",
        "sobes_delivery_delay_seconds_bucket{le=\"0.1\"} 1",
        "sobes_delivery_delay_seconds_bucket{le=\"0.25\"} 2",
        "sobes_delivery_delay_seconds_bucket{le=\"0.5\"} 3",
        "sobes_delivery_delay_seconds_bucket{le=\"14400\"} 3",
        "sobes_delivery_delay_seconds_bucket{le=\"+Inf\"} 4",
        "sobes_delivery_delay_seconds_count 4",
        "sobes_delivery_delay_seconds_sum 100000000.5"};
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        char line[160];
        snprintf(line, sizeof line, "\n%s\n", wants[i]);
        if (!strstr(answer, line))
            fail_msg("%s is not there", wants[i]);
    }
    assert_null(strstr(answer, "7100000"));               /* nobody's id */
    assert_null(strstr(answer, "sobes_database_bytes{")); /* no file, no number */
}

/* As many connections as are allowed, all silent: the next one waits until they have had
 * their time. */
static void silent_connections_do_not_stay(void **state)
{
    (void)state;
    enum { CROWD = 64 };
    int crowd[CROWD];
    health_tell(health, WELL, 0);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = connected();
        if (i % 2)
            assert_true(send(crowd[i], "GET /hea", 8, MSG_NOSIGNAL) == 8);
        uv_run(&uv, UV_RUN_NOWAIT);
    }
    int late = connected();
    const char request[] = "GET /healthz" HOST "\r\n";
    assert_int_equal(send(late, request, sizeof request - 1, MSG_NOSIGNAL),
                     sizeof request - 1);
    for (int i = 0; i < 100; i++)
        uv_run(&uv, UV_RUN_NOWAIT);
    assert_true(recv(late, answer, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    heard(late, answer, sizeof answer);
    assert_non_null(strstr(answer, "\r\n\r\nok\n"));
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
}

static void it_listens_over_ipv6_too(void **state)
{
    (void)state;
    if (!open_at("[::1]:0"))
        skip(); /* this machine has none */
    health_tell(health, WELL, 0);
    assert_non_null(strstr(ask("GET /healthz" HOST "\r\n"), "\r\n\r\nok\n"));
    closed(state);
}

static void an_address_that_is_taken_is_left_alone(void **state)
{
    (void)state;
    struct config cfg = {.health_addr = ""};
    assert_null(health_new(&uv, &cfg, db, 0)); /* off */
    addr_print(&at, cfg.health_addr);
    assert_null(health_new(&uv, &cfg, db, 0));
    health_tell(NULL, WELL, 0);
    health_free(NULL);
}

static void the_worst_that_ails_it_is_told(void **state)
{
    (void)state;
    const struct vitals good = {
        .booted = true, .now_ms = 1000000, .since_ms = 500000, .answered_ms = 999000};
    struct vitals v = good;
    assert_int_equal(well_of(&v), WELL);
    v.answered_ms = 910001;
    assert_int_equal(well_of(&v), WELL);
    v.answered_ms = 910000;
    assert_int_equal(well_of(&v), UNWELL_TELEGRAM);
    v.answered_ms = 0; /* no answer yet, and it has just come up */
    v.since_ms = 910001;
    assert_int_equal(well_of(&v), WELL);
    v.since_ms = 910000;
    assert_int_equal(well_of(&v), UNWELL_TELEGRAM);
    v.answered_ms = 2000000; /* the clock was set back */
    assert_int_equal(well_of(&v), WELL);
    v.answered_ms = 0;
    v.db_ails = true;
    assert_int_equal(well_of(&v), UNWELL_DATABASE);
    v.booted = false;
    assert_int_equal(well_of(&v), UNWELL_DATABASE);
    v.bank_missing = true;
    assert_int_equal(well_of(&v), UNWELL_BANK);
    v.stops = true;
    assert_int_equal(well_of(&v), UNWELL_STOPPING);
    v.token_refused = true;
    assert_int_equal(well_of(&v), UNWELL_TOKEN);
    v = good;
    v.booted = false;
    assert_int_equal(well_of(&v), UNWELL_STARTING);
}

/* The tallies against a count of all rows, after each of many changes. */
static void tallies_are_what_a_count_would_say(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "INSERT INTO learner (id, lang, zone, at_min) VALUES (1, 'ru', 'UTC', 0),"
        " (2, 'en', 'UTC', 0), (3, 'ru', 'UTC', 0)",
        "UPDATE learner SET state = 'blocked' WHERE id < 3",
        "UPDATE learner SET state = 'blocked', at_min = 5",
        "UPDATE learner SET state = 'stopped' WHERE id = 2",
        "UPDATE learner SET streak = 5",
        "UPDATE learner SET state = 'active', lang = 'en' WHERE id = 3",
        "UPDATE learner SET lang = 'ru' WHERE id > 1",
        "UPDATE learner SET seen_ms = 1795330800000 + id",
        "UPDATE learner SET seen_ms = 1795330800000 + 86400000 * id WHERE id > 1",
        "INSERT INTO club (id, token, lang, zone) VALUES (-1, 1, 'ru', 'UTC'), (-2, 2, "
        "'en',"
        " 'UTC')",
        "UPDATE club SET here = 1 - here WHERE id = -1",
        "UPDATE club SET here = 1 - here",
        "DELETE FROM learner WHERE id = 2",
        "INSERT INTO outbox (chat, class, kind, method, body, state, expires_ms) VALUES"
        " (1, 0, 1, 'm', '{}', 'queued', 9), (1, 1, 1, 'm', '{}', 'queued', 9),"
        " (2, 1, 1, 'm', '{}', 'queued', 9)",
        "UPDATE outbox SET state = 'sending'",
        "BEGIN; DELETE FROM outbox; DELETE FROM learner; ROLLBACK",
        "DELETE FROM outbox WHERE chat = 2",
        "INSERT INTO battle (token, chat, opener, lang, rounds, speed, bonus, state, "
        "due_ms)"
        " VALUES (1, -1, 1, 'ru', 7, 1, 1, 0, 0), (2, -2, 1, 'ru', 7, 1, 1, 1, 0),"
        " (3, -3, 1, 'ru', 7, 1, 1, 3, 0)",
        "UPDATE battle SET state = state + 1 WHERE state < 3",
        "UPDATE battle SET state = 3 WHERE id = 1",
        "UPDATE battle SET silent = 1",
        "DELETE FROM battle WHERE id = 3",
        "DELETE FROM battle; DELETE FROM outbox; DELETE FROM learner",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct tally t;
        int64_t same = 0;
        assert_int_equal(db_script(db, changes[i]), OK);
        assert_int_equal(tally_read(db, &t), OK);
        assert_int_equal(
            db_one_int(db, &same,
                       "SELECT (SELECT count(*) FROM outbox WHERE class = 0) = ?1"
                       " AND (SELECT count(*) FROM outbox WHERE class = 1) = ?2"
                       " AND (SELECT count(*) FROM learner WHERE state = 'active') = ?3"
                       " AND (SELECT count(*) FROM learner WHERE state = 'stopped') = ?4"
                       " AND (SELECT count(*) FROM learner WHERE state = 'blocked') = ?5"
                       " AND (SELECT count(*) FROM battle WHERE state <> 3) = ?6"
                       " AND (SELECT count(*) FROM club WHERE here = 1) = ?7"
                       " AND (SELECT count(*) FROM learner WHERE state = 'active'"
                       " AND lang = 'ru') = ?8"
                       " AND (SELECT count(*) FROM learner WHERE state = 'active'"
                       " AND lang = 'en') = ?9"
                       " AND (SELECT sum(seen) FROM desk_day) ="
                       " (SELECT count(*) FROM learner)"
                       " AND NOT EXISTS (SELECT 1 FROM desk_day WHERE seen <> (SELECT"
                       " count(*) FROM learner WHERE seen_ms / 86400000 = day))",
                       A(t.rows[0]), A(t.rows[1]), A(t.active), A(t.stopped), A(t.blocked),
                       A(t.battles), A(t.clubs), A(t.readers[0]), A(t.readers[1])),
            OK);
        if (!same)
            fail_msg("after change %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_two_questions_are_answered, opened, closed),
        cmocka_unit_test_setup_teardown(what_ails_it_is_one_word, opened, closed),
        cmocka_unit_test_setup_teardown(numbers_are_those_of_the_database_and_the_counters,
                                        opened, closed),
        cmocka_unit_test_setup_teardown(silent_connections_do_not_stay, opened, closed),
        cmocka_unit_test(it_listens_over_ipv6_too),
        cmocka_unit_test_setup_teardown(an_address_that_is_taken_is_left_alone, opened,
                                        closed),
        cmocka_unit_test(the_worst_that_ails_it_is_told),
        cmocka_unit_test_setup_teardown(tallies_are_what_a_count_would_say, opened, closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
