#include "db/chats.h"

enum err chat_migrate(struct db *db, int64_t from, int64_t to)
{
    if (from == to)
        return OK;
    enum err e =
        db_exec(db, "UPDATE OR IGNORE post SET chat = ?2 WHERE chat = ?1", A(from), A(to));
    if (!e)
        e = db_exec(db, "UPDATE outbox SET chat = ?2 WHERE chat = ?1", A(from), A(to));
    if (!e)
        e = db_exec(db,
                    "INSERT INTO lane (chat, class, ready_ms, head, busy) SELECT ?2, class,"
                    " ready_ms, head, busy FROM lane WHERE chat = ?1"
                    " ON CONFLICT (chat) DO UPDATE SET class = min(class, excluded.class),"
                    " ready_ms = max(ready_ms, excluded.ready_ms),"
                    " head = min(head, excluded.head)",
                    A(from), A(to));
    return e ? e : db_exec(db, "DELETE FROM lane WHERE chat = ?1", A(from));
}
