/* rating: a grade moves the card and the streak; undo puts both back exactly. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bot/study/fsrs.h"
#include "bot/study/streak.h"
#include "bot/talk/morning.h"
#include "bot/talk/question.h"
#include "bot/talk/say.h"

enum { UNDO_MS = 10 * 60 * 1000, DAYS_SHOWN = 99, DAYS_A_MONTH = 30, DAYS_A_YEAR = 365 };

static enum err card_of(struct turn *t, int64_t question, struct card *out)
{
    enum err e = card_find(t->db, t->who.id, question, out);
    if (e == ERR_NOT_FOUND)
        *out = (struct card){.learner = t->who.id, .question = question};
    return e == ERR_NOT_FOUND ? OK : e;
}

static struct fsrs_next next_of(const struct turn *t, const struct card *c, int grade,
                                int64_t today)
{
    struct fsrs_params p = fsrs_default_params(t->who.retention);
    struct fsrs_card card = {.state = (enum fsrs_state)c->state,
                             .step = c->step,
                             .stability = c->stability,
                             .difficulty = c->difficulty,
                             .reps = c->reps,
                             .lapses = c->lapses};
    int64_t elapsed = c->state == FSRS_NEW || today < c->last_day ? 0 : today - c->last_day;
    return fsrs_rate(&p, &card, (enum fsrs_grade)grade, elapsed);
}

/* Doubles in full, so that undo is exact. */
static const char *pack(struct turn *t, const struct card *c)
{
    const struct learner *who = &t->who;
    return arena_printf(t->arena,
                        "%d %d %a %a %" PRId64 " %" PRId64 " %" PRId64 " %d %d %" PRId64
                        " %" PRId64 " %" PRId64 " %d",
                        c->state, c->step, c->stability, c->difficulty, c->due_day,
                        c->due_ms, c->last_day, c->reps, c->lapses, who->streak, who->best,
                        who->last_day, who->freezes);
}

/* False: it is none of ours. */
static bool unpack(const char *text, struct card *c, struct streak *s)
{
    int n = sscanf(text,
                   "%d %d %la %la %" SCNd64 " %" SCNd64 " %" SCNd64 " %d %d %" SCNd64
                   " %" SCNd64 " %" SCNd64 " %d",
                   &c->state, &c->step, &c->stability, &c->difficulty, &c->due_day,
                   &c->due_ms, &c->last_day, &c->reps, &c->lapses, &s->days, &s->best,
                   &s->last_day, &s->freezes);
    if (n == 12) /* of a time without freezes: what the migration gave */
        s->freezes = s->days / FREEZE_EVERY < FREEZES_MAX ? (int)(s->days / FREEZE_EVERY)
                                                          : FREEZES_MAX;
    return n >= 12;
}

static struct streak streak_of(const struct learner *who)
{
    return (struct streak){who->streak, who->best, who->last_day, who->freezes};
}

static void set_streak(struct learner *who, const struct streak *s)
{
    who->streak = s->days;
    who->best = s->best;
    who->last_day = s->last_day;
    who->freezes = s->freezes;
}

struct gap {
    int64_t missed[FREEZES_MAX + 1]; /* the days, as many as matter */
    int n;
};

/* The streak when `today` begins: what was missed since the last kept day has cost its
 * freezes, or the streak. */
static enum err streak_on(struct turn *t, int64_t today, struct streak *out,
                          struct gap *gap)
{
    *out = streak_of(&t->who);
    gap->n = 0;
    enum err e = out->days ? days_missed(t->db, t->who.id, out->last_day, today,
                                         gap->missed, out->freezes + 1, &gap->n)
                           : OK;
    *out = streak_after_missed(*out, gap->n);
    return e;
}

enum err streak_now(struct turn *t, struct streak *out)
{
    struct gap ignored;
    return streak_on(t, learner_today(t), out, &ignored);
}

enum err streak_tell(struct turn *t, int64_t until_ms)
{
    struct streak s;
    struct gap gap;
    struct learner *who = &t->who;
    int saved = 0;
    enum err e = streak_on(t, learner_today(t), &s, &gap);
    for (int i = 0; !e && s.days && i < gap.n; i++)
        saved += gap.missed[i] > who->told_day;
    if (e || !saved)
        return e;
    who->told_day = gap.missed[gap.n - 1];
    e = learner_told(t->db, who->id, who->told_day);
    const struct words *w = &t->words;
    const char *left = s.freezes ? w_freezes_left(w, s.freezes) : w_freezes_none(w);
    return e ? e
             : say_new(t,
                       &(struct speech){
                           .kind = KIND_REPLY,
                           .html = w_freeze_saved(w, w_days(w, s.days), left, saved),
                           .silent = true,
                           .expires_ms = until_ms},
                       NULL);
}

