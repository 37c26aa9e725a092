/* bank: the whole content in memory, between its files and bank.db.
 *
 * Reading fills it, the checks look at it and report, pages render it, write stores it.
 * Everything is lent by the bank's arena. A node pointer that is NULL means that the text
 * is missing or malformed, which was reported when it was read. */
#ifndef COMPILER_BANK_H
#define COMPILER_BANK_H

#include <stdint.h>

#include "content/compiler/yaml.h"

enum lang { RU, EN };
enum level { LEVEL_JUNIOR = 1, LEVEL_MIDDLE, LEVEL_SENIOR };
enum { PARTS = 5, OPTIONS = 4, PIECE_CODES_MAX = 256, NUMBER_MAX = 32 };

extern const char *const lang_name[2]; /* "ru", "en" */

struct entry;

struct topic {
    const struct node *at, *synonyms;
    const char *slug, *title[2];
    int places; /* length of the source list, 0: none */
    bool complete;
    int held;                    /* entries at home here, retired ones left out */
    const struct entry **owners; /* [place - 1], NULL: free */
};

/* What a text of an entry is. The order is that of piece_rules[] in entry.c. */
enum piece_kind {
    PIECE_QUESTION,
    PIECE_SHORT,
    PIECE_ANSWER,
    PIECE_POINT,
    PIECE_PITFALL,
    PIECE_NEXT_Q,
    PIECE_NEXT_A,
    PIECE_ASK,
    PIECE_OPTION,
    PIECE_WHY,
    PIECE_KINDS
};
enum markup { MARKUP_NONE, MARKUP_CODE, MARKUP_FULL };

struct piece_rule {
    const char *name;
    size_t min, max; /* characters as shown */
    enum markup markup;
    bool sentence; /* ends like one */
    bool bold;     /* shown in bold as a whole */
};
extern const struct piece_rule piece_rules[PIECE_KINDS];

/* A code span, or a fenced block with its language ("" for none). */
struct code {
    const char *text, *language; /* language NULL: a span */
    int line;
};
struct line_mark {
    size_t prose, source; /* equal places in both, until the next mark */
};
struct piece {
    enum piece_kind kind;
    enum lang lang;
    const struct node *node;
    const char *html;  /* Telegram's */
    const char *shown; /* what a reader sees, code included */
    const char *prose; /* the same, a span being \1 and a block \2 */
    struct line_mark *marks;
    size_t mark_count;
    struct code *codes; /* in the order of the text */
    size_t code_count;
};

struct entry {
    const struct node *at;
    const struct node *id, *topic, *asked, *likelihood, *level, *tags, *question, *shortly,
        *answer, *points, *pitfalls, *follow_ups, *quiz, *sources, *contrast, *retired,
        *instead;
    const struct node *quiz_code, *quiz_proof, *quiz_ask, *quiz_options, *quiz_why;
    struct piece *pieces; /* ru and en of each field, field by field */
    size_t piece_count;
    struct topic *home;      /* NULL: unknown */
    int64_t num;             /* in ids.tsv; 0: not there */
    enum level level_number; /* 0: unknown */
    double likely;           /* 0 is asked first */
    const char *part[2][PARTS];
};

struct bank {
    struct arena *arena;
    struct report *report;
    const char *root; /* the folder `content` */
    struct topic *topics;
    const struct node *tags;
    struct entry *entries;
    const char **items; /* ids of the checklist */
    size_t topic_count, entry_count, item_count;
    const char *only; /* the one topic that is written, NULL: all */
    bool partial;     /* a file was not YAML: what is missing may only be unread */
};

/* Every *.yaml of root/questions and root/topics.yaml; shape, limits and markup checked. */
void bank_read(struct bank *b);
void topics_read(struct bank *b);
void entry_read(struct bank *b, struct entry *e, const struct node *at);
void piece_render(struct bank *b, struct piece *p); /* markup.c: fills html ... codes */

/* ids.tsv into entries' num. With `append`, entries without one get the next ones and the
 * file grows; returns how many. */
int ids_read(struct bank *b, bool append);

/* The checks. Each reports and changes nothing but what its comment names. */
void check_prose(struct bank *b, const struct entry *e);
void check_parity(struct bank *b, const struct entry *e);
void check_code(struct bank *b);
void check_quizzes(struct bank *b);
void check_places(struct bank *b);    /* fills owners and likely */
void check_links(struct bank *b);     /* contrast, retired, instead, sources */
void check_checklist(struct bank *b); /* fills items */
void check_twins(struct bank *b);
void pages_render(struct bank *b); /* fills part */
void bank_hold(struct bank *b);    /* all of the above, in order */

/* Writes the bank under a temporary name beside `path`, then renames. False: said why on
 * stderr. */
bool bank_write(const struct bank *b, const char *path);
void bank_summary(const struct bank *b, FILE *out);

/* Helpers of several checks. */
bool is_retired(const struct entry *e);
bool has_tag(const struct entry *e, const char *tag);
bool is_personal(const struct entry *e); /* hr, or of personal experience */
struct topic *topic_find(const struct bank *b, const char *slug);
struct entry *entry_find(const struct bank *b, const char *id);
const char *entry_id(const struct entry *e); /* "?" when it has none */
int piece_line(const struct piece *p, size_t prose_at);
/* Copies the number at p in the one common spelling (1234.5; empty: there is none); returns
 * its end. */
const char *number_take(const char *p, enum lang lang, char out[NUMBER_MAX]);

#endif
