/* rules: Telegram's side of the Bot API as a pure library: people, private chats,
 * messages, the queue of updates, the methods this bot uses, with the checks and the error
 * strings of the real server. No socket and no clock: the time comes in with each call.
 *
 * Scenes play against it through tests/fake_http.c; build/local_telegram serves it over
 * real HTTP. Everything lent lives as long as the rules. Times are milliseconds UTC. */
#ifndef LOCAL_RULES_H
#define LOCAL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/base/buf.h"

enum {
    RULES_BODY_MAX = 1 << 20,  /* bytes of parameters, more is 413 */
    RULES_TEXT_MAX = 4096,     /* code points after parsing */
    RULES_RAW_MAX = 32768,     /* bytes before parsing */
    RULES_TOAST_MAX = 200,     /* code points */
    RULES_DATA_MAX = 64,       /* bytes of callback_data */
    RULES_ROW_MAX = 8,         /* buttons in a row */
    RULES_BUTTONS_MAX = 100,   /* buttons in all */
    RULES_COMMANDS_MAX = 100,  /* in one list */
    RULES_QUERY_MS = 150000,   /* a press can be answered and is queued for so long */
    RULES_UPDATE_MS = 86400000 /* any other update is queued for so long */
};

struct rules;

struct rules *rules_new(const char *token, const char *username);
void rules_free(struct rules *r); /* NULL is fine */
bool rules_token_ok(const struct rules *r, const char *token);

/* People and what they do. False: no such person, or the person blocks the bot. */
void rules_person(struct rules *r, int64_t id, const char *name, const char *lang);
bool rules_text(struct rules *r, int64_t now_ms, int64_t person, const char *text);
/* Presses any data on any message id: the real button, or a forged one. */
bool rules_press(struct rules *r, int64_t now_ms, int64_t person, int64_t message,
                 const char *data);
bool rules_block(struct rules *r, int64_t now_ms, int64_t person, bool blocks);
bool rules_again(struct rules *r); /* the newest update comes once more */
void rules_number_from(struct rules *r, int64_t update); /* the next update's id */
bool rules_waiting(const struct rules *r); /* updates that were not confirmed */

/* One call of a method. `out` is emptied first; its body is the caller's to free. */
struct rules_answer {
    long status;
    struct buf body;
    int64_t retry_after_s; /* the Retry-After header, 0 for none */
    int64_t delay_ms;      /* the answer leaves so much later */
    int64_t wait_ms;       /* getUpdates found nothing: hold the request, ask again with
                              rules_poll() after any update, end with rules_poll_over() */
    bool refused;          /* nobody is listening: the call was not even read */
    bool lost;             /* done, but the answer is swallowed */
};
void rules_call(struct rules *r, int64_t now_ms, const char *method, const char *json,
                size_t len, struct rules_answer *out);
void rules_poll(struct rules *r, int64_t now_ms, const char *json, size_t len,
                struct rules_answer *out);
void rules_poll_over(struct rules *r, int64_t now_ms, struct rules_answer *out);
/* The answer to a held getUpdates when another one comes. */
void rules_conflict(struct rules *r, int64_t now_ms, struct rules_answer *out);

/* Faults: the next `times` calls of a method ("*": any) to a chat (0: any). 429 and the
 * statuses are not executed; half and swallow are, and their answer suffers. */
enum fault_kind {
    FAULT_STATUS,  /* JSON error with the code in `value` */
    FAULT_FLOOD,   /* 429, retry_after = value seconds */
    FAULT_HTML,    /* 502 with a page of HTML */
    FAULT_HALF,    /* done; the JSON ends in the middle */
    FAULT_SWALLOW, /* done; no answer */
    FAULT_REFUSE,  /* not done; no connection */
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

/* What people see. */
struct shown_button {
    const char *text, *data; /* data NULL: not a callback button */
    int row;
};
struct shown {
    const char *text;     /* plain, as read on a phone */
    const char *entities; /* formatting, one line, for comparing */
    const char *markup;   /* the keyboard as JSON, "" for none */
    const struct shown_button *button;
    int buttons;
    int dropped; /* formatting that the server silently lost */
};
struct rules_message {
    int64_t id, chat, at_ms, edited_ms; /* edited_ms 0: never */
    bool from_bot, silent;
    struct shown now;
};
/* NULL: no such message in that chat. nth 1 is the newest one of the bot. */
const struct rules_message *rules_message(const struct rules *r, int64_t chat, int64_t id);
const struct rules_message *rules_newest(const struct rules *r, int64_t chat, int nth);
size_t rules_message_count(const struct rules *r);
const struct rules_message *rules_message_at(const struct rules *r, size_t i);

/* The ledger: one row a call that was answered or swallowed, oldest first. */
enum row_kind { ROW_OTHER, ROW_POLL, ROW_SENT, ROW_EDITED, ROW_TOAST };
struct rules_row {
    int64_t at_ms, chat, message; /* chat and message 0 when the call has none */
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
/* Presses of that person that no call of answerCallbackQuery has named yet. */
int rules_spinners(const struct rules *r, int64_t person);

#endif
