#include "bot/talk/club_question.h"

#include "bot/talk/question.h"
#include "bot/talk/say.h"
#include "db/bank.h"
#include "db/records.h"

static int one_of(struct turn *t, int n)
{
    return (int)((uint64_t)turn_token(t) % (uint64_t)n);
}

/* chat 0: whatever anybody has had. */
static enum err draw_offer(struct turn *t, const char *topic, int64_t chat, int64_t *out)
{
    int64_t *of = arena_alloc(t->arena, CHOICES_MAX * sizeof *of);
    int n;
    enum err e = offers_unseen(t->db, topic, chat, of, CHOICES_MAX, &n);
    if (e || n == 0)
        return e ? e : ERR_NOT_FOUND;
    *out = of[one_of(t, n)];
    return OK;
}

static enum err draw_from(struct turn *t, const char *topic, int64_t *out)
{
    struct quiz_choice *of = arena_alloc(t->arena, CHOICES_MAX * sizeof *of);
    int n;
    enum err e = quiz_choices(t->db, topic, t->chat, of, CHOICES_MAX, &n);
    if (e || n == 0)
        return e ? e : draw_offer(t, topic, t->chat, out);
    *out = of[one_of(t, n)].question;
    return OK;
}

enum err club_question_draw(struct turn *t, const char *topic, int64_t *out_question)
{
    struct bank_topic topics[BANK_TOPICS_MAX];
    int n;
    if (topic)
        return draw_from(t, topic, out_question);
    enum err e = bank_topics(t->db, t->arena, topics, BANK_TOPICS_MAX, &n);
    int first = !e && n ? one_of(t, n) : 0;
    for (int i = 0; !e && i < n; i++) {
        e = draw_from(t, topics[(first + i) % n].slug, out_question);
        if (e != ERR_NOT_FOUND)
            return e;
        e = OK;
    }
    return e ? e : ERR_NOT_FOUND;
}

enum err club_question_any(struct turn *t, const char *topic, int64_t *out_question)
{
    enum err e = club_question_draw(t, topic, out_question);
    return e == ERR_NOT_FOUND ? draw_offer(t, topic, 0, out_question) : e;
}

enum err club_question_say(struct turn *t, int64_t question, int64_t expires_ms,
                           const char *told)
{
    struct bank_question q;
    struct keyboard k = {0};
    const char *head, *page;
    const char *lang = t->words.lang == LANG_RU ? "ru" : "en";
    enum err e = bank_question(t->db, t->arena, question, &q);
    if (!e)
        e = question_head(t, &t->words, &q, &head);
    if (!e)
        e = bank_page(t->db, t->arena, question, lang, PART_QUESTION, &page);
    if (e)
        return e;
    keyboard_link(
        &k, w_btn_answer_in_private(&t->words),
        arena_printf(t->arena, "https://t.me/%s?start=q_%s", t->bot->username, q.id));
    return say_new(t,
                   &(struct speech){.kind = KIND_REPLY,
                                    .html = arena_printf(t->arena, "%s\n\n%s", head, page),
                                    .keyboard = &k,
                                    .expires_ms = expires_ms,
                                    .told = told},
                   NULL);
}
