/* wording: the words that the bank does not use, as a table. */
#ifndef COMPILER_WORDING_H
#define COMPILER_WORDING_H

#include <stddef.h>

#include "content/compiler/bank.h"

enum wording_scope {
    WORDING_ALWAYS,
    WORDING_UNQUOTED, /* free inside quotation marks */
    WORDING_ADDRESS,  /* the same, and free where the interviewer of hr speaks */
};
struct wording {
    enum lang lang;
    enum wording_scope scope;
    const char *phrases; /* split by |; words by one space; * at a word's end: any ending */
    const char *advice;  /* after "'phrase': " */
};
extern const struct wording wordings[];
extern const size_t wording_count;

#endif
