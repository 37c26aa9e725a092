#include "bot/talk/entry_reports.h"

#include <inttypes.h>

#include "bot/talk/say.h"
#include "db/bank.h"

const char *report_reason_name(const struct words *w, enum report_reason reason)
{
    static const char *(*const names[REPORT_REASONS])(const struct words *) = {
        [REPORT_WRONG] = w_reason_wrong,
        [REPORT_UNCLEAR] = w_reason_unclear,
        [REPORT_OUTDATED] = w_reason_outdated,
        [REPORT_TYPO] = w_reason_typo,
        [REPORT_OTHER] = w_reason_other};
    return names[reason](w);
}

/* "django-models · 3 reports" and how many gave which reason. *out_said: how many in all.
 */
static enum err add_reasons(struct turn *t, int64_t question, struct buf *html,
                            int *out_said)
{
    struct bank_question q = {.id = NULL};
    int by[REPORT_REASONS];
    const struct words *w = &t->words;
    *out_said = 0;
    enum err e = report_reasons(t->db, question, by);
    if (!e)
        e = bank_question(t->db, t->arena, question, &q);
    if (e && e != ERR_NOT_FOUND)
        return e;
    for (int r = 0; r < REPORT_REASONS; r++)
        *out_said += by[r];
    buf_text(html, e ? w_report_gone(w, question)
                     : w_report_entry(w, q.id, w_reports(w, *out_said)));
    for (int r = 0; r < REPORT_REASONS; r++)
        if (by[r])
            buf_printf(
                html, "\n%s",
                w_report_line(w, report_reason_name(w, (enum report_reason)r), by[r]));
    return OK;
}

static enum err list_one(struct turn *t, int64_t question)
{
    struct buf html = {0};
    struct keyboard k = {0};
    const char *page;
    int said;
    enum err e = add_reasons(t, question, &html, &said);
    if (!e)
        e = bank_page(t->db, t->arena, question, t->who.lang, PART_QUESTION, &page);
    if (!e)
        buf_printf(&html, "\n\n%s", page);
    if (e == ERR_NOT_FOUND)
        e = OK;
    keyboard_row(&k);
    keyboard_button(&k, w_btn_report_settle(&t->words),
                    arena_printf(t->arena, "e.%" PRId64 ".d", question));
    if (!e)
        e = say(t, html.data, &k);
    buf_free(&html);
    return e;
}

enum err entry_reports_list(struct turn *t, int max, int *out_n)
{
    int64_t *some = arena_alloc(t->arena, (size_t)(max + 1) * sizeof *some);
    enum err e = entries_reported(t->db, some, max + 1, out_n);
    for (int i = 0; !e && i < *out_n && i < max; i++)
        e = list_one(t, some[i]);
    return e;
}

enum err entry_reports_done(struct turn *t, int64_t question)
{
    struct buf html = {0};
    int said;
    enum err e = add_reasons(t, question, &html, &said);
    if (!e && said == 0)
        say_toast(t, w_toast_old(&t->words));
    if (!e && said) {
        buf_printf(&html, "\n\n%s", w_report_settled(&t->words));
        e = entry_reports_settle(t->db, question);
        if (!e)
            e = say_here(t, html.data, NULL);
    }
    buf_free(&html);
    return e;
}
