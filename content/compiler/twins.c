/* twins: nothing is said twice in the same words by two entries. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/letters.h"
#include "content/compiler/twins.h"

enum { SENTENCE_MIN = 40 };

struct sayings {
    struct buf list; /* an array of struct saying */
    size_t count;
};

static void add(struct sayings *s, const char *text, const char *what,
                const struct entry *e, int line)
{
    struct saying one = {text, what, e, line, s->count++};
    buf_add(&s->list, &one, sizeof one);
}

/* The end of the sentence that begins at p: a full stop and its like before a blank, or
 * the end of the paragraph. */
static const char *sentence_end(const char *p)
{
    for (; *p && *p != '\n'; p++)
        if (strchr(".?!", *p) && (p[1] == ' ' || p[1] == '\n'))
            return p + 1;
    return p;
}

/* The prose with its code spans filled in again; blocks stay out. */
static const char *spoken(struct bank *b, const struct piece *p)
{
    struct buf text = {0};
    size_t code = 0;
    for (const char *c = p->prose; *c; c++) {
        if (*c == '\1')
            buf_text(&text, p->codes[code].text);
        else if (*c != '\2')
            buf_add(&text, c, 1);
        code += *c == '\1' || *c == '\2';
    }
    const char *lent = arena_text(b->arena, text.data ? text.data : "", text.len);
    buf_free(&text);
    return lent;
}

static void add_sentences(struct bank *b, struct sayings *s, const struct entry *e,
                          const struct piece *p)
{
    for (const char *at = spoken(b, p); *at;) {
        const char *end = sentence_end(at);
        const char *text = arena_text(b->arena, at, (size_t)(end - at));
        if (letters(text) >= SENTENCE_MIN)
            add(s, text, "sentence", e, p->node->line);
        at = end + strspn(end, " \n");
    }
}

static void add_piece(struct bank *b, struct sayings *s, const struct entry *e,
                      const struct piece *p)
{
    switch (p->kind) {
    case PIECE_SHORT:
    case PIECE_ANSWER:
    case PIECE_NEXT_A:
    case PIECE_WHY:
        add_sentences(b, s, e, p);
        return;
    case PIECE_QUESTION:
    case PIECE_PITFALL:
    case PIECE_NEXT_Q:
        add(s, p->shown, piece_rules[p->kind].name, e, p->node->line);
        return;
    case PIECE_ASK: /* "What does this print?" is many cases: the code tells them apart */
        add(s,
            arena_printf(b->arena, "%s\n%s", p->shown,
                         e->quiz_code ? e->quiz_code->text : ""),
            "quiz", e, p->node->line);
        return;
    default:
        return;
    }
}

static int by_text(const void *a, const void *b)
{
    const struct saying *x = a, *y = b;
    int c = strcmp(x->text, y->text);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

int saying_excerpt(const char *text)
{
    size_t n = strcspn(text, "\n");
    if (n > 80)
        for (n = 80; ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

void check_twins(struct bank *b)
{
    struct sayings s = {.list = {.max = BUF_MAX}};
    for (size_t i = 0; i < b->entry_count; i++)
        for (size_t k = 0; k < b->entries[i].piece_count; k++)
            add_piece(b, &s, &b->entries[i], &b->entries[i].pieces[k]);
    struct saying *list = (void *)s.list.data;
    if (s.count)
        qsort(list, s.count, sizeof *list, by_text);
    for (size_t i = 1; i < s.count; i++) {
        const struct saying *x = &list[i - 1], *y = &list[i];
        if (x->entry != y->entry && strcmp(x->text, y->text) == 0)
            fault_at(b->report, y->entry->at->file, y->line,
                     "this %s stands in '%s' too (%s:%d): \"%.*s\"; say it in one entry",
                     y->what, entry_id(x->entry), x->entry->at->file, x->line,
                     saying_excerpt(y->text), y->text);
    }
    check_similar(b, list, s.count);
    buf_free(&s.list);
}
