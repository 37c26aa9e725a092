/* broadcast: its texts, the look at it, and its way to people.
 *
 *   WRITTEN ──both texts──▶ SHOWN ──[Send]──▶ RUNS ──nothing left──▶ OVER
 *      └───────[Cancel], ten minutes──┴──▶ OVER └──[Stop]──▶ STOPPED
 *
 * A bulk alarm makes a slice of its messages and sets itself again: the table of people is
 * the queue, the outbox only its head. Each is made in the transaction that moves `after`
 * behind its person, and is sent at most once. Who came after it began, does not want news,
 * pauses or sleeps gets none. It comes without a sound.
 *
 * "news.WHAT.TOKEN": same, cancel, send, stop; "news.off", "news.on" are everybody's. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bot/talk/broadcast.h"
#include "bot/talk/morning.h"
#include "bot/talk/outcome.h"
#include "bot/talk/pause.h"
#include "bot/talk/say.h"
#include "db/alarms.h"
#include "db/tally.h"

enum {
    UNITS_MAX = 3500, /* UTF-16, as Telegram counts: it takes 4,096 */
    MEANT_MS = 10 * 60 * 1000,
    LIVES_MS = 3600 * 1000,
    SLICE = 40,
    WAITING_MAX = 30, /* rows that wait for a person before a press adds none */
    TOKEN_HEX = 16,
};

const char *broadcast_data(struct turn *t, const struct broadcast *b, const char *what)
{
    return arena_printf(t->arena, "news.%s.%016" PRIx64, what, (uint64_t)b->token);
}

/* The operator's own, by the hex of its token; ERR_NOT_FOUND: none, or it is not theirs. */
static enum err own(struct turn *t, const char *hex, struct broadcast *out)
{
    if (strlen(hex) != TOKEN_HEX || strspn(hex, "0123456789abcdef") != TOKEN_HEX ||
        !is_operator(t->bot, t->update->user))
        return ERR_NOT_FOUND;
    enum err e = broadcast_by_token(t->db, t->arena, (int64_t)strtoull(hex, NULL, 16), out);
    return !e && out->operator!= t->update->user ? ERR_NOT_FOUND : e;
}

static enum err asks(struct turn *t, const char *asking)
{
    t->who.asking = asking;
    return learner_save(t->db, &t->who);
}

/* ---- the texts ---- */

static const char *asking(struct turn *t, const struct broadcast *b, const char *lang)
{
    return arena_printf(t->arena, "news:%s:%016" PRIx64, lang, (uint64_t)b->token);
}

/* Their next text answers nothing of this one; a newer draft may be waiting for it. */
static enum err asks_no_more(struct turn *t, const struct broadcast *b)
{
    const char *token = arena_printf(t->arena, "%016" PRIx64, (uint64_t)b->token);
    return t->who.asking && strstr(t->who.asking, token) ? asks(t, NULL) : OK;
}

static enum err ask_text(struct turn *t, const struct broadcast *b, const char *lang)
{
    struct keyboard k = {0};
    bool second = b->text[LANG_RU] != NULL;
    enum err e = asks(t, asking(t, b, lang));
    keyboard_row(&k);
    if (second)
        keyboard_button(&k, w_btn_news_same(&t->words), broadcast_data(t, b, "same"));
    keyboard_button(&k, w_btn_news_cancel(&t->words), broadcast_data(t, b, "cancel"));
    return e ? e
             : say(t,
                   second ? w_news_ask_en(&t->words)
                          : w_news_ask_ru(&t->words, (int64_t)UNITS_MAX),
                   &k);
}

enum err broadcast_ask(struct turn *t)
{
    struct broadcast b = {.token = turn_token(t)};
    bool runs;
    enum err e = broadcast_runs(t->db, &runs);
    if (e || runs)
        return e ? e : say(t, w_news_runs(&t->words), NULL);
    e = broadcast_add(t->db, t->update->user, b.token, t->now_ms + MEANT_MS);
    return e ? e : ask_text(t, &b, "ru");
}

/* Of what is shown, as Telegram counts. */
static int64_t units(const char *text)
{
    int64_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        n += ((*p & 0xc0) != 0x80) + (*p >= 0xf0);
    return n;
}

/* The message as it reaches a reader of that language. */
static enum err put(struct turn *t, const struct broadcast *b, enum lang lang,
                    struct speech s)
{
    const struct words w = {t->arena, lang};
    struct buf html = {0};
    struct keyboard k = {0};
    buf_escape(&html, b->text[lang]);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_news_off(&w), "news.off");
    s.html = html.data;
    s.keyboard = &k;
    enum err e = say_new(t, &s, NULL);
    buf_free(&html);
    return e;
}

