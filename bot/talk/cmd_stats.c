/* /stats: in words, what one knows, what one is learning, today, the streak, each topic. */
#include "bot/talk/morning.h"
#include "bot/talk/pause.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"

static enum err add_topics(struct turn *t, struct buf *b)
{
    struct subscription subs[TOPICS_MAX];
    int n;
    enum err e = subscriptions(t->db, t->arena, t->who.id, subs, TOPICS_MAX, &n);
    for (int i = 0; !e && i < n; i++) {
        struct bank_topic topic;
        struct topic_counts c;
        e = bank_topic(t->db, t->arena, subs[i].topic, &topic);
        if (e == ERR_NOT_FOUND) { /* the bank has dropped the topic */
            e = OK;
            continue;
        }
        if (!e)
            e = topic_counts(t->db, t->who.id, topic.slug, &c);
        if (!e)
            buf_text(b, w_stats_topic(&t->words, topic_title(t, &topic), c.known,
                                      c.known + c.learning + c.fresh));
    }
    return e;
}

static enum err run(struct turn *t, const char *args)
{
    (void)args;
    struct deck_counts deck;
    int64_t today;
    struct streak streak;
    struct buf b = {0};
    const struct words *w = &t->words;
    enum err e = deck_counts(t->db, t->who.id, &deck);
    if (!e)
        e = streak_now(t, &streak);
    if (!e)
        e = streak_day_reviews(t->db, t->who.id, learner_today(t), &today);
    if (!e) {
        buf_text(&b, w_stats(w, deck.known, deck.learning, today));
        buf_text(&b, w_stats_streak(w, w_days(w, streak.days), w_days(w, t->who.best)));
        if (streak.freezes)
            buf_text(&b, w_streak_freezes(w, streak.freezes));
        buf_text(&b, pause_line(t));
        e = add_topics(t, &b);
    }
    if (!e)
        e = say(t, b.data, NULL);
    buf_free(&b);
    return e;
}

const struct feature cmd_stats = {.name = "stats", .about = w_about_stats, .run = run};
