/* entry: the shape of one entry, its limits, and its texts as pieces. */
#include <string.h>

#include "content/compiler/bank.h"
#include "content/compiler/letters.h"
#include "content/compiler/shape.h"

const char *const lang_name[2] = {"ru", "en"};

const struct piece_rule piece_rules[PIECE_KINDS] = {
    [PIECE_QUESTION] = {"question", 1, 140, MARKUP_CODE, true, true},
    [PIECE_SHORT] = {"short", 60, 350, MARKUP_CODE, true, false},
    [PIECE_ANSWER] = {"answer", 250, 1900, MARKUP_FULL, false, false},
    [PIECE_POINT] = {"point", 1, 100, MARKUP_CODE, false, false},
    [PIECE_PITFALL] = {"pitfall", 1, 160, MARKUP_CODE, true, false},
    [PIECE_NEXT_Q] = {"follow-up question", 1, 120, MARKUP_CODE, true, true},
    [PIECE_NEXT_A] = {"follow-up answer", 1, 200, MARKUP_CODE, true, false},
    [PIECE_ASK] = {"ask", 1, 240, MARKUP_NONE, true, false},
    [PIECE_OPTION] = {"option", 1, 60, MARKUP_NONE, false, false},
    [PIECE_WHY] = {"why", 1, 200, MARKUP_CODE, true, false},
};
enum { ANSWER_PROSE_MAX = 1500 };

#define AT(member) offsetof(struct entry, member)
static const struct field entry_fields[] = {
    {"id", SHAPE_TEXT, true, AT(id), 0, 0},
    {"topic", SHAPE_TEXT, true, AT(topic), 0, 0},
    {"asked", SHAPE_MAP, false, AT(asked), 0, 0},
    {"likelihood", SHAPE_TEXT, false, AT(likelihood), 0, 0},
    {"level", SHAPE_TEXT, true, AT(level), 0, 0},
    {"tags", SHAPE_LIST, true, AT(tags), 1, 5},
    {"question", SHAPE_BOTH, true, AT(question), 0, 0},
    {"short", SHAPE_BOTH, true, AT(shortly), 0, 0},
    {"answer", SHAPE_BOTH, true, AT(answer), 0, 0},
    {"points", SHAPE_BOTH_LIST, true, AT(points), 3, 7},
    {"pitfalls", SHAPE_BOTH_LIST, true, AT(pitfalls), 1, 3},
    {"follow_ups", SHAPE_BOTH_QA, true, AT(follow_ups), 2, 4},
    {"quiz", SHAPE_MAP, false, AT(quiz), 0, 0},
    {"sources", SHAPE_LIST, false, AT(sources), 1, 3},
    {"contrast", SHAPE_LIST, false, AT(contrast), 1, 10},
    {"retired", SHAPE_WORD, false, AT(retired), 0, 0},
    {"instead", SHAPE_TEXT, false, AT(instead), 0, 0},
};
static const struct field quiz_fields[] = {
    {"code", SHAPE_TEXT, false, AT(quiz_code), 0, 0},
    {"proof", SHAPE_TEXT, false, AT(quiz_proof), 0, 0},
    {"ask", SHAPE_BOTH, true, AT(quiz_ask), 0, 0},
    {"options", SHAPE_BOTH_LIST, true, AT(quiz_options), OPTIONS, OPTIONS},
    {"why", SHAPE_BOTH, true, AT(quiz_why), 0, 0},
};
/* Where the pieces come from. */
static const struct {
    size_t at;
    enum piece_kind kind;
} piece_sources[] = {
    {AT(question), PIECE_QUESTION}, {AT(shortly), PIECE_SHORT},
    {AT(answer), PIECE_ANSWER},     {AT(points), PIECE_POINT},
    {AT(pitfalls), PIECE_PITFALL},  {AT(follow_ups), PIECE_NEXT_Q},
    {AT(quiz_ask), PIECE_ASK},      {AT(quiz_options), PIECE_OPTION},
    {AT(quiz_why), PIECE_WHY},
};

static void piece_add(struct entry *e, enum piece_kind kind, int lang, const struct node *n)
{
    e->pieces[e->piece_count++] =
        (struct piece){.kind = kind, .lang = (enum lang)lang, .node = n};
}

