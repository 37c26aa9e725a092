/* addr: an address to listen at, as people write it: 127.0.0.1:8080, [::1]:8080,
 * localhost:8080. Literal, so that nothing is resolved to find out. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDR_TEXT_MAX = 64 };

struct addr {
    struct sockaddr_storage at;
    socklen_t len;
};

bool addr_parse(const char *text, struct addr *out);
void addr_print(const struct addr *a, char out[ADDR_TEXT_MAX]);

#endif
