/* quizzes: what people are asked at a poll, from the compiled bank (db/bank.sql). */
#ifndef DB_QUIZZES_H
#define DB_QUIZZES_H

#include "db/db.h"

enum { QUIZ_OPTIONS = 4 };

struct quiz {
    const char *ask, *option[QUIZ_OPTIONS]; /* plain text */
    const char *code_html;                  /* one block, "" for none */
    const char *why_html;
    int right; /* index in option[]; the bank holds it first: shuffle before showing */
    int level; /* of the question: 1 junior, 2 middle, 3 senior */
};
/* Retired questions have theirs too. lang is 'ru' or 'en'; strings are lent by the arena.
 * ERR_NOT_FOUND: no such question, or it has no quiz. */
enum err quiz_find(struct db *db, struct arena *a, int64_t question, const char *lang,
                   struct quiz *out);

#endif
