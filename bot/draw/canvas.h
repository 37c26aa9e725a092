/* canvas: the paper of a drawing, and its way out as a PNG.
 *
 * One size for all drawings. Colours are 0xRRGGBB, lengths and places are pixels from the
 * upper left corner. */
#ifndef DRAW_CANVAS_H
#define DRAW_CANVAS_H

#include <pango/pangocairo.h>
#include <stdbool.h>

#include "bot/base/buf.h"

enum { CANVAS_WIDTH = 1200, CANVAS_HEIGHT = 675 };

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoLayout *layout; /* one for all texts: its context knows how glyphs are drawn */
    bool emoji;          /* false: the cheaper picture, emoji are unknown glyphs */
};

/* False when the fonts that drawings count on are not there. */
bool canvas_open(struct canvas *c, bool emoji);
void canvas_close(struct canvas *c);

void canvas_colour(struct canvas *c, unsigned rgb);
void canvas_fill(struct canvas *c, unsigned rgb); /* all of it */
/* A rectangle with round corners, filled. */
void canvas_box(struct canvas *c, double x, double y, double width, double height,
                double radius, unsigned rgb);

/* Adds the picture to `out` as a PNG of at most `colours` (2 to 256) colours. */
void canvas_png(struct canvas *c, int colours, struct buf *out);

#endif
