/* update: what Telegram sends, as one flat struct.
 *
 * Outside data becomes this struct in one place and the parser is total: any JSON gives OK
 * or ERR_BAD_INPUT. A kind we do not serve is OK and UPDATE_OTHER, because the offset must
 * move past it too. Strings are lent by the arena and never NULL. */
#ifndef TELEGRAM_UPDATE_H
#define TELEGRAM_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/base/arena.h"
#include "bot/base/err.h"

struct cJSON;

enum update_kind {
    UPDATE_OTHER,  /* nothing for us: edited messages, service messages, other bots,
                      anonymous admins, presses without a message (inline mode) */
    UPDATE_TEXT,   /* a message with text */
    UPDATE_BUTTON, /* an inline button was pressed */
    UPDATE_MEMBER, /* my_chat_member: we were blocked, unblocked, added, removed */
    UPDATE_VOTE,   /* an answer to a poll of ours; chat is not told */
    UPDATE_MOVED,  /* the group `chat` is the supergroup `moved_to` from now on */
};

struct update {
    int64_t id; /* update_id, >= 0 */
    enum update_kind kind;
    int64_t chat;      /* 0 when unknown */
    bool is_private;   /* the chat is the person's own */
    int64_t thread;    /* forum topic, 0 for none; set only when is_topic_message */
    int64_t user;      /* from.id */
    int64_t message;   /* message_id; of a press: the message that holds the button */
    const char *name;  /* first and last name, a person's own words; "" when not told */
    const char *lang;  /* from.language_code, "" when not told */
    const char *text;  /* UPDATE_TEXT: the text; UPDATE_BUTTON: callback data; else "" */
    const char *query; /* UPDATE_BUTTON: callback_query.id, else "" */
    bool can_write;    /* UPDATE_MEMBER: the new status lets us write */
    bool could_write;  /* the old one did */
    const char *poll;  /* UPDATE_VOTE: the poll's id, decimal digits, else "" */
    int option; /* UPDATE_VOTE: the one chosen, as the poll was sent; -1: taken back */
    int64_t moved_to; /* UPDATE_MOVED */
    int64_t at_ms;    /* when the answer that brought it came, UTC; net/poll sets it */
};

/* One element of getUpdates' result. */
enum err update_parse(const struct cJSON *in, struct arena *a, struct update *out);

enum { UPDATES_MAX = 100 }; /* Telegram sends no more in one answer */

/* A whole answer to getUpdates. Unreadable elements become UPDATE_OTHER when they still
 * have an update_id and are left out when not. ERR_BAD_INPUT: not such an answer. */
enum err updates_parse(const char *body, size_t len, struct arena *a, struct update *out,
                       int max, int *out_n);

/* For an answer that JSON does not allow, such as half a surrogate pair in somebody's text:
 * how many updates it holds by the count of its brackets, and the first one's id. 0: not a
 * whole list of updates; one that was cut anywhere is none. */
int updates_scan(const char *body, size_t len, int64_t *out_first);

/* The update without anything a person wrote, one line of JSON, for the table `dead`. */
const char *update_summary(const struct update *u, struct arena *a);

#endif
