#include "bot/net/backups.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "bot/base/log.h"
#include "bot/talk/turn.h"
#include "db/backup.h"
#include "db/erased.h"
#include "db/shelf.h"

#define LOG_MOD "backup"

#define DAY_MS (24 * 3600 * 1000LL)
#define AT_MS (3 * 3600 * 1000LL + 30 * 60 * 1000LL) /* 03:30 */
#define AGAIN_MS (3600 * 1000LL)
/* A database that is rolled back begins its copy anew: not for ever. */
#define COPY_MS (30 * 60 * 1000LL)
#define VERIFY_MS (30 * 60 * 1000)

/* One at a time:
 *   IDLE ─due─▶ COPIES ─done─▶ VERIFIES ─exit 0─▶ KEEPS ─done─▶ IDLE
 * What fails on the way leads to IDLE too. The callbacks of the child and of the thread
 * only note what happened; backups_run() goes on. */
struct backups {
    uv_loop_t *loop;
    struct db *db;
    const char *folder, *program;
    enum { IDLE, COPIES, VERIFIES, KEEPS } state;
    int64_t due_ms, began_ms;
    bool asked;
    char copy[SHELF_PATH];
    struct backup *backup; /* COPIES */
    uv_process_t child;    /* VERIFIES */
    uv_timer_t deadline;
    bool exited, in_time;
    int64_t status;
    uv_work_t work; /* KEEPS; the fields below are the thread's until `kept` */
    int64_t kept_ms;
    bool kept;
    int error;
    char name[SHELF_NAME];
    struct house *house; /* NULL: nobody is told */
    int handles;         /* not yet closed */
    bool closing;
};

/* The first 03:30 that a backup made then does not cover. */
static int64_t next_after(int64_t made_ms)
{
    int64_t day_ms = (made_ms - AT_MS) / DAY_MS * DAY_MS;
    return day_ms + DAY_MS + AT_MS;
}

static void failed(struct backups *b, int64_t now_ms, const char *why)
{
    log_error("no backup in %s: %s; trying again in an hour", b->folder, why);
    if (b->copy[0])
        unlink(b->copy);
    b->state = IDLE;
    b->due_ms = now_ms + AGAIN_MS;
}

/* ---- the copy ---- */

static void begin(struct backups *b, int64_t now_ms)
{
    char why[BACKUP_WHY];
    b->asked = false;
    b->began_ms = now_ms;
    b->copy[0] = '\0';
    if (!shelf_open(b->folder) || !shelf_new(b->folder, b->copy))
        failed(b, now_ms, strerror(errno));
    else if (backup_begin(b->db, b->copy, &b->backup, why))
        failed(b, now_ms, why);
    else
        b->state = COPIES;
}

static void child_closed(uv_handle_t *handle)
{
    struct backups *b = handle->data;
    b->exited = true; /* now: the handle is ours again */
    if (--b->handles == 0 && b->closing)
        free(b);
}

static void child_exited(uv_process_t *child, int64_t status, int number)
{
    struct backups *b = child->data;
    b->status = number ? -1 : status;
    uv_close((uv_handle_t *)child, child_closed);
}

static void time_is_up(uv_timer_t *timer)
{
    struct backups *b = timer->data;
    b->in_time = false;
    uv_process_kill(&b->child, SIGKILL);
}

/* Its own words come to our log: stderr is the one thing that the child shares. */
static void verify(struct backups *b, int64_t now_ms)
{
    char *args[] = {(char *)"sobes", (char *)"verify", b->copy, NULL};
    char *environment[] = {NULL};
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_INHERIT_FD, .data.fd = 2}};
    const uv_process_options_t options = {.exit_cb = child_exited,
                                          .file = b->program,
                                          .args = args,
                                          .env = environment,
                                          .stdio_count = 3,
                                          .stdio = stdio};
    b->state = VERIFIES;
    b->exited = false;
    b->in_time = true;
    b->child.data = b;
    uv_disable_stdio_inheritance();
    int error = uv_spawn(b->loop, &b->child, &options);
    b->handles++;
    if (error) {
        uv_close((uv_handle_t *)&b->child, child_closed);
        failed(b, now_ms, uv_strerror(error));
        return;
    }
    uv_timer_start(&b->deadline, time_is_up, VERIFY_MS, 0);
}

static void copy(struct backups *b, int64_t now_ms)
{
    char why[BACKUP_WHY];
    bool done = false;
    enum err e = backup_step(b->backup, &done, why);
    if (!e && !done && (now_ms - b->began_ms > COPY_MS || now_ms < b->began_ms)) {
        snprintf(why, sizeof why, "the copy took too long");
        e = ERR_DB;
    }
    if (!e && !done)
        return;
    char ignored[BACKUP_WHY];
    enum err ends = backup_end(b->backup, e ? ignored : why);
    b->backup = NULL;
    if (e || ends)
        failed(b, now_ms, why);
    else
        verify(b, now_ms);
}

