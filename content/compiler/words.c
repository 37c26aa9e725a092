#include "content/compiler/words.h"

#include <string.h>

#include "content/compiler/folder.h"
#include "content/compiler/letters.h"

enum { KEY_MAX = 60 };

static const char *const form_names[2][WORD_FORMS] = {{"one", "few", "many"},
                                                      {"one", "many", NULL}};

static bool is_key(const char *text)
{
    if (*text < 'a' || *text > 'z' || strlen(text) > KEY_MAX)
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static struct word_text *find(const struct words_read *w, const char *key)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->list[i].key, key) == 0)
            return &w->list[i];
    return NULL;
}

static void take_key(struct words_read *w, const struct node *n, enum lang lang,
                     struct buf *list)
{
    if (!is_key(n->key)) {
        fault_at(w->report, n->file, n->key_line,
                 "key '%s' must be a-z, 0-9 and _, a letter first, at most %d long", n->key,
                 KEY_MAX);
        return;
    }
    struct word_text *known = find(w, n->key);
    if (known && known->at[lang]) {
        fault_at(w->report, n->file, n->key_line, "key '%s' is taken (%s:%d); keep one",
                 n->key, known->at[lang]->file, known->at[lang]->line);
    } else if (known) {
        known->at[lang] = n;
    } else {
        struct word_text fresh = {.key = n->key};
        fresh.at[lang] = n;
        buf_add(list, &fresh, sizeof fresh);
        w->list = (void *)list->data;
        w->count++;
    }
}

static void read_files(struct words_read *w, const char *folder, enum lang lang,
                       struct buf *list)
{
    size_t files;
    const char *ending = arena_printf(w->arena, ".%s.yaml", lang_name[lang]);
    char **paths = folder_list(w->arena, folder, ending, &files);
    for (size_t i = 0; i < files; i++) {
        const struct node *root = yaml_read(w->arena, w->report, paths[i]);
        if (root && root->kind != NODE_MAP)
            fault(w->report, root, "a file of words is a mapping of keys to texts");
        for (const struct node *n = root && root->kind == NODE_MAP ? root->first : NULL; n;
             n = n->next)
            take_key(w, n, lang, list);
    }
    if (files == 0)
        fault_at(w->report, folder, 1, "no *.%s.yaml here; give the folder of the words",
                 lang_name[lang]);
}

static void check_names(struct words_read *w, const char *folder)
{
    size_t files;
    char **paths = folder_list(w->arena, folder, ".yaml", &files);
    for (size_t i = 0; i < files; i++)
        if (!strstr(paths[i], ".ru.yaml") && !strstr(paths[i], ".en.yaml"))
            fault_at(w->report, paths[i], 1, "name the file NAME.ru.yaml or NAME.en.yaml");
}

/* {one, few, many} in Russian, {one, many} in English. */
static void read_forms(struct words_read *w, struct word_text *t, enum lang lang)
{
    const struct node *at = t->at[lang];
    for (const struct node *n = at->first; n; n = n->next) {
        int i = 0;
        while (i < WORD_FORMS && form_names[lang][i] &&
               strcmp(form_names[lang][i], n->key) != 0)
            i++;
        if (i == WORD_FORMS || !form_names[lang][i])
            fault_at(w->report, n->file, n->key_line, "unknown form '%s'; the forms are %s",
                     n->key, lang == RU ? "one, few, many" : "one, many");
    }
    for (int i = 0; i < WORD_FORMS && form_names[lang][i]; i++) {
        const struct node *n = node_at(at, form_names[lang][i]);
        if (!n)
            fault(w->report, at, "'%s' lacks the form '%s'; add it", t->key,
                  form_names[lang][i]);
        else
            t->forms[lang][i] = word_form(w, t, n, lang == RU);
        if (n && n->kind == NODE_TEXT && strcmp(n->key, "many") == 0 &&
            !strstr(n->text, "{n:int}"))
            fault(w->report, n, "the form 'many' needs {n:int}, the number that chooses");
    }
    if (lang == EN) { /* the table is indexed by the same enum in both languages */
        t->forms[EN][2] = t->forms[EN][1];
    }
}

static bool uses(const struct word_text *t, enum lang lang, size_t arg)
{
    const char mark[] = {'\1', (char)('a' + arg), '\0'};
    for (int i = 0; i < WORD_FORMS; i++)
        if (t->forms[lang][i] && strstr(t->forms[lang][i], mark))
            return true;
    return false;
}

static void read_texts(struct words_read *w, struct word_text *t)
{
    static const char *const language[2] = {"Russian", "English"};
    for (int l = RU; l <= EN; l++)
        if (!t->at[l]) {
            fault_at(w->report, t->at[!l]->file, t->at[!l]->key_line,
                     "key '%s' has no %s text; add it", t->key, language[l]);
            return;
        }
    t->plural = t->at[RU]->kind == NODE_MAP;
    for (int l = RU; l <= EN; l++) {
        if (t->at[l]->kind == NODE_LIST || (t->at[l]->kind == NODE_MAP) != t->plural) {
            fault(w->report, t->at[l],
                  "'%s' must be a text in both languages, or forms in both", t->key);
            return;
        }
        if (t->plural)
            read_forms(w, t, (enum lang)l);
        else
            t->forms[l][0] = word_form(w, t, t->at[l], l == RU);
    }
    for (size_t i = 0; i < t->arg_count; i++)
        if (!uses(t, EN, i))
            fault(w->report, t->at[EN],
                  "the English '%s' lacks the placeholder {%s}; use it", t->key,
                  t->args[i].name);
}

void words_read(struct words_read *w, const char *folder)
{
    struct buf list = {0};
    check_names(w, folder);
    read_files(w, folder, RU, &list);
    read_files(w, folder, EN, &list);
    struct word_text *kept = arena_alloc(w->arena, (w->count + 1) * sizeof *kept);
    if (list.data)
        memcpy(kept, list.data, w->count * sizeof *kept);
    w->list = kept;
    buf_free(&list);
    for (size_t i = 0; i < w->count; i++)
        read_texts(w, &w->list[i]);
}
