#include "bot/net/lanes.h"

#include <stdlib.h>

enum {
    SPARE = 16,
    LOOK_MAX = 4096, /* behind so many lanes that must wait, some wait longer */
};

struct lanes {
    struct db *db;
    struct pace *pace;
    bool strict;
    struct lane ready[LOOK_MAX]; /* their chats may speak: people's, then bulk's */
    int people, people_end, bulk, bulk_end, bulk_slots;
    int held_back; /* lanes that only their own pace held in the last look */
    bool more;     /* the database has lanes behind these */
    int64_t wake_ms;
};

struct lanes *lanes_new(struct db *db, struct pace *pace, bool strict)
{
    struct lanes *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->db = db;
    l->pace = pace;
    l->strict = strict;
    return l;
}

void lanes_free(struct lanes *l)
{
    free(l);
}

static void wake_at(struct lanes *l, int64_t ms)
{
    if (ms < l->wake_ms)
        l->wake_ms = ms;
}

static enum err look(struct lanes *l, enum outbox_class class_max, int max, int64_t now_ms)
{
    int found, n = 0, people = 0;
    enum err e = outbox_lanes(l->db, now_ms, class_max, l->ready, max, &found);
    if (e)
        return e;
    for (int i = 0; i < found; i++) {
        int64_t at_ms = pace_chat_ms(l->pace, l->ready[i].chat, now_ms);
        if (at_ms > now_ms) {
            wake_at(l, at_ms);
            continue;
        }
        people += l->ready[i].class == CLASS_PEOPLE;
        l->ready[n++] = l->ready[i];
    }
    l->people = 0;
    l->people_end = l->bulk = people;
    l->bulk_end = n;
    l->held_back = found - n;
    l->more = found == max;
    return OK;
}

enum err lanes_look(struct lanes *l, int slots, int bulk_slots, int64_t now_ms)
{
    enum outbox_class class_max = bulk_slots > 0 ? CLASS_BULK : CLASS_PEOPLE;
    bool bulk_turn = bulk_slots > 0 && pace_bulk_turn(l->pace);
    int max = slots + l->held_back + SPARE;
    l->bulk_slots = bulk_slots;
    l->wake_ms = INT64_MAX;
    for (;; max *= 4) {
        max = max < LOOK_MAX ? max : LOOK_MAX;
        enum err e = look(l, class_max, max, now_ms);
        if (e || !l->more || max == LOOK_MAX)
            return e;
        bool bulk_hidden = bulk_turn && l->bulk == l->bulk_end;
        if (l->bulk_end >= slots && !bulk_hidden)
            return OK;
    }
}

const struct lane *lanes_next(struct lanes *l, int64_t now_ms)
{
    int64_t people_ms = pace_all_ms(l->pace, CLASS_PEOPLE, now_ms);
    int64_t bulk_ms = pace_all_ms(l->pace, CLASS_BULK, now_ms);
    bool person_waits = l->people < l->people_end;
    bool bulk_waits = l->bulk < l->bulk_end && l->bulk_slots > 0;
    bool person_may = person_waits && people_ms <= now_ms;
    bool bulk_may = bulk_waits && bulk_ms <= now_ms;
    if (bulk_may && person_waits && (l->strict || !pace_bulk_turn(l->pace)))
        bulk_may = false;
    if (bulk_may) {
        l->bulk_slots--;
        return &l->ready[l->bulk++];
    }
    if (person_may)
        return &l->ready[l->people++];
    if (person_waits)
        wake_at(l, people_ms);
    if (bulk_waits)
        wake_at(l, bulk_ms);
    if (!person_waits && !bulk_waits && l->more)
        wake_at(l, now_ms);
    return NULL;
}

int64_t lanes_wake_ms(const struct lanes *l)
{
    return l->wake_ms;
}
