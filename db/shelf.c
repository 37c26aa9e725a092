#define _DEFAULT_SOURCE /* timegm */
#include "db/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Each # is a digit. */
static const char pattern[] = "sobes-########-######Z.db";

static bool is_backup(const char *name)
{
    size_t i = 0;
    for (; pattern[i] && name[i]; i++)
        if (pattern[i] == '#' ? name[i] < '0' || name[i] > '9' : name[i] != pattern[i])
            return false;
    return !pattern[i] && !name[i];
}

static void name_of(int64_t now_ms, char out[SHELF_NAME])
{
    time_t seconds = now_ms / 1000;
    struct tm t;
    gmtime_r(&seconds, &t);
    strftime(out, SHELF_NAME, "sobes-%Y%m%d-%H%M%SZ.db", &t);
}

static int64_t time_of(const char *name)
{
    struct tm t = {0};
    if (sscanf(name, "sobes-%4d%2d%2d-%2d%2d%2dZ.db", &t.tm_year, &t.tm_mon, &t.tm_mday,
               &t.tm_hour, &t.tm_min, &t.tm_sec) != 6)
        return 0;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return (int64_t)timegm(&t) * 1000;
}

static void folder_of(const char *path, char out[SHELF_PATH])
{
    const char *slash = strrchr(path, '/');
    snprintf(out, SHELF_PATH, "%.*s",
             slash == path ? 1
             : slash       ? (int)(slash - path)
                           : 1,
             slash ? path : ".");
}

static bool synced(const char *path, int flags)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0)
        return false;
    bool good = fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return good;
}

bool file_sync(const char *path)
{
    return synced(path, 0);
}

bool folder_sync(const char *path_in_it)
{
    char folder[SHELF_PATH];
    folder_of(path_in_it, folder);
    return synced(folder, O_DIRECTORY);
}

void owner_of_folder(const char *path)
{
    char folder[SHELF_PATH];
    struct stat st;
    folder_of(path, folder);
    if (geteuid() == 0 && stat(folder, &st) == 0 && st.st_uid != 0 &&
        chown(path, st.st_uid, st.st_gid) != 0)
        return; /* then it is root's, and who needs it will be told */
}

static bool made(const char *folder)
{
    struct stat st;
    if (mkdir(folder, 0700) == 0) {
        owner_of_folder(folder);
        return true;
    }
    if (errno != EEXIST || stat(folder, &st) != 0)
        return false;
    return S_ISDIR(st.st_mode) ? true : (errno = ENOTDIR, false);
}

bool shelf_open(const char *folder)
{
    char part[SHELF_PATH];
    size_t n = strlen(folder);
    if (n == 0 || n >= sizeof part - SHELF_NAME)
        return errno = ENAMETOOLONG, false;
    memcpy(part, folder, n + 1);
    for (char *p = part + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = '\0';
        if (!made(part))
            return false;
    }
    return made(part) && access(folder, R_OK | W_OK | X_OK) == 0;
}

bool shelf_new(const char *folder, char out[SHELF_PATH])
{
    int n = snprintf(out, SHELF_PATH, "%s/.new", folder);
    if (n < 0 || n >= SHELF_PATH - SHELF_NAME)
        return errno = ENAMETOOLONG, false;
    return unlink(out) == 0 || errno == ENOENT;
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(*(char *const *)b, *(char *const *)a); /* names sort as their times do */
}

/* The names of all backups, newest first; gives them and the list. -1: errno says why. */
static int listed(const char *folder, char ***out)
{
    int n = 0;
    DIR *d = opendir(folder);
    *out = NULL;
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));) {
        if (!is_backup(e->d_name))
            continue;
        if (n % 64 == 0)
            *out = realloc(*out, (size_t)(n + 64) * sizeof **out);
        if (!*out || !((*out)[n++] = strdup(e->d_name)))
            abort();
    }
    closedir(d);
    if (n)
        qsort(*out, (size_t)n, sizeof **out, newest_first);
    return n;
}

static void list_free(char **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* One that stays although it should go is no reason to call the new one bad. The new one
 * stays, also beside fourteen of a time to come, which a wrong clock has made. */
static void prune(const char *folder, const char *fresh)
{
    char **names;
    int n = listed(folder, &names);
    for (int i = SHELF_KEEPS; i < n; i++) {
        char path[SHELF_PATH];
        if (strcmp(names[i], fresh) == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    list_free(names, n);
}

/* A second may hold two: what a migration was begun with, and what it had come to when it
 * was killed. The one before stays, the new one is the newer by its name. */
static void free_name(const char *folder, int64_t now_ms, char name[SHELF_NAME],
                      char path[SHELF_PATH])
{
    do {
        name_of(now_ms, name);
        snprintf(path, SHELF_PATH, "%s/%s", folder, name);
        now_ms += 1000;
    } while (access(path, F_OK) == 0);
}

enum err shelf_keep(const char *folder, int64_t now_ms, char name[SHELF_NAME])
{
    char from[SHELF_PATH], to[SHELF_PATH];
    snprintf(from, sizeof from, "%s/.new", folder);
    free_name(folder, now_ms, name, to);
    if (!file_sync(from) || rename(from, to) != 0)
        return ERR_DB;
    if (!folder_sync(to))
        return ERR_DB;
    prune(folder, name);
    return OK;
}

bool shelf_newest(const char *folder, char out[SHELF_PATH])
{
    char **names;
    int n = listed(folder, &names);
    if (n > 0)
        snprintf(out, SHELF_PATH, "%.1023s/%s", folder, names[0]);
    list_free(names, n);
    return n > 0;
}

int64_t shelf_newest_ms(const char *folder, int64_t now_ms)
{
    char **names;
    int64_t newest = 0;
    int n = listed(folder, &names);
    for (int i = 0; i < n && newest == 0; i++)
        if (time_of(names[i]) <= now_ms)
            newest = time_of(names[i]);
    list_free(names, n);
    return newest;
}
