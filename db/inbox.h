/* inbox: which updates are done, and from where to go on.
 *
 * Telegram delivers at least once and may restart its numbering anywhere after a quiet
 * week, so "done" is a set of the ids of the last 48 hours, never "id <= last". */
#ifndef DB_INBOX_H
#define DB_INBOX_H

#include "db/db.h"

enum err inbox_offset(struct db *db, int64_t *out); /* 0 before the first update */
/* Marks the update done. *out_new false: it was done before. */
enum err inbox_mark(struct db *db, int64_t update, int64_t now_ms, bool *out_new);
enum err inbox_set_offset(struct db *db, int64_t offset);
/* Forgets some of what is older than 48 hours; *out_more: there is more of it. */
enum err inbox_prune(struct db *db, int64_t now_ms, bool *out_more);

/* After an unclean stop: how often this cause was begun and not finished. */
enum err suspect_begin(struct db *db, const char *source, int64_t id, int64_t *out_tries);
enum err suspect_clear(struct db *db, const char *source, int64_t id);
enum err dead_add(struct db *db, const char *source, int64_t id, const char *summary,
                  const char *error, int64_t now_ms);
/* Forgets the oldest one if it is older; *out_more: it was. */
enum err dead_prune(struct db *db, int64_t before_ms, bool *out_more);

#endif
