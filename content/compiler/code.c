/* code: the size of blocks, and the comments that they may hold. Running them is the
 * business of tests/run_blocks.py. */
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/letters.h"

enum {
    BLOCKS_MAX = 2,
    BLOCK_LINES = 25,
    QUIZ_LINES = 12,
    COLUMNS_MAX = 56,
    COLUMNS_GOOD = 44,
    SHARE_FROM = 20 /* blocks of a topic, from which a share is a fault */
};

/* What may follow the comment sign. SQL also has its two sessions, A and B. */
static bool is_convention(const char *comment, bool sql)
{
    while (*comment == ' ')
        comment++;
    if (strncmp(comment, "->", 2) == 0 && (comment[2] == ' ' || comment[2] == '\0'))
        return true;
    if (strncmp(comment, "raises ", 7) == 0 || strncmp(comment, "not run: ", 9) == 0)
        return strchr(comment, ' ')[1] != '\0';
    return sql && (strcmp(comment, "A") == 0 || strcmp(comment, "B") == 0);
}

/* Where the comment of a line begins, NULL: none. *quote is the kind of string that is
 * open, 3 times the letter for a triple one; it lives from line to line. */
static const char *comment_of(const char *line, bool sql, int *quote)
{
    for (const char *p = line; *p; p++) {
        int triple = (*p == '"' || *p == '\'') && p[1] == *p && p[2] == *p ? *p * 3 : 0;
        if (*quote) {
            if (*p == '\\' && p[1] && !sql)
                p++;
            else if (*quote == triple) {
                *quote = 0;
                p += 2;
            } else if (*quote == *p) {
                *quote = 0;
            }
            continue;
        }
        bool apart = p == line || p[-1] == ' ';
        if (apart && (sql ? p[0] == '-' && p[1] == '-' : p[0] == '#'))
            return p + (sql ? 2 : 1);
        if (triple && !sql) {
            *quote = triple;
            p += 2;
        } else if (*p == '"' || *p == '\'') {
            *quote = *p;
        }
    }
    if (*quote < 128)
        *quote = 0; /* only triple quotes go on */
    return NULL;
}

static void check_block(struct bank *b, const struct node *at, const struct code *c,
                        int max_lines)
{
    bool sql = strcmp(c->language, "sql") == 0;
    bool known =
        sql || strcmp(c->language, "python") == 0 || strcmp(c->language, "sh") == 0;
    int lines = 0, quote = 0;
    for (const char *p = c->text; *p; lines++) {
        size_t n = strcspn(p, "\n");
        const char *line = arena_text(b->arena, p, n);
        size_t columns = letters(line);
        if (columns > COLUMNS_MAX)
            fault_at(b->report, at->file, c->line + lines,
                     "the line of code has %zu columns; break it at %d", columns,
                     COLUMNS_MAX);
        else if (columns > COLUMNS_GOOD)
            warn_at(b->report, at->file, c->line + lines,
                    "the line of code has %zu columns; %d fit a phone", columns,
                    COLUMNS_GOOD);
        if (strchr(line, '\t'))
            fault_at(b->report, at->file, c->line + lines, "a tab in code; use blanks");
        const char *comment = known ? comment_of(line, sql, &quote) : NULL;
        if (comment && !is_convention(comment, sql))
            fault_at(b->report, at->file, c->line + lines,
                     "comments in code are only `-> output`, `raises X` and "
                     "`not run: REASON`; say this in the prose");
        p += n + (p[n] == '\n');
    }
    if (lines > max_lines)
        fault_at(b->report, at->file, c->line, "the code has %d lines; cut it to %d", lines,
                 max_lines);
}

/* A block is not run when its comments say so, but for what only waits for a newer Python
 * than Debian's: it runs under the newer one alone. */
static bool is_run(const struct code *c)
{
    if (strstr(c->text, "# not run: needs Python 3."))
        return true;
    return !strstr(c->text, "# not run:") && !strstr(c->text, "-- not run:");
}

static void check_answer(struct bank *b, const struct piece *p, int *blocks, int *idle)
{
    int n = 0;
    for (size_t i = 0; i < p->code_count; i++) {
        const struct code *c = &p->codes[i];
        if (!c->language)
            continue;
        n++;
        *blocks += p->lang == RU;
        *idle += p->lang == RU && !is_run(c);
        if (p->lang == RU) /* the English one is the same, byte for byte */
            check_block(b, p->node, c, BLOCK_LINES);
    }
    if (n > BLOCKS_MAX)
        fault(b->report, p->node, "the answer has %d blocks of code; keep %d", n,
              BLOCKS_MAX);
}

static void check_share(struct bank *b, const struct topic *t, int blocks, int idle)
{
    int most = strcmp(t->slug, "django") == 0 ? 30 : 5;
    if (idle * 100 <= blocks * most)
        return;
    (blocks < SHARE_FROM ? warn_at : fault_at)(
        b->report, t->at->file, t->at->line,
        "%d of the %d blocks of topic '%s' are not run; at most %d %% may be", idle, blocks,
        t->slug, most);
}

void check_code(struct bank *b)
{
    for (size_t k = 0; k < b->topic_count; k++) {
        int blocks = 0, idle = 0;
        for (size_t i = 0; i < b->entry_count; i++) {
            const struct entry *e = &b->entries[i];
            for (size_t p = 0; e->home == &b->topics[k] && p < e->piece_count; p++)
                if (e->pieces[p].kind == PIECE_ANSWER)
                    check_answer(b, &e->pieces[p], &blocks, &idle);
        }
        check_share(b, &b->topics[k], blocks, idle);
    }
    for (size_t i = 0; i < b->entry_count; i++) {
        const struct node *n = b->entries[i].quiz_code;
        if (n)
            check_block(b, n, &(struct code){n->text, "", n->line}, QUIZ_LINES);
    }
}
