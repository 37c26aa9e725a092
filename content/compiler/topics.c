/* topics: content/topics.yaml, the topics in their order and the closed list of tags. */
#include <stdlib.h>
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/shape.h"

enum { PLACES_MAX = 10000 };

struct topic_fields {
    const struct node *slug, *title, *synonyms, *places, *complete;
};
#define AT(member) offsetof(struct topic_fields, member)
static const struct field topic_fields[] = {
    {"slug", SHAPE_TEXT, true, AT(slug), 0, 0},
    {"title", SHAPE_BOTH, true, AT(title), 0, 0},
    {"synonyms", SHAPE_LIST, false, AT(synonyms), 0, 0},
    {"places", SHAPE_WORD, true, AT(places), 0, 0},
    {"complete", SHAPE_WORD, true, AT(complete), 0, 0},
};

static int places_of(struct bank *b, const struct node *n)
{
    char *end;
    long places = strtol(n->text, &end, 10);
    if (*end || n->text[0] < '0' || n->text[0] > '9' || places > PLACES_MAX) {
        fault(b->report, n,
              "'places' must be the length of the source list, 0 if it has none");
        return 0;
    }
    return (int)places;
}

static void topic_read(struct bank *b, struct topic *t, const struct node *at)
{
    struct topic_fields f = {0};
    *t = (struct topic){.at = at, .slug = "", .title = {"", ""}};
    shape_read(b->report, at, topic_fields, sizeof topic_fields / sizeof *topic_fields, &f,
               "a topic");
    if (f.slug && !is_kebab(f.slug->text))
        fault(b->report, f.slug,
              "slug '%s' must be kebab-case: a-z, 0-9 and single hyphens", f.slug->text);
    else if (f.slug && topic_find(b, f.slug->text))
        fault(b->report, f.slug, "topic '%s' is there already; keep one", f.slug->text);
    else if (f.slug)
        t->slug = f.slug->text;
    for (int l = RU; f.title && l <= EN; l++)
        t->title[l] = node_at(f.title, lang_name[l])->text;
    t->synonyms = f.synonyms;
    t->places = f.places ? places_of(b, f.places) : 0;
    t->owners = arena_alloc(b->arena, ((size_t)t->places + 1) * sizeof *t->owners);
    if (f.complete && strcmp(f.complete->text, "yes") != 0 &&
        strcmp(f.complete->text, "no") != 0)
        fault(b->report, f.complete, "'complete' must be yes or no");
    t->complete = f.complete && strcmp(f.complete->text, "yes") == 0;
}

void topics_read(struct bank *b)
{
    struct {
        const struct node *topics, *tags;
    } f = {0};
    static const struct field fields[] = {{"topics", SHAPE_MAP, true, 0, 0, 0},
                                          {"tags", SHAPE_LIST, true, sizeof(void *), 0, 0}};
    const char *path = arena_printf(b->arena, "%s/topics.yaml", b->root);
    const struct node *root = yaml_read(b->arena, b->report, path);
    if (!root)
        return;
    shape_read(b->report, root, fields, 2, &f, "topics.yaml");
    b->tags = f.tags;
    for (const struct node *t = b->tags ? b->tags->first : NULL; t; t = t->next)
        if (!is_kebab(t->text))
            fault(b->report, t, "tag '%s' must be kebab-case", t->text);
    if (!f.topics || f.topics->kind != NODE_LIST) {
        if (f.topics)
            fault(b->report, f.topics, "'topics' must be a list");
        return;
    }
    b->topics = arena_alloc(b->arena, (f.topics->count + 1) * sizeof *b->topics);
    for (const struct node *n = f.topics->first; n; n = n->next) {
        struct topic t;
        topic_read(b, &t, n);
        b->topics[b->topic_count++] = t;
    }
}

struct topic *topic_find(const struct bank *b, const char *slug)
{
    for (size_t i = 0; i < b->topic_count; i++)
        if (strcmp(b->topics[i].slug, slug) == 0)
            return &b->topics[i];
    return NULL;
}
