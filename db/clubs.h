/* clubs: the groups that the bot is in, their settings, who administers them. */
#ifndef DB_CLUBS_H
#define DB_CLUBS_H

#include "db/db.h"

struct club {
    int64_t id;                      /* chat id, below 0 */
    int64_t token;                   /* in the buttons of its settings */
    const char *lang, *zone, *topic; /* topic NULL: all of them */
    int rounds;                      /* of a battle that names no number */
    bool speed, bonus;               /* what counts beside right answers */
    bool here, greeted;
    int daily_min;                   /* of /daily; -1: off */
    const char *daily_topic;         /* NULL: all */
    int64_t daily_thread, daily_day; /* daily_day -1: there was none yet */
    int64_t daily_question;          /* whose quiz is still to come; 0: none */
};

/* Strings are lent by the arena. ERR_NOT_FOUND: never seen. */
enum err club_find(struct db *db, struct arena *a, int64_t id, struct club *out);
/* A new row with the defaults of the schema. */
enum err club_add(struct db *db, int64_t id, int64_t token, const char *lang,
                  const char *zone);
/* Stores every field but id and token. */
enum err club_save(struct db *db, const struct club *c);

/* Telegram has said that the person administers the club: believed until until_ms. */
enum err club_admin_put(struct db *db, int64_t club, int64_t person, int64_t until_ms);
enum err club_admin_drop(struct db *db, int64_t club, int64_t person);
enum err club_is_admin(struct db *db, int64_t club, int64_t person, int64_t now_ms,
                       bool *out);
/* Forgets some of those that are believed no more. */
enum err club_admins_prune(struct db *db, int64_t now_ms);

/* Questions that the topic offers and that were in none of the chat's last SEEN_ROUNDS
 * rounds (chat 0: whatever it has seen), with a quiz or without; at most max. */
enum err offers_unseen(struct db *db, const char *topic, int64_t chat, int64_t *out,
                       int max, int *out_n);

/* ---- /daily ---- */

/* The round that waits for the quiz of that question; ERR_NOT_FOUND: none does. */
enum err daily_round(struct db *db, int64_t club, int64_t question, int64_t *out_round);
/* Whether its quiz may be put before people: not retired, not kept out. */
enum err quiz_is_fit(struct db *db, int64_t question, bool *out);
/* A clock was set back: the alarms of /daily ring now, to look at the calendar anew. */
enum err dailies_ring(struct db *db, int64_t now_ms);

#endif
