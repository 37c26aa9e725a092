#include "bot/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16384 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) char data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (!a->head || a->size - a->used < size) {
        size_t want = size > BLOCK ? size : BLOCK;
        struct arena_block *b = malloc(sizeof *b + want);
        if (!b)
            abort();
        b->next = a->head;
        b->size = want;
        *a = (struct arena){.head = b, .used = 0, .size = want};
    }
    void *p = a->head->data + a->used;
    a->used += size;
    return memset(p, 0, size);
}

char *arena_text(struct arena *a, const char *text, size_t len)
{
    char *p = arena_alloc(a, len + 1);
    memcpy(p, text, len);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void arena_reset(struct arena *a)
{
    struct arena_block *last = a->head;
    while (last && last->next) {
        struct arena_block *next = last->next;
        free(last);
        last = next;
    }
    *a = (struct arena){.head = last, .used = 0, .size = last ? last->size : 0};
}

void arena_free(struct arena *a)
{
    arena_reset(a);
    free(a->head);
    *a = (struct arena){0};
}
