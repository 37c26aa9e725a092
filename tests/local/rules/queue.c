/* The queue of updates, with the server's own idea of offsets. */
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"
#include "tests/local/rules/state.h"

/* An offset further above the newest id than this is not believed. */
enum { OFFSET_SLACK = 10, POLL_MAX_S = 50, POLL_LIMIT = 100, ANSWER_MAX = 1 << 22 };
enum { QUEUE_MAX = 100000 }; /* not confirmed; what comes then is lost */
/* Who asks again with the same offset within 3 s is made to wait, within half a second
 * gets one update. */
enum { HASTY_MS = 3000, HASTIEST_MS = 500 };

void queue_add(struct rules *r, int64_t now_ms, enum update_sort sort, const char *fields)
{
    if (!(r->allowed & (unsigned)sort) || r->tail - r->head >= QUEUE_MAX)
        return;
    rules_grow((void **)&r->queue, r->tail, &r->queue_room, sizeof *r->queue);
    struct buf b = {0};
    buf_printf(&b, "{\"update_id\":%lld,%s}", (long long)r->next_update, fields);
    r->newest =
        (struct queued){.id = r->next_update++,
                        .dies_ms = now_ms + (sort == SORT_PRESS    ? RULES_QUERY_MS
                                             : sort == SORT_INLINE ? RULES_INLINE_MS
                                                                   : RULES_UPDATE_MS),
                        .json = rules_keep(r, b.data)};
    r->queue[r->tail++] = r->newest;
    if (r->record)
        fprintf(r->record, "{\"at_ms\":%lld,\"update\":%s}\n", (long long)now_ms, b.data);
    buf_free(&b);
}

bool rules_again(struct rules *r)
{
    r->replay += r->newest.id != 0;
    return r->replay > 0;
}

void rules_number_from(struct rules *r, int64_t update)
{
    r->next_update = update;
}

bool rules_waiting(const struct rules *r)
{
    return r->head < r->tail || r->replay > 0;
}

static bool alive(const struct queued *q, int64_t now_ms)
{
    return q->dies_ms > now_ms;
}

/* Forgets what the offset confirms. Ids in the queue may fall where numbering restarted:
 * the newest id is that of the last one made. */
static void confirm(struct rules *r, int64_t now_ms, int64_t offset)
{
    if (offset >= 0) {
        if (offset > r->newest.id + OFFSET_SLACK)
            return; /* from the oldest, as if no offset had come */
        while (r->head < r->tail && r->queue[r->head].id < offset)
            r->head++;
        return;
    }
    size_t from = r->tail;
    for (int64_t keep = -offset; keep > 0 && from > r->head;)
        keep -= alive(&r->queue[--from], now_ms);
    r->head = from;
}

/* The bit of a kind of update, 0 for a name that the server does not know. */
static unsigned sort_of(const char *name)
{
    static const struct {
        const char *name;
        enum update_sort sort;
    } sorts[] = {{"message", SORT_MESSAGE},
                 {"callback_query", SORT_PRESS},
                 {"my_chat_member", SORT_MEMBER},
                 {"chat_member", SORT_CHAT_MEMBER},
                 {"poll", SORT_POLL},
                 {"poll_answer", SORT_POLL_ANSWER},
                 {"inline_query", SORT_INLINE}};
    static const char never[] = /* they do not happen here */
        " edited_message channel_post edited_channel_post business_connection "
        "business_message edited_business_message deleted_business_messages guest_message "
        "message_reaction message_reaction_count chosen_inline_result shipping_query "
        "pre_checkout_query purchased_paid_media chat_join_request chat_boost "
        "removed_chat_boost managed_bot subscription stopped_message_generation ";
    char word[40];
    for (size_t i = 0; name && i < sizeof sorts / sizeof *sorts; i++)
        if (!strcmp(name, sorts[i].name))
            return (unsigned)sorts[i].sort;
    if (!name || strchr(name, ' '))
        return 0;
    snprintf(word, sizeof word, " %.37s ", name);
    return strstr(never, word) ? SORT_NEVER : 0;
}

static void allowed_read(struct call *c)
{
    struct cJSON *own;
    const struct cJSON *list = call_json(c, "allowed_updates", &own);
    if (json_is_array(list)) { /* else what was said before stays */
        unsigned allowed = 0;
        for (const struct cJSON *v = json_first(list); v; v = json_next(v))
            allowed |= sort_of(json_text(v, ""));
        c->r->allowed = allowed ? allowed : SORT_DEFAULT;
    }
    json_free(own);
}

/* Up to `limit` updates into the result; gives how many. */
static int serve(struct call *c, int64_t limit)
{
    struct rules *r = c->r;
    int n = 0;
    for (; r->replay > 0; r->replay--)
        buf_printf(c->result, "%s%s", n++ ? "," : "", r->newest.json);
    for (size_t i = r->head; i < r->tail && n < limit && c->result->len < ANSWER_MAX; i++)
        if (alive(&r->queue[i], c->now_ms))
            buf_printf(c->result, "%s%s", n++ ? "," : "", r->queue[i].json);
    if (!n)
        r->head = r->tail; /* all are dead */
    return n;
}

bool get_updates(struct call *c)
{
    struct rules *r = c->r;
    int64_t limit = json_int(c->in, "limit", POLL_LIMIT);
    int64_t wait_s = json_int(c->in, "timeout", 0), offset = json_int(c->in, "offset", 0);
    int64_t since_ms = c->now_ms - r->polled_ms;
    bool again = r->polled_ms && !c->held && offset == r->polled_offset && since_ms >= 0;
    allowed_read(c);
    confirm(r, c->now_ms, offset);
    limit = limit < 1 || limit > POLL_LIMIT ? POLL_LIMIT : limit;
    if (again && since_ms < HASTIEST_MS)
        limit = 1;
    if (again && since_ms < HASTY_MS && wait_s < HASTY_MS / 1000)
        wait_s = HASTY_MS / 1000;
    if (!c->held) {
        r->polled_offset = offset;
        r->polled_ms = c->now_ms;
    }
    wait_s = wait_s < 0 ? 0 : wait_s > POLL_MAX_S ? POLL_MAX_S : wait_s;
    buf_text(c->result, "[");
    c->wait_ms = serve(c, limit) ? 0 : wait_s * 1000;
    buf_text(c->result, "]");
    return true;
}
