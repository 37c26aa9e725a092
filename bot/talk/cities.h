/* cities: places by which people tell their time zone (content/cities.yaml, compiled). */
#ifndef TALK_CITIES_H
#define TALK_CITIES_H

#include "words.h"

/* `known`: names as people type them, folded (bot/base/fold.h), one after another; an
 * empty one ends them. Names are indexed by enum lang. */
struct country {
    const char *name[2], *known;
};
struct city {
    const char *name[2], *known;
    int country; /* index in country_table; -1: none is said */
    const char *zone;
};
extern const struct country country_table[];
extern const struct city city_table[];
extern const int country_count, city_count;

enum { PLACES_MAX = 12 };
struct place {
    const char *zone;
    const char *name;  /* "Казань" */
    const char *label; /* "Бирмингем, США" */
};
/* The cities that somebody may mean, and their number. One name, or the name of a country;
 * else names that begin with these words; else the nearest within a slip or two of the
 * finger. A single place when all of them keep the same time; of a country one for each
 * time of day that is kept there. Strings are lent by the arena. */
int places_find(const struct words *w, const char *text, int64_t now_ms,
                struct place out[PLACES_MAX]);

#endif
