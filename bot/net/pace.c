#include "bot/net/pace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKEN = 1000, /* tokens are counted in thousandths */
    PERSON_BURST = 4,
    GROUP_MAX = 18,
    GROUP_MS = SPOKEN_MS,
    FLOOD_GAP_MS = 1000,
    HALVED_MS = 60 * 1000,
    BULK_EVERY = 4,
    CHATS_MIN = 64,
    CHATS_MAX = 1 << 16, /* past it every other chat starts anew */
};

struct bucket {
    int64_t chat; /* 0: free place */
    int64_t at_ms;
    int64_t tokens; /* a person's, in thousandths at at_ms */
    /* A group's last sends, a ring: the oldest one leaves the minute first. */
    int64_t *sent_ms;
    int next, sent;
};

struct pace {
    int64_t per_sec, tokens, at_ms;
    int people_in_a_row;
    int64_t flood_until_ms, halved_until_ms; /* 0: not */
    int64_t last_429_chat, last_429_ms, last_429_retry_ms;
    struct bucket *chats;
    int cap, used;
};

static struct bucket *table_new(int cap)
{
    struct bucket *t = calloc((size_t)cap, sizeof *t);
    if (!t)
        abort();
    return t;
}

struct pace *pace_new(int64_t per_sec)
{
    struct pace *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->per_sec = per_sec;
    p->cap = CHATS_MIN;
    p->chats = table_new(p->cap);
    p->tokens = INT64_MAX / 2; /* cut to the burst by the first look at the clock */
    return p;
}

void pace_free(struct pace *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->cap; i++)
        free(p->chats[i].sent_ms);
    free(p->chats);
    free(p);
}

int pace_chats(const struct pace *p)
{
    return p->used;
}

/* ---- one chat ---- */

static int64_t person_tokens(const struct bucket *b, int64_t now_ms)
{
    int64_t gone = now_ms - b->at_ms, max = PERSON_BURST * TOKEN;
    if (gone < 0) /* the clock was set back */
        return max;
    return gone > max ? max : b->tokens + gone > max ? max : b->tokens + gone;
}

/* Sends that the last minute still holds; one from the future is from a clock set back. */
static int group_sends(const struct bucket *b, int64_t now_ms)
{
    int n = 0;
    for (int i = 0; i < b->sent; i++)
        n += b->sent_ms[i] <= now_ms && now_ms - b->sent_ms[i] < GROUP_MS;
    return n;
}

static bool rested(const struct bucket *b, int64_t now_ms)
{
    if (b->sent_ms)
        return group_sends(b, now_ms) == 0;
    return person_tokens(b, now_ms) == PERSON_BURST * TOKEN;
}

static struct bucket *place(struct bucket *t, int cap, int64_t chat)
{
    uint64_t at = (uint64_t)chat * 0x9e3779b97f4a7c15u >> 32;
    for (;; at++) {
        struct bucket *b = &t[at & (uint64_t)(cap - 1)];
        if (b->chat == 0 || b->chat == chat)
            return b;
    }
}

/* Forgets the buckets that are full again; grows when that is not enough. What the ceiling
 * costs is that a few chats may speak too early: a 429 would tell. */
static void make_room(struct pace *p, int64_t now_ms)
{
    int kept = 0;
    for (int i = 0; i < p->cap; i++)
        kept += p->chats[i].chat && !rested(&p->chats[i], now_ms);
    bool crowded = kept > p->cap / 4, full = crowded && p->cap >= CHATS_MAX;
    int cap = crowded && !full ? p->cap * 2 : p->cap;
    struct bucket *t = table_new(cap);
    p->used = 0;
    for (int i = 0; i < p->cap; i++) {
        struct bucket *b = &p->chats[i];
        if (!b->chat || rested(b, now_ms) || (full && i % 2)) {
            free(b->sent_ms);
            continue;
        }
        *place(t, cap, b->chat) = *b;
        p->used++;
    }
    free(p->chats);
    p->chats = t;
    p->cap = cap;
}

int64_t pace_chat_ms(struct pace *p, int64_t chat, int64_t now_ms)
{
    const struct bucket *b = place(p->chats, p->cap, chat);
    if (chat == 0 || b->chat == 0 || p->per_sec == 0)
        return now_ms;
    if (!b->sent_ms) {
        int64_t tokens = person_tokens(b, now_ms);
        return tokens >= TOKEN ? now_ms : now_ms + TOKEN - tokens;
    }
    if (group_sends(b, now_ms) < GROUP_MAX)
        return now_ms;
    return b->sent_ms[b->next] + GROUP_MS; /* a full ring: next is the oldest */
}