static void pieces_gather(struct bank *b, struct entry *e)
{
    enum { MOST = 2 * (3 + 7 + 3 + 2 * 4 + 1 + OPTIONS + 1) };
    e->pieces = arena_alloc(b->arena, MOST * sizeof *e->pieces);
    for (size_t s = 0; s < sizeof piece_sources / sizeof *piece_sources; s++) {
        const struct node *field =
            *(const struct node **)(void *)((char *)e + piece_sources[s].at);
        for (int l = RU; field && l <= EN; l++) {
            const struct node *n = node_at(field, lang_name[l]);
            if (n->kind == NODE_TEXT) {
                piece_add(e, piece_sources[s].kind, l, n);
                continue;
            }
            for (const struct node *i = n->first; i; i = i->next) {
                bool qa = i->kind == NODE_MAP;
                piece_add(e, piece_sources[s].kind, l, qa ? node_at(i, "q") : i);
                if (qa)
                    piece_add(e, PIECE_NEXT_A, l, node_at(i, "a"));
            }
        }
    }
}

static void check_length(struct bank *b, const struct piece *p)
{
    const struct piece_rule *rule = &piece_rules[p->kind];
    size_t n = letters(p->shown);
    if (n < rule->min)
        fault(b->report, p->node, "the %s has %zu characters; it needs at least %zu",
              rule->name, n, rule->min);
    if (n > rule->max)
        fault(b->report, p->node, "the %s has %zu characters; cut it to %zu", rule->name, n,
              rule->max);
    if (p->kind != PIECE_ANSWER)
        return;
    for (size_t i = 0; i < p->code_count; i++)
        if (p->codes[i].language)
            n -= letters(p->codes[i].text);
    if (n > ANSWER_PROSE_MAX)
        fault(b->report, p->node,
              "the prose of the answer has %zu characters; cut it to %d", n,
              ANSWER_PROSE_MAX);
}

static void check_head(struct bank *b, struct entry *e)
{
    static const char *const levels[] = {
        [LEVEL_JUNIOR] = "junior", [LEVEL_MIDDLE] = "middle", [LEVEL_SENIOR] = "senior"};
    if (e->id && (!is_kebab(e->id->text) || strlen(e->id->text) > 60))
        fault(b->report, e->id,
              "id '%s' must be kebab-case (a-z, 0-9, single hyphens), at most 60 long",
              e->id->text);
    e->home = e->topic ? topic_find(b, e->topic->text) : NULL;
    if (e->topic && !e->home)
        fault(b->report, e->topic, "topic '%s' is not in topics.yaml; use one of its slugs",
              e->topic->text);
    for (int l = LEVEL_JUNIOR; e->level && l <= LEVEL_SENIOR; l++)
        if (strcmp(e->level->text, levels[l]) == 0)
            e->level_number = (enum level)l;
    if (e->level && !e->level_number)
        fault(b->report, e->level, "level '%s' must be junior, middle or senior",
              e->level->text);
    for (const struct node *t = e->tags ? e->tags->first : NULL; t; t = t->next)
        if (!node_holds(b->tags, t->text))
            fault(b->report, t, "tag '%s' is not in the list of topics.yaml; use one of it",
                  t->text);
}

void entry_read(struct bank *b, struct entry *e, const struct node *at)
{
    *e = (struct entry){.at = at};
    shape_read(b->report, at, entry_fields, sizeof entry_fields / sizeof *entry_fields, e,
               "an entry");
    if (e->quiz)
        shape_read(b->report, e->quiz, quiz_fields,
                   sizeof quiz_fields / sizeof *quiz_fields, e, "a quiz");
    check_head(b, e);
    pieces_gather(b, e);
    for (size_t i = 0; i < e->piece_count; i++) {
        piece_render(b, &e->pieces[i]);
        check_length(b, &e->pieces[i]);
    }
}

bool is_retired(const struct entry *e)
{
    return e->retired != NULL;
}

bool has_tag(const struct entry *e, const char *tag)
{
    return node_holds(e->tags, tag);
}

bool is_personal(const struct entry *e)
{
    return (e->topic && strcmp(e->topic->text, "hr") == 0) || has_tag(e, "experience");
}

const char *entry_id(const struct entry *e)
{
    return e->id ? e->id->text : "?";
}
