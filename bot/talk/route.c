#include "bot/talk/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/base/chance.h"
#include "bot/base/tz.h"
#include "bot/talk/battle.h"
#include "bot/talk/club.h"
#include "bot/talk/morning.h"
#include "bot/talk/say.h"
#include "db/bank.h"

extern const struct feature cmd_start, cmd_next, cmd_topic, cmd_stats, cmd_battle, cmd_top,
    cmd_reports, cmd_daily, cmd_q, club_settings_feature, cmd_settings, cmd_pause, cmd_stop,
    cmd_forget, cmd_export, cmd_privacy, cmd_help, cmd_admin, broadcast_feature,
    broadcast_told_feature, question_feature, first_time_feature, clock_feature,
    morning_feature, remind_feature, again_feature, sweep_feature, alive_feature;

/* Commands in the order of the menu, then what has none. */
static const struct feature *const features[] = {&cmd_next,
                                                 &cmd_battle,
                                                 &cmd_top,
                                                 &cmd_topic,
                                                 &cmd_daily,
                                                 &cmd_q,
                                                 &cmd_stats,
                                                 &cmd_settings,
                                                 &cmd_pause,
                                                 &cmd_stop,
                                                 &cmd_start,
                                                 &cmd_privacy,
                                                 &cmd_export,
                                                 &cmd_forget,
                                                 &cmd_help,
                                                 &cmd_admin,
                                                 &cmd_reports,
                                                 &broadcast_feature,
                                                 &broadcast_told_feature,
                                                 &question_feature,
                                                 &first_time_feature,
                                                 &clock_feature,
                                                 &morning_feature,
                                                 &club_settings_feature,
                                                 &again_feature,
                                                 &remind_feature,
                                                 &sweep_feature,
                                                 &alive_feature};
enum {
    FEATURES = sizeof features / sizeof *features,
    CLUB_WAITING_MAX = 6, /* rows that wait for a group before its commands go unheard */
    WAITING_MAX = 30,     /* the same for a person and all that they write */
};

bool is_operator(const struct bot *b, int64_t person)
{
    for (const int64_t *id = b->operators; id && *id; id++)
        if (*id == person)
            return true;
    return false;
}

const struct feature *route_command(bool in_clubs, bool operators, int i)
{
    for (int at = 0; at < FEATURES; at++) {
        const struct feature *f = features[at];
        if (f->name && f->about && (in_clubs ? f->run_in_club : f->run) &&
            (operators || !f->for_operators) && i-- == 0)
            return f;
    }
    return NULL;
}

const char *route_about(const struct feature *f, bool in_clubs, const struct words *w)
{
    return (in_clubs && f->about_in_club ? f->about_in_club : f->about)(w);
}

const struct feature *route_alarm(const char *kind)
{
    for (int i = 0; i < FEATURES; i++)
        if (features[i]->alarm && strcmp(features[i]->alarm, kind) == 0)
            return features[i];
    return NULL;
}

/* Whether `text` is `word`, alone or up to `stop`; *out_rest is what follows it. */
static bool begins(const char *text, const char *word, char stop, const char **out_rest)
{
    size_t n = strlen(word);
    if (strncmp(text, word, n) != 0 || (text[n] && text[n] != stop))
        return false;
    *out_rest = text[n] ? text + n + 1 : text + n;
    return true;
}

const struct feature *route_prefix(const char *text, const char **out_data)
{
    for (int i = 0; i < FEATURES; i++)
        if (features[i]->prefix && begins(text, features[i]->prefix, '.', out_data))
            return features[i];
    return NULL;
}

int64_t turn_token(struct turn *t)
{
    int64_t token;
    do
        token = (int64_t)chance_next(&t->random);
    while (token == 0);
    return token;
}

