#include "db/bank.h"

static struct bank_topic topic_read(struct query *q, struct arena *a)
{
    return (struct bank_topic){.slug = db_text(q, 0, a),
                               .title_ru = db_text(q, 1, a),
                               .title_en = db_text(q, 2, a),
                               .held = (int)db_int(q, 3)};
}

enum err bank_topics(struct db *db, struct arena *a, struct bank_topic *out, int max,
                     int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(
        db, &q,
        "SELECT slug, title_ru, title_en, held FROM bank.topic ORDER BY place LIMIT ?1",
        A(max));
    while (db_next(&q))
        out[(*out_n)++] = topic_read(&q, a);
    return q.err;
}

enum err bank_topic(struct db *db, struct arena *a, const char *slug,
                    struct bank_topic *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT slug, title_ru, title_en, held FROM bank.topic WHERE slug = ?1",
             A(slug));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = topic_read(&q, a);
    db_end(&q);
    return OK;
}

enum err bank_names(struct db *db, struct arena *a, struct bank_name *out, int max,
                    int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT name, topic FROM bank.topic_name ORDER BY name, topic LIMIT ?1",
             A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct bank_name){db_text(&q, 0, a), db_text(&q, 1, a)};
    return q.err;
}

static enum err question_read(struct query *q, struct arena *a, struct bank_question *out)
{
    if (!db_next(q))
        return q->err ? q->err : ERR_NOT_FOUND;
    *out = (struct bank_question){.num = db_int(q, 0),
                                  .id = db_text(q, 1, a),
                                  .topic = db_text(q, 2, a),
                                  .level = (int)db_int(q, 3),
                                  .likelihood = db_real(q, 4),
                                  .retired = db_int(q, 5) != 0,
                                  .instead = db_int(q, 6)};
    db_end(q);
    return OK;
}

enum err bank_question(struct db *db, struct arena *a, int64_t num,
                       struct bank_question *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT num, id, topic, level, likelihood, retired, instead FROM bank.question"
             " WHERE num = ?1",
             A(num));
    return question_read(&q, a, out);
}

enum err bank_question_by_id(struct db *db, struct arena *a, const char *id,
                             struct bank_question *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT num, id, topic, level, likelihood, retired, instead FROM bank.question"
             " WHERE id = ?1",
             A(id));
    return question_read(&q, a, out);
}

enum err bank_ids(struct db *db, struct arena *a, struct bank_id *out, int max, int *out_n)
{
    struct query q;
    *out_n = 0;
    db_query(db, &q,
             "SELECT num, id FROM bank.question WHERE retired = 0 ORDER BY num LIMIT ?1",
             A(max));
    while (db_next(&q))
        out[(*out_n)++] = (struct bank_id){db_int(&q, 0), db_text(&q, 1, a)};
    return q.err;
}

enum err bank_page(struct db *db, struct arena *a, int64_t num, const char *lang, int part,
                   const char **out_html)
{
    struct query q;
    db_query(db, &q,
             "SELECT html FROM bank.page WHERE question = ?1 AND lang = ?2 AND part = ?3",
             A(num), A(lang), A(part));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out_html = db_text(&q, 0, a);
    db_end(&q);
    return OK;
}
