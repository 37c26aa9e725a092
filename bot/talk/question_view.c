/* question_view: how a question looks in each of its states, and which buttons it has. */
#include "bot/talk/question.h"

#include <inttypes.h>
#include <string.h>

#include "bot/talk/entry_reports.h"
#include "bot/talk/morning.h"
#include "db/alarms.h"
#include "db/bank.h"

/* Data of a button: "d.<token>.<code>"; question.c says what the codes do. */
static const char *data(struct turn *t, const struct delivery *d, const char *code)
{
    return arena_printf(t->arena, "d.%016" PRIx64 ".%s", (uint64_t)d->token, code);
}

static const char *lang_name(enum lang lang)
{
    return lang == LANG_RU ? "ru" : "en";
}

enum err question_head(struct turn *t, const struct words *w, const struct bank_question *q,
                       const char **out_html)
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
    *out_html = top ? w_head_top(w, title, top, level) : w_head(w, title, level);
    return OK;
}

/* The head line with the place in the sitting: "... · 2 of 5". */
static enum err head(struct turn *t, const struct words *w, const struct delivery *d,
                     const struct bank_question *q, struct buf *out)
{
    const char *html;
    struct sitting s;
    enum err e = question_head(t, w, q, &html);
    if (e)
        return e;
    buf_text(out, html);
    if (!d->sitting)
        return OK;
    e = sitting_find(t->db, d->sitting, &s);
    if (!e && s.size > 1)
        buf_text(out, w_head_place(w, d->place, s.size));
    return e;
}

static enum err add_part(struct turn *t, const struct words *w, const struct delivery *d,
                         int part, struct buf *out)
{
    const char *html;
    if (part == PART_POINTS)
        return points_page(t, d, out);
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
    struct streak streak;
    int64_t next_ms = 0;
    enum err e = d->sitting ? sitting_find(t->db, d->sitting, &s) : OK;
    *out_last = !e && s.done && d->place == s.end_place && s.day >= learner_today(t);
    if (!*out_last || (!rated && !s.scheduled))
        return e;
    e = streak_now(t, &streak);
    if (!e)
        e = alarm_due(t->db, "sitting", t->who.id, &next_ms);
    if (e && e != ERR_NOT_FOUND)
        return e;
    bool all_today = s.scheduled && (e || next_ms >= s.end_ms);
    const char *days = w_days(&t->words, streak.days);
    buf_text(out, "\n");
    buf_text(out,
             all_today ? w_sitting_done(&t->words, days) : w_streak_line(&t->words, days));
    if (streak.freezes)
        buf_text(out, w_streak_freezes(&t->words, streak.freezes));
    return OK;
}

/* The folded short answer, what the rating meant, and how the sitting ended. */
static enum err add_result(struct turn *t, const struct words *w, const struct delivery *d,
                           const struct bank_question *q, struct buf *out, bool *out_last)
{
    const char *result;
    buf_text(out, "\n\n<blockquote expandable>");
    enum err e = add_part(t, w, d, PART_SHORT_ALONE, out);
    buf_text(out, "</blockquote>\n\n");
    if (!e)
        e = rating_result(t, d, q->retired, &result);
    if (e)
        return e;
    buf_text(out, result);
    return add_end(t, d, true, out, out_last);
}

/* `points`: they can be ticked. */
static void navigation(struct turn *t, const struct delivery *d, const struct words *w,
                       bool points, struct keyboard *k)
{
    keyboard_row(k);
    if (d->part != PART_SHORT)
        keyboard_button(k, w_btn_short(&t->words), data(t, d, "p1"));
    if (d->part != PART_DEEP)
        keyboard_button(k, w_btn_deep(&t->words), data(t, d, "p2"));
    if (d->part != PART_PITFALLS && d->part != PART_SHORT)
        keyboard_button(k, w_btn_pitfalls(&t->words), data(t, d, "p3"));
    if (d->part == PART_SHORT && points)
        keyboard_button(k, w_btn_points(&t->words), data(t, d, "n"));
    keyboard_button(k, w->lang == LANG_RU ? "EN" : "RU", data(t, d, "l"));
    if (d->part == PART_PITFALLS)
        keyboard_button(k, "⋯", data(t, d, "o"));
}

