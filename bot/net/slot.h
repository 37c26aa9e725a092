/* slot: one row of the outbox on its way, a call at a time. For sender.c.
 *
 *   FREE ──taken, in the transaction──▶ TAKEN ──after the commit──▶ FLIES ──done──▶
 *   ANSWERED ──judged: an outcome──▶ FREE
 *   one with a picture:  TAKEN ──after the commit──▶ DRAWS ──done──▶ DRAWN ──seen by a
 *   pass──▶ READY ──its chat has paid──▶ FLIES
 *
 * An export is read from the database as it leaves, after the commit: slot_export().
 *
 * Callbacks hold no logic: they only mark the slot. */
#ifndef NET_SLOT_H
#define NET_SLOT_H

#include "bot/net/http.h"
#include "bot/net/picture.h"
#include "db/outbox.h"

struct slot {
    enum {
        SLOT_FREE,
        SLOT_TAKEN,
        SLOT_DRAWS,
        SLOT_DRAWN,
        SLOT_READY,
        SLOT_FLIES,
        SLOT_ANSWERED
    } state;
    int64_t row, chat, thread, message, due_ms;
    enum outbox_class class;
    enum outbox_kind kind;
    bool pictured; /* the row wants a picture */
    bool exports;  /* the row wants the export */
    char method[32];
    struct buf body;              /* of a pictured row without its address until it flies */
    struct buf sketch, addressed; /* of a pictured row: what is drawn; its body at last */
    struct buf export;
    char name[40]; /* of the export's file */
    struct picture_req drawing;
    struct http_file file;
    struct http_req req;
};

void slot_take(struct slot *k, const struct outbox_row *row, enum outbox_class class);
void slot_draw(struct slot *k, struct pictures *p);
enum err slot_export(struct slot *k, struct db *db, int64_t now_ms);
/* A picture that could not be drawn leaves as its caption. */
void slot_fly(struct slot *k, struct http *h);
void slot_clear(struct slot *k); /* FREE again; the strings it has grown are kept */
void slot_free(struct slot *k);  /* its memory; must not draw or fly */

#endif
