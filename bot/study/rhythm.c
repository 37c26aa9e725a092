#include "bot/study/rhythm.h"

enum { WEEK = 7 };

unsigned rhythm_twice(unsigned weekdays)
{
    unsigned best = weekdays;
    int widest = 0;
    for (int i = 0; i < WEEK; i++)
        for (int k = i + 1; k < WEEK; k++) {
            unsigned pair = 1u << i | 1u << k;
            int apart = k - i < WEEK - (k - i) ? k - i : WEEK - (k - i);
            if ((weekdays & pair) == pair && apart > widest) {
                widest = apart;
                best = pair;
            }
        }
    return best;
}

bool rhythm_thin(const struct rhythm *r, int64_t day)
{
    return r->ignored - (r->last_day == day) >= RHYTHM_IGNORED;
}

bool rhythm_tells(const struct rhythm *r, int64_t day)
{
    return r->ignored == RHYTHM_IGNORED && r->last_day != day &&
           rhythm_twice(r->weekdays) != r->weekdays;
}

int64_t rhythm_ask_day(const struct rhythm *r)
{
    return r->first_day + RHYTHM_SILENT_DAYS;
}
