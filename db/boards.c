#include "db/boards.h"

enum { PRUNED_AT_ONCE = 80 };
#define PLAYER_KEPT_MS (180LL * 24 * 3600 * 1000)

enum err player_seen(struct db *db, int64_t club, int64_t person, const char *name,
                     int64_t now_ms)
{
    return db_exec(
        db,
        "INSERT INTO player (club, person, name, seen_ms) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (club, person) DO UPDATE SET name = excluded.name,"
        " seen_ms = excluded.seen_ms",
        A(club), A(person), A(name), A(now_ms));
}

/* One at a time: the lines of 180 days go with each. */
enum err players_prune(struct db *db, int64_t now_ms, bool *out_more)
{
    enum err e = db_exec(db,
                         "DELETE FROM player WHERE (club, person) = (SELECT club, person"
                         " FROM player WHERE seen_ms < ?1 ORDER BY seen_ms LIMIT 1)",
                         A(now_ms - PLAYER_KEPT_MS));
    *out_more = !e && db_changes(db) > 0;
    return e;
}

enum err board_add(struct db *db, int64_t club, enum board_period period, int64_t from_day,
                   const struct board_line *line)
{
    return db_exec(
        db,
        "INSERT INTO board (club, period, from_day, person, points, wins, battles)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT (club, period, from_day, person) DO UPDATE SET"
        " points = points + excluded.points, wins = wins + excluded.wins,"
        " battles = battles + excluded.battles",
        A(club), A((int)period), A(from_day), A(line->person), A(line->points),
        A(line->wins), A(line->battles));
}

static void line_read(struct query *q, struct arena *a, struct board_line *out)
{
    *out = (struct board_line){.person = db_int(q, 0),
                               .points = db_int(q, 1),
                               .wins = (int)db_int(q, 2),
                               .battles = (int)db_int(q, 3),
                               .name = db_text(q, 4, a)};
}

enum err board_best(struct db *db, struct arena *a, int64_t club, enum board_period period,
                    int64_t from_day, struct board_line *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(
        db, &q,
        "SELECT b.person, b.points, b.wins, b.battles, p.name FROM board b"
        " INDEXED BY board_best JOIN player p ON p.club = b.club AND p.person = b.person"
        " WHERE b.club = ?1 AND b.period = ?2 AND b.from_day = ?3"
        " ORDER BY b.points DESC, b.person LIMIT ?4",
        A(club), A((int)period), A(from_day), A(max));
    while (db_next(&q))
        line_read(&q, a, &out[(*out_n)++]);
    return q.err;
}

enum err board_own(struct db *db, struct arena *a, int64_t club, enum board_period period,
                   int64_t from_day, int64_t person, struct board_line *out,
                   int64_t *out_better)
{
    struct query q;
    db_query(db, &q,
             "SELECT b.person, b.points, b.wins, b.battles, p.name FROM board b"
             " JOIN player p ON p.club = b.club AND p.person = b.person"
             " WHERE b.club = ?1 AND b.period = ?2 AND b.from_day = ?3 AND b.person = ?4",
             A(club), A((int)period), A(from_day), A(person));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    line_read(&q, a, out);
    db_end(&q);
    return db_one_int(db, out_better,
                      "SELECT count(*) FROM board WHERE club = ?1 AND period = ?2"
                      " AND from_day = ?3 AND points > ?4",
                      A(club), A((int)period), A(from_day), A(out->points));
}

enum err boards_prune(struct db *db, int64_t before_day, bool *out_more)
{
    enum err e = OK;
    *out_more = false;
    for (int period = BOARD_DAY; !e && period < BOARD_ALL; period++) {
        e = db_exec(db,
                    "DELETE FROM board WHERE (club, period, from_day, person) IN"
                    " (SELECT club, period, from_day, person FROM board WHERE period = ?1"
                    " AND from_day < ?2 ORDER BY from_day LIMIT ?3)",
                    A(period), A(before_day), A((int)PRUNED_AT_ONCE));
        *out_more = *out_more || (!e && db_changes(db) == PRUNED_AT_ONCE);
    }
    return e;
}
