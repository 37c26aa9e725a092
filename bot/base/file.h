/* file: reading a whole small file. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "bot/base/buf.h"
#include "bot/base/err.h"

/* Appends the file to `out` (its `max` is the ceiling). ERR_NOT_FOUND when it cannot be
 * opened, ERR_TOO_BIG above the ceiling, ERR_BAD_INPUT when reading fails. */
enum err file_read(const char *path, struct buf *out);

#endif
