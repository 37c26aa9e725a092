/* What must have been said. After a breakage the promise of README "Delivery" is the
 * measure: state exactly once, at most one extra copy a chat, toasts may be missing, a
 * nudge may be missing; nothing else may differ. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "tests/scene_state.h"

/* How long an expected line may take: pacing, and after a breakage the bot's own waits. */
enum { PATIENCE_MS = 2000, BROKEN_PATIENCE_MS = 180000, LINGER_MS = 60000 };

static void rows_sync(struct scene *s)
{
    size_t n = rules_ledger_count(s->world.rules);
    if (n <= s->seen_n)
        return;
    s->seen = realloc(s->seen, n * sizeof *s->seen);
    if (!s->seen)
        abort();
    memset(s->seen + s->seen_n, 0, (n - s->seen_n) * sizeof *s->seen);
    s->seen_n = n;
}

static bool is_message(const struct rules_row *row)
{
    return row->status == 200 && (row->kind == ROW_SENT || row->kind == ROW_EDITED);
}

static bool is_toast(const struct rules_row *row)
{
    return row->status == 200 && row->kind == ROW_TOAST && *row->shown.text;
}

/* Whether it was said there; a group that has moved is the same one. */
static bool row_in(const struct rules_row *row, const struct player *p)
{
    return row->chat == p->id || (p->before && row->chat == p->before);
}

/* The first row that no line has dealt with; p NULL: anywhere. -1: none. */
static long unseen(struct scene *s, bool is(const struct rules_row *),
                   const struct player *p)
{
    rows_sync(s);
    for (size_t i = 0; i < s->seen_n; i++) {
        const struct rules_row *row = rules_ledger(s->world.rules, i);
        if (!s->seen[i] && is(row) && (!p || row_in(row, p)))
            return (long)i;
    }
    return -1;
}

static bool is_poll(const struct rules_row *row)
{
    return !strcmp(row->method, "sendPoll");
}

/* What is compared: of a poll its question and its options, a line each, in `hold`. */
static struct shown said_in(const struct rules_row *row, struct buf *hold)
{
    struct shown said = row->shown;
    if (!is_poll(row))
        return said;
    struct cJSON *body = json_parse(row->body, strlen(row->body));
    buf_text(hold, said.text);
    for (const struct cJSON *o = json_first(json_at(body, "options")); o;
         o = json_next(o)) {
        const char *option = json_text(o, "text");
        buf_printf(hold, "\n%s", option ? option : "");
    }
    said.text = hold->data;
    json_free(body);
    return said;
}

static bool same_shown(const struct shown *a, const struct shown *b)
{
    return !strcmp(a->text, b->text) && !strcmp(a->entities, b->entities) &&
           !strcmp(a->markup, b->markup);
}

/* How many extra copies this run may still show in the chat. */
static int copies_left(const struct scene *s, const struct player *p)
{
    enum breakage b = s->options->break_as;
    bool sure = b == BREAK_NOTHING || b == BREAK_COMMIT || b == BREAK_REFUSE;
    return (sure ? 0 : 1) + s->kills - p->copies;
}

/* Whether a row that nobody expected is what the promise allows. */
static bool forgiven(struct scene *s, size_t at)
{
    const struct rules_row *row = rules_ledger(s->world.rules, at);
    struct player *p = scene_player_of(s, row->chat);
    if (!scene_broken(s) || !p)
        return false;
    if (row->kind == ROW_EDITED)
        return (row->message == p->first || row->message == p->second) &&
               row->shown.buttons == 0;
    for (size_t i = at; i-- > 0;) {
        const struct rules_row *old = rules_ledger(s->world.rules, i);
        if (old->kind != ROW_SENT || old->status != 200 || old->chat != row->chat ||
            !same_shown(&old->shown, &row->shown))
            continue;
        if (copies_left(s, p) < 1)
            return false;
        p->copies++;
        p->first = old->message;
        p->second = row->message;
        return true;
    }
    return false;
}

static void say_row(const struct scene *s, const struct rules_row *row, struct buf *out)
{
    const struct player *p = scene_player_of((struct scene *)s, row->chat);
    struct buf hold = {0};
    const struct shown said = said_in(row, &hold);
    buf_printf(out, "\n    said %s %s: %s> ", p && p->owner ? "in" : "to",
               p ? p->name : "nobody",
               row->kind == ROW_TOAST    ? "toast"
               : row->kind == ROW_EDITED ? "bot edits"
               : is_poll(row)            ? "bot polls"
                                         : "bot");
    match_write(out, &said);
    buf_free(&hold);
}

