#include "bot/talk/question.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/first_time.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "db/alarms.h"
#include "db/bank.h"
#include "db/posts.h"

enum { MORE = 3 };

static const char *data(struct turn *t, const struct delivery *d, const char *code)
{
    return arena_printf(t->arena, "d.%016" PRIx64 ".%s", (uint64_t)d->token, code);
}

static const char *lang_name(enum lang lang)
{
    return lang == LANG_RU ? "ru" : "en";
}

/* "Django · часто спрашивают: топ-5 % · middle · 2 из 5" */
static enum err head(struct turn *t, const struct words *w, const struct delivery *d,
                     const struct bank_question *q, struct buf *out)
{
    struct bank_topic topic;
    enum err e = bank_topic(t->db, t->arena, q->topic, &topic);
    if (e)
        return e;
    const char *title = w->lang == LANG_RU ? topic.title_ru : topic.title_en;
    const char *level = q->level == 1   ? w_level_junior(w)
                        : q->level == 2 ? w_level_middle(w)
                                        : w_level_senior(w);
    int top = q->likelihood < 0.05   ? 5
              : q->likelihood < 0.10 ? 10
              : q->likelihood < 0.25 ? 25
                                     : 0;
    buf_text(out, top ? w_head_top(w, title, top, level) : w_head(w, title, level));
    if (d->sitting) {
        struct sitting s;
        e = sitting_find(t->db, d->sitting, &s);
        if (!e && s.size > 1)
            buf_text(out, w_head_place(w, d->place, s.size));
    }
    return e;
}

static enum err add_part(struct turn *t, const struct words *w, const struct delivery *d,
                         int part, struct buf *out)
{
    const char *html;
    enum err e = bank_page(t->db, t->arena, d->question, lang_name(w->lang), part, &html);
    if (!e)
        buf_text(out, html);
    return e;
}

/* How the sitting ended, under its last question and on its day. One that nobody scheduled
 * has no end but the streak, when it moved. */
static enum err add_end(struct turn *t, const struct delivery *d, bool rated,
                        struct buf *out, bool *out_last)
{
    struct sitting s = {0};
    int64_t streak, next_ms = 0;
    enum err e = d->sitting ? sitting_find(t->db, d->sitting, &s) : OK;
    *out_last = !e && s.done && d->place == s.size && s.day >= learner_today(t);
    if (!*out_last || (!rated && !s.scheduled))
        return e;
    e = streak_now(t, &streak);
    if (!e)
        e = alarm_due(t->db, "sitting", t->who.id, &next_ms);
    if (e && e != ERR_NOT_FOUND)
        return e;
    bool all_today = s.scheduled && (e || next_ms >= s.end_ms);
    const char *days = w_days(&t->words, streak);
    buf_text(out, "\n");
    buf_text(out,
             all_today ? w_sitting_done(&t->words, days) : w_streak_line(&t->words, days));
    return OK;
}

/* The folded short answer, what the rating meant, and how the sitting ended. */
static enum err add_result(struct turn *t, const struct words *w, const struct delivery *d,
                           struct buf *out, bool *out_last)
{
    const char *result;
    buf_text(out, "\n\n<blockquote expandable>");
    enum err e = add_part(t, w, d, PART_SHORT_ALONE, out);
    buf_text(out, "</blockquote>\n\n");
    if (!e)
        e = rating_result(t, d, &result);
    if (e)
        return e;
    buf_text(out, result);
    return add_end(t, d, true, out, out_last);
}

static void navigation(struct turn *t, const struct delivery *d, const struct words *w,
                       struct keyboard *k)
{
    keyboard_row(k);
    if (d->part != PART_SHORT)
        keyboard_button(k, w_btn_short(&t->words), data(t, d, "p1"));
    if (d->part != PART_DEEP)
        keyboard_button(k, w_btn_deep(&t->words), data(t, d, "p2"));
    if (d->part != PART_PITFALLS && d->part != PART_SHORT)
        keyboard_button(k, w_btn_pitfalls(&t->words), data(t, d, "p3"));
    keyboard_button(k, w->lang == LANG_RU ? "EN" : "RU", data(t, d, "l"));
}

