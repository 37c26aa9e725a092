/* What becomes of a row is decided by its kind:
 *
 *              question           reply              nudge,  edit, setup,
 *                                                    poll    ask
 *   unknown    once more, 45 s    once more, within  let go  again, until it
 *              later unless       a minute                   expires
 *              pressed before
 *   third time never              never              never
 *
 * A row that names somebody as `told` tells them its last word, in the same commit. */
#include "bot/talk/outcome.h"

#include <inttypes.h>
#include <string.h>

#include "bot/base/log.h"
#include "bot/talk/club.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"
#include "bot/talk/serve.h"
#include "db/alarms.h"
#include "db/chats.h"
#include "db/meta.h"
#include "db/posts.h"
#include "db/sittings.h"

#define LOG_MOD "outcome"

enum { AGAIN_MS = 45 * 1000, PAUSE_MS = 3 * 1000, REPLY_FRESH_MS = 60 * 1000, COPIES = 2 };

/* The row is gone by now: what its feature says comes after it. */
static enum err tell(struct turn *t, const struct outbox_row *row, const struct outcome *o)
{
    const char *data;
    const struct feature *f = row->told ? route_prefix(row->told, &data) : NULL;
    if (!f || !f->told)
        return OK;
    t->class = row->class;
    enum err e =
        row->chat < 0 ? turn_enter(t, row->chat, row->thread) : turn_load(t, row->chat);
    return e ? e : f->told(t, data, o);
}

/* The delivery whose message a row is; ERR_NOT_FOUND when it is no question's. */
static enum err delivery_of(struct turn *t, const struct outbox_row *row,
                            struct delivery *out)
{
    return row->kind == KIND_QUESTION && row->post
               ? delivery_by_post(t->db, t->arena, row->post, out)
               : ERR_NOT_FOUND;
}

static enum err question_arrived(struct turn *t, const struct outbox_row *row)
{
    struct delivery d;
    enum err e = delivery_of(t, row, &d);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    struct sitting s;
    if (!d.sitting)
        return OK;
    e = sitting_sent(t->db, d.sitting, t->now_ms);
    if (!e)
        e = sitting_find(t->db, d.sitting, &s);
    /* By the first message alone: what follows an answer is not ignored. */
    bool counts = !e && s.scheduled && d.place == 1;
    return counts ? learner_ignores(t->db, d.learner, s.day) : e;
}

/* Where all went out at once, the others may be there. */
static enum err sitting_late(struct turn *t, int64_t id)
{
    struct sitting s;
    int64_t waiting = 0;
    enum err e = sitting_find(t->db, id, &s);
    if (!e && s.at_once)
        e = sitting_waiting(t->db, id, &waiting);
    return e || waiting ? e : sitting_failed(t->db, id);
}

/* The question did not get there. One that Telegram refused is passed over and the next of
 * its sitting follows; one that came too late ends the sitting. */
static enum err question_lost(struct turn *t, const struct outbox_row *row, bool refused)
{
    struct delivery d, next = {0};
    enum err e = delivery_of(t, row, &d);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    if (d.state != DELIVERY_OPEN)
        return OK;
    d.state = DELIVERY_DROPPED;
    e = delivery_save(t->db, &d);
    if (e || !d.sitting)
        return e;
    if (!refused)
        return sitting_late(t, d.sitting);
    t->class = row->class;
    e = turn_load(t, d.learner);
    if (!e)
        e = serve_next(t, &d, &next);
    bool first = d.place == 1;
    return e || !next.id ? e : serve_put(t, &next, !first, first ? row->expires_ms : 0);
}

/* Sent. A press may have told the message before, or a copy may already be known. */
static enum err on_sent(struct turn *t, const struct outbox_row *row,
                        const struct outcome *o)
{
    int64_t old = 0;
    enum err e = OK;
    if (row->post && o->message && row->kind != KIND_EDIT)
        e = post_adopt(t->db, row->post, o->message, &old);
    if (e == ERR_REFUSED) /* a message that is another post's: nothing to learn from it */
        e = OK;
    if (!e)
        e = question_arrived(t, row);
    if (!e && old) {
        e = row->chat < 0 ? turn_enter(t, row->chat, row->thread) : turn_load(t, row->chat);
        if (!e && (t->known || t->club.id))
            e = say_edit(t, old, w_copy(&t->words), NULL);
    }
    if (!e)
        e = outbox_settle(t->db, row->id, row->chat);
    return e ? e : tell(t, row, o);
}

