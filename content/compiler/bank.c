#include "content/compiler/bank.h"

#include <string.h>

#include "content/compiler/folder.h"
#include "content/compiler/pages.h"

static const struct node *entries_of(struct bank *b, const char *path)
{
    const struct node *root = yaml_read(b->arena, b->report, path);
    const struct node *list = node_at(root, "questions");
    if (!root) {
        b->partial = true;
        return NULL;
    }
    for (const struct node *n = root->kind == NODE_MAP ? root->first : NULL; n; n = n->next)
        if (n != list)
            fault_at(b->report, path, n->key_line,
                     "unknown key '%s'; a file of questions holds only 'questions'",
                     n->key);
    if (list && list->kind == NODE_LIST)
        return list;
    fault(b->report, root, "the file must begin with 'questions:', a list of entries");
    return NULL;
}

struct entry *entry_find(const struct bank *b, const char *id)
{
    for (size_t i = 0; i < b->entry_count; i++)
        if (b->entries[i].id && strcmp(b->entries[i].id->text, id) == 0)
            return &b->entries[i];
    return NULL;
}

static void take_entry(struct bank *b, const struct node *at)
{
    struct entry e;
    entry_read(b, &e, at);
    const struct entry *twin = e.id ? entry_find(b, e.id->text) : NULL;
    if (twin) {
        fault(b->report, e.id, "id '%s' is taken (%s:%d); ids are unique in the whole bank",
              e.id->text, twin->at->file, twin->at->line);
        return;
    }
    b->entries[b->entry_count++] = e;
}

void bank_read(struct bank *b)
{
    topics_read(b);
    const char *folder = arena_printf(b->arena, "%s/questions", b->root);
    size_t files, total = 0;
    char **paths = folder_list(b->arena, folder, ".yaml", &files);
    const struct node **lists = arena_alloc(b->arena, (files + 1) * sizeof *lists);
    for (size_t i = 0; i < files; i++) {
        lists[i] = entries_of(b, paths[i]);
        total += lists[i] ? lists[i]->count : 0;
    }
    if (files == 0)
        fault_at(b->report, folder, 1, "no *.yaml here; give the folder `content`");
    b->entries = arena_alloc(b->arena, (total + 1) * sizeof *b->entries);
    for (size_t i = 0; i < files; i++)
        for (const struct node *n = lists[i] ? lists[i]->first : NULL; n; n = n->next)
            take_entry(b, n);
}

void bank_hold(struct bank *b)
{
    if (!b->partial) {
        ids_read(b, false);
        check_places(b);
        check_links(b);
        check_checklist(b);
    }
    check_code(b);
    check_quizzes(b);
    for (size_t i = 0; i < b->entry_count; i++) {
        check_prose(b, &b->entries[i]);
        check_parity(b, &b->entries[i]);
    }
    check_twins(b);
    pages_render(b);
}

struct tally {
    int entries, quizzes, places;
    size_t largest;
};

static struct tally tally_of(const struct bank *b, const struct topic *t)
{
    struct tally n = {0};
    for (int i = 0; i < t->places; i++)
        n.places += t->owners[i] != NULL;
    for (size_t i = 0; i < b->entry_count; i++) {
        const struct entry *e = &b->entries[i];
        if (e->home != t)
            continue;
        n.entries++;
        n.quizzes += e->quiz != NULL;
        for (int l = RU; l <= EN; l++)
            for (int part = 1; part < PARTS; part++) {
                size_t shown = page_measure(e->part[l][part]).shown;
                n.largest = shown > n.largest ? shown : n.largest;
            }
    }
    return n;
}

void bank_summary(const struct bank *b, FILE *out)
{
    struct tally all = {0};
    int lists = 0;
    fprintf(out, "%-16s %8s %14s %8s %13s\n", "topic", "entries", "places", "quizzes",
            "largest page");
    for (size_t i = 0; i < b->topic_count; i++) {
        const struct topic *t = &b->topics[i];
        struct tally n = tally_of(b, t);
        all.entries += n.entries;
        all.quizzes += n.quizzes;
        all.places += n.places;
        lists += t->places;
        all.largest = n.largest > all.largest ? n.largest : all.largest;
        if (n.entries || n.places)
            fprintf(out, "%-16s %8d %6d of %4d%s %7d %13zu\n", t->slug, n.entries, n.places,
                    t->places, t->complete ? "*" : " ", n.quizzes, n.largest);
    }
    fprintf(out, "%-16s %8d %6d of %4d  %7d %13zu\n", "in all", all.entries, all.places,
            lists, all.quizzes, all.largest);
}
