/* date: days since 1970-01-01 as dates of the calendar (Gregorian, always). Pure. */
#ifndef STUDY_DATE_H
#define STUDY_DATE_H

#include <stdbool.h>
#include <stdint.h>

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

struct date date_of(int64_t day);
/* False: there is no such date (a 31 February). Years 1 to 9999. */
bool date_day(struct date d, int64_t *out_day);

#endif
