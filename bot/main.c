/* The composition root: reads the configuration, opens the world, puts the parts together.
 * Whatever is wrong before the loop runs ends here, with one sentence that says what to
 * do. Exit codes: 0 clean, 64 usage, 74 damaged database, 75 already running, 78
 * configuration or token. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "bot/base/env.h"
#include "bot/base/log.h"
#include "bot/base/tz.h"
#include "bot/net/backups.h"
#include "bot/net/check.h"
#include "bot/net/health.h"
#include "bot/net/http.h"
#include "bot/net/loop.h"
#include "bot/net/metrics.h"
#include "bot/net/notify.h"
#include "bot/net/picture.h"
#include "bot/net/poll.h"
#include "bot/net/sender.h"
#include "bot/repair.h"
#include "db/db.h"
#include "db/erased.h"
#include "db/shelf.h"

#define LOG_MOD "main"

enum { EXIT_USAGE = 64, EXIT_DISK = 74, EXIT_RUNNING = 75, EXIT_CONFIG = 78 };

static const char usage[] =
    "usage: sobes [run]          start the bot\n"
    "       sobes health         ask the running bot how it is: 0 ok, 1 not, and why\n"
    "       sobes check          look at settings, folders, database and bank: 0 all good\n"
    "       sobes backup [FILE]  copy the database, while the bot is stopped, to FILE or\n"
    "                            into BACKUP_DIR (a bot that runs does it on SIGUSR1)\n"
    "       sobes verify FILE    is this backup good? 0 yes, 74 no\n"
    "       sobes restore FILE   put this backup in the place of the database\n"
    "       sobes --env-example  print .env.example\n"
    "       sobes --has-token    is there a bot token? 0 yes, 1 no\n"
    "       sobes help           this text\n";

static const char no_token[] =
    "sobes: no bot token yet. Write to @BotFather in Telegram: /newbot; it answers with "
    "one.\n"
    "Put it into the file .env in this folder as one line: BOT_TOKEN=123456:ABC...\n"
    "Then start again: make run. To try the bot without one: make try.\n";

/* The token is in this memory: no core file, no debugger of the same user. */
static void keep_secrets(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    umask(077);
}

static void make_folder_of(const char *path)
{
    char folder[1024];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        log_warn("folder=%s err=\"%s\"", folder, strerror(errno));
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000;
}

static void tell_damaged(const char *path, const char *why, const char *backup_dir)
{
    char newest[SHELF_PATH];
    if (shelf_newest(backup_dir, newest))
        log_error("the database %s cannot be used: %s. The newest backup takes its place "
                  "by: sobes restore %s",
                  path, why, newest);
    else
        log_error("the database %s cannot be used: %s", path, why);
}

/* A full disk or a mount that is not there yet is waited for: the updates wait too. */
static struct db *open_database(const char *path, char *backup_dir)
{
    const struct timespec second = {.tv_sec = 1};
    struct db *db = NULL;
    const char *why = "";
    make_folder_of(path);
    for (int tries = 0;; tries++) {
        switch (db_open_keeping(path, repair_keep, backup_dir, &db, &why)) {
        case OK:
            return db;
        case ERR_REFUSED:
            die(EXIT_RUNNING, "another Sobes has the database %s open: stop it first",
                path);
        case ERR_BAD_INPUT:
            if (!strstr(why, "damaged"))
                die(EXIT_DISK, "the database %s cannot be used: %s", path, why);
            tell_damaged(path, why, backup_dir);
            exit(EXIT_DISK);
        default:
            if (tries % 60 == 0)
                log_error("db=%s err=\"%s\" trying each second", path, why);
            nanosleep(&second, NULL);
        }
    }
}

/* Whom a restored database has brought back goes again, before anybody is served. */
static void keep_erased(struct db *db, const char *db_path)
{
    static char path[ERASED_PATH];
    const struct timespec second = {.tv_sec = 1};
    int people;
    erased_path(db_path, path);
    db_set_beside(db, path);
    for (int tries = 0; erased_again(db, &people); tries++) {
        if (tries % 60 == 0)
            log_error("erased=%s cannot be read or applied; trying each second", path);
        nanosleep(&second, NULL);
    }
    if (people)
        log_info("erased=%d people who are not to come back with a backup", people);
}

static void attach_bank(struct db *db, const char *path)
{
    enum err e = db_attach_bank(db, path);
    if (e == ERR_NOT_FOUND)
        die(EXIT_CONFIG, "no question bank at %s (BANK_PATH): run `make`", path);
    if (e)
        die(EXIT_CONFIG, "%s (BANK_PATH) is not a bank of this Sobes: run `make`", path);
}

