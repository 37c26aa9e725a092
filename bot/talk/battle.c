/* The steps of a battle. A chat has at most one a topic of its forum; its state is a row,
 * its clock an alarm, so that a restart at any moment goes on where it was. The lobby is in
 * battle_lobby.c, a round in battle_round.c. */
#include <string.h>

#include "bot/talk/battle_steps.h"
#include "bot/talk/club.h"
#include "bot/talk/outcome.h"
#include "db/alarms.h"
#include "db/boards.h"

/* ---- the row and its alarm ---- */

enum err battle_store(struct turn *t, const struct battle *b)
{
    enum err e = battle_save(t->db, b);
    int64_t due = b->due_ms;
    if (b->stale && b->drawn_ms + DRAW_MS < due)
        due = b->drawn_ms + DRAW_MS;
    if (e)
        return e;
    return b->state == BATTLE_OVER ? alarm_drop(t->db, "battle", b->id)
                                   : alarm_set(t->db, "battle", b->id, due, false);
}

bool battle_move(struct battle *b, enum battle_state to, int64_t due_ms)
{
    if (!battle_may((enum battle_state)b->state, to))
        return false;
    b->state = (int)to;
    b->due_ms = due_ms;
    return true;
}

void battle_speak(struct turn *t, const struct battle *b)
{
    t->words.lang = strcmp(b->lang, "ru") == 0 ? LANG_RU : LANG_EN;
}

enum err battle_enter(struct turn *t, const struct battle *b)
{
    enum err e = b->chat < 0 ? turn_enter(t, b->chat, b->thread) : turn_load(t, b->chat);
    battle_speak(t, b);
    return e;
}

/* ---- the end ---- */

int64_t battle_period(enum board_period period, int64_t day)
{
    return period == BOARD_ALL    ? 0
           : period == BOARD_DAY  ? day
           : period == BOARD_WEEK ? battle_week(day)
                                  : battle_month(day);
}

/* Who has answered at least once is on the boards; the best of several has won. */
static enum err fill_boards(struct turn *t, const struct battle *b)
{
    struct seat *s = arena_alloc(t->arena, SEATS_MAX * sizeof *s);
    int n;
    enum err e = seats(t->db, t->arena, b->id, b->chat, s, SEATS_MAX, &n);
    for (int i = 0; !e && i < n; i++) {
        struct board_line line = {.person = s[i].person,
                                  .points = s[i].points,
                                  .wins = n > 1 && s[i].points > 0 &&
                                          s[i].points == s[0].points,
                                  .battles = 1};
        if (!*s[i].name || !s[i].answered) /* no name: forgotten meanwhile */
            continue;
        for (int p = BOARD_DAY; !e && p < BOARD_PERIODS; p++)
            e = board_add(t->db, b->chat, (enum board_period)p,
                          battle_period((enum board_period)p, b->over_day), &line);
    }
    return e;
}

enum err battle_finish(struct turn *t, struct battle *b)
{
    if (!battle_move(b, BATTLE_OVER, t->now_ms))
        return OK;
    b->over_ms = t->now_ms;
    b->over_day = b->chat < 0 ? club_today(t) : 0;
    enum err e = b->chat < 0 && b->round > 0 ? fill_boards(t, b) : OK;
    if (!e)
        e = battle_podium(t, b, true);
    return e ? e : battle_store(t, b);
}

enum err battle_podium_told(struct turn *t, int64_t id, const struct outcome *o)
{
    struct battle b;
    enum err e =
        o->fate == FATE_REFUSED ? battle_find(t->db, t->arena, id, &b) : ERR_NOT_FOUND;
    if (!e)
        e = battle_enter(t, &b);
    return e == ERR_NOT_FOUND ? OK : e ? e : battle_podium(t, &b, false);
}

enum err battle_abandon(struct turn *t, struct battle *b)
{
    struct round r;
    enum err e = battle_let_go(t, b, &r);
    if (e && e != ERR_NOT_FOUND)
        return e;
    battle_move(b, BATTLE_OVER, t->now_ms);
    b->over_ms = t->now_ms;
    return battle_store(t, b);
}

