/* Fuzzes what Telegram sends: an answer of getUpdates, one update, the answer of a call.
 * All three are total: any bytes give a value or a refusal, and a value keeps its promises.
 *
 *   make fuzzers && tests/fuzz/run.sh build/fuzz/fuzz_update 60 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/arena.h"
#include "bot/base/json.h"
#include "bot/telegram/method.h"
#include "bot/telegram/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What update.h and the turn rely on. */
static void check_update(const struct update *u, struct arena *a)
{
    assert(u->id >= 0);
    assert(u->lang && u->text && u->query && u->name && u->poll);
    assert(utf8_valid(u->lang, strlen(u->lang)) && utf8_valid(u->text, strlen(u->text)) &&
           utf8_valid(u->query, strlen(u->query)) && utf8_valid(u->name, strlen(u->name)));
    bool person = u->kind == UPDATE_TEXT || u->kind == UPDATE_BUTTON;
    assert(!person || (u->chat != 0 && u->user > 0));
    assert(u->kind != UPDATE_MEMBER || u->chat < 0 || (u->chat > 0 && u->user > 0));
    assert(!u->is_private || u->chat == u->user);
    assert(u->kind == UPDATE_VOTE ? u->user > 0 && u->chat == 0 && *u->poll
                                  : !*u->poll && u->option == -1);
    assert(strspn(u->poll, "0123456789") == strlen(u->poll) && strlen(u->poll) <= 20);
    assert(u->option >= -1 && u->option <= 11);
    assert(u->kind != UPDATE_MOVED || (u->chat < 0 && u->moved_to < 0 && !u->is_private));
    assert(u->kind == UPDATE_BUTTON || !*u->query);
    const char *summary = update_summary(u, a);
    struct cJSON *tree = json_parse(summary, strlen(summary));
    assert(tree && json_int(tree, "update_id", -1) == u->id);
    json_free(tree);
}

static void fuzz_answer(const char *text, size_t size, struct arena *a)
{
    struct update u[UPDATES_MAX];
    int n = -1;
    enum err e = updates_parse(text, size, a, u, UPDATES_MAX, &n);
    assert(n >= 0 && n <= UPDATES_MAX && (e == OK || (e == ERR_BAD_INPUT && n == 0)));
    for (int i = 0; i < n; i++)
        check_update(&u[i], a);
    int64_t first = -1;
    int scanned = updates_scan(text, size, &first);
    assert(scanned >= 0 && (scanned == 0 || first >= 0));
}

static void fuzz_update(const char *text, size_t size, struct arena *a)
{
    struct update u;
    struct cJSON *tree = json_parse(text, size);
    if (tree && update_parse(tree, a, &u) == OK)
        check_update(&u, a);
    json_free(tree);
}

static void fuzz_reply(const char *text, size_t size, struct arena *a)
{
    struct reply r;
    reply_parse(text, size, a, &r);
    assert(r.description && r.username && r.poll && r.status);
    assert(!r.ok || (r.readable && r.code == 0));
    assert(r.retry_after_s >= 0 && r.retry_after_s <= 7 * 24 * 3600);
    assert(utf8_valid(r.description, strlen(r.description)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    char *exact = malloc(size + !size); /* so that a read past the end is seen */
    assert(exact);
    if (size)
        memcpy(exact, data, size);
    fuzz_answer(exact, size, &a);
    fuzz_update(exact, size, &a);
    fuzz_reply(exact, size, &a);
    free(exact);
    arena_free(&a);
    return 0;
}
