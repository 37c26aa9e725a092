/* turn: the only way the bot's state changes.
 *
 * A turn is plain synchronous C inside one transaction: read rows, decide, write rows, add
 * rows to the outbox. What it stored, what it decided to say and "this cause is done"
 * commit together or not at all. There are four causes: updates, due alarms, outcomes
 * (talk/outcome.h) and the boot. net/ calls these and never decides; nothing here reads a
 * clock or randomness: both come in as a struct moment.
 *
 * ERR_DB from any of them: nothing happened, the disk is in trouble, call again later. */
#ifndef TALK_TURN_H
#define TALK_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/base/arena.h"
#include "bot/base/err.h"
#include "bot/telegram/update.h"
#include "db/db.h"

struct moment {
    int64_t now_ms;  /* UTC */
    uint64_t random; /* 64 bits nobody outside can guess, new for each turn */
};

/* An answer to a press: not a row, sent right after the commit, dropped after 10 s. */
struct toast {
    const char *query, *text; /* text "": just stop the spinner */
    bool alert;
};

/* What /admin tells of the process. Whoever knows it writes it here. */
struct house {
    const char *version;
    int64_t started_ms, bank_ms; /* UTC; when the bank was loaded */
    int64_t backup_ms;           /* of the newest backup; 0: there is none */
    int64_t backup_bytes;
    int64_t sends_per_sec; /* 0: as fast as it goes */
};

struct bot {
    struct db *db;
    struct house house;
    const char *username;     /* of the bot, without @; from getMe; kept by the caller */
    const int64_t *operators; /* their ids, 0 after the last; kept by the caller; or NULL */
    bool deaf;                /* Telegram gives no updates: what people did waits there */
    struct arena arena;       /* of the running turn; reset when the next one begins */
    struct toast toasts[UPDATES_MAX];
    int toast_n;   /* filled by turn_updates(), lent until the next turn */
    bool erased;   /* somebody: the database's log still holds what was theirs */
    int suspects;  /* updates and alarms still to be run one a commit */
    bool replans;  /* turn_wake() plans everybody anew, not just who has no alarm */
    int64_t woken; /* how far turn_wake() has come */
};

/* Once at start, before anything else, with the time: writes `down`, makes every sending
 * row ambiguous, frees the lanes, refreshes the commands. Then turn_wake() until it says
 * done: each call gives up to 500 active people without an alarm theirs. */
enum err turn_boot(struct bot *b, struct moment m);
enum err turn_wake(struct bot *b, struct moment m, bool *out_done);

/* The updates of one answer, one transaction with a savepoint each, and the next offset.
 * How many were taken is in *out_done: after an unclean stop it is one a call; call again
 * with the rest. Borrows `u`. */
enum err turn_updates(struct bot *b, struct moment m, const struct update *u, int n,
                      int *out_done);

/* Runs due alarms: all the urgent ones (up to 100 a call), and up to 100 bulk ones when
 * `bulk_too`. *out_more: call again at once. */
enum err turn_alarms(struct bot *b, struct moment m, bool bulk_too, bool *out_more);
/* When the earliest alarm is due; INT64_MAX for none. Bulk ones count only if asked. */
int64_t turn_next_alarm_ms(struct bot *b, bool bulk_too);

/* The wall clock went by_ms away from the steady one (a clock set, a machine suspended):
 * the gap is noted, waits of the old future are cut short, and turn_wake() must be called
 * again until it says done: it plans everybody anew. */
enum err turn_clock_moved(struct bot *b, struct moment m, int64_t by_ms);

/* Before a clean stop: notes that the process was alive until now and stopped cleanly. */
enum err turn_stop(struct bot *b, struct moment m);

#endif
