#include "bot/talk/question.h"

#include <stdlib.h>
#include <string.h>

#include "bot/talk/first_time.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "db/bank.h"
#include "db/posts.h"

enum { MORE = 3 };

static enum err redraw(struct turn *t, struct delivery *d)
{
    struct keyboard k = {0};
    const char *html;
    enum err e = delivery_save(t->db, d);
    if (!e)
        e = question_view(t, d, &html, &k);
    return e ? e : say_edit(t, d->post, html, &k);
}

/* The message becomes the note that stays; then the next question follows, if any. */
static enum err finish(struct turn *t, struct delivery *d)
{
    struct delivery next;
    enum err e = delivery_save(t->db, d);
    if (!e)
        e = serve_next(t, d, &next);
    if (!e)
        e = redraw(t, d);
    return e || !next.id ? e : serve_put(t, &next, true, 0);
}

/* Known without having been asked: it comes back once, a month later, and no rating is
 * counted. */
static enum err on_know(struct turn *t, struct delivery *d)
{
    enum err e = rating_know(t, d);
    if (e)
        return e;
    d->state = DELIVERY_KNOWN;
    d->part = PART_QUESTION;
    return finish(t, d);
}

static enum err on_second_step(struct turn *t, const struct delivery *d)
{
    struct keyboard k = {0};
    const char *html;
    enum err e = question_second_step(t, d, &html, &k);
    return e ? e : say_edit(t, d->post, html, &k);
}

static enum err on_reasons(struct turn *t, const struct delivery *d)
{
    struct keyboard k = {0};
    const char *html;
    enum err e = question_reasons(t, d, &html, &k);
    return e ? e : say_edit(t, d->post, html, &k);
}

/* REPORT_NONE takes back what this person has said of the entry. */
static enum err on_report(struct turn *t, struct delivery *d, int reason)
{
    enum err e = reason == REPORT_NONE
                     ? report_take_back(t->db, d->question, t->who.id)
                     : report_reason_give(t->db, d->question, t->who.id,
                                          (enum report_reason)reason, t->now_ms);
    if (!e)
        e = redraw(t, d);
    if (!e)
        say_toast(t, reason == REPORT_NONE ? w_toast_report_taken_back(&t->words)
                                           : w_toast_reported(&t->words));
    return e;
}

/* What [⋯] leads to, below a question that is open and below the last page of an answer. */
static enum err on_rare(struct turn *t, struct delivery *d, const char *code,
                        bool *out_done)
{
    *out_done = true;
    if (strcmp(code, "o") == 0)
        return on_second_step(t, d);
    if (strcmp(code, "b") == 0)
        return redraw(t, d);
    if (strcmp(code, "r") == 0)
        return on_reasons(t, d);
    if (code[0] == 'r' && code[1] >= '0' && code[1] < '0' + REPORT_REASONS && !code[2])
        return on_report(t, d, code[1] - '0');
    *out_done = false;
    return OK;
}

static enum err on_skip(struct turn *t, struct delivery *d)
{
    d->state = DELIVERY_SKIPPED;
    d->day = learner_today(t); /* not before tomorrow, however old the question is */
    d->part = PART_QUESTION;
    return finish(t, d);
}

static enum err on_rate(struct turn *t, struct delivery *d, int grade)
{
    enum err e = rating_store(t, d, grade);
    if (e)
        return e;
    d->state = DELIVERY_RATED;
    d->part = PART_QUESTION;
    e = finish(t, d);
    if (!e)
        say_toast(t, w_toast_saved(&t->words));
    return e ? e : first_time_after_rating(t);
}

static enum err on_undo(struct turn *t, struct delivery *d)
{
    enum err e = rating_undo(t, d);
    if (e == ERR_REFUSED) {
        say_toast(t, w_toast_undo_late(&t->words));
        return OK;
    }
    d->state = DELIVERY_OPEN;
    d->part = PART_SHORT;
    if (!e)
        e = redraw(t, d);
    if (!e)
        say_toast(t, w_toast_undone(&t->words));
    return e;
}

/* Three more, once: a second press, or one under a message of another day, starts nothing.
 */
static enum err on_more(struct turn *t, const struct delivery *d)
{
    struct sitting s;
    bool newest = false;
    int found = 0;
    enum err e = sitting_find(t->db, d->sitting, &s);
    if (!e && s.done && d->place == s.end_place && s.day >= learner_today(t) - 1)
        e = sitting_is_newest(t->db, d->learner, d->sitting, &newest);
    if (!e && newest)
        e = serve_now(t, NULL, MORE, &found);
    if (!e && !newest)
        say_toast(t, w_toast_old(&t->words));
    else if (!e && !found)
        e = say(t, w_nothing_now(&t->words), NULL);
    return e;
}

