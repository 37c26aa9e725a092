/* battles: games, who sits in them, their rounds and votes. */
#ifndef DB_BATTLES_H
#define DB_BATTLES_H

#include "db/db.h"

struct battle {
    int64_t id, token;
    int64_t chat, thread, opener;
    const char *lang, *topic; /* topic NULL: all */
    int rounds;
    bool speed, bonus, buttons; /* buttons: polls were refused, buttons it is */
    int state;                  /* enum battle_state (bot/study/battle.h) */
    int round;                  /* number of the newest one; 0: none yet */
    int silent, voids;          /* rounds in a row without an answer; that did not count */
    int64_t post;               /* of the lobby, 0: none */
    int64_t due_ms;             /* when the state ends by itself */
    int64_t drawn_ms;           /* when the lobby was last drawn */
    bool stale;                 /* it has to be drawn again */
    int64_t over_ms, over_day;  /* 0: it runs; the local date of its end */
};

/* Gives b->id. ERR_BAD_INPUT: one is running in that chat and thread. */
enum err battle_add(struct db *db, struct battle *b);
/* Strings are lent by the arena. */
enum err battle_find(struct db *db, struct arena *a, int64_t id, struct battle *out);
enum err battle_by_token(struct db *db, struct arena *a, int64_t token, struct battle *out);
/* The one that runs in that chat and thread, in any state but over. */
enum err battle_running(struct db *db, struct arena *a, int64_t chat, int64_t thread,
                        struct battle *out);
/* Those that run anywhere in the chat, at most max. */
enum err battles_running(struct db *db, struct arena *a, int64_t chat, struct battle *out,
                         int max, int *out_n);
/* Stores what changes while it runs: from buttons to the end. */
enum err battle_save(struct db *db, const struct battle *b);

struct seat {
    int64_t person, points;
    int hits, run,
        idle;         /* right answers; of them in a row now; rounds in a row without one */
    bool answered;    /* at least once; only seats() tells */
    const char *name; /* as the group's boards have it; "" when it was erased */
};
enum { SEATS_MAX = 200 };
/* Sits down; *out_new false: sat there before. ERR_REFUSED: all SEATS_MAX are taken. */
enum err seat_take(struct db *db, int64_t battle, int64_t person, bool *out_new);
enum err seat_find(struct db *db, int64_t battle, int64_t person, struct seat *out);
enum err seat_save(struct db *db, int64_t battle, const struct seat *s);
/* The best first, at most max; names are those of the club's players. */
enum err seats(struct db *db, struct arena *a, int64_t battle, int64_t club,
               struct seat *out, int max, int *out_n);
/* Seats, and those whose people answered one of the last two rounds or sat down since. */
enum err seats_count(struct db *db, int64_t battle, int *out_all, int *out_active);

enum round_state {
    ROUND_ASKED,  /* its message is under way */
    ROUND_OPEN,   /* delivered: the time runs */
    ROUND_CLOSED, /* over */
    ROUND_VOID,   /* it did not count */
};
struct round {
    int64_t id, battle; /* battle 0: of /daily, or of one long forgotten */
    int64_t chat;
    int number;
    int64_t question;
    int level;   /* of the question, 1 to 3 */
    int options; /* as shown, see battle_shuffle() */
    int key;     /* where the right one is shown */
    enum round_state state;
    int64_t post;
    int64_t opened_ms, limit_ms;
};
enum err round_add(struct db *db, struct round *r); /* gives r->id */
enum err round_find(struct db *db, int64_t id, struct round *out);
/* The newest one of the battle with that number. */
enum err round_of(struct db *db, int64_t battle, int number, struct round *out);
enum err round_by_poll(struct db *db, const char *poll, struct round *out);
/* Those in which a club was asked the question since then, the newest first. */
enum err rounds_of_question(struct db *db, int64_t question, int64_t club, int64_t since_ms,
                            struct round *out, int max, int *out_n);
/* Stores state, post, opened_ms. */
enum err round_save(struct db *db, const struct round *r);
enum err round_poll(struct db *db, int64_t round, const char *poll);

struct vote {
    int64_t person;
    int option;       /* as shown */
    int64_t spent_ms; /* from the confirmed send to its arrival, 0 to the limit */
    int64_t place;    /* update_id: the server's order of votes */
    bool hit;
    int points;
    const char *name;
};
/* ERR_REFUSED: that person has voted. */
enum err vote_add(struct db *db, int64_t round, const struct vote *v);
/* What the vote has brought. */
enum err vote_points(struct db *db, int64_t round, int64_t person, int points);
/* A vote that was taken for a wrong one was right. ERR_REFUSED: it counts as right. */
enum err vote_mend(struct db *db, int64_t round, int64_t person, int points);
/* In the order in which they came, at most max; names are those of the club's players. */
enum err votes(struct db *db, struct arena *a, int64_t round, int64_t club,
               struct vote *out, int max, int *out_n);
enum err votes_count(struct db *db, int64_t round, int *out_all, int *out_hits);
/* At the end of a round: who sits there and did not answer has lost the run. */
enum err seats_idle(struct db *db, int64_t battle, int64_t round);
/* Whether everybody active has answered, and somebody has. */
enum err round_all_voted(struct db *db, int64_t battle, int64_t round, bool *out);
/* Votes to skip; ERR_REFUSED: that person has said so. */
enum err skip_add(struct db *db, int64_t round, int64_t person, int *out_votes);

/* Votes that no round can place yet: kept for a minute. */
struct early_vote {
    int64_t person, place, at_ms;
    int option;
    const char *name;
};
enum err early_vote_add(struct db *db, const char *poll, const struct early_vote *v);
/* In order of arrival; and they are gone. */
enum err early_votes_take(struct db *db, struct arena *a, const char *poll,
                          struct early_vote *out, int max, int *out_n);

/* Forgets early votes of over a minute, a battle that was over 30 days ago, and a round
 * that old; of the last 60 of a chat only its votes and skips. *out_more: there is more. */
enum err battles_prune(struct db *db, int64_t now_ms, bool *out_more);

/* The club has a new id. */
enum err battles_migrate(struct db *db, int64_t from, int64_t to);

#endif
