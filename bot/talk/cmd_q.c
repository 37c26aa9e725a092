/* /q django-models: that one question, at once. The number in content/ids.tsv does as well;
 * what is no question's gets the nearest three. In a group the answer opens in private.
 * Buttons: "q.NUMBER", in groups "q.TOKEN.NUMBER" with the group's token. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/talk/club_button.h"
#include "bot/talk/club_question.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "db/bank.h"

enum { ID_MAX_BYTES = 128, NUMBER_DIGITS = 9, NEAR = 3, FAR = 128 };

/* ERR_NOT_FOUND: no number. */
static enum err by_number(struct turn *t, const char *text, struct bank_question *out)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > NUMBER_DIGITS || text[n])
        return ERR_NOT_FOUND;
    return bank_question(t->db, t->arena, strtoll(text, NULL, 10), out);
}

/* How far `id` is from what was asked: not at all when it holds it. */
static int distance(const char *asked, const char *id)
{
    return *asked && strstr(id, asked) ? 0 : 1 + fold_distance(asked, id, FAR);
}

/* In any case, with blanks for dashes. ERR_NOT_FOUND: near[0..*near_n) are the nearest. */
static enum err by_id(struct turn *t, const char *text, struct bank_question *out,
                      struct bank_id near[NEAR], int *near_n)
{
    struct bank_id *ids = arena_alloc(t->arena, BANK_IDS_MAX * sizeof *ids);
    int n, away[NEAR];
    const char *asked = fold(t->arena, text);
    enum err e = bank_ids(t->db, t->arena, ids, BANK_IDS_MAX, &n);
    *near_n = 0;
    for (int i = 0; !e && i < n; i++) {
        const char *id = fold(t->arena, ids[i].id);
        if (strcmp(id, asked) == 0)
            return bank_question(t->db, t->arena, ids[i].num, out);
        int typos = distance(asked, id), at = *near_n;
        for (; at > 0 && away[at - 1] > typos; at--)
            if (at < NEAR) {
                away[at] = away[at - 1];
                near[at] = near[at - 1];
            }
        if (at == NEAR)
            continue;
        away[at] = typos;
        near[at] = ids[i];
        *near_n += *near_n < NEAR;
    }
    return e ? e : ERR_NOT_FOUND;
}

static enum err refuse(struct turn *t, const struct bank_id *near, int n,
                       const char *prefix)
{
    struct keyboard k = {0};
    for (int i = 0; i < n; i++) {
        keyboard_row(&k);
        keyboard_button(&k, near[i].id,
                        arena_printf(t->arena, "%s.%" PRId64, prefix, near[i].num));
    }
    return say(t, w_q_unknown(&t->words), &k);
}

/* A retired one gives way to what took its place. */
static enum err open_question(struct turn *t, struct bank_question *q)
{
    enum err e = OK;
    if (q->retired)
        e = q->instead ? bank_question(t->db, t->arena, q->instead, q) : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? say(t, w_question_gone(&t->words), NULL) : e;
    return t->club.id ? club_question_say(t, q->num, 0, NULL) : serve_question(t, q->num);
}

static enum err ask(struct turn *t, const char *args, const char *prefix)
{
    struct bank_question q;
    struct bank_id near[NEAR];
    int near_n;
    if (!*args)
        return say(t, w_q_how(&t->words), NULL);
    if (strlen(args) > ID_MAX_BYTES)
        args = "?";
    enum err e = by_number(t, args, &q);
    if (e == ERR_NOT_FOUND) /* retired ones too */
        e = bank_question_by_id(t->db, t->arena, args, &q);
    if (e == ERR_NOT_FOUND)
        e = by_id(t, args, &q, near, &near_n);
    if (e == ERR_NOT_FOUND)
        return refuse(t, near, near_n, prefix);
    return e ? e : open_question(t, &q);
}

static enum err run(struct turn *t, const char *args)
{
    return ask(t, args, "q");
}

static enum err run_in_club(struct turn *t, const char *args)
{
    return ask(t, args, club_button_prefix(t, "q"));
}

static enum err press(struct turn *t, const char *data)
{
    struct bank_question q;
    enum err e = by_number(t, data, &q);
    if (e == ERR_NOT_FOUND) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    return e ? e : open_question(t, &q);
}

static enum err press_in_club(struct turn *t, const char *data)
{
    const char *code;
    enum err e = club_button_code(t, data, &code);
    return e || !code ? e : press(t, code);
}

const struct feature cmd_q = {.name = "q",
                              .about = w_about_q,
                              .about_in_club = w_about_q_club,
                              .run = run,
                              .run_in_club = run_in_club,
                              .prefix = "q",
                              .press = press,
                              .press_in_club = press_in_club};
