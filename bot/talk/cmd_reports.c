/* /reports: to operators, the quizzes that players have called wrong and that are out of
 * battles since, and what follows when their key was wrong; then the entries that readers
 * have found a mistake in.
 *
 * "e.QUESTION.CODE": k the key is right, back into battles; w.OPTIONS which are right as
 * well (a bit each); y.OPTIONS these are, give the points back; b the first view again;
 * d what readers said of the entry is dealt with. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/battle.h"
#include "bot/talk/entry_reports.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/bank.h"
#include "db/records.h"

enum {
    AT_ONCE = 5,
    OPTIONS_ALL = (1 << BATTLE_OPTIONS) - 1,
    ROUNDS_MAX = 100,       /* of one quiz in one group in 30 days */
    ONWARDS_MS = 100,       /* from one group to the next */
    LATER_MS = 3600 * 1000, /* after failures */
    ASK_SHOWN = 80,         /* code points of the question in a group's line */
};
#define GIVEN_BACK_MS (30LL * 24 * 3600 * 1000)

/* ---- what an operator sees ---- */

static const char *data(struct turn *t, int64_t question, const char *code)
{
    return arena_printf(t->arena, "e.%" PRId64 ".%s", question, code);
}

static const char *data_of(struct turn *t, int64_t question, char code, unsigned options)
{
    return data(t, question, arena_printf(t->arena, "%c.%u", code, options));
}

/* ERR_NOT_FOUND: the bank has no such quiz any more. */
static enum err add_quiz(struct turn *t, int64_t question, struct quiz *quiz,
                         struct buf *html)
{
    struct bank_question q;
    struct amends a;
    int reports;
    const struct words *w = &t->words;
    enum err e = bank_question(t->db, t->arena, question, &q);
    if (!e)
        e = quiz_find(t->db, t->arena, question, t->who.lang, quiz);
    if (!e)
        e = reports_count(t->db, question, &reports);
    if (!e)
        e = quiz_amends(t->db, question, &a);
    if (e)
        return e;
    buf_text(html, w_report_head(w, q.id, w_reports(w, reports)));
    buf_text(html, "\n<b>");
    buf_escape(html, quiz->ask);
    buf_text(html, "</b>\n");
    buf_text(html, quiz->code_html);
    for (int i = 0; i < BATTLE_OPTIONS; i++) {
        buf_printf(html, "\n%s ",
                   i == quiz->right     ? "✅"
                   : a.options >> i & 1 ? "☑️"
                                        : "▫️");
        buf_escape(html, quiz->option[i]);
    }
    return OK;
}

static void add_verdicts(struct turn *t, int64_t question, struct keyboard *k)
{
    keyboard_row(k);
    keyboard_button(k, w_btn_key_right(&t->words), data(t, question, "k"));
    keyboard_row(k);
    keyboard_button(k, w_btn_key_wrong(&t->words), data_of(t, question, 'w', 0));
}

/* A tick for each option that is right as well. */
static void add_options(struct turn *t, int64_t question, const struct quiz *quiz,
                        unsigned options, struct keyboard *k)
{
    for (int i = 0; i < BATTLE_OPTIONS; i++) {
        unsigned bit = 1u << i;
        if (i == quiz->right)
            continue;
        keyboard_row(k);
        keyboard_button(
            k, arena_printf(t->arena, "%s%s", options & bit ? "✅ " : "", quiz->option[i]),
            data_of(t, question, 'w', options ^ bit));
    }
    keyboard_row(k);
    if (options) {
        keyboard_button(k, w_btn_give_points(&t->words),
                        data_of(t, question, 'y', options));
        keyboard_style(k, BUTTON_GREEN);
    }
    keyboard_button(k, w_btn_reports_back(&t->words), data(t, question, "b"));
}

static enum err list_one(struct turn *t, int64_t question)
{
    struct buf html = {0};
    struct keyboard k = {0};
    struct quiz quiz;
    enum err e = add_quiz(t, question, &quiz, &html);
    if (!e)
        add_verdicts(t, question, &k);
    if (e == ERR_NOT_FOUND) {
        buf_text(&html, w_report_gone(&t->words, question));
        keyboard_button(&k, w_btn_report_forget(&t->words), data(t, question, "k"));
        e = OK;
    }
    if (!e)
        e = say(t, html.data, &k);
    buf_free(&html);
    return e;
}