static enum err rating_rows(struct turn *t, const struct delivery *d, struct keyboard *k)
{
    const char *labels[5];
    enum err e = rating_labels(t, d, labels);
    for (int grade = 1; !e && grade <= 4; grade++) {
        if (grade % 2)
            keyboard_row(k);
        keyboard_button(k, labels[grade], data(t, d, arena_printf(t->arena, "%d", grade)));
        if (grade == 1)
            keyboard_style(k, BUTTON_RED);
        if (grade == 3)
            keyboard_style(k, BUTTON_GREEN);
    }
    return e;
}

static enum err open_keyboard(struct turn *t, const struct delivery *d,
                              const struct words *w, struct keyboard *k)
{
    if (d->part == PART_QUESTION) {
        keyboard_row(k);
        keyboard_button(k, w_btn_answer(&t->words), data(t, d, "a"));
        keyboard_row(k);
        keyboard_button(k, w_btn_skip(&t->words), data(t, d, "k"));
        keyboard_button(k, w->lang == LANG_RU ? "EN" : "RU", data(t, d, "l"));
        return OK;
    }
    enum err e = rating_rows(t, d, k);
    navigation(t, d, w, k);
    return e;
}

static void closed_keyboard(struct turn *t, const struct delivery *d, const struct words *w,
                            bool last, struct keyboard *k)
{
    if (d->part != PART_QUESTION) {
        navigation(t, d, w, k);
        keyboard_row(k);
        keyboard_button(k, w_btn_fold(&t->words), data(t, d, "p0"));
        return;
    }
    keyboard_row(k);
    keyboard_button(k, w_btn_deep(&t->words), data(t, d, "p2"));
    if (d->state == DELIVERY_RATED)
        keyboard_button(k, w_btn_undo(&t->words), data(t, d, "u"));
    if (last) {
        keyboard_row(k);
        keyboard_button(k, w_btn_three_more(&t->words), data(t, d, "m"));
        keyboard_style(k, BUTTON_BLUE);
    }
}

enum err question_view(struct turn *t, const struct delivery *d, const char **out_html,
                       struct keyboard *k)
{
    struct buf b = {0};
    struct bank_question q;
    bool last = false;
    struct words w = {t->arena, strcmp(d->lang, "ru") == 0 ? LANG_RU : LANG_EN};
    enum err e = bank_question(t->db, t->arena, d->question, &q);
    if (!e)
        e = head(t, &w, d, &q, &b);
    buf_text(&b, "\n\n");
    if (!e)
        e = add_part(t, &w, d, PART_QUESTION, &b);
    if (!e && d->part != PART_QUESTION) {
        buf_text(&b, "\n\n");
        e = add_part(t, &w, d, d->part, &b);
    } else if (!e && d->state == DELIVERY_RATED) {
        e = add_result(t, &w, d, &b, &last);
    } else if (!e && d->state == DELIVERY_SKIPPED) {
        buf_text(&b, "\n\n");
        buf_text(&b, w_skipped(&t->words));
        e = add_end(t, d, false, &b, &last);
    }
    if (!e && d->state == DELIVERY_OPEN)
        e = open_keyboard(t, d, &w, k);
    else if (!e)
        closed_keyboard(t, d, &w, last, k);
    *out_html = b.data ? arena_text(t->arena, b.data, b.len) : "";
    buf_free(&b);
    return e;
}

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
    return e || !next.id ? e : serve_put(t, &next);
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
    if (!e && s.done && d->place == s.size && s.day >= learner_today(t) - 1)
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
    if (strcmp(code, "k") == 0 && open && d->part == PART_QUESTION)
        return on_skip(t, d);
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
    return e || !next.id ? e : serve_put(t, &next);
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
