/* fail: the one way out when there is no picture. */
#ifndef DRAW_FAIL_H
#define DRAW_FAIL_H

/* One line on stderr, nothing on stdout, exit 1. `why` holds no word of people's. */
_Noreturn void fail(const char *why);

#endif
