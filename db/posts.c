#include "db/posts.h"

enum err post_new(struct db *db, int64_t chat, int64_t thread, int64_t *out_post)
{
    enum err e =
        db_exec(db, "INSERT INTO post (chat, thread) VALUES (?1, ?2)", A(chat), A(thread));
    *out_post = db_last_id(db);
    return e;
}

enum err post_of_message(struct db *db, int64_t chat, int64_t message, int64_t *out_post)
{
    enum err e = db_exec(db, "INSERT OR IGNORE INTO post (chat, message) VALUES (?1, ?2)",
                         A(chat), A(message));
    return e ? e : post_find(db, chat, message, out_post);
}

enum err post_find(struct db *db, int64_t chat, int64_t message, int64_t *out_post)
{
    return db_one_int(db, out_post, "SELECT id FROM post WHERE chat = ?1 AND message = ?2",
                      A(chat), A(message));
}

enum err post_adopt(struct db *db, int64_t post, int64_t message, int64_t *out_old)
{
    struct query q;
    *out_old = 0;
    db_query(db, &q, "SELECT chat, message, copied FROM post WHERE id = ?1", A(post));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    int64_t chat = db_int(&q, 0), was = db_int(&q, 1);
    bool copied = db_int(&q, 2) != 0;
    db_end(&q);
    if (was && was == message)
        return OK;
    if (message <= 0 || (was && !copied))
        return ERR_REFUSED;
    int64_t holder;
    enum err e = post_find(db, chat, message, &holder);
    if (e != ERR_NOT_FOUND)
        return e ? e : ERR_REFUSED;
    e = db_exec(db, "UPDATE post SET message = ?2 WHERE id = ?1", A(post), A(message));
    if (e || !was)
        return e;
    return post_of_message(db, chat, was, out_old);
}

enum err posts_prune(struct db *db, int64_t *cursor)
{
    enum { AT_ONCE = 200 };
    int64_t newest = 0, last = *cursor + AT_ONCE;
    enum err e = db_one_int(
        db, &newest, "SELECT coalesce(max(id), 0) FROM post WHERE id > ?1", A(*cursor));
    if (!e)
        e = db_exec(db,
                    "DELETE FROM post WHERE id > ?1 AND id <= ?2"
                    " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.post = post.id)"
                    " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.post = post.id)"
                    " AND NOT EXISTS (SELECT 1 FROM battle b WHERE b.post = post.id)"
                    " AND NOT EXISTS (SELECT 1 FROM round r WHERE r.post = post.id)",
                    A(*cursor), A(last));
    *cursor = last < newest ? last : 0;
    return e;
}
