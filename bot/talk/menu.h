/* menu: the command list that Telegram shows, sent only when it changed. */
#ifndef TALK_MENU_H
#define TALK_MENU_H

#include "bot/talk/route.h"

enum err menu_refresh(struct turn *t); /* at boot, and for an operator who is new */

#endif
