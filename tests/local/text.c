#include "tests/local/text.h"

#include <stdbool.h>
#include <string.h>

int text_points(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

int text_utf16(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((*text & 0xc0) != 0x80) + ((unsigned char)*text >= 0xf0);
    return n;
}

static bool blank(char c)
{
    return c == ' ' || c == '\n';
}

const char *text_clean(const char *text, struct arena *a)
{
    char *s = arena_text(a, text, strlen(text)), *to = s;
    for (const char *p = text; *p; p++)
        if (*p != '\r')
            *to++ = (unsigned char)*p < ' ' && *p != '\n' ? ' ' : *p;
    while (to > s && blank(to[-1]))
        to--;
    *to = '\0';
    while (blank(*s))
        s++;
    return s;
}

void buf_point(struct buf *b, unsigned c)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned char s[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t k = n; k-- > 1; c >>= 6)
        s[k] = (unsigned char)(0x80 | (c & 0x3f));
    s[0] = (unsigned char)(lead[n] | c);
    buf_add(b, s, n);
}

void buf_ascii_json(struct buf *b, const char *json)
{
    for (const unsigned char *p = (const unsigned char *)json; *p;) {
        size_t plain = 0;
        while (p[plain] && p[plain] < 0x80)
            plain++;
        buf_add(b, p, plain);
        p += plain;
        if (!*p)
            return;
        int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
        unsigned c = *p++ & (0x3fu >> more);
        for (; more > 0; more--)
            c = c << 6 | (*p++ & 0x3f);
        if (c > 0xffff)
            buf_printf(b, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                       0xdc00 + (c & 0x3ff));
        else
            buf_printf(b, "\\u%04x", c);
    }
}
