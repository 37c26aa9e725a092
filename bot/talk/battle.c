/* The steps of a battle. A chat has at most one a topic of its forum; its state is a row,
 * its clock an alarm, so that a restart at any moment goes on where it was. */
#include "bot/talk/battle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/club.h"
#include "bot/talk/names.h"
#include "bot/talk/outcome.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/bank.h"
#include "db/boards.h"
#include "db/outbox.h"
#include "db/records.h"

enum {
    LOBBY_MS = 5 * 60 * 1000, /* then nobody comes any more */
    START_MS = 10 * 1000,     /* after the second player */
    DRAW_MS = 4 * 1000,       /* between two drawings of the lobby */
    ASK_MS = 90 * 1000,       /* a question that could not be sent by then is let go */
    ASKED_MS = 120 * 1000,    /* and by then somebody has told us of it */
    LATE_MS = 1500,           /* for votes that are on their way when the time is over */
    AWAY_MS = 5 * 60 * 1000,  /* after a longer absence nobody waits any more */
    PAUSE_MS = 6 * 1000,      /* to read the answer */
    VOID_MS = 3 * 1000,
    CATCH_UP_MS = 4 * 1000, /* between two looks whether Telegram answers again */
    SILENT_MAX = 2,
    VOIDS_MAX = 3,
    STOP_SAVES_MS = 3000, /* a poll that closes itself sooner is left to it */
};

/* ---- the row and its alarm ---- */

static enum err store(struct turn *t, const struct battle *b)
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

/* False: it came too late, and nothing has changed. */
static bool move(struct battle *b, enum battle_state to, int64_t due_ms)
{
    if (!battle_may((enum battle_state)b->state, to))
        return false;
    b->state = (int)to;
    b->due_ms = due_ms;
    return true;
}

static enum err enter(struct turn *t, const struct battle *b)
{
    enum err e = b->chat < 0 ? turn_enter(t, b->chat, b->thread) : turn_load(t, b->chat);
    t->words.lang = strcmp(b->lang, "ru") == 0 ? LANG_RU : LANG_EN;
    return e;
}

/* ---- the lobby ---- */

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
static enum err draw_lobby(struct turn *t, struct battle *b, const char *line)
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
        e = draw_lobby(t, b, NULL);
    return e ? e : store(t, b);
}

enum err battle_lobby_told(struct turn *t, int64_t id, const struct outcome *o)
{
    struct battle b;
    enum err e = battle_find(t->db, t->arena, id, &b);
    bool lost = o->fate == FATE_REFUSED || o->fate == FATE_EXPIRED;
    if (e || !lost || !move(&b, BATTLE_OVER, t->now_ms))
        return e == ERR_NOT_FOUND ? OK : e;
    b.over_ms = t->now_ms;
    return store(t, &b);
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
    enum err e = battle_running(t->db, t->arena, t->chat, t->thread, &other);
    if (e != ERR_NOT_FOUND)
        return e ? e : ERR_REFUSED;
    int n;
    e = choices_count(t, topic, &n);
    if (e || n == 0)
        return e ? e : ERR_NOT_FOUND;
    b.rounds = b.rounds < n ? b.rounds : n;
    e = battle_add(t->db, &b);
    if (!e)
        e = battle_join(t, &b, &sat);
    if (!e && club)
        e = draw_lobby(t, &b, NULL);
    return e ? e : club ? store(t, &b) : battle_start(t, &b);
}

/* ---- a question ---- */

/* A topic's quizzes that this chat has not seen lately, and one of them. */
static enum err draw_from(struct turn *t, const struct battle *b, const char *topic,
                          struct round *r, struct quiz *quiz)
{
    struct quiz_choice *c = arena_alloc(t->arena, CHOICES_MAX * sizeof *c);
    struct battle_choice *of = arena_alloc(t->arena, CHOICES_MAX * sizeof *of);
    int n;
    enum err e = quiz_choices(t->db, topic, b->chat, c, CHOICES_MAX, &n);
    if (e || n == 0)
        return e ? e : ERR_NOT_FOUND;
    for (int i = 0; i < n; i++)
        of[i] = (struct battle_choice){c[i].question, c[i].answers, c[i].hits};
    r->question = of[battle_pick(of, n, (uint64_t)turn_token(t))].question;
    return quiz_find(t->db, t->arena, r->question, b->lang, quiz);
}

