/* forget: everything that is stored about one person, erased: /forget, and who has been
 * gone for half a year. bot/talk/kept.h lists what there is.
 *
 * In groups the person's seats, votes and points go; what others won there stays as it is,
 * and so do the sums of quiz_record, which name nobody. A battle goes on without them. */
#ifndef DB_FORGET_H
#define DB_FORGET_H

#include "db/db.h"

/* Inside a transaction. What is being sent just now cannot be called back: its row is
 * emptied, is never sent again, and goes with its outcome. *out_rows: how many are gone. */
enum err person_forget(struct db *db, int64_t person, int64_t *out_rows);
/* The same without a note for backups: for whoever reads those notes. */
enum err person_erase(struct db *db, int64_t person, int64_t *out_rows);
/* The names of messages in the person's chat, which no row may need any more. */
enum err person_forget_posts(struct db *db, int64_t person);
/* Erases one who stopped or blocked us and was not seen for 180 days, in groups neither.
 * *out_more: there may be another; *out_erased: somebody was. */
enum err people_prune(struct db *db, int64_t now_ms, bool *out_more, bool *out_erased);
/* Outside of transactions: what was erased stands in the file, and the log that still holds
 * it is emptied. False: a reader is in the way, or the disk; call again later. */
bool forget_for_good(struct db *db);

/* Asked whether they mean it: the newest question counts. */
enum err farewell_ask(struct db *db, int64_t person, int64_t token, int64_t until_ms);
/* The answer: ERR_NOT_FOUND: not asked so, or too late. */
enum err farewell_check(struct db *db, int64_t person, int64_t token, int64_t now_ms);
enum err farewell_drop(struct db *db, int64_t person);
enum err farewells_prune(struct db *db, int64_t now_ms); /* some of those past use */

#endif
