#include "content/compiler/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void remark(struct report *r, const char *file, int line, bool warning,
                   const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static void remark(struct report *r, const char *file, int line, bool warning,
                   const char *fmt, va_list ap)
{
    char text[1000];
    vsnprintf(text, sizeof text, fmt, ap);
    if (r->count == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->remarks = realloc(r->remarks, r->cap * sizeof *r->remarks);
        if (!r->remarks)
            abort();
    }
    r->remarks[r->count] = (struct remark){.file = file,
                                           .text = arena_text(r->arena, text, strlen(text)),
                                           .line = line,
                                           .warning = warning,
                                           .order = r->count};
    r->count++;
    r->faults += !warning;
    r->warnings += warning;
}

void fault_at(struct report *r, const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    remark(r, file, line, false, fmt, ap);
    va_end(ap);
}

void warn_at(struct report *r, const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    remark(r, file, line, true, fmt, ap);
    va_end(ap);
}

static int by_place(const void *a, const void *b)
{
    const struct remark *x = a, *y = b;
    int c = strcmp(x->file, y->file);
    if (c)
        return c;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void report_print(struct report *r, FILE *out, bool warnings)
{
    if (r->count)
        qsort(r->remarks, r->count, sizeof *r->remarks, by_place);
    for (size_t i = 0; i < r->count; i++) {
        const struct remark *m = &r->remarks[i];
        if (!m->warning || warnings)
            fprintf(out, "%s:%d: %s%s\n", m->file, m->line, m->warning ? "warning: " : "",
                    m->text);
    }
}

void report_free(struct report *r)
{
    free(r->remarks);
    *r = (struct report){0};
}
