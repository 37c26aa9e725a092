/* broadcasts: what an operator says to everybody, how far it has come, and who does not
 * want to hear it. The messages themselves are rows of the outbox that name the broadcast
 * ("news.ID"); triggers count how many there are and have been. */
#ifndef DB_BROADCASTS_H
#define DB_BROADCASTS_H

#include "db/db.h"

/* Stored. */
enum broadcast_state {
    BROADCAST_WRITTEN, /* its texts are asked for */
    BROADCAST_SHOWN,   /* to the operator: they may send it */
    BROADCAST_RUNS,    /* one at a time */
    BROADCAST_STOPPED, /* nothing more leaves */
    BROADCAST_OVER,
};

struct broadcast {
    int64_t id, token, operator; /* operator 0: it is over */
    enum broadcast_state state;
    const char
        *text[2];     /* Russian, English: plain, as it was written; NULL: there is none */
    int64_t until_ms; /* its buttons work so long, before it runs */
    int64_t message;  /* in the operator's chat, which tells how it goes */
    int64_t told;     /* what that message says: walked and gone */
    int64_t total;    /* active people when it began */
    int64_t walked, after;        /* how many of them were looked at, and the last one */
    int64_t taken, waiting, sent; /* messages: made, not gone yet, delivered */
};

enum err broadcast_add(struct db *db, int64_t operator, int64_t token, int64_t until_ms);
/* Texts are lent by the arena. ERR_NOT_FOUND. */
enum err broadcast_find(struct db *db, struct arena *a, int64_t id, struct broadcast *out);
enum err broadcast_by_token(struct db *db, struct arena *a, int64_t token,
                            struct broadcast *out);
enum err broadcast_runs(struct db *db, bool *out);
/* All of *b but id, token, and what the triggers count. */
enum err broadcast_save(struct db *db, const struct broadcast *b);
enum err broadcast_sent(struct db *db, int64_t id); /* one more */
/* Its messages that have not left are past their time from now on: all but for very many,
 * then call again. */
enum err broadcast_recall(struct db *db, int64_t id);
/* Of a restored backup: who comes next may have it since. What waits does not leave. */
enum err broadcasts_halt(struct db *db);
/* Nobody sent these: forgets some of what was written. */
enum err broadcasts_prune(struct db *db, int64_t now_ms);

struct reader {
    int64_t id;
    bool news;         /* wants them */
    int64_t news_from; /* the newest one before they came */
};
/* Active people above `after`, ascending, at most max. */
enum err readers(struct db *db, int64_t after, struct reader *out, int max, int *out_n);
enum err reader_set(struct db *db, int64_t person, bool news);
/* What waits for them has not left, and will not. */
enum err reader_spare(struct db *db, int64_t person);

#endif
