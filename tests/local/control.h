/* control: the side door of the local Telegram, where people are played. JSON in, JSON
 * out; the verbs are in the table at the end of control.c and in README.md beside it. */
#ifndef LOCAL_CONTROL_H
#define LOCAL_CONTROL_H

#include "tests/local/rules.h"

enum control_effect { CONTROL_NOTHING, CONTROL_DROP, CONTROL_QUIT };

/* `verb` is what follows /control/ in the path. `out` gets the answer; the status is
 * given: 200, 400 (what is wrong is in the answer) or 404. */
long control_call(struct rules *r, int64_t now_ms, const char *verb, const char *json,
                  size_t len, struct buf *out, enum control_effect *effect);

#endif
