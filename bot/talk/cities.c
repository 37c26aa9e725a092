#include "bot/talk/cities.h"

#include <string.h>

#include "bot/base/fold.h"
#include "bot/base/json.h"
#include "bot/base/tz.h"

enum { SLIP_FROM = 4, TWO_SLIPS_FROM = 8, BEGINS_FROM = 3, FAR = 99, SEASONS = 4 };
#define SEASON_MS (91LL * 24 * 3600 * 1000)

/* Names of places lie closer than those of topics: Атлантида is not Атланта. */
static int forgiven(const char *name)
{
    size_t n = utf8_length(name);
    return n >= TWO_SLIPS_FROM ? 2 : n >= SLIP_FROM ? 1 : 0;
}

static const char *name_after(const char *name)
{
    return name + strlen(name) + 1;
}

/* How far the nearest name is; FAR when none is near. */
static int away(const char *known, const char *asked)
{
    int best = FAR;
    for (const char *name = known; *name; name = name_after(name)) {
        int allowed = forgiven(name);
        int slips = fold_distance(asked, name, allowed);
        if (slips <= allowed && slips < best)
            best = slips;
    }
    return best;
}

static bool begins(const char *known, const char *asked)
{
    size_t n = strlen(asked);
    for (const char *name = known; *name; name = name_after(name))
        if (strncmp(name, asked, n) == 0 && name[n] == ' ')
            return true;
    return false;
}

struct search {
    const struct words *w;
    struct place *out;
    int n;
    bool apart; /* not all of them keep the same time */
};

static void add(struct search *s, const struct city *c)
{
    if (!zone_find(c->zone)) /* an older tzdata than the compiler's */
        return;
    s->apart |= s->n > 0 && strcmp(s->out[0].zone, c->zone) != 0;
    if (s->n == PLACES_MAX)
        return;
    const char *name = c->name[s->w->lang];
    const char *country =
        c->country < 0 ? name : country_table[c->country].name[s->w->lang];
    s->out[s->n++] =
        (struct place){.zone = c->zone,
                       .name = name,
                       .label = strcmp(name, country) == 0
                                    ? name
                                    : arena_printf(s->w->arena, "%s, %s", name, country)};
}

/* Whether the clocks of both agree all through the year that begins now. */
static bool same_time(const char *one, const char *other, int64_t now_ms)
{
    const struct zone *a = zone_find(one), *b = zone_find(other);
    bool same = a && b;
    for (int i = 0; i < SEASONS && same; i++)
        same = zone_offset_s(a, now_ms + i * SEASON_MS) ==
               zone_offset_s(b, now_ms + i * SEASON_MS);
    return same;
}

/* A city for each of its times: its zones can be more than there are places. */
static void add_country(struct search *s, int country, int64_t now_ms)
{
    for (int i = 0; i < city_count; i++) {
        bool there = city_table[i].country != country;
        for (int j = 0; j < s->n && !there; j++)
            there = strcmp(s->out[j].zone, city_table[i].zone) == 0 ||
                    same_time(s->out[j].zone, city_table[i].zone, now_ms);
        if (!there)
            add(s, &city_table[i]);
    }
}

int places_find(const struct words *w, const char *text, int64_t now_ms,
                struct place out[PLACES_MAX])
{
    struct search s = {.w = w, .out = out};
    const char *asked = fold(w->arena, text);
    int nearest = FAR;
    for (int i = 0; i < city_count; i++) {
        int slips = away(city_table[i].known, asked);
        nearest = slips < nearest ? slips : nearest;
    }
    for (int i = 0; i < city_count && nearest == 0; i++)
        if (away(city_table[i].known, asked) == 0)
            add(&s, &city_table[i]);
    for (int i = 0; i < country_count && s.n == 0; i++)
        if (away(country_table[i].known, asked) == 0)
            add_country(&s, i, now_ms);
    bool word = s.n == 0 && utf8_length(asked) >= BEGINS_FROM;
    for (int i = 0; i < city_count && word; i++)
        if (begins(city_table[i].known, asked))
            add(&s, &city_table[i]);
    bool slip = s.n == 0 && nearest < FAR;
    for (int i = 0; i < city_count && slip; i++)
        if (away(city_table[i].known, asked) == nearest)
            add(&s, &city_table[i]);
    return s.n > 1 && !s.apart ? 1 : s.n;
}
