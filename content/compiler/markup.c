/* markup: one text of an entry, from Markdown to Telegram's HTML.
 *
 * Beside the HTML it keeps what the checks read: the text as shown, the prose with code
 * blanked out and the places it came from, the code. Markdown that Telegram or the house
 * has no use for is a fault, never a surprise on the screen. */
#include <md4c.h>
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/bank.h"
#include "content/compiler/letters.h"

struct render {
    struct bank *bank;
    struct piece *piece;
    const char *input;
    size_t input_len;
    struct buf html, shown, prose, code;
    struct buf marks, codes; /* arrays of struct line_mark, struct code */
    enum markup allowed;
    const char *refused;  /* met a construct we refuse; its line comes with its text */
    const char *language; /* not NULL: inside a fenced block */
    int code_line;
    const char *seen; /* the text seen last */
    int line;         /* its line */
    int paragraphs, lists, bold;
    unsigned number; /* of the next item, 0: bullets */
    int gap;         /* line breaks owed before the next text */
    bool bold_open, in_span, after_bullet;
};

/* The line that `text` comes from; for the texts that md4c makes itself the last one. */
static int line_of(struct render *r, const char *text)
{
    const char *end = r->input + r->input_len;
    if (!r->piece->node->literal || text < r->input || text > end)
        return r->line;
    if (text < r->seen) /* not in the order of the text: count anew */
        r->line = r->piece->node->line, r->seen = r->input;
    for (; r->seen < text; r->seen++)
        r->line += *r->seen == '\n';
    return r->line;
}

static void refuse(struct render *r, int line)
{
    fault_at(r->bank->report, r->piece->node->file, line, "%s in the %s; %s", r->refused,
             piece_rules[r->piece->kind].name,
             r->allowed == MARKUP_FULL
                 ? "use paragraphs, lists one level deep, **bold**, `code` and fences"
             : r->allowed == MARKUP_CODE
                 ? "only `code` is allowed here; put names in backquotes"
                 : "this text is shown as it is written; take the markup out");
    r->refused = NULL;
}

static void refuse_later(struct render *r, const char *what)
{
    if (!r->refused)
        r->refused = what;
}

static void flush_gap(struct render *r)
{
    for (; r->gap > 0 && r->shown.len > 0; r->gap--) {
        buf_text(&r->html, "\n");
        buf_text(&r->shown, "\n");
    }
    r->gap = 0;
}

static void owe(struct render *r, int breaks)
{
    if (r->gap < breaks)
        r->gap = breaks;
    if (r->prose.len > 0 && r->prose.data[r->prose.len - 1] != '\n')
        buf_text(&r->prose, "\n");
}

static void bold_close(struct render *r)
{
    if (r->bold_open)
        buf_text(&r->html, "</b>");
    r->bold_open = false;
}

static const char *lent(struct render *r, const char *text, size_t len)
{
    return arena_text(r->bank->arena, text, len);
}

/* From here the prose follows the source at `text`. */
static void mark(struct render *r, const char *text)
{
    if (text < r->input || text > r->input + r->input_len)
        return;
    struct line_mark m = {r->prose.len, (size_t)(text - r->input)};
    buf_add(&r->marks, &m, sizeof m);
}

