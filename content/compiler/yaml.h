/* yaml: a YAML file as a small tree in which every node knows its file and line.
 *
 * Scalars are texts, whatever they look like: `no` is the word "no". Refused, each with
 * its place: aliases, tags, keys given twice, nesting deeper than 16, a second document,
 * files over 4 MB. */
#ifndef COMPILER_YAML_H
#define COMPILER_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "content/compiler/report.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    bool plain;       /* a scalar without quotes */
    bool literal;     /* a block scalar with |: its lines are lines of the file */
    int line;         /* from 1; of a block scalar, its first line of text */
    const char *file; /* as given to yaml_read() */
    const char *key;  /* in a mapping: the key that this node is the value of */
    int key_line;
    const char *text;          /* NODE_TEXT: never NULL */
    struct node *first, *next; /* first child; next sibling */
    size_t count;              /* of children */
};

/* NULL when the file has faults; they are in the report. Keeps `path`; the tree is lent by
 * the arena. */
struct node *yaml_read(struct arena *a, struct report *r, const char *path);
/* The value under a key, or NULL. `map` may be NULL or no mapping. */
const struct node *node_at(const struct node *map, const char *key);
/* Whether a list of texts, or NULL, has this one. */
bool node_holds(const struct node *list, const char *text);
/* The line of the byte at `offset` in a text, as near as YAML lets us know. */
int node_line(const struct node *n, size_t offset);
void fault(struct report *r, const struct node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
