/* tally: how many there are of what an operator asks for. Kept by triggers in the
 * transaction of each change, so that reading them costs the same in a house of any size.
 */
#ifndef DB_TALLY_H
#define DB_TALLY_H

#include "db/db.h"

struct tally {
    int64_t rows[2];                  /* of the outbox, by enum outbox_class */
    int64_t active, stopped, blocked; /* people */
    int64_t battles;                  /* that run */
    int64_t clubs;                    /* groups that the bot is in */
    int64_t readers[2];               /* active people: of Russian, of English */
};

enum err tally_read(struct db *db, struct tally *out);

#endif
