#include "tests/memory_disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 64, NAME_LEN = 96, SECTOR = 4096 };

static struct file {
    char name[NAME_LEN]; /* "" free */
    unsigned char *data;
    size_t len, room;
} files[FILES_MAX];

struct handle {
    sqlite3_file base; /* first: SQLite knows only this */
    struct file *file;
};

static sqlite3_vfs *below; /* the system's, for all other files */

static bool ours(const char *path)
{
    return path && !strncmp(path, MEMORY_DISK, sizeof MEMORY_DISK - 1);
}

static struct file *find(const char *path)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (*files[i].name && !strcmp(files[i].name, path))
            return &files[i];
    return NULL;
}

static struct file *find_or_make(const char *path)
{
    struct file *f = find(path);
    for (int i = 0; !f && i < FILES_MAX; i++)
        if (!*files[i].name)
            f = &files[i];
    assert(f && strlen(path) < NAME_LEN);
    snprintf(f->name, sizeof f->name, "%s", path);
    return f;
}

static void drop(struct file *f)
{
    free(f->data);
    *f = (struct file){0};
}

static void grow(struct file *f, size_t len)
{
    if (len > f->room) {
        f->room = len * 2;
        f->data = realloc(f->data, f->room);
        if (!f->data)
            abort();
    }
    if (len > f->len)
        memset(f->data + f->len, 0, len - f->len);
    f->len = len;
}

static struct file *of(sqlite3_file *h)
{
    return ((struct handle *)(void *)h)->file;
}

static int file_close(sqlite3_file *h)
{
    (void)h;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *h, void *out, int n, sqlite3_int64 at)
{
    const struct file *f = of(h);
    size_t from = (size_t)at, have = from < f->len ? f->len - from : 0;
    if (have >= (size_t)n) {
        memcpy(out, f->data + from, (size_t)n);
        return SQLITE_OK;
    }
    memset(out, 0, (size_t)n);
    if (have)
        memcpy(out, f->data + from, have);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *h, const void *data, int n, sqlite3_int64 at)
{
    struct file *f = of(h);
    size_t end = (size_t)at + (size_t)n;
    if (end > f->len)
        grow(f, end);
    memcpy(f->data + at, data, (size_t)n);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *h, sqlite3_int64 len)
{
    grow(of(h), (size_t)len);
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *h, int flags)
{
    (void)h, (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *h, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)of(h)->len;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *h, int level)
{
    (void)h, (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *h, int *out)
{
    (void)h;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *h, int what, void *arg)
{
    (void)h, (void)what, (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *h)
{
    (void)h;
    return SECTOR;
}

static int file_traits(sqlite3_file *h)
{
    (void)h;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as the system's says of a disk */
}

static const sqlite3_io_methods methods = {.iVersion = 1,
                                           .xClose = file_close,
                                           .xRead = file_read,
                                           .xWrite = file_write,
                                           .xTruncate = file_truncate,
                                           .xSync = file_sync,
                                           .xFileSize = file_size,
                                           .xLock = file_lock,
                                           .xUnlock = file_lock,
                                           .xCheckReservedLock = file_reserved,
                                           .xFileControl = file_control,
                                           .xSectorSize = file_sector,
                                           .xDeviceCharacteristics = file_traits};

static int disk_open(sqlite3_vfs *v, const char *path, sqlite3_file *h, int flags, int *out)
{
    (void)v;
    if (!ours(path))
        return below->xOpen(below, path, h, flags, out);
    h->pMethods = NULL;
    if (!find(path) && !(flags & SQLITE_OPEN_CREATE))
        return SQLITE_CANTOPEN;
    *(struct handle *)(void *)h = (struct handle){{&methods}, find_or_make(path)};
    if (out)
        *out = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *v, const char *path, int sync)
{
    (void)v;
    if (!ours(path))
        return below->xDelete(below, path, sync);
    struct file *f = find(path);
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    drop(f);
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *v, const char *path, int flags, int *out)
{
    (void)v;
    if (!ours(path))
        return below->xAccess(below, path, flags, out);
    const struct file *f = find(path);
    *out = f && (flags != SQLITE_ACCESS_EXISTS || f->len > 0);
    return SQLITE_OK;
}

static int disk_name(sqlite3_vfs *v, const char *path, int size, char *out)
{
    (void)v;
    if (!ours(path))
        return below->xFullPathname(below, path, size, out);
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}

void memory_disk_use(void)
{
    static sqlite3_vfs disk;
    if (below)
        return;
    below = sqlite3_vfs_find(NULL);
    disk = *below; /* whatever is not about files stays the system's */
    disk.pNext = NULL;
    disk.zName = "memory-disk";
    if (disk.szOsFile < (int)sizeof(struct handle))
        disk.szOsFile = (int)sizeof(struct handle);
    disk.xOpen = disk_open;
    disk.xDelete = disk_delete;
    disk.xAccess = disk_access;
    disk.xFullPathname = disk_name;
    sqlite3_vfs_register(&disk, 1);
}

bool memory_disk_has(const char *path)
{
    return find(path) != NULL;
}

bool memory_disk_copy(const char *from, const char *to)
{
    const struct file *f = find(from);
    if (!f)
        return false;
    struct file *copy = find_or_make(to);
    grow(copy, 0);
    grow(copy, f->len);
    if (f->len)
        memcpy(copy->data, f->data, f->len);
    return true;
}

void memory_disk_clear(void)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (!strncmp(files[i].name, MEMORY_DISK "/", sizeof MEMORY_DISK))
            drop(&files[i]);
}
