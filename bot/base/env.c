#define _DEFAULT_SOURCE /* explicit_bzero */
#include "bot/base/env.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/addr.h"
#include "bot/base/arena.h"
#include "bot/base/dotenv.h"
#include "bot/base/file.h"
#include "bot/base/fold.h"
#include "bot/base/log.h"
#include "bot/base/proxy.h"
#include "bot/base/token.h"

#define LOG_MOD "env"
#define FIELD(member) offsetof(struct config, member), sizeof(((struct config *)0)->member)

enum { KEYS = 14, VALUE_MAX = 1024 };

/* The whole configuration is this table: the bot reads by it, `sobes --env-example` prints
 * .env.example from it, and a test fails when the two differ. */
static const struct env_key {
    const char *name, *fallback, *help;
    enum { ENV_TEXT, ENV_INT, ENV_LEVEL, ENV_IDS, ENV_ADDR } type;
    size_t at, size;
    int64_t min, max;
} env_keys[KEYS] = {
    {"BOT_TOKEN", "", "The bot's token from @BotFather.", ENV_TEXT, FIELD(token), 0, 0},
    {"BOT_TOKEN_FILE", "",
     "Instead of BOT_TOKEN: a file that holds the token. Without both, the systemd\n"
     "credential `bot-token` is read.",
     ENV_TEXT, FIELD(token_file), 0, 0},
    {"API_URL", "https://api.telegram.org",
     "Where the Bot API is. https:// or http://; a local server: http://127.0.0.1:8081",
     ENV_TEXT, FIELD(api_url), 0, 0},
    {"CA_FILE", "", "Certificate authorities to trust, a PEM file. Empty: the system's.",
     ENV_TEXT, FIELD(ca_file), 0, 0},
    {"PROXY_URL", "",
     "A proxy for all calls: http://HOST:PORT or socks5h://HOST:PORT, which also resolves\n"
     "the names. USER:PASSWORD@ before HOST if it asks for them, an @ in them as %40.",
     ENV_TEXT, FIELD(proxy_url), 0, 0},
    {"DB_PATH", "data/sobes.db", "The SQLite file of people, cards and queues.", ENV_TEXT,
     FIELD(db_path), 0, 0},
    {"BACKUP_DIR", "data/backup",
     "Backups are made here each night at 03:30 UTC; the newest 14 are kept.", ENV_TEXT,
     FIELD(backup_dir), 0, 0},
    {"BANK_PATH", "",
     "The compiled question bank. Empty: bank.db beside the program, as built, or in\n"
     "../share/sobes, as installed.",
     ENV_TEXT, FIELD(bank_path), 0, 0},
    {"SENDS_PER_SEC", "25",
     "New messages a second to all chats together, 1 to 30. Telegram allows about 30.\n"
     "0 is no pacing, for measurements: only when API_URL is a loopback address.",
     ENV_INT, FIELD(sends_per_sec), 0, 30},
    {"IN_FLIGHT", "8", "Requests under way at once, 1 to 100.", ENV_INT, FIELD(in_flight),
     1, 100},
    {"POLL_TIMEOUT", "25",
     "Seconds one getUpdates waits for news, 1 to 50. Below the idle limit of your proxy.",
     ENV_INT, FIELD(poll_timeout), 1, 50},
    {"HEALTH_ADDR", "127.0.0.1:8080",
     "Where GET /healthz and GET /metrics are answered: ADDRESS:PORT, [ADDRESS]:PORT. Open "
     "to\n"
     "whoever can reach it. `off`, and here an empty value too: nowhere.",
     ENV_ADDR, FIELD(health_addr), 0, 0},
    {"LOG_LEVEL", "info", "debug, info, warn or error.", ENV_LEVEL, FIELD(log_level), 0, 0},
    {"ADMIN_IDS", "",
     "Telegram ids of the operators, up to 16, a comma between them: they have /admin,\n"
     "how the bot is and a word to everybody, and /reports, what was called wrong.",
     ENV_IDS, FIELD(admin_ids), 0, 0},
};

