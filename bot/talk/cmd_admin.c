/* /admin: how the bot and its people are, for operators; one message, edited in place.
 * Nothing is counted for it: see db/tally.h and db/desk.h. "a.WHAT": u anew, r the reports,
 * b a broadcast. */
#include <string.h>

#include "bot/study/date.h"
#include "bot/talk/broadcast.h"
#include "bot/talk/menu.h"
#include "bot/talk/say.h"
#include "db/bank.h"
#include "db/desk.h"
#include "db/records.h"
#include "db/tally.h"

extern const struct feature cmd_reports;

enum { REPORTS_MAX = 20, KB = 1024, MB = 1024 * KB };

static const char *size_show(struct turn *t, int64_t bytes)
{
    return bytes < 10LL * MB ? w_size_kb(&t->words, (bytes + KB - 1) / KB)
                             : w_size_mb(&t->words, bytes / MB);
}

static const char *backup_line(struct turn *t)
{
    const struct house *h = &t->bot->house;
    return h->backup_ms ? w_admin_backup(&t->words, span_show(t, t->now_ms - h->backup_ms),
                                         size_show(t, h->backup_bytes))
                        : w_admin_no_backup(&t->words);
}

static const char *now_line(struct turn *t)
{
    enum { DAY_S = 24 * 3600 };
    int64_t s = t->now_ms / 1000;
    struct date d = date_of(s / DAY_S);
    int of_day = (int)(s % DAY_S);
    return arena_printf(t->arena, "%04d-%02d-%02d %02d:%02d:%02d", (int)d.year, d.month,
                        d.day, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

/* "3", or "20+". */
static enum err reports_line(struct turn *t, const char **out)
{
    int64_t ids[REPORTS_MAX];
    int quizzes = 0, entries = 0;
    enum err e = quizzes_out(t->db, ids, REPORTS_MAX, &quizzes);
    if (!e)
        e = entries_reported(t->db, ids, REPORTS_MAX, &entries);
    bool more = quizzes == REPORTS_MAX || entries == REPORTS_MAX;
    *out = arena_printf(t->arena, "%d%s", quizzes + entries, more ? "+" : "");
    return e;
}

static enum err bank_line(struct turn *t, int64_t *out_held, const char **out_hash)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    char hash[BANK_HASH_MAX];
    int n = 0;
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    *out_held = 0;
    for (int i = 0; i < n; i++)
        *out_held += topics[i].held;
    if (!e)
        e = db_bank_hash(t->db, hash);
    if (!e)
        *out_hash = arena_printf(t->arena, "%.12s", hash);
    return e;
}

static enum err panel(struct turn *t, const char **out, struct keyboard *k)
{
    const struct house *h = &t->bot->house;
    const struct words *w = &t->words;
    const char *reports, *hash, *oldest = "";
    struct tally n;
    struct desk d;
    int64_t held;
    enum err e = tally_read(t->db, &n);
    if (!e)
        e = desk_read(t->db, t->now_ms, &d);
    if (!e)
        e = reports_line(t, &reports);
    if (!e)
        e = bank_line(t, &held, &hash);
    if (e)
        return e;
    if (d.oldest_ms)
        oldest = w_admin_oldest(w, span_show(t, t->now_ms - d.oldest_ms));
    *out = w_admin_panel(
        w, h->version ? h->version : "", span_show(t, t->now_ms - h->started_ms),
        w_admin_people(w, n.active, n.stopped, n.blocked, d.today, d.week, d.answers),
        w_admin_work(w, n.clubs, n.battles, n.rows[CLASS_PEOPLE] + n.rows[CLASS_BULK],
                     oldest),
        backup_line(t), size_show(t, d.bytes), held, hash,
        span_show(t, t->now_ms - h->bank_ms), reports, now_line(t));
    keyboard_row(k);
    keyboard_button(k, w_btn_admin_reports(w), "a.r");
    keyboard_button(k, w_btn_admin_broadcast(w), "a.b");
    keyboard_row(k);
    keyboard_button(k, w_btn_admin_refresh(w), "a.u");
    return OK;
}

static enum err run(struct turn *t, const char *args)
{
    const char *html;
    struct keyboard k = {0};
    (void)args;
    enum err e = panel(t, &html, &k);
    if (!e) /* who has just written to us can have a menu */
        e = menu_refresh(t);
    return e ? e : say(t, html, &k);
}

static enum err press(struct turn *t, const char *data)
{
    const char *html;
    struct keyboard k = {0};
    if (!is_operator(t->bot, t->update->user) || strlen(data) != 1 ||
        !strchr("urb", *data)) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    if (*data == 'r')
        return cmd_reports.run(t, "");
    if (*data == 'b')
        return broadcast_ask(t);
    enum err e = panel(t, &html, &k);
    return e ? e : say_here(t, html, &k);
}

const struct feature cmd_admin = {.name = "admin",
                                  .about = w_about_admin,
                                  .for_operators = true,
                                  .run = run,
                                  .prefix = "a",
                                  .press = press};
