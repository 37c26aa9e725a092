#include "bot/study/plan.h"

#include "bot/base/tz.h"
#include "bot/study/day.h"

enum { ALL_WEEK = 0x7f };

static int64_t wall_date(const struct plan *p, int64_t day, int at_min)
{
    return day + (at_min < p->day_start_min);
}

int64_t plan_slot_ms(const struct plan *p, int64_t day, int at_min)
{
    return zone_instant_ms(p->zone, wall_date(p, day, at_min), at_min);
}

bool plan_slot_on(const struct plan *p, int64_t day, int at_min)
{
    return p->weekdays >> day_weekday(wall_date(p, day, at_min)) & 1;
}

int64_t plan_next_ms(const struct plan *p, const int *at_min, int n, int64_t after_ms)
{
    int64_t next = INT64_MAX;
    if (!(p->weekdays & ALL_WEEK))
        return next;
    /* A slot rings at the first instant whose wall clock is not before it, so the slots of
     * days before this one have rung. Within a week every weekday comes; the second one is
     * for dates that a calendar left out. */
    int64_t from = day_of(p->zone, after_ms, p->day_start_min);
    for (int i = 0; i < n; i++)
        for (int64_t day = from; day < from + 14; day++) {
            if (!plan_slot_on(p, day, at_min[i]))
                continue;
            int64_t at_ms = plan_slot_ms(p, day, at_min[i]);
            if (at_ms <= after_ms)
                continue;
            next = at_ms < next ? at_ms : next;
            break;
        }
    return next;
}

bool plan_quiet(const struct zone *z, int64_t now_ms, int from_min, int to_min)
{
    int minute;
    zone_date(z, now_ms, &minute);
    if (from_min <= to_min)
        return minute >= from_min && minute < to_min;
    return minute >= from_min || minute < to_min;
}
