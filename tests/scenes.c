/* scenes: plays scene files. scenes [--bank FILE] [--faults commit|call|kill] [--max-n N]
 * [--step N [--offset K]] [--break NAME=N [--linger] [--older]] [--record] [--calls FILE]
 * [--verbose] FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/log.h"
#include "tests/faults.h"
#include "tests/scene.h"

static int usage(void)
{
    fprintf(stderr, "usage: scenes [--bank FILE] [--faults commit|call|kill] [--max-n N]"
                    " [--step N [--offset K]] [--break NAME=N [--linger] [--older]]"
                    " [--record] [--calls FILE] [--verbose] FILE...\n");
    return 64;
}

/* NAME=N: one run of the fault loop again, to look at it. */
static bool break_parse(const char *word, struct scene_options *o)
{
    static const struct {
        const char *name;
        enum breakage as;
    } names[] = {{"commit", BREAK_COMMIT},          {"refuse", BREAK_REFUSE},
                 {"swallow", BREAK_SWALLOW},        {"kill-before", BREAK_KILL_BEFORE},
                 {"kill-after", BREAK_KILL_AFTER},  {"kill-call", BREAK_KILL_CALL},
                 {"kill-called", BREAK_KILL_CALLED}};
    const char *equals = strchr(word, '=');
    for (size_t i = 0; equals && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == (size_t)(equals - word) &&
            !strncmp(names[i].name, word, (size_t)(equals - word)))
            o->break_as = names[i].as;
    o->break_at = equals ? atoi(equals + 1) : 0;
    return o->break_as != BREAK_NOTHING && o->break_at > 0;
}

int main(int argc, char **argv)
{
    struct scene_options o = {.bank = "build/scene_bank.db"};
    static const char *const kinds[] = {"commit", "call", "kill"};
    struct fault_points which = {.step = 1};
    int faults = -1, passed = 0, failed = 0, i = 1;
    int level = LOG_ERROR;
    const char *calls = NULL;
    for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
        if (!strcmp(argv[i], "--record"))
            o.record = stdout;
        else if (!strcmp(argv[i], "--verbose"))
            level = LOG_DEBUG;
        else if (!strcmp(argv[i], "--linger"))
            o.linger = true;
        else if (!strcmp(argv[i], "--older"))
            o.press_older = true;
        else if (i + 1 == argc ||
                 (!strcmp(argv[i], "--break") && !break_parse(argv[i + 1], &o)))
            return usage();
        else if (!strcmp(argv[i], "--break"))
            i++;
        else if (!strcmp(argv[i], "--bank"))
            o.bank = argv[++i];
        else if (!strcmp(argv[i], "--calls"))
            calls = argv[++i];
        else if (!strcmp(argv[i], "--max-n"))
            which.max_n = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--step"))
            which.step = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--offset"))
            which.offset = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--faults"))
            for (faults = 2, i++; faults >= 0 && strcmp(argv[i], kinds[faults]) != 0;)
                faults--;
        else
            return usage();
        if (!strcmp(argv[i - 1], "--faults") && faults < 0)
            return usage();
    }
    if (i == argc || which.step < 1 || which.offset < 0 || which.offset >= which.step ||
        (calls && faults >= 0))
        return usage();
    if (calls && !(o.calls = fopen(calls, "a")))
        return perror(calls), 74;
    /* With faults the bot is right to complain: then only the scenes speak. */
    log_set_level(
        (enum log_level)(faults >= 0 && level == LOG_ERROR ? LOG_ERROR + 1 : level));
    for (; i < argc; i++) {
        if (faults >= 0)
            faults_play(argv[i], &o, (enum faults)faults, &which, &passed, &failed);
        else if (scene_play(argv[i], &o).passed)
            passed++;
        else
            failed++;
    }
    if (o.calls && fclose(o.calls) != 0)
        failed++;
    if (!o.record)
        printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
