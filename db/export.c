#include "db/export.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bot/base/json.h"
#include "db/bank.h"

enum { ROW_ROOM = 128 << 10 /* more than the longest row, escaped */ };
#define EXACT_MAX ((INT64_C(1) << 53) - 1) /* above it readers of JSON round */

/* Withheld are: the person's own id, which the head of the file says; tokens, which are the
 * keys of buttons; what the outbox keeps for machines; how far a broadcast has come, which
 * is the id of another. Ids of chats are texts. The short
 * tables come first, so that the long ones are cut. */
const struct export_section export_sections[] = {
    {"settings", "learner", "id",
     "SELECT lang, zone, at_min, day_start_min, quiet_from_min, quiet_to_min, weekdays,"
     " per_sitting, level, retention, state, step, asking, streak, best, last_day,"
     " seen_ms AS seen_at, at_once, pause_until_day, ignored, ignored_first_day,"
     " ignored_last_day, asleep, freezes, told_day, remind_min, reminded_day, news,"
     " news_from"
     " FROM learner WHERE id = ?1 LIMIT ?2"},
    {"topics", "subscription", "learner",
     "SELECT topic, weight, credit, at_min FROM subscription WHERE learner = ?1"
     " ORDER BY topic LIMIT ?2"},
    {"alarms", "alarm", "",
     "SELECT kind, CAST(subject AS TEXT) AS subject, due_ms AS due_at, bulk, fails"
     " FROM alarm WHERE (kind IN ('sitting', 'remind') AND subject = ?1)"
     " OR (kind = 'again' AND subject IN (SELECT id FROM outbox WHERE chat = ?1))"
     " OR (kind = 'battle' AND subject IN (SELECT id FROM battle WHERE chat = ?1))"
     " ORDER BY due_ms DESC LIMIT ?2"},
    {"cards", "card", "learner",
     "SELECT question, state, step, stability, difficulty, due_day, due_ms AS due_at,"
     " last_day, reps, lapses FROM card WHERE learner = ?1 ORDER BY question LIMIT ?2"},
    {"administrator_of", "club_admin", "person",
     "SELECT CAST(club AS TEXT) AS club, until_ms AS until_at FROM club_admin"
     " WHERE person = ?1 ORDER BY until_ms DESC LIMIT ?2"},
    {"names_in_groups", "player", "person",
     "SELECT CAST(club AS TEXT) AS club, name, seen_ms AS seen_at FROM player"
     " WHERE person = ?1 ORDER BY seen_ms DESC LIMIT ?2"},
    {"reports", "report", "person",
     "SELECT question, at_ms AS at, reason, in_battle FROM report WHERE person = ?1"
     " ORDER BY at_ms DESC LIMIT ?2"},
    {"early_votes", "early_vote", "person",
     "SELECT poll, name, option, place, at_ms AS at FROM early_vote WHERE person = ?1"
     " ORDER BY at_ms DESC LIMIT ?2"},
    {"asked_to_forget", "farewell", "person token",
     "SELECT until_ms AS until_at FROM farewell WHERE person = ?1 LIMIT ?2"},
    {"asked_to_export", "export", "person",
     "SELECT at_ms AS at FROM export WHERE person = ?1 LIMIT ?2"},
    {"suspected", "suspect", "id",
     "SELECT source, tries FROM suspect WHERE source IN ('sitting', 'remind') AND id = ?1"
     " LIMIT ?2"},
    {"failures", "dead", "",
     "SELECT id, source, CAST(cause AS TEXT) AS cause, summary, error, at_ms AS at"
     " FROM dead WHERE (source IN ('sitting', 'remind') AND cause = ?1)"
     " OR (source = 'update' AND json_valid(summary) AND json_extract(summary, '$.user') = "
     "?1)"
     " ORDER BY id DESC LIMIT ?2"},
    {"queue", "lane", "chat",
     "SELECT class, ready_ms AS ready_at, head, busy FROM lane WHERE chat = ?1 LIMIT ?2"},
    {"to_be_said", "outbox", "chat picture told",
     "SELECT id, class, kind, method, post, CASE WHEN json_valid(body) THEN"
     " coalesce(json_extract(body, '$.text'), json_extract(body, '$.caption')) END AS body,"
     " state, copies, expires_ms AS expires_at, due_ms AS due_at FROM outbox"
     " WHERE chat = ?1 ORDER BY id DESC LIMIT ?2"},
    {"battles_begun", "battle", "opener token",
     "SELECT id, CAST(chat AS TEXT) AS chat, thread, lang, topic, rounds, speed, bonus,"
     " buttons, state, round, silent, voids, post, due_ms AS due_at, drawn_ms AS drawn_at,"
     " stale, over_ms AS over_at, over_day FROM battle WHERE opener = ?1"
     " ORDER BY id DESC LIMIT ?2"},
    {"broadcasts", "broadcast", "operator token after",
     "SELECT id, state, text_ru, text_en, until_ms AS until_at, message, told, total,"
     " walked, taken, waiting, sent FROM broadcast WHERE operator = ?1"
     " ORDER BY id DESC LIMIT ?2"},
    {"practice_rounds", "round", "chat",
     "SELECT id, battle, number, question, level, options, right_one, state, post, poll,"
     " opened_ms AS opened_at, limit_ms FROM round WHERE chat = ?1"
     " ORDER BY id DESC LIMIT ?2"},
    {"skips", "skip", "person",
     "SELECT round FROM skip WHERE person = ?1 ORDER BY round DESC LIMIT ?2"},
    {"battles_played", "seat", "person",
     "SELECT battle, points, hits, run, idle FROM seat WHERE person = ?1"
     " ORDER BY battle DESC LIMIT ?2"},
    {"days", "streak_day", "learner",
     "SELECT day, kind, reviews FROM streak_day WHERE learner = ?1"
     " ORDER BY day DESC LIMIT ?2"},
    {"sittings", "sitting", "learner",
     "SELECT id, day, scheduled, state, size, sent_ms AS sent_at, end_ms AS end_at,"
     " at_once, end_place, excused FROM sitting WHERE learner = ?1"
     " ORDER BY id DESC LIMIT ?2"},
    {"topics_of_days", "served", "learner",
     "SELECT day, topic, sitting FROM served WHERE learner = ?1"
     " ORDER BY day DESC LIMIT ?2"},
    {"points_in_groups", "board", "person",
     "SELECT CAST(b.club AS TEXT) AS club, b.period, nullif(b.from_day, 0) AS from_day,"
     " b.points, b.wins, b.battles FROM player p JOIN board b"
     " ON b.club = p.club AND b.person = p.person WHERE p.person = ?1"
     " ORDER BY b.from_day DESC LIMIT ?2"},
    {"ratings", "review", "learner",
     "SELECT id, delivery, question, grade, at_ms AS at, day, before,"
     " undone_ms AS undone_at FROM review WHERE learner = ?1 ORDER BY id DESC LIMIT ?2"},
    {"votes", "vote", "person",
     "SELECT round, (SELECT question FROM round r WHERE r.id = vote.round) AS question,"
     " option, spent_ms, place, hit, points FROM vote WHERE person = ?1"
     " ORDER BY round DESC LIMIT ?2"},
    {"questions", "delivery", "learner token",
     "SELECT id, question, sitting, place, day, state, post, part, lang, ticks"
     " FROM delivery WHERE learner = ?1 ORDER BY id DESC LIMIT ?2"},
    {"messages", "post", "chat",
     "SELECT id, thread, message, copied FROM post WHERE chat = ?1"
     " ORDER BY id DESC LIMIT ?2"},
};
const int export_section_n = sizeof export_sections / sizeof *export_sections;

