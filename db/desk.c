#include "db/desk.h"

enum err desk_read(struct db *db, int64_t now_ms, struct desk *out)
{
    enum { DAY_MS = 24 * 3600 * 1000, WEEK = 7 };
    struct query q;
    int64_t today = now_ms / DAY_MS, pages = 0, size = 0;
    *out = (struct desk){0};
    db_query(db, &q, "SELECT day, seen, answers FROM desk_day WHERE day > ?1 AND day <= ?2",
             A(today - WEEK), A(today));
    while (db_next(&q)) {
        out->week += db_int(&q, 1);
        if (db_int(&q, 0) != today)
            continue;
        out->today = db_int(&q, 1);
        out->answers = db_int(&q, 2);
    }
    enum err e = q.err;
    if (!e)
        e = db_one_int_args(db, &out->oldest_ms,
                            "SELECT due_ms FROM outbox ORDER BY id LIMIT 1", NULL, 0);
    if (!e || e == ERR_NOT_FOUND)
        e = db_one_int_args(db, &pages, "PRAGMA main.page_count", NULL, 0);
    if (!e)
        e = db_one_int_args(db, &size, "PRAGMA main.page_size", NULL, 0);
    out->bytes = pages * size;
    return e;
}
