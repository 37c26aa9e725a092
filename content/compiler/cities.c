#include "content/compiler/cities.h"

#include <stddef.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/base/tz.h"
#include "content/compiler/bank.h"
#include "content/compiler/letters.h"
#include "content/compiler/shape.h"

/* A list shorter than this has lost something; a button holds so many letters. */
enum { CITIES_MIN = 200, NAMES_MAX = 16, BUTTON_MAX = 40 };

struct place {
    const struct node *at, *name, *other, *code, *zone;
    int country; /* of a city: index of its country; -1: the name alone tells */
};
#define AT(member) offsetof(struct place, member)
static const struct field country_fields[] = {
    {"code", SHAPE_WORD, true, AT(code), 0, 0},
    {"name", SHAPE_BOTH, true, AT(name), 0, 0},
    {"other", SHAPE_LIST, false, AT(other), 0, 0},
};
static const struct field city_fields[] = {
    {"name", SHAPE_BOTH, true, AT(name), 0, 0},
    {"other", SHAPE_LIST, false, AT(other), 0, 0},
    {"country", SHAPE_WORD, false, AT(code), 0, 0},
    {"zone", SHAPE_TEXT, true, AT(zone), 0, 0},
};

struct atlas {
    struct arena *arena;
    struct report *report;
    struct place *countries, *cities;
    size_t country_count, city_count;
};

static const char *name_of(const struct place *p, int lang)
{
    return node_at(p->name, lang_name[lang])->text;
}

static const char *code_of(const struct place *p)
{
    return p->code ? p->code->text : "";
}

/* A Russian name is Cyrillic and an English one is not. */
static void check_letters(struct atlas *a, const struct place *p)
{
    for (int l = RU; l <= EN; l++) {
        const char *text = name_of(p, l);
        if (letters(text) > BUTTON_MAX)
            fault(a->report, p->name, "'%s' is over the %d letters of a button", text,
                  BUTTON_MAX);
        for (uint32_t c; (c = letter_next(&text)) != 0;)
            if (l == RU ? is_latin(c) : is_cyrillic(c)) {
                fault(a->report, p->name, "the %s name is in the other alphabet",
                      lang_name[l]);
                break;
            }
    }
}

/* The names as people's are folded. Not twice: one that is the same in both languages. */
static size_t folded(struct atlas *a, const struct place *p, const char *out[NAMES_MAX])
{
    size_t n = 0;
    for (int l = RU; l <= EN; l++)
        out[n++] = fold(a->arena, name_of(p, l));
    if (strcmp(out[0], out[1]) == 0)
        n = 1;
    for (const struct node *o = p->other ? p->other->first : NULL; o; o = o->next) {
        const char *name = fold(a->arena, o->text);
        bool twice = false;
        for (size_t i = 0; i < n; i++)
            twice |= strcmp(out[i], name) == 0;
        if (!*name || twice)
            fault(a->report, o, "'%s' says nothing that the names do not; take it away",
                  o->text);
        else if (n == NAMES_MAX)
            fault(a->report, o, "more than %d names; keep the usual ones", NAMES_MAX);
        else
            out[n++] = name;
    }
    return n;
}

static struct place *read_list(struct atlas *a, const struct node *list,
                               const struct field *fields, size_t n, const char *what,
                               size_t *out_n)
{
    size_t count = 0;
    struct place *out = arena_alloc(a->arena, (list->count + 1) * sizeof *out);
    if (list->kind != NODE_LIST)
        fault(a->report, list, "'%s' must be a list", list->key);
    for (const struct node *at = list->first; list->kind == NODE_LIST && at;
         at = at->next) {
        struct place p = {.at = at};
        shape_read(a->report, at, fields, n, &p, what);
        p.at = at;
        if (!p.name)
            continue;
        check_letters(a, &p);
        out[count++] = p;
    }
    *out_n = count;
    return out;
}

