/* similar: two entries say nearly the same, in other order or with a word changed.
 *
 * A text is the set of its runs of three words (shingles; A. Broder, "On the resemblance
 * and containment of documents", 1997); two texts resemble each other by the share of
 * shingles that both have among those that either has. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/letters.h"
#include "content/compiler/twins.h"

enum {
    RUN = 3,           /* words of a shingle */
    SHARED_MIN = 4,    /* shingles; shorter texts are alike by chance */
    NEAR_PERCENT = 45, /* of this much is warned */
    ALIKE_PERCENT = 60,
    SHORT_PERCENT = 80, /* the same for short texts: they share turns of speech */
    LONG_FROM = 12,     /* shingles of both */
    COMMON_FROM = 60    /* texts; a shingle of more is a turn of speech */
};

struct shingle {
    uint64_t hash;
    size_t saying;
};
struct pair {
    size_t one, two;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001b3ULL; /* FNV-1a, a letter at a time */
}

static bool is_word_letter(uint32_t c)
{
    return is_latin(c) || is_cyrillic(c) || (c >= '0' && c <= '9') || c == '_';
}

/* The hash of the next word, 0 at the end. */
static uint64_t word_next(const char **p)
{
    uint32_t c = letter_next(p);
    while (c && !is_word_letter(c))
        c = letter_next(p);
    uint64_t hash = c ? 0xcbf29ce484222325ULL : 0;
    for (; c && is_word_letter(c); c = letter_next(p)) {
        c = letter_lower(c);
        hash = mix(hash, c == 0x451 ? 0x435 : c); /* ё is е */
    }
    return hash;
}

static void shingles_add(struct buf *out, const struct saying *s, size_t index)
{
    uint64_t run[RUN] = {0}, word;
    const char *p = s->text;
    for (size_t n = 1; (word = word_next(&p)) != 0; n++) {
        memmove(run, run + 1, sizeof run - sizeof *run);
        run[RUN - 1] = word;
        struct shingle one = {(uint64_t)(unsigned char)s->what[0], index};
        for (size_t i = 0; i < RUN; i++)
            one.hash = mix(one.hash, run[i]);
        if (n >= RUN)
            buf_add(out, &one, sizeof one);
    }
}

static int by_hash(const void *a, const void *b)
{
    const struct shingle *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->saying < y->saying ? -1 : x->saying > y->saying;
}

static int by_pair(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->one != y->one)
        return x->one < y->one ? -1 : 1;
    return x->two < y->two ? -1 : x->two > y->two;
}

/* Takes repetitions inside a text out; returns how many are left. */
static size_t distinct(struct shingle *list, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_hash(&list[i], &list[i - 1]) != 0)
            list[n++] = list[i];
    return n;
}

static bool comparable(const struct saying *x, const struct saying *y)
{
    return x->entry != y->entry && strcmp(x->what, y->what) == 0;
}

/* Every pair of texts of two entries, once for each shingle that they share. */
static void pairs_add(struct buf *out, const struct saying *list, const struct shingle *s,
                      size_t count)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && s[to].hash == s[from].hash;)
            to++;
        if (to - from > COMMON_FROM)
            continue;
        for (size_t i = from; i < to; i++)
            for (size_t k = i + 1; k < to; k++) {
                struct pair one = {s[i].saying, s[k].saying};
                if (comparable(&list[one.one], &list[one.two]))
                    buf_add(out, &one, sizeof one);
            }
    }
}

static void complain(struct bank *b, const struct saying *x, const struct saying *y,
                     size_t shared, size_t either)
{
    size_t percent = shared * 100 / either;
    bool alike = percent >= (either < LONG_FROM ? SHORT_PERCENT : ALIKE_PERCENT);
    (alike ? fault_at : warn_at)(
        b->report, y->entry->at->file, y->line,
        "a %s here is %zu %% the same as one in '%s' (%s:%d): \"%.*s\"; say it in one "
        "entry",
        y->what, percent, entry_id(x->entry), x->entry->at->file, x->line,
        saying_excerpt(y->text), y->text);
}

static void pairs_check(struct bank *b, const struct saying *list, const size_t *sizes,
                        const struct pair *p, size_t count)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && by_pair(&p[to], &p[from]) == 0;)
            to++;
        const struct saying *x = &list[p[from].one], *y = &list[p[from].two];
        size_t shared = to - from,
               either = sizes[p[from].one] + sizes[p[from].two] - shared;
        if (shared >= SHARED_MIN && shared * 100 >= either * NEAR_PERCENT &&
            strcmp(x->text, y->text) != 0)
            complain(b, x, y, shared, either);
    }
}

void check_similar(struct bank *b, const struct saying *list, size_t count)
{
    struct buf shingles = {0}, pairs = {0};
    for (size_t i = 0; i < count; i++)
        shingles_add(&shingles, &list[i], i);
    struct shingle *s = (void *)shingles.data;
    size_t n = shingles.len / sizeof *s;
    if (n) {
        qsort(s, n, sizeof *s, by_hash);
        n = distinct(s, n);
        size_t *sizes = arena_alloc(b->arena, count * sizeof *sizes);
        for (size_t i = 0; i < n; i++)
            sizes[s[i].saying]++;
        pairs_add(&pairs, list, s, n);
        struct pair *p = (void *)pairs.data;
        size_t pair_count = pairs.len / sizeof *p;
        if (pair_count)
            qsort(p, pair_count, sizeof *p, by_pair);
        pairs_check(b, list, sizes, p, pair_count);
    }
    buf_free(&shingles);
    buf_free(&pairs);
}
