/* upkeep: what the bot does for itself: says that it lives, sweeps what is past use. */
#include "bot/talk/route.h"
#include "db/alarms.h"
#include "db/battles.h"
#include "db/boards.h"
#include "db/broadcasts.h"
#include "db/clubs.h"
#include "db/export.h"
#include "db/forget.h"
#include "db/inbox.h"
#include "db/meta.h"
#include "db/posts.h"
#include "db/records.h"

enum {
    ALIVE_MS = 5 * 60 * 1000,
    SWEEP_MS = 3600 * 1000,
    SWEEP_ON_MS = 1000,
    BOARDS_KEPT = 400, /* days */
    DAY_MS = 24 * 3600 * 1000
};
#define DEAD_KEPT_MS (30LL * 24 * 3600 * 1000)
#define DOWN_KEPT_MS (400LL * 24 * 3600 * 1000) /* longer than any streak looks back */

/* Every commit writes meta.alive_ms; this one comes when there is nothing else. */
static enum err alive_ring(struct turn *t, int64_t subject)
{
    return alarm_set(t->db, "alive", subject, t->now_ms + ALIVE_MS, false);
}

/* What groups leave behind. */
static enum err sweep_clubs(struct turn *t, bool *out_more)
{
    bool battles = false, players = false, boards = false;
    enum err e = battles_prune(t->db, t->now_ms, &battles);
    if (!e)
        e = players_prune(t->db, t->now_ms, &players);
    if (!e)
        e = boards_prune(t->db, t->now_ms / DAY_MS - BOARDS_KEPT, &boards);
    *out_more = battles || players || boards;
    if (!e)
        e = club_admins_prune(t->db, t->now_ms);
    return e ? e : reports_prune(t->db, t->now_ms);
}

/* People who left long ago, and what is kept of troubles. */
static enum err sweep_people(struct turn *t, bool *out_more)
{
    bool erased = false, dead = false;
    enum err e = people_prune(t->db, t->now_ms, out_more, &erased);
    t->bot->erased = t->bot->erased || erased;
    if (!e)
        e = farewells_prune(t->db, t->now_ms);
    if (!e)
        e = broadcasts_prune(t->db, t->now_ms);
    if (!e)
        e = exports_prune(t->db, t->now_ms);
    if (!e)
        e = dead_prune(t->db, t->now_ms - DEAD_KEPT_MS, &dead);
    *out_more = *out_more || dead;
    return e;
}

static enum err sweep_ring(struct turn *t, int64_t subject)
{
    bool more = false, clubs = false, people = false;
    int64_t post = 0;
    enum err e = inbox_prune(t->db, t->now_ms, &more);
    if (!e)
        e = down_prune(t->db, t->now_ms - DOWN_KEPT_MS);
    if (!e)
        e = meta_get(t->db, "post_swept", 0, &post);
    if (!e)
        e = posts_prune(t->db, &post);
    if (!e)
        e = meta_set(t->db, "post_swept", post);
    if (!e)
        e = sweep_clubs(t, &clubs);
    if (!e)
        e = sweep_people(t, &people);
    more = more || clubs || people || post;
    int64_t next = t->now_ms + (more ? SWEEP_ON_MS : SWEEP_MS);
    return e ? e : alarm_set(t->db, "sweep", subject, next, false);
}

/* After three failures: tried again as if nothing was left over. */
static enum err sweep_later(struct turn *t, int64_t subject)
{
    return alarm_set(t->db, "sweep", subject, t->now_ms + SWEEP_MS, false);
}

const struct feature alive_feature = {
    .alarm = "alive", .ring = alive_ring, .give_up = alive_ring};
const struct feature sweep_feature = {
    .alarm = "sweep", .ring = sweep_ring, .give_up = sweep_later};
