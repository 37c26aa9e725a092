/* faults: a scene with one thing broken at the first, second, third ... commit or call.
 * It forks there, and each child plays what is left of it. */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include "tests/scene.h"

enum faults { FAULTS_COMMIT, FAULTS_CALL, FAULTS_KILL };

/* Which of the points: each step-th, of all that were met in all scenes, from the offset-th
 * on (0 is the first), so that every point has one offset below step at which it is played.
 * max_n 0: no end but the scene's own. */
struct fault_points {
    int max_n, step, offset;
    int met; /* counts on from scene to scene */
};

/* Adds to the counts. A scene that says `no faults` is not played. */
void faults_play(const char *file, const struct scene_options *base, enum faults what,
                 struct fault_points *which, int *passed, int *failed);

#endif
