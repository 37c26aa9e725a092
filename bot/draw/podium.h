/* podium: how a game ended. One to ten players, the best first; three of them stand on
 * blocks, the others in a list. */
#ifndef DRAW_PODIUM_H
#define DRAW_PODIUM_H

#include "bot/draw/canvas.h"

struct cJSON;

/* Draws {"title", "subtitle", "players": [{"name", "points", "note"}, ...]}, where subtitle
 * and note may be missing. All words come ready. False when `in` is something else. */
bool podium_draw(struct canvas *c, const struct cJSON *in);

#endif
