/* /help: the commands, from the same table that runs them. */
#include "bot/talk/say.h"

static enum err run(struct turn *t, const char *args)
{
    (void)args;
    struct buf b = {0};
    const struct feature *f;
    buf_text(&b, w_help_head(&t->words));
    for (int i = 0; (f = route_command(i)); i++)
        buf_printf(&b, "\n/%s — %s", f->name, f->about(&t->words));
    buf_text(&b, w_help_foot(&t->words));
    enum err e = say(t, b.data, NULL);
    buf_free(&b);
    return e;
}

const struct feature cmd_help = {.name = "help", .about = w_about_help, .run = run};