static void fail_expected(struct scene *s, const char *head, const char *pattern, long at)
{
    struct buf b = {0};
    if (at >= 0)
        say_row(s, rules_ledger(s->world.rules, (size_t)at), &b);
    scene_fail(s, "expected: %s> %s%s", head, pattern,
               at >= 0 ? b.data : "\n    said: nothing");
    buf_free(&b);
}

/* Lets the next event happen, at the latest at `end`. False: nothing more before it. */
static bool time_passes(struct scene *s, int64_t end)
{
    int64_t next = world_next_ms(&s->world);
    if (*s->world.trouble || next > end)
        return false;
    scene_pass(s, next > s->world.now_ms ? next : s->world.now_ms);
    return true;
}

/* Asked anew each time: the breakage may happen while a line waits. */
static int64_t patience(const struct scene *s)
{
    return scene_broken(s) ? BROKEN_PATIENCE_MS : PATIENCE_MS;
}

/* The row that the line speaks of: the next one in the chat. After a breakage it may have
 * been overtaken (a question whose fate is unknown waits 45 s outside its lane). */
static long fitting(struct scene *s, const struct player *p, struct match *m, int flags)
{
    if (scene_broken(s))
        match_loosen(m);
    long first = unseen(s, is_message, p);
    for (size_t i = first < 0 ? s->seen_n : (size_t)first; i < s->seen_n; i++) {
        const struct rules_row *row = rules_ledger(s->world.rules, i);
        if (s->seen[i] || !is_message(row) || !row_in(row, p))
            continue;
        struct buf hold = {0};
        const struct shown said = said_in(row, &hold);
        bool fits = match_shown(m, &said) && is_poll(row) == !!(flags & EXPECT_POLL) &&
                    !((flags & EXPECT_EDIT) && row->kind != ROW_EDITED);
        buf_free(&hold);
        if (fits)
            return (long)i;
        if (!scene_broken(s))
            break;
    }
    return -1;
}

void expect_message(struct scene *s, struct player *p, const char *pattern, int flags)
{
    int64_t from = s->world.now_ms;
    struct match m;
    long at = -1;
    if (!match_parse(pattern, &m)) {
        scene_fail(s, "too many buttons in one line");
        return;
    }
    for (bool more = true; more;) {
        at = fitting(s, p, &m, flags);
        more = at < 0 && (scene_broken(s) || unseen(s, is_message, p) < 0) &&
               time_passes(s, from + patience(s));
    }
    if (at >= 0) {
        s->seen[at] = true;
    } else if (!((flags & EXPECT_MAY_MISS) && scene_broken(s))) {
        char head[64];
        snprintf(head, sizeof head, "bot%s%s%s",
                 flags & EXPECT_EDIT   ? " edits"
                 : flags & EXPECT_POLL ? " polls"
                                       : "",
                 p->owner ? " in " : "", p->owner ? p->name : "");
        fail_expected(s, head, pattern, unseen(s, is_message, p));
    }
    match_free(&m);
}

/* After a breakage a toast may be late or missing. */
static void owe_toast(struct scene *s, const char *pattern)
{
    if (s->owed_n == OWED_MAX)
        return;
    s->owed[s->owed_n] = strdup(pattern);
    if (!s->owed[s->owed_n++])
        abort();
}

static bool toast_owed(struct scene *s, const char *text)
{
    for (int i = 0; i < s->owed_n; i++)
        if (match_text(s->owed[i], text))
            return true;
    return false;
}

void expect_toast(struct scene *s, const char *pattern)
{
    long at = unseen(s, is_toast, s->place);
    const char *said = at < 0 ? NULL : rules_ledger(s->world.rules, (size_t)at)->shown.text;
    if (said && match_text(pattern, said))
        s->seen[at] = true;
    else if (scene_broken(s)) /* what came instead must fit another line */
        owe_toast(s, pattern);
    else
        fail_expected(s, "toast", pattern, at);
}

void expect_toasts(struct scene *s, const char *pattern)
{
    long at;
    do {
        at = unseen(s, is_toast, s->place);
        expect_toast(s, pattern);
    } while (at >= 0 && s->seen[at] && unseen(s, is_toast, s->place) >= 0);
    if (scene_broken(s))
        owe_toast(s, pattern);
}

static bool is_refusal(const struct rules_row *row)
{
    return row->status >= 400;
}

/* The first refusal that no line has dealt with; after a breakage, which may bring others
 * of its own, the first that fits. -1: none. */
static long refusal_like(struct scene *s, const char *pattern)
{
    rows_sync(s);
    for (size_t i = 0; i < s->seen_n; i++) {
        const struct rules_row *row = rules_ledger(s->world.rules, i);
        if (!s->seen[i] && is_refusal(row) &&
            (!scene_broken(s) || match_text(pattern, row->description)))
            return (long)i;
    }
    return -1;
}

