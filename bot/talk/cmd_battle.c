/* /battle [topic] [rounds]: a battle in a group, a practice in private; its buttons.
 *
 * "b.TOKEN.CODE", TOKEN the battle's: j join, s start now, x stop, k.ROUND skip,
 * o.ROUND.PLACE an answer, f.ROUND the quiz is wrong, a another one; or the group's:
 * n, t.TOPIC open one. "b.l.BATTLE", "b.r.ROUND" and "b.p.BATTLE" are told of the fate of a
 * lobby, a question and a podium's picture, "b.PERSON...." of who may stop. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/battle.h"
#include "bot/talk/club.h"
#include "bot/talk/names.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"
#include "db/outbox.h"
#include "db/records.h"

enum { ARGS_MAX = 128, REPORTS_OUT = 3 };

/* ---- opening ---- */

static enum err open_battle(struct turn *t, const char *topic, int rounds)
{
    enum err e = battle_open(t, topic, rounds);
    if (e != ERR_REFUSED && e != ERR_NOT_FOUND)
        return e;
    const char *words =
        e == ERR_REFUSED ? w_battle_runs(&t->words) : w_battle_all_seen(&t->words);
    if (t->update->kind == UPDATE_BUTTON) {
        say_toast(t, words);
        return OK;
    }
    return say(t, words, NULL);
}

/* Cuts a number off the end of `text`; 0: there is none. */
static int number_cut(char *text)
{
    char *end = text + strlen(text);
    while (end > text && isdigit((unsigned char)end[-1]))
        end--;
    bool alone = *end && (end == text || end[-1] == ' ');
    long n = alone ? strtol(end, NULL, 10) : 0;
    while (alone && end > text && end[-1] == ' ')
        end--;
    if (alone)
        *end = '\0';
    return !alone                  ? 0
           : n < BATTLE_ROUNDS_MIN ? BATTLE_ROUNDS_MIN
           : n > BATTLE_ROUNDS_MAX ? BATTLE_ROUNDS_MAX
                                   : (int)n;
}

static enum err stop_command(struct turn *t);

/* What the buttons of nearest topics begin with: they know the chat by its token. */
static enum err open_named(struct turn *t, const char *args, const char *prefix)
{
    struct bank_topic topic, near[NEAREST];
    int near_n;
    char *name = arena_text(t->arena, args, strnlen(args, ARGS_MAX));
    int rounds = number_cut(name);
    const char *usual = t->chat < 0 ? t->club.topic : NULL;
    if (!*name)
        return open_battle(t, usual, rounds);
    enum err e = topic_find(t, name, &topic, near, &near_n);
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0))
        return topic_refuse(t, e ? NULL : &topic, near, near_n, prefix);
    return e ? e : open_battle(t, topic.slug, rounds);
}

static enum err run(struct turn *t, const char *args)
{
    return strcmp(args, "stop") == 0 ? stop_command(t) : open_named(t, args, "b.0.t");
}

static enum err run_in_club(struct turn *t, const char *args)
{
    return strcmp(args, "stop") == 0
               ? stop_command(t)
               : open_named(t, args, battle_data(t, t->club.token, "t"));
}

/* ---- stopping ---- */

/* The opener may, and administrators; *out_may false: they are being asked about. */
static enum err stop_if_may(struct turn *t, struct battle *b)
{
    bool may = t->update->user == b->opener;
    enum err e =
        may ? OK : admin_ask(t, "b", arena_printf(t->arena, "ad.%" PRId64, b->id), &may);
    return e || !may ? e : battle_stop(t, b);
}

static enum err stop_command(struct turn *t)
{
    struct battle b;
    enum err e = battle_running(t->db, t->arena, t->chat, t->thread, &b);
    if (e == ERR_NOT_FOUND)
        return say(t, w_battle_none(&t->words), NULL);
    return e ? e : stop_if_may(t, &b);
}

/* ---- buttons of a battle ---- */

