#include "bot/study/battle.h"

#include <assert.h>
#include <stdlib.h>

#include "bot/base/chance.h"

static const unsigned next_of[] = {
    [BATTLE_LOBBY] = 1u << BATTLE_ASKING | 1u << BATTLE_OVER,
    [BATTLE_ASKING] = 1u << BATTLE_REVEAL | 1u << BATTLE_OVER,
    [BATTLE_REVEAL] = 1u << BATTLE_ASKING | 1u << BATTLE_OVER,
    [BATTLE_OVER] = 0,
};

bool battle_may(enum battle_state from, enum battle_state to)
{
    return next_of[from] & 1u << to;
}

/* ---- time and points ---- */

int64_t battle_limit_ms(int characters)
{
    enum { READ_MS = 70, THINK_MS = 10000, LEAST_S = 15, MOST_S = 45 };
    int64_t s = ((int64_t)characters * READ_MS + THINK_MS + 999) / 1000;
    return (s < LEAST_S ? LEAST_S : s > MOST_S ? MOST_S : s) * 1000;
}

int battle_points(int level, bool speed, int64_t spent_ms, int64_t limit_ms)
{
    enum { FULL = 1000, STEP = 25 };
    static const int percent[] = {100, 100, 125, 150};
    assert(level >= 1 && level <= 3 && limit_ms > 0);
    int64_t t = !speed || spent_ms < 0 ? 0 : spent_ms > limit_ms ? limit_ms : spent_ms;
    int64_t points = (FULL * (2 * limit_ms - t)) / (2 * limit_ms);
    return (int)(points / STEP * STEP * percent[level] / 100);
}

int battle_bonus(int run)
{
    return run < 2 ? 0 : run > 5 ? 500 : (run - 1) * 100;
}

int battle_skips_needed(int active)
{
    return active < 2 ? 1 : (active + 1) / 2;
}

/* ---- the calendar of boards ---- */

int64_t battle_week(int64_t day)
{
    int64_t from_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return day - (from_monday < 0 ? from_monday + 7 : from_monday);
}

/* Howard Hinnant's civil_from_days: eras of 400 years that begin on a 1 March. */
int64_t battle_month(int64_t day)
{
    int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0: March */
    return day - (of_year - (153 * month + 2) / 5);
}

/* ---- chance ---- */

int battle_shuffle(uint64_t random)
{
    int at[BATTLE_OPTIONS] = {0, 1, 2, 3}, digits = 0;
    for (int left = BATTLE_OPTIONS; left > 0; left--) {
        int i = (int)(chance_next(&random) % (uint64_t)left);
        digits = digits * 10 + at[i];
        at[i] = at[left - 1];
    }
    return digits;
}

int battle_option_at(int shuffle, int place)
{
    static const int power[] = {1000, 100, 10, 1};
    assert(place >= 0 && place < BATTLE_OPTIONS);
    return shuffle / power[place] % 10;
}

int battle_place_of(int shuffle, int option)
{
    int place = 0;
    while (place < BATTLE_OPTIONS - 1 && battle_option_at(shuffle, place) != option)
        place++;
    return place;
}

/* 0 to 0.25: the share of right answers times that of wrong ones. */
static double split(const struct battle_choice *c)
{
    double right = (double)(c->hits + 2) / (double)(c->answers + 4);
    return right * (1 - right);
}

int battle_pick(const struct battle_choice *c, int n, uint64_t random)
{
    enum { DRAWN = 3 };
    int best = (int)(chance_next(&random) % (uint64_t)n);
    for (int i = 1; i < DRAWN; i++) {
        int other = (int)(chance_next(&random) % (uint64_t)n);
        if (split(&c[other]) > split(&c[best]))
            best = other;
    }
    return best;
}

/* ---- ranks ---- */

static int better_first(const void *left, const void *right)
{
    const struct battle_score *a = left, *b = right;
    if (a->points != b->points)
        return a->points < b->points ? 1 : -1;
    if (a->hits != b->hits)
        return a->hits < b->hits ? 1 : -1;
    return a->person > b->person ? 1 : a->person < b->person ? -1 : 0;
}

void battle_rank(struct battle_score *s, int n)
{
    qsort(s, (size_t)n, sizeof *s, better_first);
    for (int i = 0; i < n; i++)
        s[i].rank = i > 0 && s[i].points == s[i - 1].points ? s[i - 1].rank : i + 1;
}
