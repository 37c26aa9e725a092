/* picture: drawings by the program sobes-draw, which lies beside our own and is started for
 * each: JSON in, PNG out. The daemon itself links no graphics library.
 *
 * One at a time, in the order they were asked for. A drawing has DRAW_MS from its start,
 * then its program is killed. The program gets no environment but the name of fonts.conf,
 * which lies beside it or in ../share/sobes (file_own). Tests link tests/fake_picture.c
 * instead.
 *
 * The request struct belongs to the caller and must stay put until done runs: exactly once,
 * never inside picture_draw() or picture_cancel(), also when pictures are being freed. */
#ifndef NET_PICTURE_H
#define NET_PICTURE_H

#include <stdbool.h>

#include "bot/base/buf.h"

enum { DRAW_MS = 5000, PICTURE_BYTES = 256 << 10 };

struct pictures;
struct picture_req;
typedef void picture_done_cb(struct picture_req *r);

struct picture_req {
    const char *json;      /* in: kept until done */
    picture_done_cb *done; /* in */
    void *owner;           /* the caller's own */
    bool drawn;            /* out: false: there is no picture */
    struct buf png;        /* out: emptied by picture_draw(); buf_free is the caller's */
    bool busy, cancelled;  /* picture's own: from picture_draw() to done */
    struct picture_req *next;
};

void picture_draw(struct pictures *p, struct picture_req *r);
void picture_cancel(struct pictures *p, struct picture_req *r); /* idle request: nothing */

/* picture.c alone has these: the world's side. folder: where the program and fonts.conf
 * lie; NULL: where the running one does. picture_free() ends what is open (done runs
 * inside); the loop must still be run until its handles are gone. */
struct uv_loop_s;
struct pictures *picture_new(struct uv_loop_s *loop, const char *folder);
void picture_free(struct pictures *p); /* NULL is fine */

#endif