static enum err draw_question(struct turn *t, const struct battle *b, struct round *r,
                              struct quiz *quiz)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    int n, at;
    if (b->topic)
        return draw_from(t, b, b->topic, r, quiz);
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    if (e)
        return e;
    at = n ? (int)((uint64_t)turn_token(t) % (uint64_t)n) : 0;
    for (int i = 0; i < n; i++) {
        e = draw_from(t, b, topics[(at + i) % n].slug, r, quiz);
        if (e != ERR_NOT_FOUND)
            return e;
    }
    return ERR_NOT_FOUND;
}

static int characters(const char *utf8)
{
    int n = 0;
    for (; *utf8; utf8++)
        n += (*utf8 & 0xc0) != 0x80;
    return n;
}

/* Without its tags; an escaped character counts as it is written. */
static int characters_shown(const char *html)
{
    int n = 0;
    for (bool tag = false; *html; html++) {
        tag = tag || *html == '<';
        n += !tag && (*html & 0xc0) != 0x80;
        tag = tag && *html != '>';
    }
    return n;
}

static int64_t limit_of(const struct quiz *quiz)
{
    int n = characters(quiz->ask) + characters_shown(quiz->code_html);
    for (int i = 0; i < BATTLE_OPTIONS; i++)
        n += characters(quiz->option[i]);
    return battle_limit_ms(n);
}

static enum err finish(struct turn *t, struct battle *b);

static enum err next_round(struct turn *t, struct battle *b)
{
    struct round r = {.battle = b->id, .chat = b->chat, .number = b->round + 1};
    struct quiz quiz;
    enum err e = draw_question(t, b, &r, &quiz);
    if (e == ERR_NOT_FOUND)
        return finish(t, b);
    if (e || !move(b, BATTLE_ASKING, t->now_ms + ASKED_MS))
        return e;
    b->round++;
    r.level = quiz.level;
    r.options = battle_shuffle((uint64_t)turn_token(t));
    r.key = battle_place_of(r.options, quiz.right);
    r.limit_ms = limit_of(&quiz);
    e = round_add(t->db, &r);
    if (!e)
        e = battle_ask(t, b, &r, &quiz, t->now_ms + ASK_MS);
    if (!e)
        e = round_save(t->db, &r);
    return e ? e : store(t, b);
}

enum err battle_start(struct turn *t, struct battle *b)
{
    if (b->state != BATTLE_LOBBY)
        return OK;
    enum err e = draw_lobby(t, b, w_battle_started(&t->words));
    return e ? e : next_round(t, b);
}

/* The round that runs counts no more, and what waits of its question stays unsaid. VOID: it
 * had not begun. ERR_NOT_FOUND: none runs. */
static enum err round_let_go(struct turn *t, const struct battle *b, struct round *out)
{
    enum err e =
        b->state == BATTLE_ASKING ? round_of(t->db, b->id, b->round, out) : ERR_NOT_FOUND;
    if (e)
        return e;
    out->state = out->state == ROUND_OPEN ? ROUND_CLOSED : ROUND_VOID;
    e = round_save(t->db, out);
    return e || !out->post ? e : outbox_arrived(t->db, out->post);
}

/* Ends without words. */
static enum err abandon(struct turn *t, struct battle *b)
{
    struct round r;
    enum err e = round_let_go(t, b, &r);
    if (e && e != ERR_NOT_FOUND)
        return e;
    move(b, BATTLE_OVER, t->now_ms);
    b->over_ms = t->now_ms;
    return store(t, b);
}

/* Polls are refused there, or unknown to the server: the same question with buttons. Where
 * that is refused too, nothing can be said. */