/* Which codes a delivery answers to in its state; the rest of the world is refused. */
static enum err on_code(struct turn *t, struct delivery *d, const char *code)
{
    bool open = d->state == DELIVERY_OPEN;
    if (strcmp(code, "a") == 0 && open && d->part == PART_QUESTION) {
        d->part = PART_SHORT;
        return redraw(t, d);
    }
    if (open && d->part == PART_QUESTION && strcmp(code, "k") == 0)
        return on_skip(t, d);
    if (open && d->part == PART_QUESTION && strcmp(code, "i") == 0)
        return on_know(t, d);
    bool done = false;
    enum err e = (open && d->part == PART_QUESTION) || d->part == PART_PITFALLS
                     ? on_rare(t, d, code, &done)
                     : OK;
    if (e || done)
        return e;
    enum points_move move;
    e = points_press(t, d, code, &move);
    if (e || move != POINTS_NOT_OURS)
        return e || move == POINTS_STAYED ? e : redraw(t, d);
    if (strcmp(code, "m") == 0 && !open && d->sitting)
        return on_more(t, d);
    if (strcmp(code, "u") == 0 && d->state == DELIVERY_RATED)
        return on_undo(t, d);
    if (code[0] >= '1' && code[0] <= '4' && !code[1] && open && d->part != PART_QUESTION)
        return on_rate(t, d, code[0] - '0');
    if (strcmp(code, "l") == 0) {
        d->lang = strcmp(d->lang, "ru") == 0 ? "en" : "ru";
        return redraw(t, d);
    }
    int part =
        code[0] == 'p' && code[1] >= '0' && code[1] <= '3' && !code[2] ? code[1] - '0' : -1;
    bool shown = part != PART_QUESTION && d->part != PART_QUESTION; /* the answer, open */
    if (part >= 0 && part != d->part && (!open || shown)) {
        d->part = part;
        return redraw(t, d);
    }
    say_toast(t, d->state == DELIVERY_RATED ? w_toast_rated(&t->words)
                                            : w_toast_old(&t->words));
    return OK;
}

/* A copy may have gone out after a crash: the pressed one is the message from now on, the
 * other loses its keyboard. Also what tells us that an unanswered send has arrived. */
static enum err adopt_pressed(struct turn *t, struct delivery *d, bool *out_moved)
{
    int64_t old;
    enum err e = post_adopt(t->db, d->post, t->update->message, &old);
    *out_moved = !e && old;
    if (!e)
        e = outbox_arrived(t->db, d->post);
    if (!e && d->sitting)
        e = sitting_sent(t->db, d->sitting, t->now_ms);
    return e || !old ? e : say_edit(t, old, w_copy(&t->words), NULL);
}

/* The bank no longer holds the question: said once, and the sitting goes on. */
static enum err gone(struct turn *t, struct delivery *d)
{
    bool was_open = d->state == DELIVERY_OPEN;
    struct delivery next = {0};
    say_toast(t, w_toast_gone(&t->words));
    d->state = DELIVERY_DROPPED;
    enum err e = delivery_save(t->db, d);
    if (!e)
        e = say_edit(t, d->post, w_question_gone(&t->words), NULL);
    if (!e && was_open)
        e = serve_next(t, d, &next);
    return e || !next.id ? e : serve_put(t, &next, true, 0);
}

static enum err press(struct turn *t, const char *text)
{
    struct delivery d;
    struct bank_question q;
    char *end;
    if (strspn(text, "0123456789abcdef") != 16 || text[16] != '.') {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    int64_t token = (int64_t)strtoull(text, &end, 16);
    enum err e = delivery_by_token(t->db, t->arena, token, &d);
    if (e == ERR_NOT_FOUND || (!e && (d.state == DELIVERY_PLANNED || !d.post))) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (e)
        return e;
    if (d.learner != t->update->user) {
        say_toast(t, w_toast_not_yours(&t->words));
        return OK;
    }
    bool moved = false;
    e = d.state == DELIVERY_DROPPED ? ERR_REFUSED : adopt_pressed(t, &d, &moved);
    if (e == ERR_REFUSED) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (!e)
        e = bank_question(t->db, t->arena, d.question, &q);
    if (e == ERR_NOT_FOUND)
        return gone(t, &d);
    if (!e && moved) /* it shows what the other one showed, whatever the press is worth */
        e = redraw(t, &d);
    return e ? e : on_code(t, &d, end + 1);
}

const struct feature question_feature = {.prefix = "d", .press = press};
