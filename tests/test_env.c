/* The configuration: what is taken, what is refused and in which words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/base/env.h"
#include "bot/base/file.h"
#include "bot/base/log.h"
#include "bot/base/proxy.h"

#define SECRET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcd-_012"
#define TOKEN "123456:" SECRET

/* A process environment of name, value, name, value, ..., NULL. */
static const char *pairs_get(void *arg, const char *name)
{
    for (const char *const *p = arg; p && *p; p += 2)
        if (strcmp(p[0], name) == 0)
            return p[1];
    return NULL;
}

static bool parse(struct config *c, const char *dotenv, const char *const *pairs, char *why)
{
    why[0] = '\0';
    return env_parse(c, dotenv, dotenv ? strlen(dotenv) : 0, pairs_get, (void *)pairs, why,
                     ENV_WHY_MAX);
}

static void nothing_set_gives_the_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {NULL, "", "\n\n# only a comment\n",
                                        "BOT_TOKEN=\nAPI_URL=\nSENDS_PER_SEC=\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        assert_true(parse(&c, texts[i], NULL, why));
        assert_string_equal(c.token, "");
        assert_string_equal(c.api_url, "https://api.telegram.org");
        assert_string_equal(c.ca_file, "");
        assert_string_equal(c.proxy_url, "");
        assert_string_equal(c.db_path, "data/sobes.db");
        assert_string_equal(c.backup_dir, "data/backup");
        assert_string_equal(c.bank_path, ""); /* env_load() finds it */
        assert_string_equal(c.health_addr, "127.0.0.1:8080");
        assert_int_equal(c.sends_per_sec, 25);
        assert_int_equal(c.in_flight, 8);
        assert_int_equal(c.poll_timeout, 25);
        assert_int_equal(c.log_level, LOG_INFO);
        assert_int_equal(c.admin_ids[0], 0);
    }
}

static void values_are_written_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want; /* of DB_PATH */
    } rows[] = {
        {"DB_PATH=a.db", "a.db"},
        {"DB_PATH=a.db\n", "a.db"},
        {"DB_PATH=a.db\r\n", "a.db"},
        {"  DB_PATH = a.db  \n", "a.db"},
        {"export DB_PATH=a.db", "a.db"},
        {"\xef\xbb\xbf"
         "DB_PATH=a.db",
         "a.db"},
        {"DB_PATH=a.db # where", "a.db"},
        {"DB_PATH=a#b.db", "a#b.db"},
        {"DB_PATH=a b.db", "a b.db"},
        {"DB_PATH=a=b.db", "a=b.db"},
        {"DB_PATH=\"a b # c\"", "a b # c"},
        {"DB_PATH='a \"b\"' # c", "a \"b\""},
        {"DB_PATH=\"\"", "data/sobes.db"},
        {"DB_PATH=# nothing", "data/sobes.db"},
        {"#DB_PATH=a.db", "data/sobes.db"},
        {"PATH=/bin\nTZ=UTC\nCOMPOSE_PROJECT_NAME=x\nDB_PATH=a.db", "a.db"},
        {"DB_PATH=\"пути/собес.db\"", "пути/собес.db"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        if (!parse(&c, rows[i].text, NULL, why) || strcmp(c.db_path, rows[i].want) != 0)
            fail_msg("row %zu: %s \"%s\"", i, why, c.db_path);
    }
}

static void the_environment_wins_over_the_file(void **state)
{
    (void)state;
    struct config c;
    char why[ENV_WHY_MAX];
    static const char *const pairs[] = {"DB_PATH",   "env.db",    "BANK_PATH", "",
                                        "LOG_LEVEL", "debug",     "DBPATH",    "ignored",
                                        "API_URL",   "http://h/", NULL};
    assert_true(parse(&c, "DB_PATH=file.db\nBANK_PATH=file-bank.db\n", pairs, why));
    assert_string_equal(c.db_path, "env.db");
    assert_string_equal(c.bank_path, "file-bank.db"); /* empty counts as not set */
    assert_string_equal(c.api_url, "http://h");
    assert_int_equal(c.log_level, LOG_DEBUG);
}

