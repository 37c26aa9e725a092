/* backups: the daemon's own, of the database that it serves from, into one folder: each
 * night at 03:30 UTC, and when the operator asks (SIGUSR1).
 *
 * The pages are copied between turns, a few a pass; a child, `sobes verify`, reads the copy
 * from end to end; a thread brings it onto the disk under its name (db/shelf.h). The loop
 * waits for none of it. Whatever fails is logged, leaves no file, and is tried again after
 * an hour. A night that was missed, because the bot was off, is made up for at once, and
 * the first backup of all comes after an hour. */
#ifndef NET_BACKUPS_H
#define NET_BACKUPS_H

#include <stdbool.h>
#include <stdint.h>

struct uv_loop_s;
struct db;
struct house;
struct backups;

/* Keeps all of them; `folder` need not be there yet. `program` is our own. */
struct backups *backups_new(struct uv_loop_s *loop, struct db *db, const char *folder,
                            const char *program, int64_t now_ms);
void backups_ask(struct backups *b); /* one is wanted now; none more while one is made */
/* Keeps `house`, and writes there which backup is the newest. */
void backups_tell(struct backups *b, struct house *house);
/* Between turns. */
void backups_run(struct backups *b, int64_t now_ms);
int64_t
backups_next_ms(const struct backups *b); /* UTC; INT64_MAX: only a callback matters */
/* Before the database closes; one that is being made is given up. The loop must still be
 * run until its handles are gone. */
void backups_free(struct backups *b); /* NULL is fine */

#endif
