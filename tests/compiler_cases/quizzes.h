/* quizzes: what becomes of the quizzes of the good content, and of the code of one. */
#ifndef COMPILER_CASES_QUIZZES_H
#define COMPILER_CASES_QUIZZES_H

#include "db/quizzes.h"

/* What of the quizzes is made harder to write, before they are compiled. */
static const struct {
    const char *file, *from, *to;
} hard[] = {
    {"questions/python.yaml", "print(len(a))\n      proof",
     "print(len(a) < 4 & True, \"\")\n      proof"},
    {"questions/python.yaml", "Что напечатает этот код?",
     "Что напечатает <этот> код, a & b?"},
    {"questions/python.yaml", "ru: ['3', '4', '2', '5']", "ru: ['<3>', '4', '2', '5']"},
    {"questions/python.yaml", "ru: append добавляет", "ru: '`a<b` добавляет"},
    {"questions/python.yaml", "вышло бы у extend.", "вышло бы у extend.'"},
    {"questions/python.yaml", "en: append adds", "en: '`a<b` adds"},
    {"questions/python.yaml", "With extend it would be four.",
     "With extend it would be four.'"},
};

#define HARD_CODE                                                     \
    "<pre><code class=\"language-python\">a = [1, 2]\n"               \
    "a.append([3, 4])\nprint(len(a) &lt; 4 &amp; True, &quot;&quot;)" \
    "</code></pre>"

/* By the numbers of ids.tsv; 3 is personal, 4 is retired. */
static const struct {
    int64_t question;
    const char *lang;
    struct quiz quiz; /* level 0: there is none */
} quizzes[] = {
    {1,
     "ru",
     {.ask = "Что напечатает <этот> код, a & b?",
      .option = {"<3>", "4", "2", "5"},
      .code_html = HARD_CODE,
      .why_html = "<code>a&lt;b</code> добавляет один объект, то есть сам список. Четыре "
                  "вышло бы у extend.",
      .level = 1}},
    {1,
     "en",
     {.ask = "What does this code print?",
      .option = {"3", "4", "2", "5"},
      .code_html = HARD_CODE,
      .why_html = "<code>a&lt;b</code> adds a single object, the list itself. With extend "
                  "it would be four.",
      .level = 1}},
    {2,
     "ru",
     {.ask = "Кортеж из двух списков кладут в множество. Какое исключение поднимется?",
      .option = {"TypeError", "ValueError", "KeyError", "никакого"},
      .code_html = "",
      .why_html = "Хеш кортежа считают по элементам, а у списка его нет. ValueError ждут, "
                  "путая тип со значением.",
      .level = 2}},
    {4,
     "en",
     {.ask = "A point with two coordinates goes into a set. Which type fits?",
      .option = {"tuple", "list", "dict", "set"},
      .code_html = "",
      .why_html = "An item of a set must be hashable; of the four only a tuple is.",
      .level = 3}},
    {3, "ru", {.level = 0}},
    {1, "de", {.level = 0}},
    {5, "en", {.level = 0}},
};

/* How the code of a quiz begins, and the language it is shown in. */
static const struct {
    const char *code, *language;
} begins[] = {
    {"SELECT 1;", "sql"},
    {"WITH t AS (SELECT 1)", "sql"},
    {"BEGIN;", "sql"},
    {"-- A\n        UPDATE t SET a = 1;", "sql"},
    {"-- B\n        BEGIN;", "sql"},
    {"SELECTED = 1", "python"},
    {"select = 1", "python"},
    {"git log --format=%s", "sh"},
    {"cd /tmp", "sh"},
    {"echo 'a'", "sh"},
    {"echo = 1", "python"},
    {"echo (1)", "python"},
    {"echo", "python"},
    {"git_log = 1", "python"},
    {"cd(1)", "python"},
    {"import os", "python"},
    {"@cache", "python"},
};

#endif
