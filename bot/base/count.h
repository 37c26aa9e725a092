/* count: what has happened since the process began, for /metrics. Plain numbers of the one
 * thread: to count is an addition where a thing happens. Nothing is decided by them, and
 * they hold no id, no name and no text. */
#ifndef BASE_COUNT_H
#define BASE_COUNT_H

#include <stdint.h>

/* How one call that carries a row or a toast ended. */
enum send_end {
    SEND_DONE,
    SEND_FLOOD,   /* 429: it stays queued */
    SEND_LATER,   /* surely not sent: no connection, a refused token */
    SEND_UNKNOWN, /* it may have arrived */
    SEND_REFUSED, /* Telegram refused this call for good */
    SEND_BLOCKED, /* the chat is closed to us */
    SEND_MOVED,   /* the group has another id now */
    SEND_EXPIRED, /* its time ran out before it could leave */
    SEND_ENDS
};

enum turn_cause { TURN_UPDATES, TURN_ALARMS, TURN_OUTCOMES, TURN_CAUSES };

/* COUNT_TOAST comes after the kinds of rows (enum outbox_kind). */
enum { COUNT_UPDATE_KINDS = 6, COUNT_TOAST = 7, COUNT_SEND_KINDS, HISTOGRAM_MAX = 16 };

struct histogram {
    const int64_t *bounds; /* upper ones, rising, `n` of them */
    int n;
    int64_t in[HISTOGRAM_MAX + 1]; /* the last: above all bounds */
    int64_t sum;
};

struct counts {
    int64_t updates[COUNT_UPDATE_KINDS]; /* by enum update_kind; committed ones */
    int64_t sends[COUNT_SEND_KINDS][SEND_ENDS];
    int64_t polls_flooded;     /* 429 to getUpdates; those to sends are among `sends` */
    struct histogram delay_ms; /* from due until Telegram has it */
    struct histogram turn_us[TURN_CAUSES]; /* with their commit */
};

extern struct counts counts;

void histogram_add(struct histogram *h, int64_t value);
int64_t histogram_count(const struct histogram *h);
int64_t
count_clock_us(void); /* of the clock that nobody sets: to take the time of a turn */

#endif
