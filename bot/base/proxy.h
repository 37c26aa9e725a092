/* proxy: the shape of PROXY_URL. It may hold a password, so no word about it shows more
 * than its scheme, host and port. */
#ifndef BASE_PROXY_H
#define BASE_PROXY_H

#include <stdbool.h>
#include <stddef.h>

enum { PROXY_SHOWN = 320 };

/* In place: slashes at the end are cut, socks5:// becomes socks5h://, for no name but the
 * proxy's own is resolved here. NULL: good; else words that say what is wrong, static. */
const char *proxy_take(char *url, size_t size);
/* Of one that was taken: scheme, host and port. */
void proxy_show(const char *url, char out[PROXY_SHOWN]);
bool proxy_has_user(const char *url);

#endif
