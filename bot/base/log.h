/* log: one event, one line, key=value, on stderr (journald adds the time).
 *
 * Each .c file that logs says once who it is:  #define LOG_MOD "sender"
 * Only the edge that decides what happens next logs an error; a function that returns the
 * error to its caller stays silent. Message texts, names and tokens are never logged. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

#define log_debug(...) log_line(LOG_DEBUG, LOG_MOD, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, LOG_MOD, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, LOG_MOD, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, LOG_MOD, __VA_ARGS__)

void log_set_level(enum log_level min); /* info until set */
/* Every line passes through one writer, which blanks anything shaped like a bot token. */
void log_line(enum log_level level, const char *mod, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* For the boot only: says why on stderr, exits with `code` (64 usage, 74 disk, 75 already
 * running, 78 configuration). After the boot it is assert() or an enum err. */
_Noreturn void die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
