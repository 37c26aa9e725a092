#include "bot/study/fsrs.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double s_min = 0.001, s_max = 36500;
enum { MINUTE_S = 60, DAY_S = 86400 };

static const double default_w[FSRS_WEIGHTS] = {
    0.212,  1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001,  1.8722, 0.1666, 0.796,
    1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542};

/* What the reference lets a weight be. */
static const struct {
    double min, max;
} w_range[FSRS_WEIGHTS] = {
    {0.001, 100},  {0.001, 100},  {0.001, 100}, {0.001, 100}, {1, 10},      {0.001, 4},
    {0.001, 4},    {0.001, 0.75}, {0, 4.5},     {0, 0.8},     {0.001, 3.5}, {0.001, 5},
    {0.001, 0.25}, {0.001, 0.9},  {0, 4},       {0, 1},       {1, 6},       {0, 2},
    {0, 2},        {0, 0.8},      {0.1, 0.8}};

static double clamp(double x, double min, double max)
{
    return fmin(fmax(x, min), max);
}

/* The reference keeps 8 decimals at every step; so a sum here is the same sum there. */
static double to8(double x)
{
    return floor(x * 1e8 + 0.5) / 1e8;
}

struct fsrs_params fsrs_default_params(double retention)
{
    struct fsrs_params p = {.retention = retention,
                            .max_interval_days = FSRS_MAX_DAYS,
                            .short_term = true,
                            .learn_steps_s = {10 * MINUTE_S},
                            .learn_n = 1,
                            .relearn_steps_s = {10 * MINUTE_S},
                            .relearn_n = 1};
    memcpy(p.w, default_w, sizeof p.w);
    return p;
}

bool fsrs_weights(const double *w, int n, double out[FSRS_WEIGHTS])
{
    if (n != 17 && n != 19 && n != FSRS_WEIGHTS)
        return false;
    double v[FSRS_WEIGHTS] = {[20] = 0.5}; /* the decay that was fixed before FSRS-6 */
    for (int i = 0; i < n; i++) {
        if (!isfinite(w[i]))
            return false;
        v[i] = clamp(w[i], w_range[i].min, w_range[i].max);
    }
    if (n == 17) { /* difficulty was linear in the grade before FSRS-5 */
        v[4] = to8(v[5] * 2 + v[4]);
        v[5] = to8(log(v[5] * 3 + 1) / 3);
        v[6] = to8(v[6] + 0.5);
    }
    memcpy(out, v, sizeof v);
    return true;
}

static double decay_factor(const struct fsrs_params *p)
{
    return to8(exp(log(0.9) / -p->w[20]) - 1);
}

double fsrs_recall(const struct fsrs_params *p, double elapsed_days, double stability)
{
    if (!(stability > 0))
        return 0;
    double t = fmax(elapsed_days, 0);
    return to8(pow(1 + decay_factor(p) * t / stability, -p->w[20]));
}

static int interval_days(const struct fsrs_params *p, double stability)
{
    double modifier = to8((pow(p->retention, -1 / p->w[20]) - 1) / decay_factor(p));
    double days = floor(stability * modifier + 0.5);
    return (int)clamp(days, 1, p->max_interval_days);
}

static double first_difficulty(const struct fsrs_params *p, int grade)
{
    return to8(p->w[4] - exp((grade - 1) * p->w[5]) + 1);
}

static double next_difficulty(const struct fsrs_params *p, double d, int grade)
{
    double damped = to8(-p->w[6] * (grade - FSRS_GOOD) * (10 - d) / 9);
    double easy = first_difficulty(p, FSRS_EASY); /* unclamped, as the reference */
    return clamp(to8(p->w[7] * easy + (1 - p->w[7]) * (d + damped)), 1, 10);
}

static double after_same_day(const struct fsrs_params *p, double s, int grade)
{
    const double *w = p->w;
    double k = pow(s, -w[19]) * exp(w[17] * (grade - FSRS_GOOD + w[18]));
    if (grade >= FSRS_HARD)
        k = fmax(k, 1);
    return to8(clamp(s * k, s_min, s_max));
}

static double after_lapse(const struct fsrs_params *p, double s, double d, double recall)
{
    const double *w = p->w;
    double forgot =
        w[11] * pow(d, -w[12]) * (pow(s + 1, w[13]) - 1) * exp((1 - recall) * w[14]);
    double most = p->short_term ? s / exp(w[17] * w[18]) : s;
    return fmin(fmax(to8(most), s_min), to8(clamp(forgot, s_min, s_max)));
}

static double after_recall(const struct fsrs_params *p, double s, double d, double recall,
                           int grade)
{
    const double *w = p->w;
    double gain = exp(w[8]) * (11 - d) * pow(s, -w[9]) * (exp((1 - recall) * w[10]) - 1);
    if (grade == FSRS_HARD)
        gain *= w[15];
    if (grade == FSRS_EASY)
        gain *= w[16];
    return to8(clamp(s * (1 + gain), s_min, s_max));
}

