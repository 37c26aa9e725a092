/* Votes, the timers of polls, and the Bot API's JSON of a poll. */
#include "bot/base/json.h"
#include "tests/local/rules/state.h"

/* ---- JSON ---- */

static void id_json(struct json_out *o, const char *key, const struct poll *p)
{
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)p->id);
    jo_text(o, key, id);
}

/* What only a quiz has. The bot has sent it, so it is told the right answers at once. */
static void quiz_json(struct json_out *o, const struct poll *p)
{
    if (p->corrects == 1) /* the docs have forgotten it, the server has not */
        jo_int(o, "correct_option_id", p->correct[0]);
    jo_open(o, "correct_option_ids", '[');
    for (int i = 0; i < p->corrects; i++)
        jo_int(o, NULL, p->correct[i]);
    jo_close(o, ']');
    if (*p->explanation.text)
        jo_text(o, "explanation", p->explanation.text);
    entities_json(o, "explanation_entities", p->explanation.entity, p->explanation.n);
}

static void fields_json(struct json_out *o, const struct poll *p)
{
    id_json(o, "id", p);
    jo_text(o, "question", p->question.text);
    entities_json(o, "question_entities", p->question.entity, p->question.n);
    jo_open(o, "options", '[');
    for (int i = 0; i < p->options; i++) {
        jo_open(o, NULL, '{');
        jo_text(o, "persistent_id", p->persistent[i]);
        jo_text(o, "text", p->option[i]);
        entities_json(o, "text_entities", p->emoji[i], p->emojis[i]);
        jo_int(o, "voter_count", p->count[i]);
        jo_close(o, '}');
    }
    jo_close(o, ']');
    jo_int(o, "total_voter_count", p->total);
    if (p->close_ms && !p->closed) {
        jo_int(o, "open_period", p->open_period_s);
        jo_int(o, "close_date", p->close_ms / 1000);
    }
    jo_bool(o, "is_closed", p->closed);
    jo_bool(o, "is_anonymous", p->anonymous);
    jo_bool(o, "allows_multiple_answers", p->multiple);
    jo_bool(o, "allows_revoting", p->revoting);
    jo_bool(o, "members_only", false);
    jo_text(o, "type", p->quiz ? "quiz" : "regular");
    if (p->quiz)
        quiz_json(o, p);
}

void poll_alone_json(struct json_out *o, const char *key, const struct poll *p)
{
    jo_open(o, key, '{');
    fields_json(o, p);
    jo_close(o, '}');
}

void poll_json(struct json_out *o, const char *key, const struct poll *p)
{
    jo_open(o, key, '{');
    fields_json(o, p);
    if (*p->description.text)
        jo_text(o, "description", p->description.text);
    entities_json(o, "description_entities", p->description.entity, p->description.n);
    jo_close(o, '}');
}

/* ---- timers ---- */

static void poll_news(struct rules *r, const struct poll *p)
{
    if (message_find(r, p->chat, p->message))
        news_add(r, NEWS_MESSAGE, p->chat, p->message);
}

static bool sooner(const struct poll *a, const struct poll *b)
{
    return a->close_ms != b->close_ms ? a->close_ms < b->close_ms : a->id < b->id;
}

static void timer_set(struct rules *r, size_t at, struct poll *p)
{
    r->timed[at] = p;
    p->timer = at + 1;
}

/* Into the heap, from the free place `at` up or down to where it belongs. */
static void timer_put(struct rules *r, size_t at, struct poll *p)
{
    for (size_t up; at && sooner(p, r->timed[up = (at - 1) / 2]); at = up)
        timer_set(r, at, r->timed[up]);
    for (size_t down; (down = 2 * at + 1) < r->timers; at = down) {
        down += down + 1 < r->timers && sooner(r->timed[down + 1], r->timed[down]);
        if (!sooner(r->timed[down], p))
            break;
        timer_set(r, at, r->timed[down]);
    }
    timer_set(r, at, p);
}

void poll_time(struct rules *r, struct poll *p)
{
    rules_grow((void **)&r->timed, r->timers, &r->timers_room, sizeof *r->timed);
    timer_put(r, r->timers++, p);
}

