/* words: content/words, everything the bot says, made into C.
 *
 * A key becomes a function, its placeholders the arguments; so a word that is missing, or
 * an argument of the wrong type, does not compile. content/README.md has the rules. */
#ifndef COMPILER_WORDS_H
#define COMPILER_WORDS_H

#include "bot/base/buf.h"
#include "content/compiler/bank.h"

enum { WORD_ARGS = 12, WORD_FORMS = 3 };

enum arg_kind { ARG_AS_IS, ARG_ESCAPED, ARG_NUMBER };
struct word_arg {
    const char *name;
    enum arg_kind kind;
};
struct word_text {
    const char *key;
    const struct node *at[2];
    struct word_arg args[WORD_ARGS]; /* in the order of the Russian text */
    size_t arg_count;
    bool plural;
    /* Each form with every placeholder as \1 and the letter of its argument, 'a' first.
     * Not plural: the first form only. */
    const char *forms[2][WORD_FORMS];
};
struct words_read {
    struct arena *arena;
    struct report *report;
    struct word_text *list;
    size_t count;
};

/* Reads every *.ru.yaml and *.en.yaml of the folder. */
void words_read(struct words_read *w, const char *folder);
/* The two generated files. */
void words_header(const struct words_read *w, struct buf *out);
void words_source(const struct words_read *w, struct buf *out);
/* One text, its placeholders and its markup checked. Lends the form with its placeholders
 * as letters; they are looked up in t->args and, with `grow`, added there. */
const char *word_form(struct words_read *w, struct word_text *t, const struct node *n,
                      bool grow);

#endif
