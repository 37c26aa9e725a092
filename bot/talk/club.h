/* club: a group that the bot is in: how it gets to know it, greets it once, and loses it.
 */
#ifndef TALK_CLUB_H
#define TALK_CLUB_H

#include "bot/talk/route.h"

/* The group of the update becomes t->club; a row is made for one that we never saw, in the
 * language and zone of who acts there. */
enum err club_meet(struct turn *t);
/* What the bot can do, with a button that opens a battle; at most once a group. */
enum err club_greet(struct turn *t, bool *out_greeted);
/* my_chat_member: we were added, put out, given or denied the right to write. */
enum err club_member(struct turn *t);
/* Nothing can be said there any more: battles end, what waits is dropped. */
enum err club_lost(struct turn *t, int64_t chat);
/* The group is a supergroup with another id from now on; told twice: no harm. */
enum err club_moved(struct turn *t, int64_t from, int64_t to);

/* The local date in the group, days since 1970-01-01. */
int64_t club_today(const struct turn *t);
/* Whether t->update's person may do what administrators may. Asks Telegram when it is not
 * known: then *out_yes is false, and told() of the feature `prefix` hears the answer with
 * "PERSON.THREAD.DATA" as its data (see admin_told()). */
enum err admin_ask(struct turn *t, const char *prefix, const char *data, bool *out_yes);
/* In told(): the answer is stored for ten minutes. *out_yes: an administrator; *out_person
 * who it is about, *out_data what admin_ask() was given; t->thread is set. */
enum err admin_told(struct turn *t, const char *data, const struct outcome *o,
                    bool *out_yes, int64_t *out_person, const char **out_data);

#endif
