/* text: words of strangers on the canvas.
 *
 * Whatever the bytes are, the text stays in its place: controls and signs of direction are
 * gone, marks do not pile up, glyphs that no font has are replaced, and what is too long is
 * made smaller and then ends in an ellipsis, between letters as people count them. */
#ifndef DRAW_TEXT_H
#define DRAW_TEXT_H

#include "bot/draw/canvas.h"

extern const char text_unknown[]; /* stands for any run of letters that no font has */

enum { TEXT_MAX = 256 }; /* bytes of a text that are looked at */

struct text {
    const char *words; /* valid UTF-8 */
    double x, width;   /* its place, from x to x + width */
    double baseline;   /* of the last line */
    double size, least_size;
    unsigned rgb;
    int lines; /* at most; 0 is 1 */
    bool bold;
    enum { TEXT_LEFT, TEXT_MIDDLE, TEXT_RIGHT } align;
};

/* The words as they can be shown, in one line. Empty when nothing of them can be seen.
 * Gives: free with g_free(). */
char *text_clean(struct canvas *c, const char *words);

/* Draws `t`, whose words are clean. What it took is in *out (NULL is fine): upper edge of
 * the first line and width of the widest. */
struct text_took {
    double top, width;
};
void text_draw(struct canvas *c, const struct text *t, struct text_took *out);

#endif
