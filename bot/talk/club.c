#include "bot/talk/club.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/tz.h"
#include "bot/talk/battle.h"
#include "bot/talk/daily.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "db/chats.h"
#include "db/outbox.h"

/* In a group the words are the group's, whoever speaks; in one we do not know, theirs. */
enum err turn_enter(struct turn *t, int64_t chat, int64_t thread)
{
    enum err e = club_find(t->db, t->arena, chat, &t->club);
    t->known = false;
    t->chat = chat;
    t->thread = thread;
    t->words.arena = t->arena;
    if (!e)
        t->words.lang = strcmp(t->club.lang, "ru") == 0 ? LANG_RU : LANG_EN;
    return e == ERR_NOT_FOUND ? OK : e;
}

int64_t club_today(const struct turn *t)
{
    const struct zone *z = zone_find(t->club.zone);
    return zone_date(z ? z : zone_find("Etc/UTC"), t->now_ms, NULL);
}

static enum err make(struct turn *t)
{
    const struct update *u = t->update;
    struct learner who;
    enum err e = learner_find(t->db, t->arena, u->user, &who);
    bool ru = strncmp(u->lang, "ru", 2) == 0;
    const char *lang = !e ? who.lang : ru ? "ru" : "en";
    const char *zone = !e ? who.zone : ru ? "Europe/Moscow" : "Etc/UTC";
    if (e && e != ERR_NOT_FOUND)
        return e;
    e = club_add(t->db, u->chat, turn_token(t), lang, zone);
    return e ? e : turn_enter(t, u->chat, u->thread);
}

enum err club_meet(struct turn *t)
{
    enum err e = turn_enter(t, t->update->chat, t->update->thread);
    if (!e && !t->club.id)
        return make(t);
    if (e || t->club.here)
        return e;
    t->club.here = true;
    e = club_save(t->db, &t->club);
    return e ? e : daily_plan(t);
}

enum err club_greet(struct turn *t, bool *out_greeted)
{
    struct keyboard k = {0};
    *out_greeted = !t->club.greeted;
    if (t->club.greeted)
        return OK;
    t->club.greeted = true;
    keyboard_button(&k, w_btn_battle_new(&t->words), battle_opens(t));
    keyboard_style(&k, BUTTON_GREEN);
    enum err e = club_save(t->db, &t->club);
    return e ? e : say(t, w_club_welcome(&t->words), &k);
}

enum err club_member(struct turn *t)
{
    bool greeted;
    if (!t->update->can_write)
        return club_lost(t, t->update->chat);
    enum err e = club_meet(t);
    return e ? e : club_greet(t, &greeted);
}

enum err club_lost(struct turn *t, int64_t chat)
{
    enum err e = turn_enter(t, chat, 0);
    if (!e)
        e = battles_abandon(t);
    if (!e)
        e = outbox_drop_chat(t->db, chat);
    if (e || !t->club.id)
        return e;
    t->club.here = false;
    e = club_save(t->db, &t->club);
    return e ? e : daily_plan(t);
}

enum err club_moved(struct turn *t, int64_t from, int64_t to)
{
    enum err e = chat_migrate(t->db, from, to);
    return e ? e : turn_enter(t, to, 0);
}

/* ---- administrators ---- */

enum {
    BELIEVED_MS = 10 * 60 * 1000,
    WAITING_MAX = 6, /* rows that wait for a group before nobody is asked about */
};

enum err admin_ask(struct turn *t, const char *prefix, const char *data, bool *out_yes)
{
    int64_t person = t->update->user;
    bool flood = false;
    enum err e = club_is_admin(t->db, t->club.id, person, t->now_ms, out_yes);
    if (!e && !*out_yes)
        e = outbox_crowded(t->db, t->chat, WAITING_MAX, &flood);
    if (flood)
        say_toast(t, w_toast_club_busy(&t->words));
    if (e || *out_yes || flood)
        return e;
    return say_who_is(t, person,
                      arena_printf(t->arena, "%s.%" PRId64 ".%" PRId64 ".%s", prefix,
                                   person, t->thread, data));
}

enum err admin_told(struct turn *t, const char *data, const struct outcome *o,
                    bool *out_yes, int64_t *out_person, const char **out_data)
{
    char *end;
    *out_person = strtoll(data, &end, 10);
    t->thread = strtoll(end + (*end == '.'), &end, 10);
    *out_data = end + (*end == '.');
    bool asked = o->fate == FATE_SENT && o->status;
    *out_yes = asked && (strcmp(o->status, "administrator") == 0 ||
                         strcmp(o->status, "creator") == 0);
    if (!asked || !t->club.id)
        return OK;
    return *out_yes
               ? club_admin_put(t->db, t->club.id, *out_person, t->now_ms + BELIEVED_MS)
               : club_admin_drop(t->db, t->club.id, *out_person);
}
