/* sittings: questions put before people: a morning's sitting, its places, each delivery.
 *
 * A delivery is one question in one message. Its life: planned (a later place of a
 * sitting) -> open (its message was queued) -> rated, skipped or known; dropped when it
 * will not be shown any more. */
#ifndef DB_SITTINGS_H
#define DB_SITTINGS_H

#include "db/db.h"

struct sitting {
    int64_t id, learner, day;
    bool scheduled;
    bool open, done; /* places still to come; all of them answered */
    bool at_once;    /* its questions went out together, each rated on its own */
    int size;
    int end_place; /* of one that is done: the place answered last, where its end is said */
    int64_t end_ms; /* of its study day */
};

enum err sitting_add(struct db *db, struct sitting *s); /* gives s->id */
enum err sitting_find(struct db *db, int64_t id, struct sitting *out);
enum err sitting_done(struct db *db, int64_t id, int place); /* the one answered last */
enum err sitting_sent(struct db *db, int64_t id,
                      int64_t now_ms); /* its first message is there */
/* How many of its questions wait for an answer. */
enum err sitting_waiting(struct db *db, int64_t id, int64_t *out);
/* A message of it never got there: what it still planned is dropped. */
enum err sitting_failed(struct db *db, int64_t id);
enum err sitting_grow(struct db *db, int64_t id); /* one more place */
/* Whether no more than single questions were asked for after it. */
enum err sitting_is_newest(struct db *db, int64_t learner, int64_t id, bool *out);
/* Open sittings of the person are over: what they still planned is dropped. */
enum err sittings_close(struct db *db, int64_t learner);
/* Whether that day's sittings are excused: without a rating they do not break a streak. */
enum err sittings_excuse(struct db *db, int64_t learner, int64_t day, bool excused);

/* ERR_BAD_INPUT: the topic was served that day already. */
enum err served_add(struct db *db, int64_t learner, int64_t day, const char *topic,
                    int64_t sitting);
enum err served_has(struct db *db, int64_t learner, int64_t day, const char *topic,
                    bool *out);
/* The days of (after_day, before_day), both left out, that had a sitting which reached the
 * person, with at most two hours of ours down after it: such a day breaks a streak, or
 * costs a freeze. The first `max` of them, ascending. */
enum err days_missed(struct db *db, int64_t learner, int64_t after_day, int64_t before_day,
                     int64_t *out, int max, int *out_n);
/* When the first scheduled sitting of that day reached the person; ERR_NOT_FOUND: none. */
enum err sitting_came(struct db *db, int64_t learner, int64_t day, int64_t *out_ms);

enum delivery_state {
    DELIVERY_PLANNED,
    DELIVERY_OPEN,
    DELIVERY_RATED,
    DELIVERY_SKIPPED,
    DELIVERY_KNOWN,
    DELIVERY_DROPPED
};

struct delivery {
    int64_t id, token, learner, question;
    int64_t sitting; /* 0: none */
    int place;       /* from 1 */
    int64_t day;
    enum delivery_state state;
    int64_t post; /* 0 while planned */
    int part;     /* what its message shows: PART_* of db/bank.h, PART_POINTS */
    unsigned
        ticks; /* of its key points: bit 0 they were asked for, bits 1 to 7 the ticks */
    const char *lang;
};

enum err delivery_add(struct db *db, struct delivery *d); /* gives d->id */
enum err delivery_by_token(struct db *db, struct arena *a, int64_t token,
                           struct delivery *out);
enum err delivery_by_post(struct db *db, struct arena *a, int64_t post,
                          struct delivery *out);
/* Open ones whose message never got there are dropped: they may be offered again. */
enum err deliveries_drop_unsent(struct db *db, int64_t learner);
/* The first question of that day which waits for an answer, a scheduled one before others;
 * ERR_NOT_FOUND: none does. */
enum err delivery_waiting(struct db *db, struct arena *a, int64_t learner, int64_t day,
                          struct delivery *out);
/* Whether a question that was asked for that day still waits for its answer. */
enum err delivery_waits(struct db *db, int64_t learner, int64_t day, bool *out);
enum err delivery_at(struct db *db, struct arena *a, int64_t sitting, int place,
                     struct delivery *out);
/* Stores state, post, part, lang, day and ticks. */
enum err delivery_save(struct db *db, const struct delivery *d);

#endif
