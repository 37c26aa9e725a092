#include "bot/talk/menu.h"

#include "bot/telegram/method.h"
#include "db/meta.h"

enum { COMMANDS_MAX = 32, MENU_LIVES_MS = 24 * 3600 * 1000 };

static void body_of(struct turn *t, enum lang lang, const char *code, struct buf *out)
{
    struct words w = {t->arena, lang};
    struct command_line lines[COMMANDS_MAX];
    const struct feature *f;
    int n = 0;
    while (n < COMMANDS_MAX && (f = route_command(n))) {
        lines[n] = (struct command_line){f->name, f->about(&w)};
        n++;
    }
    method_set_commands(out, code, lines, n);
}

/* FNV-1a, kept to 63 bits: only to see a difference. */
static int64_t fingerprint(const struct buf *b, int64_t seed)
{
    uint64_t h = (uint64_t)seed ^ 0xcbf29ce484222325u;
    for (size_t i = 0; i < b->len; i++)
        h = (h ^ (unsigned char)b->data[i]) * 0x100000001b3u;
    return (int64_t)(h >> 1);
}

enum err menu_refresh(struct turn *t)
{
    struct buf bodies[2] = {{0}, {0}};
    int64_t had;
    body_of(t, LANG_EN, "", &bodies[0]);
    body_of(t, LANG_RU, "ru", &bodies[1]);
    int64_t now = fingerprint(&bodies[1], fingerprint(&bodies[0], 0));
    enum err e = meta_get(t->db, "commands", 0, &had);
    for (int i = 0; !e && now != had && i < 2; i++)
        e = outbox_add(t->db,
                       &(struct outbox_row){.class = CLASS_PEOPLE,
                                            .kind = KIND_SETUP,
                                            .method = "setMyCommands",
                                            .body = bodies[i].data,
                                            .expires_ms = t->now_ms + MENU_LIVES_MS});
    if (!e && now != had)
        e = meta_set(t->db, "commands", now);
    buf_free(&bodies[0]);
    buf_free(&bodies[1]);
    return e;
}