/* What the numbers mean. */
static const char *const legend[][2] = {
    {"at",
     "instants are UTC, days are of the person's own study days, HH:MM is local time"},
    {"person", "the file is about this Telegram user id; ids of chats are texts too"},
    {"settings.weekdays", "sum of 1 Monday, 2 Tuesday, 4 Wednesday ... 64 Sunday"},
    {"settings.level", "the highest offered: 1 junior, 2 middle, 3 senior"},
    {"cards.state", "1 learning, 2 review, 3 learning again; stability is in days"},
    {"ratings.grade", "1 again, 2 hard, 3 good, 4 easy; before: the card as it was"},
    {"questions.ticks", "key points ticked: 1 they were asked for, 2 the first, 4 ..."},
    {"points_in_groups.period", "0 day, 1 week, 2 month, 3 all time"},
    {"reports.reason", "0 none given, else the number of the button"},
    {"votes.option", "the answer as shown, from 0; place: the server's order of votes"},
    {"to_be_said.kind", "0 question, 1 reply, 2 nudge, 3 edit, 4 setup, 5 poll, 6 ask"},
    {"*_ms", "a span of time in milliseconds"},
};

static bool ends(const char *name, const char *word)
{
    size_t n = strlen(name), w = strlen(word);
    return strcmp(name, word) == 0 ||
           (n > w && name[n - w - 1] == '_' && strcmp(name + n - w, word) == 0);
}

