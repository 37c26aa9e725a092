/* state: what the rule book remembers. For the files of tests/local/ only. */
#ifndef LOCAL_STATE_H
#define LOCAL_STATE_H

#include "bot/base/arena.h"
#include "tests/local/rules.h"

struct cJSON;

struct person {
    int64_t id;
    const char *name, *lang;
    bool met; /* has written to the bot, so that the bot may write */
    bool blocks;
};

struct press {
    int64_t id, person, at_ms;
    const char *data;
    bool answered, tried;
};

enum update_sort { SORT_MESSAGE = 1, SORT_PRESS = 2, SORT_MEMBER = 4 };

struct queued {
    int64_t id, dies_ms;
    const char *json;
};

struct rules {
    const char *token, *username;
    struct arena keep; /* everything lent to callers */
    struct person *person;
    size_t people, people_room;
    struct rules_message *message; /* [id - 1]: ids of private chats share one counter */
    size_t messages, messages_room;
    struct press *press; /* [id - FIRST_PRESS] */
    size_t presses, presses_room;
    struct queued *queue; /* [head, tail) are not confirmed */
    size_t head, tail, queue_room;
    int64_t next_update;
    int replay; /* extra deliveries of the newest update */
    unsigned allowed;
    struct rules_fault *fault;
    size_t faults, faults_room, used_fault; /* used_fault: the last one that was due */
    struct rules_row *row;
    size_t rows, rows_room;
};

#define FIRST_PRESS INT64_C(30117200437529001)

/* Makes room for one more element; out of memory is abort(). */
void rules_grow(void **array, size_t count, size_t *room, size_t size);
const char *rules_keep(struct rules *r, const char *text);
struct person *person_find(const struct rules *r, int64_t id);
struct rules_message *message_add(struct rules *r, int64_t now_ms, int64_t chat,
                                  bool from_bot);

/* queue.c */
void queue_add(struct rules *r, int64_t now_ms, enum update_sort sort, const char *fields);
void queue_serve(struct rules *r, int64_t now_ms, const struct cJSON *in, struct buf *out,
                 int *out_n, int64_t *out_wait_ms);

/* keyboard.c: reply_markup of a call, into the arena. False: `error` has the words. */
bool keyboard_read(struct rules *r, const struct cJSON *call, struct shown *out,
                   struct buf *error);
/* faults.c: the fault that is due for this call, used up by one. NULL: none. */
const struct rules_fault *fault_due(struct rules *r, const char *method, int64_t chat);
/* "Bad Request", "Forbidden", ...: how the server names a status. */
const char *status_name(long status);

/* methods.c: what a call says. */
struct call {
    struct rules *r;
    int64_t now_ms;
    const struct cJSON *in;
    struct rules_row *row;
    struct buf *result; /* JSON of `result` */
    struct buf *error;  /* words after "Bad Request: " */
    long status;
    int64_t wait_ms;
};
typedef bool method_run(struct call *c); /* false: status and error say why */
method_run *method_find(const char *name, enum row_kind *out_kind);

/* acts.c: JSON of a message and of a user, fields of an object that is open. */
struct json_out;
void message_json(struct rules *r, struct json_out *o, const char *key,
                  const struct rules_message *m);

#endif
