#include "bot/talk/club_button.h"

#include <inttypes.h>
#include <string.h>

#include "bot/talk/club.h"
#include "bot/talk/say.h"

enum { WAITING_MAX = 6 }; /* rows that wait for a group before its buttons go unheard */

const char *club_button_prefix(struct turn *t, const char *prefix)
{
    return arena_printf(t->arena, "%s.%016" PRIx64, prefix, (uint64_t)t->club.token);
}

enum err club_button_code(struct turn *t, const char *data, const char **out_code)
{
    const char *ours = arena_printf(t->arena, "%016" PRIx64 ".", (uint64_t)t->club.token);
    bool flood;
    *out_code = NULL;
    if (!t->club.id || strncmp(data, ours, strlen(ours)) != 0) {
        say_toast(t, w_toast_old(&t->words));
        return OK;
    }
    enum err e = outbox_crowded(t->db, t->chat, WAITING_MAX, &flood);
    if (!e && flood)
        say_toast(t, w_toast_club_busy(&t->words));
    if (e || flood)
        return e;
    *out_code = data + strlen(ours);
    return club_meet(t);
}
