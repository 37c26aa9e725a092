/* bank: reading the compiled bank of questions (db/bank.sql), attached read-only. */
#ifndef DB_BANK_H
#define DB_BANK_H

#include "db/db.h"

struct bank_topic {
    const char *slug, *title_ru, *title_en;
    int held; /* entries at home there; 0: the bank does not hold it yet */
};
enum { BANK_TOPICS_MAX = 32, BANK_NAMES_MAX = 400 };

/* In the order of content/topics.yaml. Strings are lent by the arena. */
enum err bank_topics(struct db *db, struct arena *a, struct bank_topic *out, int max,
                     int *out_n);
enum err bank_topic(struct db *db, struct arena *a, const char *slug,
                    struct bank_topic *out);

struct bank_name {
    const char *name, *topic; /* folded; slug */
};
enum err bank_names(struct db *db, struct arena *a, struct bank_name *out, int max,
                    int *out_n);

struct bank_question {
    int64_t num;
    const char *id, *topic;
    int level;         /* 1 junior, 2 middle, 3 senior */
    double likelihood; /* 0: asked first of all; below 0.05: the top 5 % */
    bool retired;
    int64_t instead; /* what took a retired one's place; 0: nothing */
};
enum err bank_question(struct db *db, struct arena *a, int64_t num,
                       struct bank_question *out);
enum err bank_question_by_id(struct db *db, struct arena *a, const char *id,
                             struct bank_question *out);

enum { BANK_IDS_MAX = 4000 };
struct bank_id {
    int64_t num;
    const char *id;
};
/* All that are not retired, by number. */
enum err bank_ids(struct db *db, struct arena *a, struct bank_id *out, int max, int *out_n);

enum { PART_QUESTION, PART_SHORT, PART_DEEP, PART_PITFALLS, PART_SHORT_ALONE };
/* Telegram HTML of one part (db/bank.sql). lang is 'ru' or 'en'. */
enum err bank_page(struct db *db, struct arena *a, int64_t num, const char *lang, int part,
                   const char **out_html);

#endif
