#include "bot/talk/kept.h"

#include <stddef.h>

const struct kept kept[] = {
    {KEPT_SETTINGS, "learner", "id",
     "id lang zone at_min day_start_min quiet_from_min quiet_to_min weekdays per_sitting"
     " level retention state step asking streak best last_day seen_ms at_once"
     " pause_until_day ignored ignored_first_day ignored_last_day asleep freezes told_day"
     " remind_min reminded_day news news_from"},
    {KEPT_SETTINGS, "subscription", "learner", "learner topic weight credit at_min"},
    {KEPT_SETTINGS, "alarm", "subject", "kind subject due_ms bulk fails"},
    {KEPT_LEARNING, "card", "learner",
     "learner question state step stability difficulty due_day due_ms last_day reps "
     "lapses"},
    {KEPT_LEARNING, "review", "learner",
     "id learner delivery question grade at_ms day before undone_ms"},
    {KEPT_LEARNING, "streak_day", "learner", "learner day kind reviews"},
    {KEPT_LEARNING, "sitting", "learner",
     "id learner day scheduled state size sent_ms end_ms at_once end_place excused"},
    {KEPT_LEARNING, "served", "learner", "learner day topic sitting"},
    {KEPT_LEARNING, "delivery", "learner",
     "id token learner question sitting place day state post part lang ticks"},
    {KEPT_MESSAGES, "post", "chat", "id chat thread message copied"},
    {KEPT_MESSAGES, "outbox", "chat",
     "id chat class kind method post body picture told state copies expires_ms due_ms"},
    {KEPT_MESSAGES, "lane", "chat", "chat class ready_ms head busy"},
    {KEPT_GAMES, "battle", "opener",
     "id token chat thread opener lang topic rounds speed bonus buttons state round silent"
     " voids post due_ms drawn_ms stale over_ms over_day"},
    {KEPT_GAMES, "round", "chat",
     "id battle chat number question level options right_one state post poll opened_ms"
     " limit_ms"},
    {KEPT_GAMES, "seat", "person", "battle person points hits run idle"},
    {KEPT_GAMES, "vote", "person", "round person option spent_ms place hit points"},
    {KEPT_GAMES, "skip", "person", "round person"},
    {KEPT_BOARDS, "player", "person", "club person name seen_ms"},
    {KEPT_BOARDS, "board", "person", "club period from_day person points wins battles"},
    {KEPT_REPORTS, "report", "person", "question person at_ms reason in_battle"},
    {KEPT_MOMENTS, "early_vote", "person", "poll person name option place at_ms"},
    {KEPT_MOMENTS, "club_admin", "person", "club person until_ms"},
    {KEPT_MOMENTS, "farewell", "person", "person token until_ms"},
    {KEPT_MOMENTS, "export", "person", "person at_ms"},
    {KEPT_MOMENTS, "broadcast", "operator",
     "id token operator state text_ru text_en until_ms message told total walked after"
     " taken waiting sent"},
    {KEPT_TROUBLE, "suspect", "id", "source id tries"},
    {KEPT_TROUBLE, "dead", "cause", "id source cause summary error at_ms"},
    {KEPT_OF_NOBODY, "club", NULL,
     "id token lang zone topic rounds speed bonus here greeted daily_min daily_topic"
     " daily_thread daily_day daily_question"},
    {KEPT_OF_NOBODY, "quiz_record", NULL, "question answers hits out_ms amends amended"},
    {KEPT_OF_NOBODY, "spoken", NULL, "id chat at_ms"},
    {KEPT_OF_NOBODY, "tally", NULL, "id n"},
    {KEPT_OF_NOBODY, "desk_day", NULL, "day seen answers"},
    {KEPT_OF_NOBODY, "seen_update", NULL, "id at_ms"},
    {KEPT_OF_NOBODY, "down", NULL, "from_ms to_ms"},
    {KEPT_OF_NOBODY, "meta", NULL, "key value"},
};
const int kept_n = sizeof kept / sizeof *kept;

const char *kept_line(enum kept_as as, const struct words *w)
{
    static const char *(*const lines[KEPT_OF_NOBODY])(const struct words *) = {
        [KEPT_SETTINGS] = w_privacy_settings, [KEPT_LEARNING] = w_privacy_learning,
        [KEPT_MESSAGES] = w_privacy_messages, [KEPT_GAMES] = w_privacy_games,
        [KEPT_BOARDS] = w_privacy_boards,     [KEPT_REPORTS] = w_privacy_reports,
        [KEPT_MOMENTS] = w_privacy_moments,   [KEPT_TROUBLE] = w_privacy_trouble};
    return as < KEPT_OF_NOBODY ? lines[as](w) : NULL;
}
