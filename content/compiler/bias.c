/* bias: what the right options of the bank have in common, other than being right. */
#include <stdlib.h>
#include <string.h>

#include "content/compiler/letters.h"
#include "content/compiler/quiz.h"

enum { BIAS_FROM = 20, LETTERS_MAX = 80 }; /* quizzes from which a share is a fault */

/* 1: the habit finds the right option, 0: it does not, -1: it says nothing here. */
typedef int habit(const struct quiz *q);

static int longest(const struct quiz *q)
{
    size_t right = letters(q->options[0]->shown);
    for (size_t i = 1; i < OPTIONS; i++)
        if (letters(q->options[i]->shown) >= right)
            return 0;
    return 1;
}

static size_t letters_of(const char *text, uint32_t out[LETTERS_MAX])
{
    size_t n = 0;
    for (uint32_t c; n < LETTERS_MAX && (c = letter_next(&text)) != 0;)
        out[n++] = letter_lower(c);
    return n;
}

/* The distance of Levenshtein, row by row. */
static size_t distance(const char *a, const char *b)
{
    uint32_t x[LETTERS_MAX], y[LETTERS_MAX];
    size_t n = letters_of(a, x), m = letters_of(b, y), row[LETTERS_MAX + 1];
    for (size_t k = 0; k <= m; k++)
        row[k] = k;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= m; k++) {
            size_t change = corner + (x[i - 1] != y[k - 1]);
            size_t skip = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            corner = row[k];
            row[k] = change < skip ? change : skip;
        }
    }
    return row[m];
}

/* Wrong options are often made from the right one, a change each. */
static int most_alike(const struct quiz *q)
{
    size_t sum[OPTIONS] = {0};
    for (size_t i = 0; i < OPTIONS; i++)
        for (size_t k = 0; k < OPTIONS; k++)
            sum[i] += distance(q->options[i]->shown, q->options[k]->shown);
    for (size_t i = 1; i < OPTIONS; i++)
        if (sum[i] <= sum[0])
            return 0;
    return 1;
}

/* How many wrong options are smaller numbers than the right one; -1: not all are numbers.
 */
static int smaller(const struct quiz *q)
{
    double value[OPTIONS];
    int n = 0;
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *text = q->options[i]->shown;
        bool minus = *text == '-';
        char number[NUMBER_MAX];
        const char *end = number_take(text + minus, q->options[i]->lang, number);
        if (!number[0] || (*end && *end != ' ' && *end != '%'))
            return -1;
        value[i] = minus ? -strtod(number, NULL) : strtod(number, NULL);
        n += i > 0 && value[i] < value[0];
    }
    return n;
}

static int smallest(const struct quiz *q)
{
    int n = smaller(q);
    return n < 0 ? -1 : n == 0;
}

static int middle(const struct quiz *q)
{
    int n = smaller(q);
    return n < 0 ? -1 : n == 1 || n == 2;
}

static int largest(const struct quiz *q)
{
    int n = smaller(q);
    return n < 0 ? -1 : n == 3;
}

static const struct {
    habit *finds;
    int percent; /* more of the quizzes about which the habit says something are a fault */
    const char *is, *mend;
} habits[] = {
    {longest, 30, "alone is the longest", "shorten it or lengthen another"},
    {most_alike, 35, "is most like the other three", "make two others alike"},
    {smallest, 40, "is the smallest number", "let another place be right"},
    {middle, 55, /* two of four places */ "is a middle number",
     "let another place be right"},
    {largest, 40, "is the largest number", "let another place be right"},
};

static void check_habit(struct bank *b, enum lang lang, size_t k)
{
    const struct node *last = NULL;
    int quizzes = 0, found = 0;
    for (size_t i = 0; i < b->entry_count; i++) {
        struct quiz q = quiz_of(&b->entries[i], lang);
        if (q.option_count < OPTIONS || is_retired(&b->entries[i]))
            continue;
        int says = habits[k].finds(&q);
        quizzes += says >= 0;
        found += says > 0;
        if (says > 0)
            last = q.options[0]->node;
    }
    if (quizzes > 1 && found * 100 > quizzes * habits[k].percent)
        (quizzes < BIAS_FROM ? warn_at : fault_at)(
            b->report, last->file, last->line,
            "the right option %s in %d of %d quizzes (%s), this one among them; at most "
            "%d %%: %s",
            habits[k].is, found, quizzes, lang_name[lang], habits[k].percent,
            habits[k].mend);
}

void check_bias(struct bank *b, enum lang lang)
{
    for (size_t k = 0; k < sizeof habits / sizeof *habits; k++)
        check_habit(b, lang, k);
}
