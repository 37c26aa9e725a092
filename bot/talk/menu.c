#include "bot/talk/menu.h"

#include "bot/telegram/method.h"
#include "db/meta.h"

enum { COMMANDS_MAX = 32, MENU_LIVES_MS = 24 * 3600 * 1000, OPERATORS_MAX = 16 };

/* Who sees which commands, in both languages. Administrators of groups see theirs too, and
 * each operator has a menu of their own. */
static const struct {
    const char *scope;
    bool in_clubs, admins;
} scopes[] = {{"all_private_chats", false, false},
              {"all_group_chats", true, false},
              {"all_chat_administrators", true, true},
              {"chat", false, false}};
enum { ALL_SCOPES = 3, BODIES = 2 * (ALL_SCOPES + OPERATORS_MAX) };

/* `operator`: whose chat it is; 0: that of no one person. */
static void body_of(struct turn *t, int scope, int64_t operator, enum lang lang,
                    struct buf *out)
{
    struct words w = {t->arena, lang};
    struct command_line lines[COMMANDS_MAX];
    const struct feature *f;
    int n = 0;
    for (int i = 0;
         n < COMMANDS_MAX && (f = route_command(scopes[scope].in_clubs, operator!= 0, i));
         i++)
        if (!scopes[scope].in_clubs || scopes[scope].admins || !f->for_admins)
            lines[n++] =
                (struct command_line){f->name, route_about(f, scopes[scope].in_clubs, &w)};
    method_set_commands(out, scopes[scope].scope, operator, lang == LANG_RU ? "ru" : "",
                        lines, n);
}
/* FNV-1a, kept to 63 bits: only to see a difference. */
static int64_t fingerprint(const struct buf *b, int64_t seed)
{
    uint64_t h = (uint64_t)seed ^ 0xcbf29ce484222325u;
    for (size_t i = 0; i < b->len; i++)
        h = (h ^ (unsigned char)b->data[i]) * 0x100000001b3u;
    return (int64_t)(h >> 1);
}

/* Those who have written to us: Telegram knows no chat with the others. */
static enum err operators_known(struct turn *t, int64_t out[OPERATORS_MAX], int *out_n)
{
    enum err e = OK;
    *out_n = 0;
    for (const int64_t *id = t->bot->operators; !e && id && *id && *out_n < OPERATORS_MAX;
         id++) {
        struct learner l;
        e = learner_find(t->db, t->arena, *id, &l);
        if (!e)
            out[(*out_n)++] = *id;
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    return e;
}

enum err menu_refresh(struct turn *t)
{
    struct buf bodies[BODIES] = {{0}};
    int64_t had, now = 0, operators[OPERATORS_MAX];
    int n = 0;
    enum err e = operators_known(t, operators, &n);
    if (e)
        return e;
    n = 2 * (ALL_SCOPES + n);
    for (int i = 0; i < n; i++) {
        bool own = i / 2 >= ALL_SCOPES;
        body_of(t, own ? ALL_SCOPES : i / 2, own ? operators[i / 2 - ALL_SCOPES] : 0,
                i % 2 ? LANG_RU : LANG_EN, &bodies[i]);
        now = fingerprint(&bodies[i], now);
    }
    e = meta_get(t->db, "commands", 0, &had);
    for (int i = 0; !e && now != had && i < n; i++)
        e = outbox_add(t->db,
                       &(struct outbox_row){.class = CLASS_PEOPLE,
                                            .kind = KIND_SETUP,
                                            .method = "setMyCommands",
                                            .body = bodies[i].data,
                                            .expires_ms = t->now_ms + MENU_LIVES_MS});
    if (!e && now != had)
        e = meta_set(t->db, "commands", now);
    for (int i = 0; i < n; i++)
        buf_free(&bodies[i]);
    return e;
}
