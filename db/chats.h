/* chats: a group that became a supergroup has a new id; every table follows at once. */
#ifndef DB_CHATS_H
#define DB_CHATS_H

#include "db/db.h"

enum err chat_migrate(struct db *db, int64_t from, int64_t to); /* done twice: no harm */

#endif