static enum err run(struct turn *t, const char *args)
{
    int64_t out[AT_ONCE + 1];
    int n, entries_n = 0;
    (void)args;
    enum err e = quizzes_out(t->db, out, AT_ONCE + 1, &n);
    for (int i = 0; !e && i < n && i < AT_ONCE; i++)
        e = list_one(t, out[i]);
    if (!e)
        e = entry_reports_list(t, AT_ONCE, &entries_n);
    if (!e && n + entries_n == 0)
        return say(t, w_reports_none(&t->words), NULL);
    return e || (n <= AT_ONCE && entries_n <= AT_ONCE)
               ? e
               : say(t, w_reports_more(&t->words), NULL);
}

/* ---- what an operator decides ---- */

static enum err show(struct turn *t, int64_t question, char code, unsigned options)
{
    struct buf html = {0};
    struct keyboard k = {0};
    struct quiz quiz;
    const struct words *w = &t->words;
    enum err e = add_quiz(t, question, &quiz, &html);
    if (e == ERR_NOT_FOUND) {
        buf_text(&html, w_report_gone(w, question));
        e = OK;
    } else if (!e && code == 'w') {
        buf_printf(&html, "\n\n%s", w_report_which(w));
        add_options(t, question, &quiz, options & ~(1u << quiz.right), &k);
    } else if (!e && code == 'k') {
        buf_printf(&html, "\n\n%s", w_report_back(w));
    } else if (!e) {
        if (code == 'y')
            buf_printf(&html, "\n\n%s", w_report_given(w));
        add_verdicts(t, question, &k);
    }
    if (!e)
        e = say_here(t, html.data, &k);
    buf_free(&html);
    return e;
}

/* From the first group on: who has their points already gets none. */
static enum err give_points(struct turn *t, int64_t question, unsigned options)
{
    struct quiz quiz;
    struct amends a;
    enum err e = quiz_find(t->db, t->arena, question, t->who.lang, &quiz);
    if (!e)
        e = quiz_amends(t->db, question, &a);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    unsigned fresh = options & ~a.options & ~(1u << quiz.right);
    if (!fresh)
        return OK;
    a = (struct amends){.options = a.options | fresh, .club = INT64_MIN};
    e = quiz_amends_save(t->db, question, &a);
    return e ? e : alarm_set(t->db, "amends", question, t->now_ms, true);
}

/* "QUESTION.CODE" or "QUESTION.CODE.OPTIONS" */
static bool press_read(const char *text, int64_t *out_question, char *out_code,
                       unsigned *out_options)
{
    enum { DIGITS = 15 };
    size_t n = strspn(text, "0123456789");
    const char *code = text + n + 1;
    if (n == 0 || n > DIGITS || text[n] != '.')
        return false;
    *out_question = strtoll(text, NULL, 10);
    *out_code = *code;
    *out_options = 0;
    if (strcmp(code, "k") == 0 || strcmp(code, "b") == 0 || strcmp(code, "d") == 0)
        return true;
    n = (*code == 'w' || *code == 'y') && code[1] == '.' ? strspn(code + 2, "0123456789")
                                                         : 0;
    if (n == 0 || n > 2 || code[2 + n])
        return false;
    *out_options = (unsigned)strtoul(code + 2, NULL, 10);
    return *out_options <= OPTIONS_ALL;
}

static enum err press(struct turn *t, const char *text)
{
    int64_t question = 0;
    char code = '\0';
    unsigned options = 0;
    bool out = false;
    enum err e = OK;
    if (is_operator(t->bot, t->update->user) &&
        press_read(text, &question, &code, &options)) {
        if (code == 'd')
            return entry_reports_done(t, question);
        e = quiz_is_out(t->db, question, &out);
    }
    if (e || !out) {
        say_toast(t, w_toast_old(&t->words));
        return e;
    }
    if (code == 'y')
        e = give_points(t, question, options);
    if (!e)
        e = show(t, question, code, options);
    return e || code != 'k' ? e : quiz_put_back(t->db, question);
}

/* ---- the points, group by group ---- */

