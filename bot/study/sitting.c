#include "bot/study/sitting.h"

#include <assert.h>

struct sitting {
    struct sitting_topic *topics;
    int n_topics;
    struct sitting_place *places;
    int taken;
};

static bool is_taken(const struct sitting *s, int64_t question)
{
    for (int i = 0; i < s->taken; i++)
        if (s->places[i].question == question)
            return true;
    return false;
}

/* The first of the list that nobody took; false when there is none. */
static bool offer(const struct sitting *s, int topic, bool fresh, int64_t *out)
{
    const struct sitting_topic *t = &s->topics[topic];
    const int64_t *list = fresh ? t->fresh : t->due;
    int n = fresh ? t->fresh_n : t->due_n;
    for (int i = 0; i < n; i++)
        if (!is_taken(s, list[i])) {
            *out = list[i];
            return true;
        }
    return false;
}

/* One round: every topic that has anything left earns its weight, the richest of those
 * that have the wanted kind gets the place and pays the whole round. A topic that must
 * wait for its kind is so owed the places it missed. False: nobody has that kind. */
static bool take(struct sitting *s, bool fresh)
{
    int64_t round = 0, question = 0, ignored;
    int best = -1;
    for (int i = 0; i < s->n_topics; i++) {
        struct sitting_topic *t = &s->topics[i];
        int64_t mine;
        bool has = offer(s, i, fresh, &mine);
        int64_t credit = t->credit + t->weight;
        if (has && (best < 0 || credit > s->topics[best].credit + s->topics[best].weight)) {
            best = i;
            question = mine;
        }
    }
    if (best < 0)
        return false;
    for (int i = 0; i < s->n_topics; i++)
        if (offer(s, i, true, &ignored) || offer(s, i, false, &ignored)) {
            s->topics[i].credit += s->topics[i].weight;
            round += s->topics[i].weight;
        }
    s->topics[best].credit -= round;
    s->places[s->taken++] =
        (struct sitting_place){.question = question, .topic = best, .fresh = fresh};
    return true;
}

/* How many different unseen questions there are, counted up to `most`. */
static int unseen(const struct sitting *s, int most)
{
    struct sitting_place found[SITTING_MAX];
    struct sitting count = *s;
    int64_t question;
    count.places = found;
    count.taken = 0;
    for (int i = 0; i < s->n_topics; i++)
        while (count.taken < most && offer(&count, i, true, &question))
            found[count.taken++].question = question;
    return count.taken;
}

/* What the quotas made a topic miss is forgotten past two places: it must not pay itself
 * back for weeks at the cost of the others. */
static void bound_credits(struct sitting *s)
{
    int64_t most = 0;
    for (int i = 0; i < s->n_topics; i++)
        most += INT64_C(2) * s->topics[i].weight;
    for (int i = 0; i < s->n_topics; i++) {
        int64_t *credit = &s->topics[i].credit;
        *credit = *credit > most ? most : *credit < -most ? -most : *credit;
    }
}

int sitting_pick(struct sitting_topic *topics, int n_topics, int n,
                 struct sitting_place *out)
{
    assert(n >= 1 && n <= SITTING_MAX);
    struct sitting s = {.topics = topics, .n_topics = n_topics, .places = out};
    bound_credits(&s); /* a stored credit can be of a time with more topics */
    int reviews = n - unseen(&s, (2 * n + 4) / 5);
    while (s.taken < reviews && take(&s, false))
        continue;
    while (s.taken < n && take(&s, true))
        continue;
    bound_credits(&s);
    return s.taken;
}
