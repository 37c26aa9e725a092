/* year: people in zones with odd clocks learn for months against the real bot in its bottle
 * (scene_world.h), from morning to morning. When they read, how they rate, when they are
 * away and when they pause is drawn from a seed. Who they are comes from a file, a person a
 * line:
 *
 *     id lang zone day_start_min at_min weekdays per_sitting remind_min topic[=min],...
 *
 * What came by itself and what they did goes to --out, a JSON object a line, the database
 * as it is at the end to --db; tests/chaos/clock.py judges both. */
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/chance.h"
#include "tests/scene_world.h"

enum {
    PEOPLE_MAX = 64,
    NAME_ROOM = 64,
    TOPICS_ROOM = 200,
    AWAY_MAX = 1, /* mornings in a row without an answer: after more, fewer come */
    PATIENCE_MS = 6 * 3600 * 1000,
    RESTART_DAYS = 30,
    SOON_DAYS = 5 /* nothing is due later than that: questions never run out */
};

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

struct person {
    int64_t id;
    char lang[3], zone[NAME_ROOM], topics[TOPICS_ROOM];
    int day_start_min, at_min, weekdays, per_sitting, remind_min;
    int away;       /* mornings in a row without an answer */
    int64_t act_ms; /* when they do what is below; INT64_MAX: nothing */
    int64_t message;
    char data[RULES_DATA_MAX + 1]; /* of the button, or "/pause N" */
};

struct year {
    struct world world;
    FILE *out;
    uint64_t seed;
    int days, people;
    int64_t begin_ms;
    struct person person[PEOPLE_MAX];
    size_t rows_seen; /* of the ledger */
};

static int64_t within(struct year *y, int64_t from, int64_t to)
{
    return from + (int64_t)(chance_next(&y->seed) % (uint64_t)(to - from));
}

static void give_up(struct year *y, const char *words)
{
    if (!*y->world.trouble)
        snprintf(y->world.trouble, sizeof y->world.trouble, "%s", words);
}

static void run_sql(struct year *y, const char *sql)
{
    char *said = world_sql(&y->world, sql);
    if (strncmp(said, "error", 5) == 0)
        give_up(y, said);
    free(said);
}

/* ---- who they are ---- */

static bool people_read(struct year *y, const char *path)
{
    FILE *in = fopen(path, "r");
    struct person p = {.act_ms = INT64_MAX};
    while (in && y->people < PEOPLE_MAX &&
           fscanf(in, "%" SCNd64 " %2s %63s %d %d %d %d %d %199s", &p.id, p.lang, p.zone,
                  &p.day_start_min, &p.at_min, &p.weekdays, &p.per_sitting, &p.remind_min,
                  p.topics) == 9)
        y->person[y->people++] = p;
    bool whole = in && feof(in);
    if (in)
        fclose(in);
    return whole && y->people > 0;
}

/* Their habits are theirs from the first moment on. */
static void person_settle(struct year *y, struct person *p)
{
    char sql[600], topic[NAME_ROOM];
    snprintf(sql, sizeof sql,
             "UPDATE learner SET zone = '%s', day_start_min = %d, at_min = %d,"
             " weekdays = %d, per_sitting = %d, remind_min = %d, level = 3, step = 'done'"
             " WHERE id = %" PRId64,
             p->zone, p->day_start_min, p->at_min, p->weekdays, p->per_sitting,
             p->remind_min, p->id);
    run_sql(y, sql);
    snprintf(sql, sizeof sql, "DELETE FROM subscription WHERE learner = %" PRId64, p->id);
    run_sql(y, sql);
    for (char *at = p->topics; *at;) {
        size_t n = strcspn(at, "=,");
        snprintf(topic, sizeof topic, "%.*s", (int)n, at);
        at += n;
        int minute = *at == '=' ? (int)strtol(at + 1, &at, 10) : -1;
        at += *at == ',';
        snprintf(sql, sizeof sql,
                 "INSERT INTO subscription (learner, topic, at_min)"
                 " VALUES (%" PRId64 ", '%s', nullif(%d, -1))",
                 p->id, topic, minute);
        run_sql(y, sql);
    }
    snprintf(sql, sizeof sql,
             "DELETE FROM alarm WHERE kind = 'sitting' AND subject = %" PRId64, p->id);
    run_sql(y, sql);
}

