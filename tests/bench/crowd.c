#include "tests/bench/crowd.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATA_MAX = 64,
    WAITS_MAX = 1 << 20,
    AT_ONCE = 100,           /* people who wait for a word before the next one acts */
    SILENCE_US = 100 * 1000, /* whom a toast alone answered is not waited for */
};

struct person {
    int64_t message, asked_us; /* asked_us 0: waits for nothing */
    char data[DATA_MAX + 1];   /* "": no buttons that are worth a press */
};

struct crowd {
    int64_t first, n, next, acts, text_every, done;
    int64_t waiting, moved_us; /* how many wait; when one of them began or ceased to */
    struct person *people;
    int64_t *waits, answered; /* of the answered ones the last WAITS_MAX */
};

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

struct crowd *crowd_new(int64_t first, int64_t n)
{
    struct crowd *c = must(calloc(1, sizeof *c));
    c->first = first;
    c->n = n;
    c->people = must(calloc((size_t)n, sizeof *c->people));
    c->waits = must(calloc(WAITS_MAX, sizeof *c->waits));
    return c;
}

void crowd_begin(struct crowd *c, int64_t acts, int64_t text_every)
{
    c->acts = acts;
    c->text_every = text_every;
    c->next = c->done = 0;
}

/* ---- what they do ---- */

static size_t head(const struct crowd *c, int64_t who, int64_t id, const char *kind,
                   char *out, size_t size)
{
    return (size_t)snprintf(out, size,
                            "{\"update_id\":%" PRId64 ",\"%s\":{\"id\":\"%" PRId64
                            "\",\"from\":{\"id\":%" PRId64
                            ",\"is_bot\":false,\"first_name\":\"Ann\",\"language_code\":"
                            "\"en\"},",
                            id, kind, id, c->first + who);
}

static size_t message(const struct crowd *c, int64_t who, int64_t id, const char *text,
                      char *out, size_t size)
{
    return (size_t)snprintf(out, size,
                            "\"message_id\":%" PRId64 ",\"chat\":{\"id\":%" PRId64
                            ",\"type\":\"private\",\"first_name\":\"Ann\"},"
                            "\"date\":1800000000,\"text\":\"%s\"",
                            id, c->first + who, text);
}

static size_t write_text(struct crowd *c, int64_t who, int64_t id, const char *text,
                         char *out, size_t size)
{
    size_t n = head(c, who, id, "message", out, size);
    n += message(c, who, (INT64_C(1) << 40) + id, text, out + n, size - n);
    return n + (size_t)snprintf(out + n, size - n, "}}");
}

static size_t press(struct crowd *c, int64_t who, int64_t id, char *out, size_t size)
{
    struct person *p = &c->people[who];
    size_t n = head(c, who, id, "callback_query", out, size);
    n += (size_t)snprintf(out + n, size - n, "\"message\":{");
    n += message(c, who, p->message, "a question that was asked", out + n, size - n);
    n += (size_t)snprintf(out + n, size - n, "},\"chat_instance\":\"1\",\"data\":\"%s\"}}",
                          p->data);
    *p->data = '\0'; /* once */
    return n;
}

static void forget_waiting(struct crowd *c)
{
    for (int64_t i = 0; i < c->n; i++)
        c->people[i].asked_us = 0;
    c->waiting = 0;
}

static void begins_to_wait(struct crowd *c, int64_t who, int64_t now_us)
{
    c->waiting += c->people[who].asked_us == 0;
    c->people[who].asked_us = now_us;
    c->moved_us = now_us;
}

size_t crowd_act(struct crowd *c, int64_t id, int64_t now_us, char *out, size_t size)
{
    static const char *const texts[] = {"/next", "/stats", "/help", "/next python"};
    if (c->waiting >= AT_ONCE && now_us - c->moved_us >= SILENCE_US)
        forget_waiting(c);
    if (c->done >= c->acts || c->waiting >= AT_ONCE)
        return 0;
    bool writes = c->text_every && c->done % c->text_every == 0;
    int64_t who = c->next++ % c->n;
    for (int64_t i = 1; i < c->n && !writes && !*c->people[who].data; i++)
        who = c->next++ % c->n;
    bool found = writes || *c->people[who].data;
    if (!found && !c->text_every)
        return 0; /* nobody has a button yet */
    begins_to_wait(c, who, now_us);
    c->done++;
    if (!found || !writes)
        return found ? press(c, who, id, out, size)
                     : write_text(c, who, id, "/next", out, size);
    return write_text(c, who, id, texts[c->done / c->text_every % 4], out, size);
}

size_t crowd_ask(struct crowd *c, int64_t id, int64_t now_us, char *out, size_t size)
{
    int64_t who = c->next++ % c->n;
    begins_to_wait(c, who, now_us);
    return write_text(c, who, id, "/next", out, size);
}

/* ---- what they hear ---- */

/* "d.<token>.<code>" of a question: its answer, else "good". */
static void look_for_buttons(struct person *p, int64_t message, const char *body)
{
    static const char key[] = "\"callback_data\":\"";
    *p->data = '\0';
    for (const char *at = body; (at = strstr(at, key)) != NULL;) {
        at += sizeof key - 1;
        size_t n = strcspn(at, "\"");
        if (n < 3 || n > DATA_MAX || strncmp(at, "d.", 2) != 0 || at[n - 2] != '.' ||
            (at[n - 1] != 'a' && at[n - 1] != '3'))
            continue;
        memcpy(p->data, at, n);
        p->data[n] = '\0';
        p->message = message;
        return;
    }
}

void crowd_hears(struct crowd *c, int64_t chat, int64_t message, const char *body,
                 int64_t now_us)
{
    if (chat < c->first || chat >= c->first + c->n)
        return;
    struct person *p = &c->people[chat - c->first];
    /* a note under an answered question has no buttons; the next question comes apart */
    const char *buttons = strstr(body, "\"reply_markup\"");
    if (buttons && (!*p->data || message >= p->message))
        look_for_buttons(p, message, buttons);
    if (!p->asked_us)
        return;
    c->waits[c->answered++ % WAITS_MAX] = now_us - p->asked_us;
    p->asked_us = 0;
    c->waiting--;
    c->moved_us = now_us;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t crowd_waited_us(struct crowd *c, int thousandths)
{
    int64_t n = c->answered < WAITS_MAX ? c->answered : WAITS_MAX;
    if (n == 0)
        return 0;
    qsort(c->waits, (size_t)n, sizeof *c->waits, by_size);
    return c->waits[(n - 1) * thousandths / 1000];
}

int64_t crowd_answered(const struct crowd *c)
{
    return c->answered;
}

void crowd_forget_waits(struct crowd *c)
{
    c->answered = 0;
    forget_waiting(c);
}
