/* rules: Telegram's side of the Bot API as a pure library: people, chats, messages, polls,
 * files, the queue of updates, the methods this bot uses, with the checks and the error
 * strings of the real server. No socket and no clock: the time comes in with each call.
 *
 * Scenes play against it through tests/fake_http.c; build/local_telegram serves it over
 * real HTTP. The same acts and calls in the same order at the same times make the same
 * world. Everything lent lives as long as the rules, but for rules_news(). Times are
 * milliseconds UTC. */
#ifndef LOCAL_RULES_H
#define LOCAL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bot/base/buf.h"

enum {
    RULES_BODY_MAX = 1 << 20,    /* bytes of parameters, more is 413 */
    RULES_TEXT_MAX = 4096,       /* code points after parsing */
    RULES_CAPTION_MAX = 1024,    /* the same for captions and descriptions */
    RULES_RAW_MAX = 32768,       /* bytes before parsing */
    RULES_TOAST_MAX = 200,       /* code points */
    RULES_DATA_MAX = 64,         /* bytes of callback_data */
    RULES_ROW_MAX = 8,           /* buttons in a row */
    RULES_BUTTONS_MAX = 100,     /* buttons in all */
    RULES_COMMANDS_MAX = 100,    /* in one list */
    RULES_FILES_MAX = 10,        /* files of one call */
    RULES_FILE_BYTES = 50 << 20, /* a document; a photo: RULES_PHOTO_BYTES */
    RULES_PHOTO_BYTES = 10 << 20,
    RULES_QUERY_MS = 150000,   /* a press can be answered and is queued for so long */
    RULES_INLINE_MS = 30000,   /* the same for an inline query */
    RULES_UPDATE_MS = 86400000 /* any other update is queued for so long */
};

#define RULES_BOT_ID INT64_C(5550001)
#define RULES_BOT_NAME "Sobes"

struct rules;

struct rules *rules_new(const char *token, const char *username);
void rules_free(struct rules *r); /* NULL is fine */
bool rules_token_ok(const struct rules *r, const char *token);
/* Flood limits: what Telegram bears from one bot, on from the start. */
void rules_limits(struct rules *r, bool on);
/* Every call with its answer and every update, a JSON object a line. Keeps f. */
void rules_record(struct rules *r, FILE *f);

/* ---- what people do: NULL when it is done, else why it cannot be (static) ---- */

/* Somebody exists. Called again: the name has changed. */
void rules_person(struct rules *r, int64_t id, const char *name, const char *lang);
void rules_username(struct rules *r, int64_t person, const char *username);

struct rules_said {
    int64_t person, chat;     /* chat 0: the private one, whose id is the person's */
    int64_t thread, reply_to; /* 0: none */
    const char *text;
    bool anonymous; /* an administrator of a supergroup speaks as the group */
};
const char *rules_say(struct rules *r, int64_t now_ms, const struct rules_said *s);
/* Presses any data on any message id: the real button, or a forged one. *out_press is the
 * query's id; NULL is fine. */
const char *rules_press(struct rules *r, int64_t now_ms, int64_t person, int64_t chat,
                        int64_t message, const char *data, int64_t *out_press);
const char *rules_block(struct rules *r, int64_t now_ms, int64_t person, bool blocks);
/* options: indexes as the bot gave them; n 0 takes the vote back. */
const char *rules_vote(struct rules *r, int64_t now_ms, int64_t person, int64_t chat,
                       int64_t message, const int *options, int n);
/* The right option of the quiz that the message is, as the bot gave them; -1: it is none.
 */
struct rules_message;
int rules_right(const struct rules_message *m);
/* Votes by a channel or by an anonymous administrator come with a voter_chat. */
const char *rules_vote_by_chat(struct rules *r, int64_t now_ms, int64_t voter_chat,
                               int64_t chat, int64_t message, int option);
const char *rules_ask_inline(struct rules *r, int64_t now_ms, int64_t person,
                             const char *query, const char *chat_type, int64_t *out_query);

enum chat_kind { CHAT_PRIVATE, CHAT_GROUP, CHAT_SUPERGROUP };
enum chat_status { MEMBER_LEFT, MEMBER_KICKED, MEMBER_PLAIN, MEMBER_ADMIN, MEMBER_CREATOR };
enum chat_rights { MAY_SEND = 1, MAY_MEDIA = 2, MAY_POLLS = 4, MAY_ALL = 7 };

