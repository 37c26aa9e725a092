#include "bot/talk/say.h"

#include "db/posts.h"
#include "db/sittings.h"

/* The row's chat, class, body and time are filled in here. */
static enum err add(struct turn *t, struct outbox_row row, struct buf *body)
{
    row.chat = t->chat;
    row.class = t->class;
    row.body = body->data;
    row.due_ms = t->due_ms;
    enum err e = outbox_add(t->db, &row);
    buf_free(body);
    return e;
}

static int64_t lifetime(enum outbox_kind kind)
{
    return kind == KIND_QUESTION ? QUESTION_LIVES_MS
           : kind == KIND_EDIT   ? EDIT_LIVES_MS
                                 : REPLY_LIVES_MS;
}

enum err say_new(struct turn *t, const struct speech *s, int64_t *out_post)
{
    int64_t post;
    struct buf body = {0};
    enum err e = post_new(t->db, t->chat, t->thread, &post);
    if (e)
        return e;
    if (out_post)
        *out_post = post;
    const char *made =
        s->file ? arena_printf(t->arena, EXPORT_MAKER "%s", s->file) : s->picture;
    (made ? method_caption : method_text)(&body, s->html, s->keyboard, s->silent);
    return add(t,
               (struct outbox_row){.kind = s->kind,
                                   .method = s->file      ? "sendDocument"
                                             : s->picture ? "sendPhoto"
                                                          : "sendMessage",
                                   .post = post,
                                   .picture = made,
                                   .told = s->told,
                                   .expires_ms = s->expires_ms
                                                     ? s->expires_ms
                                                     : t->now_ms + lifetime(s->kind)},
               &body);
}

enum err say_poll(struct turn *t, const struct poll_of_quiz *q, int64_t expires_ms,
                  const char *told, int64_t *out_post)
{
    struct buf body = {0};
    enum err e = post_new(t->db, t->chat, t->thread, out_post);
    if (e)
        return e;
    method_quiz(&body, q);
    return add(t,
               (struct outbox_row){.kind = KIND_POLL,
                                   .method = "sendPoll",
                                   .post = *out_post,
                                   .told = told,
                                   .expires_ms = expires_ms},
               &body);
}

enum err say_poll_over(struct turn *t, int64_t post, int64_t closes_ms)
{
    struct buf body = {0};
    if (!post) /* it lies where the group was before it became a supergroup */
        return OK;
    buf_text(&body, "{}");
    return add(
        t,
        (struct outbox_row){
            .kind = KIND_EDIT, .method = "stopPoll", .post = post, .expires_ms = closes_ms},
        &body);
}

enum err say_who_is(struct turn *t, int64_t person, const char *told)
{
    struct buf body = {0};
    method_member(&body, person);
    return add(t,
               (struct outbox_row){.kind = KIND_ASK,
                                   .method = "getChatMember",
                                   .told = told,
                                   .expires_ms = t->now_ms + REPLY_LIVES_MS},
               &body);
}

enum err say(struct turn *t, const char *html, const struct keyboard *k)
{
    return say_new(t, &(struct speech){.kind = KIND_REPLY, .html = html, .keyboard = k},
                   NULL);
}

enum err say_edit(struct turn *t, int64_t post, const char *html, const struct keyboard *k)
{
    struct buf body = {0};
    method_text(&body, html, k, false);
    return add(t,
               (struct outbox_row){.kind = KIND_EDIT,
                                   .method = "editMessageText",
                                   .post = post,
                                   .expires_ms = t->now_ms + EDIT_LIVES_MS},
               &body);
}

/* The post of the pressed message. One that we do not know is the reply whose answer got
 * lost: it has arrived and need not be sent again. */
static enum err pressed_post(struct turn *t, int64_t *out_post)
{
    int64_t old;
    const struct update *u = t->update;
    enum err e = post_find(t->db, u->chat, u->message, out_post);
    if (e != ERR_NOT_FOUND)
        return e;
    e = outbox_lost_reply(t->db, u->chat, out_post);
    if (!e && *out_post == 0)
        return post_of_message(t->db, u->chat, u->message, out_post);
    if (!e)
        e = post_adopt(t->db, *out_post, u->message, &old);
    return e ? e : outbox_arrived(t->db, *out_post);
}

enum err say_pressed(struct turn *t, int64_t *out_post)
{
    struct delivery d;
    enum err e = pressed_post(t, out_post);
    if (!e)
        e = delivery_by_post(t->db, t->arena, *out_post, &d);
    return e == ERR_NOT_FOUND ? OK : e ? e : ERR_REFUSED;
}

enum err say_here(struct turn *t, const char *html, const struct keyboard *k)
{
    int64_t post;
    enum err e = say_pressed(t, &post);
    if (e != ERR_REFUSED)
        return e ? e : say_edit(t, post, html, k);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

void say_toast(struct turn *t, const char *text)
{
    struct bot *b = t->bot;
    struct toast *last = b->toast_n ? &b->toasts[b->toast_n - 1] : NULL;
    if (last && t->update && last->query == t->update->query && !*last->text)
        last->text = text;
}
