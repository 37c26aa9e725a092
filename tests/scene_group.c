/* Groups: how they are made, what happens to them and in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scene_state.h"

#define CHANNEL_IDS INT64_C(-1000000000000)

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

/* The person at the beginning of `what`, *out_rest is what follows; or NULL. */
static struct player *person_read(struct scene *s, const char *what, const char **out_rest)
{
    size_t n = strspn(what, name_chars);
    struct player *p = n ? scene_player(s, what, n) : NULL;
    if (!p || p->owner)
        return NULL;
    *out_rest = what + n;
    return p;
}

void crowd_make(struct scene *s, const char *what)
{
    char name[NAME_LEN_MAX], one[NAME_LEN_MAX + 8], words[NAME_LEN_MAX + 8], lang[16] = "";
    int n = 0;
    if (sscanf(what, "%20[a-z] of %d %15s", name, &n, lang) < 2 || n < 2 ||
        s->players + n + 1 > PEOPLE_MAX || scene_player(s, name, strlen(name))) {
        scene_fail(s, "expected: crowd NAME of N [LANG], a new name");
        return;
    }
    struct player *p = &s->player[s->players++];
    *p = (struct player){.crowd = n};
    memcpy(p->name, name, sizeof name);
    for (int i = 1; i <= n; i++) {
        p = &s->player[s->players++];
        *p = (struct player){.id = INT64_C(7000000001) + s->players};
        snprintf(one, sizeof one, "%s%d", name, i);
        snprintf(words, sizeof words, "%c%s", name[0] - 'a' + 'A', one + 1);
        memcpy(p->name, one, sizeof p->name);
        rules_person(s->world.rules, p->id, words, lang);
    }
}

/* The people of a new group, the owner first, up to the end of the line or `without`. */
static const char *members_join(struct scene *s, struct player *g, const char *what)
{
    const char *wrong = NULL;
    for (struct player *p; !wrong && (p = person_read(s, what, &what));) {
        struct player *last = p + p->crowd;
        for (p += p->crowd > 0; !wrong && p <= last; p++)
            if (p != g->owner)
                wrong = rules_member(s->world.rules, s->world.now_ms, g->id, g->owner->id,
                                     p->id, MEMBER_PLAIN);
        what += strspn(what, ", ");
    }
    if (!wrong && *what && strcmp(what, "without bot") != 0)
        wrong = "expected: group NAME of PERSON, PERSON [without bot]";
    return wrong || *what ? wrong
                          : rules_bot_member(s->world.rules, s->world.now_ms, g->id,
                                             g->owner->id, MEMBER_PLAIN);
}

void group_make(struct scene *s, enum chat_kind kind, bool forum, const char *what)
{
    size_t n = strspn(what, name_chars);
    const char *of = what + n, *rest;
    struct player *owner = strncmp(of, " of ", 4) ? NULL : person_read(s, of + 4, &rest);
    if (!n || n >= NAME_LEN_MAX || !owner || owner->crowd || s->players == PEOPLE_MAX ||
        scene_player(s, what, n)) {
        scene_fail(s, "expected: group NAME of PERSON, PERSON [without bot], a new name");
        return;
    }
    struct player *g = &s->player[s->players++];
    *g = (struct player){.owner = owner, .rights = MAY_ALL};
    memcpy(g->name, what, n);
    g->id = rules_group(s->world.rules, s->world.now_ms, owner->id, g->name, kind, forum);
    const char *wrong = members_join(s, g, of + 4);
    if (wrong)
        scene_fail(s, "%s", wrong);
    world_settle(&s->world);
}

static struct scene_topic *topic_find(struct scene *s, const struct player *g,
                                      const char *name, size_t len)
{
    for (int i = 0; i < s->topics; i++)
        if (s->topic[i].group == g && strlen(s->topic[i].name) == len &&
            !memcmp(s->topic[i].name, name, len))
            return &s->topic[i];
    return NULL;
}

