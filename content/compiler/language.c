/* language: what prose may not hold. Code spans and blocks are outside its reach. */
#include <stdarg.h>
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/letters.h"
#include "content/compiler/wording.h"

enum { WORDS_MAX = 2000, WORD_MAX = 64 };

struct word {
    const char *at;
    size_t len;
    char lower[WORD_MAX]; /* apostrophes straight, ё kept */
    bool quoted, mixed, cyrillic;
};
struct text {
    struct bank *bank;
    const struct entry *entry;
    const struct piece *piece;
    struct word words[WORDS_MAX];
    char initials[WORDS_MAX]; /* of the words, so that most comparisons are a memchr() */
    size_t count;
};

static void complain(const struct text *t, const char *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(const struct text *t, const char *at, const char *fmt, ...)
{
    char what[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    fault_at(t->bank->report, t->piece->node->file,
             piece_line(t->piece, (size_t)(at - t->piece->prose)), "%s", what);
}

static bool is_letter(uint32_t c)
{
    return is_latin(c) || is_cyrillic(c);
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019;
}

/* Quotation marks nest at most twice and never reach over a paragraph. */
static int quote_step(uint32_t c, int depth)
{
    if (c == 0xab || c == 0x201c || c == 0x201e)
        return depth + 1;
    if ((c == 0xbb || c == 0x201d) && depth > 0)
        return depth - 1;
    if (c == '"')
        return depth > 0 ? depth - 1 : depth + 1;
    return c == '\n' ? 0 : depth;
}

/* Takes the word that begins with `c`, whose next letter is at p; returns its end. */
static const char *word_take(struct word *w, const char *p, uint32_t c)
{
    size_t low = 0;
    bool latin = false;
    const char *end = p;
    for (;;) {
        latin |= is_latin(c);
        w->cyrillic |= is_cyrillic(c);
        if (low + 5 < sizeof w->lower)
            low += letter_put(w->lower + low, letter_lower(c));
        end = p;
        c = letter_next(&p);
        if (is_apostrophe(c)) {
            const char *after = p;
            if (!is_latin(letter_next(&after)) || w->cyrillic)
                break;
            c = '\'';
        } else if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != 0x301) {
            break;
        }
    }
    w->lower[low] = '\0';
    w->mixed = latin && w->cyrillic;
    return end;
}

/* Two-byte letters differ in their second byte. */
static char initial(const char *word)
{
    return (unsigned char)word[0] < 0x80 ? word[0] : word[1];
}

static void words_split(struct text *t)
{
    int quotes = 0;
    t->count = 0;
    for (const char *p = t->piece->prose, *at = p; *p; at = p) {
        uint32_t c = letter_next(&p);
        quotes = quote_step(c, quotes);
        if (!is_letter(c) || t->count == WORDS_MAX)
            continue;
        struct word *w = &t->words[t->count++];
        *w = (struct word){.at = at, .quoted = quotes > 0};
        p = word_take(w, p, c);
        w->len = (size_t)(p - at);
        t->initials[t->count - 1] = initial(w->lower);
    }
}

static bool word_is(const struct word *w, const char *pattern, size_t len)
{
    const char *have = w->lower;
    if (len > 0 && pattern[0] == '*') {
        size_t n = strlen(have), tail = len - 1;
        return n > tail && memcmp(have + n - tail, pattern + 1, tail) == 0;
    }
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(have, pattern, len - 1) == 0;
    return strlen(have) == len && memcmp(have, pattern, len) == 0;
}

/* Do the words from i on begin with the phrase? Only blanks may lie between them. */
static bool phrase_at(const struct text *t, size_t i, const char *phrase, size_t len)
{
    const char *end = phrase + len;
    for (;; i++) {
        const char *blank = memchr(phrase, ' ', (size_t)(end - phrase));
        size_t n = blank ? (size_t)(blank - phrase) : (size_t)(end - phrase);
        if (i >= t->count || !word_is(&t->words[i], phrase, n))
            return false;
        if (!blank)
            return true;
        const struct word *w = &t->words[i];
        const char *after = w->at + w->len;
        if (i + 1 >= t->count || after + strspn(after, " -") != t->words[i + 1].at)
            return false;
        phrase = blank + 1;
    }
}

/* "I/O" is no address, and neither is "Type I". */
static bool is_symbol(const struct word *w)
{
    return strcmp(w->lower, "i") == 0 &&
           (w->at[0] != 'I' || w->at[1] == '/' || w->at[1] == ')' || w->at[1] == '.');
}

/* The next word from i on that may begin the phrase; t->count if there is none. */
static size_t candidate(const struct text *t, size_t i, const char *phrase)
{
    if (phrase[0] == '*' || i >= t->count)
        return i;
    const char *at = memchr(t->initials + i, initial(phrase), t->count - i);
    return at ? (size_t)(at - t->initials) : t->count;
}

/* In hr the interviewer speaks in his own words. */
static bool may_address(const struct text *t)
{
    enum piece_kind kind = t->piece->kind;
    bool asks = kind == PIECE_QUESTION || kind == PIECE_NEXT_Q;
    bool hr = t->entry->topic && strcmp(t->entry->topic->text, "hr") == 0;
    return hr && (asks || t->piece->lang == RU);
}

static void check_wording(const struct text *t, const struct wording *rule)
{
    if (rule->lang != t->piece->lang || (rule->scope == WORDING_ADDRESS && may_address(t)))
        return;
    for (const char *p = rule->phrases; *p;) {
        size_t n = strcspn(p, "|");
        for (size_t i = candidate(t, 0, p); i < t->count; i = candidate(t, i + 1, p)) {
            const struct word *w = &t->words[i];
            if ((w->quoted && rule->scope != WORDING_ALWAYS) || is_symbol(w) ||
                !phrase_at(t, i, p, n))
                continue;
            complain(t, w->at, "'%.*s': %s", (int)w->len, w->at, rule->advice);
        }
        p += n + (p[n] == '|');
    }
}

static void check_alphabets(const struct text *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct word *w = &t->words[i];
        if (w->mixed)
            complain(t, w->at, "'%.*s' mixes Cyrillic and Latin letters; type it anew",
                     (int)w->len, w->at);
        else if (w->cyrillic && t->piece->lang == EN)
            complain(t, w->at, "'%.*s' is Cyrillic in an English text; translate it",
                     (int)w->len, w->at);
    }
}

