/* ids: content/ids.tsv, `number<TAB>id`, the number of every entry for ever. Learners'
 * cards store the number: a line is never changed, moved or taken away. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/file.h"
#include "content/compiler/bank.h"

enum { IDS_MAX = 1 << 20 };

static void take_line(struct bank *b, const char *path, int line, const char *text)
{
    char *tab;
    long num = strtol(text, &tab, 10);
    if (text[0] < '1' || text[0] > '9' || *tab != '\t' || !tab[1]) {
        fault_at(b->report, path, line, "a line is number<TAB>id; put it back as it was");
        return;
    }
    struct entry *e = entry_find(b, tab + 1);
    if (num != line)
        fault_at(b->report, path, line,
                 "number %ld stands where %d belongs; lines are only ever added at the end",
                 num, line);
    else if (!e)
        fault_at(b->report, path, line,
                 "'%s' is no entry of the bank; bring it back with retired: yes", tab + 1);
    else if (e->num)
        fault_at(b->report, path, line, "'%s' has number %lld already; take this line away",
                 tab + 1, (long long)e->num);
    else
        e->num = num;
}

static int read_lines(struct bank *b, const char *path, const char *text)
{
    int line = 0;
    while (*text) {
        size_t n = strcspn(text, "\n");
        line++;
        take_line(b, path, line, arena_text(b->arena, text, n));
        if (text[n] != '\n')
            fault_at(b->report, path, line, "the last line has no end; add a line break");
        text += n + (text[n] == '\n');
    }
    return line;
}

static int append_lines(struct bank *b, const char *path, int last)
{
    FILE *f = fopen(path, "a");
    int added = 0;
    for (size_t i = 0; f && i < b->entry_count; i++)
        if (!b->entries[i].num) {
            b->entries[i].num = last + ++added;
            fprintf(f, "%d\t%s\n", last + added, entry_id(&b->entries[i]));
        }
    if (!f || fclose(f) != 0)
        fault_at(b->report, path, last + 1, "cannot be written: %s", strerror(errno));
    return added;
}

int ids_read(struct bank *b, bool append)
{
    const char *path = arena_printf(b->arena, "%s/ids.tsv", b->root);
    struct buf text = {.max = IDS_MAX};
    enum err e = file_read(path, &text);
    if (e && e != ERR_NOT_FOUND)
        fault_at(b->report, path, 1, "cannot be read (%s)", err_text(e));
    int last = read_lines(b, path, text.data ? text.data : "");
    buf_free(&text);
    if (append)
        return b->report->faults ? 0 : append_lines(b, path, last);
    for (size_t i = 0; i < b->entry_count; i++)
        if (!b->entries[i].num && b->entries[i].id)
            fault(b->report, b->entries[i].id,
                  "'%s' has no number in ids.tsv; run `build/compiler ids content`",
                  entry_id(&b->entries[i]));
    return 0;
}