const char *place_read(struct scene *s, const char *what, struct player **out,
                       int64_t *out_thread)
{
    size_t n = strspn(what, name_chars);
    struct player *g = scene_player(s, what, n);
    const char *rest = what + n,
               *end = strncmp(rest, " \"", 2) ? NULL : strchr(rest + 2, '"');
    const struct scene_topic *t = NULL;
    if (g && end)
        t = topic_find(s, g, rest + 2, (size_t)(end - rest - 2));
    if (!g || !g->owner || (end && !t && end[1] == '>')) {
        scene_fail(s, "no such group or topic: %s", what);
        return NULL;
    }
    *out = g;
    *out_thread = t ? t->thread : 0;
    return t ? end + 1 : rest;
}

/* `"Quiz"`, `"Quiz" closed`, `"Quiz" open`. NULL: done. */
static const char *topic_act(struct scene *s, const struct player *g, const char *what)
{
    const char *end = *what == '"' ? strchr(what + 1, '"') : NULL;
    size_t n = end ? (size_t)(end - what - 1) : 0;
    bool closed = end && !strcmp(end + 1, " closed");
    if (!n || n >= NAME_LEN_MAX || (end[1] && !closed && strcmp(end + 1, " open") != 0))
        return "expected: topic \"NAME\", closed or open behind it";
    struct scene_topic *t = topic_find(s, g, what + 1, n);
    if (end[1])
        return !t ? "no such topic"
                  : rules_topic_closed(s->world.rules, s->world.now_ms, g->id, g->owner->id,
                                       t->thread, closed);
    if (t || s->topics == TOPICS_MAX)
        return "there is such a topic, or there are too many";
    t = &s->topic[s->topics++];
    *t = (struct scene_topic){.group = g};
    memcpy(t->name, what + 1, n);
    return rules_topic(s->world.rules, s->world.now_ms, g->id, g->owner->id, t->name,
                       &t->thread);
}

/* `bot admin`, `john leaves`. *out: it was such a line. */
static const char *member_act(struct scene *s, const struct player *g, const char *what,
                              bool *out)
{
    static const struct {
        const char *word;
        enum chat_status status;
        bool alone; /* nobody does it for them */
    } moves[] = {{" added", MEMBER_PLAIN, false},  {" member", MEMBER_PLAIN, false},
                 {" admin", MEMBER_ADMIN, false},  {" kicked", MEMBER_KICKED, false},
                 {" removed", MEMBER_LEFT, false}, {" joins", MEMBER_PLAIN, true},
                 {" leaves", MEMBER_LEFT, true}};
    const char *word = what;
    bool bot = !strncmp(what, "bot ", 4);
    const struct player *p = bot ? NULL : person_read(s, what, &word);
    word = bot ? what + 3 : word;
    for (size_t i = 0; (bot || p) && i < sizeof moves / sizeof *moves; i++) {
        if (strcmp(word, moves[i].word) != 0 || (bot && moves[i].alone))
            continue;
        *out = true;
        return bot ? rules_bot_member(s->world.rules, s->world.now_ms, g->id, g->owner->id,
                                      moves[i].status)
                   : rules_member(s->world.rules, s->world.now_ms, g->id,
                                  moves[i].alone ? p->id : g->owner->id, p->id,
                                  moves[i].status);
    }
    *out = false;
    return NULL;
}

/* `polls off`. */
static const char *right_act(struct scene *s, struct player *g, const char *what, bool *out)
{
    static const struct {
        const char *word;
        enum chat_rights right;
    } rights[] = {{"text ", MAY_SEND}, {"media ", MAY_MEDIA}, {"polls ", MAY_POLLS}};
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
        size_t n = strlen(rights[i].word);
        bool on = !strcmp(what + strcspn(what, " "), " on");
        if (strncmp(what, rights[i].word, n) != 0 || (!on && strcmp(what + n, "off") != 0))
            continue;
        *out = true;
        g->rights =
            on ? g->rights | rights[i].right : g->rights & ~(unsigned)rights[i].right;
        return rules_permit(s->world.rules, s->world.now_ms, g->id, g->rights);
    }
    *out = false;
    return NULL;
}