static bool cyrillic_beside(const char *prose, const char *at, const char *after)
{
    const char *p = after + strspn(after, " \"");
    if (is_cyrillic(letter_next(&p)))
        return true;
    const char *b = at;
    while (b > prose && (b[-1] == ' ' || b[-1] == '"'))
        b--;
    if (b == prose)
        return false;
    do
        b--;
    while (b > prose && ((unsigned char)*b & 0xc0) == 0x80);
    return is_cyrillic(letter_next(&b));
}

/* In plain texts (ask, options) code cannot be marked: only what touches Russian counts. */
static void check_signs(const struct text *t)
{
    bool ru = t->piece->lang == RU;
    bool plain = piece_rules[t->piece->kind].markup == MARKUP_NONE;
    const char *prose = t->piece->prose;
    for (const char *p = prose, *at = p; *p; at = p) {
        uint32_t c = letter_next(&p);
        bool spaced = at > prose && at[-1] == ' ' && *p == ' ';
        if (c == '"' && ru && (!plain || cyrillic_beside(prose, at, p)))
            complain(t, at, "straight quotes in Russian; use \xc2\xab\xc2\xbb, or code");
        if (c == '-' && spaced && (ru ? !plain || cyrillic_beside(prose, at, p) : !plain))
            complain(t, at, "a spaced hyphen; use %s",
                     ru ? "a dash (\xe2\x80\x94)" : "a comma, a colon or two sentences");
        if ((c == 0x2014 || c == 0x2013) && spaced && !ru)
            complain(t, at,
                     "a spaced dash in English; use a comma, a colon or two sentences");
        if (c >= 0x1f000 || c == 0xfe0f || (c >= 0x2600 && c <= 0x26ff))
            complain(t, at, "an emoji; the bank has none");
        if (c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
            c == 0xfeff || c == '\t')
            complain(t, at, "an invisible character; type the words anew");
    }
}