void expect_refusal(struct scene *s, const char *pattern)
{
    long at;
    int64_t from = s->world.now_ms;
    while ((at = refusal_like(s, pattern)) < 0 && scene_broken(s) &&
           time_passes(s, from + patience(s)))
        ;
    const char *said = at < 0 ? "nothing was refused"
                              : rules_ledger(s->world.rules, (size_t)at)->description;
    if (at >= 0 && match_text(pattern, said))
        s->seen[at] = true;
    else if (!scene_broken(s))
        scene_fail(s, "expected: refused> %s\n    said: %s", pattern, said);
}

/* A bot that says what Telegram refuses, or what it would show broken, has failed. 403 is
 * the people's doing; "too old" is ignored by design; a repeated edit is, after trouble. */
static void check_manners(struct scene *s)
{
    rows_sync(s);
    for (; s->checked < s->seen_n; s->checked++) {
        const struct rules_row *row = rules_ledger(s->world.rules, s->checked);
        bool repeat = strstr(row->description, "message is not modified") != NULL;
        if (row->status == 200 && row->shown.dropped)
            scene_fail(s, "Telegram silently drops formatting of: %s", row->body);
        if (row->status < 400 || row->status == 403 || row->fault || s->seen[s->checked] ||
            strstr(row->description, "query is too old") ||
            (repeat && (s->disturbed || scene_broken(s))))
            continue;
        scene_fail(s, "Telegram refused %s: %s\n    body: %s", row->method,
                   row->description, row->body);
    }
}

void expect_nothing_left(struct scene *s)
{
    if (s->options->linger && scene_broken(s) && !s->lingered) {
        s->lingered = true;
        scene_pass(s, s->world.now_ms + LINGER_MS);
    }
    long at;
    while (!s->failed && (at = unseen(s, is_message, NULL)) >= 0) {
        s->seen[at] = true;
        if (!forgiven(s, (size_t)at)) {
            struct buf b = {0};
            say_row(s, rules_ledger(s->world.rules, (size_t)at), &b);
            scene_fail(s, "before this line something was said that no line expects%s",
                       b.data);
            buf_free(&b);
        }
    }
    while (!s->failed && (at = unseen(s, is_toast, NULL)) >= 0) {
        const char *text = rules_ledger(s->world.rules, (size_t)at)->shown.text;
        s->seen[at] = true;
        if (!toast_owed(s, text))
            scene_fail(s, "before this line a toast came that no line expects: toast> %s",
                       text);
    }
    if (!s->failed && s->actor && !s->disturbed && !scene_broken(s) &&
        rules_spinners(s->world.rules, s->actor->id) > s->actor->foreign)
        scene_fail(s, "a press of %s was never answered: the button spins", s->actor->name);
    if (!s->failed)
        check_manners(s);
}

void expect_silence(struct scene *s)
{
    scene_pass(s, s->world.now_ms + PATIENCE_MS);
    expect_nothing_left(s);
}

static bool is_said(const struct rules_row *row)
{
    return is_message(row) || is_toast(row);
}

void record_rest(struct scene *s)
{
    long at;
    scene_pass(s, s->world.now_ms + PATIENCE_MS);
    while ((at = unseen(s, is_said, NULL)) >= 0) {
        const struct rules_row *row = rules_ledger(s->world.rules, (size_t)at);
        const struct player *p = scene_player_of(s, row->chat);
        s->seen[at] = true;
        struct buf hold = {0};
        const struct shown said = said_in(row, &hold);
        const char *polls = is_poll(row) ? " polls" : "";
        if (row->kind == ROW_TOAST)
            buf_text(&s->script, "toast> ");
        else if (p && p->owner)
            buf_printf(&s->script, "bot%s in %s> ", polls, p->name);
        else if (p != s->place)
            buf_printf(&s->script, "bot%s to %s> ", polls, p ? p->name : "nobody");
        else
            buf_printf(&s->script, "bot%s> ", polls);
        match_write(&s->script, &said);
        buf_text(&s->script, "\n");
        buf_free(&hold);
    }
}

bool record_keeps(struct scene *s, const struct player *p, const char *pattern)
{
    struct match m;
    scene_pass(s, s->world.now_ms + PATIENCE_MS);
    long at = unseen(s, p ? is_message : is_toast, p ? p : s->place);
    bool fits = at >= 0 && match_parse(pattern, &m);
    if (!fits)
        return false;
    struct buf hold = {0};
    const struct shown said = said_in(rules_ledger(s->world.rules, (size_t)at), &hold);
    fits = p ? match_shown(&m, &said) : match_text(pattern, said.text);
    buf_free(&hold);
    match_free(&m);
    s->seen[at] = fits;
    return fits;
}
