/* tz: time zones, as a table from UTC to offset plus our own way back.
 *
 * GLib reads the zone files; wall time to UTC is searched here, because GLib takes the
 * second pass of an hour that comes twice. Only ids that tzdata itself lists are known
 * (GLib would take `+03:00`, POSIX rules and paths too). Instants are milliseconds UTC;
 * a date is days since 1970-01-01 of the wall calendar. */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include <stdbool.h>
#include <stdint.h>

struct zone;

/* Reads the list of ids from $TZDIR or /usr/share/zoneinfo, once; the calls below do it
 * themselves. False: no tzdata there, and every id is unknown. */
bool zone_init(void);
/* NULL when the id is not known, letter for letter. Lends for the life of the process:
 * a zone is loaded once. */
const struct zone *zone_find(const char *id);
const char *zone_id(const struct zone *z); /* lends for the life of the process */
/* The id of what a person typed, in any case, `_` or blanks: `europe/moscow`, `Moscow`,
 * `buenos aires`. NULL when nothing fits, or two different zones do. */
const char *zone_search(const char *text);

int64_t zone_offset_s(const struct zone *z, int64_t utc_ms); /* east of UTC is positive */
/* The instant of a wall date and minute (0..1439). One that does not exist gives the
 * first instant after the gap; one that comes twice gives the first. */
int64_t zone_instant_ms(const struct zone *z, int64_t date, int minute);
/* The wall date of an instant and, when `minute` is not NULL, the minute of that day. */
int64_t zone_date(const struct zone *z, int64_t utc_ms, int *minute);

#endif
