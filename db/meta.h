/* meta: small numbers about the whole bot, by name (listed in migration 0001), and the
 * times it was down. */
#ifndef DB_META_H
#define DB_META_H

#include "db/db.h"

enum err meta_get(struct db *db, const char *key, int64_t fallback, int64_t *out);
enum err meta_set(struct db *db, const char *key, int64_t value);

enum err down_add(struct db *db, int64_t from_ms, int64_t to_ms);
enum err down_prune(struct db *db, int64_t before_ms);
/* Nothing of what was noted is later than now_ms. */
enum err down_cut(struct db *db, int64_t now_ms);

#endif
