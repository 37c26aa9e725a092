/* /privacy: what is stored, why, how long; from the list of kept.c. */
#include "bot/talk/kept.h"
#include "bot/talk/say.h"

static enum err run(struct turn *t, const char *args)
{
    struct buf b = {0};
    (void)args;
    buf_text(&b, w_privacy_head(&t->words));
    for (int i = 0; i < kept_n; i++) {
        const char *line = kept_line(kept[i].as, &t->words);
        if (line && (i == 0 || kept[i].as != kept[i - 1].as))
            buf_printf(&b, "\n\n%s", line);
    }
    buf_printf(&b, "\n\n%s", w_privacy_foot(&t->words));
    enum err e = say(t, b.data, NULL);
    buf_free(&b);
    return e;
}

const struct feature cmd_privacy = {.name = "privacy",
                                    .about = w_about_privacy,
                                    .run = run,
                                    .run_in_club = run,
                                    .for_strangers = true};
