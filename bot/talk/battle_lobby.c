/* battle_lobby: how a battle is opened, who sits down, and how it starts. */
#include <inttypes.h>

#include "bot/talk/battle_steps.h"
#include "bot/talk/names.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "db/bank.h"
#include "db/boards.h"
#include "db/records.h"

static enum err send_lobby(struct turn *t, struct battle *b, const char *html,
                           const struct keyboard *k)
{
    return say_new(t,
                   &(struct speech){.kind = KIND_REPLY,
                                    .html = html,
                                    .keyboard = k,
                                    .told = arena_printf(t->arena, "b.l.%" PRId64, b->id)},
                   &b->post);
}

/* A group that has moved cannot edit what it has at its old address: it gets a new one. */
enum err battle_draw_lobby(struct turn *t, struct battle *b, const char *line)
{
    struct keyboard k = {0};
    const char *html;
    b->drawn_ms = t->now_ms;
    b->stale = false;
    enum err e = b->chat < 0 ? battle_lobby_view(t, b, line, &html, &k) : OK;
    if (e || b->chat > 0)
        return e;
    return b->post ? say_edit(t, b->post, html, &k) : send_lobby(t, b, html, &k);
}

enum err battle_join(struct turn *t, struct battle *b, bool *out_new)
{
    const struct update *u = t->update;
    int all = 0, active;
    battle_speak(t, b);
    enum err e = seat_take(t->db, b->id, u->user, out_new);
    if (!e && b->chat < 0)
        e = player_seen(t->db, b->chat, u->user, name_plain(t->arena, u->name), t->now_ms);
    if (!e)
        e = seats_count(t->db, b->id, &all, &active);
    if (e || !*out_new || b->state != BATTLE_LOBBY)
        return e;
    if (all == 2)
        b->due_ms = t->now_ms + START_MS;
    b->stale = true;
    if (t->now_ms >= b->drawn_ms + DRAW_MS || t->now_ms < b->drawn_ms)
        e = battle_draw_lobby(t, b, NULL);
    return e ? e : battle_store(t, b);
}

enum err battle_lobby_told(struct turn *t, int64_t id, const struct outcome *o)
{
    struct battle b;
    enum err e = battle_find(t->db, t->arena, id, &b);
    bool lost = o->fate == FATE_REFUSED || o->fate == FATE_EXPIRED;
    /* Started: somebody has pressed it, and what was lost is a copy. */
    if (e || !lost || b.state != BATTLE_LOBBY || !battle_move(&b, BATTLE_OVER, t->now_ms))
        return e == ERR_NOT_FOUND ? OK : e;
    b.over_ms = t->now_ms;
    return battle_store(t, &b);
}

/* How many quizzes this chat may be asked; one of two topics counts twice. */
static enum err choices_count(struct turn *t, const char *topic, int *out_n)
{
    struct quiz_choice *c = arena_alloc(t->arena, CHOICES_MAX * sizeof *c);
    struct bank_topic all[BANK_TOPICS_MAX] = {{.slug = topic}};
    int topics = 1, n;
    enum err e = topic ? OK : bank_topics(t->db, t->arena, all, BANK_TOPICS_MAX, &topics);
    *out_n = 0;
    for (int i = 0; !e && i < topics; i++) {
        e = quiz_choices(t->db, all[i].slug, t->chat, c, CHOICES_MAX, &n);
        *out_n += n;
    }
    return e;
}

enum err battle_open(struct turn *t, const char *topic, int rounds)
{
    bool club = t->chat < 0, sat;
    struct battle b = {.token = turn_token(t),
                       .chat = t->chat,
                       .thread = t->thread,
                       .opener = t->update->user,
                       .lang = club ? t->club.lang : t->who.lang,
                       .topic = topic,
                       .rounds = rounds ? rounds
                                 : club ? t->club.rounds
                                        : BATTLE_ROUNDS,
                       .speed = !club || t->club.speed,
                       .bonus = !club || t->club.bonus,
                       .state = BATTLE_LOBBY,
                       .drawn_ms = t->now_ms,
                       .due_ms = t->now_ms + LOBBY_MS};
    struct battle other;
    struct bank_topic known;
    enum err e = battle_running(t->db, t->arena, t->chat, t->thread, &other);
    if (e != ERR_NOT_FOUND)
        return e ? e : ERR_REFUSED;
    if (topic && bank_topic(t->db, t->arena, topic, &known) == ERR_NOT_FOUND)
        b.topic = topic = NULL; /* a new bank lacks the group's usual one */
    int n;
    e = choices_count(t, topic, &n);
    if (e || n == 0)
        return e ? e : ERR_NOT_FOUND;
    b.rounds = b.rounds < n ? b.rounds : n;
    e = battle_add(t->db, &b);
    if (!e)
        e = battle_join(t, &b, &sat);
    if (!e && club)
        e = battle_draw_lobby(t, &b, NULL);
    return e ? e : club ? battle_store(t, &b) : battle_start(t, &b);
}

enum err battle_start(struct turn *t, struct battle *b)
{
    if (b->state != BATTLE_LOBBY)
        return OK;
    battle_speak(t, b);
    enum err e = battle_draw_lobby(t, b, w_battle_started(&t->words));
    return e ? e : battle_next_round(t, b);
}

enum err battle_lobby_rings(struct turn *t, struct battle *b)
{
    int all, active;
    enum err e = seats_count(t->db, b->id, &all, &active);
    if (e)
        return e;
    if (all >= 2)
        return battle_start(t, b);
    e = battle_draw_lobby(t, b, w_battle_nobody(&t->words));
    battle_move(b, BATTLE_OVER, t->now_ms);
    b->over_ms = t->now_ms;
    return e ? e : battle_store(t, b);
}
