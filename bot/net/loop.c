#include "bot/net/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "bot/base/count.h"
#include "bot/base/log.h"
#include "bot/net/backoff.h"
#include "bot/net/backups.h"

#define LOG_MOD "loop"

enum {
    TICK_MS = 30 * 1000,
    STOP_MS = 10 * 1000,
    DB_AGAIN_MS = 1000,
    JUMP_MS = 5000,
    GAP_MS = 60 * 1000, /* a longer one is worth a look: see DOWN_FROM_MS in boot.c */
    WORDS = 32
};

struct loop {
    uv_loop_t *uv;
    struct bot *bot;
    struct poll *poll;
    struct sender *sender;
    struct health *health;
    struct notify *notify;
    int64_t booted_ms; /* UTC */
    struct backups *backups;
    uv_timer_t timer;
    uv_prepare_t pass; /* after the callbacks of a pass, before it sleeps */
    uv_signal_t term, interrupt, hangup, user;
    enum { LOOP_BOOTS, LOOP_RUNS, LOOP_STOPS, LOOP_OVER } state;
    bool booted;
    bool awake;        /* every active person has an alarm */
    struct backoff db; /* of boot, waking and alarms */
    int64_t turns_ms;  /* when a turn of these is wanted next */
    int64_t apart_ms;  /* the wall clock less the steady one */
    bool terminal;     /* it was started in one */
    const char *bank_path;
    bool bank_wanted;    /* SIGHUP came: a new bank lies at bank_path */
    struct backoff bank; /* of its attachment */
    uint64_t stop_by;    /* uv_now() */
    uint64_t random[WORDS];
    int random_left;
    int code;
};

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A new word of randomness for every turn; fetched by the dozen. */
static struct moment at(struct loop *l, int64_t now_ms)
{
    if (l->random_left == 0) {
        if (getrandom(l->random, sizeof l->random, 0) != (ssize_t)sizeof l->random)
            abort(); /* tokens that can be guessed are worse than no bot */
        l->random_left = WORDS;
    }
    return (struct moment){.now_ms = now_ms, .random = l->random[--l->random_left]};
}

static void begin_stop(struct loop *l, int64_t now_ms, int code)
{
    if (l->state == LOOP_STOPS || l->state == LOOP_OVER)
        return;
    l->state = LOOP_STOPS;
    l->code = code;
    l->stop_by = uv_now(l->uv) + STOP_MS;
    poll_stop(l->poll, at(l, now_ms));
    sender_stop(l->sender);
}

/* False after ERR_DB: turns wait a second. */
static bool turn_went(struct loop *l, enum err e, int64_t now_ms)
{
    if (!e) {
        if (l->db.failures)
            log_info("the database serves again");
        backoff_clear(&l->db);
        return true;
    }
    if (l->db.failures++ == 0)
        log_error("the database is in trouble; trying each second");
    backoff_wait(&l->db, now_ms, DB_AGAIN_MS);
    l->turns_ms = backoff_end_ms(&l->db);
    return false;
}

/* Bulk alarms run only while the outbox has few bulk lanes ready: the table of alarms is
 * the queue, the outbox only its head. */
static void alarms(struct loop *l, int64_t now_ms)
{
    bool more = false, room = true;
    int64_t due_ms = turn_next_alarm_ms(l->bot, true);
    if (due_ms <= now_ms && !sender_has_room(l->sender, now_ms)) {
        room = false;
        due_ms = turn_next_alarm_ms(l->bot, false);
    }
    l->turns_ms = due_ms;
    if (due_ms > now_ms)
        return;
    int64_t began_us = count_clock_us();
    enum err e = turn_alarms(l->bot, at(l, now_ms), room, &more);
    histogram_add(&counts.turn_us[TURN_ALARMS], count_clock_us() - began_us);
    turn_went(l, e, now_ms);
}

static int64_t apart(const struct loop *l, int64_t now_ms)
{
    return now_ms - (int64_t)uv_now(l->uv);
}

/* Telegram has told the bot its name, so its certificate is of our time. Before that the
 * clock may show any year (a machine without a battery starts in 1970), nobody could be
 * reached anyway, and what is due by a wrong clock would be served, dropped or erased. */
static bool met(const struct loop *l)
{
    return *l->bot->username;
}

/* The clock was set, or the machine slept: noticed by comparing it with the steady one. */
static bool clock_is_steady(struct loop *l, int64_t now_ms)
{
    int64_t moved = apart(l, now_ms) - l->apart_ms;
    if (moved > -JUMP_MS && moved < JUMP_MS)
        return true;
    log_line(moved < -GAP_MS || moved > GAP_MS ? LOG_WARN : LOG_INFO, LOG_MOD,
             "the clock moved by %lld s", (long long)(moved / 1000));
    if (!turn_went(l, turn_clock_moved(l->bot, at(l, now_ms), moved), now_ms))
        return false;
    l->apart_ms += moved;
    l->awake = false;
    return true;
}