/* A group of its own; the bot is not in it. Gives the chat id; 0: no such person, a bad
 * title, or a forum that is no supergroup. */
int64_t rules_group(struct rules *r, int64_t now_ms, int64_t person, const char *title,
                    enum chat_kind kind, bool forum);
/* A person joins, leaves, is promoted; the bot has its own: both by `by`. Anybody in the
 * group adds, administrators promote and remove (MEMBER_LEFT: they may come back), nobody
 * touches the creator. */
const char *rules_member(struct rules *r, int64_t now_ms, int64_t chat, int64_t by,
                         int64_t person, enum chat_status status);
const char *rules_bot_member(struct rules *r, int64_t now_ms, int64_t chat, int64_t by,
                             enum chat_status status);
/* What members, the bot among them, may do there. */
const char *rules_permit(struct rules *r, int64_t now_ms, int64_t chat, unsigned rights);
/* The group becomes a supergroup with an id of its own. */
const char *rules_migrate(struct rules *r, int64_t now_ms, int64_t chat, int64_t by,
                          int64_t *out_chat);
const char *rules_topic(struct rules *r, int64_t now_ms, int64_t chat, int64_t by,
                        const char *name, int64_t *out_thread);
const char *rules_topic_closed(struct rules *r, int64_t now_ms, int64_t chat, int64_t by,
                               int64_t thread, bool closed);
/* Privacy mode, on from the start: in groups the bot hears only what is meant for it. A
 * change counts where the bot is added after it; an administrator hears everything. */
void rules_privacy(struct rules *r, bool on);

/* Time goes on without a call: polls close. Called before anything else at a new time. */
void rules_tick(struct rules *r, int64_t now_ms);
int64_t rules_next_ms(const struct rules *r); /* when a tick has something to do */

/* ---- the queue of updates ---- */

bool rules_again(struct rules *r); /* the newest update comes once more */
void rules_number_from(struct rules *r, int64_t update); /* the next update's id */
bool rules_waiting(const struct rules *r); /* updates that were not confirmed */

/* ---- calls ---- */

/* A file that came with a call in multipart/form-data; `field` names the part. */
struct rules_file {
    const char *field, *name, *mime;
    const char *data;
    size_t len;
};
struct rules_request {
    const char *method;
    const char *json; /* the parameters; those of a form are strings */
    size_t len;
    const struct rules_file *file;
    int files;
};

/* One call of a method. `out` is emptied first; its body is the caller's to free. */
struct rules_answer {
    long status;
    struct buf body;
    int64_t retry_after_s; /* the Retry-After header, 0 for none */
    int64_t delay_ms;      /* the answer leaves so much later */
    int64_t wait_ms;       /* getUpdates found nothing: hold the request, ask again with
                              rules_poll() after any update, end with rules_poll_over() */
    size_t row;            /* its row in the ledger, from 1; 0: none yet */
    bool refused;          /* nobody is listening: the call was not even read */
    bool reset;            /* the connection dies with a reset instead of an answer */
    bool lost;             /* done, but the answer is swallowed */
    bool trickle;          /* the answer leaves a byte a second */
};
void rules_call(struct rules *r, int64_t now_ms, const struct rules_request *q,
                struct rules_answer *out);
void rules_poll(struct rules *r, int64_t now_ms, const char *json, size_t len,
                struct rules_answer *out);
void rules_poll_over(struct rules *r, int64_t now_ms, struct rules_answer *out);
/* The answer to a held getUpdates when another one comes. */
void rules_conflict(struct rules *r, int64_t now_ms, struct rules_answer *out);

/* Faults: the next `times` calls of a method ("*": any) to a chat (0: any). Those above
 * FAULT_HALF are not executed; the others are, and their answer suffers: it is due still
 * after a getUpdates that waits, which has no answer yet. */
