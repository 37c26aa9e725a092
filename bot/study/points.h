/* points: what the ticked key points of an answer say about the rating. */
#ifndef STUDY_POINTS_H
#define STUDY_POINTS_H

enum { POINTS_MAX = 7 };

/* The proposed grade, 1 again .. 4 easy, when the points in `ticks` (bit 0 is the first) of
 * `all` were named; 0: there are none to name, so nothing is proposed. All but a quarter is
 * Good, half is Hard, less is Again: most of it was forgotten. Easy is never proposed: how
 * light it felt cannot be counted. Ticks beyond `all` count for nothing. */
int points_grade(unsigned ticks, int all);

#endif
