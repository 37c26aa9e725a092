#include "bot/base/json.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t utf8_step(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return s[0] ? 1 : 0;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

bool utf8_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = utf8_step((const unsigned char *)text + i, len - i);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

size_t utf8_length(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Bytes of the string that opens at `s`, both quotes counted; 0 for one that cJSON takes
 * and JSON does not: a bare control byte, \u without four digits. */
static size_t string_len(const char *s, size_t left)
{
    for (size_t i = 1; i < left; i++) {
        if (s[i] == '"')
            return i + 1;
        if ((unsigned char)s[i] < ' ')
            return 0;
        if (s[i] != '\\')
            continue;
        if (++i == left || s[i] != 'u')
            continue;
        size_t digits = 0;
        while (digits < 4 && i + 1 + digits < left &&
               isxdigit((unsigned char)s[i + 1 + digits]))
            digits++;
        if (digits < 4)
            return 0;
    }
    return 0;
}

static size_t digits_len(const char *s, size_t left)
{
    size_t n = 0;
    while (n < left && isdigit((unsigned char)s[n]))
        n++;
    return n;
}

/* Bytes of the number that begins at `s`, 0 when JSON has no such number. */
static size_t number_len(const char *s, size_t left)
{
    size_t i = s[0] == '-', whole = digits_len(s + i, left - i), more;
    if (!whole || (whole > 1 && s[i] == '0'))
        return 0;
    i += whole;
    if (i < left && s[i] == '.') {
        if (!(more = digits_len(s + i + 1, left - i - 1)))
            return 0;
        i += 1 + more;
    }
    if (i < left && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < left && (s[i] == '+' || s[i] == '-');
        if (!(more = digits_len(s + i, left - i)))
            return 0;
        i += more;
    }
    return i;
}

/* Whether every string and number is one by the letter of JSON; the structure around them
 * is cJSON's to judge. */
static bool strict_tokens(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = 1;
        if (text[i] == '"')
            n = string_len(text + i, len - i);
        else if (text[i] == '-' || isdigit((unsigned char)text[i]))
            n = number_len(text + i, len - i);
        else if ((unsigned char)text[i] < ' ' && !strchr("\t\r\n", text[i]))
            n = 0;
        if (!n)
            return false;
        i += n;
    }
    return true;
}

struct cJSON *json_parse(const char *text, size_t len)
{
    if (!text || !utf8_valid(text, len) || !strict_tokens(text, len))
        return NULL;
    const char *end = NULL;
    cJSON *v = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    if (!v)
        return NULL;
    for (; end < text + len; end++)
        if (!strchr(" \t\r\n", *end)) {
            cJSON_Delete(v);
            return NULL;
        }
    return v;
}

void json_free(struct cJSON *v)
{
    cJSON_Delete(v);
}

const struct cJSON *json_at(const struct cJSON *v, const char *path)
{
    char key[64];
    while (v && path && *path) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof key)
            return NULL;
        memcpy(key, path, n);
        key[n] = '\0';
        v = cJSON_GetObjectItemCaseSensitive(v, key);
        path += path[n] ? n + 1 : n;
    }
    return v;
}

const char *json_text(const struct cJSON *v, const char *path)
{
    return cJSON_GetStringValue(json_at(v, path));
}

int64_t json_int(const struct cJSON *v, const char *path, int64_t fallback)
{
    const double edge = 9007199254740991.0; /* 2^53 - 1: above it a double skips integers */
    v = json_at(v, path);
    if (cJSON_IsNumber(v)) {
        double d = v->valuedouble;
        return d >= -edge && d <= edge && (double)(int64_t)d == d ? (int64_t)d : fallback;
    }
    const char *s = cJSON_GetStringValue(v);
    if (!s || !*s || strlen(s) > 18 || s[strspn(s, "-0123456789")])
        return fallback;
    char *end;
    int64_t n = strtoll(s, &end, 10);
    return *end ? fallback : n;
}

bool json_bool(const struct cJSON *v, const char *path)
{
    return cJSON_IsTrue(json_at(v, path));
}

bool json_is_object(const struct cJSON *v)
{
    return cJSON_IsObject(v);
}

bool json_is_array(const struct cJSON *v)
{
    return cJSON_IsArray(v);
}

const struct cJSON *json_first(const struct cJSON *v)
{
    return v ? v->child : NULL;
}

const struct cJSON *json_next(const struct cJSON *v)
{
    return v ? v->next : NULL;
}

const char *json_name(const struct cJSON *v)
{
    return v ? v->string : NULL;
}

static void quoted(struct buf *b, const char *text)
{
    buf_add(b, "\"", 1);
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' &&
               text[plain] != '\\')
            plain++;
        buf_add(b, text, plain);
        text += plain;
        if (!*text)
            break;
        if (*text == '\n')
            buf_text(b, "\\n");
        else if ((unsigned char)*text < ' ')
            buf_printf(b, "\\u%04x", (unsigned char)*text);
        else
            buf_printf(b, "\\%c", *text);
        text++;
    }
    buf_add(b, "\"", 1);
}

static void lead(struct json_out *o, const char *key)
{
    if (o->comma)
        buf_add(o->buf, ",", 1);
    o->comma = true;
    if (key) {
        quoted(o->buf, key);
        buf_add(o->buf, ":", 1);
    }
}

void jo_open(struct json_out *o, const char *key, char bracket)
{
    lead(o, key);
    buf_add(o->buf, &bracket, 1);
    o->comma = false;
}

void jo_close(struct json_out *o, char bracket)
{
    buf_add(o->buf, &bracket, 1);
    o->comma = true;
}

void jo_text(struct json_out *o, const char *key, const char *text)
{
    lead(o, key);
    quoted(o->buf, text);
}

void jo_int(struct json_out *o, const char *key, int64_t value)
{
    lead(o, key);
    buf_printf(o->buf, "%" PRId64, value);
}

void jo_bool(struct json_out *o, const char *key, bool value)
{
    lead(o, key);
    buf_text(o->buf, value ? "true" : "false");
}

void jo_null(struct json_out *o, const char *key)
{
    lead(o, key);
    buf_text(o->buf, "null");
}

void jo_real(struct json_out *o, const char *key, double value)
{
    if (!isfinite(value)) {
        jo_null(o, key);
        return;
    }
    lead(o, key);
    buf_printf(o->buf, "%.17g", value);
}

void jo_copy(struct json_out *o, const char *key, const struct cJSON *v)
{
    bool object = cJSON_IsObject(v);
    if (object || cJSON_IsArray(v)) {
        jo_open(o, key, object ? '{' : '[');
        for (const struct cJSON *child = v->child; child; child = child->next)
            jo_copy(o, child->string, child);
        jo_close(o, object ? '}' : ']');
    } else if (cJSON_IsString(v)) {
        jo_text(o, key, v->valuestring);
    } else if (cJSON_IsBool(v)) {
        jo_bool(o, key, cJSON_IsTrue(v));
    } else {
        int64_t whole = json_int(v, NULL, INT64_MIN);
        if (whole != INT64_MIN)
            jo_int(o, key, whole);
        else if (cJSON_IsNumber(v))
            jo_real(o, key, v->valuedouble);
        else
            jo_null(o, key);
    }
}
