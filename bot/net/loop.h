/* loop: the one driver. Owns the timer and the signals, reads the clock and the randomness
 * once a pass and hands them down; nothing below asks the operating system for either.
 *
 * The timer is armed for the earliest thing that is due and for 30 s at most, so that a
 * laptop that slept and a clock that was set are noticed. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "bot/net/backups.h"
#include "bot/net/health.h"
#include "bot/net/notify.h"
#include "bot/net/poll.h"
#include "bot/net/sender.h"
#include "bot/talk/turn.h"

enum { LOOP_STOPPED = 0, LOOP_DAMAGED = 74, LOOP_TOKEN_REFUSED = 78 };

/* Boots the bot and runs it until SIGTERM or SIGINT: then it waits 10 s at most for what is
 * in flight, and says whether it was that, a refused token or a damaged database that ended
 * it. A second signal ends the process at once. SIGHUP: the file that is at bank_path now
 * takes the place of the bank, between turns; that of a terminal which was closed is a
 * SIGTERM. SIGUSR1: a backup. Borrows all of them. */
int loop_run(struct uv_loop_s *uv, struct bot *bot, struct poll *poll,
             struct sender *sender, const char *bank_path, struct backups *backups,
             struct health *health, struct notify *notify);

#endif
