/* posts: our own names for messages. Telegram's id of a message arrives with the outcome
 * of its send, or with the first press on one of its buttons. */
#ifndef DB_POSTS_H
#define DB_POSTS_H

#include "db/db.h"

enum err post_new(struct db *db, int64_t chat, int64_t thread, int64_t *out_post);
/* The post of a message that a press named; made when we have none (OK). */
enum err post_of_message(struct db *db, int64_t chat, int64_t message, int64_t *out_post);
enum err post_find(struct db *db, int64_t chat, int64_t message, int64_t *out_post);

/* The post is this message. When it was another one and the post was sent more than once,
 * that one gets a post of its own, *out_old (else 0): the older copy's keyboard should go.
 * ERR_REFUSED: there was no copy, the message is another post's, or no message of ours (ids
 * begin at 1). */
enum err post_adopt(struct db *db, int64_t post, int64_t message, int64_t *out_old);

/* Removes posts that no question and no waiting row is about, from *cursor on: a press on
 * such a message makes its post anew. *cursor is where it stopped, 0 after the newest. */
enum err posts_prune(struct db *db, int64_t *cursor);

#endif
