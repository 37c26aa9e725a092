/* battle_view: how a battle looks: the lobby, a question, the answer, the podium. */
#include <inttypes.h>
#include <string.h>

#include "bot/base/json.h"
#include "bot/talk/battle.h"
#include "bot/talk/names.h"
#include "bot/talk/say.h"
#include "bot/talk/topics.h"

enum { NAMES_MAX = 20, STANDINGS = 5, PODIUM = 10, WHY_MAX = 200 };

const char *battle_data(struct turn *t, int64_t token, const char *code)
{
    return arena_printf(t->arena, "b.%016" PRIx64 ".%s", (uint64_t)token, code);
}

const char *battle_opens(struct turn *t)
{
    return battle_data(t, t->club.token, "n");
}

const char *battle_title(struct turn *t, const struct battle *b)
{
    struct bank_topic topic;
    if (b->topic && bank_topic(t->db, t->arena, b->topic, &topic) == OK)
        return topic_title(t, &topic);
    return w_all_topics(&t->words);
}

static const char *shown(struct turn *t, const char *name)
{
    return name_shown(t->arena, *name ? name : w_somebody(&t->words));
}

/* "Анна, John и ещё 3" */
static enum err add_players(struct turn *t, const struct battle *b, struct buf *out,
                            int *out_all)
{
    struct seat *s = arena_alloc(t->arena, NAMES_MAX * sizeof *s);
    int n, active;
    enum err e = seats(t->db, t->arena, b->id, b->chat, s, NAMES_MAX, &n);
    if (!e)
        e = seats_count(t->db, b->id, out_all, &active);
    for (int i = 0; !e && i < n; i++)
        buf_printf(out, "%s%s", i ? ", " : "", shown(t, s[i].name));
    if (!e && *out_all > n)
        buf_text(out, w_and_more(&t->words, *out_all - n));
    return e;
}

enum err battle_lobby_view(struct turn *t, const struct battle *b, const char *line,
                           const char **out_html, struct keyboard *k)
{
    struct buf names = {0};
    const struct words *w = &t->words;
    int all = 0;
    enum err e = add_players(t, b, &names, &all);
    if (!line)
        line = all < 2 ? w_battle_waits(w) : w_battle_soon(w);
    else
        k = NULL;
    *out_html = w_battle_lobby(w, battle_title(t, b), w_rounds(w, b->rounds),
                               names.len ? names.data : "", line);
    buf_free(&names);
    if (e || !k)
        return e;
    keyboard_row(k);
    keyboard_button(k, w_btn_join(w), battle_data(t, b->token, "j"));
    keyboard_style(k, BUTTON_GREEN);
    keyboard_row(k);
    keyboard_button(k, w_btn_start_now(w), battle_data(t, b->token, "s"));
    keyboard_button(k, w_btn_cancel(w), battle_data(t, b->token, "x"));
    return OK;
}

/* ---- a question ---- */

/* Told about the round: "b.r.<its id>". */
static const char *told(struct turn *t, const struct round *r)
{
    return arena_printf(t->arena, "b.r.%" PRId64, r->id);
}

static enum err ask_by_poll(struct turn *t, const struct battle *b, struct round *r,
                            const struct quiz *quiz, int64_t expires_ms)
{
    struct keyboard k = {0};
    const char *option[BATTLE_OPTIONS];
    for (int i = 0; i < BATTLE_OPTIONS; i++)
        option[i] = quiz->option[battle_option_at(r->options, i)];
    keyboard_button(&k, w_btn_skip_round(&t->words),
                    battle_data(t, b->token, arena_printf(t->arena, "k.%" PRId64, r->id)));
    return say_poll(
        t,
        &(struct poll_of_quiz){.question = arena_printf(t->arena, "%d/%d · %s", r->number,
                                                        b->rounds, quiz->ask),
                               .option = option,
                               .options = BATTLE_OPTIONS,
                               .key = r->key,
                               .why = quiz->why_html,
                               .about = quiz->code_html,
                               .open_s = (int)(r->limit_ms / 1000),
                               .keyboard = &k},
        expires_ms, told(t, r), &r->post);
}

/* Options that fit on half a row of buttons stand there themselves: "1) 2" confuses. */
static bool options_brief(const struct quiz *quiz)
{
    enum { HALF_ROW = 16 };
    for (int i = 0; i < BATTLE_OPTIONS; i++) {
        if (utf8_length(quiz->option[i]) > HALF_ROW)
            return false;
    }
    return true;
}