static enum err ask_again(struct turn *t, struct battle *b, struct round *r)
{
    struct quiz quiz;
    if (b->buttons)
        return abandon(t, b);
    enum err e = quiz_find(t->db, t->arena, r->question, b->lang, &quiz);
    b->buttons = true;
    b->due_ms = t->now_ms + ASKED_MS;
    if (!e)
        e = battle_ask(t, b, r, &quiz, t->now_ms + ASK_MS);
    if (!e)
        e = round_save(t->db, r);
    return e ? e : store(t, b);
}

/* Its message is there: the time runs. */
static enum err opened(struct turn *t, struct battle *b, struct round *r)
{
    r->state = ROUND_OPEN;
    r->opened_ms = t->now_ms;
    b->voids = 0;
    b->due_ms = t->now_ms + r->limit_ms + LATE_MS;
    enum err e = round_save(t->db, r);
    return e ? e : store(t, b);
}

/* Votes find their round by the poll's id; those that overtook it are let in now. */
static enum err poll_known(struct turn *t, struct battle *b, struct round *r,
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

/* Nobody knows whether the question has arrived: it counts for nobody. */
static enum err avoid(struct turn *t, struct battle *b, struct round *r)
{
    r->state = ROUND_VOID;
    b->voids++;
    b->round--;
    if (!move(b, BATTLE_REVEAL, t->now_ms + VOID_MS))
        return OK;
    enum err e = round_save(t->db, r);
    if (!e)
        e = say(t, w_battle_void(&t->words), NULL);
    return e ? e : store(t, b);
}

/* A poll that closes itself soon is left to it. */
static enum err close_poll(struct turn *t, const struct battle *b, const struct round *r,
                           int64_t closes_ms)
{
    int64_t last_ms = closes_ms - STOP_SAVES_MS;
    return b->buttons || !r->post || last_ms <= t->now_ms
               ? OK
               : say_poll_over(t, r->post, last_ms);
}

enum err battle_round_told(struct turn *t, int64_t round, const struct outcome *o)
{
    struct round r;
    struct battle b;
    enum err e = round_find(t->db, round, &r);
    if (!e)
        e = battle_find(t->db, t->arena, r.battle, &b);
    bool now = !e && b.state == BATTLE_ASKING && r.number == b.round;
    bool asked = now && r.state == ROUND_ASKED; /* else a press has told before */
    bool given_up = !e && r.state == ROUND_VOID && o->fate == FATE_SENT;
    if (!given_up && (!now || (!asked && r.state != ROUND_OPEN)))
        return e == ERR_NOT_FOUND ? OK : e;
    e = enter(t, &b);
    if (e)
        return e;
    if (given_up) /* while it was under way */
        return close_poll(t, &b, &r, t->now_ms + r.limit_ms);
    if (o->fate == FATE_SENT) {
        e = asked ? opened(t, &b, &r) : OK;
        return e || !o->poll || !*o->poll ? e : poll_known(t, &b, &r, o->poll);
    }
    if (!asked) /* a poll without a name hears no votes */
        return b.buttons ? OK : avoid(t, &b, &r);
    return o->fate == FATE_REFUSED ? ask_again(t, &b, &r) : avoid(t, &b, &r);
}

/* ---- the end of a round ---- */

/* What players got wrong comes back to those who also learn in private. */
static enum err misses(struct turn *t, const struct round *r)
{
    struct vote *v = arena_alloc(t->arena, SEATS_MAX * sizeof *v);
    int n;
    enum err e = votes(t->db, t->arena, r->id, r->chat, v, SEATS_MAX, &n);
    for (int i = 0; !e && i < n; i++)
        if (!v[i].hit)
            e = rating_miss(t, v[i].person, r->question);
    return e;
}

enum err battle_round_over(struct turn *t, struct battle *b, struct round *r, bool skipped)
{
    int answers = 0, hits;
    if (r->state != ROUND_OPEN || !move(b, BATTLE_REVEAL, t->now_ms + PAUSE_MS))
        return OK;
    r->state = ROUND_CLOSED;
    enum err e = round_save(t->db, r);
    if (!e)
        e = votes_count(t->db, r->id, &answers, &hits);
    if (!e && !skipped)
        e = seats_idle(t->db, b->id, r->id);
    if (!e)
        e = misses(t, r);
    if (!e)
        e = close_poll(t, b, r, r->opened_ms + r->limit_ms);
    if (!e)
        e = battle_reveal(t, b, r, skipped);
    if (!skipped)
        b->silent = answers ? 0 : b->silent + 1;
    return e ? e : store(t, b);
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

static enum err finish(struct turn *t, struct battle *b)
{
    if (!move(b, BATTLE_OVER, t->now_ms))
        return OK;
    b->over_ms = t->now_ms;
    b->over_day = b->chat < 0 ? club_today(t) : 0;
    enum err e = b->chat < 0 && b->round > 0 ? fill_boards(t, b) : OK;
    if (!e)
        e = battle_podium(t, b);
    return e ? e : store(t, b);
}

enum err battle_stop(struct turn *t, struct battle *b)
{
    struct round r;
    if (b->state == BATTLE_LOBBY) {
        enum err e = draw_lobby(t, b, w_battle_cancelled(&t->words));
        move(b, BATTLE_OVER, t->now_ms);
        b->over_ms = t->now_ms;
        return e ? e : store(t, b);
    }
    enum err e = round_let_go(t, b, &r);
    if (!e && r.state == ROUND_CLOSED)
        e = close_poll(t, b, &r, r.opened_ms + r.limit_ms);
    return e && e != ERR_NOT_FOUND ? e : finish(t, b);
}

enum err battles_abandon(struct turn *t)
{
    enum { AT_ONCE = 64 };
    struct battle b[AT_ONCE];
    int n;
    enum err e = battles_running(t->db, t->arena, t->chat, b, AT_ONCE, &n);
    for (int i = 0; !e && i < n; i++)
        e = abandon(t, &b[i]);
    return e;
}

/* ---- the alarm ---- */

static enum err lobby_rings(struct turn *t, struct battle *b)
{
    int all, active;
    enum err e = seats_count(t->db, b->id, &all, &active);
    if (e)
        return e;
    if (all >= 2)
        return battle_start(t, b);
    e = draw_lobby(t, b, w_battle_nobody(&t->words));
    move(b, BATTLE_OVER, t->now_ms);
    b->over_ms = t->now_ms;
    return e ? e : store(t, b);
}

/* Late by more than the clock's own breath means that we were away: then the votes that
 * waited at Telegram come first. */
static enum err asking_rings(struct turn *t, struct battle *b)
{
    enum { BREATH_MS = 2000 };
    struct round r;
    enum err e = round_of(t->db, b->id, b->round, &r);
    if (e)
        return e == ERR_NOT_FOUND ? finish(t, b) : e;
    if (r.state == ROUND_OPEN && t->now_ms - b->due_ms > BREATH_MS) {
        b->due_ms = t->now_ms + CATCH_UP_MS;
        return store(t, b);
    }
    return r.state == ROUND_OPEN ? battle_round_over(t, b, &r, false) : avoid(t, b, &r);
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
    e = enter(t, &b);
    if (e)
        return e;
    if (b.chat > 0 && (!t->known || t->who.state == LEARNER_BLOCKED))
        return abandon(t, &b);
    keep_due(t, &b);
    if (t->bot->deaf) /* votes wait at Telegram, and nobody would read the answer */
        return alarm_set(t->db, "battle", b.id, t->now_ms + CATCH_UP_MS, false);
    if (t->now_ms - b.due_ms > AWAY_MS)
        return battle_stop(t, &b);
    if (b.state == BATTLE_LOBBY && b.stale && t->now_ms < b.due_ms)
        e = draw_lobby(t, &b, NULL);
    if (e || t->now_ms < b.due_ms)
        return e ? e : store(t, &b);
    if (b.state == BATTLE_LOBBY)
        return lobby_rings(t, &b);
    if (b.state == BATTLE_ASKING)
        return asking_rings(t, &b);
    bool last = b.round >= b.rounds || b.silent >= SILENT_MAX || b.voids >= VOIDS_MAX;
    return last ? finish(t, &b) : next_round(t, &b);
}