/* What was found so far, a text a key; "" is not set. */
struct env {
    char values[KEYS][VALUE_MAX];
    bool given[KEYS]; /* in `.env`, empty or not */
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool bad(struct env *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->why, e->why_size, fmt, ap);
    va_end(ap);
    return false;
}

static int key_find(const char *name, size_t len)
{
    for (int i = 0; i < KEYS; i++)
        if (strlen(env_keys[i].name) == len && strncmp(env_keys[i].name, name, len) == 0)
            return i;
    return -1;
}

/* The key that a person most likely meant, or -1: the `.env` of a compose file may hold
 * settings of others. Three letters away is another word, unless they come after ours. */
static int key_meant(const char *name)
{
    struct arena a = {0};
    int best = -1, best_distance = 3;
    if (strncmp(name, "SOBES_", 6) == 0)
        name += 6;
    if (strncmp(name, "TELEGRAM_", 9) == 0)
        name += 9;
    for (int i = 0; i < KEYS; i++) {
        size_t len = strlen(env_keys[i].name);
        int max = len < 9 ? 1 : 2;
        int distance = fold_distance(fold(&a, name), fold(&a, env_keys[i].name), max);
        if (distance <= max && distance < best_distance) {
            best = i;
            best_distance = distance;
        }
        if (best < 0 && strncmp(name, env_keys[i].name, len) == 0)
            best = i;
    }
    arena_free(&a);
    return best;
}

/* Messages about a line never show its value: it may be the token. */
static bool setting_read(struct env *e, const struct dotenv *d)
{
    int key = key_find(d->key, d->key_len);
    if (key < 0) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(d->key_len < 63 ? d->key_len : 63),
                 d->key);
        int meant = key_meant(name);
        return meant < 0 || bad(e, ".env line %d: unknown setting %s: did you mean %s?",
                                d->line, name, env_keys[meant].name);
    }
    const char *name = env_keys[key].name;
    if (e->given[key])
        return bad(e, ".env line %d: %s is given twice", d->line, name);
    if (d->value_len >= VALUE_MAX || memchr(d->value, '\0', d->value_len))
        return bad(e, ".env line %d: %s must be text of up to %d bytes", d->line, name,
                   VALUE_MAX - 1);
    memcpy(e->values[key], d->value, d->value_len);
    e->values[key][d->value_len] = '\0';
    if (env_keys[key].type == ENV_ADDR && d->value_len == 0)
        snprintf(e->values[key], VALUE_MAX, "off");
    e->given[key] = true;
    return true;
}

static bool dotenv_read(struct env *e, const char *text, size_t len)
{
    struct dotenv d = {.text = text, .len = len};
    while (dotenv_next(&d))
        if (!setting_read(e, &d))
            return false;
    return !d.fault || bad(e, ".env line %d: %s", d.line, d.fault);
}

static bool process_read(struct env *e, env_get *get, void *arg)
{
    for (int i = 0; i < KEYS; i++) {
        const char *value = get(arg, env_keys[i].name);
        if (value && !*value && env_keys[i].type == ENV_ADDR)
            value = "off";
        if (!value || !*value)
            continue;
        if (strlen(value) >= VALUE_MAX)
            return bad(e, "%s must be text of up to %d bytes", env_keys[i].name,
                       VALUE_MAX - 1);
        memcpy(e->values[i], value, strlen(value) + 1);
    }
    return true;
}

