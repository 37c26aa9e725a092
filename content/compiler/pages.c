/* pages: the parts of an entry as Telegram shows them, and their sizes. */
#include <string.h>

#include "bot/base/buf.h"
#include "content/compiler/bank.h"
#include "content/compiler/letters.h"
#include "content/compiler/pages.h"

enum { SHOWN_MAX = 3500, SHOWN_GOOD = 2200, ENTITIES_MAX = 90, ENTITIES_GOOD = 45 };

/* The headings, from content/words/page.{ru,en}.yaml. */
enum heading { HEAD_POINTS, HEAD_FULL, HEAD_PITFALLS, HEAD_NEXT, HEAD_SOURCES, HEADINGS };
static const char *const heading_keys[HEADINGS] = {
    "page_points", "page_full", "page_pitfalls", "page_next", "page_sources"};
struct headings {
    const char *text[2][HEADINGS];
};

static void headings_read(struct bank *b, struct headings *h)
{
    for (int l = RU; l <= EN; l++) {
        const char *path =
            arena_printf(b->arena, "%s/words/page.%s.yaml", b->root, lang_name[l]);
        const struct node *words = yaml_read(b->arena, b->report, path);
        for (int i = 0; i < HEADINGS; i++) {
            const struct node *n = node_at(words, heading_keys[i]);
            bool good = n && n->kind == NODE_TEXT;
            if (words && !good)
                fault(b->report, words, "the heading '%s' is missing; add it",
                      heading_keys[i]);
            h->text[l][i] = good ? n->text : "";
        }
    }
}

struct page_size page_measure(const char *html)
{
    struct page_size size = {0};
    bool in_pre = false;
    for (const char *p = html; *p;) {
        if (*p == '<') {
            in_pre =
                strncmp(p, "<pre>", 5) == 0 || (in_pre && strncmp(p, "</pre>", 6) != 0);
            /* <code> inside <pre> only carries the language */
            size.entities += p[1] != '/' && !(in_pre && strncmp(p, "<code", 5) == 0);
            p += strcspn(p, ">");
            p += *p == '>';
            continue;
        }
        size_t entity = *p == '&' ? strcspn(p, ";") : 0;
        size.shown++;
        p += entity;
        letter_next(&p);
    }
    return size;
}

/* "docs.python.org · asyncio-dev": the host and what tells its pages apart. */
static void put_source(struct buf *out, struct arena *a, const char *url)
{
    const char *host = url + strspn(url, "htps:/");
    host += strncmp(host, "www.", 4) == 0 ? 4 : 0;
    size_t host_len = strcspn(host, "/?#");
    size_t path_len = strcspn(host, "?#");
    while (path_len > host_len && host[path_len - 1] == '/')
        path_len--;
    size_t last = path_len;
    while (last > host_len && host[last - 1] != '/')
        last--;
    const char *dot = memchr(host + last, '.', path_len - last);
    if (dot && strncmp(dot, ".html", 5) == 0)
        path_len = (size_t)(dot - host);
    buf_text(out, "<a href=\"");
    buf_escape(out, url);
    buf_text(out, "\">");
    buf_escape(out, arena_text(a, host, host_len));
    if (path_len > last && last > host_len) {
        buf_text(out, " \xc2\xb7 ");
        buf_escape(out, arena_text(a, host + last, path_len - last));
    }
    buf_text(out, "</a>");
}

static void put_heading(struct buf *out, const char *text)
{
    buf_text(out, out->len ? "\n\n<b>" : "<b>");
    buf_escape(out, text);
    buf_text(out, "</b>");
}

static void put_pieces(struct buf *out, const struct entry *e, enum lang lang,
                       enum piece_kind kind, const char *before)
{
    for (size_t i = 0; i < e->piece_count; i++)
        if (e->pieces[i].kind == kind && e->pieces[i].lang == lang) {
            buf_text(out, before);
            buf_text(out, e->pieces[i].html);
        }
}

static void put_follow_ups(struct buf *out, const struct entry *e, enum lang lang)
{
    for (size_t i = 0; i < e->piece_count; i++) {
        const struct piece *p = &e->pieces[i];
        bool question = p->kind == PIECE_NEXT_Q;
        if (p->lang != lang || (!question && p->kind != PIECE_NEXT_A))
            continue;
        buf_text(out, !question                                          ? "\n"
                      : p[-1].kind == PIECE_NEXT_A && p[-1].lang == lang ? "\n\n"
                                                                         : "\n");
        buf_text(out, p->html);
    }
}

static const char *part_render(struct bank *b, const struct entry *e, enum lang lang,
                               int part, const struct headings *h)
{
    static const char bullet[] = "\n\xe2\x80\xa2 ";
    struct buf out = {0};
    switch (part) {
    case 0:
        put_pieces(&out, e, lang, PIECE_QUESTION, "");
        break;
    case 1:
        put_pieces(&out, e, lang, PIECE_SHORT, "");
        put_heading(&out, h->text[lang][HEAD_POINTS]);
        put_pieces(&out, e, lang, PIECE_POINT, bullet);
        break;
    case 2:
        put_heading(&out, h->text[lang][HEAD_FULL]);
        put_pieces(&out, e, lang, PIECE_ANSWER, "\n");
        break;
    case 3:
        put_heading(&out, h->text[lang][HEAD_PITFALLS]);
        put_pieces(&out, e, lang, PIECE_PITFALL, bullet);
        put_heading(&out, h->text[lang][HEAD_NEXT]);
        put_follow_ups(&out, e, lang);
        if (e->sources)
            put_heading(&out, h->text[lang][HEAD_SOURCES]);
        for (const struct node *n = e->sources ? e->sources->first : NULL; n; n = n->next) {
            buf_text(&out, bullet);
            put_source(&out, b->arena, n->text);
        }
        break;
    default:
        put_pieces(&out, e, lang, PIECE_SHORT, "");
    }
    const char *lent = arena_text(b->arena, out.data ? out.data : "", out.len);
    buf_free(&out);
    return lent;
}

/* On the screen the question stands above each part. */
static void check_size(struct bank *b, const struct entry *e, enum lang lang, int part)
{
    struct page_size head = page_measure(e->part[lang][0]);
    struct page_size size = page_measure(e->part[lang][part]);
    size_t shown = head.shown + 2 + size.shown, entities = head.entities + size.entities;
    if (shown > SHOWN_MAX || entities > ENTITIES_MAX)
        fault(
            b->report, e->at,
            "page %d (%s) has %zu characters and %zu entities with its question; cut it to "
            "%d and %d",
            part, lang_name[lang], shown, entities, SHOWN_MAX, ENTITIES_MAX);
    else if (shown > SHOWN_GOOD || entities > ENTITIES_GOOD)
        warn_at(
            b->report, e->at->file, e->at->line,
            "page %d (%s) has %zu characters and %zu entities with its question; %d and "
            "%d read better",
            part, lang_name[lang], shown, entities, SHOWN_GOOD, ENTITIES_GOOD);
}

void pages_render(struct bank *b)
{
    struct headings h = {0};
    headings_read(b, &h);
    for (size_t i = 0; i < b->entry_count; i++)
        for (int l = RU; l <= EN; l++)
            for (int part = 0; part < PARTS; part++) {
                struct entry *e = &b->entries[i];
                e->part[l][part] = part_render(b, e, (enum lang)l, part, &h);
                if (part > 0)
                    check_size(b, e, (enum lang)l, part);
            }
}
