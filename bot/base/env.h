/* env: the configuration, read once at boot from one table.
 *
 * `.env` in the working directory first, then the process environment, which wins. An
 * empty value counts as not set. The token is BOT_TOKEN, else the file that
 * BOT_TOKEN_FILE names, else `bot-token` in $CREDENTIALS_DIRECTORY (systemd). */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ENV_FILE_MAX = 65536, ENV_WHY_MAX = 512, ADMINS_MAX = 16 };

struct config {
    char token[128]; /* empty when none was given: the caller decides */
    char token_file[1024];
    char api_url[512];   /* http:// or https://, no slash at the end */
    char ca_file[1024];  /* empty: the system's */
    char proxy_url[512]; /* empty: none; may hold a password */
    char db_path[1024];
    char backup_dir[1024];
    char bank_path[1024];  /* empty from env_parse(): env_load() finds it */
    char health_addr[64];  /* empty: off */
    int64_t sends_per_sec; /* 0: no pacing, only on a loopback API_URL */
    int64_t in_flight;
    int64_t poll_timeout;              /* seconds */
    int64_t log_level;                 /* enum log_level */
    int64_t admin_ids[ADMINS_MAX + 1]; /* 0 after the last */
};

/* Lends the value of a variable of the process environment, or NULL. */
typedef const char *env_get(void *arg, const char *name);

/* The whole rule, without a process around it. Borrows the text of `.env` (NULL: there is
 * none). False: `why` says in one sentence which setting, what it was (never the token)
 * and what is allowed. Reads the file of the token. */
bool env_parse(struct config *out, const char *dotenv, size_t dotenv_len, env_get *get,
               void *arg, char *why, size_t why_size);
/* The same for this process, or die(78). A `.env` that others can read is set to 0600
 * with a log line; BOT_TOKEN and PROXY_URL are overwritten in the process environment after
 * reading. */
void env_load(struct config *out);
/* Prints .env.example. */
void env_print_example(FILE *out);

#endif
