/* /stop: no more messages by themselves; /start brings them back. Nothing is erased. */
#include "bot/talk/morning.h"
#include "bot/talk/say.h"

static enum err run(struct turn *t, const char *args)
{
    (void)args;
    enum err e = morning_stop(t);
    return e ? e : say(t, w_stopped(&t->words), NULL);
}

const struct feature cmd_stop = {.name = "stop", .about = w_about_stop, .run = run};
