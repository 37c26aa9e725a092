/* Uses the C that the compiler made of good/words; test_words.c builds and runs it. Prints
 * what is wrong and exits 1. */
#include <stdio.h>
#include <string.h>

#include "words.h"

static int wrong;

static void is(const char *have, const char *want)
{
    if (strcmp(have, want) == 0)
        return;
    printf("have \"%s\"\nwant \"%s\"\n", have, want);
    wrong = 1;
}

/* One row per rule of CLDR and per edge of a rule. */
static const struct {
    int64_t n;
    enum plural ru, en;
} rows[] = {
    {0, PLURAL_MANY, PLURAL_MANY},    {1, PLURAL_ONE, PLURAL_ONE},
    {2, PLURAL_FEW, PLURAL_MANY},     {4, PLURAL_FEW, PLURAL_MANY},
    {5, PLURAL_MANY, PLURAL_MANY},    {10, PLURAL_MANY, PLURAL_MANY},
    {11, PLURAL_MANY, PLURAL_MANY},   {12, PLURAL_MANY, PLURAL_MANY},
    {14, PLURAL_MANY, PLURAL_MANY},   {15, PLURAL_MANY, PLURAL_MANY},
    {20, PLURAL_MANY, PLURAL_MANY},   {21, PLURAL_ONE, PLURAL_MANY},
    {22, PLURAL_FEW, PLURAL_MANY},    {24, PLURAL_FEW, PLURAL_MANY},
    {25, PLURAL_MANY, PLURAL_MANY},   {101, PLURAL_ONE, PLURAL_MANY},
    {111, PLURAL_MANY, PLURAL_MANY},  {112, PLURAL_MANY, PLURAL_MANY},
    {114, PLURAL_MANY, PLURAL_MANY},  {121, PLURAL_ONE, PLURAL_MANY},
    {1011, PLURAL_MANY, PLURAL_MANY}, {-1, PLURAL_ONE, PLURAL_ONE},
    {-3, PLURAL_FEW, PLURAL_MANY},    {INT64_MIN, PLURAL_MANY, PLURAL_MANY},
};

static void check_plurals(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (plural_ru(rows[i].n) != rows[i].ru || plural_en(rows[i].n) != rows[i].en) {
            printf("row %zu of the plurals\n", i);
            wrong = 1;
        }
}

int main(void)
{
    struct arena a = {0};
    const struct words ru = {&a, LANG_RU}, en = {&a, LANG_EN};
    check_plurals();
    is(w_settings_title(&ru), "<b>Настройки</b> */ \\ ?\?= \"да\"");
    is(w_settings_title(&en), "<b>Settings</b> &amp; more");
    is(w_btn_next(&en), "Next");
    is(w_toast_late(&ru, "<Аня> & {n}"), "Поздно, <Аня> & {n}");
    is(w_greeting(&ru, "<Аня> & \"x\"", 9007199254740993, "<a>"),
       "Привет, &lt;Аня&gt; &amp; &quot;x&quot;!\nВопросов 9007199254740993, ссылка <a>.");
    is(w_greeting(&en, "Ann", -1, ""), "There are -1 for Ann: .");
    is(w_streak(&ru, 1, "Ани"), "Серия 1 день");
    is(w_streak(&ru, 3, "Ани"), "Серия 3 дня");
    is(w_streak(&ru, 12, "Ани"), "Серия 12 дней у Ани");
    is(w_streak(&en, 1, "Ann"), "Ann has a day");
    is(w_streak(&en, 0, "Ann"), "Ann has 0 days");
    arena_free(&a);
    return wrong;
}
