#include "bot/base/proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 253, USER_MAX = 255 /* bytes of either in SOCKS5 */ };

static const char *after_scheme(const char *url)
{
    const char *at = strstr(url, "://");
    return at ? at + 3 : url;
}

static bool port_shaped(const char *port)
{
    size_t n = strspn(port, "0123456789");
    return n > 0 && n <= 5 && !port[n] && atoi(port) >= 1 && atoi(port) <= 65535;
}

/* A name, four numbers, or six bytes' worth in brackets; `len` up to the port's colon. */
static bool host_shaped(const char *host, size_t len)
{
    char six[INET6_ADDRSTRLEN];
    unsigned char at[16];
    if (len == 0 || len > HOST_MAX)
        return false;
    if (host[0] == '[') {
        if (len < 4 || len - 2 >= sizeof six || host[len - 1] != ']')
            return false;
        memcpy(six, host + 1, len - 2);
        six[len - 2] = '\0';
        return inet_pton(AF_INET6, six, at) == 1;
    }
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr(".-_", host[i]))
            return false;
    return true;
}

/* USER or USER:PASSWORD, with %XX for what would end them. */
static bool user_shaped(const char *user, size_t len)
{
    const char *colon = memchr(user, ':', len);
    size_t name = colon ? (size_t)(colon - user) : len;
    if (name == 0 || name > USER_MAX || len - name > USER_MAX + 1)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (user[i] != '%')
            continue;
        if (i + 2 >= len || !isxdigit((unsigned char)user[i + 1]) ||
            !isxdigit((unsigned char)user[i + 2]) ||
            (user[i + 1] < '2')) /* a control character */
            return false;
    }
    return true;
}

static const char *rest_taken(const char *rest)
{
    const char *at = strchr(rest, '@'), *host = at ? at + 1 : rest;
    const char *port = strrchr(host, ':');
    for (const char *p = rest; *p; p++)
        if (!isgraph((unsigned char)*p) || strchr("/?#\\\"<>", *p))
            return "what follows the port, or a sign that must be written as %XX, is "
                   "not allowed";
    if (at && (strchr(host, '@') || !user_shaped(rest, (size_t)(at - rest))))
        return "USER:PASSWORD@ before the host is not well formed: write other signs "
               "than letters and digits as %XX, an @ as %40";
    if (!port || strchr(port, ']') || !port_shaped(port + 1))
        return "it must end with a port from 1 to 65535, as in http://HOST:3128";
    if (!host_shaped(host, (size_t)(port - host)))
        return "it names no host";
    return NULL;
}

const char *proxy_take(char *url, size_t size)
{
    static const char *const schemes[] = {"http://", "socks5h://", "socks5://"};
    enum { RESOLVES_HERE = 2 };
    size_t len = strlen(url), i = 0;
    while (i < 3 && strncmp(url, schemes[i], strlen(schemes[i])) != 0)
        i++;
    if (i == 3)
        return "http://HOST:PORT or socks5h://HOST:PORT is allowed, with USER:PASSWORD@ "
               "before the host";
    while (len > strlen(schemes[i]) && url[len - 1] == '/')
        url[--len] = '\0';
    if (i == RESOLVES_HERE) {
        if (len + 1 >= size)
            return "it is too long";
        memmove(url + 7, url + 6, len - 5);
        url[6] = 'h';
    }
    return rest_taken(after_scheme(url));
}

void proxy_show(const char *url, char out[PROXY_SHOWN])
{
    const char *rest = after_scheme(url), *at = strchr(rest, '@');
    snprintf(out, PROXY_SHOWN, "%.*s%s", (int)(rest - url), url, at ? at + 1 : rest);
}

bool proxy_has_user(const char *url)
{
    return strchr(after_scheme(url), '@') != NULL;
}
