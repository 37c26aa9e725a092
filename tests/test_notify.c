/* What systemd is told, over real sockets of both sorts, and when it is told no more. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bot/net/notify.h"
#include "bot/net/poll.h"
#include "db/db.h"
#include "tests/fake_http.h"
#include "tests/fake_picture.h"

static char name[64]; /* as NOTIFY_SOCKET has it */
static int systemd;

static int listens(bool abstract)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(name, sizeof name, "%s/tmp/test_notify.%ld", abstract ? "@" : "",
             (long)getpid());
    snprintf(at.sun_path, sizeof at.sun_path, "%s", name);
    if (abstract)
        at.sun_path[0] = '\0';
    socklen_t len =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + !abstract);
    systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    return systemd < 0 || bind(systemd, (struct sockaddr *)&at, len) ? -1 : 0;
}

static int by_path(void **state)
{
    (void)state;
    return listens(false);
}

static int by_name(void **state)
{
    (void)state;
    return listens(true);
}

static int gone(void **state)
{
    (void)state;
    close(systemd);
    if (name[0] == '/')
        unlink(name);
    return 0;
}

/* All that has come since, a bar between datagrams. */
static void assert_told(const char *want)
{
    char have[1024] = "", one[256];
    for (ssize_t n; (n = recv(systemd, one, sizeof one - 1, 0)) > 0;) {
        one[n] = '\0';
        snprintf(have + strlen(have), sizeof have - strlen(have), "%s%s", *have ? "|" : "",
                 one);
    }
    assert_string_equal(have, want);
}

static void a_life_is_told_from_start_to_end(void **state)
{
    (void)state;
    struct notify *n = notify_new(name, NULL, NULL);
    assert_non_null(n);
    assert_int_equal(notify_next_ms(n), INT64_MAX);
    assert_told("");
    notify_beat(n, UNWELL_STARTING, false, true, 0);
    assert_told("STATUS=starting");
    notify_beat(n, UNWELL_DATABASE, false, true, 1);
    assert_told("STATUS=the database does not take writes: is the disk full?");
    notify_beat(n, UNWELL_DATABASE, true, true, 2); /* booted, and in trouble again */
    assert_told("READY=1\nSTATUS=the database does not take writes: is the disk full?");
    notify_beat(n, WELL, true, true, 3);
    notify_beat(n, WELL, true, true, 1000000);
    assert_told("STATUS=serving");
    notify_beat(n, UNWELL_TELEGRAM, true, true, 1000001);
    notify_beat(n, WELL, true, true, 1000002);
    assert_told("STATUS=Telegram has not answered for 90 seconds|STATUS=serving");
    notify_beat(n, UNWELL_STOPPING, true, true, 1000003);
    notify_beat(n, UNWELL_STOPPING, true, true, 1000004);
    assert_told("STOPPING=1\nSTATUS=stopping");
    notify_free(n);
}

static void a_stop_before_the_start_is_over_is_no_start(void **state)
{
    (void)state;
    struct notify *n = notify_new(name, NULL, NULL);
    notify_beat(n, UNWELL_TOKEN, true, true, 0);
    assert_told("STOPPING=1\nSTATUS=Telegram refuses the token: check BOT_TOKEN");
    notify_free(n);
}

static void the_watchdog_is_fed_four_times_a_period_while_all_is_alive(void **state)
{
    (void)state;
    char ours[32];
    snprintf(ours, sizeof ours, "%ld", (long)getpid());
    struct notify *n = notify_new(name, "120000000", ours);
    notify_beat(n, WELL, true, true, 5000);
    assert_told("READY=1\nSTATUS=serving|WATCHDOG=1");
    assert_int_equal(notify_next_ms(n), 35000);
    notify_beat(n, WELL, true, true, 34999);
    assert_told("");
    notify_beat(n, WELL, true, true, 35000);
    assert_told("WATCHDOG=1");
    notify_beat(n, WELL, true, false, 70000);
    notify_beat(n, UNWELL_TELEGRAM, true, false, 999999);
    assert_told("STATUS=Telegram has not answered for 90 seconds");
    notify_beat(n, UNWELL_TELEGRAM, true, true, 1000000);
    assert_told("WATCHDOG=1");
    notify_free(n);
}

