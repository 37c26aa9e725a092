/* faults: a scene with one thing broken at the first, second, third ... commit or call.
 * It forks there, and each child plays what is left of it. */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include "tests/scene.h"

enum faults { FAULTS_COMMIT, FAULTS_CALL, FAULTS_KILL };

/* Adds to the counts. max_n 0: no end but the scene's own; step: only each step-th. */
void faults_play(const char *file, const struct scene_options *base, enum faults what,
                 int max_n, int step, int *passed, int *failed);

#endif