static bool level_set(int64_t *out, const char *value)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (strcmp(value, names[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static bool int_set(int64_t *out, const char *value, int64_t min, int64_t max)
{
    if (strlen(value) > 9 || value[strspn(value, "0123456789")])
        return false;
    *out = strtoll(value, NULL, 10);
    return *out >= min && *out <= max;
}

/* "7000000001, 42"; blanks do not count, neither does a comma at the end. */
static bool ids_set(int64_t out[ADMINS_MAX + 1], const char *value)
{
    enum { DIGITS = 15 };
    int n = 0;
    for (const char *p = value + strspn(value, " "); *p; p += strspn(p, " ")) {
        size_t len = strspn(p, "0123456789");
        int64_t id = len && len <= DIGITS ? strtoll(p, NULL, 10) : 0;
        if (id == 0 || n == ADMINS_MAX)
            return false;
        out[n++] = id;
        p += len;
        p += strspn(p, " ");
        if (*p && *p++ != ',')
            return false;
    }
    return true;
}

/* `out` empty: off. */
static bool addr_set(char *out, size_t size, const char *value)
{
    struct addr a;
    if (strcmp(value, "off") == 0)
        value = "";
    else if (!addr_parse(value, &a) || strlen(value) >= size)
        return false;
    snprintf(out, size, "%s", value);
    return true;
}

static bool key_set(struct env *e, struct config *out, int i)
{
    const struct env_key *k = &env_keys[i];
    const char *value = e->values[i][0] ? e->values[i] : k->fallback;
    void *to = (char *)out + k->at;
    switch (k->type) {
    case ENV_INT:
        return int_set(to, value, k->min, k->max) ||
               bad(e,
                   "%s is \"%.60s\": a whole number from %" PRId64 " to %" PRId64
                   " is allowed",
                   k->name, value, k->min, k->max);
    case ENV_LEVEL:
        return level_set(to, value) ||
               bad(e, "%s is \"%.60s\": debug, info, warn or error is allowed", k->name,
                   value);
    case ENV_IDS:
        return ids_set(to, value) ||
               bad(e,
                   "%s is \"%.60s\": up to %d ids are allowed, digits with commas between",
                   k->name, value, ADMINS_MAX);
    case ENV_ADDR:
        return addr_set(to, k->size, value) ||
               bad(e,
                   "%s is \"%.60s\": an address with a port, as 127.0.0.1:8080 or "
                   "[::1]:8080, or off is allowed",
                   k->name, value);
    case ENV_TEXT:
        if (strlen(value) >= k->size)
            return bad(e, "%s is over %zu bytes long", k->name, k->size - 1);
        memcpy(to, value, strlen(value) + 1);
    }
    return true;
}

/* Loopback by its literal name only: nothing is resolved to find out. */
static bool is_loopback(const char *host, size_t len)
{
    char name[64];
    struct in_addr v4;
    if (len >= sizeof name)
        return false;
    memcpy(name, host, len);
    name[len] = '\0';
    char *port = strrchr(name, ':');
    if (port && !strchr(port, ']'))
        *port = '\0';
    return strcmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
           (inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

static bool url_check(struct env *e, struct config *out)
{
    char *url = out->api_url;
    size_t scheme = strncmp(url, "https://", 8) == 0  ? 8
                    : strncmp(url, "http://", 7) == 0 ? 7
                                                      : 0;
    for (size_t n = strlen(url); n > scheme && url[n - 1] == '/'; n--)
        url[n - 1] = '\0';
    size_t host = strcspn(url + scheme, "/");
    bool shaped = scheme && host && !memchr(url + scheme, '@', host);
    for (const char *p = url; *p; p++)
        shaped = shaped && isgraph((unsigned char)*p) && !strchr("?#\"\\", *p);
    if (!shaped)
        return bad(e,
                   "API_URL is \"%.60s\": https://HOST or http://HOST is allowed, with a "
                   "port or a path after it",
                   url);
    if (out->sends_per_sec == 0 && !is_loopback(url + scheme, host))
        return bad(e, "SENDS_PER_SEC is 0: no pacing is allowed only when API_URL is a "
                      "loopback address, else 1 to 30");
    return true;
}

static bool proxy_check(struct env *e, struct config *out)
{
    const char *wrong =
        out->proxy_url[0] ? proxy_take(out->proxy_url, sizeof out->proxy_url) : NULL;
    return !wrong || bad(e, "PROXY_URL is no proxy: %s", wrong);
}

static bool token_find(struct env *e, struct config *out, env_get *get, void *arg)
{
    const char *from = "BOT_TOKEN", *folder = get(arg, "CREDENTIALS_DIRECTORY");
    if (!out->token[0] && out->token_file[0]) {
        from = "the token in BOT_TOKEN_FILE";
        if (!token_read(out->token_file, out->token, sizeof out->token))
            return bad(e,
                       "BOT_TOKEN_FILE is \"%.200s\": a readable file that holds one token "
                       "is allowed",
                       out->token_file);
    } else if (!out->token[0] && folder && *folder) {
        char path[VALUE_MAX + 16];
        from = "the credential bot-token";
        snprintf(path, sizeof path, "%.*s/bot-token", VALUE_MAX, folder);
        if (access(path, F_OK) == 0 && !token_read(path, out->token, sizeof out->token))
            return bad(e, "%s cannot be read", from);
    }
    return !out->token[0] || token_shaped(out->token) ||
           bad(e,
               "%s has not the shape of a token: digits, a colon, then %d or more "
               "letters, digits, _ or -",
               from, TOKEN_SECRET);
}

bool env_parse(struct config *out, const char *dotenv, size_t dotenv_len, env_get *get,
               void *arg, char *why, size_t why_size)
{
    struct env e = {.why = why, .why_size = why_size};
    *out = (struct config){0};
    bool ok =
        (!dotenv || dotenv_read(&e, dotenv, dotenv_len)) && process_read(&e, get, arg);
    for (int i = 0; ok && i < KEYS; i++)
        ok = key_set(&e, out, i);
    ok = ok && url_check(&e, out) && proxy_check(&e, out) && token_find(&e, out, get, arg);
    explicit_bzero(e.values, sizeof e.values);
    if (!ok)
        explicit_bzero(out, sizeof *out);
    return ok;
}

static const char *process_get(void *arg, const char *name)
{
    (void)arg;
    return getenv(name);
}

/* `.env` of the working directory; it may hold the token, so nobody else reads it. */
static void dotenv_load(struct buf *out)
{
    struct stat st;
    int fd = open(".env", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return;
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
        die(78, ".env cannot be read: it must be a file that this user may read");
    if (st.st_mode & 077) {
        if (fchmod(fd, 0600) == 0)
            log_info(".env could be read by others: its mode is now 0600");
        else
            log_warn(".env can be read by others, and its mode cannot be changed");
    }
    close(fd);
    if (file_read(".env", out) != OK)
        die(78, ".env cannot be read, or is over %d bytes", ENV_FILE_MAX);
}

/* getenv() lends the very bytes that /proc/PID/environ shows. */
static void secrets_wipe(void)
{
    static const char *const names[] = {"BOT_TOKEN", "PROXY_URL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *secret = getenv(names[i]);
        if (secret)
            explicit_bzero(secret, strlen(secret));
    }
}

void env_load(struct config *out)
{
    char why[ENV_WHY_MAX];
    struct buf text = {.max = ENV_FILE_MAX};
    dotenv_load(&text);
    bool ok = env_parse(out, text.data, text.len, process_get, NULL, why, sizeof why);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_free(&text);
    secrets_wipe();
    if (!ok)
        die(78, "%s", why);
    if (!out->bank_path[0])
        file_own(NULL, "bank.db", out->bank_path, sizeof out->bank_path);
}

void env_print_example(FILE *out)
{
    fputs(
        "# The settings of Sobes. Copy to .env and fill in BOT_TOKEN; the lines that are\n"
        "# comments show the defaults. A variable of the environment wins over this file,\n"
        "# and an empty value counts as not set. Made by `sobes --env-example`.\n",
        out);
    for (int i = 0; i < KEYS; i++) {
        const struct env_key *k = &env_keys[i];
        const char *help = k->help;
        for (size_t n; *help; help += n + (help[n] == '\n')) {
            n = strcspn(help, "\n");
            fprintf(out, "\n# %.*s", (int)n, help);
        }
        fprintf(out, "\n%s%s=%s\n", i ? "#" : "", k->name, k->fallback);
    }
}
