/* entry_reports: what readers say is wrong with an entry, before the operator. */
#ifndef TALK_ENTRY_REPORTS_H
#define TALK_ENTRY_REPORTS_H

#include "bot/talk/route.h"
#include "db/records.h"

/* As on its button. Not of REPORT_NONE. */
const char *report_reason_name(const struct words *w, enum report_reason reason);
/* A message for each entry with reports, at most max of them, each with the button
 * "e.QUESTION.d". *out_n: how many there are, at most max + 1. */
enum err entry_reports_list(struct turn *t, int max, int *out_n);
/* Its press: the reports are forgotten, what they said stays to be read. A second one finds
 * none. */
enum err entry_reports_done(struct turn *t, int64_t question);

#endif
