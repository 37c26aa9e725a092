/* Places that people type, and what content/cities.yaml must hold. The compiler of it is
 * $COMPILER, else the one beside this test's folder. Run from the root of the repository.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/buf.h"
#include "bot/base/file.h"
#include "bot/base/json.h"
#include "bot/base/tz.h"
#include "bot/talk/cities.h"
#include "bot/talk/clock.h"

#define NOW_MS 1772452800000 /* 2026-03-02 12:00 UTC */

static struct arena arena;
static const char *compiler;

/* What was found, as "Label=zone; Label=zone". */
static const char *found(const char *text, enum lang lang)
{
    struct words w = {&arena, lang};
    struct place places[PLACES_MAX];
    const char *all = "";
    int n = places_find(&w, text, NOW_MS, places);
    for (int i = 0; i < n; i++)
        all = arena_printf(&arena, "%s%s%s=%s", all, i ? "; " : "", places[i].label,
                           places[i].zone);
    return all;
}

static void a_place_is_found_as_people_write_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lang lang;
        const char *want;
    } rows[] = {
        {"Москва", LANG_RU, "Москва, Россия=Europe/Moscow"},
        {"  мОсКвА!", LANG_EN, "Moscow, Russia=Europe/Moscow"},
        {"мск", LANG_RU, "Москва, Россия=Europe/Moscow"},
        {"Питер", LANG_RU, "Санкт-Петербург, Россия=Europe/Moscow"},
        {"спб", LANG_RU, "Санкт-Петербург, Россия=Europe/Moscow"},
        {"ЕКБ", LANG_RU, "Екатеринбург, Россия=Asia/Yekaterinburg"},
        {"орёл", LANG_RU, "Орёл, Россия=Europe/Moscow"},
        {"орел", LANG_RU, "Орёл, Россия=Europe/Moscow"},
        {"ростов на дону", LANG_RU, "Ростов-на-Дону, Россия=Europe/Moscow"},
        {"KÖLN", LANG_EN, "Cologne, Germany=Europe/Berlin"},
        {"Люксембург", LANG_RU, "Люксембург=Europe/Luxembourg"},
        {"Симферополь", LANG_RU, "Симферополь=Europe/Simferopol"},
        {"севастополь", LANG_RU, "Севастополь=Europe/Simferopol"},
        {"Sebastopol", LANG_EN, "Sevastopol=Europe/Simferopol"},
        {"Крым", LANG_RU, "Симферополь=Europe/Simferopol"},
        /* a slip from four letters on, two from eight */
        {"Мсква", LANG_RU, "Москва, Россия=Europe/Moscow"},
        {"Новосибриск", LANG_RU, "Новосибирск, Россия=Asia/Novosibirsk"},
        {"екатеренбурк", LANG_RU, "Екатеринбург, Россия=Asia/Yekaterinburg"},
        {"Chigago", LANG_EN, "Chicago, USA=America/Chicago"},
        {"Уфы", LANG_RU, ""},
        {"Атлантида", LANG_RU, ""},
        /* several */
        {"Valencia", LANG_EN,
         "Valencia, Spain=Europe/Madrid; Valencia, Venezuela=America/Caracas"},
        {"Новый", LANG_RU,
         "Новый Уренгой, Россия=Asia/Yekaterinburg; Новый Орлеан, США=America/Chicago"},
        {"san jose", LANG_EN,
         "San Jose (California), USA=America/Los_Angeles; San Jose, Costa "
         "Rica=America/Costa_Rica"},
        /* one is enough where all keep the same time */
        {"Великий", LANG_RU, "Великий Новгород, Россия=Europe/Moscow"},
        {"Германия", LANG_RU, "Берлин, Германия=Europe/Berlin"},
        {"England", LANG_EN, "London, United Kingdom=Europe/London"},
        {"Индонезия", LANG_RU,
         "Джакарта, Индонезия=Asia/Jakarta; Бали, Индонезия=Asia/Makassar"},
        {"New Zealand", LANG_EN, "Auckland, New Zealand=Pacific/Auckland"},
        {"Казахстан", LANG_RU, "Алматы, Казахстан=Asia/Almaty"},
        /* each time of a country once, however many zones keep it */
        {"рф", LANG_RU,
         "Москва, Россия=Europe/Moscow; Калининград, Россия=Europe/Kaliningrad; "
         "Самара, Россия=Europe/Samara; Екатеринбург, Россия=Asia/Yekaterinburg; "
         "Омск, Россия=Asia/Omsk; Новосибирск, Россия=Asia/Novosibirsk; "
         "Иркутск, Россия=Asia/Irkutsk; Якутск, Россия=Asia/Yakutsk; "
         "Владивосток, Россия=Asia/Vladivostok; Магадан, Россия=Asia/Magadan; "
         "Петропавловск-Камчатский, Россия=Asia/Kamchatka"},
        /* nowhere */
        {"", LANG_RU, ""},
        {"   ", LANG_RU, ""},
        {"?", LANG_RU, ""},
        {"в", LANG_RU, ""},
        {"\xff\xfe", LANG_RU, ""},
        {"привет, как дела", LANG_RU, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = found(rows[i].text, rows[i].lang);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: \"%s\" gives \"%s\", not \"%s\"", i, rows[i].text, got,
                     rows[i].want);
    }
}

static bool leads_to(const char *text, const char *zone)
{
    struct words w = {&arena, LANG_RU};
    struct place places[PLACES_MAX];
    int n = places_find(&w, text, NOW_MS, places);
    for (int i = 0; i < n; i++)
        if (strcmp(places[i].zone, zone) == 0)
            return true;
    return false;
}

