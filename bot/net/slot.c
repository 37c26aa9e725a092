#include "bot/net/slot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bot/telegram/method.h"
#include "db/export.h"

enum { SEND_MS = 25000 /* the server itself may hold a call for 8 s */ };

static const char caption[] = "{\"caption\":", text[] = "{\"text\":";
static const char maker[] = EXPORT_MAKER;

void slot_take(struct slot *k, const struct outbox_row *row, enum outbox_class class)
{
    assert(k->state == SLOT_FREE);
    k->state = SLOT_TAKEN;
    k->row = row->id;
    k->chat = row->chat;
    k->thread = row->thread;
    k->message = row->message;
    k->due_ms = row->due_ms;
    k->class = class;
    k->kind = row->kind;
    k->exports = row->picture && strncmp(row->picture, maker, sizeof maker - 1) == 0;
    k->pictured = row->picture && !k->exports;
    snprintf(k->method, sizeof k->method, "%s", row->method);
    buf_reset(&k->body);
    buf_reset(&k->sketch);
    if (k->exports)
        snprintf(k->name, sizeof k->name, "%s", row->picture + sizeof maker - 1);
    if (!k->pictured) {
        method_address(&k->body, row->body, k->chat, k->thread, k->message);
        return;
    }
    assert(strncmp(row->body, caption, sizeof caption - 1) == 0);
    buf_text(&k->body, row->body);
    buf_text(&k->sketch, row->picture);
}

static void row_drawn(struct picture_req *r)
{
    struct slot *k = r->owner;
    k->state = SLOT_DRAWN;
}

void slot_draw(struct slot *k, struct pictures *p)
{
    k->state = SLOT_DRAWS;
    k->drawing.json = k->sketch.data;
    k->drawing.done = row_drawn;
    k->drawing.owner = k;
    picture_draw(p, &k->drawing);
}

enum err slot_export(struct slot *k, struct db *db, int64_t now_ms)
{
    enum err e = export_make(db, k->chat, now_ms, &k->export);
    k->file = (struct http_file){.field = "document",
                                 .name = k->name,
                                 .mime = "application/json",
                                 .data = k->export.data,
                                 .len = k->export.len};
    return e;
}

/* The body of a pictured row gets its address, and its picture if there is one. */
static const char *body_with_picture(struct slot *k)
{
    struct buf plain = {0};
    bool drawn = k->drawing.drawn;
    if (drawn) {
        k->file = (struct http_file){.field = "photo",
                                     .name = "podium.png",
                                     .mime = "image/png",
                                     .data = k->drawing.png.data,
                                     .len = k->drawing.png.len};
    } else {
        snprintf(k->method, sizeof k->method, "sendMessage");
        buf_text(&plain, text);
        buf_text(&plain, k->body.data + sizeof caption - 1);
    }
    buf_reset(&k->addressed);
    method_address(&k->addressed, drawn ? k->body.data : plain.data, k->chat, k->thread, 0);
    buf_free(&plain);
    return k->addressed.data;
}

static void row_done(struct http_req *r)
{
    struct slot *k = r->owner;
    k->state = SLOT_ANSWERED;
}

void slot_fly(struct slot *k, struct http *h)
{
    k->state = SLOT_FLIES;
    k->req.body = k->pictured ? body_with_picture(k) : k->body.data;
    k->req.method = k->method;
    k->req.file = k->exports || (k->pictured && k->drawing.drawn) ? &k->file : NULL;
    k->req.timeout_ms = SEND_MS;
    k->req.done = row_done;
    k->req.owner = k;
    http_post(h, &k->req);
}

void slot_clear(struct slot *k)
{
    k->state = SLOT_FREE;
    buf_free(&k->drawing.png); /* up to 256 KB that the next row hardly needs */
    buf_free(&k->export);
}

void slot_free(struct slot *k)
{
    assert(k->state != SLOT_FLIES && k->state != SLOT_DRAWS);
    buf_free(&k->body);
    buf_free(&k->sketch);
    buf_free(&k->addressed);
    buf_free(&k->drawing.png);
    buf_free(&k->export);
    buf_free(&k->req.answer);
}
