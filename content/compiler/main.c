/* compiler: content/ for people into what the bot reads.
 *
 * Exit codes: 0 done, 1 the content has faults (all of them are on stderr) or a file could
 * not be written, 64 wrong usage. */
#include <stdio.h>
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/cities.h"
#include "content/compiler/folder.h"
#include "content/compiler/words.h"

enum { EXIT_FAULTS = 1, EXIT_USAGE = 64 };

static const char usage[] =
    "usage: compiler [-v] bank CONTENT OUT.db [TOPIC]  check the bank and compile it, or "
    "the\n"
    "                                              entries at home in one topic\n"
    "       compiler [-v] check CONTENT           check the bank and the words\n"
    "       compiler ids CONTENT                  number new entries in ids.tsv\n"
    "       compiler words CONTENT/words OUT      write OUT.c and OUT.h\n"
    "       compiler cities CITIES.yaml OUT.c     write OUT.c\n"
    "-v prints warnings too\n";

static bool words_write(struct arena *a, const struct words_read *w, const char *out)
{
    struct buf header = {0}, source = {0};
    words_header(w, &header);
    words_source(w, &source);
    bool good = file_write(a, arena_printf(a, "%s.h", out), &header) &&
                file_write(a, arena_printf(a, "%s.c", out), &source);
    buf_free(&header);
    buf_free(&source);
    return good;
}

static bool words(struct arena *a, struct report *r, const char *folder, const char *out)
{
    struct words_read w = {.arena = a, .report = r};
    words_read(&w, folder);
    return r->faults > 0 || words_write(a, &w, out);
}

static bool cities(struct arena *a, struct report *r, const char *path, const char *out)
{
    struct buf source = {0};
    cities_source(a, r, path, &source);
    bool good = r->faults > 0 || file_write(a, out, &source);
    buf_free(&source);
    return good;
}

static bool ids(struct bank *b)
{
    bank_read(b);
    int added = ids_read(b, true);
    if (b->report->faults == 0)
        printf("%d new\n", added);
    return true;
}

static bool check(struct bank *b, const char *out)
{
    bank_read(b);
    bank_hold(b);
    if (!out) {
        struct words_read w = {.arena = b->arena, .report = b->report};
        words_read(&w, arena_printf(b->arena, "%s/words", b->root));
    }
    if (b->report->faults > 0)
        return true;
    bank_summary(b, stdout);
    return !out || bank_write(b, out);
}

int main(int argc, char **argv)
{
    struct arena a = {0};
    struct report r = {.arena = &a};
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    char **arg = argv + 1 + verbose;
    int n = argc - 1 - verbose;
    struct bank b = {.arena = &a, .report = &r, .root = n > 1 ? arg[1] : ""};
    bool good;
    if ((n == 3 || n == 4) && strcmp(arg[0], "bank") == 0) {
        b.only = n == 4 ? arg[3] : NULL;
        good = check(&b, arg[2]);
    } else if (n == 2 && strcmp(arg[0], "check") == 0)
        good = check(&b, NULL);
    else if (n == 2 && strcmp(arg[0], "ids") == 0)
        good = ids(&b);
    else if (n == 3 && strcmp(arg[0], "words") == 0)
        good = words(&a, &r, arg[1], arg[2]);
    else if (n == 3 && strcmp(arg[0], "cities") == 0)
        good = cities(&a, &r, arg[1], arg[2]);
    else {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    report_print(&r, stderr, verbose);
    if (r.faults > 0)
        fprintf(stderr, "%d faults, %d warnings\n", r.faults, r.warnings);
    int status = good && r.faults == 0 ? 0 : EXIT_FAULTS;
    report_free(&r);
    arena_free(&a);
    return status;
}