static void a_bad_setting_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says; /* all of what is between the bars */
    } rows[] = {
        {"SENDS_PER_SEC=fast", "SENDS_PER_SEC|\"fast\"|from 0 to 30"},
        {"SENDS_PER_SEC=31", "SENDS_PER_SEC|\"31\"|30"},
        {"SENDS_PER_SEC=-1", "SENDS_PER_SEC|\"-1\""},
        {"SENDS_PER_SEC=2.5", "SENDS_PER_SEC|\"2.5\""},
        {"SENDS_PER_SEC=99999999999999999999", "SENDS_PER_SEC"},
        {"SENDS_PER_SEC=0", "SENDS_PER_SEC is 0|loopback|1 to 30"},
        {"SENDS_PER_SEC=0\nAPI_URL=http://10.0.0.1", "loopback"},
        {"SENDS_PER_SEC=0\nAPI_URL=http://127.0.0.1.example.org", "loopback"},
        {"SENDS_PER_SEC=0\nAPI_URL=http://localhost.example.org:80", "loopback"},
        {"SENDS_PER_SEC=0\nAPI_URL=http://[::1]x", "loopback"},
        {"IN_FLIGHT=0", "IN_FLIGHT|\"0\"|1 to 100"},
        {"IN_FLIGHT=101", "IN_FLIGHT"},
        {"POLL_TIMEOUT=0", "POLL_TIMEOUT|1 to 50"},
        {"POLL_TIMEOUT=51", "POLL_TIMEOUT"},
        {"POLL_TIMEOUT=25s", "POLL_TIMEOUT|\"25s\""},
        {"LOG_LEVEL=loud", "LOG_LEVEL|\"loud\"|debug, info, warn or error"},
        {"LOG_LEVEL=INFO", "LOG_LEVEL|\"INFO\""},
        {"HEALTH_ADDR=8080", "HEALTH_ADDR|\"8080\"|127.0.0.1:8080|off"},
        {"HEALTH_ADDR=127.0.0.1", "HEALTH_ADDR"},
        {"HEALTH_ADDR=127.0.0.1:", "HEALTH_ADDR"},
        {"HEALTH_ADDR=127.0.0.1:65536", "HEALTH_ADDR"},
        {"HEALTH_ADDR=127.0.0.1:80a", "HEALTH_ADDR"},
        {"HEALTH_ADDR=127.0.0.1:-1", "HEALTH_ADDR"},
        {"HEALTH_ADDR=example.org:80", "HEALTH_ADDR"},
        {"HEALTH_ADDR=::1:80", "HEALTH_ADDR"},
        {"HEALTH_ADDR=[127.0.0.1]:80", "HEALTH_ADDR"},
        {"HEALTH_ADDR=[::1:80", "HEALTH_ADDR"},
        {"HEALTH_ADDR=[]:80", "HEALTH_ADDR"},
        {"HEALTH_ADDR=:80", "HEALTH_ADDR"},
        {"ADMIN_IDS=anna", "ADMIN_IDS|\"anna\"|up to 16"},
        {"ADMIN_IDS=-1001234567890", "ADMIN_IDS"},
        {"ADMIN_IDS=0", "ADMIN_IDS"},
        {"ADMIN_IDS=1,,2", "ADMIN_IDS"},
        {"ADMIN_IDS=,1", "ADMIN_IDS"},
        {"ADMIN_IDS=1 2", "ADMIN_IDS"},
        {"ADMIN_IDS=1;2", "ADMIN_IDS"},
        {"ADMIN_IDS=1000000000000000", "ADMIN_IDS"},
        {"ADMIN_IDS=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "ADMIN_IDS|up to 16"},
        {"ADMINIDS=1", "ADMIN_IDS?"},
        {"API_URL=api.telegram.org", "API_URL|\"api.telegram.org\"|https://"},
        {"API_URL=ftp://x", "API_URL"},
        {"API_URL=https://", "API_URL"},
        {"API_URL=https:///x", "API_URL"},
        {"API_URL=\"https://a b\"", "API_URL"},
        {"API_URL=https://a?b", "API_URL"},
        {"API_URL=http://localhost@evil.org", "API_URL"},
        {"BOTTOKEN=x", "line 1|BOTTOKEN|did you mean BOT_TOKEN?"},
        {"\n\nBOT_TOKN=x", "line 3|BOT_TOKEN?"},
        {"bot_token=x", "BOT_TOKEN?"},
        {"TELEGRAM_BOT_TOKEN=x", "BOT_TOKEN?"},
        {"SOBES_DB_PATH=x", "DB_PATH?"},
        {"API_ULR=x", "API_URL?"},
        {"SENDS_PER_SECOND=9", "line 1|SENDS_PER_SEC?"},
        {"\r\nSEND_PER_SEC=9", "line 2|SENDS_PER_SEC?"},
        {"POLL_TIMEOUTS=9", "POLL_TIMEOUT?"},
        {"DB_PATH=a\nDB_PATH=b", "line 2|DB_PATH|twice"},
        {"DB_PATH=\"a", "line 1|quotes"},
        {"DB_PATH='a'b", "line 1|quotes"},
        {"DB_PATH", "line 1|KEY=VALUE"},
        {"=x", "line 1|KEY=VALUE"},
        {"MY KEY=x", "line 1|KEY=VALUE"},
        {"BOT_TOKEN=abc", "BOT_TOKEN|shape"},
        {"BOT_TOKEN=123456:short", "BOT_TOKEN|shape"},
        {"BOT_TOKEN=:" SECRET, "BOT_TOKEN|shape"},
        {"BOT_TOKEN=" TOKEN "!", "BOT_TOKEN|shape"},
        {"BOT_TOKEN=x" TOKEN, "BOT_TOKEN|shape"},
        {TOKEN, "line 1|KEY=VALUE"},
        {"BOT_TOKEN_FILE=/nowhere/at/all", "BOT_TOKEN_FILE|/nowhere/at/all"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX], says[128];
        if (parse(&c, rows[i].text, NULL, why))
            fail_msg("row %zu is taken: %s", i, rows[i].text);
        strcpy(says, rows[i].says);
        for (char *s = strtok(says, "|"); s; s = strtok(NULL, "|"))
            if (!strstr(why, s))
                fail_msg("row %zu: \"%s\" does not say \"%s\"", i, why, s);
        if (strstr(why, "ABCDEF"))
            fail_msg("row %zu shows the token", i);
        assert_string_equal(c.token, "");
    }
}

