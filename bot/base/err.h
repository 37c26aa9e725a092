/* err: every failure the bot can name, sorted by what the caller does next.
 *
 * A function that can fail in only one way returns bool instead; a broken invariant is
 * not a failure, it is an assert. Words used in every header of the house:
 * borrows = only during the call; keeps = until the object is closed; takes = callee
 * frees; gives = caller frees; lends = valid until said. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_MAP(X)                                \
    X(ERR_NOT_FOUND, "no such row")               \
    X(ERR_BAD_INPUT, "input breaks its contract") \
    X(ERR_TOO_BIG, "input over its fixed limit")  \
    X(ERR_NET, "network failure, worth a retry")  \
    X(ERR_REFUSED, "Telegram refused for good")   \
    X(ERR_DB, "database failure, turn is rolled back")

enum err {
    OK = 0,
#define X(id, text) id,
    ERR_MAP(X)
#undef X
};

const char *err_text(enum err e); /* lends a static string, never NULL */

#endif