static void place_city(struct atlas *a, size_t index)
{
    struct place *p = &a->cities[index];
    p->country = -1;
    for (size_t i = 0; p->code && i < a->country_count; i++)
        if (strcmp(code_of(&a->countries[i]), code_of(p)) == 0)
            p->country = (int)i;
    if (p->code && p->country < 0)
        fault(a->report, p->code, "country '%s' is not among the countries; add it there",
              p->code->text);
    if (p->zone && !zone_find(p->zone->text))
        fault(a->report, p->zone, "tzdata has no zone '%s'", p->zone->text);
    for (size_t i = 0; i < index; i++)
        for (int l = RU; l <= EN; l++)
            if ((!p->code || !a->cities[i].code ||
                 strcmp(code_of(&a->cities[i]), code_of(p)) == 0) &&
                strcmp(name_of(&a->cities[i], l), name_of(p, l)) == 0)
                fault(a->report, p->at,
                      "'%s' is there already (line %d); tell them apart in brackets",
                      name_of(p, l), a->cities[i].at->line);
}

static void read_atlas(struct atlas *a, const char *path)
{
    struct {
        const struct node *countries, *cities;
    } f = {0};
    static const struct field fields[] = {
        {"countries", SHAPE_MAP, true, 0, 0, 0},
        {"cities", SHAPE_MAP, true, sizeof(void *), 0, 0}};
    const struct node *root = yaml_read(a->arena, a->report, path);
    if (!root)
        return;
    shape_read(a->report, root, fields, 2, &f, "cities.yaml");
    if (!f.countries || !f.cities)
        return;
    a->countries = read_list(a, f.countries, country_fields,
                             sizeof country_fields / sizeof *country_fields, "a country",
                             &a->country_count);
    a->cities =
        read_list(a, f.cities, city_fields, sizeof city_fields / sizeof *city_fields,
                  "a city", &a->city_count);
    for (size_t i = 0; i < a->country_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(code_of(&a->countries[i]), code_of(&a->countries[j])) == 0)
                fault(a->report, a->countries[i].at, "country '%s' is there already",
                      code_of(&a->countries[i]));
    for (size_t i = 0; i < a->city_count; i++)
        place_city(a, i);
    if (a->city_count < CITIES_MIN)
        fault(a->report, f.cities,
              "%zu cities, and there were over %d; put back what was lost", a->city_count,
              (int)CITIES_MIN);
}

/* A C string; ? is escaped because C17 knows trigraphs. */
static void put_string(struct buf *out, const char *text)
{
    buf_text(out, "\"");
    for (; *text; text++)
        buf_printf(out, strchr("\"\\?", *text) ? "\\%c" : "%c", *text);
    buf_text(out, "\"");
}

/* {"Казань", "Kazan"}, "казань\0" "kazan\0": the literal's own end is the empty name. */
static void put_names(struct atlas *a, const struct place *p, struct buf *out)
{
    const char *names[NAMES_MAX];
    size_t n = folded(a, p, names);
    buf_text(out, "    {{");
    put_string(out, name_of(p, RU));
    buf_text(out, ", ");
    put_string(out, name_of(p, EN));
    buf_text(out, "},");
    for (size_t i = 0; i < n; i++) {
        buf_text(out, " ");
        put_string(out, names[i]);
        buf_text(out, " \"\\0\"");
    }
}

void cities_source(struct arena *arena, struct report *r, const char *path, struct buf *out)
{
    struct atlas a = {.arena = arena, .report = r};
    read_atlas(&a, path);
    buf_text(out, "/* Made by content/compiler from content/cities.yaml. */\n"
                  "#include \"bot/talk/cities.h\"\n\n"
                  "const struct country country_table[] = {\n");
    for (size_t i = 0; i < a.country_count; i++) {
        put_names(&a, &a.countries[i], out);
        buf_text(out, "},\n");
    }
    buf_printf(out, "};\nconst int country_count = %zu;\n\n", a.country_count);
    buf_text(out, "const struct city city_table[] = {\n");
    for (size_t i = 0; i < a.city_count; i++) {
        put_names(&a, &a.cities[i], out);
        buf_printf(out, ", %d, ", a.cities[i].country);
        put_string(out, a.cities[i].zone ? a.cities[i].zone->text : "");
        buf_text(out, "},\n");
    }
    buf_printf(out, "};\nconst int city_count = %zu;\n", a.city_count);
}
