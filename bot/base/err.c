#include "bot/base/err.h"

const char *err_text(enum err e)
{
    switch (e) {
    case OK:
        return "ok";
#define X(id, text) \
    case id:        \
        return text;
        ERR_MAP(X)
#undef X
    }
    return "unknown error";
}
