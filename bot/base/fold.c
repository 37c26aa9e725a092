#include "bot/base/fold.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum kind { KIND_WORD, KIND_BREAK, KIND_NOTHING };

static enum kind kind_of(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
        return KIND_WORD;
    case G_UNICODE_FORMAT: /* soft hyphen, joiners: unseen inside a word */
        return KIND_NOTHING;
    default:
        return KIND_BREAK;
    }
}

/* Compatibility forms first (a script capital becomes a plain one), then case, then NFKC
 * again, because folding can leave parts that compose. The caller frees. */
static char *unified(const char *utf8)
{
    char *forms = g_utf8_normalize(utf8, -1, G_NORMALIZE_NFKC);
    char *lower = g_utf8_casefold(forms, -1);
    char *whole = g_utf8_normalize(lower, -1, G_NORMALIZE_NFKC);
    g_free(forms);
    g_free(lower);
    return whole;
}

char *fold(struct arena *a, const char *utf8)
{
    if (!g_utf8_validate(utf8, -1, NULL))
        return arena_text(a, "", 0);
    char *text = unified(utf8);
    char *out = arena_alloc(a, strlen(text) + 1), *end = out;
    bool gap = false;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        enum kind kind = kind_of(c);
        gap = gap || kind == KIND_BREAK;
        if (kind != KIND_WORD)
            continue;
        if (gap && end > out)
            *end++ = ' ';
        gap = false;
        end += g_unichar_to_utf8(c == 0x451 ? 0x435 : c, end); /* ё is е, both 2 bytes */
    }
    *end = '\0';
    g_free(text);
    return out;
}

/* -1 when there are more code points than fit. */
static int code_points(const char *text, gunichar out[FOLD_DISTANCE_LEN])
{
    int n = 0;
    for (; *text; text = g_utf8_next_char(text)) {
        if (n == FOLD_DISTANCE_LEN)
            return -1;
        out[n++] = g_utf8_get_char(text);
    }
    return n;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

int fold_distance(const char *a, const char *b, int max)
{
    gunichar x[FOLD_DISTANCE_LEN], y[FOLD_DISTANCE_LEN];
    int rows[3][FOLD_DISTANCE_LEN + 1];
    if (strcmp(a, b) == 0)
        return 0;
    int n = code_points(a, x), m = code_points(b, y);
    if (n < 0 || m < 0 || n - m > max || m - n > max)
        return max + 1;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        int best = now[0] = i;
        for (int j = 1; j <= m; j++) {
            now[j] = least(least(last[j] + 1, now[j - 1] + 1),
                           last[j - 1] + (x[i - 1] != y[j - 1]));
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
            best = least(best, now[j]);
        }
        if (best > max + 1) /* a swap can still take one off the row before */
            return max + 1;
    }
    return least(rows[n % 3][m], max + 1);
}