static void a_watchdog_of_others_or_none_is_not_fed(void **state)
{
    (void)state;
    static const struct {
        const char *usec, *pid;
    } rows[] = {
        {NULL, NULL},       {"", NULL},  {"x", NULL},  {"120s", NULL},
        {"120000000", "1"}, {"0", NULL}, {"-5", NULL}, {"99999999999999999999", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notify *n = notify_new(name, rows[i].usec, rows[i].pid);
        assert_non_null(n);
        notify_beat(n, WELL, true, true, 1);
        if (notify_next_ms(n) != INT64_MAX)
            fail_msg("row %zu has a watchdog", i);
        assert_told("READY=1\nSTATUS=serving");
        notify_free(n);
    }
}

static void without_a_socket_nobody_is_told(void **state)
{
    (void)state;
    char longer[300];
    memset(longer, 'a', sizeof longer - 1);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    const char *const rows[] = {NULL, "", "/", "@", "relative", "vsock:2:1234", longer};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (notify_new(rows[i], "120000000", NULL))
            fail_msg("row %zu is taken for a socket", i);
    notify_beat(NULL, WELL, true, true, 1);
    assert_int_equal(notify_next_ms(NULL), INT64_MAX);
    notify_free(NULL);
}

static void a_systemd_that_does_not_listen_holds_up_nothing(void **state)
{
    (void)state;
    struct notify *n = notify_new(name, "120000000", NULL);
    for (int i = 0; i < 5000; i++) /* its queue is full long before */
        notify_beat(n, i % 2 ? WELL : UNWELL_TELEGRAM, true, true, i);
    close(systemd);
    notify_beat(n, WELL, true, true, 60000);
    notify_free(n);
    systemd = -1;
}

static struct moment moment(int64_t now_ms)
{
    return (struct moment){.now_ms = now_ms, .random = (uint64_t)now_ms};
}

/* The fake answers only when it is turned: until then a call hangs. */
static void a_call_that_does_not_end_is_a_hang_and_a_wait_is_none(void **state)
{
    (void)state;
    enum { T0 = 1000000000, HANG_MS = 90 * 1000 };
    static const struct config cfg = {
        .sends_per_sec = 25, .in_flight = 8, .poll_timeout = 25};
    const char *why = "";
    struct bot bot = {.username = "sobes_bot"};
    struct rules *rules = rules_new("1:x", "sobes_bot");
    struct http *http = fake_http_new(rules);
    struct pictures *pictures = fake_picture_new();
    assert_int_equal(db_open(":memory:", &bot.db, &why), OK);
    struct sender *sender = sender_new(http, pictures, &bot, &cfg);
    struct poll *poll = poll_new(http, &bot, sender, &cfg);
    assert_false(poll_hangs(poll, T0)); /* nothing was asked yet */
    poll_run(poll, moment(T0));
    assert_false(poll_hangs(poll, T0 + HANG_MS - 1));
    assert_true(poll_hangs(poll, T0 + HANG_MS));
    assert_int_equal(poll_answered_ms(poll), 0);
    fake_http_network(http, false); /* both calls end, badly */
    fake_http_run(http, T0 + HANG_MS);
    poll_run(poll, moment(T0 + HANG_MS));
    assert_false(poll_hangs(poll, T0 + HANG_MS));
    assert_false(poll_hangs(poll, T0 + 100 * HANG_MS)); /* it waits before it asks again */
    fake_http_network(http, true);
    int64_t now_ms = T0 + 200 * HANG_MS;
    poll_run(poll, moment(now_ms));
    assert_false(poll_hangs(poll, now_ms + HANG_MS - 1)); /* however long it had waited */
    assert_true(poll_hangs(poll, now_ms + HANG_MS));
    fake_http_run(http, now_ms);
    fake_http_run(http, now_ms + 26 * 1000); /* the server has held it for its timeout */
    poll_run(poll, moment(now_ms + 26 * 1000));
    assert_int_equal(poll_answered_ms(poll), now_ms + 26 * 1000);
    poll_stop(poll, moment(now_ms + 27 * 1000));
    fake_http_die(http);
    fake_http_run(http, now_ms + 27 * 1000);
    poll_run(poll, moment(now_ms + 27 * 1000));
    poll_free(poll);
    sender_free(sender);
    db_close(bot.db);
    arena_free(&bot.arena);
    fake_picture_free(pictures);
    fake_http_free(http);
    rules_free(rules);
}

static enum fake_fate nobody_knows_me(void *arg, const char *method)
{
    return *(bool *)arg && strcmp(method, "getMe") == 0 ? FAKE_REFUSE : FAKE_GO;
}

/* Nothing that people write is heard before getMe has told the bot its name. */
static void a_bot_without_its_name_hears_nobody(void **state)
{
    (void)state;
    enum { T0 = 1000000000, HELD_MS = 26 * 1000 };
    static const struct config cfg = {
        .sends_per_sec = 25, .in_flight = 8, .poll_timeout = 25};
    const char *why = "";
    bool fails = true;
    struct bot bot = {.username = ""};
    struct rules *rules = rules_new("1:x", "sobes_bot");
    struct http *http = fake_http_new(rules);
    struct pictures *pictures = fake_picture_new();
    assert_int_equal(db_open(":memory:", &bot.db, &why), OK);
    struct sender *sender = sender_new(http, pictures, &bot, &cfg);
    struct poll *poll = poll_new(http, &bot, sender, &cfg);
    fake_http_watch(http, &(struct fake_watch){.before = nobody_knows_me, .arg = &fails});
    for (int i = 0; i < 7; i++) {
        fails = i < 5;
        poll_run(poll, moment(T0 + i * HELD_MS));
        fake_http_run(http, T0 + i * HELD_MS);
        fake_http_run(http, T0 + (i + 1) * HELD_MS);
        poll_run(poll, moment(T0 + (i + 1) * HELD_MS));
        if (fails)
            assert_int_equal(poll_answered_ms(poll), 0);
    }
    assert_int_equal(poll_answered_ms(poll), T0 + 7 * HELD_MS);
    assert_string_equal(bot.username, "sobes_bot");
    poll_stop(poll, moment(T0 + 8 * HELD_MS));
    fake_http_die(http);
    fake_http_run(http, T0 + 8 * HELD_MS);
    poll_run(poll, moment(T0 + 8 * HELD_MS));
    poll_free(poll);
    sender_free(sender);
    db_close(bot.db);
    arena_free(&bot.arena);
    fake_picture_free(pictures);
    fake_http_free(http);
    rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_life_is_told_from_start_to_end, by_path, gone),
        cmocka_unit_test_setup_teardown(a_life_is_told_from_start_to_end, by_name, gone),
        cmocka_unit_test_setup_teardown(a_stop_before_the_start_is_over_is_no_start,
                                        by_path, gone),
        cmocka_unit_test_setup_teardown(
            the_watchdog_is_fed_four_times_a_period_while_all_is_alive, by_path, gone),
        cmocka_unit_test_setup_teardown(a_watchdog_of_others_or_none_is_not_fed, by_path,
                                        gone),
        cmocka_unit_test(a_bot_without_its_name_hears_nobody),
        cmocka_unit_test(without_a_socket_nobody_is_told),
        cmocka_unit_test(a_call_that_does_not_end_is_a_hang_and_a_wait_is_none),
        cmocka_unit_test_setup_teardown(a_systemd_that_does_not_listen_holds_up_nothing,
                                        by_path, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
