#define _DEFAULT_SOURCE /* explicit_bzero */
#include "bot/base/token.h"

#include <ctype.h>
#include <string.h>

#include "bot/base/file.h"

bool token_shaped(const char *s)
{
    size_t digits = strspn(s, "0123456789"), secret = 0;
    if (!digits || s[digits] != ':')
        return false;
    s += digits + 1;
    while (isalnum((unsigned char)s[secret]) || s[secret] == '_' || s[secret] == '-')
        secret++;
    return secret >= TOKEN_SECRET && !s[secret];
}

bool token_read(const char *path, char *out, size_t size)
{
    struct buf text = {.max = 4096};
    bool ok = file_read(path, &text) == OK;
    size_t from = 0, n = text.len;
    while (from < n && isspace((unsigned char)text.data[from]))
        from++;
    while (n > from && isspace((unsigned char)text.data[n - 1]))
        n--;
    ok = ok && n - from < size && !(n > from && memchr(text.data + from, '\0', n - from));
    if (ok && n > from)
        memcpy(out, text.data + from, n - from);
    out[ok ? n - from : 0] = '\0';
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_free(&text);
    return ok;
}
