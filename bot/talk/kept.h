/* kept: what the database holds about people: every table, every column, and what is told
 * about it in /privacy. The one list: a test compares it with the schema and with what
 * /forget erases, so that a new column is documented here or fails there. */
#ifndef TALK_KEPT_H
#define TALK_KEPT_H

#include "words.h"

/* In the order in which /privacy tells of them. */
enum kept_as {
    KEPT_SETTINGS, /* who they are and when to write to them */
    KEPT_LEARNING, /* what they have learned */
    KEPT_MESSAGES, /* what was said to them, or waits to be */
    KEPT_GAMES,    /* battles */
    KEPT_BOARDS,   /* names and points in groups */
    KEPT_REPORTS,  /* who found a mistake */
    KEPT_MOMENTS,  /* minutes: administrators, votes that came early, /forget itself */
    KEPT_TROUBLE,  /* what broke */
    KEPT_OF_NOBODY /* about no person: not told */
};

struct kept {
    enum kept_as as;
    const char *table;
    const char *who; /* the column with the person's id, or that of their chat; or NULL */
    const char *columns; /* all of them, by blanks, in the order of the schema */
};
extern const struct kept kept[];
extern const int kept_n;

/* What /privacy says of it. NULL: KEPT_OF_NOBODY. */
const char *kept_line(enum kept_as as, const struct words *w);

#endif
