/* memory_disk: a disk for SQLite inside the process, so that fork() doubles it with all
 * that was written on it. Files whose name begins with MEMORY_DISK are on it, all others
 * where they always were. One opener a file: EXCLUSIVE databases, which need no -shm. */
#ifndef TESTS_MEMORY_DISK_H
#define TESTS_MEMORY_DISK_H

#include <stdbool.h>

#define MEMORY_DISK "/memory-disk"

void memory_disk_use(void); /* from now on in this process; again is fine */
bool memory_disk_has(const char *path);
bool memory_disk_copy(const char *from, const char *to); /* as it is at this instant */
void memory_disk_clear(void); /* all below MEMORY_DISK/; nothing there may be open */

#endif