static void health_is_asked_at_an_address_or_nowhere(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pair, *want; /* `pair`: what the environment says, or NULL */
    } rows[] = {
        {"HEALTH_ADDR=127.0.0.1:9", NULL, "127.0.0.1:9"},
        {"HEALTH_ADDR=0.0.0.0:0", NULL, "0.0.0.0:0"},
        {"HEALTH_ADDR=[::1]:65535", NULL, "[::1]:65535"},
        {"HEALTH_ADDR=localhost:80", NULL, "localhost:80"},
        {"HEALTH_ADDR=off", NULL, ""},
        {"HEALTH_ADDR=", NULL, ""},
        {"HEALTH_ADDR=[::]:80", "", ""},
        {"HEALTH_ADDR=off", "127.0.0.1:1", "127.0.0.1:1"},
        {"HEALTH_ADDR=127.0.0.1:1", "off", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        const char *const pairs[] = {rows[i].pair ? "HEALTH_ADDR" : NULL, rows[i].pair,
                                     NULL};
        if (!parse(&c, rows[i].text, pairs, why) || strcmp(c.health_addr, rows[i].want))
            fail_msg("row %zu: %s \"%s\"", i, why, c.health_addr);
    }
}

static void operators_are_a_list_of_ids(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want[ADMINS_MAX + 1];
    } rows[] = {
        {"ADMIN_IDS=7000000001", {7000000001}},
        {"ADMIN_IDS=7000000001,42", {7000000001, 42}},
        {"ADMIN_IDS=\" 1 , 2 ,3 , \"", {1, 2, 3}},
        {"ADMIN_IDS=999999999999999", {999999999999999}},
        {"ADMIN_IDS=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
         {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        if (!parse(&c, rows[i].text, NULL, why))
            fail_msg("row %zu: %s", i, why);
        assert_memory_equal(c.admin_ids, rows[i].want, sizeof rows[i].want);
    }
}

static void no_pacing_is_allowed_on_loopback(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://127.0.0.1:8081", "http://127.8.9.1/x",
                                       "http://localhost:1/",   "https://localhost",
                                       "http://[::1]:8081",     "http://[::1]"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        const char *const pairs[] = {"SENDS_PER_SEC", "0", "API_URL", urls[i], NULL};
        if (!parse(&c, NULL, pairs, why))
            fail_msg("%s: %s", urls[i], why);
        assert_int_equal(c.sends_per_sec, 0);
    }
}

