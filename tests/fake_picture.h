/* fake_picture: bot/net/picture.h without a program: a small real PNG in the same instant,
 * or none. Completions run only when the player turns the crank. */
#ifndef TESTS_FAKE_PICTURE_H
#define TESTS_FAKE_PICTURE_H

#include <stdint.h>

#include "bot/net/picture.h"

struct pictures *fake_picture_new(void);
void fake_picture_free(struct pictures *p); /* nothing may wait; NULL is fine */
/* Draws what was asked for. True when any done ran. */
bool fake_picture_run(struct pictures *p);
int64_t fake_picture_next_ms(const struct pictures *p); /* INT64_MAX: nothing waits */
void fake_picture_fail(struct pictures *p, bool fails); /* from now on */
/* A drawing hangs: only a cancelled one ends. */
void fake_picture_hang(struct pictures *p, bool hangs);

#endif
