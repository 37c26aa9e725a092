#include "bot/net/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bot/base/log.h"

#define LOG_MOD "notify"

enum { BEATS = 4 }; /* in the time that systemd allows */

struct notify {
    int fd;
    struct sockaddr_un to;
    socklen_t to_len;
    bool ready, stopping;
    int told;           /* enum well; -1: nothing yet */
    int64_t every_ms;   /* between two beats; 0: no watchdog */
    int64_t beat_at_ms; /* the next one */
};

static void say(const struct notify *n, const char *lines)
{
    sendto(n->fd, lines, strlen(lines), MSG_DONTWAIT | MSG_NOSIGNAL,
           (const struct sockaddr *)&n->to, n->to_len);
}

/* A name that begins with @ is in the kernel's own name space: a zero byte stands for it,
 * and no zero ends it. */
static bool address(struct notify *n, const char *name)
{
    size_t len = strlen(name);
    if (len < 2 || (name[0] != '/' && name[0] != '@') || len >= sizeof n->to.sun_path)
        return false;
    n->to.sun_family = AF_UNIX;
    memcpy(n->to.sun_path, name, len);
    bool named = name[0] == '@';
    if (named)
        n->to.sun_path[0] = '\0';
    n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + !named);
    return true;
}

/* WATCHDOG_PID names another process when it was meant for our parent. */
static int64_t watchdog_ms(const char *usec, const char *pid)
{
    char *end;
    if (!usec || (pid && *pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    errno = 0;
    long long us = strtoll(usec, &end, 10);
    return *end || end == usec || errno || us < 1000 * BEATS ? 0 : us / 1000 / BEATS;
}

struct notify *notify_new(const char *socket_name, const char *usec, const char *pid)
{
    if (!socket_name || !*socket_name)
        return NULL;
    struct notify *n = calloc(1, sizeof *n);
    if (!n)
        abort();
    n->told = -1;
    n->every_ms = watchdog_ms(usec, pid);
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (n->fd < 0 || !address(n, socket_name)) {
        log_warn("NOTIFY_SOCKET cannot be used: systemd is told nothing");
        notify_free(n);
        return NULL;
    }
    return n;
}

void notify_beat(struct notify *n, enum well w, bool booted, bool alive, int64_t steady_ms)
{
    char lines[256];
    if (!n)
        return;
    bool stops = w == UNWELL_STOPPING || w == UNWELL_TOKEN;
    bool ready = booted && !n->ready && !stops;
    if (n->told != (int)w || ready) {
        snprintf(lines, sizeof lines, "%s%sSTATUS=%s", ready ? "READY=1\n" : "",
                 stops && !n->stopping ? "STOPPING=1\n" : "", well_words(w));
        say(n, lines);
        n->told = (int)w;
        n->ready = n->ready || ready;
        n->stopping = n->stopping || stops;
    }
    if (n->every_ms && alive && steady_ms >= n->beat_at_ms) {
        say(n, "WATCHDOG=1");
        n->beat_at_ms = steady_ms + n->every_ms;
    }
}

int64_t notify_next_ms(const struct notify *n)
{
    return n && n->every_ms ? n->beat_at_ms : INT64_MAX;
}

void notify_free(struct notify *n)
{
    if (!n)
        return;
    if (n->fd >= 0)
        close(n->fd);
    free(n);
}
