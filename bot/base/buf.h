/* buf: a growing string of bytes with a ceiling.
 *
 * Always NUL-terminated once something was added. Past `max` (0: BUF_MAX) nothing more is
 * added and `over` stays set: the caller looks once, at the end. A zeroed struct buf is
 * empty. Out of memory is abort(). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

enum { BUF_MAX = 64 << 20 };

struct buf {
    char *data; /* NULL while empty and never added to */
    size_t len, cap, max;
    bool over;
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_text(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds text that people wrote, made harmless for Telegram's HTML: & < > " are escaped. The
 * one function that does this. */
void buf_escape(struct buf *b, const char *text);
void buf_reset(struct buf *b); /* empty again, memory kept */
void buf_free(struct buf *b);

#endif
