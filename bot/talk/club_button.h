/* club_button: buttons of a group, which work in the group that they were made for. */
#ifndef TALK_CLUB_BUTTON_H
#define TALK_CLUB_BUTTON_H

#include "bot/talk/route.h"

/* "PREFIX.TOKEN", TOKEN the group's: what data of its buttons begin with. */
const char *club_button_prefix(struct turn *t, const char *prefix);
/* In press_in_club(): *out_code is what follows "TOKEN." NULL: another group's, nobody's,
 * or more is waiting to be said there than a group can hear; the person has been told. */
enum err club_button_code(struct turn *t, const char *data, const char **out_code);

#endif
