#include "db/chats.h"

#include "db/battles.h"

/* What was begun at the new address before the move was known is nothing yet. */
static enum err club_migrate(struct db *db, int64_t from, int64_t to)
{
    enum err e = db_exec(db,
                         "DELETE FROM club WHERE id = ?2"
                         " AND EXISTS (SELECT 1 FROM club WHERE id = ?1)",
                         A(from), A(to));
    if (!e)
        e = db_exec(db, "UPDATE club SET id = ?2 WHERE id = ?1", A(from), A(to));
    return e ? e
             : db_exec(db,
                       "UPDATE OR REPLACE alarm SET subject = ?2"
                       " WHERE kind = 'daily' AND subject = ?1",
                       A(from), A(to));
}

enum err chat_migrate(struct db *db, int64_t from, int64_t to)
{
    if (from == to)
        return OK;
    /* What lies at the old address has its ids there, and can be edited no more. */
    enum err e = db_exec(db,
                         "DELETE FROM outbox WHERE chat = ?1 AND kind = 3"
                         " AND state = 'queued'",
                         A(from));
    /* Neither can what is under way: it was sent to the old one. */
    if (!e)
        e = db_exec(db,
                    "UPDATE post SET chat = ?2 WHERE chat = ?1 AND message IS NULL"
                    " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.post = post.id"
                    " AND o.state = 'sending')",
                    A(from), A(to));
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
    if (!e)
        e = db_exec(db, "DELETE FROM lane WHERE chat = ?1", A(from));
    if (!e)
        e = battles_migrate(db, from, to);
    if (!e)
        e = db_exec(db, "UPDATE spoken SET chat = ?2 WHERE chat = ?1", A(from), A(to));
    return e ? e : club_migrate(db, from, to);
}
