/* twins: what the entries say, one text a piece, to be held against each other. */
#ifndef COMPILER_TWINS_H
#define COMPILER_TWINS_H

#include "content/compiler/bank.h"

struct saying {
    const char *text, *what; /* what: the kind of text, by its name */
    const struct entry *entry;
    int line;
    size_t order;
};

/* How many bytes of its beginning a message quotes; whole letters. */
int saying_excerpt(const char *text);

/* Reports pairs of one kind and of two entries whose runs of three words are mostly the
 * same. Equal texts are the caller's. */
void check_similar(struct bank *b, const struct saying *list, size_t count);

#endif
