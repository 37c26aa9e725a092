#include "bot/net/well.h"

static const struct {
    const char *word, *words;
} said[] = {
    [WELL] = {"ok", "serving"},
    [UNWELL_STARTING] = {"starting", "starting"},
    [UNWELL_STOPPING] = {"stopping", "stopping"},
    [UNWELL_TOKEN] = {"token", "Telegram refuses the token: check BOT_TOKEN"},
    [UNWELL_BANK] = {"bank", "the question bank is missing: see BANK_PATH"},
    [UNWELL_DATABASE] = {"database",
                         "the database does not take writes: is the disk full?"},
    [UNWELL_TELEGRAM] = {"telegram", "Telegram has not answered for 90 seconds"},
};

/* A time in the future is of a clock that was set back since. */
static bool is_deaf(const struct vitals *v)
{
    int64_t heard_ms = v->answered_ms > v->since_ms ? v->answered_ms : v->since_ms;
    return v->now_ms - heard_ms >= DEAF_MS;
}

enum well well_of(const struct vitals *v)
{
    if (v->token_refused)
        return UNWELL_TOKEN;
    if (v->stops)
        return UNWELL_STOPPING;
    if (v->bank_missing)
        return UNWELL_BANK;
    if (v->db_ails)
        return UNWELL_DATABASE;
    if (!v->booted)
        return UNWELL_STARTING;
    return is_deaf(v) ? UNWELL_TELEGRAM : WELL;
}

const char *well_word(enum well w)
{
    return said[w].word;
}

const char *well_words(enum well w)
{
    return said[w].words;
}