/* ---- the shelf ---- */

static void keep(uv_work_t *work)
{
    struct backups *b = work->data;
    b->error = shelf_keep(b->folder, b->kept_ms, b->name) ? errno : 0;
}

static void keep_done(uv_work_t *work, int status)
{
    struct backups *b = work->data;
    (void)status;
    b->kept = true;
    if (--b->handles == 0 && b->closing)
        free(b);
}

static void judge(struct backups *b, int64_t now_ms)
{
    if (!b->exited)
        return;
    uv_timer_stop(&b->deadline);
    if (!b->in_time || b->status != 0) {
        failed(b, now_ms,
               b->in_time ? "the copy is not good" : "looking at it took too long");
        return;
    }
    b->state = KEEPS;
    b->kept = false;
    b->kept_ms = now_ms;
    b->work.data = b;
    b->handles++;
    uv_queue_work(b->loop, &b->work, keep, keep_done);
}

/* The newest one on the shelf. */
static void tell_house(struct backups *b, int64_t now_ms)
{
    char newest[SHELF_PATH];
    struct stat st;
    if (!b->house || !shelf_newest(b->folder, newest) || stat(newest, &st) != 0)
        return;
    b->house->backup_ms = shelf_newest_ms(b->folder, now_ms);
    b->house->backup_bytes = st.st_size;
}

void backups_tell(struct backups *b, struct house *house)
{
    b->house = house;
    tell_house(b, house->started_ms);
}

/* By their names. Beside those of a time to come, or made by a clock that is behind, it
 * pushes no older one out. */
static bool is_newest(const struct backups *b)
{
    char newest[SHELF_PATH];
    return shelf_newest(b->folder, newest) &&
           strcmp(newest + strlen(newest) - strlen(b->name), b->name) == 0;
}

static void finish(struct backups *b, int64_t now_ms)
{
    if (!b->kept)
        return;
    if (b->error) {
        failed(b, now_ms, strerror(b->error));
        return;
    }
    log_info("backup=%s/%s ms=%lld", b->folder, b->name, (long long)(now_ms - b->began_ms));
    tell_house(b, now_ms);
    if (is_newest(b) && !erased_backed_up(b->db))
        log_warn("the list of erased people stays as long as it was: %s", strerror(errno));
    b->state = IDLE;
    b->due_ms = next_after(now_ms);
}

void backups_ask(struct backups *b)
{
    if (b->state == IDLE)
        b->asked = true;
}

void backups_run(struct backups *b, int64_t now_ms)
{
    if (b->due_ms - now_ms > DAY_MS) /* the clock was set back */
        b->due_ms = next_after(now_ms);
    if (b->state == IDLE && (b->asked || b->due_ms <= now_ms) && b->handles == 1)
        begin(b, now_ms);
    else if (b->state == COPIES)
        copy(b, now_ms);
    else if (b->state == VERIFIES)
        judge(b, now_ms);
    else if (b->state == KEEPS)
        finish(b, now_ms);
}

int64_t backups_next_ms(const struct backups *b)
{
    bool now = b->state == COPIES || (b->state == VERIFIES && b->exited) ||
               (b->state == KEEPS && b->kept) || (b->state == IDLE && b->asked);
    return now ? 0 : b->state == IDLE ? b->due_ms : INT64_MAX;
}

struct backups *backups_new(struct uv_loop_s *loop, struct db *db, const char *folder,
                            const char *program, int64_t now_ms)
{
    struct backups *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->loop = loop;
    b->db = db;
    b->folder = folder;
    b->program = program;
    int64_t newest_ms = shelf_newest_ms(folder, now_ms);
    b->due_ms = newest_ms ? next_after(newest_ms) : now_ms + AGAIN_MS;
    uv_timer_init(loop, &b->deadline);
    b->deadline.data = b;
    b->handles = 1;
    return b;
}

void backups_free(struct backups *b)
{
    char ignored[BACKUP_WHY];
    if (!b)
        return;
    b->closing = true;
    if (b->state == COPIES)
        backup_end(b->backup, ignored);
    if (b->state == VERIFIES) {
        if (!uv_is_closing((uv_handle_t *)&b->child)) {
            uv_process_kill(&b->child, SIGKILL);
            uv_close((uv_handle_t *)&b->child, child_closed);
        }
        unlink(b->copy);
    }
    uv_close((uv_handle_t *)&b->deadline, child_closed);
}
