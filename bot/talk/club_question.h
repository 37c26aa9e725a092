/* club_question: one question put before a group, whose answer everybody opens in private.
 */
#ifndef TALK_CLUB_QUESTION_H
#define TALK_CLUB_QUESTION_H

#include "bot/talk/route.h"

/* One of the topic (NULL: of all) that t's group has not had in its last rounds, drawn at
 * random, with a quiz if it can be. ERR_NOT_FOUND: there is none. */
enum err club_question_draw(struct turn *t, const char *topic, int64_t *out_question);
/* The same, whatever the group has had, when all was there lately. */
enum err club_question_any(struct turn *t, const char *topic, int64_t *out_question);
/* Posts it in t's place. expires_ms 0: as a reply; told: see struct feature, or NULL. */
enum err club_question_say(struct turn *t, int64_t question, int64_t expires_ms,
                           const char *told);

#endif
