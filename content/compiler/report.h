/* report: every fault of a run, printed at its end as `file:line: what is wrong, how to
 * mend it`, in the order of the files. A fault fails the run; a warning is a hint and is
 * printed on request only. */
#ifndef COMPILER_REPORT_H
#define COMPILER_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "bot/base/arena.h"

struct remark {
    const char *file, *text;
    int line;
    bool warning;
    size_t order; /* of reporting, so that sorting keeps it within a line */
};
struct report {
    struct arena *arena; /* kept; holds the texts */
    struct remark *remarks;
    size_t count, cap;
    int faults, warnings;
};

/* `file` is kept until report_free(). */
void fault_at(struct report *r, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void warn_at(struct report *r, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void report_print(struct report *r, FILE *out, bool warnings);
void report_free(struct report *r);

#endif
