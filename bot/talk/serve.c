#include "bot/talk/serve.h"

#include "bot/study/day.h"
#include "bot/study/sitting.h"
#include "bot/talk/morning.h"
#include "bot/talk/question.h"
#include "bot/talk/remind.h"
#include "bot/talk/say.h"
#include "db/bank.h"
#include "db/cards.h"

static int64_t day_end_ms(const struct turn *t, int64_t day)
{
    struct plan plan = {learner_zone(&t->who), t->who.day_start_min, 127};
    return plan_slot_ms(&plan, day + 1, t->who.day_start_min);
}

enum err serve_put(struct turn *t, struct delivery *d, bool silent, int64_t until_ms)
{
    struct keyboard k = {0};
    const char *html;
    d->state = DELIVERY_OPEN;
    d->day = learner_today(t);
    d->lang = t->who.lang; /* as chosen by now, not when the sitting was made */
    enum err e = question_view(t, d, &html, &k);
    const char *note = until_ms && !silent ? morning_note(t) : NULL;
    if (!e && note)
        html = arena_printf(t->arena, "%s%s", html, note);
    if (!e)
        e = say_new(t,
                    &(struct speech){.kind = KIND_QUESTION,
                                     .html = html,
                                     .keyboard = &k,
                                     .silent = silent,
                                     .expires_ms = until_ms},
                    &d->post);
    return e ? e : d->id ? delivery_save(t->db, d) : delivery_add(t->db, d);
}

/* A sitting with its places; the first question goes out, or all of them where the person
 * wants so and did not ask for it just now. One ring is enough. */
static enum err open_sitting(struct turn *t, const struct sitting_place *places, int n,
                             bool scheduled, int64_t until_ms, int64_t *out_sitting)
{
    int64_t today = learner_today(t);
    bool at_once = scheduled && t->who.at_once;
    struct sitting s = {.learner = t->who.id,
                        .day = today,
                        .scheduled = scheduled,
                        .at_once = at_once,
                        .size = n,
                        .end_ms = day_end_ms(t, today)};
    int64_t token = turn_token(t); /* near each other, theirs share a page of the index */
    enum err e = sitting_add(t->db, &s);
    for (int i = 0; !e && i < n; i++) {
        struct delivery d = {.token = token ^ i,
                             .learner = t->who.id,
                             .question = places[i].question,
                             .sitting = s.id,
                             .place = i + 1,
                             .day = today,
                             .state = DELIVERY_PLANNED,
                             .lang = t->who.lang};
        e = i == 0 || at_once ? serve_put(t, &d, i > 0, until_ms) : delivery_add(t->db, &d);
    }
    *out_sitting = s.id;
    return e;
}

struct candidates {
    int64_t due[SITTING_MAX], fresh[SITTING_MAX];
};

static enum err candidates_of(struct turn *t, const char *topic, int n,
                              struct candidates *c, struct sitting_topic *out)
{
    struct offer_query o = {.learner = t->who.id,
                            .day = learner_today(t),
                            .now_ms = t->now_ms,
                            .topic = topic,
                            .level = t->who.level};
    enum err e = cards_due(t->db, &o, c->due, n, &out->due_n);
    if (!e)
        e = cards_fresh(t->db, &o, c->fresh, n, &out->fresh_n);
    out->due = c->due;
    out->fresh = c->fresh;
    return e;
}

/* One question a sitting cannot hold two new ones of five, so five days do: on three of
 * them a due review comes first. What is still being learned does on all of them. */
static enum err share_days(struct turn *t, struct sitting_topic *offers, int n)
{
    int64_t today = learner_today(t), learning;
    bool due = false;
    enum err e = card_learning_due(t->db, t->who.id, today, t->now_ms, &learning);
    if (e && e != ERR_NOT_FOUND)
        return e;
    for (int i = 0; i < n; i++)
        due |= offers[i].due_n > 0;
    for (int i = 0; i < n && due && (!e || today % 5 >= 2); i++)
        offers[i].fresh_n = 0;
    return OK;
}

