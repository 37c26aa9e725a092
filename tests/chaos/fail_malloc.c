/* fail_malloc: loaded before the daemon (LD_PRELOAD), it lets the n-th allocation of the
 * process fail, once, and says so on stderr; FAIL_MALLOC_AT is n, none or 0 fails nothing.
 * At the end the number of them is written to the file FAIL_MALLOC_COUNT, if it is set. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* glibc's own, under the names that need no lookup (which would allocate). */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long asked;
static long fails_at;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_MALLOC_AT");
    fails_at = at ? strtol(at, NULL, 10) : 0;
    unsetenv("LD_PRELOAD"); /* what the daemon starts has memory enough */
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_MALLOC_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%ld\n", (long)asked);
        fclose(f);
    }
}

static int fails(void)
{
    static const char words[] = "fail_malloc: failed\n";
    if (++asked != fails_at)
        return 0;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(99);
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}
