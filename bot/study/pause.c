#include "bot/study/pause.h"

#include <stdlib.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/study/date.h"

enum { TYPED_MAX = 64, WEEK = 7, MONTH = 30 };

/* As folded: ё is е, case is gone. */
static const struct {
    const char *word;
    int days;
} units[] = {{"d", 1},         {"day", 1},        {"days", 1},       {"д", 1},
             {"дн", 1},        {"день", 1},       {"дня", 1},        {"дней", 1},
             {"w", WEEK},      {"week", WEEK},    {"weeks", WEEK},   {"нед", WEEK},
             {"неделя", WEEK}, {"неделю", WEEK},  {"недели", WEEK},  {"недель", WEEK},
             {"month", MONTH}, {"months", MONTH}, {"месяц", MONTH},  {"месяца", MONTH},
             {"off", 0},       {"выкл", 0},       {"месяцев", MONTH}};

static enum pause_said of_days(int64_t n, int64_t today, int64_t *out_until)
{
    if (n < 1)
        return PAUSE_UNCLEAR;
    if (n > PAUSE_DAYS_MAX)
        return PAUSE_LONG;
    *out_until = today + n - 1;
    return PAUSE_UNTIL;
}

/* One to `max` digits that no further digit follows; -1: there are none. */
static int digits(const char **text, int max)
{
    int n = (int)strspn(*text, "0123456789");
    if (n < 1 || n > max)
        return -1;
    int value = atoi(*text);
    *text += n;
    return value;
}

/* "31.12", "31.12.", "31.12.2026", "2026-12-31"; the year 0 was not said. */
static bool as_date(const char *text, struct date *out)
{
    int first = digits(&text, 4), second, third = 0;
    char mark = *text;
    if (first < 0 || (mark != '.' && mark != '-'))
        return false;
    text++;
    second = digits(&text, 2);
    if (*text == mark) {
        text++;
        third = *text || mark == '-' ? digits(&text, mark == '.' ? 4 : 2) : 0;
    } else if (mark == '-') {
        return false;
    }
    if (*text || second < 0 || third < 0)
        return false;
    if (third > 0 && third < 100 && mark == '.')
        third += 2000;
    *out = mark == '-' ? (struct date){first, second, third}
                       : (struct date){third, second, first};
    return true;
}

static enum pause_said of_date(struct date d, int64_t today, int64_t *out_until)
{
    int64_t day;
    bool is;
    if (d.year) {
        is = date_day(d, &day);
    } else { /* this year's; where that is over or is no date, the next one's */
        d.year = date_of(today).year;
        is = date_day(d, &day);
        if (!is || day < today) {
            d.year++;
            is = date_day(d, &day);
        }
    }
    if (!is)
        return PAUSE_UNCLEAR;
    return day < today ? PAUSE_PAST : of_days(day - today + 1, today, out_until);
}

enum pause_said pause_parse(struct arena *a, const char *text, int64_t today,
                            int64_t *out_until)
{
    struct date date;
    size_t len = strlen(text);
    while (len && strchr(" \n\t", text[len - 1]))
        len--;
    text = arena_text(a, text, len);
    size_t n = strspn(text, "0123456789");
    if (len > TYPED_MAX || (unsigned char)text[0] < '0')
        return PAUSE_UNCLEAR;
    if (n == len)
        return of_days(n > 5 ? PAUSE_DAYS_MAX + 1 : atoi(text), today, out_until);
    if (as_date(text, &date))
        return of_date(date, today, out_until);
    if (n > 5)
        return PAUSE_UNCLEAR;
    const char *word = fold(a, text + n);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].word, word) == 0) {
            if (!units[i].days)
                return n ? PAUSE_UNCLEAR : PAUSE_OFF;
            return of_days((n ? atoi(text) : 1) * units[i].days, today, out_until);
        }
    return PAUSE_UNCLEAR;
}
