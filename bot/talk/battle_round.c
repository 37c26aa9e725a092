/* battle_round: a round from its question to its answer. */
#include "bot/base/json.h"
#include "bot/talk/battle_steps.h"
#include "bot/talk/outcome.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "db/bank.h"
#include "db/outbox.h"
#include "db/records.h"

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

/* Without its tags; an escaped character counts as it is written. */
static size_t characters_shown(const char *html)
{
    size_t n = 0;
    for (bool tag = false; *html; html++) {
        tag = tag || *html == '<';
        n += !tag && (*html & 0xc0) != 0x80;
        tag = tag && *html != '>';
    }
    return n;
}

static int64_t limit_of(const struct quiz *quiz)
{
    size_t n = utf8_length(quiz->ask) + characters_shown(quiz->code_html);
    for (int i = 0; i < BATTLE_OPTIONS; i++)
        n += utf8_length(quiz->option[i]);
    return battle_limit_ms((int)n);
}

enum err battle_next_round(struct turn *t, struct battle *b)
{
    struct round r = {.battle = b->id, .chat = b->chat, .number = b->round + 1};
    struct quiz quiz;
    enum err e = draw_question(t, b, &r, &quiz);
    if (e == ERR_NOT_FOUND)
        return battle_finish(t, b);
    if (e || !battle_move(b, BATTLE_ASKING, t->now_ms + ASKED_MS))
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
    return e ? e : battle_store(t, b);
}

enum err battle_let_go(struct turn *t, const struct battle *b, struct round *out)
{
    enum err e =
        b->state == BATTLE_ASKING ? round_of(t->db, b->id, b->round, out) : ERR_NOT_FOUND;
    if (e)
        return e;
    out->state = out->state == ROUND_OPEN ? ROUND_CLOSED : ROUND_VOID;
    e = round_save(t->db, out);
    return e || !out->post ? e : outbox_arrived(t->db, out->post);
}

enum err battle_void(struct turn *t, struct battle *b, struct round *r)
{
    r->state = ROUND_VOID;
    b->voids++;
    b->round--;
    if (!battle_move(b, BATTLE_REVEAL, t->now_ms + VOID_MS))
        return OK;
    enum err e = round_save(t->db, r);
    if (!e) /* what still waits is not sent after all */
        e = outbox_arrived(t->db, r->post);
    if (!e && b->voids < VOIDS_MAX)
        e = say(t, w_battle_void(&t->words), NULL);
    return e ? e : battle_store(t, b);
}

/* Polls are refused there, or unknown to the server: the same question with buttons. Where
 * that is refused too, nothing can be said. */
static enum err ask_again(struct turn *t, struct battle *b, struct round *r)
{
    struct quiz quiz;
    if (b->buttons)
        return battle_abandon(t, b);
    enum err e = quiz_find(t->db, t->arena, r->question, b->lang, &quiz);
    b->buttons = true;
    if (e == ERR_NOT_FOUND) /* a new bank lacks it */
        return battle_void(t, b, r);
    b->due_ms = t->now_ms + ASKED_MS;
    if (!e)
        e = battle_ask(t, b, r, &quiz, t->now_ms + ASK_MS);
    if (!e)
        e = round_save(t->db, r);
    return e ? e : battle_store(t, b);
}

/* Its message is there: the time runs. */
static enum err opened(struct turn *t, struct battle *b, struct round *r)
{
    r->state = ROUND_OPEN;
    r->opened_ms = t->now_ms;
    b->voids = 0;
    b->due_ms = t->now_ms + r->limit_ms + LATE_MS;
    enum err e = round_save(t->db, r);
    return e ? e : battle_store(t, b);
}

enum err battle_close_poll(struct turn *t, const struct battle *b, const struct round *r,
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
    e = battle_enter(t, &b);
    if (e)
        return e;
    if (given_up) /* while it was under way */
        return battle_close_poll(t, &b, &r, t->now_ms + r.limit_ms);
    if (o->fate == FATE_SENT) {
        e = asked ? opened(t, &b, &r) : OK;
        return e || !o->poll || !*o->poll ? e : vote_poll_known(t, &b, &r, o->poll);
    }
    if (!asked) /* a poll without a name hears no votes */
        return b.buttons ? OK : battle_void(t, &b, &r);
    return o->fate == FATE_REFUSED ? ask_again(t, &b, &r) : battle_void(t, &b, &r);
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
    if (r->state != ROUND_OPEN || !battle_move(b, BATTLE_REVEAL, t->now_ms + PAUSE_MS))
        return OK;
    battle_speak(t, b);
    r->state = ROUND_CLOSED;
    enum err e = round_save(t->db, r);
    if (!e)
        e = votes_count(t->db, r->id, &answers, &hits);
    if (!e && !skipped)
        e = seats_idle(t->db, b->id, r->id);
    if (!e)
        e = misses(t, r);
    if (!e)
        e = battle_close_poll(t, b, r, r->opened_ms + r->limit_ms);
    if (!e)
        e = battle_reveal(t, b, r, skipped);
    if (!skipped)
        b->silent = answers ? 0 : b->silent + 1;
    return e ? e : battle_store(t, b);
}