static const char *migrate_act(struct scene *s, struct player *g)
{
    int64_t fresh = 0;
    const char *wrong =
        rules_migrate(s->world.rules, s->world.now_ms, g->id, g->owner->id, &fresh);
    if (!wrong) {
        g->before = g->id;
        g->id = fresh;
    }
    return wrong;
}

bool act_group(struct scene *s, struct player *g, const char *what)
{
    const char *wrong;
    bool known = true;
    what += strspn(what, " ");
    if (!g->owner)
        return false;
    if (!strcmp(what, "migrates"))
        wrong = migrate_act(s, g);
    else if (!strncmp(what, "topic ", 6))
        wrong = topic_act(s, g, what + 6);
    else if (wrong = member_act(s, g, what, &known), !known)
        wrong = right_act(s, g, what, &known);
    if (wrong)
        scene_fail(s, "%s: %s", what, wrong);
    if (known)
        world_settle(&s->world);
    return known;
}

/* `1 3`, `right`, `wrong`, `nothing`, up to ` in GROUP`; *out_n -1: none of these. */
static void options_read(const struct rules_message *m, const char *what, int *option,
                         int *out_n)
{
    const char *words[] = {"right", "wrong", "nothing"};
    *out_n = 0;
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if (strncmp(what, words[i], n) != 0 || (what[n] && what[n] != ' '))
            continue;
        int key = rules_right(m);
        option[0] = i == 0 ? key : key == 0;
        *out_n = i == 2 ? 0 : key < 0 ? -1 : 1;
        return;
    }
    while (*out_n < 12 && *what >= '0' && *what <= '9') {
        char *end;
        option[(*out_n)++] = (int)strtol(what, &end, 10) - 1;
        what = end + strspn(end, " ");
    }
    if (*out_n == 0 ||
        (*what && strncmp(what, "in ", 3) != 0 && strncmp(what, "as ", 3) != 0))
        *out_n = -1;
}

/* Who speaks as a channel, or as the group they administer, votes so too. */
static const char *vote(struct scene *s, const struct player *p,
                        const struct rules_message *m, const char *as, const int *option,
                        int n)
{
    bool channel = !strcmp(as, " as channel"), group = !strcmp(as, " as group");
    if (!*as)
        return rules_vote(s->world.rules, s->world.now_ms, p->id, m->chat, m->id, option,
                          n);
    if ((!channel && !group) || n != 1)
        return "expected: one option, as channel or as group";
    return rules_vote_by_chat(s->world.rules, s->world.now_ms,
                              group ? m->chat : CHANNEL_IDS - p->id, m->chat, m->id,
                              *option);
}

static const struct rules_message *poll_newest(const struct scene *s, int64_t chat)
{
    const struct rules_message *m;
    for (int i = 1; (m = rules_newest(s->world.rules, chat, i)); i++)
        if (m->media == MEDIA_POLL)
            break;
    return m;
}

void act_vote(struct scene *s, struct player *p, const char *what)
{
    const char *in = strstr(what, "in "), *as = strstr(what, " as ");
    const struct rules_message *m = NULL;
    int64_t thread;
    int option[12], n = -1;
    if (in && !place_read(s, in + 3, &s->place, &thread))
        return;
    m = poll_newest(s, s->place->id);
    if (!m && s->place->before)
        m = poll_newest(s, s->place->before);
    if (m)
        options_read(m, what, option, &n);
    if (n < 0) {
        scene_fail(s, m ? "expected: votes 1 3 in GROUP, votes right, votes nothing"
                        : "there is no poll to vote on");
        return;
    }
    const char *wrong = vote(s, p, m, as ? as : "", option, n);
    if (wrong)
        scene_fail(s, "%s cannot vote: %s", p->name, wrong);
}
