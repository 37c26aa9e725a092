#include "tests/scene_world.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/memory_disk.h"

/* REST_MAX: rounds in one instant after which something surely runs in a circle. */
enum { RETRY_MS = 1000, TICK_MS = 30000, REST_MAX = 20000, RESTART_MS = 1000 };

static void give_up(struct world *w, const char *why)
{
    if (!*w->trouble)
        snprintf(w->trouble, sizeof w->trouble, "%s", why);
}

static struct moment moment(struct world *w)
{
    uint64_t z = w->seed += 0x9e3779b97f4a7c15u; /* splitmix64: every run draws the same */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (struct moment){.now_ms = w->now_ms, .random = z ^ (z >> 31)};
}

static bool file_copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    char chunk[65536];
    size_t n;
    bool good = in && out;
    while (good && (n = fread(chunk, 1, sizeof chunk, in)) > 0)
        good = fwrite(chunk, 1, n, out) == n;
    if (in)
        fclose(in);
    return out && fclose(out) == 0 && good;
}

/* Where databases are, and what is done with their files there. */
static const char *disk(const struct world *w)
{
    return w->points ? MEMORY_DISK : w->dir;
}

static bool disk_has(const struct world *w, const char *path)
{
    return w->points ? memory_disk_has(path) : access(path, F_OK) == 0;
}

static bool disk_copy(const struct world *w, const char *from, const char *to)
{
    return w->points ? memory_disk_copy(from, to) : file_copy(from, to);
}

/* The process dies here: what the next one will find is what is on the disk now. */
static void die_now(struct world *w)
{
    char next[600], from[640], to[640];
    w->dying = w->broken = true;
    fake_http_die(w->http);
    snprintf(next, sizeof next, "%s/%d.db", disk(w), w->life + 1);
    if (!disk_copy(w, w->path, next))
        give_up(w, "the database could not be copied");
    snprintf(from, sizeof from, "%s-wal", w->path);
    snprintf(to, sizeof to, "%s-wal", next);
    if (disk_has(w, from) && !disk_copy(w, from, to))
        give_up(w, "the WAL could not be copied");
}

static bool hit(struct world *w, int count)
{
    return !w->broken && w->break_at == count;
}

static int on_committed(void *arg, sqlite3 *h, const char *name, int pages)
{
    struct world *w = arg;
    (void)h, (void)name, (void)pages;
    if (w->break_as == BREAK_KILL_AFTER && hit(w, w->commits))
        die_now(w);
    return SQLITE_OK;
}

static int on_commit(void *arg)
{
    struct world *w = arg;
    int n = ++w->commits;
    if (w->trace[0])
        buf_add(w->trace[0], &w->told, sizeof w->told);
    if (w->points)
        w->points->reached(w->points->arg, w, true, n);
    if (w->break_as == BREAK_KILL_AFTER && hit(w, n)) /* instead of SQLite's checkpoints */
        sqlite3_wal_hook(db_handle(w->db), on_committed, w);
    if (w->break_as == BREAK_COMMIT && hit(w, n)) {
        w->broken = true;
        return 1;
    }
    if (w->break_as == BREAK_KILL_BEFORE && hit(w, n)) {
        rules_unheard(w->rules, w->now_ms);
        die_now(w);
    }
    return 0;
}

static enum fake_fate on_call(void *arg, const char *method)
{
    struct world *w = arg;
    int n = ++w->calls;
    w->told += strcmp(method, "getUpdates") != 0;
    if (w->trace[1])
        buf_add(w->trace[1], &w->told, sizeof w->told);
    if (w->points)
        w->points->reached(w->points->arg, w, false, n);
    if (w->break_as == BREAK_KILL_CALL && hit(w, n))
        die_now(w);
    if (w->break_as != BREAK_REFUSE && w->break_as != BREAK_SWALLOW)
        return FAKE_GO;
    if (!hit(w, n))
        return FAKE_GO;
    w->broken = true;
    return w->break_as == BREAK_REFUSE ? FAKE_REFUSE : FAKE_SWALLOW;
}

static void on_called(void *arg, const char *method)
{
    struct world *w = arg;
    (void)method;
    if (w->break_as == BREAK_KILL_CALLED && hit(w, w->calls))
        die_now(w);
}

/* A new process on the database w->path. */
static bool process_start(struct world *w)
{
    const char *why = "";
    if (db_open(w->path, &w->db, &why)) {
        give_up(w, why);
        return false;
    }
    if (db_attach_bank(w->db, w->bank)) {
        give_up(w, "the bank does not open");
        return false;
    }
    sqlite3_commit_hook(db_handle(w->db), on_commit, w);
    w->http = fake_http_new(w->rules);
    fake_http_watch(w->http,
                    &(struct fake_watch){.before = on_call, .after = on_called, .arg = w});
    fake_http_network(w->http, !w->network_down);
    fake_http_patience(w->http, w->patience_ms);
    w->bot = (struct bot){.db = w->db, .username = "", .operators = w->config.admin_ids};
    w->bot.house = (struct house){.version = "1.2",
                                  .started_ms = w->now_ms,
                                  .bank_ms = w->now_ms,
                                  .sends_per_sec = w->config.sends_per_sec};
    w->pictures = fake_picture_new();
    fake_picture_fail(w->pictures, w->drawings_fail);
    w->sender = sender_new(w->http, w->pictures, &w->bot, &w->config);
    w->poll = poll_new(w->http, &w->bot, w->sender, &w->config);
    w->booted = w->awake = w->dying = false;
    w->moved_ms = 0; /* a new process knows no other clock */
    w->retry_ms = 0;
    return true;
}