/* The numbers of the points, each with what the next press of it does. */
static void points_rows(struct turn *t, const struct delivery *d, const struct words *w,
                        int n, struct keyboard *k)
{
    for (int i = 1; i <= n; i++) {
        bool on = d->ticks >> i & 1u;
        if (i % ROW_MAX == 1)
            keyboard_row(k);
        keyboard_button(k, arena_printf(t->arena, "%s%d", on ? "✓" : "", i),
                        data(t, d, arena_printf(t->arena, "%c%d", on ? 'f' : 't', i)));
    }
    keyboard_row(k);
    keyboard_button(k, w_btn_points_done(&t->words), data(t, d, "y"));
    keyboard_style(k, BUTTON_GREEN);
    keyboard_button(k, w->lang == LANG_RU ? "EN" : "RU", data(t, d, "l"));
}

static enum err rating_rows(struct turn *t, const struct delivery *d, struct keyboard *k)
{
    const char *labels[5];
    int proposed = 0;
    enum err e = rating_labels(t, d, labels);
    if (!e)
        e = points_proposed(t, d, &proposed);
    for (int grade = 1; !e && grade <= 4; grade++) {
        if (grade % 2)
            keyboard_row(k);
        keyboard_button(
            k, arena_printf(t->arena, "%s%s", grade == proposed ? "✓ " : "", labels[grade]),
            data(t, d, arena_printf(t->arena, "%d", grade)));
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
        keyboard_button(k, "⋯", data(t, d, "o"));
        return OK;
    }
    int points;
    enum err e = points_count(t, d, &points);
    if (!e && d->part == PART_POINTS) {
        points_rows(t, d, w, points, k);
        return OK;
    }
    if (!e)
        e = rating_rows(t, d, k);
    navigation(t, d, w, points > 0, k);
    return e;
}

static void closed_keyboard(struct turn *t, const struct delivery *d, const struct words *w,
                            bool last, struct keyboard *k)
{
    if (d->part != PART_QUESTION) {
        navigation(t, d, w, false, k);
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
        e = add_result(t, &w, d, &q, &b, &last);
    } else if (!e && (d->state == DELIVERY_SKIPPED || d->state == DELIVERY_KNOWN)) {
        buf_text(&b, "\n\n");
        buf_text(&b, d->state == DELIVERY_KNOWN ? w_known(&t->words, KNOWN_DAYS)
                                                : w_skipped(&t->words));
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

/* What the message shows anyway, and a line below it. */
static enum err with_line(struct turn *t, const struct delivery *d, const char *line,
                          const char **out_html)
{
    struct keyboard ignored = {0};
    enum err e = question_view(t, d, out_html, &ignored);
    if (!e)
        *out_html = arena_printf(t->arena, "%s\n\n%s", *out_html, line);
    return e;
}

enum err question_second_step(struct turn *t, const struct delivery *d,
                              const char **out_html, struct keyboard *k)
{
    struct bank_question q;
    enum err e = bank_question(t->db, t->arena, d->question, &q);
    if (!e)
        e = with_line(t, d, w_question_id(&t->words, q.id), out_html);
    if (d->part == PART_QUESTION) {
        keyboard_row(k);
        keyboard_button(k, w_btn_know(&t->words), data(t, d, "i"));
    }
    keyboard_row(k);
    keyboard_button(k, w_btn_report_entry(&t->words), data(t, d, "r"));
    keyboard_row(k);
    keyboard_button(k, w_btn_back(&t->words), data(t, d, "b"));
    return e;
}

enum err question_reasons(struct turn *t, const struct delivery *d, const char **out_html,
                          struct keyboard *k)
{
    enum report_reason given = REPORT_NONE;
    const struct words *w = &t->words;
    enum err e = report_reason_of(t->db, d->question, t->who.id, &given);
    if (!e)
        e = with_line(t, d, w_report_why(w), out_html);
    for (int r = REPORT_NONE + 1; r < REPORT_REASONS; r++) {
        const char *name = report_reason_name(w, (enum report_reason)r);
        keyboard_row(k);
        keyboard_button(k,
                        arena_printf(t->arena, "%s%s", r == (int)given ? "✓ " : "", name),
                        data(t, d, arena_printf(t->arena, "r%d", r)));
    }
    keyboard_row(k);
    if (given != REPORT_NONE)
        keyboard_button(k, w_btn_report_take_back(w), data(t, d, "r0"));
    keyboard_button(k, w_btn_back(w), data(t, d, "b"));
    return e;
}
