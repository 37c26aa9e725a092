/* battle_steps: what the files of the game share: battle.c (the row, its alarm, the end),
 * battle_lobby.c, battle_round.c. Nobody else needs it. */
#ifndef TALK_BATTLE_STEPS_H
#define TALK_BATTLE_STEPS_H

#include "bot/talk/battle.h"

enum {
    LOBBY_MS = 5 * 60 * 1000, /* then nobody comes any more */
    START_MS = 10 * 1000,     /* after the second player */
    DRAW_MS = 4 * 1000,       /* between two drawings of the lobby */
    ASK_MS = 90 * 1000,       /* a question that could not be sent by then is let go */
    ASKED_MS = 120 * 1000,    /* and by then somebody has told us of it */
    LATE_MS = 1500,           /* for votes that are on their way when the time is over */
    AWAY_MS = 5 * 60 * 1000,  /* after a longer absence nobody waits any more */
    PAUSE_MS = 6 * 1000,      /* to read the answer */
    VOID_MS = 3 * 1000,
    CATCH_UP_MS = 4 * 1000, /* between two looks whether Telegram answers again */
    SILENT_MAX = 2,
    VOIDS_MAX = 3,
    STOP_SAVES_MS = 3000, /* a poll that closes itself sooner is left to it */
};

/* battle.c: the row with its alarm. */
enum err battle_store(struct turn *t, const struct battle *b);
/* False: it came too late, and nothing has changed. */
bool battle_move(struct battle *b, enum battle_state to, int64_t due_ms);
/* A battle keeps the language that it was opened in: its quizzes and the words around them
 * are of one. */
void battle_speak(struct turn *t, const struct battle *b);
/* What is said is said where it is played, in its language. */
enum err battle_enter(struct turn *t, const struct battle *b);
enum err battle_finish(struct turn *t, struct battle *b);  /* boards, podium */
enum err battle_abandon(struct turn *t, struct battle *b); /* ends without words */

/* battle_lobby.c: its message is drawn, anew in a group that has moved. */
enum err battle_draw_lobby(struct turn *t, struct battle *b, const char *line);
enum err battle_lobby_rings(struct turn *t, struct battle *b);

/* battle_round.c */
enum err battle_next_round(struct turn *t, struct battle *b);
/* The round that runs counts no more, and what waits of its question stays unsaid. VOID: it
 * had not begun. ERR_NOT_FOUND: none runs. */
enum err battle_let_go(struct turn *t, const struct battle *b, struct round *out);
/* Nobody knows whether the question has arrived: it counts for nobody. */
enum err battle_void(struct turn *t, struct battle *b, struct round *r);
/* A poll that closes itself soon is left to it. */
enum err battle_close_poll(struct turn *t, const struct battle *b, const struct round *r,
                           int64_t closes_ms);

#endif
