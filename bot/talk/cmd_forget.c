/* /forget: everything about a person is erased, at the second tap. After it they are a
 * stranger, and /start begins anew. Works for strangers: groups may know them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/say.h"
#include "db/forget.h"
#include "db/posts.h"

enum { MEANT_MS = 10 * 60 * 1000 };

static enum err run(struct turn *t, const char *args)
{
    struct keyboard k = {0};
    int64_t token = turn_token(t);
    (void)args;
    enum err e = farewell_ask(t->db, t->update->user, token, t->now_ms + MEANT_MS);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_forget_all(&t->words),
                    arena_printf(t->arena, "x.%016" PRIx64, (uint64_t)token));
    keyboard_style(&k, BUTTON_RED);
    keyboard_button(&k, w_btn_forget_keep(&t->words), "x.keep");
    return e ? e : say(t, w_forget_ask(&t->words), &k);
}

/* Said in the pressed message; its post goes when that has been said: see told(). */
static enum err last_word(struct turn *t, int64_t rows)
{
    int64_t post;
    struct buf body = {0};
    enum err e = post_of_message(t->db, t->chat, t->update->message, &post);
    if (e)
        return e;
    method_text(&body, w_forgotten(&t->words, rows), NULL, false);
    e = outbox_add(t->db, &(struct outbox_row){.chat = t->chat,
                                               .class = t->class,
                                               .kind = KIND_EDIT,
                                               .method = "editMessageText",
                                               .post = post,
                                               .body = body.data,
                                               .told = "x",
                                               .due_ms = t->due_ms,
                                               .expires_ms = t->now_ms + REPLY_LIVES_MS});
    buf_free(&body);
    return e;
}

static enum err press(struct turn *t, const char *data)
{
    int64_t person = t->update->user, rows;
    if (strcmp(data, "keep") == 0) {
        enum err e = farewell_drop(t->db, person);
        return e ? e : say_here(t, w_forget_kept(&t->words), NULL);
    }
    enum err e =
        strlen(data) == 16 && strspn(data, "0123456789abcdef") == 16
            ? farewell_check(t->db, person, (int64_t)strtoull(data, NULL, 16), t->now_ms)
            : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND) {
        say_toast(t, w_toast_forget_late(&t->words));
        return OK;
    }
    if (!e)
        e = person_forget(t->db, person, &rows);
    t->known = false;
    t->bot->erased = true;
    return e ? e : last_word(t, rows);
}

static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    (void)data, (void)o;
    if (t->known) /* has begun anew meanwhile */
        return OK;
    t->bot->erased = true;
    return person_forget_posts(t->db, t->chat);
}

const struct feature cmd_forget = {.name = "forget",
                                   .about = w_about_forget,
                                   .run = run,
                                   .for_strangers = true,
                                   .prefix = "x",
                                   .press = press,
                                   .told = told};