enum err turn_load(struct turn *t, int64_t learner)
{
    enum err e = learner_find(t->db, t->arena, learner, &t->who);
    t->known = !e;
    t->chat = learner;
    t->thread = 0;
    t->club = (struct club){0};
    t->words.arena = t->arena;
    if (!e)
        t->words.lang = strcmp(t->who.lang, "ru") == 0 ? LANG_RU : LANG_EN;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err turn_welcome(struct turn *t, const char *lang)
{
    const char *zone = strcmp(lang, "ru") == 0 ? "Europe/Moscow" : "Etc/UTC";
    const struct zone *z = zone_find(zone);
    int minute = 0;
    zone_date(z, t->now_ms, &minute);
    enum err e = learner_add(t->db, t->update->user, lang, zone, minute);
    struct bank_topic topics[BANK_TOPICS_MAX];
    int n = 0;
    if (!e)
        e = learner_seen(t->db, t->update->user, t->now_ms);
    if (!e)
        e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    for (int i = 0; !e && i < n; i++)
        if (topics[i].held > 0) {
            e = subscribe(t->db, t->update->user, topics[i].slug);
            break;
        }
    if (!e)
        e = turn_load(t, t->update->user);
    return e ? e : morning_plan(t);
}

/* "/next@our_bot 3": the command, if it is ours to hear; *out_args is "3". */
static const struct feature *command_of(const struct turn *t, const char **out_args)
{
    const char *name = t->update->text + 1;
    size_t n = strcspn(name, " @\n");
    const char *after = name + n;
    if (*after == '@') {
        size_t bot = strcspn(after + 1, " \n");
        if (strlen(t->bot->username) != bot ||
            strncasecmp(after + 1, t->bot->username, bot) != 0)
            return NULL;
        after += 1 + bot;
    }
    *out_args = after + strspn(after, " \n");
    for (int i = 0; i < FEATURES; i++)
        if (features[i]->name && strlen(features[i]->name) == n &&
            strncasecmp(features[i]->name, name, n) == 0 &&
            (!features[i]->for_operators || is_operator(t->bot, t->update->user)))
            return features[i];
    return NULL;
}

static bool for_another_bot(const struct turn *t)
{
    const char *at = strpbrk(t->update->text, "@ \n");
    if (!at || *at != '@')
        return false;
    size_t n = strcspn(at + 1, " \n");
    return strlen(t->bot->username) != n || strncasecmp(at + 1, t->bot->username, n) != 0;
}

/* What a stranger says first. /start greets by itself. */
static enum err meet(struct turn *t, const struct feature *f)
{
    if (t->known || f == &cmd_start || (f && f->for_strangers))
        return OK;
    return turn_welcome(t, strncmp(t->update->lang, "ru", 2) == 0 ? "ru" : "en");
}

static enum err on_command(struct turn *t)
{
    const char *args = "";
    if (for_another_bot(t))
        return OK;
    const struct feature *f = command_of(t, &args);
    enum err e = meet(t, f);
    if (e)
        return e;
    if (t->known && t->who.asking) { /* a command ends a question of ours */
        t->who.asking = NULL;
        e = learner_save(t->db, &t->who);
        if (e)
            return e;
    }
    if (f && !f->run)
        return say(t, w_only_in_clubs(&t->words), NULL);
    return f ? f->run(t, args) : say(t, w_unknown_command(&t->words), NULL);
}

/* Who writes faster than answers may be sent is not heard until they are; but for the wish
 * to get no more. */
static enum err unheard(struct turn *t, bool *out)
{
    const char *args = "";
    enum err e = outbox_crowded(t->db, t->update->chat, WAITING_MAX, out);
    if (*out && t->known && t->who.state == LEARNER_ACTIVE && t->update->text[0] == '/')
        *out = command_of(t, &args) != &cmd_stop;
    return e;
}

static enum err on_text(struct turn *t)
{
    bool flood = false;
    enum err e = unheard(t, &flood);
    if (e || flood)
        return e;
    if (t->update->text[0] == '/')
        return on_command(t);
    if (!t->known)
        return cmd_start.run(t, "");
    const char *what;
    for (int i = 0; t->who.asking && i < FEATURES; i++)
        if (features[i]->asks && begins(t->who.asking, features[i]->asks, ':', &what))
            return features[i]->answer(t, what, t->update->text);
    return say(t, w_plain_text(&t->words), NULL);
}

static enum err on_button(struct turn *t)
{
    const char *data;
    t->bot->toasts[t->bot->toast_n++] =
        (struct toast){.query = t->update->query, .text = ""};
    const struct feature *f = route_prefix(t->update->text, &data);
    if (f && f->press && (t->known || f->for_strangers))
        return f->press(t, data);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

/* Blocked or unblocked: what waits for them is dropped, or their mornings go on. */
static enum err on_member(struct turn *t)
{
    if (!t->known)
        return OK;
    if (!t->update->can_write)
        return morning_block(t);
    return t->who.state == LEARNER_BLOCKED ? morning_resume(t) : OK;
}

/* ---- groups ---- */

/* A command that only works in private is answered when it names us: a bare /next may be
 * meant for another bot. A flood of commands is left unheard. */
static enum err club_command(struct turn *t)
{
    const char *args = "";
    const struct update *u = t->update;
    bool names_us = strcspn(u->text, "@") < strcspn(u->text, " \n");
    bool flood, greeted = false;
    const struct feature *f =
        u->text[0] == '/' && !for_another_bot(t) ? command_of(t, &args) : NULL;
    if (!f || (!f->run_in_club && !names_us))
        return OK;
    enum err e = outbox_crowded(t->db, u->chat, CLUB_WAITING_MAX, &flood);
    if (e || flood)
        return e;
    e = club_meet(t);
    if (!e && f == &cmd_start) { /* "?startgroup=" brings it */
        e = club_greet(t, &greeted);
        f = &cmd_help;
    }
    if (e || greeted)
        return e;
    return f->run_in_club ? f->run_in_club(t, args)
                          : say(t, w_only_in_private(&t->words, t->bot->username), NULL);
}

static enum err club_button(struct turn *t)
{
    const char *data;
    t->bot->toasts[t->bot->toast_n++] =
        (struct toast){.query = t->update->query, .text = ""};
    enum err e = turn_enter(t, t->update->chat, t->update->thread);
    if (e)
        return e;
    const struct feature *f = route_prefix(t->update->text, &data);
    if (f && f->press_in_club)
        return f->press_in_club(t, data);
    say_toast(t, w_toast_old(&t->words));
    return OK;
}

static enum err in_club(struct turn *t)
{
    switch (t->update->kind) {
    case UPDATE_TEXT:
        return club_command(t);
    case UPDATE_BUTTON:
        return club_button(t);
    case UPDATE_MEMBER:
        return club_member(t);
    case UPDATE_MOVED:
        return club_moved(t, t->update->chat, t->update->moved_to);
    default:
        return OK;
    }
}

/* After what they did, which may have been /stop, /pause or /forget. */
static enum err tell_back(struct turn *t)
{
    enum err e = turn_load(t, t->update->user);
    if (e || !t->known || t->who.state != LEARNER_ACTIVE || learner_paused(t))
        return e;
    return say(t, w_rhythm_back(&t->words), NULL);
}

enum err route_update(struct turn *t)
{
    const struct update *u = t->update;
    t->class = CLASS_PEOPLE;
    t->words = (struct words){t->arena, strncmp(u->lang, "ru", 2) == 0 ? LANG_RU : LANG_EN};
    if (u->kind == UPDATE_VOTE)
        return vote_heard(t);
    if (u->kind != UPDATE_OTHER && u->chat < 0)
        return in_club(t);
    if (u->kind == UPDATE_OTHER || !u->is_private || u->chat != u->user)
        return OK;
    enum err e = turn_load(t, u->user);
    if (!e && u->kind != UPDATE_MEMBER && t->known && t->who.state == LEARNER_BLOCKED)
        e = morning_resume(t); /* who writes to us has not blocked us */
    if (!e && t->known)
        e = learner_seen(t->db, u->user, t->now_ms);
    bool back = false;
    if (!e && t->known && (u->kind != UPDATE_MEMBER || u->can_write))
        e = morning_wake(t, &back);
    if (!e)
        e = u->kind == UPDATE_TEXT     ? on_text(t)
            : u->kind == UPDATE_BUTTON ? on_button(t)
                                       : on_member(t);
    return e || !back || u->kind == UPDATE_MEMBER ? e : tell_back(t);
}
