/* fsrs: when a card comes back. FSRS-6 with the learning steps of ts-fsrs 5.4.2, equal to
 * it row by row in tests/golden/fsrs.tsv; without fuzz.
 *
 * Pure: weights, a card, a grade and the days that went by in; the next card out. The
 * caller counts days (study days of the person) and turns waits into instants. */
#ifndef STUDY_FSRS_H
#define STUDY_FSRS_H

#include <stdbool.h>
#include <stdint.h>

enum { FSRS_WEIGHTS = 21, FSRS_STEPS = 4, FSRS_MAX_DAYS = 36500 };
enum fsrs_grade { FSRS_AGAIN = 1, FSRS_HARD, FSRS_GOOD, FSRS_EASY };
enum fsrs_state { FSRS_NEW, FSRS_LEARNING, FSRS_REVIEW, FSRS_RELEARNING };

struct fsrs_params {
    double w[FSRS_WEIGHTS];
    double retention; /* desired, 0.70 to 0.97 */
    int max_interval_days;
    bool short_term; /* false: no steps, every answer gives a day at least */
    int learn_steps_s[FSRS_STEPS], learn_n;
    int relearn_steps_s[FSRS_STEPS], relearn_n;
};

struct fsrs_card { /* zeroed: a new card */
    enum fsrs_state state;
    int step; /* of the learning or relearning steps */
    double stability, difficulty;
    int reps, lapses;
};

struct fsrs_next {
    struct fsrs_card card;
    int days;       /* until due; 0 when wait_s says it */
    int64_t wait_s; /* above 0: due in so many seconds */
};

/* The bot's: default weights, short term on, one step of 10 minutes to learn and one to
 * relearn, no ceiling below a hundred years. */
struct fsrs_params fsrs_default_params(double retention);
/* Weights of FSRS-4.5 (17), FSRS-5 (19) or FSRS-6 (21) as FSRS-6. False for any other
 * number, or one that is not finite. */
bool fsrs_weights(const double *w, int n, double out[FSRS_WEIGHTS]);
/* elapsed_days: since the last rating, 0 for a new card; below 0 counts as 0. */
struct fsrs_next fsrs_rate(const struct fsrs_params *p, const struct fsrs_card *card,
                           enum fsrs_grade grade, int64_t elapsed_days);
/* The chance to recall after so many days, 0..1; 0 for a card without stability. */
double fsrs_recall(const struct fsrs_params *p, double elapsed_days, double stability);

#endif
