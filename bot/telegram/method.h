/* method: what we ask of Telegram, and what it answers. Bodies are JSON objects.
 *
 * Bodies of messages hold no ids: chat, thread and message are columns of the outbox and
 * are spliced in by the sender with method_address(). Every method_*() adds its object to
 * `out` and borrows its arguments; a buffer with a low `max` may end `over`. */
#ifndef TELEGRAM_METHOD_H
#define TELEGRAM_METHOD_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/base/arena.h"
#include "bot/base/buf.h"

enum button_style { BUTTON_PLAIN, BUTTON_GREEN, BUTTON_RED, BUTTON_BLUE };

struct button {
    const char *text; /* plain text */
    const char *data; /* 1 to 64 bytes; NULL: it opens `url` */
    const char *url;
    enum button_style style;
};

enum { ROWS_MAX = 20, ROW_MAX = 4 };

/* rows[i] holds row_len[i] buttons. No rows: no keyboard. */
struct keyboard {
    struct button rows[ROWS_MAX][ROW_MAX];
    int row_len[ROWS_MAX];
    int n;
};

/* Adds a button to the last row, or to a new one. Data over 64 bytes, more rows or longer
 * rows than fit are bugs (asserted). Lends text and data: they must outlive the keyboard.
 */
void keyboard_row(struct keyboard *k);
void keyboard_button(struct keyboard *k, const char *text, const char *data);
void keyboard_link(struct keyboard *k, const char *text, const char *url);
void keyboard_style(struct keyboard *k, enum button_style style); /* of the last button */

/* sendMessage or editMessageText: HTML text, keyboard (NULL: none), no link preview.
 * `silent` is for sendMessage. */
void method_text(struct buf *out, const char *html, const struct keyboard *k, bool silent);

/* sendPhoto, where the picture itself is made by the sender; begins with "caption", which
 * becomes "text" when there is no picture in the end. */
void method_caption(struct buf *out, const char *html, const struct keyboard *k,
                    bool silent);

/* A quiz that everybody sees the voters of. */
struct poll_of_quiz {
    const char *question;            /* plain, up to 300 characters */
    const char *const *option;       /* plain, up to 100 each */
    int options, key;                /* key: the right one */
    const char *why, *about;         /* HTML, up to 200 and 1024 characters; "" for none */
    int open_s;                      /* 5 to 2628000; 0: for ever */
    const struct keyboard *keyboard; /* NULL: none */
};
void method_quiz(struct buf *out, const struct poll_of_quiz *q);

/* getChatMember. */
void method_member(struct buf *out, int64_t person);

/* Names the kinds of updates we serve in every call. */
void method_get_updates(struct buf *out, int64_t offset, int limit, int timeout_s);
/* text: up to 200 characters, "" only stops the spinner. */
void method_answer_query(struct buf *out, const char *query, const char *text, bool alert);

struct command_line {
    const char *name, *about; /* without the slash; 1 to 256 characters */
};
/* setMyCommands for one language ("" is the default) in one scope: "all_private_chats",
 * "all_group_chats", "all_chat_administrators", or "chat", which is `chat` (else 0). */
void method_set_commands(struct buf *out, const char *scope, int64_t chat, const char *lang,
                         const struct command_line *c, int n);

/* Splices {"chat_id":..,"message_id":..} into a body, or
 * {"chat_id":..,"message_thread_id":..} when message is 0: a message that is there has its
 * place. chat 0: the body is sent as it is; thread 0 is left out. */
void method_address(struct buf *out, const char *body, int64_t chat, int64_t thread,
                    int64_t message);

/* An answer of the Bot API. */
struct reply {
    bool readable; /* a JSON object, `ok` true or with an error_code */
    bool ok;
    int code;                /* error_code, 0 when ok */
    const char *description; /* lent by the arena, "" when ok */
    int64_t retry_after_s;   /* 429: 0 to 7 days; else 0 */
    int64_t migrate_to;      /* the supergroup that the chat became, else 0 */
    int64_t message;         /* result.message_id, 0 when there is none */
    const char *username;    /* result.username (getMe), "" */
    const char *poll;        /* result.poll.id, "" */
    const char *status;      /* result.status (getChatMember), "" */
};
/* Total: anything that is no answer of the Bot API gives readable == false. */
void reply_parse(const char *body, size_t len, struct arena *a, struct reply *out);

#endif
