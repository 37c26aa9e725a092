/* Presses of buttons: real ones, stale ones, forged ones. */
#include <stdlib.h>
#include <string.h>

#include "tests/scene_state.h"

/* "#2" is the second button, whatever it says. */
static const struct shown_button *button_in(const struct shown *s, const char *label)
{
    int nth = *label == '#' ? atoi(label + 1) : 0;
    if (nth > 0)
        return nth <= s->buttons && s->button[nth - 1].data ? &s->button[nth - 1] : NULL;
    for (int i = 0; i < s->buttons; i++)
        if (s->button[i].data && match_text(label, s->button[i].text))
            return &s->button[i];
    return NULL;
}

/* Where a button is. */
struct spot {
    int64_t chat, message;
};

/* What a press looks for. */
struct aim {
    char label[256], under[256]; /* patterns; under "": any message */
    int nth;                     /* above 0: only the nth newest message */
};

/* The newest message of the bot that fits and whose keyboard has the label. Where it came
 * twice and the run says so, the older of the two. */
static const struct shown_button *button_find(struct scene *s, const struct player *p,
                                              const struct aim *aim, struct spot *out)
{
    const char *label = aim->label;
    int nth = aim->nth;
    const struct rules_message *m;
    for (int i = nth ? nth : 1; (m = rules_newest(s->world.rules, out->chat, i)); i++) {
        if (*aim->under && !match_text(aim->under, m->now.text))
            continue;
        const struct shown_button *b = button_in(&m->now, label);
        out->message = m->id;
        if (b && s->options->press_older && m->id == p->second) {
            const struct rules_message *old =
                rules_message(s->world.rules, out->chat, p->first);
            const struct shown_button *twin = old ? button_in(&old->now, label) : NULL;
            if (twin) {
                out->message = old->id;
                return twin;
            }
        }
        if (b || nth)
            return b;
    }
    return NULL;
}

/* The same among all keyboards that were ever shown: a tap that comes too late. */
static const struct shown_button *button_past(struct scene *s, const char *label,
                                              struct spot *out)
{
    for (size_t i = rules_ledger_count(s->world.rules); i-- > 0;) {
        const struct rules_row *row = rules_ledger(s->world.rules, i);
        if (row->chat != out->chat || row->status != 200 ||
            (row->kind != ROW_SENT && row->kind != ROW_EDITED))
            continue;
        const struct shown_button *b = button_in(&row->shown, label);
        if (b) {
            out->message = row->message;
            return b;
        }
    }
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = words; (p = strstr(p, word)); p += n)
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
            return true;
    return false;
}

void act_press(struct scene *s, const struct player *p, const struct player *place,
               const char *what)
{
    struct aim aim = {0};
    const char *close = strrchr(what, ']');
    const char *at = strchr(close, '@'), *under = strstr(close, "under \"");
    size_t n = (size_t)(close - what - 1), text = under ? strcspn(under + 7, "\"") : 0;
    if (n >= sizeof aim.label || text >= sizeof aim.under) {
        scene_fail(s, "a label that long does not exist");
        return;
    }
    memcpy(aim.label, what + 1, n);
    memcpy(aim.under, under ? under + 7 : "", text);
    aim.nth = at ? atoi(at + 1) : 0;
    const struct shown_button *b = NULL;
    struct spot at_it = {0};
    for (int i = 0; i < 2 && !b;
         i++) { /* what a group had before it moved is still there */
        at_it.chat = i ? place->before : place->id;
        if (at_it.chat)
            b = has_word(close + 1, "stale") ? button_past(s, aim.label, &at_it)
                                             : button_find(s, place, &aim, &at_it);
    }
    if (!b) {
        scene_fail(s, "no button [%s] to press in the chat of %s", aim.label, place->name);
        return;
    }
    int times = has_word(close + 1, "twice") ? 2 : 1;
    while (times-- > 0) {
        const char *wrong = rules_press(s->world.rules, s->world.now_ms, p->id, at_it.chat,
                                        at_it.message, b->data, NULL);
        if (wrong)
            scene_fail(s, "%s cannot press: %s", p->name, wrong);
    }
}

void act_press_raw(struct scene *s, struct player *p, const struct player *place,
                   const char *what)
{
    char data[512];
    const char *from = strchr(what, '"'), *to = strrchr(what, '"');
    const char *on = to ? strstr(to, " on ") : NULL;
    if (!from || to == from || !on || (size_t)(to - from) > sizeof data) {
        scene_fail(s, "expected: \"data\" on 17, or on @2");
        return;
    }
    memcpy(data, from + 1, (size_t)(to - from - 1));
    data[to - from - 1] = '\0';
    const char *id = on + 4;
    int64_t message = strtoll(id + (*id == '@'), NULL, 10);
    if (*id == '@') {
        const struct rules_message *m =
            rules_newest(s->world.rules, place->id, (int)(message < 1 ? 1 : message));
        message = m ? m->id : 0;
    }
    const struct rules_message *m = rules_message(s->world.rules, place->id, message);
    const char *wrong =
        rules_press(s->world.rules, s->world.now_ms, p->id, place->id, message, data, NULL);
    if (wrong)
        scene_fail(s, "%s cannot press: %s", p->name, wrong);
    p->foreign += place->owner && (!m || !m->from_bot);
}