static enum err show(struct turn *t, struct broadcast *b)
{
    struct tally n;
    struct keyboard k = {0};
    const struct speech seen = {.kind = KIND_REPLY, .silent = true};
    b->state = BROADCAST_SHOWN;
    b->until_ms = t->now_ms + MEANT_MS;
    enum err e = asks_no_more(t, b);
    if (!e)
        e = broadcast_save(t->db, b);
    if (!e)
        e = tally_read(t->db, &n);
    if (!e)
        e = put(t, b, LANG_RU, seen);
    if (!e && strcmp(b->text[LANG_RU], b->text[LANG_EN]) != 0)
        e = put(t, b, LANG_EN, seen);
    if (e)
        return e;
    keyboard_row(&k);
    keyboard_button(&k, w_btn_news_send(&t->words), broadcast_data(t, b, "send"));
    keyboard_style(&k, BUTTON_GREEN);
    keyboard_button(&k, w_btn_news_cancel(&t->words), broadcast_data(t, b, "cancel"));
    return say(t,
               w_news_is_ready(&t->words, n.readers[LANG_RU] + n.readers[LANG_EN],
                               n.readers[LANG_RU], n.readers[LANG_EN]),
               &k);
}

/* `what`: "ru:TOKEN" or "en:TOKEN". */
static enum err answer(struct turn *t, const char *what, const char *text)
{
    struct broadcast b;
    bool ru = strncmp(what, "ru:", 3) == 0;
    enum err e = strlen(what) > 3 ? own(t, what + 3, &b) : ERR_NOT_FOUND;
    bool gone = e == ERR_NOT_FOUND;
    if (e && !gone)
        return e;
    if (gone || b.state != BROADCAST_WRITTEN || b.until_ms <= t->now_ms) {
        e = asks(t, NULL);
        return e ? e : say(t, w_news_late(&t->words), NULL);
    }
    if (units(text) > UNITS_MAX)
        return say(t, w_news_long(&t->words, units(text), (int64_t)UNITS_MAX), NULL);
    b.text[ru ? LANG_RU : LANG_EN] = text;
    b.until_ms = t->now_ms + MEANT_MS;
    if (!ru)
        return show(t, &b);
    e = broadcast_save(t->db, &b);
    return e ? e : ask_text(t, &b, "en");
}

/* ---- its buttons ---- */

static enum err same(struct turn *t, struct broadcast *b)
{
    b->text[LANG_EN] = b->text[LANG_RU];
    return show(t, b);
}

static enum err cancel(struct turn *t, struct broadcast *b)
{
    enum err e = asks_no_more(t, b);
    if (!e)
        e = broadcast_end(t, b, BROADCAST_OVER);
    return e ? e : say_here(t, w_news_cancelled(&t->words), NULL);
}

static enum err begin(struct turn *t, struct broadcast *b)
{
    struct tally n;
    struct keyboard k = {0};
    bool runs;
    enum err e = broadcast_runs(t->db, &runs);
    if (!e)
        e = tally_read(t->db, &n);
    if (e || runs) {
        say_toast(t, w_toast_news_runs(&t->words));
        return e;
    }
    b->state = BROADCAST_RUNS;
    b->message = t->update->message;
    b->total = n.readers[LANG_RU] + n.readers[LANG_EN];
    b->told = 0;
    e = broadcast_save(t->db, b);
    if (!e)
        e = alarm_set(t->db, "news", b->id, t->now_ms, true);
    if (!e)
        e = alarm_set(t->db, "news-told", b->id, t->now_ms + BROADCAST_TOLD_MS, false);
    keyboard_row(&k);
    keyboard_button(&k, w_btn_news_stop(&t->words), broadcast_data(t, b, "stop"));
    return e ? e : say_here(t, broadcast_words(t, b), &k);
}

static enum err stop(struct turn *t, struct broadcast *b)
{
    b->state = BROADCAST_STOPPED;
    b->told = -1;
    enum err e = broadcast_save(t->db, b);
    if (!e)
        e = broadcast_recall(t->db, b->id);
    if (!e)
        e = alarm_drop(t->db, "news", b->id);
    if (!e)
        e = alarm_set(t->db, "news-told", b->id, t->now_ms + BROADCAST_TOLD_MS, false);
    return e ? e : say_here(t, broadcast_words(t, b), NULL);
}

