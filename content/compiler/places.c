/* places: which entry answers which place of the source lists, and how likely an entry is
 * to be asked. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/bank.h"

enum { SECTIONS = 9 };

/* An item of the checklist counts by its section: the earlier it comes up in interviews,
 * the smaller. */
static const double section_likely[SECTIONS + 1] = {1,    0.06, 0.02, 0.06, 0.06,
                                                    0.02, 0.12, 0.20, 0.12, 0.20};

static bool number(const char **p, long *out)
{
    if (**p < '1' || **p > '9')
        return false;
    char *end;
    *out = strtol(*p, &end, 10);
    *p = end;
    return *out < 1000;
}

/* S3.1.4: section, group, number. */
static double checklist_likely(struct bank *b, const struct node *n)
{
    const char *p = n->text + (n->text[0] == 'S');
    long part[3];
    bool good = n->text[0] == 'S';
    for (int i = 0; i < 3 && good; i++) {
        good = number(&p, &part[i]) && *p == (i < 2 ? '.' : '\0');
        p += good && i < 2;
    }
    if (good && part[0] <= SECTIONS)
        return section_likely[part[0]];
    fault(b->report, n, "likelihood '%s' must be an item of the checklist, like S3.1.4",
          n->text);
    return 1;
}

static void take_place(struct bank *b, struct entry *e, struct topic *t,
                       const struct node *n)
{
    long place = 0;
    const char *p = n->kind == NODE_TEXT ? n->text : "";
    if (!number(&p, &place) || *p || place > t->places) {
        fault(b->report, n, "a place of topic '%s' is a number from 1 to %d", t->slug,
              t->places);
        return;
    }
    const struct entry *owner = t->owners[place - 1];
    if (owner == e)
        fault(b->report, n, "place %ld of '%s' is given twice; keep one", place, t->slug);
    else if (owner)
        fault(b->report, n,
              "place %ld of '%s' belongs to '%s' (%s:%d); a place has one entry", place,
              t->slug, entry_id(owner), owner->at->file, owner->at->line);
    else
        t->owners[place - 1] = e;
    double likely = (double)(place - 1) / t->places;
    if (likely < e->likely)
        e->likely = likely;
}

static void take_places(struct bank *b, struct entry *e)
{
    if (e->asked->kind != NODE_MAP || !e->asked->first) {
        fault(b->report, e->asked,
              "'asked' must be a mapping of topics to lists of places");
        return;
    }
    for (const struct node *n = e->asked->first; n; n = n->next) {
        struct topic *t = topic_find(b, n->key);
        if (!t)
            fault_at(b->report, n->file, n->key_line,
                     "topic '%s' is not in topics.yaml; use one of its slugs", n->key);
        else if (t->places == 0)
            fault_at(b->report, n->file, n->key_line,
                     "topic '%s' has no source list; use 'likelihood'", n->key);
        else if (n->kind != NODE_LIST || !n->first)
            fault(b->report, n, "the places of '%s' must be a list of numbers", n->key);
        else
            for (const struct node *i = n->first; i; i = i->next)
                take_place(b, e, t, i);
    }
}

static void check_complete(struct bank *b, const struct topic *t)
{
    struct buf free_places = {.max = 500};
    int missing = 0;
    for (int i = 0; i < t->places; i++)
        if (!t->owners[i] && missing++ < 20)
            buf_printf(&free_places, " %d", i + 1);
    if (t->complete && missing)
        fault(b->report, t->at,
              "topic '%s' says complete: yes, but %d places belong to no entry:%s%s; write "
              "them or say no",
              t->slug, missing, free_places.data, missing > 20 ? " ..." : "");
    buf_free(&free_places);
}

void check_places(struct bank *b)
{
    for (size_t i = 0; i < b->entry_count; i++) {
        struct entry *e = &b->entries[i];
        e->likely = e->likelihood ? checklist_likely(b, e->likelihood) : 1;
        if (is_retired(e) && e->asked)
            fault(b->report, e->asked, "a retired entry holds no place; take 'asked' away");
        else if (e->asked)
            take_places(b, e);
        else if (!node_at(e->at, "likelihood") && !is_retired(e))
            fault(b->report, e->at,
                  "'%s' has neither 'asked' nor 'likelihood'; say where it is asked",
                  entry_id(e));
        if (e->home && !is_retired(e))
            e->home->held++;
    }
    for (size_t i = 0; i < b->topic_count; i++)
        check_complete(b, &b->topics[i]);
}
