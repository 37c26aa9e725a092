/* /export: everything about a person as a file, at most once an hour. It is made when it
 * leaves (db/export.h). Works for strangers: groups may know them. */
#include <time.h>

#include "bot/base/tz.h"
#include "bot/talk/outcome.h"
#include "bot/talk/say.h"
#include "db/export.h"

enum { MINUTE_MS = 60 * 1000 };

/* By their own calendar, if we know it. */
static const char *file_name(const struct turn *t)
{
    char day[16];
    struct tm tm;
    const struct zone *z = zone_find(t->known ? t->who.zone : "Etc/UTC");
    time_t s = (time_t)(t->now_ms / 1000 + (z ? zone_offset_s(z, t->now_ms) : 0));
    if (!gmtime_r(&s, &tm) || !strftime(day, sizeof day, "%Y-%m-%d", &tm))
        return "sobes.json";
    return arena_printf(t->arena, "sobes-%s.json", day);
}

static enum err run(struct turn *t, const char *args)
{
    int64_t last_ms;
    (void)args;
    enum err e = export_last(t->db, t->chat, t->now_ms, &last_ms);
    if (e)
        return e;
    if (last_ms) {
        int64_t left_ms = last_ms + EXPORT_HOUR_MS - t->now_ms;
        return say(t, w_export_wait(&t->words, (left_ms + MINUTE_MS - 1) / MINUTE_MS),
                   NULL);
    }
    e = export_asked(t->db, t->chat, t->now_ms);
    return e ? e
             : say_new(t,
                       &(struct speech){.kind = KIND_REPLY,
                                        .html = w_export_caption(&t->words),
                                        .file = file_name(t),
                                        .told = "ex"},
                       NULL);
}

/* The hour is for what has arrived. */
static enum err told(struct turn *t, const char *data, const struct outcome *o)
{
    (void)data;
    return o->fate == FATE_SENT ? OK : export_drop(t->db, t->chat);
}

const struct feature cmd_export = {.name = "export",
                                   .about = w_about_export,
                                   .run = run,
                                   .for_strangers = true,
                                   .prefix = "ex",
                                   .told = told};
