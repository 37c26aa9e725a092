/* cities: content/cities.yaml, by which people tell their time zone, made into C. */
#ifndef COMPILER_CITIES_H
#define COMPILER_CITIES_H

#include "bot/base/buf.h"
#include "content/compiler/report.h"

/* The tables that bot/talk/cities.h declares. */
void cities_source(struct arena *a, struct report *r, const char *path, struct buf *out);

#endif
