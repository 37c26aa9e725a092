#include "bot/net/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bot/telegram/update.h"
#include "db/outbox.h"
#include "version.h"

static const char *const update_kinds[] = {
    [UPDATE_OTHER] = "other",   [UPDATE_TEXT] = "text", [UPDATE_BUTTON] = "button",
    [UPDATE_MEMBER] = "member", [UPDATE_VOTE] = "vote", [UPDATE_MOVED] = "moved"};
static const char *const send_kinds[] = {
    [KIND_QUESTION] = "question", [KIND_REPLY] = "reply", [KIND_NUDGE] = "nudge",
    [KIND_EDIT] = "edit",         [KIND_SETUP] = "setup", [KIND_POLL] = "poll",
    [KIND_ASK] = "ask",           [COUNT_TOAST] = "toast"};
static const char *const send_ends[] = {
    [SEND_DONE] = "sent",       [SEND_FLOOD] = "flood",     [SEND_LATER] = "later",
    [SEND_UNKNOWN] = "unknown", [SEND_REFUSED] = "refused", [SEND_BLOCKED] = "blocked",
    [SEND_MOVED] = "moved",     [SEND_EXPIRED] = "expired"};
static const char *const causes[] = {
    [TURN_UPDATES] = "updates", [TURN_ALARMS] = "alarms", [TURN_OUTCOMES] = "outcomes"};
_Static_assert(sizeof update_kinds / sizeof *update_kinds == COUNT_UPDATE_KINDS, "a kind");
_Static_assert(sizeof send_kinds / sizeof *send_kinds == COUNT_SEND_KINDS, "a kind");
_Static_assert(sizeof send_ends / sizeof *send_ends == SEND_ENDS, "an end");
_Static_assert(sizeof causes / sizeof *causes == TURN_CAUSES, "a cause");

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(struct buf *b, const char *name, const char *type, const char *help,
                   double value)
{
    head(b, name, type, help);
    buf_printf(b, "%s %.15g\n", name, value);
}

/* One with a label of its own, a comma after it, or "". */
static void histogram(struct buf *b, const char *name, const char *label,
                      const struct histogram *h, double second)
{
    int64_t n = 0;
    for (int i = 0; i < h->n; i++) {
        n += h->in[i];
        buf_printf(b, "%s_bucket{%sle=\"%.15g\"} %" PRId64 "\n", name, label,
                   (double)h->bounds[i] / second, n);
    }
    n += h->in[h->n];
    buf_printf(b, "%s_bucket{%sle=\"+Inf\"} %" PRId64 "\n", name, label, n);
    int bare = label[0] ? (int)strlen(label) - 1 : 0; /* without its comma */
    const char *open = bare ? "{" : "", *close = bare ? "}" : "";
    buf_printf(b, "%s_sum%s%.*s%s %.15g\n", name, open, bare, label, close,
               (double)h->sum / second);
    buf_printf(b, "%s_count%s%.*s%s %" PRId64 "\n", name, open, bare, label, close, n);
}

static void print_sends(struct buf *b, const struct counts *c)
{
    int64_t floods = 0;
    head(b, "sobes_sends_total", "counter",
         "Calls to Telegram that carried something to say, by what it was and how it "
         "ended.");
    for (int kind = 0; kind < COUNT_SEND_KINDS; kind++)
        for (int end = 0; end < SEND_ENDS; end++) {
            floods += end == SEND_FLOOD ? c->sends[kind][end] : 0;
            buf_printf(b, "sobes_sends_total{kind=\"%s\",outcome=\"%s\"} %" PRId64 "\n",
                       send_kinds[kind], send_ends[end], c->sends[kind][end]);
        }
    head(b, "sobes_floods_total", "counter", "Answers 429 (too many requests).");
    buf_printf(b, "sobes_floods_total{call=\"send\"} %" PRId64 "\n", floods);
    buf_printf(b, "sobes_floods_total{call=\"poll\"} %" PRId64 "\n", c->polls_flooded);
}

static void print_counts(struct buf *b, const struct counts *c)
{
    head(b, "sobes_updates_total", "counter", "Updates taken from Telegram and stored.");
    for (int i = 0; i < COUNT_UPDATE_KINDS; i++)
        buf_printf(b, "sobes_updates_total{kind=\"%s\"} %" PRId64 "\n", update_kinds[i],
                   c->updates[i]);
    print_sends(b, c);
    head(b, "sobes_delivery_delay_seconds", "histogram",
         "From when something was due until Telegram had it.");
    histogram(b, "sobes_delivery_delay_seconds", "", &c->delay_ms, 1e3);
    head(b, "sobes_turn_seconds", "histogram",
         "How long turns took, with their commit, by what caused them.");
    for (int i = 0; i < TURN_CAUSES; i++) {
        char label[32];
        snprintf(label, sizeof label, "cause=\"%s\",", causes[i]);
        histogram(b, "sobes_turn_seconds", label, &c->turn_us[i], 1e6);
    }
}

static void print_tally(struct buf *b, const struct tally *t)
{
    head(b, "sobes_outbox_rows", "gauge", "What waits to be said or is on its way.");
    buf_printf(b, "sobes_outbox_rows{class=\"people\"} %" PRId64 "\n",
               t->rows[CLASS_PEOPLE]);
    buf_printf(b, "sobes_outbox_rows{class=\"bulk\"} %" PRId64 "\n", t->rows[CLASS_BULK]);
    head(b, "sobes_people", "gauge", "People by state.");
    buf_printf(b, "sobes_people{state=\"active\"} %" PRId64 "\n", t->active);
    buf_printf(b, "sobes_people{state=\"stopped\"} %" PRId64 "\n", t->stopped);
    buf_printf(b, "sobes_people{state=\"blocked\"} %" PRId64 "\n", t->blocked);
    number(b, "sobes_battles_running", "gauge", "Battles that are not over.",
           (double)t->battles);
}

const char *metrics_version(void)
{
    return SOBES_VERSION;
}

void metrics_print(struct buf *out, const struct counts *c, const struct gauges *g)
{
    head(out, "sobes_build_info", "gauge", "The version that runs.");
    buf_printf(out, "sobes_build_info{version=\"%s\"} 1\n", SOBES_VERSION);
    number(out, "process_start_time_seconds", "gauge", "When it was started.",
           (double)g->started_ms / 1e3);
    number(out, "sobes_healthy", "gauge", "1 when /healthz says ok.", g->well == WELL);
    number(out, "sobes_poll_answered_time_seconds", "gauge",
           "When Telegram last gave a good answer to a poll; 0 for not yet.",
           (double)g->answered_ms / 1e3);
    print_counts(out, c);
    if (g->tally_known)
        print_tally(out, &g->tally);
    head(out, "sobes_database_bytes", "gauge", "Size of the database's files.");
    if (g->db_bytes >= 0)
        buf_printf(out, "sobes_database_bytes{file=\"main\"} %" PRId64 "\n", g->db_bytes);
    if (g->wal_bytes >= 0)
        buf_printf(out, "sobes_database_bytes{file=\"wal\"} %" PRId64 "\n", g->wal_bytes);
}