static void people_settle(struct year *y)
{
    char name[NAME_ROOM];
    struct world *w = &y->world;
    for (int i = 0; i < y->people; i++) {
        struct person *p = &y->person[i];
        snprintf(name, sizeof name, "Person %d", i);
        rules_person(w->rules, p->id, name, p->lang);
        rules_say(w->rules, w->now_ms,
                  &(struct rules_said){.person = p->id, .text = "/start"});
    }
    world_until(w, w->now_ms + 60 * 1000);
    for (int i = 0; i < y->people; i++)
        person_settle(y, &y->person[i]);
    char *settled = world_sql(w, "SELECT count(*) FROM learner WHERE step = 'done'");
    if (atoi(settled) != y->people)
        give_up(y, "not everybody is known to the bot");
    free(settled);
    if (!*w->trouble)
        world_restart(w); /* the start plans what has no alarm */
    y->rows_seen = rules_ledger_count(w->rules);
}

/* ---- what they do ---- */

static void later(struct year *y, struct person *p, int64_t wait_ms, int64_t message,
                  const char *data)
{
    p->act_ms = y->world.now_ms + wait_ms;
    p->message = message;
    snprintf(p->data, sizeof p->data, "%s", data);
}

/* The button of a question with that code; NULL: it has none. */
static const char *button(const struct rules_row *row, const char *code)
{
    for (int i = 0; i < row->shown.buttons; i++) {
        const char *data = row->shown.button[i].data;
        const char *dot = data && strncmp(data, "d.", 2) == 0 ? strrchr(data, '.') : NULL;
        if (dot && strcmp(dot + 1, code) == 0)
            return data;
    }
    return NULL;
}

static bool is_reminder(const struct rules_row *row)
{
    const char *data = row->shown.buttons ? row->shown.button[0].data : NULL;
    return data && strncmp(data, "rem.", 4) == 0;
}

static void tell(struct year *y, const char *what, const struct person *p, int64_t at_ms)
{
    fprintf(y->out, "{\"what\":\"%s\",\"person\":%" PRId64 ",\"at_ms\":%" PRId64 "}\n",
            what, p->id, at_ms);
}

/* A question that rang: some are left alone, some bring a pause instead of an answer. */
static void see_morning(struct year *y, struct person *p, const struct rules_row *row)
{
    char pause[32];
    const char *answer = button(row, "a");
    tell(y, "morning", p, row->at_ms);
    if (p->away < AWAY_MAX && within(y, 0, 100) < 18) {
        p->away++;
        return;
    }
    p->away = 0;
    if (within(y, 0, 100) < 3) {
        snprintf(pause, sizeof pause, "/pause %d", (int)within(y, 1, 9));
        later(y, p, within(y, 1000, 20 * HOUR_MS), 0, pause);
        return;
    }
    int64_t wait_ms = within(y, 5000, within(y, 0, 10) ? HOUR_MS : 15 * HOUR_MS);
    if (p->act_ms > y->world.now_ms + wait_ms) /* what they are about to do comes first */
        later(y, p, wait_ms, row->message, answer ? answer : "");
}

static void see(struct year *y, struct person *p, const struct rules_row *row)
{
    static const char *const grades[] = {"1", "1", "2", "3", "3", "4"};
    const char *answer = button(row, "a"), *undo = button(row, "u");
    const char *grade = button(row, grades[within(y, 0, 6)]);
    if (row->kind == ROW_SENT && answer) {
        const struct rules_message *m =
            rules_message(y->world.rules, row->chat, row->message);
        if (m && !m->silent) {
            see_morning(y, p, row);
            return;
        }
    }
    if (row->kind == ROW_SENT && is_reminder(row)) {
        tell(y, "reminder", p, row->at_ms);
        if (p->act_ms == INT64_MAX && p->away < AWAY_MAX && within(y, 0, 2)) {
            p->away = 0;
            later(y, p, within(y, 5000, HOUR_MS), row->message, row->shown.button[0].data);
        }
        return;
    }
    if (grade)
        later(y, p, within(y, 2000, 120 * 1000), row->message, grade);
    else if (answer)
        later(y, p, within(y, 2000, 60 * 1000), row->message, answer);
    else if (undo && within(y, 0, 100) < 4)
        later(y, p, within(y, 2000, 60 * 1000), row->message, undo);
}

static void see_news(struct year *y)
{
    const struct rules *r = y->world.rules;
    for (; y->rows_seen < rules_ledger_count(r); y->rows_seen++) {
        const struct rules_row *row = rules_ledger(r, y->rows_seen);
        if (row->status != 200 || (row->kind != ROW_SENT && row->kind != ROW_EDITED))
            continue;
        for (int i = 0; i < y->people; i++)
            if (y->person[i].id == row->chat)
                see(y, &y->person[i], row);
    }
}

