/* /top [day|week|month|all]: who has won what in a group.
 *
 * "p.TOKEN.PERIOD.PERSON": the group's token, a letter of `periods`, whose line stands
 * below the ten; "p.TOKEN.=" is the period that is shown. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/fold.h"
#include "bot/talk/battle.h"
#include "bot/talk/club.h"
#include "bot/talk/club_button.h"
#include "bot/talk/names.h"
#include "bot/talk/say.h"

enum { BEST = 10 };

static const struct period {
    enum board_period board;
    char code;
    const char *(*head)(const struct words *w);
    const char *(*button)(const struct words *w);
    const char *names[4]; /* as they are typed, folded */
} periods[] = {
    {BOARD_DAY, 'd', w_top_day, w_btn_day, {"day", "today", "день", "сегодня"}},
    {BOARD_WEEK, 'w', w_top_week, w_btn_week, {"week", "неделя", "неделю", "неделе"}},
    {BOARD_MONTH, 'm', w_top_month, w_btn_month, {"month", "месяц", "месяца", "месяце"}},
    {BOARD_ALL, 'a', w_top_all, w_btn_all_time, {"all", "все", "всего", "всех"}},
};
enum { PERIODS = sizeof periods / sizeof *periods };

static const struct period *by_name(struct turn *t, const char *args)
{
    const char *name = fold(t->arena, args);
    for (int i = 0; i < PERIODS; i++)
        for (int j = 0; j < 4; j++)
            if (strcmp(periods[i].names[j], name) == 0)
                return &periods[i];
    return &periods[BOARD_WEEK];
}

static void add_line(struct turn *t, struct buf *out, int64_t rank,
                     const struct board_line *l)
{
    const struct words *w = &t->words;
    buf_printf(out, "\n%" PRId64 ". %s — <b>%s</b> · %s", rank,
               name_shown(t->arena, l->name), points_shown(t, l->points),
               w_wins_of(w, l->wins, l->battles));
}

/* The ten best, and `person` below them when not among them. */
static enum err add_board(struct turn *t, const struct period *p, int64_t person,
                          struct buf *out, int *out_n)
{
    struct board_line line[BEST], own;
    int64_t rank = 0, better, from = battle_period(p->board, club_today(t));
    bool among = false;
    enum err e = board_best(t->db, t->arena, t->club.id, p->board, from, line, BEST, out_n);
    for (int i = 0; !e && i < *out_n; i++) {
        rank = i > 0 && line[i].points == line[i - 1].points ? rank : i + 1;
        among = among || line[i].person == person;
        add_line(t, out, rank, &line[i]);
    }
    if (e || among)
        return e;
    e = board_own(t->db, t->arena, t->club.id, p->board, from, person, &own, &better);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    buf_text(out, "\n…");
    add_line(t, out, better + 1, &own);
    return OK;
}

static void add_buttons(struct turn *t, const struct period *shown, int64_t person,
                        struct keyboard *k)
{
    const struct words *w = &t->words;
    uint64_t token = (uint64_t)t->club.token;
    for (int i = 0; i < PERIODS; i++) {
        const struct period *p = &periods[i];
        if (i % 2 == 0)
            keyboard_row(k);
        keyboard_button(k, p->button(w),
                        p == shown ? arena_printf(t->arena, "p.%016" PRIx64 ".=", token)
                                   : arena_printf(t->arena, "p.%016" PRIx64 ".%c.%" PRId64,
                                                  token, p->code, person));
        if (p == shown)
            keyboard_style(k, BUTTON_BLUE);
    }
}

static enum err view(struct turn *t, const struct period *p, int64_t person,
                     struct buf *html, struct keyboard *k)
{
    int n = 0;
    buf_printf(html, "🏆 <b>%s</b>\n", p->head(&t->words));
    enum err e = add_board(t, p, person, html, &n);
    add_buttons(t, p, person, k);
    if (e || n > 0)
        return e;
    buf_printf(html, "\n%s", w_top_nobody(&t->words));
    keyboard_row(k);
    keyboard_button(k, w_btn_battle_new(&t->words), battle_opens(t));
    keyboard_style(k, BUTTON_GREEN);
    return OK;
}

static enum err run_in_club(struct turn *t, const char *args)
{
    struct buf html = {0};
    struct keyboard k = {0};
    enum err e = view(t, by_name(t, args), t->update->user, &html, &k);
    if (!e)
        e = say(t, html.data, &k);
    buf_free(&html);
    return e;
}

static const struct period *by_code(const char *code, int64_t *out_person)
{
    enum { DIGITS = 15 };
    size_t n = code[0] && code[1] == '.' ? strspn(code + 2, "0123456789") : 0;
    if (n == 0 || n > DIGITS || code[2 + n])
        return NULL;
    *out_person = strtoll(code + 2, NULL, 10);
    for (int i = 0; i < PERIODS; i++)
        if (periods[i].code == code[0])
            return &periods[i];
    return NULL;
}

static enum err press_in_club(struct turn *t, const char *data)
{
    struct buf html = {0};
    struct keyboard k = {0};
    int64_t person;
    const char *code;
    enum err e = club_button_code(t, data, &code);
    if (e || !code || strcmp(code, "=") == 0)
        return e;
    const struct period *p = by_code(code, &person);
    if (!p) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    e = view(t, p, person, &html, &k);
    if (!e)
        e = say_here(t, html.data, &k);
    buf_free(&html);
    return e;
}

const struct feature cmd_top = {.name = "top",
                                .about = w_about_top,
                                .run_in_club = run_in_club,
                                .prefix = "p",
                                .press_in_club = press_in_club};