/* The first rating of a study day keeps it. What lies between it and the last kept day is
 * settled now, once: excused, frozen, or the end of the streak. */
static enum err move_streak(struct turn *t, int64_t today, bool *out_earned)
{
    struct learner *who = &t->who;
    struct streak s;
    struct gap gap;
    enum err e = streak_on(t, today, &s, &gap);
    for (int i = 0; !e && i < gap.n && i < who->freezes; i++)
        e = streak_day_freeze(t->db, who->id, gap.missed[i]);
    if (!e && who->last_day >= 0 && s.days)
        e = streak_days_excuse(t->db, who->id, who->last_day + 1, today - 1);
    if (e)
        return e;
    int had = s.freezes;
    s = streak_keep(s, today);
    *out_earned = s.freezes > had;
    set_streak(who, &s);
    return learner_set_streak(t->db, who);
}

static enum err keep_day(struct turn *t, int64_t today)
{
    bool earned = false;
    enum err e = OK;
    if (t->who.last_day < today) {
        e = streak_tell(t, 0);
        if (!e)
            e = move_streak(t, today, &earned);
    }
    if (!e && earned)
        say_toast(t, w_toast_freeze(&t->words));
    return e ? e : streak_day_keep(t->db, t->who.id, today);
}

/* The card after a grade given today. */
static enum err move_card(struct turn *t, const struct card *c, int grade, int64_t today)
{
    struct fsrs_next next = next_of(t, c, grade, today);
    return card_put(
        t->db, &(struct card){.learner = c->learner,
                              .question = c->question,
                              .state = (int)next.card.state,
                              .step = next.card.step,
                              .stability = next.card.stability,
                              .difficulty = next.card.difficulty,
                              .due_day = today + next.days,
                              .due_ms = next.wait_s ? t->now_ms + next.wait_s * 1000 : 0,
                              .last_day = today,
                              .reps = next.card.reps,
                              .lapses = next.card.lapses});
}

enum err rating_miss(struct turn *t, int64_t person, int64_t question)
{
    struct turn theirs = *t;
    struct card c;
    enum err e = turn_load(&theirs, person);
    if (e || !theirs.known)
        return e;
    int64_t today = learner_today(&theirs);
    e = card_of(&theirs, question, &c);
    if (e || (c.state != FSRS_NEW && c.last_day >= today))
        return e;
    return move_card(&theirs, &c, FSRS_AGAIN, today);
}

enum err rating_store(struct turn *t, const struct delivery *d, int grade)
{
    struct card c;
    int64_t today = learner_today(t);
    enum err e = card_of(t, d->question, &c);
    if (e)
        return e;
    e = review_add(t->db, &(struct review){.learner = t->who.id,
                                           .delivery = d->id,
                                           .question = d->question,
                                           .grade = grade,
                                           .at_ms = t->now_ms,
                                           .day = today,
                                           .before = pack(t, &c)});
    if (!e)
        e = move_card(t, &c, grade, today);
    return e ? e : keep_day(t, today);
}

/* The streak as it was before the first rating of that day; and of the kept day before it,
 * if that one has been undone since, and so on. */
static enum err streak_before(struct turn *t, int64_t day)
{
    struct card ignored;
    struct learner *who = &t->who;
    int64_t kept = 0;
    do {
        const char *before;
        struct streak was;
        enum err e = review_day_first(t->db, t->arena, who->id, day, &before);
        if (e)
            return e;
        if (!unpack(before, &ignored, &was))
            return ERR_BAD_INPUT;
        set_streak(who, &was);
        if (who->last_day < 0 || who->last_day >= day)
            return OK;
        day = who->last_day;
        e = streak_day_reviews(t->db, who->id, day, &kept);
        if (e)
            return e;
    } while (kept == 0);
    return OK;
}