static void act(struct year *y, struct person *p)
{
    struct world *w = &y->world;
    p->act_ms = INT64_MAX;
    if (p->data[0] == '/') {
        fprintf(y->out,
                "{\"what\":\"pause\",\"person\":%" PRId64 ",\"at_ms\":%" PRId64
                ",\"days\":%d}\n",
                p->id, w->now_ms, atoi(p->data + strlen("/pause ")));
        rules_say(w->rules, w->now_ms,
                  &(struct rules_said){.person = p->id, .text = p->data});
    } else if (*p->data) {
        rules_press(w->rules, w->now_ms, p->id, p->id, p->message, p->data, NULL);
    }
}

/* ---- the months ---- */

/* To the next thing that is due, of the bot or of people, at `until` the latest. */
static void step(struct year *y, int64_t until)
{
    struct world *w = &y->world;
    int64_t next = world_next_ms(w);
    for (int i = 0; i < y->people; i++)
        next = y->person[i].act_ms < next ? y->person[i].act_ms : next;
    next = next < w->now_ms ? w->now_ms : next;
    world_until(w, next < until ? next : until);
    for (int i = 0; i < y->people; i++)
        if (y->person[i].act_ms <= w->now_ms)
            act(y, &y->person[i]);
    world_settle(w);
    see_news(y);
}

static void play(struct year *y)
{
    char sql[160];
    struct world *w = &y->world;
    for (int day = 0; day < y->days && !*w->trouble; day++) {
        int64_t until = y->begin_ms + (day + 1) * DAY_MS;
        while (w->now_ms < until && !*w->trouble)
            step(y, until);
        snprintf(sql, sizeof sql,
                 "UPDATE card SET due_day = last_day + %d WHERE due_day > last_day + %d",
                 SOON_DAYS, SOON_DAYS);
        run_sql(y, sql);
        if (day % RESTART_DAYS == RESTART_DAYS - 1 && !*w->trouble)
            world_restart(w);
    }
    fprintf(y->out, "{\"what\":\"end\",\"at_ms\":%" PRId64 "}\n", w->now_ms);
}

static void leave(struct year *y, const char *path)
{
    char wrong[256];
    sqlite3 *to = NULL;
    world_check(&y->world, wrong, sizeof wrong);
    if (*wrong)
        give_up(y, wrong);
    int rc = sqlite3_open(path, &to);
    sqlite3_backup *b =
        rc ? NULL : sqlite3_backup_init(to, "main", db_handle(y->world.db), "main");
    if (!b || sqlite3_backup_step(b, -1) != SQLITE_DONE)
        give_up(y, "the database cannot be copied");
    sqlite3_backup_finish(b);
    sqlite3_close(to);
}

struct paths {
    const char *bank, *people, *out, *db;
};

static bool options_read(struct year *y, int argc, char **argv, struct paths *to)
{
    static const struct option known[] = {{"bank", 1, NULL, 'b'}, {"people", 1, NULL, 'p'},
                                          {"out", 1, NULL, 'o'},  {"db", 1, NULL, 'd'},
                                          {"seed", 1, NULL, 's'}, {"from", 1, NULL, 'f'},
                                          {"days", 1, NULL, 'n'}, {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (c == 'b')
            to->bank = optarg;
        else if (c == 'p')
            to->people = optarg;
        else if (c == 'o')
            to->out = optarg;
        else if (c == 'd')
            to->db = optarg;
        else if (c == 's')
            y->seed = strtoull(optarg, NULL, 10);
        else if (c == 'f')
            y->begin_ms = strtoll(optarg, NULL, 10) * 1000;
        else if (c == 'n')
            y->days = atoi(optarg);
        else
            return false;
    return to->bank && to->people && to->out && to->db && optind == argc &&
           y->begin_ms > 0 && y->days > 0;
}

int main(int argc, char **argv)
{
    static struct year y = {.seed = 1};
    struct paths paths = {0};
    if (!options_read(&y, argc, argv, &paths) || !people_read(&y, paths.people) ||
        !(y.out = fopen(paths.out, "w"))) {
        fputs("usage: year --bank FILE --people FILE --out FILE --db FILE --from SECONDS"
              " --days N [--seed N]\n",
              stderr);
        return 64;
    }
    if (world_open(&y.world, paths.bank, y.begin_ms)) {
        world_patience(&y.world, PATIENCE_MS);
        world_settle(&y.world);
        people_settle(&y);
        play(&y);
        leave(&y, paths.db);
    }
    bool bad = *y.world.trouble;
    if (bad)
        fprintf(stderr, "year: %s\n", y.world.trouble);
    world_close(&y.world);
    return fclose(y.out) != 0 || bad;
}
