#include "bot/study/day.h"

#include "bot/base/tz.h"

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t day_of(const struct zone *z, int64_t now_ms, int day_start_min)
{
    int64_t wall_s = floor_div(now_ms, 1000) + zone_offset_s(z, now_ms);
    return floor_div(wall_s - day_start_min * INT64_C(60), 86400);
}

int64_t day_settled(int64_t computed, int64_t stored)
{
    return computed == stored - 1 ? stored : computed;
}

int day_weekday(int64_t date)
{
    return (int)((date % 7 + 7 + 3) % 7); /* 1970-01-01 was a Thursday */
}
