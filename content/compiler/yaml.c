#include "content/compiler/yaml.h"

#include <stdarg.h>
#include <string.h>
#include <yaml.h>

#include "bot/base/file.h"

enum { DEPTH_MAX = 16, FILE_MAX = 4 << 20 };

struct reader {
    struct arena *arena;
    struct report *report;
    const char *path;
    const struct buf *source;
    yaml_parser_t parser;
    bool failed; /* already reported */
};

static void give_up(struct reader *rd, size_t line, const char *what)
{
    if (!rd->failed)
        fault_at(rd->report, rd->path, (int)line, "%s", what);
    rd->failed = true;
}

/* Errors of the reader carry a byte offset and no line: count it. */
static void syntax_fault(struct reader *rd)
{
    const yaml_parser_t *p = &rd->parser;
    size_t line = p->problem_mark.line + 1;
    if (p->error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < p->problem_offset && i < rd->source->len; i++)
            line += rd->source->data[i] == '\n';
    }
    give_up(
        rd, line,
        arena_printf(rd->arena,
                     "not YAML: %s%s%s; mend the indentation, the quotes or the character",
                     p->problem ? p->problem : "cannot be read", p->context ? ", " : "",
                     p->context ? p->context : ""));
}

static bool next_event(struct reader *rd, yaml_event_t *e)
{
    if (rd->failed)
        return false;
    if (yaml_parser_parse(&rd->parser, e))
        return true;
    syntax_fault(rd);
    return false;
}

static struct node *node_new(struct reader *rd, const yaml_event_t *e)
{
    struct node *n = arena_alloc(rd->arena, sizeof *n);
    n->file = rd->path;
    n->line = (int)e->start_mark.line + 1;
    return n;
}

static struct node *scalar(struct reader *rd, const yaml_event_t *e)
{
    struct node *n = node_new(rd, e);
    yaml_scalar_style_t style = e->data.scalar.style;
    n->plain = style == YAML_PLAIN_SCALAR_STYLE;
    n->literal = style == YAML_LITERAL_SCALAR_STYLE;
    n->line += n->literal || style == YAML_FOLDED_SCALAR_STYLE;
    n->text =
        arena_text(rd->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    if (strlen(n->text) != e->data.scalar.length)
        give_up(rd, (size_t)n->line, "the text holds a NUL character; take it out");
    return n;
}

static struct node *value(struct reader *rd, const yaml_event_t *e, int depth);

static void append(struct node *parent, struct node **last, struct node *child)
{
    if (*last)
        (*last)->next = child;
    else
        parent->first = child;
    *last = child;
    parent->count++;
}

static struct node *list(struct reader *rd, struct node *n, int depth)
{
    struct node *last = NULL;
    yaml_event_t e;
    while (next_event(rd, &e)) {
        bool end = e.type == YAML_SEQUENCE_END_EVENT;
        struct node *child = end ? NULL : value(rd, &e, depth);
        yaml_event_delete(&e);
        if (end)
            return n;
        if (child)
            append(n, &last, child);
    }
    return NULL;
}

static bool map_key(struct reader *rd, const struct node *map, const yaml_event_t *e,
                    const char **out)
{
    size_t line = e->start_mark.line + 1;
    if (e->type != YAML_SCALAR_EVENT) {
        give_up(rd, line, "a key must be a plain word");
        return false;
    }
    *out = arena_text(rd->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    if (node_at(map, *out))
        fault_at(rd->report, rd->path, (int)line,
                 "key '%s' is given twice in one mapping; keep one", *out);
    return true;
}

static struct node *mapping(struct reader *rd, struct node *n, int depth)
{
    struct node *last = NULL;
    yaml_event_t e;
    while (next_event(rd, &e)) {
        const char *key = NULL;
        int line = (int)e.start_mark.line + 1;
        bool end = e.type == YAML_MAPPING_END_EVENT;
        bool good = !end && map_key(rd, n, &e, &key);
        yaml_event_delete(&e);
        if (end)
            return n;
        if (!good || !next_event(rd, &e))
            return NULL;
        struct node *child = value(rd, &e, depth);
        yaml_event_delete(&e);
        if (!child)
            return NULL;
        child->key = key;
        child->key_line = line;
        append(n, &last, child);
    }
    return NULL;
}

/* The node that begins with event `e`, or NULL after a fault that ends the reading. */
static struct node *value(struct reader *rd, const yaml_event_t *e, int depth)
{
    size_t line = e->start_mark.line + 1;
    if (depth > DEPTH_MAX) {
        give_up(rd, line, "nested deeper than 16 levels; make it flatter");
        return NULL;
    }
    if (e->type == YAML_SCALAR_EVENT && !e->data.scalar.anchor && !e->data.scalar.tag)
        return scalar(rd, e);
    if (e->type == YAML_SEQUENCE_START_EVENT && !e->data.sequence_start.anchor &&
        !e->data.sequence_start.tag) {
        struct node *n = node_new(rd, e);
        n->kind = NODE_LIST;
        return list(rd, n, depth + 1);
    }
    if (e->type == YAML_MAPPING_START_EVENT && !e->data.mapping_start.anchor &&
        !e->data.mapping_start.tag) {
        struct node *n = node_new(rd, e);
        n->kind = NODE_MAP;
        return mapping(rd, n, depth + 1);
    }
    give_up(rd, line,
            "anchors, aliases and tags (& * !) are not used here; write the text "
            "out, or put it in quotes");
    return NULL;
}

static struct node *document(struct reader *rd)
{
    struct node *root = NULL;
    yaml_event_t e;
    while (next_event(rd, &e)) {
        yaml_event_type_t type = e.type;
        if (type == YAML_DOCUMENT_START_EVENT && root)
            give_up(rd, e.start_mark.line + 1,
                    "a second document begins; one file holds one");
        else if (type >= YAML_ALIAS_EVENT)
            if (type == YAML_ALIAS_EVENT || type == YAML_SCALAR_EVENT ||
                type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
                root = value(rd, &e, 0);
        yaml_event_delete(&e);
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (!root && !rd->failed)
        give_up(rd, 1, "the file is empty; take it away or fill it");
    return rd->failed ? NULL : root;
}

struct node *yaml_read(struct arena *a, struct report *r, const char *path)
{
    struct buf source = {.max = FILE_MAX};
    enum err e = file_read(path, &source);
    if (e) {
        fault_at(r, path, 1, "cannot be read (%s)", err_text(e));
        buf_free(&source);
        return NULL;
    }
    struct reader rd = {.arena = a, .report = r, .path = path, .source = &source};
    if (!yaml_parser_initialize(&rd.parser))
        abort();
    yaml_parser_set_encoding(&rd.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &rd.parser, (const unsigned char *)(source.data ? source.data : ""), source.len);
    struct node *root = document(&rd);
    yaml_parser_delete(&rd.parser);
    buf_free(&source);
    return root;
}

const struct node *node_at(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (const struct node *n = map->first; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return n;
    return NULL;
}

bool node_holds(const struct node *list, const char *text)
{
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        if (strcmp(n->text, text) == 0)
            return true;
    return false;
}

int node_line(const struct node *n, size_t offset)
{
    int line = n->line;
    for (size_t i = 0; n->literal && i < offset && n->text[i]; i++)
        line += n->text[i] == '\n';
    return line;
}

void fault(struct report *r, const struct node *at, const char *fmt, ...)
{
    char text[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fault_at(r, at->file, at->line, "%s", text);
}
