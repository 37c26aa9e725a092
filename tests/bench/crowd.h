/* crowd: the people of a measurement, as Telegram shows them to the bot.
 *
 * People are numbered first, first + 1, ... Each remembers the message whose buttons came
 * last, and does what a measurement wants of them: presses the answer, then a grade, or
 * writes a command. Nothing here is what is measured, so it looks for what it needs in the
 * text of a call and parses nothing. Times are microseconds of a clock that never jumps. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stddef.h>
#include <stdint.h>

struct crowd;

struct crowd *crowd_new(int64_t first, int64_t n);

/* What people do from now on, one after another, `acts` times: every text_every-th time it
 * is a command and else a press; 0: presses alone. A hundred at most wait at once. */
void crowd_begin(struct crowd *c, int64_t acts, int64_t text_every);
/* The next update with that id into `out`; 0 when there is nothing left to do. */
size_t crowd_act(struct crowd *c, int64_t id, int64_t now_us, char *out, size_t size);
/* "/next", whatever was begun: the people take turns. */
size_t crowd_ask(struct crowd *c, int64_t id, int64_t now_us, char *out, size_t size);

/* The bot says something to `chat` in a message of that id. Borrows the call's body. */
void crowd_hears(struct crowd *c, int64_t chat, int64_t message, const char *body,
                 int64_t now_us);

/* How long people waited from the act to the first word after it, since the last look:
 * the least that this many thousandths of them stayed below. */
int64_t crowd_waited_us(struct crowd *c, int thousandths);
int64_t crowd_answered(const struct crowd *c);
void crowd_forget_waits(struct crowd *c);

#endif
