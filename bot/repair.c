#include "bot/repair.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bot/base/log.h"
#include "db/backup.h"
#include "db/restore.h"
#include "db/shelf.h"

#define LOG_MOD "backup"

enum { EXIT_WORDS = 64, EXIT_FILE = 74, EXIT_OPEN = 75 };

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000;
}

__attribute__((format(printf, 2, 3))) static int sorry(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("sobes: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    return code;
}

static void tell_facts(const struct backup_facts *f, bool empty_too)
{
    printf("  schema %d%s\n", f->schema,
           f->schema == db_migration_count ? ""
                                           : ", brought up to date when Sobes next starts");
    for (int i = 0; i < f->tables; i++)
        if (f->table[i].rows > 0 || empty_too)
            printf("  %-20s %10" PRId64 "\n", f->table[i].name, f->table[i].rows);
}

int repair_verify(const char *file)
{
    struct backup_facts facts;
    char why[BACKUP_WHY];
    switch (backup_verify(file, &facts, why)) {
    case OK:
        printf("%s is good\n", file);
        tell_facts(&facts, true);
        return 0;
    case ERR_NOT_FOUND:
        return sorry(EXIT_FILE, "%s", why);
    case ERR_REFUSED:
        return sorry(EXIT_OPEN, "%s: %s (is Sobes running?): stop it first", file, why);
    default:
        return sorry(EXIT_FILE, "%s is not good: %s", file, why);
    }
}

/* Whole, on the disk, under its name, which was free: or not there. */
static enum err copy_to(struct db *db, const char *file, char why[BACKUP_WHY])
{
    char part[SHELF_PATH];
    struct backup_facts facts;
    if (snprintf(part, sizeof part, "%s.part", file) >= (int)sizeof part - 64)
        return snprintf(why, BACKUP_WHY, "the name is too long"), ERR_DB;
    unlink(part);
    enum err e = backup_copy(db, part, why);
    if (!e)
        e = backup_verify(part, &facts, why);
    if (!e && (!file_sync(part) || link(part, file) != 0 || !folder_sync(file))) {
        snprintf(why, BACKUP_WHY, "%s", strerror(errno));
        e = ERR_DB;
    }
    unlink(part);
    return e;
}

static enum err copy_on_shelf(struct db *db, const char *folder, char path[SHELF_PATH],
                              char why[BACKUP_WHY])
{
    struct backup_facts facts;
    char name[SHELF_NAME];
    if (!shelf_open(folder) || !shelf_new(folder, path))
        return snprintf(why, BACKUP_WHY, "%s", strerror(errno)), ERR_DB;
    enum err e = backup_copy(db, path, why);
    if (!e)
        e = backup_verify(path, &facts, why);
    if (!e && shelf_keep(folder, clock_ms(), name)) {
        snprintf(why, BACKUP_WHY, "%s", strerror(errno));
        e = ERR_DB;
    }
    if (e)
        unlink(path);
    else
        snprintf(path, SHELF_PATH, "%.1023s/%s", folder, name);
    return e;
}

int repair_backup(const struct config *cfg, const char *file)
{
    struct db *db = NULL;
    const char *trouble = "";
    char path[SHELF_PATH], why[BACKUP_WHY];
    if (file && access(file, F_OK) == 0)
        return sorry(EXIT_WORDS, "%s is there already: choose another name", file);
    enum err e = db_open_stopped(cfg->db_path, &db, &trouble);
    if (e == ERR_REFUSED)
        return sorry(
            EXIT_OPEN,
            "Sobes is running: it makes its own backup when asked by\n"
            "  systemctl kill --kill-whom=main -s USR1 sobes   (or: kill -USR1 PID)\n"
            "into %s, and its log says when it is done",
            cfg->backup_dir);
    if (e)
        return sorry(EXIT_FILE, "the database %s (DB_PATH): %s", cfg->db_path, trouble);
    snprintf(path, sizeof path, "%s", file ? file : "");
    e = file ? copy_to(db, file, why) : copy_on_shelf(db, cfg->backup_dir, path, why);
    db_close(db);
    if (e)
        return sorry(EXIT_FILE, "no backup was made: %s: %s", file ? file : cfg->backup_dir,
                     why);
    printf("%s is a good backup of %s\n", path, cfg->db_path);
    return 0;
}

enum err repair_keep(struct db *db, int schema, void *arg, const char **why)
{
    static char said[BACKUP_WHY + SHELF_PATH + 100];
    char path[SHELF_PATH], trouble[BACKUP_WHY];
    const char *folder = arg;
    if (!copy_on_shelf(db, folder, path, trouble)) {
        log_info("backup=%s of schema %d, before it is brought to %d", path, schema,
                 db_migration_count);
        return OK;
    }
    snprintf(
        said, sizeof said,
        "it must be brought from schema %d to %d, and the backup before that cannot be "
        "made in %s (BACKUP_DIR): %s; nothing was changed",
        schema, db_migration_count, folder, trouble);
    *why = said;
    return ERR_BAD_INPUT;
}

static void make_folder_of(const char *path)
{
    char folder[SHELF_PATH];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 0, path);
    if (folder[0])
        shelf_open(folder); /* when it cannot, the restore says so */
}

int repair_restore(const struct config *cfg, const char *file)
{
    char kept[SHELF_PATH], why[BACKUP_WHY];
    struct backup_facts facts;
    int erased = 0;
    const char *path = cfg->db_path;
    enum err e = backup_verify(file, &facts, why);
    if (e == ERR_NOT_FOUND)
        return sorry(EXIT_FILE, "%s; nothing was changed", why);
    if (e == ERR_REFUSED)
        return sorry(EXIT_OPEN, "%s: %s; nothing was changed", file, why);
    if (e)
        return sorry(EXIT_FILE, "%s is not good: %s; nothing was changed, try an older one",
                     file, why);
    make_folder_of(path);
    e = restore(file, path, clock_ms(), kept, &erased, why);
    if (e == ERR_REFUSED)
        return sorry(
            EXIT_OPEN,
            "Sobes is running on %s: stop it first (systemctl stop sobes); nothing "
            "was changed",
            path);
    if (e)
        return sorry(EXIT_FILE, "%s was not restored: %s", path, why);
    printf("%s is now what %s holds\n", path, file);
    tell_facts(&facts, false);
    if (erased)
        printf("people erased by /forget since, and erased from it again: %d\n", erased);
    if (kept[0])
        printf("the database before it is kept: %s\n", kept);
    printf("start Sobes now (systemctl start sobes)\n");
    return 0;
}
