/* backup: a copy of an open database, taken in steps while it serves, and the look at a
 * file that is to be one.
 *
 * What the same connection writes meanwhile goes into the copy too, so that it is the
 * database as it is at the last step, not at the first. */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include "db/db.h"

enum { BACKUP_PAGES = 64, BACKUP_TABLES = 100, BACKUP_WHY = 256 };

struct backup;

/* Begins a copy into `path`, which is made (0600) and must not be there. Any failure is
 * ERR_DB, `why` says it, and no file is left. Keeps `from`: end the copy before it closes.
 */
enum err backup_begin(struct db *from, const char *path, struct backup **out,
                      char why[BACKUP_WHY]);
/* Copies the next BACKUP_PAGES pages; between turns only. ERR_DB: end it. */
enum err backup_step(struct backup *b, bool *out_done, char why[BACKUP_WHY]);
/* Frees. A copy that was not done is deleted; one that was is closed, not yet on the disk.
 */
enum err backup_end(struct backup *b, char why[BACKUP_WHY]); /* NULL is fine */
/* All of it at once. */
enum err backup_copy(struct db *from, const char *path, char why[BACKUP_WHY]);

struct backup_facts {
    int schema; /* migrations it has seen */
    int tables;
    struct {
        char name[64];
        int64_t rows;
    } table[BACKUP_TABLES];
};

/* Reads all of the file, which stays as it is, and says whether Sobes could serve from it:
 * ours, of a schema that this program knows, its pages, indexes and references whole.
 * ERR_NOT_FOUND: no such file. ERR_REFUSED: a process has it open. ERR_BAD_INPUT: it will
 * not do. ERR_DB: the disk does not give it. */
enum err backup_verify(const char *path, struct backup_facts *out, char why[BACKUP_WHY]);

#endif
