/* pace: how fast Telegram lets us speak. Pure buckets, no clock of their own.
 *
 *   all chats     new messages alone, `per_sec` a second
 *   a person      messages and edits: four at once, then one a second
 *   a group       messages, edits and polls: eighteen in any minute
 *
 * A 429 of one chat is that chat's affair (its lane is frozen). Two chats within a second
 * are everybody's: each was inside its own bucket, so the whole bot is too fast. Then bulk
 * waits for the smaller retry_after, people go one at a time meanwhile, and the rate of
 * all chats is halved for a minute. A clock set back never makes anybody wait longer. */
#ifndef NET_PACE_H
#define NET_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/outbox.h"

struct pace;

struct pace *pace_new(int64_t per_sec); /* 0: no pacing at all */
void pace_free(struct pace *p);         /* NULL is fine */

/* When the chat's own bucket lets it speak: a time <= now_ms for "now". chat 0: nobody's,
 * always now. */
int64_t pace_chat_ms(struct pace *p, int64_t chat, int64_t now_ms);
/* The same for the bucket of all chats, which only new messages pay. Asked for a class:
 * bulk also waits out a flood. */
int64_t pace_all_ms(struct pace *p, enum outbox_class class, int64_t now_ms);
/* One call leaves. An edit pays its chat's bucket alone; chat 0 pays nothing. */
void pace_pay(struct pace *p, int64_t chat, enum outbox_class class, bool edit,
              int64_t now_ms);
/* What an earlier process said to a group; oldest first, before anything is paid. */
void pace_recall(struct pace *p, int64_t group, int64_t at_ms);
/* Three tokens in a row went to people: the next is bulk's if it wants one. */
bool pace_bulk_turn(const struct pace *p);

void pace_flood(struct pace *p, int64_t chat, int64_t retry_after_s, int64_t now_ms);
bool pace_one_at_a_time(struct pace *p, int64_t now_ms);

int pace_chats(const struct pace *p); /* buckets remembered, for the test */

#endif