static void add_code(struct render *r, const char *language)
{
    struct code c = {lent(r, r->code.data ? r->code.data : "", r->code.len), language,
                     r->code_line ? r->code_line : r->line};
    buf_add(&r->codes, &c, sizeof c);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct render *r = arg;
    bool full = r->allowed == MARKUP_FULL;
    switch (type) {
    case MD_BLOCK_DOC:
        return 0;
    case MD_BLOCK_P:
        if (!full && ++r->paragraphs > 1)
            refuse_later(r, "a second paragraph");
        if (!r->after_bullet)
            owe(r, r->lists ? 1 : 2);
        r->after_bullet = false;
        return 0;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (!full || r->lists > 0)
            refuse_later(r, full ? "a list inside a list" : "a list");
        r->lists++;
        r->number = type == MD_BLOCK_OL ? ((MD_BLOCK_OL_DETAIL *)detail)->start : 0;
        owe(r, 2);
        return 0;
    case MD_BLOCK_LI: {
        owe(r, 1);
        flush_gap(r);
        const char *bullet =
            r->number ? arena_printf(r->bank->arena, "%u. ", r->number++) : "\xe2\x80\xa2 ";
        buf_text(&r->html, bullet);
        buf_text(&r->shown, bullet);
        r->after_bullet = true;
        return 0;
    }
    case MD_BLOCK_CODE: {
        const MD_BLOCK_CODE_DETAIL *d = detail;
        if (!full || r->lists > 0)
            refuse_later(r, full ? "a block of code inside a list" : "a block of code");
        owe(r, 2);
        r->language = lent(r, d->lang.text ? d->lang.text : "", d->lang.size);
        if (r->language[strspn(r->language, "abcdefghijklmnopqrstuvwxyz0123456789+-")])
            refuse_later(r, "an odd language of a block");
        r->code_line = 0;
        buf_reset(&r->code);
        return 0;
    }
    case MD_BLOCK_H:
        refuse_later(r, "a heading");
        return 0;
    case MD_BLOCK_QUOTE:
        refuse_later(r, "a quotation block");
        return 0;
    default:
        r->refused = "a rule, a table or raw HTML";
        refuse(r, r->line); /* these may have no text of their own */
        return 0;
    }
}

/* Telegram shows a language only if <code> spans exactly what <pre> does. */
static void put_block(struct render *r)
{
    if (r->code.len > 0 && r->code.data[r->code.len - 1] == '\n')
        r->code.data[--r->code.len] = '\0';
    if (r->code.len == 0) {
        refuse_later(r, "an empty block of code");
        refuse(r, r->line);
    }
    add_code(r, r->language);
    flush_gap(r);
    if (*r->language)
        buf_printf(&r->html, "<pre><code class=\"language-%s\">", r->language);
    else
        buf_text(&r->html, "<pre>");
    buf_escape(&r->html, r->code.data ? r->code.data : "");
    buf_text(&r->html, *r->language ? "</code></pre>" : "</pre>");
    buf_add(&r->shown, r->code.data, r->code.len);
    buf_text(&r->prose, "\2");
    r->language = NULL;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct render *r = arg;
    (void)detail;
    if (type == MD_BLOCK_CODE)
        put_block(r);
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        r->lists--;
        owe(r, 2);
    }
    if (type == MD_BLOCK_LI)
        r->after_bullet = false;
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct render *r = arg;
    (void)detail;
    if (type == MD_SPAN_CODE) {
        r->in_span = true;
        r->code_line = 0;
        buf_reset(&r->code);
    } else if (type == MD_SPAN_STRONG) {
        if (r->allowed != MARKUP_FULL)
            refuse_later(r, "bold");
        r->bold++;
    } else {
        refuse_later(r, type == MD_SPAN_EM    ? "italic (or * and _ outside code)"
                        : type == MD_SPAN_IMG ? "a picture"
                                              : "a link");
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct render *r = arg;
    (void)detail;
    if (type == MD_SPAN_STRONG && --r->bold == 0)
        bold_close(r);
    if (type != MD_SPAN_CODE)
        return 0;
    r->in_span = false;
    bold_close(r); /* Telegram allows no code inside bold */
    flush_gap(r);
    add_code(r, NULL);
    buf_text(&r->html, "<code>");
    buf_escape(&r->html, r->code.data ? r->code.data : "");
    buf_text(&r->html, "</code>");
    buf_add(&r->shown, r->code.data, r->code.len);
    buf_text(&r->prose, "\1");
    return 0;
}

