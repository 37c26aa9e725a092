/* checklist: content/checklist.yaml, what a candidate goes through before an interview, and
 * the entries behind each item. */
#include <stddef.h>
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/shape.h"

enum { ENTRIES_MAX = 6, OWN_TAGS_MAX = 3 };

struct part {
    const struct node *id, *title, *tags, *kind, *below;
};
#define AT(member) offsetof(struct part, member)
static const struct field root_fields[] = {{"tags", SHAPE_LIST, true, AT(tags), 1, 10},
                                           {"sections", SHAPE_MAP, true, AT(below), 0, 0}};
static const struct field section_fields[] = {{"title", SHAPE_BOTH, true, AT(title), 0, 0},
                                              {"tags", SHAPE_LIST, false, AT(tags), 1, 2},
                                              {"groups", SHAPE_MAP, true, AT(below), 0, 0}};
static const struct field group_fields[] = {{"kind", SHAPE_TEXT, true, AT(kind), 0, 0},
                                            {"title", SHAPE_BOTH, false, AT(title), 0, 0},
                                            {"items", SHAPE_MAP, true, AT(below), 0, 0}};
static const struct field item_fields[] = {
    {"id", SHAPE_TEXT, true, AT(id), 0, 0},
    {"title", SHAPE_BOTH, true, AT(title), 0, 0},
    {"entries", SHAPE_LIST, true, AT(below), 1, ENTRIES_MAX}};
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* The first of a list of mappings; NULL: it is none, which is said. */
static const struct node *first_of(struct bank *b, const struct node *list)
{
    if (list && list->kind != NODE_LIST)
        fault(b->report, list, "'%s' must be a list", list->key);
    return list && list->kind == NODE_LIST ? list->first : NULL;
}

static void check_tags(struct bank *b, const struct node *tags, const struct node *known,
                       const char *where)
{
    for (const struct node *n = tags ? tags->first : NULL; n; n = n->next)
        if (!node_holds(known, n->text))
            fault(b->report, n, "tag '%s' is not in the list of %s; use one of it", n->text,
                  where);
}

static void check_entries(struct bank *b, const struct node *entries,
                          const struct node *tags)
{
    for (const struct node *n = entries ? entries->first : NULL; n; n = n->next) {
        const struct entry *e = entry_find(b, n->text);
        for (const struct node *k = entries->first; k != n; k = k->next)
            if (strcmp(k->text, n->text) == 0)
                fault(b->report, n, "'%s' is there twice; keep one", n->text);
        if (!e || is_retired(e)) {
            fault(b->report, n, "'%s' is no entry of the bank; mend the id", n->text);
            continue;
        }
        for (const struct node *t = tags ? tags->first : NULL; t; t = t->next)
            if (!has_tag(e, t->text))
                fault(b->report, n,
                      "entries of this section have the tag '%s'; add it to '%s' "
                      "(%s:%d)",
                      t->text, n->text, e->at->file, e->at->line);
    }
}

static void group_read(struct bank *b, const struct node *at, int section, int group,
                       const struct node *tags)
{
    static const char *const kinds[] = {"skill", "explain", "know", "dont"};
    struct part g = {0};
    size_t kind = 0;
    int number = 0;
    shape_read(b->report, at, group_fields, COUNT(group_fields), &g, "a group");
    while (g.kind && kind < COUNT(kinds) && strcmp(kinds[kind], g.kind->text) != 0)
        kind++;
    if (kind == COUNT(kinds))
        fault(b->report, g.kind, "kind '%s' must be skill, explain, know or dont",
              g.kind->text);
    for (const struct node *n = first_of(b, g.below); n; n = n->next) {
        struct part item = {0};
        const char *id = arena_printf(b->arena, "S%d.%d.%d", section, group, ++number);
        shape_read(b->report, n, item_fields, COUNT(item_fields), &item, "an item");
        if (item.id && strcmp(item.id->text, id) != 0)
            fault(b->report, item.id, "id '%s' must be %s: section, group, number",
                  item.id->text, id);
        check_entries(b, item.below, tags);
        b->items[b->item_count++] = item.id ? item.id->text : id;
    }
}

static size_t nodes_below(const struct node *n)
{
    size_t count = 1;
    for (const struct node *i = n->kind == NODE_TEXT ? NULL : n->first; i; i = i->next)
        count += nodes_below(i);
    return count;
}

/* What an entry says of the checklist is there; beside the tags that the checklist gives it
 * has some of its own. */
static void check_entry(struct bank *b, const struct entry *e, const struct node *given)
{
    int own = 0;
    bool known = !e->likelihood;
    for (size_t i = 0; i < b->item_count && !known; i++)
        known = strcmp(b->items[i], e->likelihood->text) == 0;
    if (!known)
        fault(b->report, e->likelihood,
              "checklist.yaml has no item '%s'; use one of its ids", e->likelihood->text);
    for (const struct node *t = e->tags ? e->tags->first : NULL; t; t = t->next)
        own += !node_holds(given, t->text);
    if (e->tags && (own < 1 || own > OWN_TAGS_MAX))
        fault(b->report, e->tags, "'%s' has %d tags of its own; it takes 1 to %d",
              entry_id(e), own, (int)OWN_TAGS_MAX);
}

void check_checklist(struct bank *b)
{
    const char *path = arena_printf(b->arena, "%s/checklist.yaml", b->root);
    const struct node *root = yaml_read(b->arena, b->report, path);
    struct part list = {0};
    int number = 0;
    if (!root)
        return;
    shape_read(b->report, root, root_fields, COUNT(root_fields), &list, "checklist.yaml");
    check_tags(b, list.tags, b->tags, "topics.yaml");
    b->items = arena_alloc(b->arena, nodes_below(root) * sizeof *b->items);
    for (const struct node *n = first_of(b, list.below); n; n = n->next) {
        struct part section = {0};
        int group = 0;
        number++;
        shape_read(b->report, n, section_fields, COUNT(section_fields), &section,
                   "a section");
        check_tags(b, section.tags, list.tags, "checklist.yaml");
        for (const struct node *g = first_of(b, section.below); g; g = g->next)
            group_read(b, g, number, ++group, section.tags);
    }
    for (size_t i = 0; i < b->entry_count; i++)
        check_entry(b, &b->entries[i], list.tags);
}
