/* json: reading with cJSON made strict, writing with a small streaming writer.
 *
 * cJSON alone accepts trailing garbage, bad UTF-8, bare control bytes, 01 and \u with no
 * digits, saturates integers at 2^31 and prints large ids wrong; so parsing is guarded
 * here and printing does not use it. Every getter is total: a missing or mistyped value
 * gives the fallback. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/base/buf.h"

struct cJSON;

/* Gives the tree, or NULL for anything that is not one JSON value in valid UTF-8, or is
 * nested over 1000 deep. A text ends for us at its \u0000, which anyone can put into the
 * data of a press: it must not spoil the whole answer. Of equal keys the first is found. */
struct cJSON *json_parse(const char *text, size_t len);
void json_free(struct cJSON *v); /* NULL is fine */

/* `path` is keys joined by dots. All lend from the tree. */
const struct cJSON *json_at(const struct cJSON *v, const char *path);
const char *json_text(const struct cJSON *v, const char *path); /* NULL if no string */
/* Integral numbers up to 2^53 - 1 either way, and strings of decimal digits. */
int64_t json_int(const struct cJSON *v, const char *path, int64_t fallback);
bool json_bool(const struct cJSON *v, const char *path); /* true only if true */
bool json_is_object(const struct cJSON *v);
bool json_is_array(const struct cJSON *v);
const struct cJSON *json_first(const struct cJSON *v); /* first child or NULL */
const struct cJSON *json_next(const struct cJSON *v);  /* next sibling or NULL */
const char *json_name(const struct cJSON *v); /* the key it stands under, or NULL */

bool utf8_valid(const char *text, size_t len); /* no overlong forms, surrogates, NUL */
size_t utf8_length(const char *text);          /* code points of a valid text */

/* The writer: commas are its business. `key` NULL inside arrays. */
struct json_out {
    struct buf *buf;
    bool comma;
};
void jo_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void jo_close(struct json_out *o, char bracket);                 /* '}' or ']' */
void jo_text(struct json_out *o, const char *key, const char *text);
void jo_int(struct json_out *o, const char *key, int64_t value);
void jo_bool(struct json_out *o, const char *key, bool value);
void jo_null(struct json_out *o, const char *key);
void jo_real(struct json_out *o, const char *key, double value); /* not finite: null */
/* All of v as it was read: what json_int() reads exactly is written exactly. */
void jo_copy(struct json_out *o, const char *key, const struct cJSON *v);

#endif