static bool is_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Endings of hosts that names of files and projects share. */
static bool is_host_ending(const struct word *w)
{
    static const char *const endings[] = {"py", "com", "org", "net", "io",  "ru",
                                          "me", "dev", "app", "ai",  "sh",  "rs",
                                          "md", "so",  "pl",  "cc",  "xyz", "info"};
    char after = w->at[w->len];
    if (after == '(' || after == '_')
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(w->lower, endings[i]) == 0)
            return true;
    return false;
}

/* Telegram's clients turn these into links and mentions. */
static void check_links_in_prose(const struct text *t)
{
    const char *prose = t->piece->prose;
    for (size_t i = 0; i < t->count; i++) {
        const struct word *w = &t->words[i];
        char before = w->at > prose ? w->at[-1] : ' ';
        char earlier = w->at > prose + 1 ? w->at[-2] : ' ';
        bool link = false;
        if (before == '@' || before == '/' || before == '#')
            link = !w->cyrillic && strchr(" \n(", earlier);
        else if (before == '.')
            link = is_name_letter(earlier) && is_host_ending(w);
        if (strncmp(w->at + w->len, "://", 3) == 0)
            link = true;
        if (link)
            complain(t, w->at, "clients make a link of '%c%.*s' here; put it in `code`",
                     before, (int)w->len, w->at);
    }
}

static void check_ending(const struct text *t)
{
    const struct piece *p = t->piece;
    size_t n = strlen(p->prose);
    while (n > 0 && (p->prose[n - 1] == '\n' || p->prose[n - 1] == ' '))
        n--;
    const char *end = p->prose + n;
    static const char *const sentence[] = {".", "?", "!", "\xe2\x80\xa6"};
    bool ended = false;
    const char *closer = end; /* the full stop may stand inside the closing quotes */
    if (n > 1 && (end[-1] == '"' || end[-1] == ')'))
        closer = end - 1;
    else if (n > 2 && memcmp(end - 2, "\xc2\xbb", 2) == 0)
        closer = end - 2;
    for (size_t i = 0; i < sizeof sentence / sizeof *sentence; i++) {
        size_t len = strlen(sentence[i]);
        ended |= n > len && memcmp(end - len, sentence[i], len) == 0;
        ended |= (size_t)(closer - p->prose) > len &&
                 memcmp(closer - len, sentence[i], len) == 0;
    }
    if (piece_rules[p->kind].sentence && !ended)
        complain(t, end, "the %s is a sentence: end it with a full stop or a question mark",
                 piece_rules[p->kind].name);
    if (p->kind == PIECE_POINT && n > 0 && end[-1] == '.')
        complain(t, end, "a point is a phrase: take the full stop away");
}

static void check_is_russian(const struct text *t)
{
    enum piece_kind kind = t->piece->kind;
    if (t->piece->lang != RU || kind == PIECE_POINT || kind == PIECE_OPTION ||
        kind == PIECE_NEXT_A)
        return;
    for (size_t i = 0; i < t->count; i++)
        if (t->words[i].cyrillic)
            return;
    complain(t, t->piece->prose, "the Russian %s has no Russian word; translate it",
             piece_rules[kind].name);
}

void check_prose(struct bank *b, const struct entry *e)
{
    static struct text t; /* large; one at a time */
    for (size_t i = 0; i < e->piece_count; i++) {
        t.bank = b;
        t.entry = e;
        t.piece = &e->pieces[i];
        words_split(&t);
        check_alphabets(&t);
        check_signs(&t);
        check_ending(&t);
        check_is_russian(&t);
        if (piece_rules[t.piece->kind].markup != MARKUP_NONE)
            check_links_in_prose(&t);
        for (size_t k = 0; k < wording_count; k++)
            check_wording(&t, &wordings[k]);
    }
}