static enum err mend_vote(struct turn *t, const struct battle *b, const struct round *r,
                          const struct vote *v)
{
    struct seat s;
    struct board_line line = {
        .person = v->person,
        .points = battle_points(r->level, b->speed, v->spent_ms, r->limit_ms)};
    enum err e = vote_mend(t->db, r->id, v->person, (int)line.points);
    if (!e)
        e = seat_find(t->db, b->id, v->person, &s);
    if (e)
        return e == ERR_REFUSED || e == ERR_NOT_FOUND ? OK : e;
    s.points += line.points;
    s.hits++;
    e = seat_save(t->db, b->id, &s);
    if (!*v->name || !b->over_day) /* forgotten meanwhile; on no board, or not yet */
        return e;
    for (int p = BOARD_DAY; !e && p < BOARD_PERIODS; p++)
        e = board_add(t->db, b->chat, (enum board_period)p,
                      battle_period((enum board_period)p, b->over_day), &line);
    return e;
}

/* *out_thread: where the battle was. The quiz of a day brings no points. */
static enum err mend_round(struct turn *t, const struct round *r, unsigned options,
                           int64_t *out_thread)
{
    struct battle b;
    struct vote *v = arena_alloc(t->arena, SEATS_MAX * sizeof *v);
    int n = 0;
    enum err e = r->battle ? battle_find(t->db, t->arena, r->battle, &b) : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    *out_thread = b.thread;
    e = votes(t->db, t->arena, r->id, r->chat, v, SEATS_MAX, &n);
    for (int i = 0; !e && i < n; i++)
        if (!v[i].hit && options >> battle_option_at(r->options, v[i].option) & 1)
            e = mend_vote(t, &b, r, &v[i]);
    return e;
}

static const char *ask_cut(struct turn *t, const char *ask)
{
    size_t bytes = 0;
    for (int n = 0; ask[bytes] && n <= ASK_SHOWN; bytes++)
        n += ((unsigned char)ask[bytes + 1] & 0xc0) != 0x80;
    return ask[bytes] ? arena_printf(t->arena, "%.*s…", (int)bytes, ask) : ask;
}

static enum err tell(struct turn *t, int64_t question, unsigned options)
{
    struct quiz quiz;
    const char *right = NULL;
    enum err e = quiz_find(t->db, t->arena, question, t->club.lang, &quiz);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    for (int i = 0; i < BATTLE_OPTIONS; i++)
        if (options >> i & 1)
            right = right ? w_amends_and(&t->words, right, quiz.option[i]) : quiz.option[i];
    return say_new(
        t,
        &(struct speech){.kind = KIND_NUDGE,
                         .html = w_amends(&t->words, ask_cut(t, quiz.ask), right),
                         .silent = true},
        NULL);
}

static enum err mend_club(struct turn *t, int64_t question, const struct amends *a)
{
    struct round *r = arena_alloc(t->arena, ROUNDS_MAX * sizeof *r);
    int64_t thread = 0;
    int n;
    enum err e = turn_enter(t, a->club, 0);
    if (!e)
        e = rounds_of_question(t->db, question, a->club, t->now_ms - GIVEN_BACK_MS, r,
                               ROUNDS_MAX, &n);
    if (e || n == 0)
        return e;
    thread = t->club.daily_thread;
    for (int i = n - 1; !e && i >= 0; i--) /* the newest battle's thread remains */
        e = mend_round(t, &r[i], a->options, &thread);
    t->thread = thread;
    return e || !t->club.here ? e : tell(t, question, a->options);
}

static enum err ring(struct turn *t, int64_t question)
{
    struct amends a;
    enum err e = quiz_amends(t->db, question, &a);
    if (!e && a.options)
        e = quiz_club_after(t->db, question, a.club, &a.club);
    if (e || !a.options)
        return e == ERR_NOT_FOUND ? OK : e;
    e = mend_club(t, question, &a);
    if (!e)
        e = quiz_amends_save(t->db, question, &a);
    return e ? e : alarm_set(t->db, "amends", question, t->now_ms + ONWARDS_MS, true);
}

static enum err give_up(struct turn *t, int64_t question)
{
    return alarm_set(t->db, "amends", question, t->now_ms + LATER_MS, true);
}

const struct feature cmd_reports = {.name = "reports",
                                    .about = w_about_reports,
                                    .for_operators = true,
                                    .run = run,
                                    .prefix = "e",
                                    .press = press,
                                    .alarm = "amends",
                                    .ring = ring,
                                    .give_up = give_up};
