/* folder: the files of a folder, and files written whole or not at all. */
#ifndef COMPILER_FOLDER_H
#define COMPILER_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"

/* The paths of the files that end in `ending`, sorted by bytes; none when the folder
 * cannot be read. Lent by the arena. */
char **folder_list(struct arena *a, const char *folder, const char *ending, size_t *count);
/* Writes under a temporary name and renames. False: said why on stderr. */
bool file_write(struct arena *a, const char *path, const struct buf *text);

#endif
