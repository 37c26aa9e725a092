#include "db/quizzes.h"

enum err quiz_find(struct db *db, struct arena *a, int64_t question, const char *lang,
                   struct quiz *out)
{
    struct query q;
    db_query(db, &q,
             "SELECT z.ask, z.code, z.option_1, z.option_2, z.option_3, z.option_4, z.why,"
             " q.level FROM bank.quiz z JOIN bank.question q ON q.num = z.question"
             " WHERE z.question = ?1 AND z.lang = ?2",
             A(question), A(lang));
    if (!db_next(&q))
        return q.err ? q.err : ERR_NOT_FOUND;
    *out = (struct quiz){.ask = db_text(&q, 0, a),
                         .code_html = db_text(&q, 1, a),
                         .option = {db_text(&q, 2, a), db_text(&q, 3, a), db_text(&q, 4, a),
                                    db_text(&q, 5, a)},
                         .why_html = db_text(&q, 6, a),
                         .right = 0,
                         .level = (int)db_int(&q, 7)};
    db_end(&q);
    return OK;
}
