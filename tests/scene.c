#include "tests/scene.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/file.h"
#include "tests/scene_state.h"

enum { LINE_LEN_MAX = 16384 };

static const char *const break_names[] = {
    [BREAK_NOTHING] = "",
    [BREAK_COMMIT] = "failing commit",
    [BREAK_REFUSE] = "no connection for call",
    [BREAK_SWALLOW] = "losing the answer of call",
    [BREAK_KILL_BEFORE] = "killed before commit",
    [BREAK_KILL_AFTER] = "killed after commit",
    [BREAK_KILL_CALL] = "killed before call",
    [BREAK_KILL_CALLED] = "killed after call",
};

void scene_fail(struct scene *s, const char *fmt, ...)
{
    if (s->failed)
        return;
    s->failed = true;
    va_list ap;
    fprintf(stderr, "%s:%d: ", s->file, s->line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    if (s->options->break_as)
        fprintf(stderr, "\n    (%s %d%s%s)", break_names[s->options->break_as],
                s->options->break_at, s->options->linger ? ", lingering" : "",
                s->options->press_older ? ", pressing the older copy" : "");
    fprintf(stderr, "\n");
}

struct player *scene_player(struct scene *s, const char *name, size_t len)
{
    for (int i = 0; i < s->players; i++)
        if (strlen(s->player[i].name) == len && !memcmp(s->player[i].name, name, len))
            return &s->player[i];
    return NULL;
}

struct player *scene_player_of(struct scene *s, int64_t chat)
{
    for (int i = 0; i < s->players; i++)
        if (s->player[i].id == chat || (chat && s->player[i].before == chat))
            return &s->player[i];
    return NULL;
}

bool scene_broken(const struct scene *s)
{
    return s->options->break_as != BREAK_NOTHING && s->world.broken;
}

void scene_pass(struct scene *s, int64_t until_ms)
{
    int64_t from = s->world.now_ms;
    world_until(&s->world, until_ms);
    if (scene_broken(s))
        s->debt_ms += s->world.now_ms - from;
}

/* `bot>`, `bot edits>`, `bot to john>`, `bot polls in python>`, the same with `nudge`,
 * `toast>`, `toasts>`, `refused>`. */
static bool expect_line(struct scene *s, const char *line)
{
    const char *arrow = strchr(line, '>');
    if (!arrow)
        return false;
    const char *pattern = arrow + 1 + strspn(arrow + 1, " ");
    size_t n = (size_t)(arrow - line);
    bool toasts = n == 6 && !memcmp(line, "toasts", 6);
    bool toast = toasts || (n == 5 && !memcmp(line, "toast", 5));
    bool refused = n == 7 && !memcmp(line, "refused", 7);
    bool nudge = n >= 5 && !memcmp(line, "nudge", 5) && (n == 5 || line[5] == ' ');
    bool bot = n >= 3 && !memcmp(line, "bot", 3) && (n == 3 || line[3] == ' ');
    if (!toast && !refused && !nudge && !bot)
        return false;
    struct player *p = s->place;
    int flags = nudge ? EXPECT_MAY_MISS : 0;
    const char *word = line + (nudge ? 5 : 3);
    bot |= nudge;
    if (bot && !strncmp(word, " edits", 6)) {
        flags |= EXPECT_EDIT;
        word += 6;
    } else if (bot && !strncmp(word, " polls", 6)) {
        flags |= EXPECT_POLL;
        word += 6;
    }
    if (bot && (!strncmp(word, " to ", 4) || !strncmp(word, " in ", 4))) {
        p = scene_player(s, word + 4, (size_t)(arrow - word - 4));
        word = arrow;
    }
    if (!p || (bot && word != arrow)) {
        scene_fail(s,
                   "who is meant? Nobody has acted, or there is no such person or group");
        return true;
    }
    if (s->options->record && refused)
        buf_printf(&s->script, "%s\n", line);
    if (s->options->record && !refused) {
        if (record_keeps(s, toast ? NULL : p, pattern))
            buf_printf(&s->script, "%s\n", line);
        return true;
    }
    if (toasts)
        expect_toasts(s, pattern);
    else if (toast)
        expect_toast(s, pattern);
    else if (refused)
        expect_refusal(s, pattern);
    else
        expect_message(s, p, pattern, flags);
    return true;
}

static void begin(struct scene *s, const char *line)
{
    int64_t at = 0;
    if (strncmp(line, "at ", 3) != 0 || !time_instant(s, line + 3, &at))
        scene_fail(s, "a scene begins with: at 2026-03-01 09:00 Europe/Moscow");
    else if (!world_open(&s->world, s->options->bank, at))
        scene_fail(s, "the world does not open: %s", s->world.trouble);
    else {
        rules_record(s->world.rules, s->options->calls);
        world_settle(&s->world);
    }
    s->open = true;
}

static void line_play(struct scene *s, const char *line)
{
    size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");
    struct player *p = scene_player(s, line, name);
    if (!s->open) {
        begin(s, line);
    } else if (!p && expect_line(s, line)) {
        return;
    } else if (p && (line[name] == '>' || line[name] == ' ' || line[name] == ':')) {
        bool group = line[name] == ':';
        if (s->options->record)
            record_rest(s);
        expect_nothing_left(s);
        if (!s->failed &&
            !(group ? act_group(s, p, line + name + 1) : act_person(s, p, line + name)))
            scene_fail(s, "what does %s do?", p->name);
    } else {
        if (s->options->record)
            record_rest(s);
        if (!act_world(s, line))
            scene_fail(s, "no such line: %s", line);
    }
    if (*s->world.trouble)
        scene_fail(s, "%s", s->world.trouble);
    if (s->options->record)
        buf_printf(&s->script, "%s\n", line);
}

/* One whole line into out, continuation lines (they begin with a blank) joined to it by
 * one blank. Gives where the next one begins, NULL at the end. */
static const char *line_read(struct scene *s, const char *text, char *out, int *lines)
{
    size_t n = 0;
    *lines = 0;
    if (!*text)
        return NULL;
    do {
        size_t len = strcspn(text, "\n"), skip = *lines ? strspn(text, " \t") : 0;
        if (n + len + 2 > LINE_LEN_MAX) {
            scene_fail(s, "the line is too long");
            break;
        }
        if (*lines)
            out[n++] = ' ';
        memcpy(out + n, text + skip, len - skip);
        n += len - skip;
        while (n && (out[n - 1] == ' ' || out[n - 1] == '\r'))
            n--;
        text += len + (text[len] == '\n');
        ++*lines;
    } while ((*text == ' ' || *text == '\t') && text[strspn(text, " \t")] != '\n');
    out[n] = '\0';
    return text;
}

static void end(struct scene *s)
{
    char words[300];
    if (s->open && !s->failed && s->options->record)
        record_rest(s);
    else if (s->open && !s->failed)
        expect_silence(s);
    if (s->open && !s->failed && s->world.db) {
        world_check(&s->world, words, sizeof words);
        if (*words)
            scene_fail(s, "%s", words);
    }
    if (!s->open)
        scene_fail(s, "an empty scene");
    if (s->options->record && s->script.data)
        fputs(s->script.data, s->options->record);
}

struct scene_result scene_play(const char *file, const struct scene_options *o)
{
    static char line[LINE_LEN_MAX];
    struct scene *s = calloc(1, sizeof *s);
    struct buf text = {.max = 1 << 20};
    if (!s)
        abort();
    s->file = file;
    s->options = o;
    s->world.break_as = o->break_as;
    s->world.break_at = o->break_at;
    s->world.points = o->points;
    s->world.trace[0] = o->commit_trace;
    s->world.trace[1] = o->call_trace;
    buf_text(&text, "");
    if (file_read(file, &text))
        scene_fail(s, "the file cannot be read");
    const char *at = text.data;
    int lines = 0;
    s->line = 1;
    while (!s->failed && (at = line_read(s, at, line, &lines))) {
        bool comment = !*line || *line == '#';
        if (!comment)
            line_play(s, line);
        else if (o->record && s->open && !s->failed)
            record_rest(s);
        if (comment && o->record)
            buf_printf(&s->script, "%s\n", line);
        s->line += lines;
    }
    end(s);
    struct scene_result result = {.passed = !s->failed,
                                  .hit = s->world.broken,
                                  .commits = s->world.commits,
                                  .calls = s->world.calls};
    for (int i = 0; i < s->players; i++)
        result.copied = result.copied || s->player[i].copies > 0;
    world_close(&s->world);
    free(s->seen);
    while (s->owed_n)
        free(s->owed[--s->owed_n]);
    buf_free(&s->script);
    buf_free(&text);
    free(s);
    return result;
}
