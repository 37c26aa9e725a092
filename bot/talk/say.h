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
    int64_t expires_ms; /* 0: by its kind */
};

/* A new message to t->who; its post is given when out_post is not NULL. */
enum err say_new(struct turn *t, const struct speech *s, int64_t *out_post);
/* The common case: an answer to what the person just did. */
enum err say(struct turn *t, const char *html, const struct keyboard *k);
/* The message of a post becomes this. */
enum err say_edit(struct turn *t, int64_t post, const char *html, const struct keyboard *k);
/* The message that holds the pressed button becomes this; a question's message is left
 * alone and the person told that the button is old. */
enum err say_here(struct turn *t, const char *html, const struct keyboard *k);
/* Answers the press. Only the first of a turn counts; without one the spinner is stopped
 * silently. */
void say_toast(struct turn *t, const char *text);

#endif