/* Handles that hang, a name lookup for one, must not hold up the end: then the rest is
 * left to the kernel. */
static void end(uv_loop_t *uv, int code)
{
    for (int i = 0; i < 3; i++)
        uv_run(uv, UV_RUN_NOWAIT);
    if (code == LOOP_TOKEN_REFUSED)
        log_error("telegram refused the token: check BOT_TOKEN, or get a new one from "
                  "@BotFather with /token");
    if (uv_loop_close(uv) != 0)
        _exit(code);
}

static int run(void)
{
    static struct config cfg;
    static struct bot bot;
    uv_loop_t uv;
    keep_secrets();
    env_load(&cfg);
    log_set_level((enum log_level)cfg.log_level);
    if (!cfg.token[0]) {
        fputs(no_token, stderr);
        return EXIT_CONFIG;
    }
    if (!zone_init())
        die(EXIT_CONFIG, "no time zone data: install the package tzdata (or set TZDIR)");
    signal(SIGPIPE, SIG_IGN); /* a broken connection is an error code, not an end */
    signal(SIGXFSZ, SIG_IGN); /* so is a file over its limit */
    signal(SIGUSR1, SIG_IGN); /* a backup that is asked for before the loop runs */
    bot.username = "";
    bot.operators = cfg.admin_ids;
    bot.db = open_database(cfg.db_path, cfg.backup_dir);
    keep_erased(bot.db, cfg.db_path);
    attach_bank(bot.db, cfg.bank_path);
    uv_loop_init(&uv);
    struct http *http = http_new(&uv, &cfg);
    struct pictures *pictures = picture_new(&uv, NULL);
    struct sender *sender = sender_new(http, pictures, &bot, &cfg);
    struct poll *poll = poll_new(http, &bot, sender, &cfg);
    struct backups *backups =
        backups_new(&uv, bot.db, cfg.backup_dir, "/proc/self/exe", now_ms());
    bot.house = (struct house){.version = metrics_version(),
                               .started_ms = now_ms(),
                               .bank_ms = now_ms(),
                               .sends_per_sec = cfg.sends_per_sec};
    backups_tell(backups, &bot.house);
    struct health *health = health_new(&uv, &cfg, bot.db, now_ms());
    struct notify *notify = notify_new(getenv("NOTIFY_SOCKET"), getenv("WATCHDOG_USEC"),
                                       getenv("WATCHDOG_PID"));
    int code = loop_run(&uv, &bot, poll, sender, cfg.bank_path, backups, health, notify);
    health_free(health);
    notify_free(notify);
    backups_free(backups);
    http_free(http);
    picture_free(pictures);
    poll_free(poll);
    sender_free(sender);
    arena_free(&bot.arena);
    db_close(bot.db);
    log_info("stopped");
    if (code == LOOP_DAMAGED)
        tell_damaged(cfg.db_path, "it is damaged", cfg.backup_dir);
    end(&uv, code);
    return code;
}

static int asked(int (*word)(const struct config *cfg))
{
    static struct config cfg;
    env_load(&cfg);
    return word(&cfg);
}

/* The words that need the settings. */
static int repair(int (*word)(const struct config *cfg, const char *file), const char *file)
{
    static struct config cfg;
    umask(077);
    signal(SIGXFSZ, SIG_IGN);
    env_load(&cfg);
    return word(&cfg, file);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "run";
    if (argc <= 2 && strcmp(word, "run") == 0)
        return run();
    if (argc == 2 && strcmp(word, "--env-example") == 0) {
        env_print_example(stdout);
        return 0;
    }
    if (argc == 2 && strcmp(word, "--has-token") == 0) {
        static struct config cfg;
        env_load(&cfg);
        return cfg.token[0] ? 0 : 1;
    }
    if (argc == 2 && strcmp(word, "health") == 0)
        return asked(check_health);
    if (argc == 2 && strcmp(word, "check") == 0)
        return asked(check_all);
    if (argc <= 3 && strcmp(word, "backup") == 0)
        return repair(repair_backup, argv[2]);
    if (argc == 3 && strcmp(word, "verify") == 0)
        return repair_verify(argv[2]);
    if (argc == 3 && strcmp(word, "restore") == 0)
        return repair(repair_restore, argv[2]);
    if (argc == 2 && (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    fputs(usage, stderr);
    return EXIT_USAGE;
}
