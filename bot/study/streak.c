#include "bot/study/streak.h"

struct streak streak_after_missed(struct streak s, int missed)
{
    if (missed > s.freezes) {
        s.days = 0;
        s.freezes = 0;
    } else {
        s.freezes -= missed;
    }
    return s;
}

struct streak streak_keep(struct streak s, int64_t day)
{
    s.days++;
    s.best = s.days > s.best ? s.days : s.best;
    s.last_day = day;
    if (s.days % FREEZE_EVERY == 0 && s.freezes < FREEZES_MAX)
        s.freezes++;
    return s;
}
