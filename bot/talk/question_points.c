/* question_points: the key points of a short answer, numbered and ticked. */
#include <string.h>

#include "bot/study/points.h"
#include "bot/talk/question.h"
#include "db/bank.h"

/* Where a page's points begin: after its last blank line, one a line (db/bank.sql). NULL:
 * it has none. */
static const char bullet[] = "\n• ";

static const char *points_begin(const char *html)
{
    for (const char *blank; (blank = strstr(html, "\n\n")); html = blank + 1)
        ;
    return strstr(html, bullet);
}

enum err points_count(struct turn *t, const struct delivery *d, int *out)
{
    const char *html;
    *out = 0;
    enum err e = bank_page(t->db, t->arena, d->question, d->lang, PART_SHORT, &html);
    for (const char *p = e ? NULL : points_begin(html); p && *out < POINTS_MAX; ++*out)
        p = strstr(p + 1, bullet);
    return e;
}

enum err points_page(struct turn *t, const struct delivery *d, struct buf *out)
{
    const char *html;
    enum err e = bank_page(t->db, t->arena, d->question, d->lang, PART_SHORT, &html);
    const char *p = e ? NULL : points_begin(html);
    for (int i = 1; p && i <= POINTS_MAX; i++) {
        buf_printf(out, "%.*s\n%s%d. ", (int)(p - html), html,
                   d->ticks >> i & 1u ? "✓ " : "", i);
        html = p + strlen(bullet);
        p = strstr(html, bullet);
    }
    if (!e)
        buf_text(out, html);
    return e;
}

enum err points_proposed(struct turn *t, const struct delivery *d, int *out_grade)
{
    int n;
    *out_grade = 0;
    if (!d->ticks)
        return OK;
    enum err e = points_count(t, d, &n);
    if (!e)
        *out_grade = points_grade(d->ticks >> 1, n);
    return e;
}

enum err points_press(struct turn *t, struct delivery *d, const char *code,
                      enum points_move *out)
{
    int n,
        point = code[0] && code[1] >= '1' && code[1] <= '7' && !code[2] ? code[1] - '0' : 0;
    bool ticking = d->part == PART_POINTS;
    *out = POINTS_NOT_OURS;
    if (d->state != DELIVERY_OPEN || d->part == PART_QUESTION)
        return OK;
    enum err e = points_count(t, d, &n);
    if (e || n == 0)
        return e;
    if (strcmp(code, "n") == 0 && !ticking) {
        d->ticks |= POINTS_OPENED;
        d->part = PART_POINTS;
        *out = POINTS_MOVED;
    } else if (strcmp(code, "y") == 0 && ticking) {
        d->part = PART_SHORT;
        *out = POINTS_MOVED;
    } else if ((code[0] == 't' || code[0] == 'f') && point && point <= n && ticking) {
        unsigned bit = 1u << point, was = d->ticks;
        d->ticks = code[0] == 't' ? was | bit : was & ~bit;
        *out = d->ticks == was ? POINTS_STAYED : POINTS_MOVED;
    }
    return OK;
}
