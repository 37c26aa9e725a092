#include "bot/talk/first_time.h"

#include <string.h>

#include "bot/base/tz.h"
#include "bot/talk/clock.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"

enum { NINE = 9 * 60 };

enum err first_time_after_rating(struct turn *t)
{
    if (t->who.step != STEP_NEW)
        return OK;
    t->who.step = STEP_ASKED;
    enum err e = learner_save(t->db, &t->who);
    struct keyboard k = {0};
    keyboard_row(&k);
    keyboard_button(&k, w_btn_same_time(&t->words), "f.same");
    keyboard_style(&k, BUTTON_GREEN);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_at_nine(&t->words), "f.nine");
    keyboard_button(&k, w_btn_other_time(&t->words), "f.other");
    return e ? e
             : say_new(t,
                       &(struct speech){.kind = KIND_REPLY,
                                        .html = w_ask_same_time(&t->words),
                                        .keyboard = &k,
                                        /* asked once in a life: worth waiting for */
                                        .expires_ms = t->now_ms + EDIT_LIVES_MS},
                       NULL);
}

static enum err press(struct turn *t, const char *data)
{
    bool same = strcmp(data, "same") == 0, nine = strcmp(data, "nine") == 0;
    bool typing = t->who.asking && strcmp(t->who.asking, "clock:time") == 0;
    if (t->who.step != STEP_ASKED || typing ||
        (!same && !nine && strcmp(data, "other") != 0)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (same) {
        t->who.step = STEP_DONE;
        zone_date(learner_zone(&t->who), t->now_ms, &t->who.at_min);
    }
    if (nine) {
        t->who.step = STEP_DONE; /* another time is one once it is typed */
        t->who.at_min = NINE;
    }
    enum err e = learner_save(t->db, &t->who);
    if (!e)
        e = morning_plan(t);
    if (e)
        return e;
    if (same)
        return say_here(t, w_same_time_set(&t->words), NULL);
    e = say_here(t, nine ? w_at_nine_chosen(&t->words) : w_other_time_chosen(&t->words),
                 NULL);
    return e ? e : nine ? clock_ask_zone(t) : clock_ask_time(t, NULL);
}

const struct feature first_time_feature = {.prefix = "f", .press = press};