static void chat_pay(struct pace *p, int64_t chat, int64_t now_ms)
{
    struct bucket *b = place(p->chats, p->cap, chat);
    if (b->chat == 0) {
        if (p->used >= p->cap / 2) {
            make_room(p, now_ms);
            b = place(p->chats, p->cap, chat);
        }
        *b = (struct bucket){.chat = chat, .at_ms = now_ms, .tokens = PERSON_BURST * TOKEN};
        p->used++;
        if (chat < 0 && !(b->sent_ms = calloc(GROUP_MAX, sizeof *b->sent_ms)))
            abort();
    }
    if (b->sent_ms) {
        b->sent_ms[b->next] = now_ms;
        b->next = (b->next + 1) % GROUP_MAX;
        b->sent += b->sent < GROUP_MAX;
        return;
    }
    b->tokens = person_tokens(b, now_ms) - TOKEN;
    b->at_ms = now_ms;
}

/* ---- all chats ---- */

/* Takes the clock forward. A clock set back ends every wait that was measured on it. */
static void pass_time(struct pace *p, int64_t now_ms)
{
    int64_t gone = now_ms - p->at_ms;
    p->at_ms = now_ms;
    if (gone < 0) {
        p->flood_until_ms = p->halved_until_ms = p->last_429_ms = 0;
        return;
    }
    if (p->flood_until_ms <= now_ms)
        p->flood_until_ms = 0;
    int64_t rate = p->per_sec;
    if (p->halved_until_ms > now_ms)
        rate = rate > 1 ? rate / 2 : 1;
    /* A small burst: rate + burst is the most that any second sees. */
    int64_t burst = rate / 8 < 1 ? TOKEN : rate / 8 * TOKEN;
    if (gone > 60 * 1000)
        gone = 60 * 1000;
    p->tokens = p->tokens > burst ? burst : p->tokens + gone * rate;
    if (p->tokens > burst)
        p->tokens = burst;
}

int64_t pace_all_ms(struct pace *p, enum outbox_class class, int64_t now_ms)
{
    if (p->per_sec == 0)
        return now_ms;
    pass_time(p, now_ms);
    int64_t rate = p->per_sec, at_ms = now_ms;
    if (p->halved_until_ms > now_ms)
        rate = rate > 1 ? rate / 2 : 1;
    if (p->tokens < TOKEN)
        at_ms += (TOKEN - p->tokens + rate - 1) / rate;
    return class == CLASS_BULK && p->flood_until_ms > at_ms ? p->flood_until_ms : at_ms;
}

void pace_pay(struct pace *p, int64_t chat, enum outbox_class class, bool edit,
              int64_t now_ms)
{
    if (chat == 0 || p->per_sec == 0)
        return;
    chat_pay(p, chat, now_ms);
    if (edit)
        return;
    pass_time(p, now_ms);
    p->tokens -= TOKEN;
    p->people_in_a_row = class == CLASS_BULK ? 0 : p->people_in_a_row + 1;
}

void pace_recall(struct pace *p, int64_t group, int64_t at_ms)
{
    assert(group < 0);
    if (p->per_sec > 0)
        chat_pay(p, group, at_ms);
}

bool pace_bulk_turn(const struct pace *p)
{
    return p->people_in_a_row >= BULK_EVERY - 1;
}

void pace_flood(struct pace *p, int64_t chat, int64_t retry_after_s, int64_t now_ms)
{
    pass_time(p, now_ms);
    int64_t retry_ms = retry_after_s * 1000;
    bool second = p->last_429_ms && chat != p->last_429_chat &&
                  now_ms - p->last_429_ms <= FLOOD_GAP_MS;
    if (second) {
        int64_t least = retry_ms < p->last_429_retry_ms ? retry_ms : p->last_429_retry_ms;
        if (now_ms + least > p->flood_until_ms)
            p->flood_until_ms = now_ms + least;
        p->halved_until_ms = now_ms + HALVED_MS;
    }
    p->last_429_chat = chat;
    p->last_429_ms = now_ms;
    p->last_429_retry_ms = retry_ms;
}

bool pace_one_at_a_time(struct pace *p, int64_t now_ms)
{
    pass_time(p, now_ms);
    return p->flood_until_ms > now_ms;
}
