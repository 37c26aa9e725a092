#include "content/compiler/shape.h"

#include <stdint.h>
#include <string.h>

static const char *const kind_name[] = {"a text", "a list", "a mapping"};

static bool is_kind(struct report *r, const struct node *n, enum node_kind want)
{
    if (n->kind == want)
        return true;
    fault(r, n, "'%s' must be %s, not %s", n->key ? n->key : "an item", kind_name[want],
          kind_name[n->kind]);
    return false;
}

/* What PyYAML and others do not read as a text when it stands without quotes. */
static bool needs_quotes(const struct node *n)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on",   "off",
                                        "null", "~",     "y",   "n",  ".inf", ".nan"};
    if (!n->plain)
        return false;
    char low[8] = "";
    for (size_t i = 0; n->text[i] && i < sizeof low - 1; i++)
        low[i] =
            (char)(n->text[i] >= 'A' && n->text[i] <= 'Z' ? n->text[i] + 32 : n->text[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(n->text) < sizeof low && strcmp(low, words[i]) == 0)
            return true;
    const char *s = n->text + (n->text[0] == '-' || n->text[0] == '+');
    return *s >= '0' && *s <= '9' && s[strspn(s, "0123456789_.,:eExXoabcdf+-")] == '\0';
}

static bool is_text(struct report *r, const struct node *n, bool word)
{
    if (!is_kind(r, n, NODE_TEXT))
        return false;
    if (n->text[strspn(n->text, " \t\n")] == '\0') {
        fault(r, n, "'%s' is empty; write it or take the key away",
              n->key ? n->key : "an item");
        return false;
    }
    if (!word && needs_quotes(n)) {
        fault(r, n, "%s is not a text to other readers of YAML; put it in quotes: '%s'",
              n->text, n->text);
        return false;
    }
    return true;
}

static bool is_question_answer(struct report *r, const struct node *n)
{
    static const struct field fields[] = {
        {.key = "q", .shape = SHAPE_TEXT, .required = true, .offset = 0},
        {.key = "a", .shape = SHAPE_TEXT, .required = true, .offset = sizeof(void *)},
    };
    const struct node *found[2] = {NULL, NULL};
    shape_read(r, n, fields, 2, found, "a follow-up");
    return found[0] && found[1];
}

static bool is_list(struct report *r, const struct node *n, const struct field *f, bool qa)
{
    if (!is_kind(r, n, NODE_LIST))
        return false;
    bool good = true;
    for (const struct node *i = n->first; i; i = i->next)
        if (!(qa ? is_question_answer(r, i) : is_text(r, i, false)))
            good = false;
    if (!f->max || (n->count >= f->min && n->count <= f->max))
        return good;
    if (f->min == f->max)
        fault(r, n, "'%s' has %zu items; it takes %zu", f->key, n->count, f->min);
    else
        fault(r, n, "'%s' has %zu items; it takes %zu to %zu", f->key, n->count, f->min,
              f->max);
    return false;
}

static bool is_both(struct report *r, const struct node *n, const struct field *f)
{
    enum shape inner = f->shape == SHAPE_BOTH ? SHAPE_TEXT : SHAPE_MAP;
    const struct field fields[] = {{"ru", inner, true, 0, 0, 0},
                                   {"en", inner, true, sizeof(void *), 0, 0}};
    const struct node *found[2] = {NULL, NULL};
    if (!is_kind(r, n, NODE_MAP))
        return false;
    shape_read(r, n, fields, 2, found, f->key);
    if (!found[0] || !found[1])
        return false;
    if (f->shape == SHAPE_BOTH)
        return true;
    bool qa = f->shape == SHAPE_BOTH_QA, good = is_list(r, found[0], f, qa);
    if (!is_list(r, found[1], f, qa) || !good)
        return false;
    if (found[0]->count == found[1]->count)
        return true;
    fault(r, found[1], "'%s' has %zu items in Russian and %zu in English; make them match",
          f->key, found[0]->count, found[1]->count);
    return false;
}

static bool fits(struct report *r, const struct node *n, const struct field *f)
{
    switch (f->shape) {
    case SHAPE_TEXT:
    case SHAPE_WORD:
        return is_text(r, n, f->shape == SHAPE_WORD);
    case SHAPE_LIST:
        return is_list(r, n, f, false);
    case SHAPE_BOTH:
    case SHAPE_BOTH_LIST:
    case SHAPE_BOTH_QA:
        return is_both(r, n, f);
    case SHAPE_MAP:
        return true;
    }
    return false;
}

void shape_read(struct report *r, const struct node *map, const struct field *fields,
                size_t count, void *out, const char *what)
{
    if (map->kind != NODE_MAP) {
        fault(r, map, "%s must be a mapping, not %s", what, kind_name[map->kind]);
        return;
    }
    for (const struct node *n = map->first; n; n = n->next) {
        size_t i = 0;
        while (i < count && strcmp(fields[i].key, n->key) != 0)
            i++;
        if (i == count) {
            fault_at(r, n->file, n->key_line,
                     "unknown key '%s' in %s; content/README.md lists the keys", n->key,
                     what);
        } else if (node_at(map, n->key) == n && fits(r, n, &fields[i])) {
            /* of a key given twice all others see the first */
            *(const struct node **)(void *)((char *)out + fields[i].offset) = n;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !node_at(map, fields[i].key))
            fault(r, map, "%s lacks the key '%s'; add it", what, fields[i].key);
}

bool is_kebab(const char *text)
{
    bool joint = true; /* a hyphen may not stand here */
    for (; *text; text++) {
        if (*text == '-' && joint)
            return false;
        if (*text != '-' && !(*text >= 'a' && *text <= 'z') &&
            !(*text >= '0' && *text <= '9'))
            return false;
        joint = *text == '-';
    }
    return !joint;
}
