#include "bot/base/file.h"

#include <stdio.h>

enum err file_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");
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
