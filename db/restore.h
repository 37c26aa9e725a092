/* restore: a backup takes the place of the database. The one before it is kept beside, and
 * at every moment, also of a power cut, what lies at its path is one of the two, whole (as
 * whole as it was). Knows nothing of SQLite but which bytes of a file it
 * locks. */
#ifndef DB_RESTORE_H
#define DB_RESTORE_H

#include <stdint.h>

#include "db/backup.h"
#include "db/shelf.h"

/* Whether no process has the database file open. ERR_NOT_FOUND: there is no such file;
 * ERR_REFUSED: one has; ERR_DB: it cannot be read. */
enum err file_is_free(const char *path, char why[BACKUP_WHY]);

/* Puts a copy of `file`, a verified backup, to `path`; the folder must be there. `kept` is
 * where the one before lies now, "" when there was none. The same errors, and
 * ERR_BAD_INPUT: `file` is not one file alone, or is the database itself. After an error
 * the database is what it was. *out_erased: how many people it would have brought back,
 * whom /forget has erased since (db/erased.h). */
enum err restore(const char *file, const char *path, int64_t now_ms, char kept[SHELF_PATH],
                 int *out_erased, char why[BACKUP_WHY]);

#endif
