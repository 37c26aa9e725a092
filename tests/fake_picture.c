#include "tests/fake_picture.h"

#include <assert.h>
#include <stdlib.h>

struct pictures {
    struct picture_req *first;
    bool fails, hangs;
};

/* 16 x 16, grey. */
static const unsigned char grey[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
    0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10,
    0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x98, 0xa0, 0xbd, 0x00, 0x00, 0x00,
    0x0f, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xa8, 0x47, 0x03, 0x0c,
    0x23, 0x5b, 0x00, 0x00, 0x7c, 0xfd, 0x7f, 0x01, 0xab, 0xb9, 0x9f, 0x9a,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

struct pictures *fake_picture_new(void)
{
    struct pictures *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    return p;
}

void fake_picture_free(struct pictures *p)
{
    assert(!p || !p->first);
    free(p);
}

void fake_picture_fail(struct pictures *p, bool fails)
{
    p->fails = fails;
}

void fake_picture_hang(struct pictures *p, bool hangs)
{
    p->hangs = hangs;
}

void picture_draw(struct pictures *p, struct picture_req *r)
{
    struct picture_req **at = &p->first;
    assert(!r->busy && r->json && r->done);
    while (*at)
        at = &(*at)->next;
    *at = r;
    r->next = NULL;
    r->busy = true;
    r->cancelled = false;
    buf_reset(&r->png);
}

void picture_cancel(struct pictures *p, struct picture_req *r)
{
    (void)p;
    r->cancelled = r->busy;
}

static struct picture_req **ready(const struct pictures *p)
{
    struct picture_req **at = (struct picture_req **)&p->first;
    while (*at && p->hangs && !(*at)->cancelled)
        at = &(*at)->next;
    return at;
}

bool fake_picture_run(struct pictures *p)
{
    struct picture_req **at = ready(p), *r = *at;
    if (!r)
        return false;
    *at = r->next;
    r->busy = false;
    r->drawn = !r->cancelled && !p->fails;
    if (r->drawn)
        buf_add(&r->png, grey, sizeof grey);
    r->done(r);
    return true;
}

int64_t fake_picture_next_ms(const struct pictures *p)
{
    return *ready(p) ? INT64_MIN : INT64_MAX;
}
