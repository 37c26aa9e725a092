/* lanes: whose turn it is to speak. People before bulk, the longest ready first, every
 * fourth token of all chats to bulk while it waits, nobody faster than his pace. */
#ifndef NET_LANES_H
#define NET_LANES_H

#include "bot/net/pace.h"
#include "db/outbox.h"

struct lanes;

/* Keeps both. strict: one slot in all, which bulk gets only when no person waits. */
struct lanes *lanes_new(struct db *db, struct pace *pace, bool strict);
void lanes_free(struct lanes *l); /* NULL is fine */

/* Reads the lanes that are ready, enough of them to fill `slots`, of which bulk may have
 * `bulk_slots`. ERR_DB as it comes. */
enum err lanes_look(struct lanes *l, int slots, int bulk_slots, int64_t now_ms);
/* The next of them that may speak now, lent until the next look; NULL: none may, or all
 * are given out. The caller takes its row and pays its pace before asking again. */
const struct lane *lanes_next(struct lanes *l, int64_t now_ms);
/* When to look again, as far as this look can tell; INT64_MAX: nothing waits. Valid after
 * lanes_next() said NULL. */
int64_t lanes_wake_ms(const struct lanes *l);

#endif
