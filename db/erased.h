/* erased: whom /forget has erased, so that a backup from before does not bring them back. A
 * file beside the database, DB_PATH.erased, that only grows; the database itself could not
 * tell, because it is what gets replaced.
 *
 * It holds a person's number and nothing else about them, and only while one of the
 * SHELF_KEEPS backups may hold what was theirs. The number stands as it is: there are so
 * few of them that whoever has the file could try them all against a hash.
 *
 * A row of `meta`, "erased", counts those who are erased from this very database; the file
 * numbers them alike. What a restored database lacks is what stands behind its own count,
 * whatever the clocks said. */
#ifndef DB_ERASED_H
#define DB_ERASED_H

#include "db/db.h"

enum { ERASED_PATH = 1100 };

void erased_path(const char *db_path, char out[ERASED_PATH]);
/* Inside the transaction that erases the person, before it commits: their number is on the
 * disk. Noted and not erased after all costs nothing but in a backup from before. Nothing
 * when the database was given no file (db_set_beside()). */
enum err erased_note(struct db *db, int64_t person);
/* Outside of transactions: erases once more whoever this database does not know to be
 * erased; *out_people of them. The schema must be the newest. ERR_DB: the file cannot be
 * read either. */
enum err erased_again(struct db *db, int *out_people);
/* A backup of this database is on the shelf: who is in none of SHELF_KEEPS is struck out.
 * False: `errno` says why; nothing is lost. */
bool erased_backed_up(struct db *db);

#endif