static void slashes_at_the_end_of_the_url_are_cut(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"https://h/", "https://h"},
                                          {"https://h///", "https://h"},
                                          {"https://h/a/b/", "https://h/a/b"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX];
        const char *const pairs[] = {"API_URL", rows[i][0], NULL};
        assert_true(parse(&c, NULL, pairs, why));
        assert_string_equal(c.api_url, rows[i][1]);
    }
}

static void a_proxy_is_taken_or_refused_without_its_password(void **state)
{
    (void)state;
    static const struct {
        const char *url, *want, *shown; /* want NULL: refused; the words hold `shown` */
        bool user;
    } rows[] = {
        {"http://10.0.0.1:3128", "http://10.0.0.1:3128", "http://10.0.0.1:3128", false},
        {"http://proxy.lan:3128//", "http://proxy.lan:3128", "http://proxy.lan:3128",
         false},
        {"socks5h://[::1]:1080", "socks5h://[::1]:1080", "socks5h://[::1]:1080", false},
        {"socks5://h:1/", "socks5h://h:1", "socks5h://h:1", false},
        {"socks5h://anna:hunter2@h:1", "socks5h://anna:hunter2@h:1", "socks5h://h:1", true},
        {"http://anna:p%40s%3as@h:65535", "http://anna:p%40s%3as@h:65535", "http://h:65535",
         true},
        {"http://anna@h:1", "http://anna@h:1", "http://h:1", true},
        {"http://anna:@h:1", "http://anna:@h:1", "http://h:1", true},
        {"proxy.lan:3128", NULL, "http://HOST:PORT or socks5h://HOST:PORT", false},
        {"anna:hunter2@proxy.lan:3128", NULL, "socks5h://HOST:PORT", false},
        {"https://hunter2@h:1", NULL, "socks5h://HOST:PORT", false},
        {"socks4://hunter2@h:1", NULL, "socks5h://HOST:PORT", false},
        {"http://anna:hunter2@h", NULL, "port from 1 to 65535", false},
        {"http://hunter2:0", NULL, "port", false},
        {"http://hunter2:65536", NULL, "port", false},
        {"http://[::1]", NULL, "port", false},
        {"http://", NULL, "port", false},
        {"http://:3128", NULL, "no host", false},
        {"http://[hunter2]:3128", NULL, "no host", false},
        {"http://hun ter2:1", NULL, "not allowed", false},
        {"http://hunter2%41:1", NULL, "no host", false},
        {"http://h:1/hunter2", NULL, "not allowed", false},
        {"http://anna:hunter2?@h:1", NULL, "%XX", false},
        {"http://anna:hunter2@@h:1", NULL, "%40", false},
        {"http://:hunter2@h:1", NULL, "USER:PASSWORD@", false},
        {"http://anna:hunter2%@h:1", NULL, "%XX", false},
        {"http://anna:hunter2%0a@h:1", NULL, "%XX", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        char why[ENV_WHY_MAX], shown[PROXY_SHOWN];
        const char *const pairs[] = {"PROXY_URL", rows[i].url, NULL};
        bool taken = parse(&c, NULL, pairs, why);
        if (taken != !!rows[i].want)
            fail_msg("row %zu: %s", i, why);
        if (taken) {
            proxy_show(c.proxy_url, shown);
            assert_string_equal(c.proxy_url, rows[i].want);
            assert_string_equal(shown, rows[i].shown);
            assert_int_equal(proxy_has_user(c.proxy_url), rows[i].user);
        } else if (!strstr(why, "PROXY_URL") || !strstr(why, rows[i].shown) ||
                   strstr(why, "hunter2")) {
            fail_msg("row %zu says: %s", i, why);
        }
    }
}

static void too_long_a_value_is_refused(void **state)
{
    (void)state;
    struct config c;
    char why[ENV_WHY_MAX], *text = malloc(60000);
    assert_non_null(text);
    static const size_t lengths[] = {600, 1100, 50000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char *end = stpcpy(text, "API_URL=https://");
        memset(end, 'a', lengths[i]);
        end[lengths[i]] = '\0';
        assert_false(parse(&c, text, NULL, why));
        assert_non_null(strstr(why, "API_URL"));
        const char *const pairs[] = {"API_URL", text + 8, NULL};
        assert_false(parse(&c, NULL, pairs, why));
        memset(text, 'B', lengths[i]); /* a key without an end */
        assert_false(parse(&c, text, NULL, why));
    }
    free(text);
}

static void folder_make(char *folder)
{
    strcpy(folder, "/tmp/test_env.XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void file_write(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void folder_drop(const char *folder)
{
    static const char *const names[] = {"bot-token", ".env"};
    char path[128];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void the_token_comes_from_three_places_in_order(void **state)
{
    (void)state;
    char folder[64], file[128], why[ENV_WHY_MAX];
    struct config c;
    folder_make(folder);
    snprintf(file, sizeof file, "%s/bot-token", folder);
    const char *const both[] = {"BOT_TOKEN", "1:" SECRET, "BOT_TOKEN_FILE", file, NULL};
    const char *const credential[] = {"CREDENTIALS_DIRECTORY", folder, NULL};

    assert_true(parse(&c, NULL, credential, why)); /* no such credential: no token */
    assert_string_equal(c.token, "");
    file_write(folder, "bot-token", "\n 22:" SECRET " \n");
    assert_true(parse(&c, NULL, both, why));
    assert_string_equal(c.token, "1:" SECRET);
    assert_true(parse(&c, NULL, both + 2, why));
    assert_string_equal(c.token, "22:" SECRET);
    assert_true(parse(&c, NULL, credential, why));
    assert_string_equal(c.token, "22:" SECRET);
    assert_true(parse(&c, "BOT_TOKEN=" TOKEN, credential, why));
    assert_string_equal(c.token, TOKEN);

    static const char *const bad[] = {"x", TOKEN " " TOKEN, TOKEN TOKEN TOKEN TOKEN};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        file_write(folder, "bot-token", bad[i]);
        assert_false(parse(&c, NULL, both + 2, why));
        assert_non_null(strstr(why, "BOT_TOKEN_FILE"));
        assert_null(strstr(why, "ABCDEF"));
        assert_false(parse(&c, NULL, credential, why));
        assert_non_null(strstr(why, "bot-token"));
    }
    folder_drop(folder);
}

/* Loads in a child, in `folder`, stderr into `said`. Gives the exit code; 0 means that the
 * token was read, that its bytes are gone, and that `.env` is ours alone. */
static int load_in(const char *folder, const char *token, char said[4096])
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct config c;
        struct stat st = {0};
        dup2(ends[1], STDERR_FILENO);
        if (chdir(folder))
            _exit(1);
        unsetenv("BOT_TOKEN");
        if (token)
            setenv("BOT_TOKEN", token, 1);
        setenv("PROXY_URL", "http://anna:" SECRET "@h:1", 1);
        const char *bytes = getenv("BOT_TOKEN"), *proxy = getenv("PROXY_URL");
        env_load(&c);
        bool wiped = !*proxy;
        for (size_t i = 0; bytes && i < strlen(token); i++)
            wiped = wiped && !bytes[i];
        bool ours = stat(".env", &st) != 0 || !(st.st_mode & 077);
        _exit(!(wiped && ours && strcmp(c.token, TOKEN) == 0));
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], said + len, 4095 - len)) > 0;)
        len += (size_t)n;
    said[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void loading_keeps_the_token_to_itself(void **state)
{
    (void)state;
    char folder[64], path[128], said[4096];
    folder_make(folder);
    snprintf(path, sizeof path, "%s/.env", folder);
    assert_int_equal(load_in(folder, TOKEN, said), 0);
    assert_string_equal(said, "");

    file_write(folder, ".env", "BOT_TOKEN=" TOKEN "\n");
    chmod(path, 0644);
    assert_int_equal(load_in(folder, NULL, said), 0);
    assert_non_null(strstr(said, "info env: .env"));
    assert_non_null(strstr(said, "0600"));
    assert_int_equal(load_in(folder, NULL, said), 0);
    assert_string_equal(said, ""); /* said once, then it is so */

    file_write(folder, ".env", "IN_FLIGHT=many\nBOT_TOKEN=" TOKEN "\n");
    assert_int_equal(load_in(folder, NULL, said), 78);
    assert_non_null(strstr(said, "IN_FLIGHT"));
    assert_null(strstr(said, "ABCDEF"));

    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(load_in(folder, TOKEN, said), 78);
    assert_non_null(strstr(said, ".env"));
    rmdir(path);
    folder_drop(folder);
}

static void the_example_is_what_the_table_prints(void **state)
{
    (void)state;
    struct buf have = {0};
    char *want = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&want, &len);
    assert_non_null(f);
    env_print_example(f);
    fclose(f);
    assert_int_equal(file_read(".env.example", &have), OK);
    assert_string_equal(have.data, want);

    struct config c;
    char why[ENV_WHY_MAX];
    assert_true(parse(&c, want, NULL, why)); /* and it loads, as it is and uncommented */
    for (char *p = want; (p = strstr(p, "\n#")); p++)
        if (p[2] != ' ')
            p[1] = ' ';
    assert_true(parse(&c, want, NULL, why));
    buf_free(&have);
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_set_gives_the_defaults),
        cmocka_unit_test(values_are_written_as_people_write_them),
        cmocka_unit_test(the_environment_wins_over_the_file),
        cmocka_unit_test(a_bad_setting_is_refused_by_name),
        cmocka_unit_test(health_is_asked_at_an_address_or_nowhere),
        cmocka_unit_test(operators_are_a_list_of_ids),
        cmocka_unit_test(no_pacing_is_allowed_on_loopback),
        cmocka_unit_test(slashes_at_the_end_of_the_url_are_cut),
        cmocka_unit_test(a_proxy_is_taken_or_refused_without_its_password),
        cmocka_unit_test(too_long_a_value_is_refused),
        cmocka_unit_test(the_token_comes_from_three_places_in_order),
        cmocka_unit_test(loading_keeps_the_token_to_itself),
        cmocka_unit_test(the_example_is_what_the_table_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
