/* parity: both languages hold the same code and the same numbers, field by field. */
#include <string.h>

#include "content/compiler/bank.h"

enum { ITEMS_MAX = 400 };

struct item {
    const char *text;
    int line;
};
struct items {
    struct item list[ITEMS_MAX];
    size_t count;
};

static bool has(const struct items *s, const char *text)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->list[i].text, text) == 0)
            return true;
    return false;
}

static void add(struct items *s, const char *text, int line)
{
    if (s->count < ITEMS_MAX && !has(s, text))
        s->list[s->count++] = (struct item){text, line};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of a separator of thousands at p, 0 if there is none: "500 000" (a no-break blank
 * too) in Russian, "500,000" in English. */
static size_t thousands(const char *p, enum lang lang)
{
    size_t n = 0;
    if (lang == RU)
        n = *p == ' ' ? 1 : strncmp(p, "\xc2\xa0", 2) == 0 ? 2 : 0;
    else
        n = *p == ',';
    if (!n || !is_digit(p[n]) || !is_digit(p[n + 1]) || !is_digit(p[n + 2]) ||
        is_digit(p[n + 3]))
        return 0;
    return n;
}

const char *number_take(const char *p, enum lang lang, char out[NUMBER_MAX])
{
    size_t n = 0, digits = 0, sep;
    bool grouped = false;
    while (is_digit(*p) || (digits > 0 && digits <= 3 && (sep = thousands(p, lang)) > 0)) {
        if (!is_digit(*p)) {
            p += sep;
            grouped = true;
            digits = 0;
            continue;
        }
        if (n + 2 < NUMBER_MAX)
            out[n++] = *p;
        digits++;
        p++;
    }
    while ((*p == '.' || (*p == ',' && lang == RU && !grouped)) && is_digit(p[1])) {
        if (n + 2 < NUMBER_MAX)
            out[n++] = '.';
        for (p++; is_digit(*p); p++)
            if (n + 2 < NUMBER_MAX)
                out[n++] = *p;
    }
    out[n] = '\0';
    return p;
}

static void numbers_of(struct bank *b, const struct piece *p, struct items *out)
{
    const char *at = p->prose;
    while (*at) {
        if (!is_digit(*at)) {
            at++;
            continue;
        }
        char number[NUMBER_MAX];
        int line = piece_line(p, (size_t)(at - p->prose));
        at = number_take(at, p->lang, number);
        add(out, arena_text(b->arena, number, strlen(number)), line);
    }
}

static void compare(struct bank *b, const struct piece *p, const struct items found[2],
                    const char *what)
{
    static const char *const language[2] = {"Russian", "English"};
    for (int l = RU; l <= EN; l++)
        for (size_t i = 0; i < found[l].count; i++) {
            const struct item *it = &found[l].list[i];
            if (!has(&found[!l], it->text))
                fault_at(b->report, p->node->file, it->line,
                         "%s %s stands in the %s %s only; say the same in both languages",
                         what, it->text, language[l], piece_rules[p->kind].name);
        }
}

/* Blocks are the same, byte for byte and in order. */
static void compare_blocks(struct bank *b, const struct piece *ru, const struct piece *en)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < ru->code_count && !ru->codes[i].language)
            i++;
        while (k < en->code_count && !en->codes[k].language)
            k++;
        if (i == ru->code_count || k == en->code_count)
            break;
        const struct code *x = &ru->codes[i], *y = &en->codes[k];
        if (strcmp(x->language, y->language) != 0 || strcmp(x->text, y->text) != 0)
            fault_at(
                b->report, en->node->file, y->line,
                "this block differs from the Russian one at line %d; make them the same "
                "byte for byte",
                x->line);
    }
    if (i != ru->code_count || k != en->code_count)
        fault(b->report, en->node, "the languages have different numbers of code blocks");
}

static void check_kind(struct bank *b, const struct entry *e, enum piece_kind kind)
{
    static struct items spans[2], numbers[2];
    const struct piece *piece[2] = {NULL, NULL};
    for (int l = RU; l <= EN; l++)
        spans[l].count = numbers[l].count = 0;
    for (size_t i = 0; i < e->piece_count; i++) {
        const struct piece *p = &e->pieces[i];
        if (p->kind != kind)
            continue;
        piece[p->lang] = p;
        numbers_of(b, p, &numbers[p->lang]);
        for (size_t k = 0; k < p->code_count; k++)
            if (!p->codes[k].language)
                add(&spans[p->lang], p->codes[k].text, p->codes[k].line);
    }
    if (!piece[RU] || !piece[EN])
        return;
    compare(b, piece[RU], spans, "code");
    compare(b, piece[RU], numbers, "number");
    if (kind == PIECE_ANSWER)
        compare_blocks(b, piece[RU], piece[EN]);
}

void check_parity(struct bank *b, const struct entry *e)
{
    for (int kind = 0; kind < PIECE_KINDS; kind++)
        check_kind(b, e, (enum piece_kind)kind);
}
