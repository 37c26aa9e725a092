#include "bot/net/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bot/base/addr.h"
#include "bot/base/proxy.h"
#include "bot/base/token.h"
#include "db/backup.h"
#include "db/db.h"

enum { EXIT_OK = 0, EXIT_ILL = 1, EXIT_DISK = 74, EXIT_CONFIG = 78, PATIENCE_S = 5 };

/* ---- health ---- */

static int connected(const struct addr *a)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&a->at, a->len) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* The whole answer, or as much as came. */
static void asked(int fd, const char *host, char *out, size_t size)
{
    char ask[160];
    size_t len = 0;
    int n =
        snprintf(ask, sizeof ask,
                 "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    ssize_t got = send(fd, ask, (size_t)n, MSG_NOSIGNAL);
    while (got > 0 && len + 1 < size) {
        got = recv(fd, out + len, size - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    }
    out[len] = '\0';
}

int check_health(const struct config *cfg)
{
    struct addr a;
    char answer[2048];
    unsigned status = 0;
    if (!cfg->health_addr[0] || !addr_parse(cfg->health_addr, &a)) {
        puts("HEALTH_ADDR is off: nobody can be asked");
        return EXIT_ILL;
    }
    int fd = connected(&a);
    if (fd < 0) {
        printf("nobody answers at %s: %s\n", cfg->health_addr, strerror(errno));
        return EXIT_ILL;
    }
    asked(fd, cfg->health_addr, answer, sizeof answer);
    close(fd);
    const char *word = strstr(answer, "\r\n\r\n");
    if (sscanf(answer, "HTTP/1.1 %3u", &status) != 1 || !word ||
        (status != 200 && status != 503)) {
        printf("what answers at %s is not Sobes\n", cfg->health_addr);
        return EXIT_ILL;
    }
    word += 4;
    printf("%.*s\n", (int)strcspn(word, "\r\n"), word);
    return status == 200 ? EXIT_OK : EXIT_ILL;
}

/* ---- check ---- */

__attribute__((format(printf, 3, 4))) static int say(int code, const char *what,
                                                     const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("%-5s %s: ", code ? "BAD" : "ok", what);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    return code;
}

static int check_token(const struct config *cfg)
{
    if (!cfg->token[0])
        return say(EXIT_CONFIG, "token",
                   "there is none: write /newbot to @BotFather, put BOT_TOKEN into .env");
    if (!token_shaped(cfg->token))
        return say(EXIT_CONFIG, "token", "it has not the shape of a token");
    return say(EXIT_OK, "token",
               "it has the right shape; only Telegram knows if it is valid");
}

static int check_proxy(const struct config *cfg)
{
    char shown[PROXY_SHOWN];
    if (!cfg->proxy_url[0])
        return say(EXIT_OK, "proxy", "none: calls go straight to the host of API_URL");
    proxy_show(cfg->proxy_url, shown);
    return say(EXIT_OK, "proxy", "all calls go through %s, %s", shown,
               proxy_has_user(cfg->proxy_url) ? "with user and password"
                                              : "without a user");
}

/* The folder itself becomes the one above it; false at the top. */
static bool one_up(char *folder)
{
    char *slash = strrchr(folder, '/');
    if (!slash && strcmp(folder, ".") != 0)
        strcpy(folder, ".");
    else if (slash && slash[1])
        slash[slash == folder] = '\0';
    else
        return false;
    return true;
}

/* `steps`: how many folders the daemon would make by itself. */
static int check_folder(const char *what, const char *path, int steps)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", path);
    int made = 0;
    while (access(folder, F_OK) != 0 && errno == ENOENT && made < steps && one_up(folder))
        made++;
    if (access(folder, W_OK | X_OK) != 0)
        return say(EXIT_CONFIG, what, "%s cannot be written: %s", folder, strerror(errno));
    return say(EXIT_OK, what,
               made ? "%s can be written, and what is missing is made"
                    : "%s can be written",
               folder);
}

static int check_database_folder(const char *db_path)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", db_path);
    one_up(folder);
    return check_folder("data", folder, 1);
}

static int check_database(const char *path)
{
    struct backup_facts facts;
    char why[BACKUP_WHY] = "";
    switch (backup_verify(path, &facts, why)) {
    case OK:
        return say(EXIT_OK, "database", "%s is whole%s", path,
                   facts.schema < db_migration_count
                       ? "; the next start brings its schema up to date"
                       : "");
    case ERR_NOT_FOUND:
        return say(EXIT_OK, "database", "%s will be made by the first start", path);
    case ERR_REFUSED:
        return say(EXIT_OK, "database", "%s is served by a Sobes just now: not looked into",
                   path);
    case ERR_BAD_INPUT:
        return say(EXIT_DISK, "database", "%s: %s", path, why);
    default:
        return say(EXIT_CONFIG, "database", "%s cannot be read: %s", path, why);
    }
}

static int check_bank(const char *path)
{
    char hash[BANK_HASH_MAX];
    switch (db_look_at_bank(path, hash)) {
    case OK:
        return say(EXIT_OK, "bank", "%s, content %s", path, hash);
    case ERR_NOT_FOUND:
        return say(EXIT_CONFIG, "bank", "there is none at %s (BANK_PATH): run `make`",
                   path);
    default:
        return say(EXIT_CONFIG, "bank",
                   "%s (BANK_PATH) is damaged or not of this Sobes: run `make`", path);
    }
}

int check_all(const struct config *cfg)
{
    const int found[] = {say(EXIT_OK, "settings", "they can be read"),
                         check_token(cfg),
                         check_proxy(cfg),
                         check_database_folder(cfg->db_path),
                         check_folder("backups", cfg->backup_dir, 2),
                         check_database(cfg->db_path),
                         check_bank(cfg->bank_path)};
    int code = EXIT_OK;
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        if (found[i] == EXIT_DISK || code == EXIT_OK)
            code = found[i];
    return code;
}
