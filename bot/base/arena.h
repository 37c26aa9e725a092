/* arena: memory that lives as long as its turn.
 *
 * Nobody frees what an arena lends; arena_reset() at the end of the turn takes everything
 * back. Memory is zeroed, aligned for any type, never NULL: out of memory is abort(),
 * because a restarted bot loses nothing (its state is in SQLite). A zeroed struct arena
 * is an empty arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used, size;
};

void *arena_alloc(struct arena *a, size_t size);
char *arena_text(struct arena *a, const char *text, size_t len); /* a copy, NUL added */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *a); /* keeps one block for the next turn */
void arena_free(struct arena *a);  /* gives all memory back; `a` is empty again */

#endif
