/* habits: entries by the dozen, and options that give the right one away. */
#ifndef COMPILER_CASES_HABITS_H
#define COMPILER_CASES_HABITS_H

/* An entry of topic sql; its block is not run. Others of this form are near twins of it. */
static const char entry_form[] =
    "  - id: sql-%1$d\n    topic: sql\n    likelihood: S2.1.1\n    level: junior\n"
    "    tags: [internals]\n"
    "    question: {ru: Зачем нужен индекс %1$d?, en: What is index %1$d for?}\n"
    "    short:\n"
    "      ru: Индекс %1$d ускоряет поиск строк и замедляет запись в таблицу, поэтому "
    "берут не все.\n"
    "      en: Index %1$d makes finding rows faster and writing them slower, so pick with "
    "care.\n"
    "    answer:\n"
    "      ru: |\n        Индекс %1$d хранит ключи по порядку, и поиск не читает таблицу "
    "целиком."
    " За это платит каждая запись %1$d, потому что обновить надо и таблицу, и все её "
    "индексы."
    " Поэтому индекс %1$d заводят под запросы, которые есть на самом деле.\n\n"
    "        ```sql\n        SELECT %1$d;  -- not run: no database\n        ```\n"
    "      en: |\n        Index %1$d keeps the keys in order, so a search need not read "
    "the whole"
    " table. Every write %1$d pays for it, because the table and all of its indexes have "
    "to be"
    " updated. So index %1$d is made for queries that really exist, and the others are "
    "dropped"
    ".\n\n        ```sql\n        SELECT %1$d;  -- not run: no database\n        ```\n"
    "    points: {ru: [Порядок, Поиск, Цена], en: [Order, Search, Price]}\n"
    "    pitfalls: {ru: [Забыть про запись %1$d.], en: [Forgetting the write %1$d.]}\n"
    "    follow_ups:\n"
    "      ru: [{q: Какой он %1$d?, a: Дерево.}, {q: А ещё %1$d?, a: Хеш.}]\n"
    "      en: [{q: Which kind %1$d?, a: A tree.}, {q: What else %1$d?, a: A hash.}]\n"
    "    quiz:\n      ask: {ru: Что вернёт выборка %1$d?, en: What does query %1$d give?}\n"
    "      options: {ru: [%2$s], en: [%2$s]}\n"
    "      why: {ru: Потому что так., en: Because it does.}\n"
    "    sources: [https://www.postgresql.org/docs/17/indexes.html]\n";

/* Options whose first gives itself away, and what is said of it. */
static const struct {
    const char *options, *says;
} habits[] = {
    {"SELECT, FROM, JOIN, SET", "alone is the longest"},
    {"mend, men, end, mends", "is most like the other three"},
    {"\"1\", \"2\", \"3\", \"4\"", "is the smallest number"},
    {"\"-5 %\", \"-2 %\", 1 %, 20 %", "is the smallest number"},
    {"2 rows, 1 row, 3 rows, 4 rows", "is a middle number"},
    {"\"40\", \"2\", \"3\", \"4\"", "is the largest number"},
};

#endif
