/* Fuzzes the bank both ways. 'y' and a file of questions, 'c' and a checklist: the compiler
 * says what is wrong or writes a bank that the bot takes. 'd' and places with bytes: a
 * damaged bank.db is refused or read; no statement of the bot on it may be a surprise. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/base/file.h"
#include "content/compiler/bank.h"
#include "db/bank.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GOOD "tests/compiler_cases/good"
enum { PATH_LEN = 200, SPOT = 4, TOPICS = 32, NAMES = 400 };

static char folder[PATH_LEN];
static struct buf whole; /* a good bank.db */

static void write_file(const char *name, const void *data, size_t len)
{
    char path[PATH_LEN + 60];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
        perror(path), abort();
}

static void copy_file(const char *name)
{
    char path[PATH_LEN];
    struct buf b = {0};
    snprintf(path, sizeof path, GOOD "/%s", name);
    if (file_read(path, &b))
        perror(path), abort();
    write_file(name, b.data, b.len);
    buf_free(&b);
}

/* All that the bot ever asks a bank; what it says must not lie outside of memory. */
static void read_all(struct db *db, struct arena *a)
{
    struct bank_topic topic[TOPICS];
    struct bank_name name[NAMES];
    struct bank_question q;
    const char *html;
    int n = 0;
    bank_topics(db, a, topic, TOPICS, &n);
    bank_names(db, a, name, NAMES, &n);
    for (int64_t num = 0; num < 6; num++) {
        bank_question(db, a, num, &q);
        for (int part = PART_QUESTION; part <= PART_SHORT_ALONE; part++)
            bank_page(db, a, num, part % 2 ? "ru" : "en", part, &html);
    }
}

static bool bot_takes(const char *path)
{
    char hash[BANK_HASH_MAX];
    struct db *db;
    struct arena a = {0};
    if (db_look_at_bank(path, hash))
        return false;
    if (db_open_plain(":memory:", &db))
        abort();
    bool good = db_attach_bank(db, path) == OK;
    if (good)
        read_all(db, &a);
    db_close(db);
    arena_free(&a);
    return good;
}

static bool compile(const char *out, FILE *tell)
{
    struct arena a = {0};
    struct report r = {.arena = &a};
    struct bank b = {.arena = &a, .report = &r, .root = folder};
    bank_read(&b);
    bank_hold(&b);
    bool good = r.faults == 0;
    if (good && !bank_write(&b, out))
        abort();
    if (tell)
        report_print(&r, tell, false);
    report_free(&r);
    arena_free(&a);
    return good;
}

static void leave(void)
{
    static const char *const names[] = {"questions/python.yaml",
                                        "questions/talk.yaml",
                                        "words/page.ru.yaml",
                                        "words/page.en.yaml",
                                        "questions",
                                        "words",
                                        "topics.yaml",
                                        "checklist.yaml",
                                        "ids.tsv",
                                        "bank.db",
                                        "damaged.db",
                                        ""};
    char path[PATH_LEN + 60];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    buf_free(&whole);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    char path[PATH_LEN + 60];
    snprintf(folder, sizeof folder, "%s/fuzz-bank-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(folder))
        perror(folder), abort();
    snprintf(path, sizeof path, "%s/questions", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/words", folder);
    mkdir(path, 0700);
    copy_file("words/page.ru.yaml");
    copy_file("words/page.en.yaml");
    copy_file("questions/python.yaml");
    copy_file("questions/talk.yaml");
    copy_file("topics.yaml");
    copy_file("checklist.yaml");
    copy_file("ids.tsv");
    snprintf(path, sizeof path, "%s/bank.db", folder);
    if (!compile(path, stderr) || !bot_takes(path) || file_read(path, &whole))
        fprintf(stderr, "the good bank is not good\n"), abort();
    atexit(leave);
    return 0;
}

static void damaged(const uint8_t *data, size_t size)
{
    char path[PATH_LEN + 60];
    size_t len = whole.len;
    char *copy = malloc(len);
    if (!copy)
        abort();
    memcpy(copy, whole.data, len);
    for (; size >= SPOT; data += SPOT, size -= SPOT) {
        size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % len;
        copy[at] = (char)data[3];
    }
    if (size == 3) /* cut off */
        len = ((size_t)data[0] << 8 | data[1]) * 64 % len;
    write_file("damaged.db", copy, len);
    snprintf(path, sizeof path, "%s/damaged.db", folder);
    bot_takes(path);
    free(copy);
}

static void in_place_of(const char *name, const uint8_t *data, size_t size)
{
    char path[PATH_LEN + 60];
    write_file(name, data, size);
    snprintf(path, sizeof path, "%s/bank.db", folder);
    if (compile(path, NULL) && !bot_takes(path))
        abort();
    copy_file(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return -1;
    if (*data == 'y')
        in_place_of("questions/python.yaml", data + 1, size - 1);
    else if (*data == 'c')
        in_place_of("checklist.yaml", data + 1, size - 1);
    else
        damaged(data + 1, size - 1);
    return 0;
}