static enum err on_join(struct turn *t, struct battle *b)
{
    bool fresh = false;
    if (b->state == BATTLE_OVER) {
        say_toast(t, w_toast_battle_over(&t->words));
        return OK;
    }
    enum err e = battle_join(t, b, &fresh);
    say_toast(t, e == ERR_REFUSED ? w_toast_full(&t->words)
                 : fresh          ? w_toast_joined(&t->words)
                                  : w_toast_in_already(&t->words));
    return e == ERR_REFUSED ? OK : e;
}

static enum err on_start(struct turn *t, struct battle *b)
{
    if (t->update->user == b->opener)
        return battle_start(t, b);
    say_toast(t, w_toast_opener_starts(&t->words));
    return OK;
}

static enum err on_skip(struct turn *t, struct battle *b, struct round *r)
{
    struct seat s;
    int all, active, said;
    enum err e = seat_find(t->db, b->id, t->update->user, &s);
    if (e == ERR_NOT_FOUND) {
        say_toast(t, w_toast_not_playing(&t->words));
        return OK;
    }
    if (!e)
        e = seats_count(t->db, b->id, &all, &active);
    if (!e)
        e = skip_add(t->db, r->id, t->update->user, &said);
    if (e && e != ERR_REFUSED)
        return e;
    int needed = battle_skips_needed(active);
    say_toast(t, w_toast_skips(&t->words, said, needed));
    return said >= needed ? battle_round_over(t, b, r, true) : OK;
}

static enum err on_answer(struct turn *t, struct battle *b, struct round *r, int place)
{
    const struct update *u = t->update;
    enum err e = vote_take(t, b, r,
                           &(struct answer){.person = u->user,
                                            .place = u->id,
                                            .at_ms = u->at_ms ? u->at_ms : t->now_ms,
                                            .option = place,
                                            .name = name_plain(t->arena, u->name)});
    say_toast(t, e == ERR_REFUSED ? w_toast_answered(&t->words)
                                  : w_toast_answer_taken(&t->words));
    return e == ERR_REFUSED ? OK : e;
}

static enum err on_report(struct turn *t, const struct round *r)
{
    int lately;
    enum err e = report_add(t->db, r->question, t->update->user, t->now_ms, &lately);
    say_toast(t, e == ERR_REFUSED ? w_toast_reported_before(&t->words)
                                  : w_toast_reported(&t->words));
    if (!e && lately >= REPORTS_OUT)
        e = quiz_take_out(t->db, r->question, t->now_ms);
    return e == ERR_REFUSED ? OK : e;
}

