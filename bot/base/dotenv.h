/* dotenv: the lines of a `.env` file, one setting at a time.
 *
 * KEY=VALUE, `export ` before it allowed; # begins a comment on a line of its own or after
 * a blank. A value may stand in ' or ", where nothing is special but the same quote. */
#ifndef BASE_DOTENV_H
#define BASE_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

struct dotenv {
    const char *text; /* in: what is left to read; borrowed until the end */
    size_t len;
    int line;                /* of the setting or the fault, 1 first */
    const char *key, *value; /* lent from the text, not NUL-terminated */
    size_t key_len, value_len;
    const char *fault; /* what the line should have been; never shows the line itself */
};

/* The next setting; false at the end, or with `fault` set at a line that is none. */
bool dotenv_next(struct dotenv *d);

#endif
