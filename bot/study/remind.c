#include "bot/study/remind.h"

#include "bot/base/tz.h"
#include "bot/study/plan.h"

enum { EVERY_DAY = 0x7f };

static struct plan plan_of(const struct remind *r)
{
    return (struct plan){r->zone, r->day_start_min, EVERY_DAY};
}

int64_t remind_due_ms(const struct remind *r, int64_t day)
{
    struct plan p = plan_of(r);
    return plan_slot_ms(&p, day, r->at_min);
}

/* When the quiet hours that begin next do so; INT64_MAX: there are none. */
static int64_t quiet_next_ms(const struct remind *r, int64_t now_ms)
{
    struct plan p = plan_of(r);
    return r->quiet_from_min == r->quiet_to_min
               ? INT64_MAX
               : plan_next_ms(&p, &r->quiet_from_min, 1, now_ms);
}

int64_t remind_until_ms(const struct remind *r, int64_t day, int64_t now_ms)
{
    struct plan p = plan_of(r);
    if (plan_quiet(r->zone, now_ms, r->quiet_from_min, r->quiet_to_min))
        return now_ms;
    int64_t until = remind_due_ms(r, day) + REMIND_LATE_MS;
    int64_t over = plan_slot_ms(&p, day + 1, r->day_start_min);
    int64_t quiet = quiet_next_ms(r, now_ms);
    until = over < until ? over : until;
    return quiet < until ? quiet : until;
}

bool remind_is_quiet(const struct remind *r)
{
    if (r->quiet_from_min <= r->quiet_to_min)
        return r->at_min >= r->quiet_from_min && r->at_min < r->quiet_to_min;
    return r->at_min >= r->quiet_from_min || r->at_min < r->quiet_to_min;
}