/* "k.ROUND", "o.ROUND.PLACE", "f.ROUND" */
static enum err on_round(struct turn *t, struct battle *b, const char *code)
{
    struct round r;
    char *end;
    enum err e = round_find(t->db, strtoll(code + 2, &end, 10), &r);
    bool place = end[0] == '.' && end[1] >= '0' && end[1] <= '3' && !end[2];
    if (e == ERR_NOT_FOUND || (!e && r.battle != b->id)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (e || code[0] == 'f')
        return e ? e : on_report(t, &r);
    if (r.state == ROUND_ASKED && t->update->message) {
        bool left = false;
        e = outbox_left(t->db, r.post, &left);
        /* pressed before the outcome of its send came: it is there */
        if (!e && left)
            e = battle_round_told(t, r.id, &(struct outcome){.fate = FATE_SENT});
        if (!e)
            e = round_find(t->db, r.id, &r);
        if (!e)
            e = battle_find(t->db, t->arena, b->id, b);
    }
    if (e)
        return e;
    if (r.state != ROUND_OPEN) {
        say_toast(t, w_toast_round_over(&t->words));
        return OK;
    }
    return code[0] == 'k' ? on_skip(t, b, &r)
           : place        ? on_answer(t, b, &r, end[1] - '0')
                          : OK;
}

static enum err on_code(struct turn *t, struct battle *b, const char *code)
{
    if (strcmp(code, "j") == 0)
        return on_join(t, b);
    if (strcmp(code, "s") == 0)
        return on_start(t, b);
    if (strcmp(code, "x") == 0 && b->state != BATTLE_OVER)
        return stop_if_may(t, b);
    if (strcmp(code, "a") == 0)
        return open_battle(t, b->topic, b->rounds);
    if (code[0] && strchr("kof", code[0]) && code[1] == '.')
        return on_round(t, b, code);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

/* The chat of the press must be the battle's, by its old address or its new one: a group
 * that has moved still shows what it had, and is no club of ours any more. */
static enum err battle_pressed(struct turn *t, int64_t token, const char *code)
{
    struct battle b;
    int64_t here = t->update->chat;
    enum err e = battle_by_token(t->db, t->arena, token, &b);
    bool moved = !e && b.chat < 0 && here < 0 && !t->club.id;
    if (e == ERR_NOT_FOUND || (!e && b.chat != here && !moved)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (!e && b.chat < 0)
        e = turn_enter(t, b.chat, b.thread);
    return e ? e : on_code(t, &b, code);
}

/* ---- buttons that open one ---- */

static enum err open_pressed(struct turn *t, const char *code)
{
    struct bank_topic topic;
    if (strcmp(code, "n") == 0)
        return open_battle(t, t->chat < 0 ? t->club.topic : NULL, 0);
    enum err e = strncmp(code, "t.", 2) == 0 ? bank_topic(t->db, t->arena, code + 2, &topic)
                                             : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND || (!e && topic.held == 0)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : open_battle(t, topic.slug, 0);
}

static bool token_read(const char *data, int64_t *out, const char **out_code)
{
    enum { DIGITS = 16 };
    char *end;
    if (strspn(data, "0123456789abcdef") != DIGITS || data[DIGITS] != '.')
        return false;
    *out = (int64_t)strtoull(data, &end, 16);
    *out_code = end + 1;
    return true;
}

static enum err press(struct turn *t, const char *data)
{
    int64_t token;
    const char *code;
    if (strncmp(data, "0.", 2) == 0)
        return open_pressed(t, data + 2);
    if (token_read(data, &token, &code))
        return battle_pressed(t, token, code);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

static enum err press_in_club(struct turn *t, const char *data)
{
    int64_t token;
    const char *code;
    if (!token_read(data, &token, &code)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (t->club.id && token == t->club.token) {
        enum err e = club_meet(t);
        return e ? e : open_pressed(t, code);
    }
    return battle_pressed(t, token, code);
}

/* ---- what Telegram said ---- */

/* Whether somebody may stop the battle is known now; one who may not is told nothing: the
 * press has had its answer, and the group is not theirs to fill. */
static enum err who_told(struct turn *t, const char *data, const struct outcome *o)
{
    bool yes;
    int64_t person;
    const char *rest;
    struct battle b;
    enum err e = admin_told(t, data, o, &yes, &person, &rest);
    if (e || !yes || strncmp(rest, "ad.", 3) != 0)
        return e;
    e = battle_find(t->db, t->arena, strtoll(rest + 3, NULL, 10), &b);
    if (e || b.chat != t->chat)
        return e == ERR_NOT_FOUND ? OK : e;
    return b.state == BATTLE_OVER ? OK : battle_stop(t, &b);
}

static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    int64_t id = strtoll(data + 2, NULL, 10);
    return strncmp(data, "r.", 2) == 0   ? battle_round_told(t, id, o)
           : strncmp(data, "l.", 2) == 0 ? battle_lobby_told(t, id, o)
           : strncmp(data, "p.", 2) == 0 ? battle_podium_told(t, id, o)
                                         : who_told(t, data, o);
}

const struct feature cmd_battle = {.name = "battle",
                                   .about = w_about_battle,
                                   .run = run,
                                   .run_in_club = run_in_club,
                                   .prefix = "b",
                                   .press = press,
                                   .press_in_club = press_in_club,
                                   .told = told,
                                   .alarm = "battle",
                                   .ring = battle_rings,
                                   .give_up = battle_give_up};
