/* words_write: the C that the words become. */
#include <string.h>

#include "content/compiler/words.h"

static const char header_top[] =
    "/* words: everything the bot says, made by content/compiler from content/words.\n"
    " *\n"
    " * Each function lends its text from w->arena (or for ever). {name} goes in as it "
    "is,\n"
    " * {name:text} is escaped for Telegram's HTML, {name:int} is a number. */\n"
    "#ifndef WORDS_H\n"
    "#define WORDS_H\n"
    "\n"
    "#include <stdint.h>\n"
    "\n"
    "#include \"bot/base/arena.h\"\n"
    "\n"
    "enum lang { LANG_RU, LANG_EN };\n"
    "struct words {\n"
    "    struct arena *arena;\n"
    "    enum lang lang;\n"
    "};\n"
    "\n"
    "/* The form of a word beside a number, as CLDR has it. English knows no FEW. */\n"
    "enum plural { PLURAL_ONE, PLURAL_FEW, PLURAL_MANY };\n"
    "enum plural plural_ru(int64_t n);\n"
    "enum plural plural_en(int64_t n);\n";

static const char source_top[] =
    "/* Made by content/compiler from content/words; words.h says what it is. */\n"
    "#include \"words.h\"\n"
    "\n"
    "#include <inttypes.h>\n"
    "#include <string.h>\n"
    "\n"
    "#include \"bot/base/buf.h\"\n"
    "\n"
    "static uint64_t size_of(int64_t n)\n"
    "{\n"
    "    return n < 0 ? -(uint64_t)n : (uint64_t)n;\n"
    "}\n"
    "\n"
    "enum plural plural_ru(int64_t n)\n"
    "{\n"
    "    uint64_t last = size_of(n) % 10, last2 = size_of(n) % 100;\n"
    "    if (last2 >= 11 && last2 <= 14)\n"
    "        return PLURAL_MANY;\n"
    "    return last == 1                ? PLURAL_ONE\n"
    "           : last >= 2 && last <= 4 ? PLURAL_FEW\n"
    "                                    : PLURAL_MANY;\n"
    "}\n"
    "\n"
    "enum plural plural_en(int64_t n)\n"
    "{\n"
    "    return size_of(n) == 1 ? PLURAL_ONE : PLURAL_MANY;\n"
    "}\n";

static const char fill_code[] =
    "\n"
    "struct value {\n"
    "    enum { AS_IS, ESCAPED, NUMBER } kind;\n"
    "    const char *text;\n"
    "    int64_t number;\n"
    "};\n"
    "\n"
    "/* \\1 and a letter stand for a value, 'a' for the first. */\n"
    "static const char *fill(const struct words *w, const char *text,\n"
    "                        const struct value *values)\n"
    "{\n"
    "    struct buf out = {0};\n"
    "    while (*text) {\n"
    "        size_t n = strcspn(text, \"\\1\");\n"
    "        buf_add(&out, text, n);\n"
    "        text += n;\n"
    "        if (!*text)\n"
    "            break;\n"
    "        const struct value *v = &values[text[1] - 'a'];\n"
    "        if (v->kind == NUMBER)\n"
    "            buf_printf(&out, \"%\" PRId64, v->number);\n"
    "        else if (v->kind == ESCAPED)\n"
    "            buf_escape(&out, v->text);\n"
    "        else\n"
    "            buf_text(&out, v->text);\n"
    "        text += 2;\n"
    "    }\n"
    "    const char *lent = arena_text(w->arena, out.data ? out.data : \"\", out.len);\n"
    "    buf_free(&out);\n"
    "    return lent;\n"
    "}\n";

/* A C string; ? is escaped because C17 knows trigraphs. */
static void put_string(struct buf *out, const char *text)
{
    buf_text(out, "\"");
    for (; *text; text++) {
        if (*text == '\n')
            buf_text(out, "\\n");
        else if (*text == '\1')
            buf_text(out, "\\001");
        else if (strchr("\"\\?", *text))
            buf_printf(out, "\\%c", *text);
        else
            buf_add(out, text, 1);
    }
    buf_text(out, "\"");
}

static void put_signature(struct buf *out, const struct word_text *t)
{
    buf_printf(out, "const char *w_%s(const struct words *w", t->key);
    for (size_t i = 0; i < t->arg_count; i++)
        buf_printf(out, ", %s%s",
                   t->args[i].kind == ARG_NUMBER ? "int64_t " : "const char *",
                   t->args[i].name);
    buf_text(out, ")");
}

/* The Russian text inside a comment: nothing in it may begin or end one. */
static void put_comment(struct buf *out, const struct node *n)
{
    const char *text = n->kind == NODE_MAP ? node_at(n, "many")->text : n->text;
    buf_text(out, "\n/* ");
    for (char before = ' '; *text; before = *text++) {
        if ((before == '*' && *text == '/') || (before == '/' && *text == '*'))
            buf_text(out, " ");
        if (*text == '\n')
            buf_text(out, " ");
        else
            buf_add(out, text, 1);
    }
    buf_text(out, " */\n");
}

void words_header(const struct words_read *w, struct buf *out)
{
    buf_text(out, header_top);
    for (size_t i = 0; i < w->count; i++) {
        put_comment(out, w->list[i].at[RU]);
        put_signature(out, &w->list[i]);
        buf_text(out, ";\n");
    }
    buf_text(out, "\n#endif\n");
}

static void put_choice(struct buf *out, const struct word_text *t)
{
    if (!t->plural) {
        buf_text(out, "w->lang == LANG_RU ? ");
        put_string(out, t->forms[RU][0]);
        buf_text(out, "\n        : ");
        put_string(out, t->forms[EN][0]);
        return;
    }
    buf_text(out, "w->lang == LANG_RU ? ru[plural_ru(n)] : en[plural_en(n)]");
}

static void put_forms(struct buf *out, const struct word_text *t)
{
    for (int l = RU; l <= EN; l++) {
        buf_printf(out, "    static const char *const %s[] = {", lang_name[l]);
        for (int i = 0; i < WORD_FORMS; i++) {
            buf_text(out, "\n        ");
            put_string(out, t->forms[l][i]);
            buf_text(out, ",");
        }
        buf_text(out, "\n    };\n");
    }
}

static void put_values(struct buf *out, const struct word_text *t)
{
    static const char *const kinds[] = {"AS_IS", "ESCAPED", "NUMBER"};
    buf_text(out, "    const struct value values[] = {\n");
    for (size_t i = 0; i < t->arg_count; i++) {
        const struct word_arg *a = &t->args[i];
        buf_printf(out, "        {.kind = %s, .%s = %s},\n", kinds[a->kind],
                   a->kind == ARG_NUMBER ? "number" : "text", a->name);
    }
    buf_text(out, "    };\n");
}

void words_source(const struct words_read *w, struct buf *out)
{
    bool filled = false;
    for (size_t i = 0; i < w->count; i++)
        filled |= w->list[i].arg_count > 0;
    buf_text(out, source_top);
    if (filled)
        buf_text(out, fill_code);
    for (size_t i = 0; i < w->count; i++) {
        const struct word_text *t = &w->list[i];
        buf_text(out, "\n");
        put_signature(out, t);
        buf_text(out, "\n{\n");
        if (t->plural)
            put_forms(out, t);
        if (t->arg_count)
            put_values(out, t);
        buf_text(out, t->arg_count ? "    return fill(w, " : "    return ");
        put_choice(out, t);
        buf_text(out, t->arg_count ? ", values);\n}\n" : ";\n}\n");
    }
}