/* A question of which a copy may be there, or was pressed, stays open: a press will tell.
 */
static enum err let_go(struct turn *t, const struct outbox_row *row,
                       const struct outcome *o)
{
    bool refused = o->fate == FATE_REFUSED;
    bool lost = row->copies < COPIES && !row->message;
    enum err e = lost ? question_lost(t, row, refused) : OK;
    if (!e && row->kind == KIND_SETUP) /* the next start offers the menu again */
        e = meta_set(t->db, "commands", 0);
    if (!e)
        e = outbox_settle(t->db, row->id, row->chat);
    return e || o->fate == FATE_BLOCKED ? e : tell(t, row, o);
}

enum err outcome_unknown(struct turn *t, const struct outbox_row *row)
{
    bool again = row->copies < COPIES;
    enum err e;
    switch (row->kind) {
    case KIND_QUESTION:
        if (!again || row->message) /* it may well be there, or a press has told so */
            return outbox_settle(t->db, row->id, row->chat);
        e = outbox_park(t->db, row->id, row->chat);
        return e ? e : alarm_set(t->db, "again", row->id, t->now_ms + AGAIN_MS, false);
    case KIND_REPLY:
        again = again && t->now_ms < row->expires_ms - REPLY_LIVES_MS + REPLY_FRESH_MS;
        break;
    case KIND_NUDGE:
    case KIND_POLL:
        again = false;
        break;
    case KIND_EDIT:
    case KIND_SETUP:
    case KIND_ASK:
        again = t->now_ms < row->expires_ms;
    }
    if (again)
        return outbox_retry(t->db, row->id, row->chat, t->now_ms + PAUSE_MS);
    e = outbox_settle(t->db, row->id, row->chat);
    return e ? e
             : tell(t, row,
                    &(struct outcome){.row = row->id,
                                      .fate = FATE_UNKNOWN,
                                      .description = "",
                                      .poll = "",
                                      .status = ""});
}

/* A person has blocked us, or a group has put us out. */
static enum err on_blocked(struct turn *t, const struct outbox_row *row,
                           const struct outcome *o)
{
    enum err e = let_go(t, row, o);
    if (!e && row->chat < 0)
        return club_lost(t, row->chat);
    if (!e)
        e = turn_load(t, row->chat);
    return e || !t->known ? e : morning_block(t);
}

enum err outcome_settle(struct turn *t, const struct outcome *o)
{
    struct outbox_row row;
    enum err e = outbox_find(t->db, t->arena, o->row, &row);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    switch (o->fate) {
    case FATE_SENT:
        return on_sent(t, &row, o);
    case FATE_LATER: /* not a copy: it surely did not get there */
        return outbox_not_sent(t->db, row.id, row.chat, o->retry_ms);
    case FATE_UNKNOWN:
        return outcome_unknown(t, &row);
    case FATE_REFUSED:
        log_error("chat refused method=%s kind=%d: %s", row.method, (int)row.kind,
                  o->description ? o->description : "");
        return let_go(t, &row, o);
    case FATE_BLOCKED:
        return on_blocked(t, &row, o);
    case FATE_MIGRATED:
        if (row.kind == KIND_EDIT) /* its message lies at the old address */
            e = outbox_settle(t->db, row.id, row.chat);
        else /* waits again, so that it moves with what waits */
            e = outbox_not_sent(t->db, row.id, row.chat, 0);
        return e ? e : chat_migrate(t->db, row.chat, o->migrate_to);
    case FATE_EXPIRED:
        break;
    }
    return let_go(t, &row, o);
}

/* 45 s have gone by without a press on it: the question is sent once more, unless nobody
 * asked for it and the person has said /stop or /pause. */
static enum err again_ring(struct turn *t, int64_t id)
{
    struct outbox_row row;
    enum err e = outbox_find(t->db, t->arena, id, &row);
    if (!e)
        e = turn_load(t, row.chat);
    if (!e && row.class == CLASS_BULK && t->known &&
        (t->who.state != LEARNER_ACTIVE || learner_paused(t)))
        return outbox_arrived(t->db, row.post);
    if (!e)
        e = outbox_requeue(t->db, id);
    return e == ERR_NOT_FOUND ? OK : e;
}

const struct feature again_feature = {.alarm = "again", .ring = again_ring};
