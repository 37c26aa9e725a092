#include "bot/base/count.h"

#include <time.h>

#define BOUNDS(list) .bounds = list, .n = sizeof list / sizeof *list

/* A live reply, a 429's wait, a morning of many people, an outage. */
static const int64_t delay_ms[] = {100,   250,   500,    1000,   2500,    5000,    10000,
                                   30000, 60000, 300000, 900000, 3600000, 14400000};
static const int64_t turn_us[] = {250,   500,   1000,   2500,   5000,   10000,
                                  25000, 50000, 100000, 250000, 1000000};

struct counts counts = {
    .delay_ms = {BOUNDS(delay_ms)},
    .turn_us = {{BOUNDS(turn_us)}, {BOUNDS(turn_us)}, {BOUNDS(turn_us)}}};

void histogram_add(struct histogram *h, int64_t value)
{
    int i = 0;
    if (value < 0) /* the wall clock was set back meanwhile */
        value = 0;
    while (i < h->n && value > h->bounds[i])
        i++;
    h->in[i]++;
    h->sum += value;
}

int64_t histogram_count(const struct histogram *h)
{
    int64_t n = 0;
    for (int i = 0; i <= h->n; i++)
        n += h->in[i];
    return n;
}

int64_t count_clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
