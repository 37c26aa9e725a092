/* How a broadcast goes, in the operator's message: an alarm edits it as long as there is
 * something to tell, and once when it is over. */
#include "bot/talk/broadcast.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/posts.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

const char *span_show(struct turn *t, int64_t ms)
{
    const struct words *w = &t->words;
    int64_t minutes = ms > 0 ? ms / MINUTE_MS : 0;
    return minutes < 60        ? w_span_minutes(w, minutes)
           : ms < 2LL * DAY_MS ? w_span_hours(w, ms / HOUR_MS)
                               : w_span_days(w, ms / DAY_MS);
}

/* Messages that are gone and those that are not to be made. */
static int64_t gone(const struct broadcast *b)
{
    return b->walked + b->taken - b->waiting;
}

static const char *how_it_goes(struct turn *t, const struct broadcast *b)
{
    int64_t to_walk = b->after == INT64_MAX ? 0 : b->total - b->walked;
    int64_t left = b->waiting + (to_walk > 0 ? to_walk : 0);
    int64_t a_second = t->bot->house.sends_per_sec;
    int64_t ms = a_second ? left * 1000 / a_second : 0;
    return w_news_goes(&t->words, b->sent, b->taken - b->waiting - b->sent, left,
                       span_show(t, ms + MINUTE_MS));
}

const char *broadcast_words(struct turn *t, const struct broadcast *b)
{
    const struct words *w = &t->words;
    int64_t lost = b->taken - b->waiting - b->sent;
    if (b->state == BROADCAST_RUNS && (b->after < INT64_MAX || b->waiting))
        return how_it_goes(t, b);
    if (b->state == BROADCAST_STOPPED)
        return b->waiting ? w_news_stops(w, b->sent, lost, b->waiting)
                          : w_news_stopped(w, b->sent, lost);
    return w_news_over(w, b->sent, lost, b->walked - b->taken);
}

enum err broadcast_end(struct turn *t, struct broadcast *b, enum broadcast_state as)
{
    b->state = as;
    b->operator= 0;
    b->text[LANG_RU] = b->text[LANG_EN] = NULL;
    return broadcast_save(t->db, b);
}

static enum err edit(struct turn *t, const struct broadcast *b)
{
    int64_t post;
    struct keyboard k = {0};
    enum err e = turn_load(t, b->operator);
    if (e || !t->known || t->who.state == LEARNER_BLOCKED)
        return e;
    bool runs = b->state == BROADCAST_RUNS && (b->after < INT64_MAX || b->waiting);
    e = post_of_message(t->db, t->chat, b->message, &post);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_news_stop(&t->words), broadcast_data(t, b, "stop"));
    return e ? e : say_edit(t, post, broadcast_words(t, b), runs ? &k : NULL);
}

static enum err ring(struct turn *t, int64_t id)
{
    struct broadcast b;
    enum err e = broadcast_find(t->db, t->arena, id, &b);
    if (e || (b.state != BROADCAST_RUNS && b.state != BROADCAST_STOPPED))
        return e == ERR_NOT_FOUND ? OK : e;
    if (b.state == BROADCAST_RUNS && !is_operator(t->bot, b.operator))
        b.state = BROADCAST_STOPPED;
    bool over = b.waiting == 0 && (b.state == BROADCAST_STOPPED || b.after == INT64_MAX);
    if (b.state == BROADCAST_STOPPED && !over)
        e = broadcast_recall(t->db, id);
    if (!e && (over || gone(&b) != b.told)) {
        b.told = gone(&b);
        e = edit(t, &b);
    }
    if (!e && over)
        return broadcast_end(t, &b, b.state == BROADCAST_RUNS ? BROADCAST_OVER : b.state);
    if (!e)
        e = broadcast_save(t->db, &b);
    return e ? e : alarm_set(t->db, "news-told", id, t->now_ms + BROADCAST_TOLD_MS, false);
}

static enum err give_up(struct turn *t, int64_t id)
{
    return alarm_set(t->db, "news-told", id, t->now_ms + HOUR_MS, false);
}

const struct feature broadcast_told_feature = {
    .alarm = "news-told", .ring = ring, .give_up = give_up};
