/* vote: answers of players, from polls and from buttons. */
#include <stdlib.h>
#include <string.h>

#include "bot/talk/battle.h"
#include "bot/talk/names.h"
#include "bot/talk/question.h"
#include "db/boards.h"
#include "db/records.h"

/* The place and the words of where the round is played. */
static enum err enter(struct turn *t, const struct round *r, const struct battle *b)
{
    enum err e =
        r->chat < 0 ? turn_enter(t, r->chat, b ? b->thread : 0) : turn_load(t, r->chat);
    if (b)
        t->words.lang = strcmp(b->lang, "ru") == 0 ? LANG_RU : LANG_EN;
    return e;
}

/* The seat after the answer; *out_points what it brought. */
static enum err score(struct turn *t, const struct battle *b, const struct round *r,
                      const struct vote *v, int *out_points)
{
    struct seat s;
    enum err e = seat_find(t->db, b->id, v->person, &s);
    s.idle = 0;
    s.run = v->hit ? s.run + 1 : 0;
    *out_points = v->hit ? battle_points(r->level, b->speed, v->spent_ms, r->limit_ms) : 0;
    if (v->hit && b->bonus)
        *out_points += battle_bonus(s.run);
    s.hits += v->hit;
    s.points += *out_points;
    return e ? e : seat_save(t->db, b->id, &s);
}

static enum err keep(struct turn *t, const struct battle *b, const struct round *r,
                     const struct answer *a)
{
    bool fresh;
    int64_t spent = a->at_ms - r->opened_ms;
    struct vote v = {.person = a->person,
                     .option = a->option,
                     .spent_ms = spent < 0             ? 0
                                 : spent > r->limit_ms ? r->limit_ms
                                                       : spent,
                     .place = a->place,
                     .hit = a->option == r->key};
    enum err e = b ? seat_take(t->db, b->id, a->person, &fresh) : OK;
    if (!e)
        e = vote_add(t->db, r->id, &v);
    if (e)
        return e;
    if (t->club.id)
        e = player_seen(t->db, t->club.id, a->person, a->name, t->now_ms);
    if (!e && b)
        e = score(t, b, r, &v, &v.points);
    if (!e && v.points)
        e = vote_points(t->db, r->id, v.person, v.points);
    return e ? e : quiz_record_add(t->db, r->question, v.hit);
}

enum err vote_take(struct turn *t, struct battle *b, struct round *r,
                   const struct answer *a)
{
    bool all;
    if (r->state != ROUND_OPEN || a->option < 0 || a->option >= BATTLE_OPTIONS)
        return ERR_REFUSED;
    enum err e = keep(t, b, r, a);
    if (!e && !b && a->option != r->key) /* the quiz of /daily has no reveal */
        return rating_miss(t, a->person, r->question);
    if (e || !b)
        return e;
    e = round_all_voted(t->db, b->id, r->id, &all);
    return e || !all ? e : battle_round_over(t, b, r, false);
}

enum err vote_poll_known(struct turn *t, struct battle *b, struct round *r,
                         const char *poll)
{
    struct early_vote *early = arena_alloc(t->arena, SEATS_MAX * sizeof *early);
    int n = 0;
    enum err e = round_poll(t->db, r->id, poll);
    if (!e)
        e = early_votes_take(t->db, t->arena, poll, early, SEATS_MAX, &n);
    for (int i = 0; !e && i < n; i++) {
        e = vote_take(t, b, r,
                      &(struct answer){.person = early[i].person,
                                       .place = early[i].place,
                                       .at_ms = early[i].at_ms,
                                       .option = early[i].option,
                                       .name = early[i].name});
        e = e == ERR_REFUSED ? OK : e;
    }
    return e;
}

enum err vote_heard(struct turn *t)
{
    const struct update *u = t->update;
    struct round r;
    struct battle b;
    int64_t at_ms = u->at_ms ? u->at_ms : t->now_ms;
    const char *name = name_plain(t->arena, u->name);
    if (u->option < 0)
        return OK;
    enum err e = round_by_poll(t->db, u->poll, &r);
    if (e == ERR_NOT_FOUND)
        return early_vote_add(t->db, u->poll,
                              &(struct early_vote){.person = u->user,
                                                   .place = u->id,
                                                   .at_ms = at_ms,
                                                   .option = u->option,
                                                   .name = name});
    if (!e && r.battle)
        e = battle_find(t->db, t->arena, r.battle, &b);
    if (!e)
        e = enter(t, &r, r.battle ? &b : NULL);
    if (!e)
        e = vote_take(t, r.battle ? &b : NULL, &r,
                      &(struct answer){.person = u->user,
                                       .place = u->id,
                                       .at_ms = at_ms,
                                       .option = u->option,
                                       .name = name});
    return e == ERR_REFUSED ? OK : e;
}
