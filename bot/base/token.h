/* token: the bot's secret, how it looks and how it is read from a file. */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKEN_SECRET = 30 }; /* fewest characters after the colon */

/* Digits, a colon, TOKEN_SECRET or more of A-Za-z0-9_- and nothing else. */
bool token_shaped(const char *text);
/* The text of a file without the blanks around it. False, and `out` empty, when it cannot
 * be read or does not fit. No copy stays in memory. */
bool token_read(const char *path, char *out, size_t size);

#endif
