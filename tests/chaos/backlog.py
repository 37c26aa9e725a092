#!/usr/bin/python3
"""A backlog: the bot was away while a crowd pressed, wrote and voted; then it reads all of it.

tests/chaos/backlog.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--updates N] [--long]
                       [--seed N] [NAME...]
Telegram's queue is emptied to the last update, the first press on a rating's button counts
and no other, memory stays bounded, one person who floods the bot gets a bounded number of
answers; and all of promise.py. The seconds are printed, not judged. The last line counts.
"""
import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from battle_of_three import BEN, VERA, Club  # noqa: E402
import promise  # noqa: E402
from bottle import ANNA, arguments, keep_promise, need, play, until  # noqa: E402
from crowd import COMMANDS, FIRST_PERSON, Crowd  # noqa: E402

UPDATES, UPDATES_LONG = 5000, 97000  # Telegram keeps 100,000, with the flood and the ratings
PEOPLE, PEOPLE_LONG = 40, 400
FIRST_UPDATE = 500_000_000
AWAY_S = 15 * 60     # a press is dropped by then, a command is old
FLOOD = 500          # commands of one person
A_BATCH, WAITING = 100, 30  # updates the bot reads at once; answers that may wait for a person
DRAINED_S = 600


def first_grades(crowd):
    """Everybody rates their question, twice and differently: the first press counts."""
    given = {}
    for person in random.sample(crowd.people, len(crowd.people)):
        message, token = crowd.shown[person]
        given[token] = random.randint(1, 4)
        for grade in given[token], random.randint(1, 4):
            crowd.press(person, message, "d.%s.%d" % (token, grade))
    return given


def a_backlog_is_read(telegram, sobes, options):
    sobes.env["SENDS_PER_SEC"] = "0"  # how fast Telegram takes answers is not the question
    telegram.control("limits", on=False)
    telegram.control("number_from", update=FIRST_UPDATE)
    sobes.wait(telegram, 0)
    crowd = Crowd(telegram, FIRST_PERSON, options.people)
    flooder = crowd.people.pop()
    sobes.start()
    crowd.meet()
    crowd.say(flooder, "/start")
    crowd.pipe.flush()
    club = Club(telegram)
    telegram.quiet(1)
    crowd.press_all(None, lambda data: data == "o.go")
    telegram.quiet(1)
    crowd.press_all("a", lambda data: data.startswith("d.") and data.endswith(".a"))
    telegram.quiet(1)
    need(len(crowd.shown) == len(crowd.people), "not everybody has a question")
    club.begin(3)
    quiz = club.question(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")

    club.vote(quiz, ANNA, BEN, wrong=(VERA,))
    mark = len(telegram.ledger())
    for _ in range(options.updates // 3):
        crowd.anything()
    for _ in range(FLOOD):
        crowd.say(flooder, random.choice(COMMANDS))
    crowd.pipe.flush()
    sobes.wait(telegram, AWAY_S)
    given = first_grades(crowd)
    for i in range(options.updates * 2 // 3):
        crowd.anything()
        if i % 50 == 0:
            crowd.pipe.put("bot", chat=club.chat, person=ANNA,
                           status=("administrator", "member")[i // 50 % 2])
    crowd.pipe.flush()
    telegram.control("person", id=FIRST_PERSON - 1, name="Последняя", lang="ru")
    telegram.say("/start", FIRST_PERSON - 1)
    began = time.monotonic()
    sobes.start()
    until(lambda: telegram.messages(FIRST_PERSON - 1), "the last update is answered", DRAINED_S)
    took = time.monotonic() - began
    telegram.quiet(2)
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    telegram.groups.clear()  # a vote that comes a quarter of an hour late counts for nobody
    keep_promise(telegram, sobes, drained_ms=drained_ms)

    stored = {promise.hex_token(token): grade for token, grade in sobes.rows(
        "SELECT d.token, r.grade FROM review r JOIN delivery d ON d.id = r.delivery"
        " WHERE r.undone_ms IS NULL")}
    need(stored == given, "%d ratings are stored, %d were pressed, %d differ" % (
        len(stored), len(given), sum(stored.get(t) != g for t, g in given.items())))
    rows = telegram.ledger()[mark:]
    answers = collections.Counter(r["chat"] for r in rows if r["kind"] == "sent")
    most = (FLOOD // A_BATCH + 2) * WAITING
    need(answers[flooder] <= most, "%d commands of one person got %d answers, more than %d" % (
        FLOOD, answers[flooder], most))
    return "%d updates read and answered in %.1f s, at most %.1f MB; %d ratings; %d answers to" \
           " a person who wrote %d commands" % (
               crowd.put, took, sobes.peak["rss_kb"] / 1024, len(stored), answers[flooder],
               FLOOD)


def main():
    p = arguments(__doc__)
    p.add_argument("--updates", type=int)
    p.add_argument("--people", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    options.updates = options.updates or (UPDATES_LONG if options.long else UPDATES)
    options.people = options.people or (PEOPLE_LONG if options.long else PEOPLE)
    play((a_backlog_is_read,), options)


if __name__ == "__main__":
    main()
