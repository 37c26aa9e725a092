/* alarms: what the bot must do at a time, one row a (kind, subject). The table is the
 * queue of the future; bulk alarms run only while the sender has room. */
#ifndef DB_ALARMS_H
#define DB_ALARMS_H

#include "db/db.h"

struct alarm {
    const char *kind; /* lent by the arena */
    int64_t subject, due_ms;
    bool bulk;
    int fails; /* times it ran and failed */
};

/* Sets or moves it; its failures are forgotten. */
enum err alarm_set(struct db *db, const char *kind, int64_t subject, int64_t due_ms,
                   bool bulk);
enum err alarm_drop(struct db *db, const char *kind, int64_t subject);
/* ERR_NOT_FOUND when it is not set. */
enum err alarm_due(struct db *db, const char *kind, int64_t subject, int64_t *out_ms);
/* Failed: moved to due_ms, one more failure counted. */
enum err alarm_fail(struct db *db, const struct alarm *alarm, int64_t due_ms);

/* Due ones of one class, the earliest first, at most max. */
enum err alarms_due(struct db *db, struct arena *a, bool bulk, int64_t now_ms,
                    struct alarm *out, int max, int *out_n);
/* The clock was set back by -by_ms to now_ms: urgent alarms wait what was left, no more,
 * and work that goes on slice by slice goes on at once. Sittings are left alone: their
 * times are the calendar's. */
enum err alarms_clock_back(struct db *db, int64_t now_ms, int64_t by_ms);
enum err alarms_next_ms(struct db *db, bool bulk, int64_t *out_ms); /* INT64_MAX: none */

#endif