/* All that the wire and the drawings have to say at this instant. */
static void world_answers(struct world *w)
{
    bool any;
    do {
        any = fake_http_run(w->http, w->now_ms);
        any = fake_picture_run(w->pictures) || any;
    } while (any);
}

/* Ends both sides of net/ as loop.c does. Of a dead process nobody sees any of it. */
static void process_end(struct world *w, bool clean)
{
    if (w->poll) {
        sender_stop(w->sender);
        poll_stop(w->poll, moment(w));
        for (int i = 0; i < REST_MAX; i++) {
            world_answers(w);
            if (poll_run(w->poll, moment(w)) == POLL_TOKEN_REFUSED)
                w->token_refused = true;
            sender_run(w->sender, moment(w));
            if (poll_idle(w->poll) && sender_idle(w->sender) &&
                fake_http_next_ms(w->http) == INT64_MAX)
                break;
            if (fake_http_next_ms(w->http) > w->now_ms)
                w->now_ms += 10; /* an answer that is on its way */
        }
        if (!poll_idle(w->poll) || !sender_idle(w->sender))
            give_up(w, "poll or sender does not come to an end");
        if (clean && w->booted)
            turn_stop(&w->bot, moment(w));
    }
    if (!*w->trouble) {
        poll_free(w->poll);
        sender_free(w->sender);
        fake_http_free(w->http);
        fake_picture_free(w->pictures);
    }
    arena_free(&w->bot.arena);
    db_close(w->db);
    w->poll = NULL;
    w->sender = NULL;
    w->http = NULL;
    w->pictures = NULL;
    w->db = NULL;
}

/* After a kill: the ghost is buried, the next process starts on the copy. */
static void reborn(struct world *w)
{
    process_end(w, false);
    snprintf(w->path, sizeof w->path, "%s/%d.db", disk(w), ++w->life);
    w->now_ms += RESTART_MS;
    process_start(w);
}

bool world_open(struct world *w, const char *bank, int64_t now_ms)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%s/scene-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(w->dir)) {
        *w->dir = '\0';
        give_up(w, "no temporary folder: is TMPDIR writable?");
        return false;
    }
    w->bank = bank;
    w->now_ms = now_ms;
    w->seed = 1;
    w->life = 1;
    w->config = (struct config){.sends_per_sec = 25, .in_flight = 8, .poll_timeout = 25};
    snprintf(w->config.api_url, sizeof w->config.api_url, "http://127.0.0.1:1");
    w->rules = rules_new("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "sobes_bot");
    if (w->points)
        memory_disk_use();
    snprintf(w->path, sizeof w->path, "%s/1.db", disk(w));
    return process_start(w);
}