enum err serve_morning(struct turn *t, const struct serve_topic *topics, int n,
                       bool another, int64_t until_ms)
{
    struct sitting_topic offers[TOPICS_MAX];
    struct sitting_place places[SITTING_MAX];
    int64_t sitting;
    /* What is dropped there may come again. */
    enum err e = another ? OK : sittings_close(t->db, t->who.id);
    for (int i = 0; !e && i < n; i++) {
        struct candidates *c = arena_alloc(t->arena, sizeof *c);
        offers[i] = (struct sitting_topic){.weight = topics[i].sub->weight,
                                           .credit = topics[i].sub->credit};
        /* As many as there are places: others can take no more of them away. */
        e = candidates_of(t, topics[i].sub->topic, t->who.per_sitting, c, &offers[i]);
    }
    if (!e && t->who.per_sitting == 1)
        e = share_days(t, offers, n);
    if (e)
        return e;
    int found = sitting_pick(offers, n, t->who.per_sitting, places);
    if (found == 0)
        return OK;
    e = streak_tell(t, until_ms);
    if (!e)
        e = open_sitting(t, places, found, true, until_ms, &sitting);
    if (!e)
        e = remind_plan(t);
    for (int i = 0; !e && i < n; i++) {
        e = served_add(t->db, t->who.id, topics[i].day, topics[i].sub->topic, sitting);
        if (!e)
            e = subscription_credit(t->db, t->who.id, topics[i].sub->topic,
                                    offers[i].credit);
    }
    return e;
}

/* A single question is a due review while there is one: who asks for one question at a
 * time would else never see an old one again. */
static int next_one(const struct sitting_topic *offer, struct sitting_place *out)
{
    if (offer->due_n + offer->fresh_n == 0)
        return 0;
    *out =
        (struct sitting_place){.question = offer->due_n ? offer->due[0] : offer->fresh[0]};
    return 1;
}

enum err serve_now(struct turn *t, const char *topic, int n, int *out_found)
{
    struct candidates c;
    struct sitting_topic offer = {.weight = 1};
    struct sitting_place places[SITTING_MAX];
    int64_t sitting;
    *out_found = 0;
    enum err e = candidates_of(t, topic, n, &c, &offer);
    if (e)
        return e;
    *out_found = n == 1 ? next_one(&offer, places) : sitting_pick(&offer, 1, n, places);
    return *out_found ? open_sitting(t, places, *out_found, false, 0, &sitting) : OK;
}

enum err serve_question(struct turn *t, int64_t question)
{
    int64_t sitting;
    struct sitting_place place = {.question = question};
    return open_sitting(t, &place, 1, false, 0, &sitting);
}

/* At the end of a sitting: a question whose learning step is over comes back once more,
 * while the person is still there. */
static enum err extra(struct turn *t, const struct sitting *s, struct delivery *out)
{
    struct delivery d = {.token = turn_token(t),
                         .learner = t->who.id,
                         .sitting = s->id,
                         .place = s->size + 1,
                         .day = learner_today(t),
                         .state = DELIVERY_PLANNED,
                         .lang = t->who.lang};
    enum err e = card_learning_due(t->db, t->who.id, d.day, t->now_ms, &d.question);
    if (!e)
        e = sitting_grow(t->db, s->id);
    if (!e)
        e = delivery_add(t->db, &d);
    if (!e)
        *out = d;
    return e;
}

enum err serve_next(struct turn *t, const struct delivery *d, struct delivery *out_next)
{
    struct sitting s;
    *out_next = (struct delivery){0};
    if (!d->sitting)
        return OK;
    enum err e = sitting_find(t->db, d->sitting, &s);
    if (e || !s.open)
        return e;
    if (s.at_once) {
        int64_t waiting;
        e = sitting_waiting(t->db, s.id, &waiting);
        if (e || waiting)
            return e;
    }
    for (int place = d->place + 1; place <= s.size && !s.at_once; place++) {
        struct delivery next;
        struct bank_question q;
        e = delivery_at(t->db, t->arena, s.id, place, &next);
        if (e || next.state != DELIVERY_PLANNED)
            return e;
        e = bank_question(t->db, t->arena, next.question, &q);
        if (e != ERR_NOT_FOUND && (e || !q.retired)) {
            *out_next = next;
            return e;
        }
        next.state = DELIVERY_DROPPED; /* a new bank lacks it: the sitting goes on */
        e = delivery_save(t->db, &next);
        if (e)
            return e;
    }
    e = extra(t, &s, out_next);
    return e == ERR_NOT_FOUND ? sitting_done(t->db, s.id, d->place) : e;
}
