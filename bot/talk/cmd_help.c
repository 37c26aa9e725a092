/* /help: the commands, from the same table that runs them. */
#include "bot/talk/say.h"

static enum err help(struct turn *t, bool in_clubs, const char *foot)
{
    struct buf b = {0};
    const struct feature *f;
    bool operators = !in_clubs && is_operator(t->bot, t->update->user);
    buf_text(&b, w_help_head(&t->words));
    for (int i = 0; (f = route_command(in_clubs, operators, i)); i++)
        buf_printf(&b, "\n/%s — %s", f->name, route_about(f, in_clubs, &t->words));
    buf_text(&b, foot);
    enum err e = say(t, b.data, NULL);
    buf_free(&b);
    return e;
}

static enum err run(struct turn *t, const char *args)
{
    (void)args;
    return help(t, false, w_help_foot(&t->words));
}

static enum err run_in_club(struct turn *t, const char *args)
{
    (void)args;
    return help(t, true, w_help_foot_in_club(&t->words));
}

const struct feature cmd_help = {
    .name = "help", .about = w_about_help, .run = run, .run_in_club = run_in_club};
