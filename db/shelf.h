/* shelf: the folder of backups: what a file there is called, how one comes onto it for
 * good, which one goes. Only names of its own pattern are ever deleted. Knows nothing of
 * SQLite.
 *
 * A copy is made as shelf_new() and becomes a backup by shelf_keep(): whoever sees a file
 * called sobes-YYYYMMDD-HHMMSSZ.db (UTC) sees a whole one, also after a power cut. */
#ifndef DB_SHELF_H
#define DB_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/base/err.h"

enum { SHELF_KEEPS = 14, SHELF_NAME = 32, SHELF_PATH = 1100 };

/* All of them: false or ERR_DB, and `errno` says why. */

/* Makes the folder (0700), and those that it lies in, unless it is there. */
bool shelf_open(const char *folder);
/* The name of the copy that is being made; what a crash left there is taken away. */
bool shelf_new(const char *folder, char out[SHELF_PATH]);
/* The copy is on the disk under its name; then all but the newest SHELF_KEEPS go. May take
 * long, and may run in a thread. */
enum err shelf_keep(const char *folder, int64_t now_ms, char name[SHELF_NAME]);
/* When the newest backup was made, of those that are not from the future; 0: there is none.
 */
int64_t shelf_newest_ms(const char *folder, int64_t now_ms);
/* The path of the newest one, whatever its time; false: there is none. */
bool shelf_newest(const char *folder, char out[SHELF_PATH]);

/* The last words of a file's way: its bytes are on the disk; its folder says so. */
bool file_sync(const char *path);
bool folder_sync(const char *path_in_it);
/* Root makes a file for somebody else: it shall belong to the owner of its folder. */
void owner_of_folder(const char *path);

#endif