/* Lives as long as any reply, so that it is sent again when its answer is lost. */
static enum err ask_by_buttons(struct turn *t, const struct battle *b, struct round *r,
                               const struct quiz *quiz)
{
    struct keyboard k = {0};
    struct buf html = {0};
    buf_printf(&html, "%d/%d · <b>", r->number, b->rounds);
    buf_escape(&html, quiz->ask);
    buf_text(&html, "</b>\n");
    buf_text(&html, quiz->code_html);
    bool brief = options_brief(quiz);
    for (int i = 0; i < BATTLE_OPTIONS; i++) {
        const char *option = quiz->option[battle_option_at(r->options, i)];
        if (!brief)
            buf_printf(&html, "\n%d) ", i + 1);
        if (!brief)
            buf_escape(&html, option);
        if (brief && i % 2 == 0)
            keyboard_row(&k);
        keyboard_button(
            &k, brief ? option : arena_printf(t->arena, "%d", i + 1),
            battle_data(t, b->token, arena_printf(t->arena, "o.%" PRId64 ".%d", r->id, i)));
    }
    buf_text(&html, brief ? "\n" : "\n\n");
    buf_text(&html, w_battle_seconds(&t->words, r->limit_ms / 1000));
    keyboard_row(&k);
    keyboard_button(&k, w_btn_skip_round(&t->words),
                    battle_data(t, b->token, arena_printf(t->arena, "k.%" PRId64, r->id)));
    enum err e = say_new(t,
                         &(struct speech){.kind = KIND_REPLY,
                                          .html = html.data,
                                          .keyboard = &k,
                                          .silent = true,
                                          .told = told(t, r)},
                         &r->post);
    buf_free(&html);
    return e;
}

enum err battle_ask(struct turn *t, const struct battle *b, struct round *r,
                    const struct quiz *quiz, int64_t expires_ms)
{
    return b->buttons ? ask_by_buttons(t, b, r, quiz)
                      : ask_by_poll(t, b, r, quiz, expires_ms);
}

/* ---- the answer ---- */

/* Alone with the bot nobody needs a name. */
static const char *voter(struct turn *t, const struct battle *b, const struct vote *v)
{
    return b->chat > 0 ? "" : shown(t, v->name);
}

/* Who was right with what it brought, then who was wrong. */
static enum err add_votes(struct turn *t, const struct battle *b, const struct round *r,
                          struct buf *out)
{
    struct vote *v = arena_alloc(t->arena, SEATS_MAX * sizeof *v);
    int n, right = 0, wrong = 0;
    struct buf hits = {0}, misses = {0};
    enum err e = votes(t->db, t->arena, r->id, b->chat, v, SEATS_MAX, &n);
    for (int i = 0; !e && i < n; i++) {
        const char *name = voter(t, b, &v[i]);
        if (v[i].hit && right++ < NAMES_MAX)
            buf_printf(&hits, "%s%s%s+%d", right > 1 ? " · " : "", name, *name ? " " : "",
                       v[i].points);
        if (!v[i].hit && wrong++ < NAMES_MAX)
            buf_printf(&misses, "%s%s", wrong > 1 ? " · " : "", name);
    }
    if (right > NAMES_MAX)
        buf_text(&hits, w_and_more(&t->words, right - NAMES_MAX));
    if (wrong > NAMES_MAX)
        buf_text(&misses, w_and_more(&t->words, wrong - NAMES_MAX));
    if (hits.len)
        buf_printf(out, "\n\n✅ %s", hits.data);
    if (wrong)
        buf_printf(out, "%s❌ %s", hits.len ? "\n" : "\n\n", misses.len ? misses.data : "");
    if (!right && !wrong)
        buf_printf(out, "\n\n%s", w_battle_no_answers(&t->words));
    buf_free(&hits);
    buf_free(&misses);
    return e;
}

static struct battle_score *scores(struct turn *t, const struct battle *b, int max,
                                   int *out_n, enum err *out_e)
{
    struct seat *s = arena_alloc(t->arena, SEATS_MAX * sizeof *s);
    struct battle_score *out = arena_alloc(t->arena, SEATS_MAX * sizeof *out);
    int n;
    *out_e = seats(t->db, t->arena, b->id, b->chat, s, SEATS_MAX, &n);
    for (int i = 0; i < n; i++)
        out[i] = (struct battle_score){.person = s[i].person,
                                       .points = s[i].points,
                                       .hits = s[i].hits,
                                       .name = s[i].name};
    battle_rank(out, n);
    *out_n = n < max ? n : max;
    return out;
}

static enum err add_standings(struct turn *t, const struct battle *b, struct buf *out)
{
    enum err e;
    int n;
    const struct battle_score *s = scores(t, b, STANDINGS, &n, &e);
    if (b->chat > 0 || n < 1 || s[0].points == 0)
        return e;
    buf_text(out, "\n");
    for (int i = 0; i < n; i++)
        buf_printf(out, "\n%d. %s — %s", s[i].rank, shown(t, s[i].name),
                   points_shown(t, s[i].points));
    return e;
}

