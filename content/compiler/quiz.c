/* quiz: the rules of one quiz, and its code as Telegram shows it. */
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/letters.h"
#include "content/compiler/quiz.h"

enum { QUIZ_MAX = 450, WHY_BREAKS = 2 };

struct quiz quiz_of(const struct entry *e, enum lang lang)
{
    struct quiz q = {0};
    for (size_t i = 0; i < e->piece_count; i++) {
        const struct piece *p = &e->pieces[i];
        if (p->lang != lang)
            continue;
        if (p->kind == PIECE_ASK)
            q.ask = p;
        else if (p->kind == PIECE_WHY)
            q.why = p;
        else if (p->kind == PIECE_OPTION && q.option_count < OPTIONS)
            q.options[q.option_count++] = p;
    }
    return q;
}

/* The first words of code that is not Python. A quiz does not name its language; what runs
 * it (tests/blocks/entries.py) knows it by the same words. */
static const char *const sql_words[] = {"SELECT", "INSERT",  "UPDATE", "DELETE",
                                        "WITH",   "CREATE",  "ALTER",  "DROP",
                                        "BEGIN",  "EXPLAIN", "VALUES", NULL};
static const char *const sh_words[] = {"git",  "cd",    "mkdir", "touch", "printf",
                                       "echo", "umask", "ln",    "chmod", NULL};

/* What stands behind the first word of `code`, NULL: it is none of `words`. */
static const char *after_word(const char *code, const char *const *words)
{
    size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789_");
    for (; *words; words++)
        if (strlen(*words) == n && strncmp(*words, code, n) == 0)
            return code + n;
    return NULL;
}

static const char *language_of(const char *code)
{
    bool session = strncmp(code, "-- A\n", 5) == 0 || strncmp(code, "-- B\n", 5) == 0;
    if (after_word(code + (session ? 5 : 0), sql_words))
        return "sql";
    const char *rest = after_word(code, sh_words);
    /* echo = 1 and printf (x) are Python */
    return rest && *rest == ' ' && rest[1] && !strchr("=(", rest[1]) ? "sh" : "python";
}

const char *quiz_code_html(struct arena *a, const struct entry *e)
{
    if (!e->quiz_code)
        return "";
    const char *code = e->quiz_code->text;
    size_t len = strlen(code);
    while (len > 0 && code[len - 1] == '\n')
        len--;
    struct buf html = {0};
    buf_printf(&html, "<pre><code class=\"language-%s\">", language_of(code));
    buf_escape(&html, arena_text(a, code, len));
    buf_text(&html, "</code></pre>");
    const char *lent = arena_text(a, html.data, html.len);
    buf_free(&html);
    return lent;
}

static void check_quiz(struct bank *b, const struct entry *e, enum lang lang)
{
    struct quiz q = quiz_of(e, lang);
    size_t total = e->quiz_code ? letters(e->quiz_code->text) : 0;
    total -= total > 0; /* the line break that ends the block */
    total += q.ask ? letters(q.ask->shown) : 0;
    for (size_t i = 0; i < q.option_count; i++) {
        total += letters(q.options[i]->shown);
        for (size_t k = 0; k < i; k++)
            if (strcmp(q.options[i]->shown, q.options[k]->shown) == 0)
                fault(b->report, q.options[i]->node,
                      "option '%s' is there twice; the four must differ",
                      q.options[i]->shown);
    }
    if (total > QUIZ_MAX && q.ask)
        fault(b->report, q.ask->node,
              "ask, options and code have %zu characters together; cut them to %d", total,
              QUIZ_MAX);
    size_t breaks = 0;
    for (const char *p = q.why ? q.why->node->text : ""; *p; p++)
        breaks += *p == '\n' && p[1] != '\0';
    if (breaks > WHY_BREAKS)
        fault(b->report, q.why->node, "the why has %zu line breaks; keep %d", breaks,
              WHY_BREAKS);
}

void check_quizzes(struct bank *b)
{
    for (size_t i = 0; i < b->entry_count; i++) {
        const struct entry *e = &b->entries[i];
        if (!node_at(e->at, "quiz") && !is_personal(e))
            fault(b->report, e->at,
                  "'%s' has no quiz; only hr and the tag experience go without",
                  entry_id(e));
        check_quiz(b, e, RU);
        check_quiz(b, e, EN);
    }
    check_bias(b, RU);
    check_bias(b, EN);
}
