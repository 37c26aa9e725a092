/* records: how quizzes have fared in all groups, which are kept out, which may be asked. */
#ifndef DB_RECORDS_H
#define DB_RECORDS_H

#include "db/db.h"

enum { SEEN_ROUNDS = 60, CHOICES_MAX = 1000 };

struct quiz_choice {
    int64_t question, answers, hits; /* given in all groups; right ones among them */
};
/* Quizzes of a topic that may be put before a chat: not retired, not kept
 * out, not among its last SEEN_ROUNDS rounds. At most max of them. */
enum err quiz_choices(struct db *db, const char *topic, int64_t chat,
                      struct quiz_choice *out, int max, int *out_n);
enum err quiz_record_add(struct db *db, int64_t question, bool hit);

/* Somebody says that the quiz is wrong; once a person (ERR_REFUSED: has said so).
 * *out_lately: by how many people in the last 30 days. */
enum err report_add(struct db *db, int64_t question, int64_t person, int64_t now_ms,
                    int *out_lately);
enum err reports_count(struct db *db, int64_t question, int *out);
/* Forgets some of over 60 days. */
enum err reports_prune(struct db *db, int64_t now_ms);
/* Out of battles from now on, with no amends yet, or back in; then its reports are
 * forgotten. */
enum err quiz_take_out(struct db *db, int64_t question, int64_t now_ms);
enum err quiz_put_back(struct db *db, int64_t question);
enum err quiz_is_out(struct db *db, int64_t question, bool *out);
/* Numbers of those that are out, the longest first, at most max. */
enum err quizzes_out(struct db *db, int64_t *out, int max, int *out_n);

/* A quiz whose key was wrong: which of its options were right as well (bits 0 to 3 of the
 * bank's), and the club up to which those who chose them have their points back. */
struct amends {
    unsigned options; /* 0: the key is not known to be wrong */
    int64_t club;     /* INT64_MIN: none yet */
};
enum err quiz_amends(struct db *db, int64_t question, struct amends *out);
enum err quiz_amends_save(struct db *db, int64_t question, const struct amends *a);
/* The next club that ever had the question; ERR_NOT_FOUND: that was the last. */
enum err quiz_club_after(struct db *db, int64_t question, int64_t club, int64_t *out);

#endif
