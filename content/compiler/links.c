/* links: what entries point at, each other and the sources. */
#include <string.h>

#include "content/compiler/bank.h"

enum { URL_MAX = 300 };

static bool is_url(const char *text)
{
    static const char scheme[] = "https://";
    if (strncmp(text, scheme, sizeof scheme - 1) != 0 || strlen(text) > URL_MAX)
        return false;
    const char *host = text + sizeof scheme - 1;
    size_t n = strcspn(host, "/?#");
    if (strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != n ||
        !memchr(host, '.', n) || host[0] == '.' || host[n - 1] == '.')
        return false;
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p))
            return false;
    return true;
}

/* Sources that are there once a version: which the bank is true for. */
static const struct {
    const char *site, *editions; /* split by | */
} edited[] = {
    {"https://docs.python.org/", "3/|3.14/|2.7/"},
    {"https://docs.djangoproject.com/", "en/5.2/"},
    {"https://www.postgresql.org/docs/", "17/|18/|release/"},
    {"https://docs.sqlalchemy.org/", "en/20/"},
};

static void check_edition(struct bank *b, const struct node *n)
{
    for (size_t i = 0; i < sizeof edited / sizeof *edited; i++) {
        size_t site = strlen(edited[i].site);
        bool good = strncmp(n->text, edited[i].site, site) != 0;
        for (const char *p = edited[i].editions; !good && *p;) {
            size_t len = strcspn(p, "|");
            good = strncmp(n->text + site, p, len) == 0;
            p += len + (p[len] == '|');
        }
        if (!good)
            fault(b->report, n, "source '%s': cite the edition that the bank is for (%s%s)",
                  n->text, edited[i].site, edited[i].editions);
    }
}

static void check_sources(struct bank *b, const struct entry *e)
{
    if (!node_at(e->at, "sources") && !is_personal(e))
        fault(b->report, e->at,
              "'%s' has no sources; cite one to three, official ones first", entry_id(e));
    for (const struct node *n = e->sources ? e->sources->first : NULL; n; n = n->next) {
        if (!is_url(n->text))
            fault(b->report, n, "source '%s' must be a URL that begins with https://",
                  n->text);
        check_edition(b, n);
        for (const struct node *k = e->sources->first; k != n; k = k->next)
            if (strcmp(k->text, n->text) == 0)
                fault(b->report, n, "source '%s' is there twice; keep one", n->text);
    }
}

static void check_contrast(struct bank *b, const struct entry *e)
{
    for (const struct node *n = e->contrast ? e->contrast->first : NULL; n; n = n->next) {
        const struct entry *other = entry_find(b, n->text);
        if (!other)
            fault(b->report, n, "contrast '%s' is no entry of the bank; mend the id",
                  n->text);
        else if (other == e)
            fault(b->report, n, "contrast names the entry itself; take it away");
        else if (!node_holds(other->contrast, entry_id(e)))
            fault(b->report, n, "contrast is mutual: add '%s' to '%s' (%s:%d)", entry_id(e),
                  n->text, other->at->file, other->at->line);
    }
}

static void check_retired(struct bank *b, const struct entry *e)
{
    if (e->retired && strcmp(e->retired->text, "yes") != 0)
        fault(b->report, e->retired, "'retired' can only be yes; take it away otherwise");
    if (!e->instead)
        return;
    const struct entry *other = entry_find(b, e->instead->text);
    if (!is_retired(e))
        fault(b->report, e->instead, "'instead' needs 'retired: yes'");
    if (!other || other == e || is_retired(other))
        fault(b->report, e->instead,
              "'instead' must name another entry that is not retired");
}

void check_links(struct bank *b)
{
    for (size_t i = 0; i < b->entry_count; i++) {
        check_sources(b, &b->entries[i]);
        check_contrast(b, &b->entries[i]);
        check_retired(b, &b->entries[i]);
    }
}
