/* Fuzzes one text of an entry: Markdown to Telegram's HTML. Any text gives HTML or a fault;
 * what comes without a fault Telegram takes whole, and shows as the compiler thinks. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "content/compiler/bank.h"
#include "tests/local/rules/html.h"
#include "tests/local/rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void broken(const char *why, const char *html)
{
    fprintf(stderr, "%s: %s\n", why, html);
    abort();
}

static bool has_controls(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] < ' ' && data[i] != '\n')
            return true;
    return false;
}

static void check(const struct piece *p, struct arena *a)
{
    struct html_text seen;
    struct buf error = {0};
    if (!html_parse(p->html, a, &seen, &error))
        broken(error.data, p->html);
    if (seen.dropped && seen.n < HTML_ENTITIES_MAX) /* pages count them */
        broken("Telegram drops formatting", p->html);
    /* Blanks at the ends are the server's to cut, also those that nobody sees. */
    if (strcmp(text_clean(seen.text, a), text_clean(p->shown, a)) != 0) {
        fprintf(stderr, "thought: %s\nseen: %s\n", p->shown, seen.text);
        broken("Telegram shows something else", p->html);
    }
    buf_free(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || has_controls(data + 1, size - 1)) /* check_prose refuses the words */
        return -1;
    struct arena a = {0};
    struct report r = {.arena = &a};
    struct bank b = {.arena = &a, .report = &r, .root = ""};
    struct node node = {.file = "x.yaml", .line = 1, .literal = data[0] & 0x80};
    node.text = arena_text(&a, (const char *)data + 1, size - 1);
    struct piece p = {.kind = data[0] % PIECE_KINDS, .node = &node};
    if (utf8_valid(node.text, size - 1)) {
        piece_render(&b, &p);
        if (r.faults == 0)
            check(&p, &a);
        for (size_t i = 0; i < strlen(p.prose); i++)
            if (piece_line(&p, i) < node.line)
                abort();
    }
    report_free(&r);
    arena_free(&a);
    return 0;
}
