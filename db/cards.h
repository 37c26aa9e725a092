/* cards: what a person remembers, what is due, what is new, and the ratings behind it. */
#ifndef DB_CARDS_H
#define DB_CARDS_H

#include "db/db.h"

struct card {
    int64_t learner, question;
    int state; /* enum fsrs_state; 0: there is no card yet */
    int step;
    double stability, difficulty; /* days; 1 to 10 */
    int64_t due_day, due_ms;      /* due_ms 0: sometime that study day */
    int64_t last_day;
    int reps, lapses;
};

/* ERR_NOT_FOUND: unseen. */
enum err card_find(struct db *db, int64_t learner, int64_t question, struct card *out);
enum err card_put(struct db *db, const struct card *c);
enum err card_drop(struct db *db, int64_t learner, int64_t question);

/* Question numbers of a topic (NULL: of all the person's topics) that may be offered on
 * this study day: not those lying open since at most 3 days, nor skipped today. */
struct offer_query {
    int64_t learner, day, now_ms;
    const char *topic;
    int level; /* the highest offered; for fresh ones */
};
/* Due reviews: learning steps whose time has come, then lowest recall first. */
enum err cards_due(struct db *db, const struct offer_query *o, int64_t *out, int max,
                   int *out_n);
/* Unseen, the likeliest to be asked first. */
enum err cards_fresh(struct db *db, const struct offer_query *o, int64_t *out, int max,
                     int *out_n);
/* A learning step of any topic whose time has come today, ERR_NOT_FOUND for none. */
enum err card_learning_due(struct db *db, int64_t learner, int64_t day, int64_t now_ms,
                           int64_t *out_question);

struct topic_counts {
    int known, learning, fresh; /* graduated, in learning steps, unseen; retired left out */
    int likely, likely_known;   /* those with likelihood below 0.25 */
};
enum err topic_counts(struct db *db, int64_t learner, const char *topic,
                      struct topic_counts *out);
struct deck_counts {
    int known, learning;
};
enum err deck_counts(struct db *db, int64_t learner, struct deck_counts *out);

struct review {
    int64_t id, learner, delivery, question, at_ms, day;
    int grade;          /* 1 again .. 4 easy */
    const char *before; /* card and streak as they were; lent by the arena */
};
enum err review_add(struct db *db, const struct review *r);
/* The delivery's rating that was not undone. */
enum err review_live(struct db *db, struct arena *a, int64_t delivery, struct review *out);
enum err review_undo(struct db *db, int64_t id, int64_t now_ms);
/* Whether the question was neither rated again nor marked as known after that review. */
enum err review_is_last(struct db *db, const struct review *r, bool *out);
/* `before` of the first review of that day, undone or not. */
enum err review_day_first(struct db *db, struct arena *a, int64_t learner, int64_t day,
                          const char **out_before);

#endif