enum fault_kind {
    FAULT_STATUS,  /* JSON error with the code in `value` */
    FAULT_FLOOD,   /* 429, retry_after = value seconds */
    FAULT_HTML,    /* 502 with a page of HTML */
    FAULT_REFUSE,  /* not done; no connection */
    FAULT_RESET,   /* not done; the connection is reset after the request was read */
    FAULT_HALF,    /* done; the JSON ends in the middle */
    FAULT_SWALLOW, /* done; no answer */
    FAULT_LOST,    /* done; reset instead of an answer */
    FAULT_TRICKLE, /* done; the answer leaves a byte a second */
    FAULT_DELAY    /* done; the answer comes value milliseconds later */
};
struct rules_fault {
    char method[40];
    int64_t chat;
    enum fault_kind kind;
    int64_t value;
    int times;
};
void rules_fail(struct rules *r, const struct rules_fault *f);
/* "429 retry_after=3", "500", "half", "delay=2000", ..., with "times=N"; fills all but
 * method and chat. */
bool rules_fault_parse(const char *words, struct rules_fault *out);
void rules_heal(struct rules *r); /* no more faults */
/* Nobody will hear of the newest answer, given at now_ms: if a fault made it, the fault is
 * due again. */
void rules_unheard(struct rules *r, int64_t now_ms);

/* ---- what people see ---- */

struct shown_button {
    const char *text, *data; /* data NULL: not a callback button */
    int row;
};
struct html_entity; /* html.h */
struct shown {
    const char *text;     /* plain, as read on a phone; of a poll its question */
    const char *entities; /* formatting, one line, for comparing */
    const char *markup;   /* the keyboard as JSON, "" for none */
    const struct html_entity *entity;
    int n; /* entities, at most HTML_ENTITIES_MAX */
    const struct shown_button *button;
    int buttons;
    int dropped; /* formatting that the server silently lost */
};
enum rules_media { MEDIA_NONE, MEDIA_PHOTO, MEDIA_DOCUMENT, MEDIA_POLL, MEDIA_SERVICE };
struct rules_message {
    int64_t id, chat, thread, from; /* from: a person, the bot, or a chat (anonymous) */
    int64_t at_ms, edited_ms;       /* edited_ms 0: never */
    int64_t reply_to;               /* 0: none */
    bool from_bot, silent, guarded, gone; /* gone: deleted */
    enum rules_media media;
    const struct stored_file *file; /* of a photo or document */
    struct poll *poll;              /* of a poll */
    const char *service; /* its fields as JSON, "" for none: "new_chat_title":".." */
    const char *event;   /* the service message as the page tells it, JSON */
    struct shown now;
};
/* NULL: no such message in that chat. nth 1 is the newest one of the bot. */
const struct rules_message *rules_message(const struct rules *r, int64_t chat, int64_t id);
const struct rules_message *rules_newest(const struct rules *r, int64_t chat, int nth);
size_t rules_message_count(const struct rules *r);
const struct rules_message *rules_message_at(const struct rules *r, size_t i);

/* What has changed for somebody's eyes, oldest first: the chat page follows it. */
enum news_kind {
    NEWS_PERSON,  /* id */
    NEWS_CHAT,    /* chat */
    NEWS_MESSAGE, /* chat, id: new, edited, voted on */
    NEWS_GONE,    /* chat, id */
    NEWS_TOAST,   /* id: the press */
    NEWS_ACTION,  /* chat: the bot is typing */
    NEWS_COMMANDS /* the lists of commands */
};
struct rules_news {
    enum news_kind kind;
    int64_t chat, id;
};
size_t rules_news_count(const struct rules *r);
const struct rules_news *rules_news(const struct rules *r, size_t i);

/* The ledger: one row a call that was answered or swallowed, oldest first. */
enum row_kind { ROW_OTHER, ROW_POLL, ROW_SENT, ROW_EDITED, ROW_TOAST };
struct rules_row {
    int64_t at_ms, chat, message; /* chat and message 0 when the call has none */
    int64_t began_us, ended_us;   /* steady clock: read whole, answer handed over; 0: no */
    enum row_kind kind;           /* what the method is for, also when refused */
    const char *method, *body;
    long status;
    const char *description; /* "" when ok */
    bool lost, fault;        /* the answer was swallowed; the refusal was asked for */
    struct shown shown;      /* sent or edited text; of a toast its text */
    const char *data;        /* of a toast: what was pressed */
};
size_t rules_ledger_count(const struct rules *r);
const struct rules_row *rules_ledger(const struct rules *r, size_t i);
void rules_ledger_time(struct rules *r, size_t row, int64_t began_us, int64_t ended_us);
/* Presses of that person that no call of answerCallbackQuery has named yet. */
int rules_spinners(const struct rules *r, int64_t person);

#endif
