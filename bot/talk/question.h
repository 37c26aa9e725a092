/* question: one question in one message. Question, answer, rating and result are edits of
 * it, so that the chat reads as a notebook.
 *
 *   QUESTION ──show──▶ SHORT ◀──▶ DEEP ◀──▶ PITFALLS      (parts of bank.page)
 *      │skip, know       └───────────┴── rate ──┐
 *      ▼                                        ▼
 *   skipped, known                                  result, [undo] for ten minutes */
#ifndef TALK_QUESTION_H
#define TALK_QUESTION_H

#include "bot/talk/route.h"
#include "bot/telegram/method.h"
#include "db/bank.h"
#include "db/cards.h"
#include "db/sittings.h"

/* What the delivery's message shows now, lent by the turn's arena. ERR_NOT_FOUND: the bank
 * does not hold the question any more. */
enum err question_view(struct turn *t, const struct delivery *d, const char **out_html,
                       struct keyboard *out_keyboard);
/* "Django · asked often: top 5 % · middle". */
enum err question_head(struct turn *t, const struct words *w, const struct bank_question *q,
                       const char **out_html);
/* The keyboard behind [⋯]: what is rarely wanted. */
void question_second_step(struct turn *t, const struct delivery *d, struct keyboard *k);

/* rating.c: the grade is stored, the card and the streak move. */
enum err rating_store(struct turn *t, const struct delivery *d, int grade);
/* "I know this": due once in KNOWN_DAYS, no rating, no streak. */
enum { KNOWN_DAYS = 30 };
enum err rating_know(struct turn *t, const struct delivery *d);
/* A wrong answer in a battle: Again, once a study day, no rating and no streak. Of somebody
 * who does not learn here: nothing. */
enum err rating_miss(struct turn *t, int64_t person, int64_t question);
/* ERR_REFUSED: nothing to undo, or too late. */
enum err rating_undo(struct turn *t, const struct delivery *d);
/* The words on the four rating buttons, with the interval each would give. */
enum err rating_labels(struct turn *t, const struct delivery *d, const char *out[5]);
/* "Good · back in 4 days" of a rated delivery. */
enum err rating_result(struct turn *t, const struct delivery *d, bool retired,
                       const char **out_html);
/* The person's streak as of today: 0 once a day was missed. */
enum err streak_now(struct turn *t, int64_t *out);

#endif
