/* shape: which keys a mapping has and what stands under them. */
#ifndef COMPILER_SHAPE_H
#define COMPILER_SHAPE_H

#include "content/compiler/yaml.h"

enum shape {
    SHAPE_TEXT,      /* not empty, and not what other YAML readers take for a number */
    SHAPE_WORD,      /* not empty; numbers and `yes` are welcome */
    SHAPE_LIST,      /* of texts */
    SHAPE_MAP,       /* looked into by others */
    SHAPE_BOTH,      /* {ru: text, en: text} */
    SHAPE_BOTH_LIST, /* {ru: [text], en: [text]}, as many in both */
    SHAPE_BOTH_QA,   /* {ru: [{q, a}], en: [{q, a}]}, as many in both */
};
struct field {
    const char *key;
    enum shape shape;
    bool required;
    size_t offset;   /* of a const struct node * in the filled struct */
    size_t min, max; /* items of a list; 0, 0: any */
};

/* Checks `map` against `fields` and stores the well-formed values into `out`. `what` names
 * the mapping in messages. */
void shape_read(struct report *r, const struct node *map, const struct field *fields,
                size_t count, void *out, const char *what);
bool is_kebab(const char *text); /* a-z 0-9, parts joined by single hyphens */

#endif
