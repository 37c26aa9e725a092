/* battle: the rules of a quiz battle, pure values.
 *
 *   LOBBY ──start──▶ ASKING ──all answered, deadline, skipped, void──▶ REVEAL ─┐
 *     │                ▲────────────────── next round ───────────────────────┤
 *     └─ nobody came, cancelled ─▶ OVER ◀── last round, nobody answers, stop ──┘
 *                                   (from ASKING too: stopped, the group is gone) */
#ifndef STUDY_BATTLE_H
#define STUDY_BATTLE_H

#include <stdbool.h>
#include <stdint.h>

enum battle_state { BATTLE_LOBBY, BATTLE_ASKING, BATTLE_REVEAL, BATTLE_OVER };

/* Whether the one may follow the other: an event that comes too late may not. */
bool battle_may(enum battle_state from, enum battle_state to);

enum {
    BATTLE_OPTIONS = 4,
    BATTLE_ROUNDS = 7,
    BATTLE_ROUNDS_MIN = 3,
    BATTLE_ROUNDS_MAX = 20
};

/* Time to answer a question of so many characters (ask, code and options as shown): 10 s
 * and 70 ms a character, in whole seconds, 15 to 45 s. */
int64_t battle_limit_ms(int characters);

/* Points of a right answer that took spent_ms of limit_ms: 1000 (1 - t / 2T) in steps of 25
 * downwards, T being the limit; without `speed` always 1000; times 1, 1.25, 1.5 for the
 * levels 1 to 3. What came before the start took no time, what came late all of it. */
int battle_points(int level, bool speed, int64_t spent_ms, int64_t limit_ms);
/* What the run-th right answer in a row adds: 0, 100, 200, ... at most 500. */
int battle_bonus(int run);

/* Votes that skip a question when so many people play: max(1, ceil(active / 2)). */
int battle_skips_needed(int active);

/* The first day of the week (Monday) and of the month that a date lies in; dates are days
 * since 1970-01-01. */
int64_t battle_week(int64_t day);
int64_t battle_month(int64_t day);

/* A shuffle of 0 to 3 as four decimal digits, 2031: what is shown at each place. */
int battle_shuffle(uint64_t random);
/* What is shown at `place`; where the bank's option `option` is shown. */
int battle_option_at(int shuffle, int place);
int battle_place_of(int shuffle, int option);

/* A quiz that may be asked and how it fared: of `answers` so many were right. */
struct battle_choice {
    int64_t question;
    int64_t answers, hits;
};
/* The index of the one to ask: of three drawn at random that which splits best, its share
 * of right answers being nearest to a half (two right and two wrong ones are lent to each,
 * so that a new one is taken for a good one). n > 0. */
int battle_pick(const struct battle_choice *c, int n, uint64_t random);

/* A player's result; sorted by battle_rank(): points, then right answers, then id. */
struct battle_score {
    int64_t person;
    int64_t points;
    int hits;
    int rank; /* out: from 1; equal points share a rank, and the next one is left out */
    const char *name;
};
void battle_rank(struct battle_score *s, int n);

#endif
