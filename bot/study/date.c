#include "bot/study/date.h"

/* Howard Hinnant's civil_from_days and back: eras of 400 years that begin on a 1 March. */
enum { ERA_DAYS = 146097, ERA_FROM = 719468 };

struct date date_of(int64_t day)
{
    int64_t z = day + ERA_FROM, era = z / ERA_DAYS - (z % ERA_DAYS < 0);
    int64_t of_era = z - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0: March */
    struct date d = {.year = year + era * 400 + (month > 9),
                     .month = (int)(month < 10 ? month + 3 : month - 9),
                     .day = (int)(of_year - (153 * month + 2) / 5 + 1)};
    return d;
}

bool date_day(struct date d, int64_t *out_day)
{
    if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > 31)
        return false;
    int64_t year = d.year - (d.month <= 2), era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    *out_day =
        era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_FROM;
    struct date back = date_of(*out_day);
    return back.month == d.month && back.day == d.day;
}
