/* desk: the numbers of /admin that db/tally.h does not keep. None is counted when asked. */
#ifndef DB_DESK_H
#define DB_DESK_H

#include "db/db.h"

struct desk {
    int64_t today, week; /* people who were here on this UTC day, in the last seven */
    int64_t answers;     /* given on this UTC day */
    int64_t oldest_ms; /* when the oldest row of the outbox was due; 0: none, or unknown */
    int64_t bytes;     /* of the database */
};

enum err desk_read(struct db *db, int64_t now_ms, struct desk *out);

#endif