void poll_close(struct rules *r, struct poll *p)
{
    if (p->timer) {
        struct poll *last = r->timed[--r->timers];
        if (last != p)
            timer_put(r, p->timer - 1, last);
        p->timer = 0;
    }
    p->closed = true;
    poll_news(r, p);
}

/* The bot is not told: it has to keep a timer of its own. */
void rules_tick(struct rules *r, int64_t now_ms)
{
    while (r->timers && r->timed[0]->close_ms <= now_ms)
        poll_close(r, r->timed[0]);
}

int64_t rules_next_ms(const struct rules *r)
{
    return r->timers ? r->timed[0]->close_ms : INT64_MAX;
}

/* ---- votes ---- */

/* Ids of chats are negative, those of people are not: one number names a voter. */
static int64_t voter_of(const struct vote *v)
{
    return v->voter_chat ? v->voter_chat : v->person;
}

/* The place of a voter in the table, or of the hole where they would be. */
static size_t vote_place(const struct poll *p, int64_t voter)
{
    uint64_t h = (uint64_t)voter * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(h >> 32) & (p->vote_slots - 1);
    while (p->vote_slot[at] && voter_of(&p->vote[p->vote_slot[at] - 1]) != voter)
        at = (at + 1) & (p->vote_slots - 1);
    return at;
}

static void vote_slots_grow(struct rules *r, struct poll *p)
{
    p->vote_slots = p->vote_slots ? p->vote_slots * 2 : 16;
    p->vote_slot = arena_alloc(&r->keep, p->vote_slots * sizeof *p->vote_slot);
    for (size_t i = 0; i < p->votes; i++)
        p->vote_slot[vote_place(p, voter_of(&p->vote[i]))] = i + 1;
}

/* The vote of that voter, which may have been taken back; NULL if there never was one. */
static struct vote *vote_find(const struct poll *p, int64_t voter)
{
    size_t at = p->votes ? p->vote_slot[vote_place(p, voter)] : 0;
    return at ? &p->vote[at - 1] : NULL;
}

static void vote_add(struct rules *r, struct poll *p, const struct vote *v)
{
    if (p->votes * 2 >= p->vote_slots)
        vote_slots_grow(r, p);
    rules_grow((void **)&p->vote, p->votes, &p->votes_room, sizeof *p->vote);
    p->vote[p->votes++] = *v;
    p->vote_slot[vote_place(p, voter_of(v))] = p->votes;
}

/* Telegram's own account that stands in for whoever votes as a chat. */
static void channel_json(const struct rules *r, struct json_out *o, int64_t voter_chat)
{
    const struct chat *c = chat_find(r, voter_chat);
    jo_open(o, "user", '{');
    jo_int(o, "id", 136817688);
    jo_bool(o, "is_bot", true);
    jo_text(o, "first_name", "Channel");
    jo_text(o, "username", "Channel_Bot");
    jo_close(o, '}');
    if (c) {
        chat_json(r, o, "voter_chat", c);
        return;
    }
    jo_open(o, "voter_chat", '{');
    jo_int(o, "id", voter_chat);
    jo_text(o, "title", "Channel");
    jo_text(o, "type", "channel");
    jo_close(o, '}');
}

static void vote_updates(struct rules *r, int64_t now_ms, const struct poll *p,
                         const struct vote *v)
{
    struct buf b = {0};
    struct json_out o = {.buf = &b};
    if (!p->anonymous) {
        jo_open(&o, "poll_answer", '{');
        id_json(&o, "poll_id", p);
        if (v->voter_chat)
            channel_json(r, &o, v->voter_chat);
        else
            user_json(&o, "user", person_find(r, v->person));
        jo_open(&o, "option_ids", '[');
        for (int i = 0; i < v->n; i++)
            jo_int(&o, NULL, v->option[i]);
        jo_close(&o, ']');
        jo_open(&o, "option_persistent_ids", '[');
        for (int i = 0; i < v->n; i++)
            jo_text(&o, NULL, p->persistent[v->option[i]]);
        jo_close(&o, ']');
        jo_close(&o, '}');
        queue_add(r, now_ms, SORT_POLL_ANSWER, b.data);
        buf_reset(&b);
        o.comma = false;
    }
    poll_alone_json(&o, "poll", p);
    queue_add(r, now_ms, SORT_POLL, b.data);
    buf_free(&b);
}

