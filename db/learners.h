/* learners: the people, their settings, their topics, their streak. */
#ifndef DB_LEARNERS_H
#define DB_LEARNERS_H

#include "db/db.h"

enum learner_state { LEARNER_ACTIVE, LEARNER_STOPPED, LEARNER_BLOCKED };
enum first_step {
    STEP_NEW,
    STEP_ASKED,
    STEP_DONE
}; /* rated nothing; asked for a time; done */

struct learner {
    int64_t id; /* Telegram user id, and the id of the private chat */
    const char *lang, *zone;
    int at_min, day_start_min, quiet_from_min, quiet_to_min, per_sitting, level;
    unsigned weekdays; /* bit 0: Monday */
    double retention;
    enum learner_state state;
    enum first_step step;
    bool at_once;                   /* all questions of a morning at once */
    const char *asking;             /* what the next plain text answers; NULL for nothing */
    int64_t streak, best, last_day; /* last_day -1: never rated */
    int freezes;
    int64_t told_day;          /* the last frozen day that was told of; -1: none */
    int remind_min;            /* of the evening reminder; -1: off */
    int64_t reminded_day;      /* the study day of the last one; -1: none */
    int64_t pause_until_day;   /* the last day of the pause, -1: there was none */
    int64_t ignored;           /* days whose sitting came since they did anything */
    int64_t ignored_first_day; /* of those; -1: none */
    int64_t ignored_last_day;  /* the last that was counted, ever; -1: none */
    bool asleep;               /* was asked whether to pause: nothing by itself */
};

/* Strings are lent by the arena. */
enum err learner_find(struct db *db, struct arena *a, int64_t id, struct learner *out);
enum err learner_add(struct db *db, int64_t id, const char *lang, const char *zone,
                     int at_min);
/* Stores every field of *who except id, what belongs to the streak, and reminded_day. */
enum err learner_save(struct db *db, const struct learner *who);
/* Stores streak, best, last_day and freezes. */
enum err learner_set_streak(struct db *db, const struct learner *who);
enum err learner_told(struct db *db, int64_t id, int64_t frozen_day);
enum err learner_reminded(struct db *db, int64_t id, int64_t day);
enum err learner_set_pause(struct db *db, int64_t id, int64_t until_day); /* -1: none */
/* The sitting of that day has come to them; counted once a day. */
enum err learner_ignores(struct db *db, int64_t id, int64_t day);
enum err learner_set_asleep(struct db *db, int64_t id, bool asleep);
/* Did something: nothing is ignored and they are not asleep. */
enum err learner_wake(struct db *db, int64_t id);
enum err learner_set_state(struct db *db, int64_t id, enum learner_state state);
/* Was here at now_ms: stored once a UTC day, never back. */
enum err learner_seen(struct db *db, int64_t id, int64_t now_ms);
/* Ids of active people above `after`, ascending, at most max. */
enum err learners_active(struct db *db, int64_t after, int64_t *out, int max, int *out_n);

struct subscription {
    const char *topic;  /* slug */
    int weight, at_min; /* at_min -1: the person's own time */
    int64_t credit;
};
enum { TOPICS_MAX = 32 };

enum err subscriptions(struct db *db, struct arena *a, int64_t learner,
                       struct subscription *out, int max, int *out_n);
enum err subscribe(struct db *db, int64_t learner, const char *topic); /* fine when it is */
enum err unsubscribe(struct db *db, int64_t learner, const char *topic); /* fine when not */
enum err subscription_time(struct db *db, int64_t learner, const char *topic, int at_min);
enum err subscription_credit(struct db *db, int64_t learner, const char *topic,
                             int64_t credit);

/* One more rating on that day; the day is `kept`. */
enum err streak_day_keep(struct db *db, int64_t learner, int64_t day);
/* One less; *out_left how many remain (the day's row goes at 0). */
enum err streak_day_unkeep(struct db *db, int64_t learner, int64_t day, int64_t *out_left);
/* A missed day that cost a freeze; and the frozen ones of first..last are so no more. */
enum err streak_day_freeze(struct db *db, int64_t learner, int64_t day);
enum err streak_days_thaw(struct db *db, int64_t learner, int64_t first, int64_t last);
/* The days first..last without a row are excused. */
enum err streak_days_excuse(struct db *db, int64_t learner, int64_t first, int64_t last);
enum err streak_day_reviews(struct db *db, int64_t learner, int64_t day, int64_t *out);

#endif
