/* file: reading a whole small file; finding one that came with the program. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "bot/base/buf.h"
#include "bot/base/err.h"

/* Appends the file to `out` (its `max` is the ceiling). ERR_NOT_FOUND when it cannot be
 * opened, ERR_TOO_BIG above the ceiling, ERR_BAD_INPUT when reading fails. */
enum err file_read(const char *path, struct buf *out);
/* The path of a file that came with the program: `name` in the program's own folder, as
 * built, else in ../share/sobes beside that, as installed. folder: stands for the program's
 * own; NULL: that. When it is nowhere the path is the first one. */
void file_own(const char *folder, const char *name, char *out, size_t size);

#endif