/* Who presses faster than answers may be sent is answered by the toast alone. */
static enum err reader_press(struct turn *t, bool news)
{
    struct keyboard k = {0};
    bool crowded;
    enum err e = reader_set(t->db, t->update->user, news);
    if (!e && !news)
        e = reader_spare(t->db, t->update->user);
    if (!e)
        e = outbox_crowded(t->db, t->chat, WAITING_MAX, &crowded);
    if (e || crowded) {
        say_toast(t, news ? w_news_on(&t->words) : w_news_off(&t->words));
        return e;
    }
    keyboard_row(&k);
    keyboard_button(&k, w_btn_news_on(&t->words), "news.on");
    return news ? say(t, w_news_on(&t->words), NULL) : say(t, w_news_off(&t->words), &k);
}

static enum err press(struct turn *t, const char *data)
{
    static const struct {
        const char *what;
        enum broadcast_state in;
        enum err (*run)(struct turn *t, struct broadcast *b);
    } presses[] = {{"same.", BROADCAST_WRITTEN, same},
                   {"cancel.", BROADCAST_WRITTEN, cancel},
                   {"cancel.", BROADCAST_SHOWN, cancel},
                   {"send.", BROADCAST_SHOWN, begin},
                   {"stop.", BROADCAST_RUNS, stop}};
    struct broadcast b = {0};
    if (strcmp(data, "off") == 0 || strcmp(data, "on") == 0)
        return reader_press(t, data[1] == 'n');
    size_t n = strcspn(data, ".");
    enum err e = data[n] ? own(t, data + n + 1, &b) : ERR_NOT_FOUND;
    if (e && e != ERR_NOT_FOUND)
        return e;
    for (size_t i = 0; !e && i < sizeof presses / sizeof *presses; i++) {
        if (b.state != presses[i].in ||
            strncmp(data, presses[i].what, strlen(presses[i].what)) != 0 ||
            (presses[i].run == same && !b.text[LANG_RU]))
            continue;
        if (b.state == BROADCAST_RUNS || b.until_ms > t->now_ms)
            return presses[i].run(t, &b);
        say_toast(t, w_toast_news_late(&t->words));
        return OK;
    }
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

/* ---- its way ---- */

static enum err to_reader(struct turn *t, const struct broadcast *b, const struct reader *r)
{
    if (!r->news || r->news_from >= b->id)
        return OK;
    enum err e = turn_load(t, r->id);
    if (e || !t->known || t->who.asleep || learner_paused(t))
        return e;
    return put(t, b, t->words.lang,
               (struct speech){.kind = KIND_NUDGE,
                               .silent = true,
                               .expires_ms = t->now_ms + LIVES_MS,
                               .told = arena_printf(t->arena, "news.%" PRId64, b->id)});
}

static enum err ring(struct turn *t, int64_t id)
{
    struct broadcast b;
    struct reader r[SLICE];
    int n;
    enum err e = broadcast_find(t->db, t->arena, id, &b);
    if (e || b.state != BROADCAST_RUNS || !is_operator(t->bot, b.operator))
        return e == ERR_NOT_FOUND ? OK : e; /* who is no operator any more is told so */
    e = readers(t->db, b.after, r, SLICE, &n);
    t->class = CLASS_BULK;
    for (int i = 0; !e && i < n; i++)
        e = to_reader(t, &b, &r[i]);
    if (e)
        return e;
    b.walked += n;
    b.after = n < SLICE ? INT64_MAX : r[n - 1].id;
    e = broadcast_save(t->db, &b);
    return e || n < SLICE ? e : alarm_set(t->db, "news", id, t->now_ms, true);
}

/* A slice that cannot be made: the rest gets nothing, and the operator sees it. */
static enum err give_up(struct turn *t, int64_t id)
{
    struct broadcast b;
    enum err e = broadcast_find(t->db, t->arena, id, &b);
    if (e || b.state != BROADCAST_RUNS)
        return e == ERR_NOT_FOUND ? OK : e;
    b.state = BROADCAST_STOPPED;
    return broadcast_save(t->db, &b);
}

static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    return o->fate == FATE_SENT ? broadcast_sent(t->db, strtoll(data, NULL, 10)) : OK;
}

const struct feature broadcast_feature = {.prefix = "news",
                                          .press = press,
                                          .told = told,
                                          .asks = "news",
                                          .answer = answer,
                                          .alarm = "news",
                                          .ring = ring,
                                          .give_up = give_up};
