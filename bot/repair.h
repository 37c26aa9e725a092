/* repair: what an operator does by hand: sobes backup | verify | restore. Each says in
 * plain words what it did or what to do, on stderr when it failed, and gives the exit code.
 */
#ifndef REPAIR_H
#define REPAIR_H

#include "bot/base/env.h"
#include "db/db.h"

/* file NULL: into BACKUP_DIR, as the daemon does it. */
int repair_backup(const struct config *cfg, const char *file);
int repair_verify(const char *file);
int repair_restore(const struct config *cfg, const char *file);

/* A db_keep: a verified backup into the folder that `arg` names. */
enum err repair_keep(struct db *db, int schema, void *arg, const char **why);

#endif