static void say_bank(struct loop *l, enum err e)
{
    char hash[BANK_HASH_MAX];
    if (!e)
        l->bot->house.bank_ms = clock_ms();
    if (!e && db_bank_hash(l->bot->db, hash) == OK)
        log_info("bank=%s hash=%s", l->bank_path, hash);
    else if (e == ERR_NOT_FOUND)
        log_error("no question bank at %s (BANK_PATH): the one that was loaded serves on",
                  l->bank_path);
    else if (e == ERR_BAD_INPUT)
        log_error("%s (BANK_PATH) is damaged or no bank of this Sobes: the one that was "
                  "loaded serves on",
                  l->bank_path);
    else if (l->bank.failures++ == 0)
        log_error("the question bank %s cannot be attached; trying each second",
                  l->bank_path);
}

/* False while there is no bank: then nothing may run that could read one. */
static bool have_bank(struct loop *l, int64_t now_ms)
{
    if (!l->bank_wanted)
        return true;
    if (backoff_over(&l->bank, now_ms)) {
        enum err e = db_swap_bank(l->bot->db, l->bank_path);
        say_bank(l, e);
        l->bank_wanted = e == ERR_DB;
        if (l->bank_wanted)
            backoff_wait(&l->bank, now_ms, DB_AGAIN_MS);
        else
            backoff_clear(&l->bank);
    }
    return db_has_bank(l->bot->db);
}

static void turns(struct loop *l, int64_t now_ms)
{
    if (!backoff_over(&l->db, now_ms)) {
        l->turns_ms = backoff_end_ms(&l->db);
        return;
    }
    l->turns_ms = now_ms;
    if (l->state == LOOP_BOOTS) {
        l->booted = turn_went(l, turn_boot(l->bot, at(l, now_ms)), now_ms);
        l->apart_ms = apart(l, now_ms);
        if (l->booted) {
            l->state = LOOP_RUNS;
            l->booted_ms = now_ms;
        }
        return;
    }
    if (!clock_is_steady(l, now_ms))
        return;
    if (l->awake) {
        l->turns_ms = INT64_MAX;
        if (met(l))
            alarms(l, now_ms);
        return;
    }
    bool done = false;
    if (turn_went(l, turn_wake(l->bot, at(l, now_ms), &done), now_ms))
        l->awake = done;
}

static void stop_when_quiet(struct loop *l, int64_t now_ms)
{
    bool quiet = poll_idle(l->poll) && sender_idle(l->sender);
    if (!quiet && uv_now(l->uv) < l->stop_by)
        return;
    if (!quiet)
        log_warn("stopping with calls in flight: their fate is unknown");
    if (l->booted && l->code != LOOP_DAMAGED && turn_stop(l->bot, at(l, now_ms)))
        log_warn("the database does not take the note of a clean stop");
    l->state = LOOP_OVER;
    uv_stop(l->uv);
}

