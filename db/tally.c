#include "db/tally.h"

enum err tally_read(struct db *db, struct tally *out)
{
    struct query q;
    *out = (struct tally){0};
    int64_t *const to[] = {&out->rows[0], &out->rows[1],    &out->active,
                           &out->stopped, &out->blocked,    &out->battles,
                           &out->clubs,   &out->readers[0], &out->readers[1]};
    const int64_t n = sizeof to / sizeof *to;
    db_query0(db, &q, "SELECT id, n FROM tally");
    while (db_next(&q))
        if (db_int(&q, 0) >= 0 && db_int(&q, 0) < n)
            *to[db_int(&q, 0)] = db_int(&q, 1);
    return q.err;
}
