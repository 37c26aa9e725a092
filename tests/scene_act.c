/* What people, the network, the clock and the operator do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scene_state.h"

/* In a long wait a getUpdates with nothing to say is held longer than Telegram would. */
enum { LONG_WAIT_MS = 120000, HOLD_MAX_MS = 3600000 };

static void say(struct scene *s, const struct player *p, const struct player *place,
                int64_t thread, const char *what)
{
    char text[8192];
    size_t n = 0;
    for (what += *what == '\\'; *what && n < sizeof text - 1; what++)
        text[n++] = *what == '|' ? '\n' : *what;
    text[n] = '\0';
    const struct rules_said said = {
        .person = p->id, .chat = place->id, .thread = thread, .text = text};
    const char *wrong = rules_say(s->world.rules, s->world.now_ms, &said);
    if (wrong)
        scene_fail(s, "%s cannot write: %s", p->name, wrong);
}

/* One after another, at the same instant. */
static bool act_crowd(struct scene *s, struct player *crowd, const char *what)
{
    bool known = true;
    for (int i = 1; i <= crowd->crowd && known && !s->failed; i++)
        known = act_person(s, crowd + i, what);
    return known;
}

/* `anna> ...`, `anna in python> ...`, `anna blocks`; a person acts, then the bot does all
 * it can do at once. */
bool act_person(struct scene *s, struct player *p, const char *what)
{
    if (p->crowd)
        return act_crowd(s, p, what);
    struct player *place = p;
    int64_t thread = 0;
    if (p->owner)
        return false;
    s->debt_ms = 0;
    if (!strncmp(what, " in ", 4) && !(what = place_read(s, what + 4, &place, &thread)))
        return true;
    bool says = *what == '>';
    what += says;
    what += strspn(what, " ");
    bool blocks = !strcmp(what, "blocks"), unblocks = !strcmp(what, "unblocks");
    bool presses = !strncmp(what, "presses ", 8), votes = !strncmp(what, "votes ", 6);
    if (!says && !presses && (place != p || (!blocks && !unblocks && !votes)))
        return false;
    if (!says && (blocks || unblocks)) {
        rules_block(s->world.rules, s->world.now_ms, p->id, blocks);
        world_settle(&s->world);
        return true;
    }
    s->actor = p;
    s->place = place;
    if (says && *what == '[' && strrchr(what, ']'))
        act_press(s, p, place, what);
    else if (says)
        say(s, p, place, thread, what);
    else if (presses)
        act_press_raw(s, p, place, what + 8);
    else
        act_vote(s, p, what + 6);
    world_settle(&s->world);
    return true;
}

static void wait_line(struct scene *s, const char *what)
{
    int64_t to = 0;
    bool until = !strncmp(what, "until ", 6);
    if (until ? !time_instant(s, what + 6, &to) : !time_span(what, &to)) {
        scene_fail(s, "expected: wait 3s, wait 1h30m or wait until 2026-03-02 09:00");
        return;
    }
    if (!until) {
        int64_t owed = s->debt_ms < to ? s->debt_ms : to;
        s->debt_ms -= owed;
        to += s->world.now_ms - owed;
    }
    int64_t span = to - s->world.now_ms;
    world_patience(&s->world, span < LONG_WAIT_MS  ? 0
                              : span > HOLD_MAX_MS ? HOLD_MAX_MS
                                                   : span);
    world_until(&s->world, to);
    if (!*s->world.trouble)
        world_patience(&s->world, 0);
}

/* `sendMessage 429 retry_after=3 to anna`. */
static void fail_line(struct scene *s, const char *what)
{
    struct rules_fault f = {0};
    char words[256];
    size_t n = strcspn(what, " ");
    const char *to = strstr(what, " to ");
    const struct player *p = to ? scene_player(s, to + 4, strlen(to + 4)) : NULL;
    snprintf(words, sizeof words, "%.*s", to ? (int)(to - what - (long)n) : 250, what + n);
    if (n >= sizeof f.method || (to && !p) || !rules_fault_parse(words, &f)) {
        scene_fail(s, "expected: fail METHOD 429 retry_after=3 [times=N] [to PERSON]");
        return;
    }
    memcpy(f.method, what, n);
    f.chat = p ? p->id : 0;
    s->disturbed = true;
    rules_fail(s->world.rules, &f);
}

static void sql_line(struct scene *s, const char *what)
{
    const char *equals = strstr(what, "\" = ");
    if (*what != '"' || !equals) {
        scene_fail(s, "expected: sql \"SELECT ...\" = value");
        return;
    }
    char *sql = strndup(what + 1, (size_t)(equals - what - 1));
    int64_t from = s->world.now_ms;
    for (;;) {
        char *said = world_sql(&s->world, sql); /* its commit may be what breaks */
        int64_t end = from + (scene_broken(s) ? 180000 : 0);
        bool fits = match_text(equals + 4, said);
        int64_t next = world_next_ms(&s->world);
        bool over = next > end || *s->world.trouble;
        if (!fits && over)
            scene_fail(s, "expected: %s\n    said: %s", what, said);
        free(said);
        if (fits || over)
            break;
        scene_pass(s, next > s->world.now_ms ? next : s->world.now_ms);
    }
    free(sql);
}

static void network_line(struct scene *s, const char *what)
{
    s->disturbed = true;
    world_network(&s->world, !strcmp(what, "on"));
    world_settle(&s->world);
}

static void drawings_line(struct scene *s, const char *what)
{
    if (strcmp(what, "work") != 0 && strcmp(what, "fail") != 0)
        scene_fail(s, "expected: drawings fail, drawings work");
    world_drawings(&s->world, !strcmp(what, "work"));
}

