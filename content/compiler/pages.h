/* pages: how large a page of Telegram HTML is for its reader. */
#ifndef COMPILER_PAGES_H
#define COMPILER_PAGES_H

#include <stddef.h>

struct page_size {
    size_t shown;    /* characters without tags */
    size_t entities; /* tags that Telegram counts as an entity */
};
struct page_size page_measure(const char *html);

#endif
