#include "bot/talk/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bot/base/buf.h"

/* Bytes of the code point at p, which is valid UTF-8 (json.h sees to it). */
static size_t take(const char *p, uint32_t *out)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n && p[i]; i++)
        code = code << 6 | ((unsigned char)p[i] & 0x3f);
    *out = code;
    return n;
}

/* Ranges of code points that would let a name break the line it stands in. */
static bool is_unfit(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
        {0x115f, 0x1160},  {0x200b, 0x200c}, {0x200e, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f},  {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xfff0, 0xffff},
        {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static bool is_accent(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) ||
           (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x20d0 && c <= 0x20ff);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == 0xa0 || c == 0x3000 ||
           (c >= 0x2000 && c <= 0x200a);
}

const char *name_plain(struct arena *a, const char *name)
{
    enum { ACCENTS = 2 };
    struct buf b = {0};
    int shown = 0, accents = 0;
    bool blank = false;
    uint32_t c;
    for (size_t n; *name && shown <= NAME_SHOWN_MAX; name += n) {
        n = take(name, &c);
        accents = is_accent(c) ? accents + 1 : 0;
        if (is_blank(c)) {
            blank = shown > 0;
        } else if (!is_unfit(c) && accents <= ACCENTS) {
            if (shown++ == NAME_SHOWN_MAX) {
                buf_text(&b, "…");
                break;
            }
            if (blank)
                buf_text(&b, " ");
            blank = false;
            buf_add(&b, name, strnlen(name, n));
        }
    }
    const char *out = b.len ? arena_text(a, b.data, b.len) : "?";
    buf_free(&b);
    return out;
}

const char *name_shown(struct arena *a, const char *name)
{
    struct buf b = {0};
    buf_escape(&b, name_plain(a, name));
    const char *out = arena_text(a, b.data, b.len);
    buf_free(&b);
    return out;
}
