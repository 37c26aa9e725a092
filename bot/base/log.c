#include "bot/base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/base/token.h"

enum { LINE_MAX_BYTES = 2048, TOKEN_DIGITS = 6 /* or more, of every bot's id */ };

static enum log_level least = LOG_INFO;

void log_set_level(enum log_level min)
{
    least = min;
}

static bool secret_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* A bot token is digits, a colon, 30 or more of A-Za-z0-9_- : the secret part becomes x,
 * also where a line, or a value in it, was cut and shows only the beginning of it: no other
 * text has so many digits before a colon. */
static void blank_tokens(char *line, bool cut)
{
    for (char *p = line; (p = strchr(p, ':')); p++) {
        size_t secret = 0;
        while (secret_char(p[1 + secret]))
            secret++;
        size_t digits = 0;
        while (p - digits > line && isdigit((unsigned char)p[-1 - (ptrdiff_t)digits]))
            digits++;
        bool is_one = secret >= TOKEN_SECRET || (cut && !p[1 + secret]);
        if ((digits && is_one) || digits >= TOKEN_DIGITS)
            memset(p + 1, 'x', secret);
    }
}

__attribute__((format(printf, 2, 0))) static void write_line(const char *head,
                                                             const char *fmt, va_list ap)
{
    char line[LINE_MAX_BYTES];
    int n = snprintf(line, sizeof line, "%s", head);
    size_t room = sizeof line - (size_t)n - 1; /* one byte is the line's end */
    int said = vsnprintf(line + n, room, fmt, ap);
    for (char *p = line; *p; p++) /* one event is one line */
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    blank_tokens(line, said < 0 || (size_t)said >= room);
    size_t len = strlen(line);
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) < 0)
        return; /* nobody left to tell */
}

void log_line(enum log_level level, const char *mod, const char *fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level < least)
        return;
    char head[64];
    snprintf(head, sizeof head, "%s %s: ", names[level], mod);
    va_list ap;
    va_start(ap, fmt);
    write_line(head, fmt, ap);
    va_end(ap);
}

void die(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_line("sobes: ", fmt, ap);
    va_end(ap);
    exit(code);
}