static void wake(uv_timer_t *timer)
{
    (void)timer; /* the pass that follows does the work */
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When a pass has something to do. Without a bank only its return counts: what is due
 * stays due until then, and would wake the loop for nothing. */
static int64_t wanted_ms(const struct loop *l, int64_t now_ms)
{
    int64_t next_ms = now_ms + TICK_MS;
    if (l->bank_wanted)
        next_ms = earlier(next_ms, backoff_end_ms(&l->bank));
    int64_t beat_ms = notify_next_ms(l->notify);
    if (beat_ms < INT64_MAX)
        next_ms = earlier(next_ms, now_ms + beat_ms - (int64_t)uv_now(l->uv));
    if (!db_has_bank(l->bot->db))
        return next_ms;
    if (l->state != LOOP_STOPS)
        next_ms = earlier(next_ms, l->turns_ms);
    if (l->state != LOOP_BOOTS) {
        next_ms = earlier(next_ms, poll_next_ms(l->poll));
        if (met(l) || l->state == LOOP_STOPS)
            next_ms = earlier(next_ms, sender_next_ms(l->sender));
    }
    if (l->state == LOOP_RUNS)
        next_ms = earlier(next_ms, backups_next_ms(l->backups));
    return next_ms;
}

static void arm(struct loop *l)
{
    int64_t now_ms = clock_ms(), next_ms = wanted_ms(l, now_ms);
    uv_update_time(l->uv); /* turns take time */
    int64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : 0;
    if (l->state == LOOP_STOPS)
        wait_ms =
            earlier(wait_ms,
                    l->stop_by > uv_now(l->uv) ? (int64_t)(l->stop_by - uv_now(l->uv)) : 0);
    uv_timer_start(&l->timer, wake, (uint64_t)wait_ms, 0);
}

/* How we are, to who asks and to systemd. While a wait of ours goes on (Telegram's, for the
 * disk, for a bank) all is as it should be; only a call that does not end is a reason to be
 * started anew. */
static void tell(struct loop *l, int64_t now_ms)
{
    struct vitals v = {.booted = l->booted,
                       .stops = l->state == LOOP_STOPS || l->state == LOOP_OVER,
                       .token_refused = l->code == LOOP_TOKEN_REFUSED,
                       .bank_missing = !db_has_bank(l->bot->db),
                       .db_ails = l->db.failures > 0 || poll_db_ails(l->poll) ||
                                  sender_db_ails(l->sender),
                       .now_ms = now_ms,
                       .since_ms = l->booted_ms,
                       .answered_ms = poll_answered_ms(l->poll)};
    enum well w = well_of(&v);
    health_tell(l->health, w, v.answered_ms);
    notify_beat(l->notify, w, v.booted, !poll_hangs(l->poll, now_ms),
                (int64_t)uv_now(l->uv));
}

static void pass(uv_prepare_t *prepare)
{
    struct loop *l = prepare->data;
    int64_t now_ms = clock_ms();
    if (l->state == LOOP_OVER)
        return;
    if (!have_bank(l, now_ms)) {
        /* all there is to do is to wait for one */
    } else if (l->state == LOOP_BOOTS) {
        turns(l, now_ms);
    } else {
        if (poll_run(l->poll, at(l, now_ms)) == POLL_TOKEN_REFUSED)
            begin_stop(l, now_ms, LOOP_TOKEN_REFUSED);
        if (l->state == LOOP_RUNS)
            turns(l, now_ms);
        if (met(l) || l->state == LOOP_STOPS)
            sender_run(l->sender, at(l, now_ms));
        if (l->state == LOOP_RUNS)
            backups_run(l->backups, now_ms);
        if (sender_refused(l->sender))
            begin_stop(l, now_ms, LOOP_TOKEN_REFUSED);
    }
    if (db_is_damaged(l->bot->db))
        begin_stop(l, now_ms, LOOP_DAMAGED);
    if (l->state == LOOP_STOPS)
        stop_when_quiet(l, now_ms);
    tell(l, now_ms);
    arm(l);
}

static void signalled(uv_signal_t *handle, int number)
{
    struct loop *l = handle->data;
    if (l->state == LOOP_STOPS || l->state == LOOP_OVER)
        _exit(128 + number);
    log_info("signal=%d stopping", number);
    begin_stop(l, clock_ms(), LOOP_STOPPED);
}

/* An operator's SIGHUP, or that of a terminal which was closed: then it is an end. */
static void hung_up(uv_signal_t *handle, int number)
{
    struct loop *l = handle->data;
    if (l->terminal && !isatty(STDERR_FILENO)) {
        signalled(handle, number);
        return;
    }
    log_info("signal=%d looking for a new bank", number);
    l->bank_wanted = true;
}

static void backup_asked(uv_signal_t *handle, int number)
{
    struct loop *l = handle->data;
    log_info("signal=%d a backup is wanted", number);
    backups_ask(l->backups);
}

int loop_run(uv_loop_t *uv, struct bot *bot, struct poll *poll, struct sender *sender,
             const char *bank_path, struct backups *backups, struct health *health,
             struct notify *notify)
{
    struct loop l = {.uv = uv,
                     .bot = bot,
                     .poll = poll,
                     .sender = sender,
                     .backups = backups,
                     .health = health,
                     .notify = notify,
                     .bank_path = bank_path,
                     .terminal = isatty(STDERR_FILENO)};
    uv_timer_init(uv, &l.timer);
    uv_prepare_init(uv, &l.pass);
    uv_signal_init(uv, &l.term);
    uv_signal_init(uv, &l.interrupt);
    uv_signal_init(uv, &l.hangup);
    uv_signal_init(uv, &l.user);
    l.pass.data = l.term.data = l.interrupt.data = l.hangup.data = l.user.data = &l;
    uv_prepare_start(&l.pass, pass);
    uv_signal_start(&l.term, signalled, SIGTERM);
    uv_signal_start(&l.interrupt, signalled, SIGINT);
    uv_signal_start(&l.hangup, hung_up, SIGHUP);
    uv_signal_start(&l.user, backup_asked, SIGUSR1);
    log_info("started pid=%ld", (long)getpid()); /* from here on a signal stops cleanly */
    uv_timer_start(&l.timer, wake, 0, 0);
    uv_run(uv, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&l.timer, NULL);
    uv_close((uv_handle_t *)&l.pass, NULL);
    uv_close((uv_handle_t *)&l.term, NULL);
    uv_close((uv_handle_t *)&l.interrupt, NULL);
    uv_close((uv_handle_t *)&l.hangup, NULL);
    uv_close((uv_handle_t *)&l.user, NULL);
    uv_run(uv, UV_RUN_NOWAIT); /* l goes now: the loop must have let go of its handles */
    return l.code;
}
