#include "bot/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err file_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");
    if (!f && errno == ENOMEM) /* it may well be there */
        abort();
    if (!f)
        return ERR_NOT_FOUND;
    char chunk[8192];
    size_t n;
    while (!out->over && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, n);
    enum err e = ferror(f) ? ERR_BAD_INPUT : out->over ? ERR_TOO_BIG : OK;
    fclose(f);
    return e;
}

void file_own(const char *folder, const char *name, char *out, size_t size)
{
    char own[1024];
    if (!folder) {
        ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
        own[len < 0 ? 0 : len] = '\0';
        char *slash = strrchr(own, '/');
        if (slash)
            *slash = '\0';
        folder = slash ? own : ".";
    }
    snprintf(out, size, "%s/%s", folder, name);
    if (access(out, F_OK) == 0)
        return;
    snprintf(out, size, "%s/../share/sobes/%s", folder, name);
    if (access(out, F_OK) != 0)
        snprintf(out, size, "%s/%s", folder, name);
}
