#include "content/compiler/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n > m && name[0] != '.' && strcmp(name + n - m, ending) == 0;
}

char **folder_list(struct arena *a, const char *folder, const char *ending, size_t *count)
{
    struct buf names = {0};
    DIR *d = opendir(folder);
    *count = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        if (ends_in(e->d_name, ending)) {
            char *path = arena_printf(a, "%s/%s", folder, e->d_name);
            buf_add(&names, &path, sizeof path);
            ++*count;
        }
    if (d)
        closedir(d);
    char **list = arena_alloc(a, (*count + 1) * sizeof *list);
    if (*count) {
        memcpy(list, names.data, *count * sizeof *list);
        qsort(list, *count, sizeof *list, by_bytes);
    }
    buf_free(&names);
    return list;
}

bool file_write(struct arena *a, const char *path, const struct buf *text)
{
    const char *temporary = arena_printf(a, "%s.new", path);
    FILE *f = fopen(temporary, "w");
    bool good = f && fwrite(text->data, 1, text->len, f) == text->len;
    if (f && fclose(f) != 0)
        good = false;
    if (good && rename(temporary, path) == 0)
        return true;
    fprintf(stderr, "compiler: %s cannot be written: %s\n", path, strerror(errno));
    remove(temporary);
    return false;
}