static void folder_remove(const char *dir)
{
    DIR *d = opendir(dir);
    char path[900];
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

void world_close(struct world *w)
{
    if (w->db)
        process_end(w, true);
    rules_free(w->rules);
    w->rules = NULL;
    if (w->points)
        memory_disk_clear();
    if (*w->dir && !w->twin)
        folder_remove(w->dir);
}

/* The causes that need a turn and are not a wire's business: boot, waking, alarms. */
static void turns(struct world *w)
{
    enum err e = OK;
    bool done = false, more = true;
    if (w->now_ms < w->retry_ms)
        return;
    if (!w->booted) {
        e = turn_boot(&w->bot, moment(w));
        w->booted = !e;
    }
    if (!e && w->moved_ms && !w->dying) {
        e = turn_clock_moved(&w->bot, moment(w), w->moved_ms);
        if (!e)
            w->moved_ms = 0;
        w->awake = w->awake && e;
    }
    while (!e && !w->awake && !w->dying) {
        e = turn_wake(&w->bot, moment(w), &done);
        w->awake = !e && done;
    }
    while (!e && more && !w->dying)
        e = turn_alarms(&w->bot, moment(w), sender_has_room(w->sender, w->now_ms), &more);
    w->retry_ms = e ? w->now_ms + RETRY_MS : 0;
}

/* One pass, in the order of net/loop.c. */
static void world_round(struct world *w)
{
    if (!w->dying)
        world_answers(w);
    if (!w->dying && w->booted && poll_run(w->poll, moment(w)) == POLL_TOKEN_REFUSED)
        w->token_refused = true;
    if (!w->dying)
        turns(w);
    if (!w->dying && w->booted)
        sender_run(w->sender, moment(w));
    if (!w->dying && sender_refused(w->sender))
        w->token_refused = true;
    if (w->dying && !*w->trouble)
        reborn(w);
}

int64_t world_next_ms(const struct world *w)
{
    struct bot *bot = (struct bot *)&w->bot; /* asking reads the database */
    int64_t next = fake_http_next_ms(w->http), drawn = fake_picture_next_ms(w->pictures);
    next = drawn < next ? drawn : next;
    if (w->retry_ms) {
        next = w->retry_ms < next ? w->retry_ms : next;
        if (!w->booted)
            return next;
    } else if (!w->booted || !w->awake) {
        return w->now_ms;
    }
    int64_t poll = w->token_refused ? INT64_MAX : poll_next_ms(w->poll);
    int64_t send = sender_next_ms(w->sender);
    int64_t alarm = INT64_MAX;
    if (!w->retry_ms)
        alarm = turn_next_alarm_ms(bot, sender_has_room(w->sender, w->now_ms));
    next = poll < next ? poll : next;
    next = send < next ? send : next;
    next = alarm < next ? alarm : next;
    if (w->now_ms < w->restless_ms && next > w->now_ms + TICK_MS)
        next = w->now_ms + TICK_MS;
    return next;
}

void world_settle(struct world *w)
{
    for (int i = 0; i < REST_MAX && !*w->trouble; i++) {
        world_round(w);
        if (*w->trouble || world_next_ms(w) > w->now_ms)
            return;
    }
    give_up(w, "the bot does not come to rest: something is due for ever");
}

void world_until(struct world *w, int64_t t)
{
    world_settle(w);
    while (!*w->trouble) {
        int64_t next = world_next_ms(w);
        if (next > t)
            break;
        w->now_ms = next > w->now_ms ? next : w->now_ms;
        world_settle(w);
    }
    if (w->now_ms < t)
        w->now_ms = t;
    if (!*w->trouble)
        world_settle(w);
}

void world_jump(struct world *w, int64_t by_ms)
{
    int64_t span = by_ms < 0 ? -by_ms : by_ms;
    w->now_ms += by_ms;
    w->moved_ms += by_ms;
    w->retry_ms = w->retry_ms ? w->now_ms : 0;
    w->restless_ms = w->now_ms + span + TICK_MS;
}

void world_network(struct world *w, bool up)
{
    w->network_down = !up;
    fake_http_network(w->http, up);
}

void world_drawings(struct world *w, bool work)
{
    w->drawings_fail = !work;
    fake_picture_fail(w->pictures, !work);
}

void world_operator(struct world *w, int64_t person, bool is_one)
{
    int64_t *ids = w->config.admin_ids;
    int n = 0;
    while (n < ADMINS_MAX && ids[n] && ids[n] != person)
        n++;
    if (is_one && n < ADMINS_MAX)
        ids[n] = person;
    for (; !is_one && n < ADMINS_MAX && ids[n]; n++)
        ids[n] = ids[n + 1];
}

void world_patience(struct world *w, int64_t ms)
{
    w->patience_ms = ms;
    fake_http_patience(w->http, ms);
}

bool world_bank(struct world *w, const char *sql)
{
    char path[600];
    sqlite3 *h = NULL;
    snprintf(path, sizeof path, "%s/bank-%d.db", w->dir, ++w->banks);
    bool good = file_copy(w->bank, path) && sqlite3_open(path, &h) == SQLITE_OK &&
                sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(h);
    memcpy(w->own_bank, path, sizeof path);
    w->bank = w->own_bank;
    if (!good || db_swap_bank(w->db, w->bank))
        give_up(w, "the new bank does not take the place of the old one");
    return !*w->trouble;
}

bool world_restart(struct world *w)
{
    process_end(w, true);
    w->now_ms += RESTART_MS;
    return !*w->trouble && process_start(w);
}

bool world_kill(struct world *w)
{
    bool was = w->broken; /* a kill of the scene is not the one of the run */
    die_now(w);
    w->broken = was;
    if (!*w->trouble)
        reborn(w);
    return !*w->trouble;
}

char *world_sql(struct world *w, const char *sql)
{
    sqlite3_stmt *s = NULL;
    sqlite3 *h = db_handle(w->db);
    char *out = NULL;
    int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(s, 0);
        out = strdup(text ? text : "NULL");
    } else {
        char words[400];
        snprintf(words, sizeof words, "error: %s", sqlite3_errmsg(h));
        out = strdup(rc == SQLITE_DONE ? "none" : words);
    }
    sqlite3_finalize(s);
    if (!out)
        abort();
    return out;
}

void world_check(struct world *w, char *out, size_t size)
{
    char *whole = world_sql(w, "PRAGMA main.integrity_check");
    char *keys = world_sql(w, "SELECT 'broken foreign key of ' || \"table\""
                              " FROM pragma_foreign_key_check");
    *out = '\0';
    if (strcmp(whole, "ok") != 0)
        snprintf(out, size, "integrity_check: %s", whole);
    else if (strcmp(keys, "none") != 0)
        snprintf(out, size, "%s", keys);
    free(whole);
    free(keys);
}