static void operator_line(struct scene *s, const char *what)
{
    size_t n = strcspn(what, " ");
    const struct player *p = scene_player(s, what, n);
    if (!p || p->owner || (what[n] && strcmp(what + n, " no more") != 0))
        scene_fail(s, "expected: operator PERSON, operator PERSON no more");
    else
        world_operator(&s->world, p->id, !what[n]);
}

static void clock_line(struct scene *s, const char *what)
{
    int64_t by = 0;
    if (strncmp(what, "jump ", 5) != 0 || !time_span(what + 5, &by))
        scene_fail(s, "expected: clock jump +9h, or -1h");
    else
        world_jump(&s->world, by);
    world_settle(&s->world);
}

static void person_line(struct scene *s, const char *what)
{
    char name[NAME_LEN_MAX], lang[16] = "", words[128];
    long long id = 7000000001 + s->players; /* above 2^32, as real ones are */
    int n = sscanf(what, "%31s %15s id=%lld", name, lang, &id);
    if (n < 1 || s->players == PEOPLE_MAX || scene_player(s, name, strlen(name))) {
        scene_fail(s, "expected: person NAME [LANG] [id=N], a new name");
        return;
    }
    snprintf(words, sizeof words, "%s", name);
    if (words[0] >= 'a' && words[0] <= 'z')
        words[0] = (char)(words[0] - 'a' + 'A');
    struct player *p = &s->player[s->players++];
    *p = (struct player){.id = id};
    snprintf(p->name, sizeof p->name, "%s", name);
    rules_person(s->world.rules, id, words, lang);
}

static void crowd_line(struct scene *s, const char *what)
{
    crowd_make(s, what);
}

static void group_line(struct scene *s, const char *what)
{
    group_make(s, CHAT_GROUP, false, what);
}

static void supergroup_line(struct scene *s, const char *what)
{
    group_make(s, CHAT_SUPERGROUP, false, what);
}

static void forum_line(struct scene *s, const char *what)
{
    group_make(s, CHAT_SUPERGROUP, true, what);
}

static void restart_line(struct scene *s, const char *what)
{
    (void)what;
    world_restart(&s->world);
    world_settle(&s->world);
}

static void kill_line(struct scene *s, const char *what)
{
    (void)what;
    s->disturbed = true;
    s->kills++;
    world_kill(&s->world);
    world_settle(&s->world);
}

/* `bank retires ID`, `bank loses ID`: a new bank while the bot runs. */
static void bank_line(struct scene *s, const char *what)
{
    char verb[16], id[64], sql[900];
    int n = sscanf(what, "%15s %63[a-z0-9-]", verb, id);
    bool loses = n == 2 && !strcmp(verb, "loses");
    if (n != 2 || (!loses && strcmp(verb, "retires") != 0)) {
        scene_fail(s, "expected: bank retires ID, bank loses ID");
        return;
    }
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE it (num INTEGER NOT NULL);"
             "INSERT INTO it SELECT max(num) FROM question WHERE id = '%s';"
             "DELETE FROM offer WHERE question IN it;"
             "%s",
             id,
             loses ? "DELETE FROM page WHERE question IN it;"
                     "DELETE FROM question WHERE num IN it"
                   : "UPDATE question SET retired = 1 WHERE num IN it");
    world_bank(&s->world, sql);
    world_settle(&s->world);
}

static void again_line(struct scene *s, const char *what)
{
    (void)what;
    rules_again(s->world.rules);
    world_settle(&s->world);
}

static void updates_line(struct scene *s, const char *what)
{
    rules_number_from(s->world.rules, strtoll(what, NULL, 10));
}

static void raw_line(struct scene *s, const char *what)
{
    act_press_raw(s, s->actor, s->place, what);
    world_settle(&s->world);
}

static void heal_line(struct scene *s, const char *what)
{
    (void)what;
    rules_heal(s->world.rules);
}

static void silence_line(struct scene *s, const char *what)
{
    (void)what;
    expect_silence(s);
}

/* Said to faults.c, which reads it before the scene begins. */
static void faults_line(struct scene *s, const char *what)
{
    (void)s;
    (void)what;
}

bool act_world(struct scene *s, const char *line)
{
    static const struct {
        const char *word;
        void (*run)(struct scene *s, const char *what);
        bool any_time; /* may stand between an act and what it brings */
    } lines[] = {
        {"person ", person_line, true},
        {"crowd ", crowd_line, true},
        {"operator ", operator_line, true},
        {"no faults", faults_line, true},
        {"only commit faults", faults_line, true},
        {"fail ", fail_line, true},
        {"heal", heal_line, true},
        {"sql ", sql_line, true},
        {"wait ", wait_line, false},
        {"drawings ", drawings_line, true},
        {"network ", network_line, false},
        {"clock ", clock_line, false},
        {"restart", restart_line, false},
        {"kill", kill_line, false},
        {"again", again_line, false},
        {"updates from ", updates_line, true},
        {"press raw ", raw_line, false},
        {"silence", silence_line, false},
        {"group ", group_line, false},
        {"supergroup ", supergroup_line, false},
        {"forum ", forum_line, false},
        {"bank ", bank_line, false},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t n = strlen(lines[i].word);
        if (strncmp(line, lines[i].word, n) != 0 || (line[n] && line[n - 1] != ' '))
            continue;
        if (s->actor == NULL && lines[i].run == raw_line)
            return false;
        if (!lines[i].any_time)
            expect_nothing_left(s);
        if (!s->failed)
            lines[i].run(s, line + n);
        return true;
    }
    return false;
}
