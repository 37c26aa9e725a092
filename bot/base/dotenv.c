#include "bot/base/dotenv.h"

#include <ctype.h>
#include <string.h>

static size_t blanks(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (text[n] == ' ' || text[n] == '\t'))
        n++;
    return n;
}

/* False: the quote stays open, or something other than a comment follows it. */
static bool quoted_value(struct dotenv *d, const char *text, size_t len)
{
    const char *end = memchr(text + 1, *text, len - 1);
    if (!end)
        return false;
    d->value = text + 1;
    d->value_len = (size_t)(end - d->value);
    size_t left = len - d->value_len - 2, gap = blanks(end + 1, left);
    return gap == left || (gap > 0 && end[1 + gap] == '#');
}

static void bare_value(struct dotenv *d, const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && !(text[n] == '#' && (n == 0 || blanks(text + n - 1, 1))))
        n++;
    while (n && blanks(text + n - 1, 1))
        n--;
    d->value = text;
    d->value_len = n;
}

static bool setting(struct dotenv *d, const char *line, size_t len)
{
    size_t key = 0;
    while (key < len && (isalnum((unsigned char)line[key]) || line[key] == '_'))
        key++;
    size_t equals = key + blanks(line + key, len - key);
    if (!key || equals == len || line[equals] != '=') {
        d->fault = "expected KEY=VALUE";
        return false;
    }
    d->key = line;
    d->key_len = key;
    const char *text = line + equals + 1;
    size_t left = len - equals - 1, gap = blanks(text, left);
    text += gap;
    left -= gap;
    if (!left || (*text != '"' && *text != '\''))
        bare_value(d, text, left);
    else if (!quoted_value(d, text, left))
        d->fault = "expected the quotes of the value to close at its end";
    return !d->fault;
}

bool dotenv_next(struct dotenv *d)
{
    if (!d->line && d->len >= 3 && memcmp(d->text, "\xef\xbb\xbf", 3) == 0) {
        d->text += 3; /* the mark that some editors put before UTF-8 */
        d->len -= 3;
    }
    while (d->len) {
        const char *line = d->text, *end = memchr(line, '\n', d->len);
        size_t len = end ? (size_t)(end - line) : d->len;
        d->text += len + (end != NULL);
        d->len -= len + (end != NULL);
        d->line++;
        len -= len && line[len - 1] == '\r';
        size_t gap = blanks(line, len);
        line += gap;
        len -= gap;
        if (!len || *line == '#')
            continue;
        bool exported = len > 7 && memcmp(line, "export ", 7) == 0;
        return setting(d, line + (exported ? 7 : 0), len - (exported ? 7 : 0));
    }
    return false;
}
