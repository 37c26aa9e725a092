#include "bot/talk/topics.h"

#include <string.h>

#include "bot/base/fold.h"
#include "bot/base/json.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"

enum { TYPO_FROM = 4, TWO_TYPOS_FROM = 6, FAR = 64 };

/* One slip is forgiven from four letters on, two from six: "рест" must not become "тест"
 * by more than that, and an exact name always wins. */
static int forgiven(const char *name)
{
    size_t n = utf8_length(name);
    return n >= TWO_TYPOS_FROM ? 2 : n >= TYPO_FROM ? 1 : 0;
}

struct distance {
    const char *topic;
    int typos;
};

/* The distance of the nearest name of each topic, in the order of the bank's topics. */
static void measure(const char *asked, const struct bank_name *names, int names_n,
                    const struct bank_topic *topics, int n, struct distance *out,
                    int *out_best)
{
    *out_best = -1;
    for (int i = 0; i < n; i++) {
        int allowed = 0;
        out[i] = (struct distance){topics[i].slug, FAR};
        for (int j = 0; j < names_n; j++) {
            if (strcmp(names[j].topic, topics[i].slug) != 0)
                continue;
            int typos = fold_distance(asked, names[j].name, FAR - 1);
            if (typos < out[i].typos) {
                out[i].typos = typos;
                allowed = forgiven(names[j].name);
            }
        }
        if (out[i].typos <= allowed &&
            (*out_best < 0 || out[i].typos < out[*out_best].typos))
            *out_best = i;
    }
}

enum err topic_find(struct turn *t, const char *text, struct bank_topic *out,
                    struct bank_topic near[NEAREST], int *near_n)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    struct bank_name *names = arena_alloc(t->arena, BANK_NAMES_MAX * sizeof *names);
    struct distance away[BANK_TOPICS_MAX];
    int n, names_n, best;
    *near_n = 0;
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    if (!e)
        e = bank_names(t->db, t->arena, names, BANK_NAMES_MAX, &names_n);
    if (e)
        return e;
    measure(fold(t->arena, text), names, names_n, topics, n, away, &best);
    if (best >= 0) {
        *out = topics[best];
        return OK;
    }
    while (*near_n < NEAREST) {
        int next = -1;
        for (int i = 0; i < n; i++)
            if (topics[i].held > 0 && away[i].typos <= FAR &&
                (next < 0 || away[i].typos < away[next].typos))
                next = i;
        if (next < 0)
            break;
        away[next].typos = FAR + 1;
        near[(*near_n)++] = topics[next];
    }
    return ERR_NOT_FOUND;
}

enum err topic_refuse(struct turn *t, const struct bank_topic *topic,
                      const struct bank_topic *near, int near_n, const char *prefix)
{
    struct keyboard k = {0};
    struct bank_topic all[BANK_TOPICS_MAX];
    int n = near_n;
    enum err e = topic ? bank_topics(t->db, t->arena, all, BANK_TOPICS_MAX, &n) : OK;
    for (int i = 0; !e && i < n; i++) {
        const struct bank_topic *one = topic ? &all[i] : &near[i];
        if (one->held == 0)
            continue;
        keyboard_row(&k);
        keyboard_button(&k, topic_title(t, one),
                        arena_printf(t->arena, "%s.%s", prefix, one->slug));
    }
    return e ? e
             : say(t,
                   topic ? w_topic_not_held(&t->words, topic_title(t, topic))
                         : w_topic_unknown(&t->words),
                   &k);
}

const char *topic_title(const struct turn *t, const struct bank_topic *topic)
{
    return t->words.lang == LANG_RU ? topic->title_ru : topic->title_en;
}

static bool subscribed(const struct subscription *subs, int n, const char *slug)
{
    for (int i = 0; i < n; i++)
        if (strcmp(subs[i].topic, slug) == 0)
            return true;
    return false;
}

/* On a phone half a row holds so many letters beside the tick. */
static bool wide(const char *title)
{
    enum { HALF_ROW = 16 };
    return utf8_length(title) > HALF_ROW;
}

/* Adds one to the last row when both are short; *half: the last row has room. */
static void add_topic(struct turn *t, struct keyboard *k, const struct bank_topic *topic,
                      bool ticked, const char *data, bool *half)
{
    const char *title = topic_title(t, topic);
    if (!*half || wide(title))
        keyboard_row(k);
    *half = !*half && !wide(title);
    keyboard_button(k, arena_printf(t->arena, "%s%s", ticked ? "✅ " : "", title), data);
}

enum err topic_toggles(struct turn *t, const char *prefix, struct keyboard *k)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    struct subscription subs[TOPICS_MAX];
    int n, subs_n;
    bool half = false;
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    if (!e)
        e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &subs_n);
    for (int i = 0; !e && i < n; i++) {
        if (topics[i].held == 0)
            continue;
        bool on = subscribed(subs, subs_n, topics[i].slug);
        add_topic(t, k, &topics[i], on,
                  arena_printf(t->arena, "%s.%d.%s", prefix, !on, topics[i].slug), &half);
    }
    return e;
}

enum err topic_choices(struct turn *t, const char *prefix, const char *chosen,
                       struct keyboard *k)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    int n;
    bool half = false;
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    for (int i = 0; !e && i < n; i++)
        if (topics[i].held > 0)
            add_topic(t, k, &topics[i], chosen && strcmp(chosen, topics[i].slug) == 0,
                      arena_printf(t->arena, "%s.%s", prefix, topics[i].slug), &half);
    return e;
}

enum err topic_toggle(struct turn *t, const char *data)
{
    struct bank_topic topic;
    if ((data[0] != '0' && data[0] != '1') || data[1] != '.')
        return ERR_NOT_FOUND;
    enum err e = bank_topic(t->db, t->arena, data + 2, &topic);
    if (!e && topic.held == 0)
        e = ERR_NOT_FOUND;
    if (!e)
        e = data[0] == '1' ? subscribe(t->db, t->who.id, topic.slug)
                           : unsubscribe(t->db, t->who.id, topic.slug);
    return e ? e : morning_plan(t);
}
