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

/* Why an entry was reported; stored. */
enum report_reason {
    REPORT_NONE,
    REPORT_WRONG,
    REPORT_UNCLEAR,
    REPORT_OUTDATED,
    REPORT_TYPO,
    REPORT_OTHER,
    REPORT_REASONS
};

/* Somebody says that the quiz is wrong; once a person (ERR_REFUSED: has said so).
 * *out_lately: by how many people in the last 30 days. */
enum err report_add(struct db *db, int64_t question, int64_t person, int64_t now_ms,
                    int *out_lately);
/* A person says what is wrong with the entry, once: another reason takes the place of the
 * first. It is no word against the quiz, nor does taking it back touch one. */
enum err report_reason_give(struct db *db, int64_t question, int64_t person,
                            enum report_reason reason, int64_t now_ms);
enum err report_take_back(struct db *db, int64_t question, int64_t person);
enum err report_reason_of(struct db *db, int64_t question, int64_t person,
                          enum report_reason *out);
/* How many gave each reason; out[REPORT_NONE] is 0. */
enum err report_reasons(struct db *db, int64_t question, int out[REPORT_REASONS]);
/* Numbers of entries with reasons, the first of the bank, at most max. */
enum err entries_reported(struct db *db, int64_t *out, int max, int *out_n);
/* The operator has seen to it: all reasons given for it are forgotten. */
enum err entry_reports_settle(struct db *db, int64_t question);

/* Those of its quiz. */
enum err reports_count(struct db *db, int64_t question, int *out);
/* Forgets some of over 60 days. */
enum err reports_prune(struct db *db, int64_t now_ms);
/* Out of battles from now on, with no amends yet, or back in; then the reports of the quiz
 * are forgotten. */
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
