/* outbox: everything the bot has decided to say and has not yet been told was said.
 *
 * Features add rows inside their turn's transaction, net/sender.c takes them out; the two
 * never call each other. A chat with waiting rows has a lane; rows of one chat leave in
 * the order they were added, one at a time. Row life: queued -> sending (committed before
 * the first byte) -> settled, which deletes it. An ambiguous question waits outside its
 * lane. */
#ifndef DB_OUTBOX_H
#define DB_OUTBOX_H

#include "db/db.h"

enum outbox_class { CLASS_PEOPLE, CLASS_BULK };

/* What an unknown fate means for a row (the promise of README, "Delivery"). */
enum outbox_kind {
    KIND_QUESTION, /* at least once: after 45 s sent again, once */
    KIND_REPLY,    /* at least once within a minute */
    KIND_NUDGE,    /* at most once */
    KIND_EDIT,     /* repeats freely; at most one queued a post */
    KIND_SETUP,    /* repeats freely; to nobody's chat */
    KIND_POLL,     /* at most once: a copy would split the votes */
    KIND_ASK,      /* repeats freely; asks Telegram, and nobody sees it */
};

struct outbox_row {
    int64_t id, chat, thread, message; /* message: of the post, 0 while it is not known;
                                          taken to be sent: only of one that is edited */
    int64_t post;                      /* our own name for the message, 0 for none */
    enum outbox_class class;
    enum outbox_kind kind;
    int copies;                /* times it was taken before */
    int64_t expires_ms;        /* UTC */
    int64_t due_ms;            /* UTC, when it was wanted; 0: not known */
    const char *method, *body; /* lent by the arena, as is all text */
    /* What goes along, made when it leaves, the body being its caption: JSON for
     * sobes-draw, or EXPORT_MAKER and the name of the file; or NULL. */
    const char *picture;
    const char *told; /* "PREFIX.DATA": that feature's told() hears the outcome; or NULL */
};

#define EXPORT_MAKER "export "

/* For the features, inside a transaction (asserted). post 0: none. Queues the row and
 * opens its lane. A KIND_EDIT replaces the post's queued edit. */
enum err outbox_add(struct db *db, const struct outbox_row *row);

/* Whether `max` rows or more wait for the chat. */
enum err outbox_crowded(struct db *db, int64_t chat, int max, bool *out);

/* For the sender. Lanes that are free and ready, people first, then bulk; in a class those
 * that were frozen, then the one whose oldest row is the oldest. `class_max` CLASS_PEOPLE
 * leaves bulk out. */
struct lane {
    int64_t chat;
    enum outbox_class class;
};
enum err outbox_lanes(struct db *db, int64_t now_ms, enum outbox_class class_max,
                      struct lane *out, int max, int *out_n);
/* When the next frozen lane is ready; INT64_MAX for none. */
enum err outbox_next_ms(struct db *db, int64_t now_ms, int64_t *out);
/* Inside a transaction: the chat's oldest row becomes `sending`, its lane busy.
 * ERR_NOT_FOUND: the lane is empty (and is removed). Strings are lent by the arena. */
enum err outbox_take(struct db *db, struct arena *a, int64_t chat, struct outbox_row *out);
/* In the transaction in which a message, a poll or an edit to a group is taken, or before
 * it leaves: what groups heard in the last SPOKEN_MS outlives the process. Forgets some of
 * what is older. */
enum { SPOKEN_MS = 60 * 1000 };
struct spoken {
    int64_t id, chat, at_ms;
};
enum err outbox_spoken(struct db *db, int64_t group, int64_t now_ms);
/* Those after `last`, by at_ms and id, until now_ms. */
enum err outbox_spoken_after(struct db *db, const struct spoken *last, int64_t now_ms,
                             struct spoken *out, int max, int *out_n);
/* Bulk lanes free and ready, counted up to `max`. */
enum err outbox_bulk_ready(struct db *db, int64_t now_ms, int max, int *out);

/* For talk/outcome.c, inside a transaction. */
enum err outbox_find(struct db *db, struct arena *a, int64_t id, struct outbox_row *out);
enum err outbox_settle(struct db *db, int64_t id,
                       int64_t chat); /* deletes it, frees the lane */
/* Back to the head of its queue; the lane is frozen until ready_ms. An edit that has a
 * newer one queued for its post is dropped instead. */
enum err outbox_retry(struct db *db, int64_t id, int64_t chat, int64_t ready_ms);
/* The same for a row that surely did not leave: it does not count as a copy. */
enum err outbox_not_sent(struct db *db, int64_t id, int64_t chat, int64_t ready_ms);
/* Out of the lane until outbox_requeue(). */
enum err outbox_park(struct db *db, int64_t id, int64_t chat);
enum err outbox_requeue(struct db *db, int64_t id);
/* A press proved that the post's message is there: its send is not repeated. */
enum err outbox_arrived(struct db *db, int64_t post);
/* Whether the post's message has left at least once; or nothing waits for it any more. */
enum err outbox_left(struct db *db, int64_t post, bool *out);
/* A press names a message that no post has: then it is that of the chat's one reply whose
 * answer was lost, if there is one. *out_post 0: there is none. */
enum err outbox_lost_reply(struct db *db, int64_t chat, int64_t *out_post);
enum err outbox_drop_chat(struct db *db, int64_t chat); /* all its rows and its lane */
/* What comes by itself and has never left is past its time from now on: questions of the
 * morning, a reminder. What is told of its outcome is not meant. */
enum err outbox_hush(struct db *db, int64_t chat);
/* At start: every row that was `sending`, at most max; the lanes are freed. */
enum err outbox_unsettled(struct db *db, struct arena *a, struct outbox_row *out, int max,
                          int *out_n);
/* The clock was set back by -by_ms to now_ms: frozen lanes wait what was left, no more. */
enum err outbox_clock_back(struct db *db, int64_t now_ms, int64_t by_ms);
enum err outbox_free_lanes(struct db *db);

#endif
