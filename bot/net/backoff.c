#include "bot/net/backoff.h"

void backoff_failed(struct backoff *b, struct moment m, int64_t first_ms, int64_t max_ms)
{
    int64_t wait = first_ms;
    for (int i = 0; i < b->failures && wait < max_ms; i++)
        wait *= 2;
    if (wait > max_ms)
        wait = max_ms;
    b->failures++;
    backoff_wait(b, m.now_ms, wait + (int64_t)(m.random % (uint64_t)(wait / 4 + 1)));
}

void backoff_wait(struct backoff *b, int64_t now_ms, int64_t wait_ms)
{
    b->from_ms = now_ms;
    b->wait_ms = wait_ms;
}

void backoff_clear(struct backoff *b)
{
    *b = (struct backoff){0};
}

bool backoff_over(const struct backoff *b, int64_t now_ms)
{
    return now_ms < b->from_ms || now_ms - b->from_ms >= b->wait_ms;
}

int64_t backoff_end_ms(const struct backoff *b)
{
    return b->from_ms + b->wait_ms;
}