/* By each of its names, by each with its last letter lost where that is forgiven; and its
 * zone is one that zone_find() knows. */
static void every_city_leads_to_its_zone(void **state)
{
    (void)state;
    assert_true(city_count >= 200);
    for (int i = 0; i < city_count; i++) {
        const struct city *c = &city_table[i];
        if (!zone_find(c->zone))
            fail_msg("%s: no zone %s", c->name[LANG_EN], c->zone);
        for (const char *name = c->known; *name; name += strlen(name) + 1)
            if (!leads_to(name, c->zone))
                fail_msg("%s does not lead to %s", name, c->zone);
        for (int l = LANG_RU; l <= LANG_EN; l++)
            if (!leads_to(c->name[l], c->zone))
                fail_msg("%s does not lead to %s", c->name[l], c->zone);
        arena_reset(&arena);
    }
}

/* Russia has eleven times of day; whoever lives in one finds several cities of it. */
static void every_time_of_russia_has_its_cities(void **state)
{
    (void)state;
    int hours[13] = {0};
    int64_t at_ms = NOW_MS;
    for (int i = 0; i < city_count; i++)
        if (city_table[i].country >= 0 &&
            strcmp(country_table[city_table[i].country].name[LANG_EN], "Russia") == 0)
            hours[zone_offset_s(zone_find(city_table[i].zone), at_ms) / 3600]++;
    for (int h = 2; h <= 12; h++)
        if (hours[h] < 2)
            fail_msg("UTC+%d has %d cities", h, hours[h]);
}

static void a_time_of_day_is_read_with_am_and_pm(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int want;
    } rows[] = {
        {"14:35", 875},      {"8", 480},    {"0830", 510}, {"8.30", 510},  {"2:35 pm", 875},
        {"2:35PM", 875},     {"2pm", 840},  {"12am", 0},   {"12 PM", 720}, {"12:01 am", 1},
        {"11:59 pm ", 1439}, {"13 pm", -1}, {"0 am", -1},  {"2 p", -1},    {"pm", -1},
        {"2 pm pm", -1},     {"2 pmx", -1}, {"24:00", -1}, {"8:3", -1},    {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (clock_parse(rows[i].text) != rows[i].want)
            fail_msg("row %zu: \"%s\" gives %d", i, rows[i].text,
                     clock_parse(rows[i].text));
}

static const char *text_of(const char *path)
{
    struct buf b = {0};
    assert_int_equal(file_read(path, &b), OK);
    const char *text = arena_text(&arena, b.data ? b.data : "", b.len);
    buf_free(&b);
    return text;
}

static void a_broken_list_is_told_of(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *says;
    } rows[] = {
        {"zone: Europe/Minsk", "zone: Europe/Minks", "tzdata has no zone 'Europe/Minks'"},
        {"country: BY", "country: XX", "country 'XX' is not among the countries"},
        {"{ru: Гомель, en: Gomel}", "{ru: Минск, en: Minsk}", "'Минск' is there already"},
        {"{name: {ru: Севастополь, en: Sevastopol}", "{name: {ru: Минск, en: Sevastopol}",
         "'Минск' is there already"},
        {"{ru: Гомель, en: Gomel}", "{ru: Gomel, en: Gomel}",
         "the ru name is in the other alphabet"},
        {"{ru: Гомель, en: Gomel}", "{ru: Гомель}", "en"},
        {"[homyel]", "[ГОМЕЛЬ]", "'ГОМЕЛЬ' says nothing that the names do not"},
        {"[homyel]", "[homyel, Homyel]", "'Homyel' says nothing"},
        {"{code: KZ", "{code: BY", "country 'BY' is there already"},
        {"cities:\n", "towns:\n", "cities"},
        {"cities:\n",
         "cities:\n  - {name: {ru: Омск, en: Omsk}, other: [x], country: RU,"
         " zone: Asia/Omsk, size: 1}\n",
         "size"},
    };
    char folder[] = "/tmp/sobes-cities-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *good = text_of("content/cities.yaml");
    const char *in = arena_printf(&arena, "%s/cities.yaml", folder);
    const char *err = arena_printf(&arena, "%s/stderr", folder);
    const char *out = arena_printf(&arena, "%s/cities.c", folder);
    const char *command =
        arena_printf(&arena, "%s cities %s %s 2>%s", compiler, in, out, err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = strstr(good, rows[i].from);
        assert_non_null(at);
        FILE *f = fopen(in, "w");
        assert_non_null(f);
        fprintf(f, "%.*s%s%s", (int)(at - good), good, rows[i].to,
                at + strlen(rows[i].from));
        fclose(f);
        if (system(command) == 0 || access(out, F_OK) == 0)
            fail_msg("row %zu is taken for good", i);
        const char *said = text_of(err);
        if (strncmp(said, in, strlen(in)) != 0 || !strstr(said, rows[i].says))
            fail_msg("row %zu: %s", i, said);
    }
    unlink(in);
    unlink(err);
    assert_int_equal(rmdir(folder), 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_found_as_people_write_it),
        cmocka_unit_test(every_city_leads_to_its_zone),
        cmocka_unit_test(every_time_of_russia_has_its_cities),
        cmocka_unit_test(a_time_of_day_is_read_with_am_and_pm),
        cmocka_unit_test(a_broken_list_is_told_of),
    };
    char *slash = strrchr(argv[0], '/');
    compiler = getenv("COMPILER") ? getenv("COMPILER")
                                  : arena_printf(&arena, "%.*s/../compiler",
                                                 slash ? (int)(slash - argv[0]) : 1,
                                                 slash ? argv[0] : ".");
    compiler = arena_text(&(struct arena){0}, compiler, strlen(compiler));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