enum err battle_reveal(struct turn *t, const struct battle *b, const struct round *r,
                       bool skipped)
{
    struct quiz quiz;
    struct keyboard k = {0};
    struct buf html = {0};
    const struct words *w = &t->words;
    enum err e = quiz_find(t->db, t->arena, r->question, b->lang, &quiz);
    if (e == ERR_NOT_FOUND) /* a new bank lacks it */
        return OK;
    if (e)
        return e;
    if (skipped)
        buf_printf(&html, "%s\n", w_battle_skipped(w));
    buf_text(&html, w_battle_right(w, quiz.option[quiz.right]));
    buf_printf(&html, "\n%s", quiz.why_html);
    e = add_votes(t, b, r, &html);
    if (!e)
        e = add_standings(t, b, &html);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_report(w),
                    battle_data(t, b->token, arena_printf(t->arena, "f.%" PRId64, r->id)));
    keyboard_button(&k, w_btn_stop_battle(w), battle_data(t, b->token, "x"));
    if (!e)
        e = say_new(
            t,
            &(struct speech){
                .kind = KIND_REPLY, .html = html.data, .keyboard = &k, .silent = true},
            NULL);
    buf_free(&html);
    return e;
}

/* ---- the podium ---- */

const char *points_shown(struct turn *t, int64_t n)
{
    int64_t high = n / 1000, low = n % 1000;
    return high == 0 ? arena_printf(t->arena, "%" PRId64, n)
                     : arena_printf(t->arena, "%s\u202f%03" PRId64, points_shown(t, high),
                                    low < 0 ? -low : low);
}

static const char *picture(struct turn *t, const struct battle *b,
                           const struct battle_score *s, int n, int all)
{
    struct buf json = {0};
    struct json_out o = {.buf = &json};
    const struct words *w = &t->words;
    jo_open(&o, NULL, '{');
    jo_text(&o, "drawing", "podium");
    jo_text(&o, "title", w_podium_title(w, battle_title(t, b)));
    jo_text(&o, "subtitle", w_podium_subtitle(w, w_rounds(w, b->round), w_players(w, all)));
    jo_open(&o, "players", '[');
    for (int i = 0; i < n; i++) {
        jo_open(&o, NULL, '{');
        jo_text(&o, "name", name_plain(t->arena, *s[i].name ? s[i].name : w_somebody(w)));
        jo_text(&o, "points", points_shown(t, s[i].points));
        jo_text(&o, "note", w_of_rounds(w, s[i].hits, b->round));
        jo_close(&o, '}');
    }
    jo_close(&o, ']');
    jo_close(&o, '}');
    const char *out = arena_text(t->arena, json.data, json.len);
    buf_free(&json);
    return out;
}

static void add_places(struct turn *t, const struct battle *b, const struct battle_score *s,
                       int n, struct buf *out)
{
    static const char *const medal[] = {"", "🥇", "🥈", "🥉"};
    for (int i = 0; i < n; i++) {
        if (s[i].rank <= 3)
            buf_printf(out, "\n%s ", medal[s[i].rank]);
        else
            buf_printf(out, "\n%d. ", s[i].rank);
        buf_printf(out, "%s — <b>%s</b> · %s", shown(t, s[i].name),
                   points_shown(t, s[i].points),
                   w_of_rounds(&t->words, s[i].hits, b->round));
    }
}

enum err battle_podium(struct turn *t, const struct battle *b, bool pictured)
{
    struct keyboard k = {0};
    struct buf html = {0};
    const struct words *w = &t->words;
    enum err e;
    int n, all = 0, active;
    const struct battle_score *s = scores(t, b, PODIUM, &n, &e);
    if (!e)
        e = seats_count(t->db, b->id, &all, &active);
    bool points = n > 0 && s[0].points > 0, group = b->chat < 0;
    pictured = pictured && group && points;
    if (e)
        return e;
    buf_text(&html, b->silent > 1 ? w_battle_over_silent(w)
                                  : w_battle_over(w, battle_title(t, b)));
    if (!group)
        buf_printf(&html, "\n\n%s",
                   w_practice_result(w, n ? s[0].hits : 0, b->round,
                                     points_shown(t, n ? s[0].points : 0)));
    else if (!points)
        buf_printf(&html, "\n\n%s", w_battle_no_points(w));
    else {
        buf_text(&html, "\n");
        add_places(t, b, s, n, &html);
    }
    keyboard_button(&k, w_btn_again_battle(w), battle_data(t, b->token, "a"));
    keyboard_style(&k, BUTTON_GREEN);
    e = say_new(t,
                &(struct speech){.kind = KIND_REPLY,
                                 .html = html.data,
                                 .keyboard = &k,
                                 .picture = pictured ? picture(t, b, s, n, all) : NULL,
                                 .told = pictured
                                             ? arena_printf(t->arena, "b.p.%" PRId64, b->id)
                                             : NULL},
                NULL);
    buf_free(&html);
    return e;
}