static void instant_out(struct json_out *o, const char *name, int64_t ms)
{
    char text[40], whole[32];
    struct tm tm;
    time_t s = (time_t)(ms / 1000);
    if (ms <= 0 || !gmtime_r(&s, &tm)) { /* 0 is "never" */
        jo_null(o, name);
        return;
    }
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, sizeof text, "%s.%03dZ", whole, (int)(ms % 1000));
    jo_text(o, name, text);
}

static void day_out(struct json_out *o, const char *name, int64_t day)
{
    char text[32];
    struct tm tm;
    time_t s = (time_t)(day * 86400);
    if (!gmtime_r(&s, &tm) || !strftime(text, sizeof text, "%Y-%m-%d", &tm))
        jo_int(o, name, day);
    else
        jo_text(o, name, text);
}

/* One that the bank does not know keeps its number, as a text. */
static enum err question_out(struct json_out *o, struct db *db, struct arena *a,
                             int64_t num)
{
    struct bank_question q;
    enum err e = db_has_bank(db) ? bank_question(db, a, num, &q) : ERR_NOT_FOUND;
    if (e && e != ERR_NOT_FOUND)
        return e;
    jo_text(o, "question", e ? arena_printf(a, "%" PRId64, num) : q.id);
    return OK;
}

static enum err number_out(struct json_out *o, struct db *db, struct arena *a,
                           const char *name, int64_t v)
{
    if (strcmp(name, "question") == 0)
        return question_out(o, db, a, v);
    if (ends(name, "at"))
        instant_out(o, name, v);
    else if (ends(name, "day"))
        day_out(o, name, v);
    else if (ends(name, "min"))
        jo_text(o, name, arena_printf(a, "%02d:%02d", (int)(v / 60), (int)(v % 60)));
    else if (v > EXACT_MAX || v < -EXACT_MAX)
        jo_text(o, name, arena_printf(a, "%" PRId64, v));
    else
        jo_int(o, name, v);
    return OK;
}

static enum err row_out(struct json_out *o, struct query *q, struct arena *a)
{
    enum err e = OK;
    buf_text(o->buf, o->comma ? ",\n  " : "\n  ");
    o->comma = false;
    jo_open(o, NULL, '{');
    for (int i = 0; !e && i < db_columns(q); i++) {
        const char *name = db_name(q, i);
        switch (db_type(q, i)) {
        case DB_NULL:
            jo_null(o, name);
            break;
        case DB_INT:
            e = number_out(o, q->db, a, name, db_int(q, i));
            break;
        case DB_REAL:
            jo_real(o, name, db_real(q, i));
            break;
        case DB_TEXT:
            jo_text(o, name, db_text(q, i, a));
        }
    }
    jo_close(o, '}');
    return e;
}

