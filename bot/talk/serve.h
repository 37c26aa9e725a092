/* serve: making sittings and putting their questions before the person, one by one. */
#ifndef TALK_SERVE_H
#define TALK_SERVE_H

#include "bot/talk/route.h"
#include "db/sittings.h"

struct serve_topic {
    const struct subscription *sub;
    int64_t day; /* the study day it is served for */
};

/* The scheduled sitting of these topics: up to the person's number of questions, the
 * first of them sent, before until_ms or not at all. Nothing to offer: no sitting. Those of
 * days before are over; `another`: other topics were served today, and theirs goes on. */
enum err serve_morning(struct turn *t, const struct serve_topic *topics, int n,
                       bool another, int64_t until_ms);
/* Up to n questions asked for just now, of one topic or (NULL) of all the person's; a
 * single one is a due review before a new one. *out_found: how many. */
enum err serve_now(struct turn *t, const char *topic, int n, int *out_found);
/* One named question, at once. */
enum err serve_question(struct turn *t, int64_t question);

/* The delivery was rated or skipped. What follows it: the next place of its sitting, or a
 * question still being learned that comes back; else the sitting is done and nothing
 * follows (out_next->id is 0). */
enum err serve_next(struct turn *t, const struct delivery *d, struct delivery *out_next);
/* Sends a planned one. The ring (not silent) is for the first of a morning. until_ms 0: as
 * long as questions are worth sending. ERR_NOT_FOUND: the bank does not hold it. */
enum err serve_put(struct turn *t, struct delivery *d, bool silent, int64_t until_ms);

#endif
