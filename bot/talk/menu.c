#include "bot/talk/menu.h"

#include "bot/telegram/method.h"
#include "db/meta.h"

enum { COMMANDS_MAX = 32, MENU_LIVES_MS = 24 * 3600 * 1000 };

/* Who sees which commands, in both languages. Administrators of groups see theirs too. */
static const struct {
    const char *scope;
    bool in_clubs, admins;
} scopes[] = {{"all_private_chats", false, false},
              {"all_group_chats", true, false},
              {"all_chat_administrators", true, true}};
enum { SCOPES = sizeof scopes / sizeof *scopes, BODIES = 2 * SCOPES };

static void body_of(struct turn *t, int scope, enum lang lang, struct buf *out)
{
    struct words w = {t->arena, lang};
    struct command_line lines[COMMANDS_MAX];
    const struct feature *f;
    int n = 0;
    for (int i = 0;
         n < COMMANDS_MAX && (f = route_command(scopes[scope].in_clubs, false, i)); i++)
        if (!scopes[scope].in_clubs || scopes[scope].admins || !f->for_admins)
            lines[n++] =
                (struct command_line){f->name, route_about(f, scopes[scope].in_clubs, &w)};
    method_set_commands(out, scopes[scope].scope, lang == LANG_RU ? "ru" : "", lines, n);
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
    struct buf bodies[BODIES] = {{0}};
    int64_t had, now = 0;
    for (int i = 0; i < BODIES; i++) {
        body_of(t, i / 2, i % 2 ? LANG_RU : LANG_EN, &bodies[i]);
        now = fingerprint(&bodies[i], now);
    }
    enum err e = meta_get(t->db, "commands", 0, &had);
    for (int i = 0; !e && now != had && i < BODIES; i++)
        e = outbox_add(t->db,
                       &(struct outbox_row){.class = CLASS_PEOPLE,
                                            .kind = KIND_SETUP,
                                            .method = "setMyCommands",
                                            .body = bodies[i].data,
                                            .expires_ms = t->now_ms + MENU_LIVES_MS});
    if (!e && now != had)
        e = meta_set(t->db, "commands", now);
    for (int i = 0; i < BODIES; i++)
        buf_free(&bodies[i]);
    return e;
}
