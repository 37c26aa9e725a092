/* question: one question in one message. Question, answer, rating and result are edits of
 * it, so that the chat reads as a notebook.
 *
 *   QUESTION ──show──▶ SHORT ◀──▶ DEEP ◀──▶ PITFALLS      (parts of bank.page)
 *      │skip, know       └───────────┴── rate ──┐
 *      ▼                                        ▼
 *   skipped, known                                  result, [undo] for ten minutes
 *
 * From an open answer also to POINTS and back: the short one with its points ticked. */
#ifndef TALK_QUESTION_H
#define TALK_QUESTION_H

#include "bot/study/streak.h"
#include "bot/talk/route.h"
#include "bot/telegram/method.h"
#include "db/bank.h"
#include "db/cards.h"
#include "db/records.h"
#include "db/sittings.h"

/* What the delivery's message shows now, lent by the turn's arena. ERR_NOT_FOUND: the bank
 * does not hold the question any more. */
enum err question_view(struct turn *t, const struct delivery *d, const char **out_html,
                       struct keyboard *out_keyboard);
/* Of a delivery, not of the bank: the short answer, whose points are numbered and ticked.
 */
enum { PART_POINTS = 5 };
/* Of delivery.ticks: the points were asked for; the bits above it are the points. */
#define POINTS_OPENED 1u

/* question_points.c: how many key points the answer has, at most POINTS_MAX. */
enum err points_count(struct turn *t, const struct delivery *d, int *out);
/* The short answer, its points numbered, those that are ticked with a tick. */
enum err points_page(struct turn *t, const struct delivery *d, struct buf *out);
/* Which grade the ticks propose; 0: none, the points were not asked for. */
enum err points_proposed(struct turn *t, const struct delivery *d, int *out_grade);
/* "n" asks for the points, "t3" ticks the third, "f3" takes its tick off, "y" is done. */
enum points_move { POINTS_NOT_OURS, POINTS_STAYED, POINTS_MOVED };
enum err points_press(struct turn *t, struct delivery *d, const char *code,
                      enum points_move *out);

/* "Django · asked often: top 5 % · middle". */
enum err question_head(struct turn *t, const struct words *w, const struct bank_question *q,
                       const char **out_html);
/* What [⋯] shows below the question or its last page: what is rarely wanted. */
enum err question_second_step(struct turn *t, const struct delivery *d,
                              const char **out_html, struct keyboard *k);
/* What may be wrong with it, as buttons; the reason this person gave is ticked. */
enum err question_reasons(struct turn *t, const struct delivery *d, const char **out_html,
                          struct keyboard *k);

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
/* The person's streak as of today: what was missed has cost its freezes, or the streak. */
enum err streak_now(struct turn *t, struct streak *out);
/* Names the freezes that have saved the streak since they were named last, if any:
 * silently, before until_ms (0: as an answer) or not at all. */
enum err streak_tell(struct turn *t, int64_t until_ms);

#endif
