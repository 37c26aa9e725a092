/* boards: what people have won in a group, by day, week, month and in all, and how they are
 * called there. */
#ifndef DB_BOARDS_H
#define DB_BOARDS_H

#include "db/db.h"

/* The person is called so in this club from now on, and was seen playing. */
enum err player_seen(struct db *db, int64_t club, int64_t person, const char *name,
                     int64_t now_ms);
/* Forgets one of those not seen for 180 days, with the boards; *out_more: there was one. */
enum err players_prune(struct db *db, int64_t now_ms, bool *out_more);

enum board_period { BOARD_DAY, BOARD_WEEK, BOARD_MONTH, BOARD_ALL, BOARD_PERIODS };

struct board_line {
    int64_t person, points;
    int wins, battles;
    const char *name; /* lent by the arena */
};
/* Adds the line's numbers, which may be negative, to the period that begins on from_day
 * (local days since 1970-01-01; BOARD_ALL: 0). The person must be a player of the club. */
enum err board_add(struct db *db, int64_t club, enum board_period period, int64_t from_day,
                   const struct board_line *line);
/* The best first, at most max. */
enum err board_best(struct db *db, struct arena *a, int64_t club, enum board_period period,
                    int64_t from_day, struct board_line *out, int max, int *out_n);
/* One person's line, and how many have more points. ERR_NOT_FOUND: not on that board. */
enum err board_own(struct db *db, struct arena *a, int64_t club, enum board_period period,
                   int64_t from_day, int64_t person, struct board_line *out,
                   int64_t *out_better);
/* Forgets some lines of days, weeks and months that began before before_day. */
enum err boards_prune(struct db *db, int64_t before_day, bool *out_more);

#endif
