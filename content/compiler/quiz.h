/* quiz: a quiz in one language, its texts found; its code as Telegram shows it. */
#ifndef COMPILER_QUIZ_H
#define COMPILER_QUIZ_H

#include "content/compiler/bank.h"

struct quiz {
    const struct piece *ask, *why, *options[OPTIONS]; /* the first option is right */
    size_t option_count;
};
struct quiz quiz_of(const struct entry *e, enum lang lang);

/* The block of code, the same in both languages; "" when there is none. Lent by a. */
const char *quiz_code_html(struct arena *a, const struct entry *e);

/* Over the whole bank: whoever picks by a habit, reading the options alone, must not win.
 */
void check_bias(struct bank *b, enum lang lang);

#endif
