#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <uv.h>

#include "bot/base/log.h"
#include "bot/net/resolve.h"

static int told;

static void on_told(void *arg)
{
    told++;
    assert_ptr_equal(arg, &told);
}

static void run_until_told(uv_loop_t *loop)
{
    while (!told)
        uv_run(loop, UV_RUN_ONCE);
}

static struct resolve *start(uv_loop_t *loop, const char *url)
{
    told = 0;
    uv_loop_init(loop);
    return resolve_new(loop, url, on_told, &told);
}

static void stop(uv_loop_t *loop, struct resolve *r)
{
    resolve_free(r);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void a_literal_address_is_never_looked_up(void **state)
{
    (void)state;
    static const char *const hosts[] = {"http://127.0.0.1:8081", "https://[::1]:443/x",
                                        "https://149.154.167.220"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        uv_loop_t loop;
        int version;
        struct resolve *r = start(&loop, hosts[i]);
        assert_int_equal(resolve_look(r), RESOLVE_KNOWN);
        assert_null(resolve_pairs(r, &version));
        resolve_again(r);
        assert_false(uv_run(&loop, UV_RUN_NOWAIT)); /* nothing is under way */
        stop(&loop, r);
        assert_int_equal(told, 0);
    }
}

static void a_name_gives_pairs_for_curl(void **state)
{
    (void)state;
    uv_loop_t loop;
    int version = -1, again = -1;
    struct resolve *r = start(&loop, "https://localhost/path");
    assert_int_equal(resolve_look(r), RESOLVE_WAIT);
    assert_int_equal(resolve_look(r), RESOLVE_WAIT); /* one question, not two */
    assert_null(resolve_pairs(r, &version));
    run_until_told(&loop);
    assert_int_equal(told, 1);
    assert_int_equal(resolve_look(r), RESOLVE_KNOWN);
    const char *pairs = resolve_pairs(r, &version);
    assert_non_null(pairs);
    assert_int_equal(strncmp(pairs, "localhost:443:", 14), 0);
    assert_true(strstr(pairs, "127.0.0.1") || strstr(pairs, "[::1]"));
    assert_string_equal(resolve_pairs(r, &again), pairs);
    assert_int_equal(again, version);
    stop(&loop, r);
}

static void a_name_that_is_none_ends_the_wait(void **state)
{
    (void)state;
    uv_loop_t loop;
    int version;
    log_set_level(LOG_ERROR);
    struct resolve *r = start(&loop, "https://no-such-host.invalid");
    assert_int_equal(resolve_look(r), RESOLVE_WAIT);
    run_until_told(&loop);
    assert_null(resolve_pairs(r, &version));
    stop(&loop, r);
}

static void freeing_in_the_middle_of_a_lookup_tells_nobody(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct resolve *r = start(&loop, "https://localhost/path");
    assert_int_equal(resolve_look(r), RESOLVE_WAIT);
    stop(&loop, r);
    assert_int_equal(told, 0);
    resolve_free(NULL);
}

static void a_url_without_a_host_is_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "https://", "nonsense://x", "http://a b/"};
    uv_loop_t loop;
    uv_loop_init(&loop);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (resolve_new(&loop, urls[i], on_told, &told))
            fail_msg("row %zu was taken", i);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_address_is_never_looked_up),
        cmocka_unit_test(a_name_gives_pairs_for_curl),
        cmocka_unit_test(a_name_that_is_none_ends_the_wait),
        cmocka_unit_test(a_url_without_a_host_is_refused),
        cmocka_unit_test(freeing_in_the_middle_of_a_lookup_tells_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