/* The memory of `card` after `grade`; its schedule is untouched. */
static void remember(const struct fsrs_params *p, struct fsrs_card *card, int grade,
                     int64_t days)
{
    if (card->state == FSRS_NEW) {
        card->stability = fmax(p->w[grade - 1], 0.1);
        card->difficulty = clamp(first_difficulty(p, grade), 1, 10);
        return;
    }
    double s = clamp(card->stability, s_min, s_max), d = clamp(card->difficulty, 1, 10);
    double recall = fsrs_recall(p, (double)days, s);
    card->difficulty = next_difficulty(p, d, grade);
    if (days == 0 && p->short_term)
        card->stability = after_same_day(p, s, grade);
    else if (grade == FSRS_AGAIN)
        card->stability = after_lapse(p, s, d, recall);
    else
        card->stability = after_recall(p, s, d, recall, grade);
}

static int at_least(int days, int least)
{
    return days > least ? days : least;
}

/* Days until a review card comes back. The four answers are kept apart: a better one never
 * brings the card back sooner. Only the long term has an interval for Again. */
static int review_days(const struct fsrs_params *p, const struct fsrs_card *card, int grade,
                       int64_t elapsed)
{
    int days[FSRS_EASY + 1];
    for (int g = FSRS_AGAIN; g <= FSRS_EASY; g++) {
        struct fsrs_card c = *card;
        remember(p, &c, g, elapsed);
        days[g] = interval_days(p, c.stability);
    }
    int first = p->short_term ? FSRS_HARD : FSRS_AGAIN;
    if (days[first] > days[first + 1])
        days[first] = days[first + 1];
    for (int g = first + 1; g <= FSRS_EASY; g++)
        days[g] = at_least(days[g], days[g - 1] + 1);
    return days[grade];
}

/* Seconds to the next learning step, 0 when the card leaves the steps; *out_step is its
 * place in them. Hard waits the mean of the first two steps (one and a half of a single
 * one) in whole minutes, on any step: the reference's code does, whatever its comment. */
static int64_t step_wait_s(const struct fsrs_params *p, const struct fsrs_card *card,
                           int grade, int *out_step)
{
    bool relearn = card->state == FSRS_REVIEW || card->state == FSRS_RELEARNING;
    const int *steps = relearn ? p->relearn_steps_s : p->learn_steps_s;
    int n = relearn ? p->relearn_n : p->learn_n;
    int at = card->step > 0 ? card->step : 0;
    *out_step = 0;
    if (at >= n)
        return 0;
    if (grade == FSRS_AGAIN)
        return steps[card->state == FSRS_REVIEW ? at : 0];
    if (grade == FSRS_HARD) {
        double mean = n == 1 ? steps[0] * 1.5 : (steps[0] + (double)steps[1]) / 2;
        *out_step = at;
        return (int64_t)floor(mean / MINUTE_S + 0.5) * MINUTE_S;
    }
    if (grade == FSRS_GOOD && at + 1 < n) {
        *out_step = at + 1;
        return steps[at + 1];
    }
    return 0;
}

/* A step of a day or more makes a review card, and so does the end of the steps. */
static void take_step(const struct fsrs_params *p, const struct fsrs_card *from, int grade,
                      struct fsrs_next *n)
{
    int step;
    int64_t wait_s = step_wait_s(p, from, grade, &step);
    n->card.step = wait_s > 0 ? step : 0;
    n->card.state = FSRS_REVIEW;
    if (wait_s <= 0) {
        n->days = interval_days(p, n->card.stability);
    } else if (wait_s >= DAY_S) {
        n->days = (int)(wait_s / DAY_S);
    } else {
        n->wait_s = wait_s;
        n->card.state = from->state == FSRS_NEW      ? FSRS_LEARNING
                        : from->state == FSRS_REVIEW ? FSRS_RELEARNING
                                                     : from->state;
    }
}

struct fsrs_next fsrs_rate(const struct fsrs_params *p, const struct fsrs_card *card,
                           enum fsrs_grade grade, int64_t elapsed_days)
{
    assert(grade >= FSRS_AGAIN && grade <= FSRS_EASY);
    int64_t days = card->state == FSRS_NEW || elapsed_days < 0 ? 0 : elapsed_days;
    bool known = p->short_term ? card->state == FSRS_REVIEW : card->state != FSRS_NEW;
    struct fsrs_next n = {.card = *card};
    int g = (int)grade;
    remember(p, &n.card, g, days);
    n.card.reps++;
    n.card.lapses += known && grade == FSRS_AGAIN;
    if (!p->short_term || (known && grade != FSRS_AGAIN)) {
        n.days = review_days(p, card, g, days);
        n.card.state = FSRS_REVIEW;
        n.card.step = 0;
    } else {
        take_step(p, card, g, &n);
    }
    return n;
}