enum err rating_know(struct turn *t, const struct delivery *d)
{
    struct card c;
    int64_t today = learner_today(t);
    enum err e = card_of(t, d->question, &c);
    if (e)
        return e;
    struct fsrs_next easy = next_of(t, &c, FSRS_EASY, today);
    if (c.state == FSRS_NEW)
        c.difficulty = easy.card.difficulty;
    if (c.stability < KNOWN_DAYS)
        c.stability = KNOWN_DAYS;
    c.state = FSRS_REVIEW;
    c.step = 0;
    c.due_day = today + KNOWN_DAYS;
    c.due_ms = 0;
    c.last_day = today;
    return card_put(t->db, &c);
}

/* The day loses one rating; with the last one the streak is what it was before the first,
 * what that cost in freezes is given back, and what was rated after the day's end counts on
 * from there. */
static enum err unkeep_day(struct turn *t, const struct review *r)
{
    struct learner *who = &t->who;
    struct learner was = *who;
    bool ignored;
    int64_t left;
    enum err e = streak_day_unkeep(t->db, who->id, r->day, &left);
    if (!e && left == 0)
        e = streak_before(t, r->day);
    if (e || left > 0)
        return e;
    if (was.last_day > r->day && who->last_day >= r->day) {
        *who = was; /* the day was behind the last one: it moved nothing */
        return OK;
    }
    e = streak_days_thaw(t->db, who->id, who->last_day + 1, was.last_day);
    if (!e && was.last_day > r->day)
        return move_streak(t, was.last_day, &ignored);
    return e ? e : learner_set_streak(t->db, who);
}

enum err rating_undo(struct turn *t, const struct delivery *d)
{
    struct review r;
    struct card c = {.learner = t->who.id, .question = d->question};
    struct streak ignored;
    bool last;
    enum err e = review_live(t->db, t->arena, d->id, &r);
    if (e == ERR_NOT_FOUND || (!e && t->now_ms - r.at_ms > UNDO_MS))
        return ERR_REFUSED;
    if (!e)
        e = review_is_last(t->db, &r, &last);
    if (e || !last)
        return e ? e : ERR_REFUSED;
    if (!unpack(r.before, &c, &ignored))
        return ERR_BAD_INPUT;
    e = c.state == FSRS_NEW ? card_drop(t->db, t->who.id, d->question)
                            : card_put(t->db, &c);
    if (!e)
        e = review_undo(t->db, r.id, t->now_ms);
    return e ? e : unkeep_day(t, &r);
}

static const char *interval(const struct words *w, const struct fsrs_next *n)
{
    if (n->days == 0)
        return w_btn_today(w);
    if (n->days <= DAYS_SHOWN)
        return w_btn_in_days(w, n->days);
    if (n->days < 2 * DAYS_A_YEAR)
        return w_btn_in_months(w, (n->days + DAYS_A_MONTH / 2) / DAYS_A_MONTH);
    return w_btn_in_years(w, (n->days + DAYS_A_YEAR / 2) / DAYS_A_YEAR);
}

static const char *grade_name(const struct words *w, int grade)
{
    return grade == 1   ? w_btn_again(w)
           : grade == 2 ? w_btn_hard(w)
           : grade == 3 ? w_btn_good(w)
                        : w_btn_easy(w);
}

enum err rating_labels(struct turn *t, const struct delivery *d, const char *out[5])
{
    struct card c;
    int64_t today = learner_today(t);
    enum err e = card_of(t, d->question, &c);
    for (int grade = 1; !e && grade <= 4; grade++) {
        struct fsrs_next n = next_of(t, &c, grade, today);
        out[grade] =
            w_btn_grade(&t->words, grade_name(&t->words, grade), interval(&t->words, &n));
    }
    return e;
}

enum err rating_result(struct turn *t, const struct delivery *d, bool retired,
                       const char **out_html)
{
    struct review r;
    struct card c;
    bool last;
    const struct words *w = &t->words;
    enum err e = review_live(t->db, t->arena, d->id, &r);
    if (!e)
        e = review_is_last(t->db, &r, &last);
    if (!e)
        e = card_of(t, d->question, &c);
    if (e)
        return e;
    const char *grade = grade_name(w, r.grade);
    *out_html = !last                ? w_result_past(w, grade)
                : retired            ? w_result_retired(w, grade)
                : c.due_day <= r.day ? w_result_today(w, grade)
                : c.due_day == r.day + 1
                    ? w_result_tomorrow(w, grade)
                    : w_result_days(w, grade, w_days(w, c.due_day - r.day));
    return OK;
}
