/* route: which feature a cause belongs to.
 *
 * A feature is a file that exports one const struct feature; adding one is adding its file
 * and its line in route.c. The same table answers /help and feeds the command menu, so
 * they cannot disagree with the code. */
#ifndef TALK_ROUTE_H
#define TALK_ROUTE_H

#include "bot/talk/turn.h"
#include "db/clubs.h"
#include "db/learners.h"
#include "db/outbox.h"
#include "words.h"

struct outcome;

/* What a feature sees of its turn: no SQL, no JSON, no socket, no clock. */
struct turn {
    struct bot *bot;
    struct db *db;
    struct arena *arena;
    int64_t now_ms;
    int64_t due_ms;  /* when its cause was: the update came, the alarm was due */
    uint64_t random; /* state of turn_token() */
    const struct update *update; /* NULL in alarms and outcomes */
    struct learner who;          /* the person it is about, when `known` */
    bool known;
    struct club club;        /* the group it is about, when club.id */
    int64_t chat, thread;    /* where it is said */
    struct words words;      /* in their language, or the group's */
    enum outbox_class class; /* of what is said */
};

struct feature {
    const char *name; /* the command without its slash; NULL: none */
    const char *(*about)(const struct words *w); /* its line in /help and the menu */
    const char *(*about_in_club)(const struct words *w);       /* NULL: the same there */
    enum err (*run)(struct turn *t, const char *args);         /* NULL: not in private */
    enum err (*run_in_club)(struct turn *t, const char *args); /* NULL: not in groups */
    bool for_admins;    /* in groups its menu line is administrators' */
    bool for_operators; /* nobody else has that command; not in the menu */
    bool for_strangers; /* in private it serves them too, and makes nobody known */

    const char *prefix; /* of its buttons' data, up to the first dot; NULL: none */
    enum err (*press)(struct turn *t, const char *data); /* what follows the dot, or "" */
    enum err (*press_in_club)(struct turn *t, const char *data);
    /* Telegram's last word on a row that names "PREFIX.data" as `told`: sent, refused,
     * unknown and not to be repeated, or expired. The row is settled, t->chat its chat. */
    enum err (*told)(struct turn *t, const char *data, const struct outcome *o);

    const char *asks; /* of learner.asking, up to the first colon; NULL: asks nothing */
    enum err (*answer)(struct turn *t, const char *what, const char *text);

    const char *alarm; /* the kind of alarm it sets; NULL: none */
    enum err (*ring)(struct turn *t, int64_t subject);
    /* After a failure at the third try: what keeps the subject alive. May be NULL. */
    enum err (*give_up)(struct turn *t, int64_t subject);
};

/* The update is dispatched to its feature. t->update is set; everything else is loaded
 * here. */
enum err route_update(struct turn *t);
const struct feature *route_alarm(const char *kind); /* NULL: nobody's, drop it */
/* The feature of "PREFIX.data"; *out_data is what follows the dot. NULL: nobody's. */
const struct feature *route_prefix(const char *text, const char **out_data);
/* The features that have a command there, in the order of the menu; NULL after the last.
 * `operators`: theirs too. */
const struct feature *route_command(bool in_clubs, bool operators, int i);
const char *route_about(const struct feature *f, bool in_clubs, const struct words *w);
bool is_operator(const struct bot *b, int64_t person);

/* For turn.c and boot.c, where the causes are: a turn that begins; and its end, which
 * commits and says that the process was alive, or after an error rolls back: ERR_DB. */
struct turn turn_open(struct bot *b, struct moment m);
enum err turn_end(struct turn *t, enum err e);

/* The person's row becomes t->who, t->known, and what is said is said to them. */
enum err turn_load(struct turn *t, int64_t learner);
/* What is said is said in this group, in its language; t->club.id 0: we do not know it. */
enum err turn_enter(struct turn *t, int64_t chat, int64_t thread);
/* A fresh person: language and zone guessed, the first held topic subscribed. */
enum err turn_welcome(struct turn *t, const char *lang);
int64_t turn_token(struct turn *t); /* unpredictable, never 0 */

#endif