static void put_prose(struct render *r, const char *text, size_t len)
{
    const char *copy = lent(r, text, len);
    flush_gap(r);
    if (r->bold && !r->bold_open && copy[strspn(copy, " ")]) {
        buf_text(&r->html, "<b>");
        r->bold_open = true;
    }
    buf_escape(&r->html, copy);
    buf_add(&r->shown, text, len);
    mark(r, text);
    buf_add(&r->prose, text, len);
}

static int put_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *arg)
{
    struct render *r = arg;
    int line = line_of(r, text);
    if (r->refused)
        refuse(r, line);
    if (r->in_span || r->language) {
        if (!r->code_line)
            r->code_line = line;
        buf_add(&r->code, text, size);
        return 0;
    }
    if (type == MD_TEXT_SOFTBR) {
        put_prose(r, " ", 1);
    } else if (type == MD_TEXT_BR || type == MD_TEXT_ENTITY) {
        r->refused = type == MD_TEXT_BR ? "a forced line break" : "an HTML entity";
        refuse(r, line);
    } else {
        put_prose(r, text, size);
    }
    return 0;
}

static void leftovers(struct render *r)
{
    static const struct {
        const char *text, *what;
    } marks[] = {{"**", "a leftover **"},
                 {"~~", "a leftover ~~"},
                 {"`", "a leftover backquote"},
                 {"](", "a link or picture"}};
    const char *prose = r->prose.data ? r->prose.data : "";
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *at = strstr(prose, marks[i].text);
        if (at && (r->allowed != MARKUP_NONE || marks[i].text[0] == '`')) {
            r->refused = marks[i].what;
            refuse(r, piece_line(r->piece, (size_t)(at - prose)));
        }
    }
    for (const char *p = prose; *p && r->allowed != MARKUP_NONE;
         p += strcspn(p, "\n"), p += *p == '\n')
        if (*p == '|') {
            r->refused = "a table";
            refuse(r, piece_line(r->piece, (size_t)(p - prose)));
            break;
        }
}

static void finish(struct render *r)
{
    struct piece *p = r->piece;
    bold_close(r);
    if (r->refused)
        refuse(r, r->line);
    p->html = lent(r, r->html.data ? r->html.data : "", r->html.len);
    p->shown = lent(r, r->shown.data ? r->shown.data : "", r->shown.len);
    p->prose = lent(r, r->prose.data ? r->prose.data : "", r->prose.len);
    p->mark_count = r->marks.len / sizeof *p->marks;
    p->marks = (void *)lent(r, r->marks.data ? r->marks.data : "", r->marks.len);
    p->code_count = r->codes.len / sizeof *p->codes;
    p->codes = (void *)lent(r, r->codes.data ? r->codes.data : "", r->codes.len);
    leftovers(r);
    buf_free(&r->html);
    buf_free(&r->shown);
    buf_free(&r->prose);
    buf_free(&r->code);
    buf_free(&r->marks);
    buf_free(&r->codes);
}

void piece_render(struct bank *b, struct piece *p)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = put_text,
    };
    const struct piece_rule *rule = &piece_rules[p->kind];
    struct render r = {.bank = b,
                       .piece = p,
                       .input = p->node->text,
                       .input_len = strlen(p->node->text),
                       .seen = p->node->text,
                       .line = p->node->line,
                       .allowed = rule->markup,
                       .bold = rule->bold};
    while (r.input_len > 0 && strchr(" \n", r.input[r.input_len - 1]))
        r.input_len--;
    if (rule->markup == MARKUP_NONE)
        put_prose(&r, r.input, r.input_len);
    else if (md_parse(r.input, (MD_SIZE)r.input_len, &parser, &r) != 0)
        fault(b->report, p->node, "the Markdown cannot be read; write it anew");
    finish(&r);
}

int piece_line(const struct piece *p, size_t prose_at)
{
    size_t i = p->mark_count;
    while (i > 0 && p->marks[i - 1].prose > prose_at)
        i--;
    if (i == 0)
        return p->node->line;
    return node_line(p->node, p->marks[i - 1].source + prose_at - p->marks[i - 1].prose);
}