enum err battle_stop(struct turn *t, struct battle *b)
{
    struct round r;
    battle_speak(t, b);
    if (b->state == BATTLE_LOBBY) {
        enum err e = battle_draw_lobby(t, b, w_battle_cancelled(&t->words));
        battle_move(b, BATTLE_OVER, t->now_ms);
        b->over_ms = t->now_ms;
        return e ? e : battle_store(t, b);
    }
    enum err e = battle_let_go(t, b, &r);
    b->round -= !e && r.state == ROUND_VOID;
    if (!e && r.state == ROUND_CLOSED)
        e = battle_close_poll(t, b, &r, r.opened_ms + r.limit_ms);
    return e && e != ERR_NOT_FOUND ? e : battle_finish(t, b);
}

enum err battles_abandon(struct turn *t)
{
    enum { AT_ONCE = 64 };
    struct battle b[AT_ONCE];
    int n;
    enum err e = battles_running(t->db, t->arena, t->chat, b, AT_ONCE, &n);
    for (int i = 0; !e && i < n; i++)
        e = battle_abandon(t, &b[i]);
    return e;
}

/* ---- the alarm ---- */

/* Late by more than the clock's own breath means that we were away: then the votes that
 * waited at Telegram come first. */
static enum err asking_rings(struct turn *t, struct battle *b)
{
    enum { BREATH_MS = 2000 };
    struct round r;
    enum err e = round_of(t->db, b->id, b->round, &r);
    if (e)
        return e == ERR_NOT_FOUND ? battle_finish(t, b) : e;
    if (r.state == ROUND_OPEN && t->now_ms - b->due_ms > BREATH_MS) {
        b->due_ms = t->now_ms + CATCH_UP_MS;
        return battle_store(t, b);
    }
    return r.state == ROUND_OPEN ? battle_round_over(t, b, &r, false)
                                 : battle_void(t, b, &r);
}

/* A clock that was set back must not make everybody wait for the time that was. */
static void keep_due(const struct turn *t, struct battle *b)
{
    static const int64_t longest[] = {
        [BATTLE_LOBBY] = LOBBY_MS, [BATTLE_ASKING] = ASKED_MS, [BATTLE_REVEAL] = PAUSE_MS};
    if (b->due_ms - t->now_ms > longest[b->state])
        b->due_ms = t->now_ms;
}

enum err battle_rings(struct turn *t, int64_t id)
{
    struct battle b;
    enum err e = battle_find(t->db, t->arena, id, &b);
    if (e || b.state == BATTLE_OVER)
        return e == ERR_NOT_FOUND ? OK : e;
    e = battle_enter(t, &b);
    if (e)
        return e;
    if (b.chat > 0 && (!t->known || t->who.state == LEARNER_BLOCKED))
        return battle_abandon(t, &b);
    keep_due(t, &b);
    if (t->bot->deaf) /* votes wait at Telegram, and nobody would read the answer */
        return alarm_set(t->db, "battle", b.id, t->now_ms + CATCH_UP_MS, false);
    if (t->now_ms - b.due_ms > AWAY_MS)
        return battle_stop(t, &b);
    if (b.state == BATTLE_LOBBY && b.stale && t->now_ms < b.due_ms)
        e = battle_draw_lobby(t, &b, NULL);
    if (e || t->now_ms < b.due_ms)
        return e ? e : battle_store(t, &b);
    if (b.state == BATTLE_LOBBY)
        return battle_lobby_rings(t, &b);
    if (b.state == BATTLE_ASKING)
        return asking_rings(t, &b);
    bool last = b.round >= b.rounds || b.silent >= SILENT_MAX || b.voids >= VOIDS_MAX;
    return last ? battle_finish(t, &b) : battle_next_round(t, &b);
}

enum err battle_give_up(struct turn *t, int64_t id)
{
    struct battle b;
    enum err e = battle_find(t->db, t->arena, id, &b);
    if (e || !battle_move(&b, BATTLE_OVER, t->now_ms))
        return e == ERR_NOT_FOUND ? OK : e;
    b.over_ms = t->now_ms;
    return battle_store(t, &b);
}
