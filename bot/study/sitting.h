/* sitting: who gets the places of a sitting.
 *
 * While anything is unseen, at least 2 of 5 places (in that proportion, rounded up) are
 * new questions; the rest are due reviews, then more new ones; when nothing is unseen,
 * more reviews. Topics share the places by smooth weighted round robin; what a topic is
 * owed is its credit, carried from sitting to sitting, so that none starves. Pure and
 * deterministic. */
#ifndef STUDY_SITTING_H
#define STUDY_SITTING_H

#include <stdbool.h>
#include <stdint.h>

struct sitting_topic {
    int weight;         /* 1 to 3 */
    int64_t credit;     /* in and out: stored with the subscription, 0 at first */
    const int64_t *due; /* question numbers, lowest recall first; borrowed */
    int due_n;
    const int64_t *fresh; /* unseen, likeliest first; borrowed */
    int fresh_n;
};

struct sitting_place {
    int64_t question;
    int topic; /* index of the topic it was taken for */
    bool fresh;
};

/* Fills at most n (1 to SITTING_MAX, asserted) places, reviews first, and gives their
 * number: fewer when the topics hold fewer. A question that stands in several topics is
 * taken once. */
enum { SITTING_MAX = 20 };
int sitting_pick(struct sitting_topic *topics, int n_topics, int n,
                 struct sitting_place *out);

#endif
