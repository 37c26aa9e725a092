/* check: what an operator asks from the command line, beside a running daemon or without
 * one. Each prints to stdout and gives the exit code. */
#ifndef NET_CHECK_H
#define NET_CHECK_H

#include "bot/base/env.h"

/* `sobes health`: asks HEALTH_ADDR. One line; 0: it says ok, 1: it says what ails it, or
 * nobody answers. */
int check_health(const struct config *cfg);
/* `sobes check`: token, folders, database (unless it is served just now), bank. A line for
 * each; 0, 78: something has to be set right, 74: the database is damaged. */
int check_all(const struct config *cfg);

#endif
