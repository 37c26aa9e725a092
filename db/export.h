/* export: all that is kept about one person, as JSON that they are sent; and who had it
 * when. The questions it asks are a table that tests hold against bot/talk/kept.h.
 *
 * Read when it is sent, a row at a time into one buffer with a ceiling: a table gives its
 * newest EXPORT_ROWS rows, and none that would not fit; the file says which were cut. */
#ifndef DB_EXPORT_H
#define DB_EXPORT_H

#include "bot/base/buf.h"
#include "db/db.h"

enum { EXPORT_ROWS = 10000, EXPORT_BYTES = 4 << 20, EXPORT_HOUR_MS = 3600 * 1000 };

/* One list of the file. A column's name tells how it is written: `*_at` an instant, `*_day`
 * a date, `*_min` a time of the day, `question` its code, all else as it is. */
struct export_section {
    const char *name, *table;
    const char *withheld; /* columns that stay here, by blanks; the person's id too */
    const char *sql;      /* ?1 the person, ?2 rows at most, the newest first */
};
extern const struct export_section export_sections[];
extern const int export_section_n;

/* Empties out and fills it. What is cut is no error. */
enum err export_make(struct db *db, int64_t person, int64_t now_ms, struct buf *out);

/* When they last asked; 0: not within the hour. */
enum err export_last(struct db *db, int64_t person, int64_t now_ms, int64_t *out_ms);
enum err export_asked(struct db *db, int64_t person, int64_t now_ms);
enum err export_drop(struct db *db, int64_t person);   /* they may ask again at once */
enum err exports_prune(struct db *db, int64_t now_ms); /* some of those past use */

#endif
