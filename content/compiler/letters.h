/* letters: code points of valid UTF-8, as far as the rules of prose need them. */
#ifndef COMPILER_LETTERS_H
#define COMPILER_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Steps over one code point; 0 at the end, where *p stays. */
uint32_t letter_next(const char **p);
size_t letters(const char *text); /* how many code points */
bool is_latin(uint32_t c);
bool is_cyrillic(uint32_t c);
uint32_t letter_lower(uint32_t c);        /* Latin a-z and Cyrillic only */
size_t letter_put(char *out, uint32_t c); /* bytes written, at most 4 */

#endif
