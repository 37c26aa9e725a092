/* first_time: after a person's very first rating, when they want their questions. */
#ifndef TALK_FIRST_TIME_H
#define TALK_FIRST_TIME_H

#include "bot/talk/route.h"

enum err first_time_after_rating(struct turn *t); /* asks once in a life */

#endif