/* Takes the options in v, rising and each once; NULL, or why they cannot be chosen. */
static const char *options_wrong(const struct poll *p, const int *options, int n,
                                 struct vote *v)
{
    bool chosen[12] = {false};
    for (int i = 0; i < n; i++) {
        if (options[i] < 0 || options[i] >= p->options)
            return "no such option";
        chosen[options[i]] = true;
    }
    for (int i = 0; i < p->options; i++)
        if (chosen[i])
            v->option[v->n++] = i;
    return v->n > 1 && !p->multiple ? "only one option can be chosen" : NULL;
}

/* Why the vote cannot take the place of the one the voter had, or NULL. */
static const char *revote_wrong(const struct poll *p, const struct vote *had,
                                const struct vote *v)
{
    bool same = had->n == v->n;
    if (!v->n && !p->revoting)
        return "a vote in this poll cannot be taken back";
    for (int i = 0; same && i < had->n; i++)
        same = had->option[i] == v->option[i];
    if (same)
        return "nothing changes";
    return had->n && !p->revoting ? "a vote in this poll cannot be changed" : NULL;
}

/* v: who votes, without options. */
static const char *vote_cast(struct rules *r, int64_t now_ms, struct poll *p, struct vote v,
                             const int *options, int n)
{
    static const struct vote none;
    struct vote *kept = vote_find(p, voter_of(&v));
    const struct vote *had = kept ? kept : &none;
    const char *wrong = p->closed ? "the poll is closed" : options_wrong(p, options, n, &v);
    if (!wrong)
        wrong = revote_wrong(p, had, &v);
    if (wrong)
        return wrong;
    for (int i = 0; i < had->n; i++)
        p->count[had->option[i]]--;
    for (int i = 0; i < v.n; i++)
        p->count[v.option[i]]++;
    p->total += (v.n > 0) - (had->n > 0);
    if (kept)
        *kept = v;
    else
        vote_add(r, p, &v);
    vote_updates(r, now_ms, p, &v);
    poll_news(r, p);
    return NULL;
}

/* The poll of a message at this time. NULL or why there is none. */
static const char *poll_wrong(struct rules *r, int64_t now_ms, int64_t chat,
                              int64_t message, struct poll **out)
{
    rules_tick(r, now_ms);
    const struct rules_message *m = message_find(r, chat, message);
    *out = m ? m->poll : NULL;
    return *out ? NULL : m ? "the message is not a poll" : "no such message";
}

const char *rules_vote(struct rules *r, int64_t now_ms, int64_t person, int64_t chat,
                       int64_t message, const int *options, int n)
{
    const struct person *p = person_find(r, person);
    const struct chat *c = chat_find(r, chat ? chat : person);
    if (!p)
        return "no such person";
    if (!c || !member_inside(c, person))
        return "no such chat, or not a member";
    if (p->blocks && c->kind == CHAT_PRIVATE)
        return "the bot is blocked";
    struct poll *poll;
    const char *wrong = poll_wrong(r, now_ms, c->id, message, &poll);
    return wrong ? wrong
                 : vote_cast(r, now_ms, poll, (struct vote){.person = person}, options, n);
}

int rules_right(const struct rules_message *m)
{
    return m->poll && m->poll->quiz && m->poll->corrects ? m->poll->correct[0] : -1;
}

const char *rules_vote_by_chat(struct rules *r, int64_t now_ms, int64_t voter_chat,
                               int64_t chat, int64_t message, int option)
{
    struct poll *poll;
    if (voter_chat >= 0)
        return "the id of a group or channel is negative";
    const char *wrong = poll_wrong(r, now_ms, chat, message, &poll);
    return wrong ? wrong
                 : vote_cast(r, now_ms, poll, (struct vote){.voter_chat = voter_chat},
                             &option, 1);
}
