#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scene_state.h"

enum { DAY_MS = 86400000, MINUTE_MS = 60000 };

/* Days from 1970-01-01 of a proleptic Gregorian date. */
static int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return (int64_t)era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool time_instant(struct scene *s, const char *text, int64_t *out_ms)
{
    int y, mo, d, h, mi, used = 0;
    char zone[64] = "";
    if (sscanf(text, "%d-%d-%d %d:%d%n", &y, &mo, &d, &h, &mi, &used) == 5 && used) {
        sscanf(text + used, " %63s", zone);
        const struct zone *z = *zone ? zone_find(zone) : s->zone;
        if (!z || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || h < 0 ||
            mi < 0)
            return false;
        if (!s->zone)
            s->zone = z;
        *out_ms = zone_instant_ms(z, days_of(y, mo, d), h * 60 + mi);
        return true;
    }
    if (sscanf(text, "%d:%d%n", &h, &mi, &used) != 2 || !used || !s->zone || h < 0 ||
        h > 23 || mi < 0 || mi > 59)
        return false;
    sscanf(text + used, " %63s", zone);
    const struct zone *z = *zone ? zone_find(zone) : s->zone;
    if (!z)
        return false;
    int64_t date = zone_date(z, s->world.now_ms, NULL);
    *out_ms = zone_instant_ms(z, date, h * 60 + mi);
    if (*out_ms <= s->world.now_ms)
        *out_ms = zone_instant_ms(z, date + 1, h * 60 + mi);
    return true;
}

bool time_span(const char *text, int64_t *out_ms)
{
    int64_t total = 0;
    bool minus = *text == '-';
    text += *text == '-' || *text == '+';
    if (!*text)
        return false;
    while (*text) {
        char *end;
        long n = strtol(text, &end, 10);
        int64_t unit = *end == 's'   ? 1000
                       : *end == 'm' ? MINUTE_MS
                       : *end == 'h' ? 60 * MINUTE_MS
                       : *end == 'd' ? DAY_MS
                                     : 0;
        if (end == text || n < 0 || n > 1000000 || !unit)
            return false;
        total += n * unit;
        text = end + 1;
    }
    *out_ms = minus ? -total : total;
    return true;
}
