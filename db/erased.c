#include "db/erased.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/file.h"
#include "db/forget.h"
#include "db/meta.h"
#include "db/shelf.h"

enum { FILE_MAX = 64 << 20 };

/* Lines, each begun by its line break and ended by its semicolon: one that was cut short
 * spoils no other. "e NUMBER PERSON;" and, for a backup that was made, "b;". */
struct note {
    int64_t number, person; /* 0: a backup */
};

void erased_path(const char *db_path, char out[ERASED_PATH])
{
    snprintf(out, ERASED_PATH, "%.1080s.erased", db_path);
}

/* The next whole line, from *p on, which moves behind it. */
static bool next(const char **p, struct note *out)
{
    for (const char *line; (line = strchr(*p, '\n'));) {
        int end = 0;
        *p = line + 1;
        *out = (struct note){0};
        if (strncmp(*p, "b;", 2) == 0)
            return true;
        if (sscanf(*p, "e %18" SCNd64 " %18" SCNd64 ";%n", &out->number, &out->person,
                   &end) == 2 &&
            end > 0 && out->number > 0 && out->person > 0)
            return true;
    }
    return false;
}

/* ERR_NOT_FOUND: there is none. */
static enum err whole(const char *path, struct buf *out)
{
    if (access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_DB;
    *out = (struct buf){.max = FILE_MAX};
    enum err e = file_read(path, out);
    if (!e)
        buf_text(out, "");
    return e ? ERR_DB : OK;
}

static bool added(const char *path, const char *line, int flags)
{
    size_t n = strlen(line);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return false;
    bool good = write(fd, line, n) == (ssize_t)n && fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return good;
}

enum err erased_note(struct db *db, int64_t person)
{
    char line[64];
    int64_t number;
    const char *path = db_beside(db);
    assert(db_in_transaction(db));
    if (!path)
        return OK;
    bool fresh = access(path, F_OK) != 0;
    enum err e = meta_get(db, "erased", 0, &number);
    if (!e)
        e = meta_set(db, "erased", number + 1);
    if (e)
        return e;
    snprintf(line, sizeof line, "\ne %" PRId64 " %" PRId64 ";", number + 1, person);
    return added(path, line, O_CREAT) && (!fresh || folder_sync(path)) ? OK : ERR_DB;
}

/* Inside a transaction. */
static enum err erase_all(struct db *db, const char *text, int *out_people)
{
    struct note note;
    int64_t known, newest, rows;
    enum err e = meta_get(db, "erased", 0, &known);
    newest = known;
    for (const char *p = text; !e && next(&p, &note);) {
        if (note.number <= known)
            continue;
        e = person_erase(db, note.person, &rows);
        newest = note.number > newest ? note.number : newest;
        *out_people += rows > 0;
    }
    return e || newest == known ? e : meta_set(db, "erased", newest);
}

enum err erased_again(struct db *db, int *out_people)
{
    struct buf text = {0};
    const char *path = db_beside(db);
    *out_people = 0;
    enum err e = path ? whole(path, &text) : ERR_NOT_FOUND;
    if (!e)
        e = db_begin(db);
    if (!e) {
        e = erase_all(db, text.data ? text.data : "", out_people);
        if (!e)
            e = db_commit(db);
        if (e)
            db_rollback(db);
    }
    buf_free(&text);
    if (!e && *out_people)
        forget_for_good(db);
    return e == ERR_NOT_FOUND ? OK : e;
}

/* What stands behind the SHELF_KEEPS + 1st mark from the end: the backup of the first mark
 * may have been copied before what is noted above it. NULL: there are fewer. */
static const char *needed(const char *text)
{
    const char *marks[SHELF_KEEPS + 1] = {0};
    struct note note;
    int n = 0;
    for (const char *p = text; next(&p, &note);)
        if (!note.number)
            marks[n++ % (SHELF_KEEPS + 1)] = p - 1;
    return n > SHELF_KEEPS ? marks[n % (SHELF_KEEPS + 1)] : NULL;
}

static bool rewritten(const char *path, const char *text)
{
    char fresh[ERASED_PATH + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    if (unlink(fresh) != 0 && errno != ENOENT)
        return false;
    if (!added(fresh, text, O_CREAT | O_EXCL))
        return false;
    owner_of_folder(fresh);
    return rename(fresh, path) == 0 && folder_sync(path);
}

bool erased_backed_up(struct db *db)
{
    struct buf text = {0};
    const char *path = db_beside(db);
    if (!path || access(path, F_OK) != 0)
        return true;
    if (!added(path, "\nb;", 0) || whole(path, &text) != OK)
        return false;
    const char *from = needed(text.data ? text.data : "");
    bool good = !from || rewritten(path, from);
    buf_free(&text);
    return good;
}
