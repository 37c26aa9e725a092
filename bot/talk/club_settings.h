/* club_settings: /settings of a group. */
#ifndef TALK_CLUB_SETTINGS_H
#define TALK_CLUB_SETTINGS_H

#include "bot/talk/route.h"

enum err club_settings_run(struct turn *t, const char *args);

#endif
