/* write: bank.db. The same content gives the same bytes: no time, no randomness, rows in
 * the order of the files, VACUUM at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bot/base/buf.h"
#include "bot/base/fold.h"
#include "content/compiler/bank.h"
#include "content/compiler/quiz.h"
#include "db/db.h"

struct writer {
    const struct bank *bank;
    struct db *db;
    enum err err; /* the first; nothing is written after it */
    unsigned __int128 hash;
};

/* FNV-1a, 128 bits: it tells one bank from another, it guards against nobody. */
static void hash_add(struct writer *w, const char *text)
{
    const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;
    const unsigned char *p = (const unsigned char *)text;
    do
        w->hash = (w->hash ^ *p) * prime;
    while (*p++); /* the NUL too: it parts the values */
}

static void put_row(struct writer *w, const char *sql, const struct arg *args, size_t n)
{
    char number[40];
    hash_add(w, sql);
    for (size_t i = 0; i < n; i++) {
        if (args[i].type == ARG_INT)
            snprintf(number, sizeof number, "%" PRId64, args[i].i);
        else
            snprintf(number, sizeof number, "%.17g", args[i].d);
        hash_add(w, args[i].type == ARG_TEXT   ? args[i].s
                    : args[i].type == ARG_NULL ? "-"
                                               : number);
    }
    if (!w->err)
        w->err = db_exec_args(w->db, sql, args, n);
}
#define put(w, sql, ...) put_row(w, sql, ARGS(__VA_ARGS__))

/* Whether a home is part of what is written. */
static bool written(const struct bank *b, const struct topic *home)
{
    return !b->only || strcmp(b->only, home->slug) == 0;
}

static void put_topic(struct writer *w, const struct topic *t, int place)
{
    static const char sql[] =
        "INSERT OR IGNORE INTO topic_name (name, topic) VALUES (?1, ?2)";
    struct arena *a = w->bank->arena;
    put(w,
        "INSERT INTO topic (slug, place, title_ru, title_en, held) VALUES (?1, ?2, ?3, ?4, "
        "?5)",
        A(t->slug), A(place), A(t->title[RU]), A(t->title[EN]),
        A(written(w->bank, t) ? t->held : 0));
    put(w, sql, A(fold(a, t->slug)), A(t->slug));
    put(w, sql, A(fold(a, t->title[RU])), A(t->slug));
    put(w, sql, A(fold(a, t->title[EN])), A(t->slug));
    for (const struct node *n = t->synonyms ? t->synonyms->first : NULL; n; n = n->next)
        put(w, sql, A(fold(a, n->text)), A(t->slug));
}

static void put_quiz(struct writer *w, const struct entry *e, enum lang lang)
{
    struct quiz q = quiz_of(e, lang);
    put(w,
        "INSERT INTO quiz (question, lang, ask, code, option_1, option_2, option_3, "
        "option_4, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        A(e->num), A(lang_name[lang]), A(q.ask->shown),
        A(quiz_code_html(w->bank->arena, e)), A(q.options[0]->shown),
        A(q.options[1]->shown), A(q.options[2]->shown), A(q.options[3]->shown),
        A(q.why->html));
}

static void put_entry(struct writer *w, const struct entry *e)
{
    const struct entry *instead = e->instead ? entry_find(w->bank, e->instead->text) : NULL;
    put(w,
        "INSERT INTO question (num, id, topic, level, likelihood, retired, instead)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        A(e->num), A(entry_id(e)), A(e->home->slug), A((int)e->level_number), A(e->likely),
        A(is_retired(e)), instead ? A(instead->num) : A_NULL);
    for (int l = RU; l <= EN; l++) {
        for (int part = 0; part < PARTS; part++)
            put(w, "INSERT INTO page (question, lang, part, html) VALUES (?1, ?2, ?3, ?4)",
                A(e->num), A(lang_name[l]), A(part), A(e->part[l][part]));
        if (e->quiz)
            put_quiz(w, e, (enum lang)l);
    }
}

static bool holds_place(const struct topic *t, const struct entry *e)
{
    for (int i = 0; i < t->places; i++)
        if (t->owners[i] == e)
            return true;
    return false;
}

static void put_offers(struct writer *w, const struct entry *e)
{
    for (size_t i = 0; i < w->bank->topic_count && !is_retired(e); i++) {
        const struct topic *t = &w->bank->topics[i];
        if (t == e->home || holds_place(t, e))
            put(w,
                "INSERT INTO offer (topic, likelihood, question, level)"
                " VALUES (?1, ?2, ?3, ?4)",
                A(t->slug), A(e->likely), A(e->num), A((int)e->level_number));
    }
}

static void put_bank(struct writer *w)
{
    const struct bank *b = w->bank;
    for (size_t i = 0; i < b->topic_count; i++)
        put_topic(w, &b->topics[i], (int)i + 1);
    for (size_t i = 0; i < b->entry_count; i++)
        if (written(b, b->entries[i].home))
            put_entry(w, &b->entries[i]);
    for (size_t i = 0; i < b->entry_count; i++)
        if (written(b, b->entries[i].home))
            put_offers(w, &b->entries[i]);
    char hex[33];
    snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, (uint64_t)(w->hash >> 64),
             (uint64_t)w->hash);
    put(w, "INSERT INTO info (key, value) VALUES ('hash', ?1)", A(hex));
}

static enum err fill(struct writer *w)
{
    char marks[100];
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = 2",
             (int)BANK_APPLICATION_ID);
    enum err e = db_script(w->db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    if (!e)
        e = db_script(w->db, marks);
    if (!e)
        e = db_script(w->db, bank_sql);
    if (!e)
        e = db_begin(w->db);
    if (e)
        return e;
    put_bank(w);
    e = w->err ? w->err : db_commit(w->db);
    return e ? e : db_script(w->db, "VACUUM");
}

bool bank_write(const struct bank *b, const char *path)
{
    const char *temporary = arena_printf(b->arena, "%s.new", path);
    struct writer w = {.bank = b};
    w.hash = (unsigned __int128)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;
    remove(temporary);
    enum err e = db_open_plain(temporary, &w.db);
    if (!e) {
        e = fill(&w);
        db_close(w.db);
    }
    if (!e && rename(temporary, path) == 0)
        return true;
    fprintf(stderr, "compiler: %s cannot be written (%s)\n", path,
            e ? err_text(e) : "rename failed");
    remove(temporary);
    return false;
}
