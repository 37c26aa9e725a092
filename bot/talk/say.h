/* say: how a feature speaks. Adds rows to the outbox; nothing here sends. */
#ifndef TALK_SAY_H
#define TALK_SAY_H

#include "bot/talk/route.h"
#include "bot/telegram/method.h"

/* How long an undelivered row is worth sending. */
enum {
    REPLY_LIVES_MS = 600 * 1000,
    QUESTION_LIVES_MS = 6 * 3600 * 1000,
    EDIT_LIVES_MS = 48 * 3600 * 1000
};

struct speech {
    enum outbox_kind kind;
    const char *html;
    const struct keyboard *keyboard; /* NULL: none */
    bool silent;
    int64_t expires_ms;  /* 0: by its kind */
    const char *picture; /* what sobes-draw is given; html is its caption. NULL: none */
    const char *file;    /* the export goes along under this name, html is its caption */
    const char *told;    /* see struct feature; NULL: nobody */
};

/* A new message to t->chat; its post is given when out_post is not NULL. */
enum err say_new(struct turn *t, const struct speech *s, int64_t *out_post);
/* The common case: an answer to what the person just did. */
enum err say(struct turn *t, const char *html, const struct keyboard *k);
/* A quiz of Telegram's own, at most once. */
enum err say_poll(struct turn *t, const struct poll_of_quiz *q, int64_t expires_ms,
                  const char *told, int64_t *out_post);
/* The poll takes no more answers; at closes_ms it closes by itself. */
enum err say_poll_over(struct turn *t, int64_t post, int64_t closes_ms);
/* Asks Telegram what `person` is in t->chat; told() hears the status. */
enum err say_who_is(struct turn *t, int64_t person, const char *told);
/* The message of a post becomes this. */
enum err say_edit(struct turn *t, int64_t post, const char *html, const struct keyboard *k);
/* The message that holds the pressed button becomes this; a question's message is left
 * alone and the person told that the button is old. */
enum err say_here(struct turn *t, const char *html, const struct keyboard *k);
/* The post of the message that holds the pressed button; ERR_REFUSED: a question's, or none
 * that a press may change. */
enum err say_pressed(struct turn *t, int64_t *out_post);
/* Answers the press. Only the first of a turn counts; without one the spinner is stopped
 * silently. */
void say_toast(struct turn *t, const char *text);

#endif
