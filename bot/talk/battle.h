/* battle: a quiz battle as it is played in a chat. The rules are in bot/study/battle.h.
 *
 * What moves it: commands and buttons (cmd_battle.c), votes (vote.c), its alarm, and the
 * outcomes of its polls. Each loads the row, moves it, stores it. */
#ifndef TALK_BATTLE_H
#define TALK_BATTLE_H

#include "bot/study/battle.h"
#include "bot/talk/route.h"
#include "bot/telegram/method.h"
#include "db/battles.h"
#include "db/boards.h"
#include "db/quizzes.h"

/* ---- battle.c: the game ---- */

/* Opens a lobby in t's group, or a practice in a private chat. topic NULL: all. rounds 0:
 * as the group likes it. ERR_REFUSED: one is running there. ERR_NOT_FOUND: this chat has
 * seen all quizzes of the topic lately, or it has none. */
enum err battle_open(struct turn *t, const char *topic, int rounds);
/* A lobby that could not be sent is none. */
enum err battle_lobby_told(struct turn *t, int64_t id, const struct outcome *o);
/* Sits the update's person down; *out_new false: sat there before. */
enum err battle_join(struct turn *t, struct battle *b, bool *out_new);
enum err battle_start(struct turn *t, struct battle *b);
/* Its time ran out, all have answered, or it was skipped. */
enum err battle_round_over(struct turn *t, struct battle *b, struct round *r, bool skipped);
/* The last word on the round's question: the time runs from now, or it does not count. */
enum err battle_round_told(struct turn *t, int64_t round, const struct outcome *o);
/* Somebody stops it: with a podium when points were won. */
enum err battle_stop(struct turn *t, struct battle *b);
/* Nothing can be said in t->chat any more: its battles end without words. */
enum err battles_abandon(struct turn *t);
/* The day from which the board counts that `day` belongs to. */
int64_t battle_period(enum board_period period, int64_t day);
/* Its alarm: whatever is due now; and when that has failed three times: it ends without
 * words, so that another one can begin there. */
enum err battle_rings(struct turn *t, int64_t id);
enum err battle_give_up(struct turn *t, int64_t id);
/* A group that refuses pictures gets the podium as text. */
enum err battle_podium_told(struct turn *t, int64_t id, const struct outcome *o);

/* ---- vote.c ---- */

/* An answer to a poll: of a round, or kept for a minute until its round is known. */
enum err vote_heard(struct turn *t);
/* One to a round, wherever it came from; at_ms is its arrival. ERR_REFUSED: has answered,
 * or the round is over. */
struct answer {
    int64_t person, place, at_ms;
    int option;
    const char *name;
};
enum err vote_take(struct turn *t, struct battle *b, struct round *r,
                   const struct answer *a);
/* Votes find their round by the poll's id; those that overtook it are let in now. b NULL:
 * the quiz of /daily. */
enum err vote_poll_known(struct turn *t, struct battle *b, struct round *r,
                         const char *poll);

/* ---- battle_view.c: how it looks ---- */

/* Data of a button: "b.TOKEN.CODE"; cmd_battle.c says what the codes do. The one that opens
 * a battle in this group carries the group's token. */
const char *battle_data(struct turn *t, int64_t token, const char *code);
const char *battle_opens(struct turn *t);
const char *battle_title(struct turn *t, const struct battle *b); /* "Django", all: words */
/* "6 850": thousands apart by a thin no-break blank. */
const char *points_shown(struct turn *t, int64_t n);
/* What the lobby's message shows now; `line` is how it ended, NULL while it is open. */
enum err battle_lobby_view(struct turn *t, const struct battle *b, const char *line,
                           const char **out_html, struct keyboard *k);
/* Queues the round's question as a poll or with buttons; gives r->post. */
enum err battle_ask(struct turn *t, const struct battle *b, struct round *r,
                    const struct quiz *quiz, int64_t expires_ms);
enum err battle_reveal(struct turn *t, const struct battle *b, const struct round *r,
                       bool skipped);
enum err battle_podium(struct turn *t, const struct battle *b, bool pictured);

#endif
