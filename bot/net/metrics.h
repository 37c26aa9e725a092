/* metrics: what has been counted, as the text that Prometheus reads. Pure. No id, no name
 * and no token can be in it: all that it is given are numbers and words of this program. */
#ifndef NET_METRICS_H
#define NET_METRICS_H

#include "bot/base/buf.h"
#include "bot/base/count.h"
#include "bot/net/well.h"
#include "db/tally.h"

struct gauges {
    enum well well;
    int64_t started_ms, answered_ms; /* UTC; answered_ms 0: not yet */
    bool tally_known;
    struct tally tally;
    int64_t db_bytes, wal_bytes; /* below 0: not known */
};

const char *metrics_version(void); /* of this program */
void metrics_print(struct buf *out, const struct counts *c, const struct gauges *g);

#endif
