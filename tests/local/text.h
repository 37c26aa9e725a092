/* text: counting and cleaning text as Telegram's server does. */
#ifndef LOCAL_TEXT_H
#define LOCAL_TEXT_H

#include "bot/base/arena.h"
#include "bot/base/buf.h"

int text_points(const char *text); /* Unicode code points */
int text_utf16(const char *text);  /* UTF-16 code units */
/* As the server stores it: no CR, control characters as spaces, trimmed. Lent by a. */
const char *text_clean(const char *text, struct arena *a);
void buf_point(struct buf *b, unsigned code); /* adds one code point as UTF-8 */
/* Adds JSON with all that is not ASCII as \uXXXX, which is how the server sends it. */
void buf_ascii_json(struct buf *b, const char *json);

#endif
