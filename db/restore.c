#include "db/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/broadcasts.h"
#include "db/erased.h"

/* The bytes of SQLite's locks; see "PENDING_BYTE" in its documents. */
static struct flock all_locks(void)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512};
}

static enum err said(enum err e, char why[BACKUP_WHY], const char *words)
{
    snprintf(why, BACKUP_WHY, "%s", words);
    return e;
}

static enum err disk(char why[BACKUP_WHY], const char *path)
{
    snprintf(why, BACKUP_WHY, "%.190s: %s", path, strerror(errno));
    return errno == ENOENT ? ERR_NOT_FOUND : ERR_DB;
}

enum err file_is_free(const char *path, char why[BACKUP_WHY])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct flock locks = all_locks();
    struct stat st;
    if (fd < 0)
        return disk(why, path);
    enum err e = OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        e = said(ERR_BAD_INPUT, why, "it is not a file");
    else if (fcntl(fd, F_GETLK, &locks) == 0 && locks.l_type != F_UNLCK)
        e = said(ERR_REFUSED, why, "a process has it open");
    close(fd);
    return e;
}

/* Brings the log of a database that is not damaged into it, so that it is one file, and
 * keeps others from opening it from here on: *out is the lock. No such file is fine, -1. */
static enum err hold(const char *path, int *out, char why[BACKUP_WHY])
{
    struct db *db = NULL;
    const char *ignored = "";
    struct flock locks = all_locks();
    *out = -1;
    enum err e = db_open_stopped(path, &db, &ignored);
    db_close(db);
    if (e == ERR_REFUSED)
        return said(e, why, "a process has it open");
    *out = open(path, O_RDWR | O_CLOEXEC);
    if (*out < 0)
        return errno == ENOENT ? OK : disk(why, path);
    if (fcntl(*out, F_SETLK, &locks) == 0)
        return OK;
    return said(ERR_REFUSED, why, "a process has it open");
}

static bool poured(int from, int to)
{
    char chunk[65536];
    for (ssize_t n; (n = read(from, chunk, sizeof chunk)) != 0;) {
        if (n < 0)
            return false;
        for (ssize_t done = 0, some; done < n; done += some)
            if ((some = write(to, chunk + done, (size_t)(n - done))) < 0)
                return false;
    }
    return fsync(to) == 0;
}

/* The owner of what was there, or of the folder: root restores for the user of the daemon.
 */
static enum err copied(const char *file, const char *to, int like, char why[BACKUP_WHY])
{
    struct stat st;
    char log[SHELF_PATH + 16];
    snprintf(log, sizeof log, "%s-wal", to);
    unlink(to); /* of a restore that was cut short */
    unlink(log);
    int in = open(file, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return disk(why, file);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err e = out >= 0 && poured(in, out) ? OK : disk(why, to);
    if (!e && like < 0)
        owner_of_folder(to);
    else if (!e && geteuid() == 0 && fstat(like, &st) == 0 &&
             fchown(out, st.st_uid, st.st_gid) != 0)
        e = disk(why, to);
    close(in);
    if (out >= 0 && close(out) != 0 && !e)
        e = disk(why, to);
    return e;
}

/* Logs of the old database must not meet the new one: SQLite would believe them. They go
 * to the one that is kept; a database that is not damaged has none by now. */
static bool logs_aside(const char *path, const char *kept)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char from[SHELF_PATH + 16], to[SHELF_PATH + 16];
        snprintf(from, sizeof from, "%s%s", path, ends[i]);
        snprintf(to, sizeof to, "%s%s", kept, ends[i]);
        if (rename(from, to) != 0 && errno != ENOENT)
            return false;
    }
    return true;
}

static enum err halted(struct db *db)
{
    enum err e = db_begin(db);
    if (!e)
        e = broadcasts_halt(db);
    if (!e)
        e = db_commit(db);
    if (e)
        db_rollback(db);
    return e;
}

/* What has happened since must not happen again, nor be undone: broadcasts go no further,
 * and whom /forget has erased is erased. A backup of an older schema keeps that schema; the
 * daemon erases them when it has brought it up to date. */
static enum err mended(const char *copy, const char *path, int schema, int *out_people,
                       char why[BACKUP_WHY])
{
    const int broadcasts_since = 6;
    const bool ours = schema == db_migration_count;
    char list[ERASED_PATH], log[SHELF_PATH + 16];
    struct db *db = NULL;
    const char *trouble = "broadcasts in it cannot be stopped, or people not be erased";
    *out_people = 0;
    erased_path(path, list);
    snprintf(log, sizeof log, "%s-wal", copy);
    if (schema < broadcasts_since)
        return OK;
    enum err e = ours ? db_open(copy, &db, &trouble) : db_open_stopped(copy, &db, &trouble);
    if (e)
        return said(e, why, trouble);
    e = halted(db);
    if (!e && ours) {
        db_set_beside(db, list);
        e = erased_again(db, out_people);
    }
    db_close(db);
    return e || access(log, F_OK) == 0 ? said(ERR_DB, why, trouble) : OK;
}

static void kept_name(const char *path, int64_t now_ms, char out[SHELF_PATH])
{
    time_t seconds = now_ms / 1000;
    char when[32];
    struct tm t;
    gmtime_r(&seconds, &t);
    strftime(when, sizeof when, "%Y%m%d-%H%M%SZ", &t);
    snprintf(out, SHELF_PATH, "%s.before-restore-%s", path, when);
}

static enum err swap(const char *copy, const char *path, const char *kept, bool was,
                     char why[BACKUP_WHY])
{
    if (was && link(path, kept) != 0)
        return disk(why, kept);
    if (!logs_aside(path, kept) || !folder_sync(path) || rename(copy, path) != 0 ||
        !folder_sync(path))
        return disk(why, path);
    return OK;
}

enum err restore(const char *file, const char *path, int64_t now_ms, char kept[SHELF_PATH],
                 int *out_erased, char why[BACKUP_WHY])
{
    char copy[SHELF_PATH], log[SHELF_PATH];
    struct stat its, ours, wal;
    struct backup_facts facts;
    int lock = -1;
    snprintf(copy, sizeof copy, "%s.restoring", path);
    snprintf(log, sizeof log, "%s-wal", file);
    if (strlen(path) > SHELF_PATH - 64 || strlen(file) > SHELF_PATH - 64)
        return said(ERR_BAD_INPUT, why, "the name is too long");
    if (stat(file, &its) != 0)
        return disk(why, file);
    if (stat(path, &ours) == 0 && its.st_dev == ours.st_dev && its.st_ino == ours.st_ino)
        return said(ERR_BAD_INPUT, why, "it is the database itself");
    if (stat(log, &wal) == 0 && wal.st_size > 0)
        return said(ERR_BAD_INPUT, why, "its last changes are in the -wal file beside it");
    enum err e = hold(path, &lock, why);
    if (!e)
        e = copied(file, copy, lock, why);
    if (!e) /* the copy is looked at too: what is written is not yet what can be read */
        e = backup_verify(copy, &facts, why);
    if (!e)
        e = mended(copy, path, facts.schema, out_erased, why);
    kept_name(path, now_ms, kept);
    if (!e)
        e = swap(copy, path, kept, lock >= 0, why);
    if (lock < 0)
        kept[0] = '\0';
    if (e)
        unlink(copy);
    if (lock >= 0)
        close(lock);
    return e;
}