/* *out_cut: there is more than was written. */
static enum err section_out(struct json_out *o, struct db *db, struct arena *a,
                            const struct export_section *s, int64_t person, bool *out_cut)
{
    struct query q;
    enum err e = OK;
    int n = 0;
    *out_cut = false;
    buf_text(o->buf, o->comma ? ",\n " : "\n ");
    o->comma = false;
    jo_open(o, s->name, '[');
    db_query(db, &q, s->sql, A(person), A((int)EXPORT_ROWS + 1));
    while (!e && !*out_cut && db_next(&q)) {
        *out_cut = n++ == EXPORT_ROWS || o->buf->len + ROW_ROOM > EXPORT_BYTES;
        if (!*out_cut)
            e = row_out(o, &q, a);
        arena_reset(a);
    }
    if (e || *out_cut)
        db_end(&q);
    jo_close(o, ']');
    return e ? e : q.err;
}

static void head_out(struct json_out *o, struct arena *a, int64_t person, int64_t now_ms)
{
    jo_open(o, NULL, '{');
    jo_text(o, "what", "everything that Sobes keeps about one person");
    jo_int(o, "schema", db_migration_count);
    jo_text(o, "person", arena_printf(a, "%" PRId64, person));
    instant_out(o, "made_at", now_ms);
    jo_open(o, "legend", '{');
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++)
        jo_text(o, legend[i][0], legend[i][1]);
    jo_close(o, '}');
}

/* Which lists are not whole: each gives the newest rows that it holds. */
static void cuts_out(struct json_out *o, const bool *cut)
{
    jo_open(o, "cut", '[');
    for (int i = 0; i < export_section_n; i++)
        if (cut[i])
            jo_text(o, NULL, export_sections[i].name);
    jo_close(o, ']');
    jo_close(o, '}');
    buf_text(o->buf, "\n");
}

enum err export_make(struct db *db, int64_t person, int64_t now_ms, struct buf *out)
{
    bool cut[sizeof export_sections / sizeof *export_sections] = {0};
    struct json_out o = {.buf = out};
    struct arena a = {0};
    enum err e = OK;
    buf_reset(out);
    head_out(&o, &a, person, now_ms);
    for (int i = 0; !e && i < export_section_n; i++)
        e = section_out(&o, db, &a, &export_sections[i], person, &cut[i]);
    cuts_out(&o, cut);
    arena_free(&a);
    assert(e || !out->over);
    return e;
}

/* ---- once an hour ---- */

/* A time to come is of a clock set back. */
enum err export_last(struct db *db, int64_t person, int64_t now_ms, int64_t *out_ms)
{
    *out_ms = 0;
    enum err e = db_one_int(
        db, out_ms,
        "SELECT at_ms FROM export WHERE person = ?1 AND at_ms > ?2 AND at_ms <= ?3",
        A(person), A(now_ms - EXPORT_HOUR_MS), A(now_ms));
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err export_asked(struct db *db, int64_t person, int64_t now_ms)
{
    return db_exec(db, "INSERT OR REPLACE INTO export (person, at_ms) VALUES (?1, ?2)",
                   A(person), A(now_ms));
}

enum err export_drop(struct db *db, int64_t person)
{
    return db_exec(db, "DELETE FROM export WHERE person = ?1", A(person));
}

enum err exports_prune(struct db *db, int64_t now_ms)
{
    enum { AT_ONCE = 150 };
    return db_exec(db,
                   "DELETE FROM export WHERE person IN (SELECT person FROM export"
                   " WHERE at_ms <= ?1 ORDER BY at_ms LIMIT ?2)",
                   A(now_ms - EXPORT_HOUR_MS), A((int)AT_ONCE));
}
