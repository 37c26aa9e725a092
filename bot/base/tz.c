#include "bot/base/tz.h"

#include <assert.h>
#include <ctype.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/arena.h"
#include "bot/base/file.h"

enum { ID_MAX = 64, ZONES_MAX = 2048, TZDATA_MAX = 4 << 20, DAY_S = 86400 };
/* How much a name is one of today's: zone1970.tab lists those in use, tzdata.zi the rest.
 */
enum rank { RANK_TABLE, RANK_ZONE, RANK_LINK };

struct zone {
    const char *id;
    const char *target; /* what a link stands for, else the id */
    enum rank rank;
    GTimeZone *tz; /* NULL until it is looked for */
};

static struct {
    struct arena names; /* lives as long as the process */
    struct zone zones[ZONES_MAX];
    size_t n;
    bool read;
} tz;

/* GLib never sees text that is not shaped like this. */
static bool id_shaped(const char *s, size_t len)
{
    if (!len || len >= ID_MAX || s[0] == '/')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)s[i]) && !strchr("/_+-", s[i]))
            return false;
    return true;
}

static void add(const char *id, size_t len, enum rank rank, const char *target,
                size_t target_len)
{
    if (tz.n == ZONES_MAX || !id_shaped(id, len))
        return;
    struct zone *z = &tz.zones[tz.n++];
    z->id = arena_text(&tz.names, id, len);
    z->target = target ? arena_text(&tz.names, target, target_len) : z->id;
    z->rank = rank;
}

/* The k-th field of a line, 0 first; `seps` as in strtok. Lends from the line. */
static const char *field(const char *line, const char *seps, int k, size_t *len)
{
    for (;; k--) {
        line += strspn(line, seps);
        *len = strcspn(line, seps);
        if (k == 0)
            return line;
        line += *len;
    }
}

static void read_table_line(const char *line)
{
    size_t len;
    const char *id = field(line, "\t", 2, &len);
    if (*line != '#')
        add(id, len, RANK_TABLE, NULL, 0);
}

static void read_rule_line(const char *line)
{
    size_t len, link_len;
    const char *id = field(line, " ", 1, &len);
    const char *link = field(line, " ", 2, &link_len);
    if (strncmp(line, "Z ", 2) == 0)
        add(id, len, RANK_ZONE, NULL, 0);
    if (strncmp(line, "L ", 2) == 0)
        add(link, link_len, RANK_LINK, id, len);
}

static bool read_lines(const char *folder, const char *name, void (*line)(const char *))
{
    struct arena a = {0};
    struct buf text = {.max = TZDATA_MAX};
    bool ok = file_read(arena_printf(&a, "%s/%s", folder, name), &text) == OK && text.data;
    char *next = text.data;
    while (ok && next) {
        char *here = next, *end = strchr(here, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        line(here);
    }
    buf_free(&text);
    arena_free(&a);
    return ok;
}

static int by_id(const void *a, const void *b)
{
    const struct zone *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (int)x->rank - (int)y->rank;
}

static int id_against(const void *id, const void *zone)
{
    return strcmp(id, ((const struct zone *)zone)->id);
}

bool zone_init(void)
{
    if (tz.read)
        return tz.n > 0;
    tz.read = true;
    const char *folder = getenv("TZDIR");
    if (!folder || !*folder)
        folder = "/usr/share/zoneinfo";
    if (!read_lines(folder, "zone1970.tab", read_table_line) ||
        !read_lines(folder, "tzdata.zi", read_rule_line)) {
        tz.n = 0;
        return false;
    }
    qsort(tz.zones, tz.n, sizeof *tz.zones, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < tz.n; i++) /* of two of one name the first ranks higher */
        if (!kept || strcmp(tz.zones[kept - 1].id, tz.zones[i].id) != 0)
            tz.zones[kept++] = tz.zones[i];
    tz.n = kept;
    return tz.n > 0;
}

const struct zone *zone_find(const char *id)
{
    if (!zone_init())
        return NULL;
    struct zone *z = bsearch(id, tz.zones, tz.n, sizeof *tz.zones, id_against);
    if (z && !z->tz)
        z->tz = g_time_zone_new_identifier(z->id); /* NULL: listed, but no file */
    return z && z->tz ? z : NULL;
}

const char *zone_id(const struct zone *z)
{
    return z->id;
}

/* Lower case, one blank for `_`, blanks and a hyphen inside a name; not the one of
 * Etc/GMT-3. False when it does not fit. */
static bool plain(const char *text, char out[ID_MAX])
{
    size_t n = 0;
    for (; *text; text++) {
        bool hyphen = *text == '-' && isalpha((unsigned char)text[1]);
        bool blank = *text == '_' || isspace((unsigned char)*text) || hyphen;
        if (blank && (n == 0 || out[n - 1] == ' '))
            continue;
        if (n == ID_MAX - 1)
            return false;
        out[n++] = blank ? ' ' : (char)tolower((unsigned char)*text);
    }
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return n > 0;
}

/* Etc/GMT+3 lies west of Greenwich: its last part must not answer to `GMT+3`. */
static bool ends_with_part(const char *id, const char *part)
{
    size_t n = strlen(id), k = strlen(part);
    return n > k && id[n - k - 1] == '/' && strcmp(id + n - k, part) == 0 &&
           strncmp(id, "etc/", 4) != 0;
}

const char *zone_search(const char *text)
{
    char want[ID_MAX], have[ID_MAX];
    if (!plain(text, want) || !zone_init())
        return NULL;
    const struct zone *best = NULL;
    bool tie = false;
    for (size_t i = 0; i < tz.n; i++) {
        const struct zone *z = &tz.zones[i];
        plain(z->id, have);
        if (strcmp(have, want) == 0)
            return z->id;
        if (!ends_with_part(have, want) || (best && z->rank > best->rank))
            continue;
        tie =
            best && z->rank == best->rank && (tie || strcmp(z->target, best->target) != 0);
        best = z;
    }
    return best && !tie ? best->id : NULL;
}

static int64_t offset_at(const struct zone *z, int64_t utc_s)
{
    gint interval = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, utc_s);
    return g_time_zone_get_offset(z->tz, interval);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t zone_offset_s(const struct zone *z, int64_t utc_ms)
{
    return offset_at(z, floor_div(utc_ms, 1000));
}

int64_t zone_instant_ms(const struct zone *z, int64_t date, int minute)
{
    assert(minute >= 0 && minute < 1440);
    int64_t wall = date * DAY_S + minute * INT64_C(60);
    int64_t a = wall - offset_at(z, wall - DAY_S), b = wall - offset_at(z, wall + DAY_S);
    int64_t lo = a < b ? a : b, hi = a < b ? b : a;
    if (lo + offset_at(z, lo) == wall)
        return lo * 1000;
    while (hi - lo > 1 && hi + offset_at(z, hi) != wall) { /* in a gap: when was it? */
        int64_t mid = lo + (hi - lo) / 2;
        if (mid + offset_at(z, mid) > wall)
            hi = mid;
        else
            lo = mid;
    }
    return hi * 1000;
}

int64_t zone_date(const struct zone *z, int64_t utc_ms, int *minute)
{
    int64_t wall = floor_div(utc_ms, 1000) + zone_offset_s(z, utc_ms);
    int64_t date = floor_div(wall, DAY_S);
    if (minute)
        *minute = (int)((wall - date * DAY_S) / 60);
    return date;
}
