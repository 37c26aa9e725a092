/* well: how the daemon is, in one word, for /healthz and for systemd. Pure. */
#ifndef NET_WELL_H
#define NET_WELL_H

#include <stdbool.h>
#include <stdint.h>

enum { DEAF_MS = 90 * 1000 }; /* longer than any call of ours may take */

enum well {
    WELL,
    UNWELL_STARTING,
    UNWELL_STOPPING,
    UNWELL_TOKEN,    /* Telegram refuses it */
    UNWELL_BANK,     /* there is none: it is waited for */
    UNWELL_DATABASE, /* it does not take turns, updates or sends: tried each second */
    UNWELL_TELEGRAM, /* no good answer to a poll for DEAF_MS */
};

/* What the loop knows of its parts. */
struct vitals {
    bool booted, stops, token_refused, bank_missing, db_ails;
    int64_t now_ms;      /* UTC, as are all */
    int64_t since_ms;    /* when it booted */
    int64_t answered_ms; /* the last good answer to a poll; 0: none yet */
};

enum well well_of(const struct vitals *v);
const char *well_word(enum well w);  /* one word: "ok", "telegram", ... */
const char *well_words(enum well w); /* a sentence for the operator */

#endif
