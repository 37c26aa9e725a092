/* topics: finding the topic a person means, and showing where they stand in it. */
#ifndef TALK_TOPICS_H
#define TALK_TOPICS_H

#include "bot/talk/route.h"
#include "bot/telegram/method.h"
#include "db/bank.h"

enum { NEAREST = 3 };

/* By slug, title or synonym, in any case, with a typing mistake or two. ERR_NOT_FOUND:
 * near[0..*near_n) are the nearest ones that the bank holds. */
enum err topic_find(struct turn *t, const char *text, struct bank_topic *out,
                    struct bank_topic near[NEAREST], int *near_n);
/* There is no such topic (NULL), or the bank does not hold it yet: says so and offers what
 * there is as buttons, data "<prefix>.<slug>". near: what topic_find() gave. */
enum err topic_refuse(struct turn *t, const struct bank_topic *topic,
                      const struct bank_topic *near, int near_n, const char *prefix);
const char *topic_title(const struct turn *t, const struct bank_topic *topic);
/* Held topics as toggles, two a row, ticked when subscribed; data "<prefix>.1.<slug>" to
 * subscribe, "<prefix>.0.<slug>" to leave: a second tap changes nothing. */
enum err topic_toggles(struct turn *t, const char *prefix, struct keyboard *k);
/* Held topics in the same rows, data "<prefix>.<slug>"; the one that is `chosen` (NULL:
 * none) is ticked. */
enum err topic_choices(struct turn *t, const char *prefix, const char *chosen,
                       struct keyboard *k);
/* "1.<slug>" or "0.<slug>"; the schedule follows. ERR_NOT_FOUND: neither, or the bank holds
 * no such topic. */
enum err topic_toggle(struct turn *t, const char *data);
/* cmd_topic.c: subscribes, shows where one stands, sends a question. */
enum err topic_open(struct turn *t, const struct bank_topic *topic);
/* Whether a folded word means "no more": off, stop, нет. */
bool topic_is_off(const char *word);
/* The topic's own time (-1: as the others), confirmed in words. */
enum err topic_set_time(struct turn *t, const char *slug, int minute);

/* club_topic.c: /topic in a group. */
enum err club_topic_run(struct turn *t, const char *args);
enum err club_topic_press(struct turn *t, const char *data);

#endif
