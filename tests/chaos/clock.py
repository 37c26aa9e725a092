#!/usr/bin/python3
"""The clock: it jumps while the bot runs, stands still in a laptop that sleeps, and goes
through a year of zones that change theirs.

tests/chaos/clock.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--year FILE] [--jumps N]
                     [--long] [--seed N] [NAME...]
The real binary under libfaketime (the steady clock stays real), and for the year the real
turns in tests/year.c. Nobody gets a topic twice on a study day, nothing before it is due or
after it is worth sending, no second reminder a day; streaks are counted again; and all of
promise.py. The last line counts.
"""
import collections
import datetime
import json
import os
import random
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import calendar_year  # noqa: E402
import kill  # noqa: E402
import promise  # noqa: E402
import recount  # noqa: E402
from bottle import (ANNA, Tunnel, arguments, certificate, keep_promise, need, play,  # noqa: E402
                    until)

JUMPS, JUMPS_LONG = 20, 200
A_LIFE = 10         # jumps between two clean stops
FURTHEST_S = 20 * kill.DAY_S
NOTICED_S = 6       # a smaller jump is the clock being kept right
HOUR_S = 3600
REMIND_MIN = 90     # after the questions: a longer jump would be an outage, which excuses
REMINDER = "rem.go."
# (first day, days): clocks change in them, in February those that follow the moon
PARTS = ((datetime.date(2026, 2, 10), 10), (datetime.date(2026, 3, 22), 18),
         (datetime.date(2026, 10, 20), 16))
WHOLE = ((datetime.date(2026, 1, 1), 366), (datetime.date(2027, 1, 1), 366))
ZONES = ("Europe/Moscow", "Australia/Lord_Howe", "America/New_York", "Asia/Kolkata",
         "Africa/Cairo", "Pacific/Kiritimati", "America/St_Johns", "Etc/UTC")


def settle_people(sobes, people):
    """Zones and times of their own, while the bot is stopped; its start plans them anew."""
    link = sqlite3.connect(sobes.db)
    with link:
        for i, person in enumerate(people):
            at = random.randrange(*((0, 1440) if i % 2 else (500, 1150)))
            link.execute("UPDATE learner SET zone = ?, at_min = ?, day_start_min = ?,"
                         " remind_min = ?, weekdays = ? WHERE id = ?",
                         (ZONES[i % len(ZONES)], at, random.choice((0, 180, 240, 360)),
                          (at + REMIND_MIN) % 1440, 127 if i % 2 else 0x5f, person))
            link.execute("DELETE FROM subscription WHERE learner = ?", (person,))
            for topic, at in ("django", None), ("orm", random.randrange(1440)):
                link.execute("INSERT INTO subscription (learner, topic, at_min)"
                             " VALUES (?, ?, ?)", (person, topic, at))
        link.execute("DELETE FROM alarm WHERE kind = 'sitting'")
    link.close()


class Jumps(kill.World):
    """People who rate what comes, while the daemon's clock goes anywhere."""

    def __init__(self, telegram, sobes):
        super().__init__(telegram, sobes)
        self.ahead_s = 0

    def prepare(self):
        self.begin()
        settle_people(self.sobes, self.people)
        self.slots = [(recount.Calendar(r), r["at_min"]) for r in self.learners()]
        self.evenings = [(recount.Calendar(r), r["remind_min"]) for r in self.learners()]

    def learners(self):
        with promise.Database(self.sobes.db) as db:
            return [dict(r) for r in db.rows(
                "SELECT l.*, coalesce(u.at_min, l.at_min) AS at_min FROM learner l"
                " JOIN subscription u ON u.learner = l.id WHERE l.id <> ?", kill.PROBE)]

    def to_one_of(self, slots, days, now_s):
        """Seconds to just before somebody's questions, or reminder, are due."""
        calendar, minute = random.choice(slots)
        day, _ = calendar.wall(int(now_s * 1000))
        at_ms = calendar.slot(day + random.choice(days), minute)[0]
        return int(at_ms / 1000 - now_s) - 2

    def draw(self):
        now_s = time.time() + self.ahead_s
        by = random.choice((
            lambda: random.randint(1, 5), lambda: random.randint(6, 120),
            lambda: random.randint(120, 6 * HOUR_S), lambda: random.randint(HOUR_S, 12 * HOUR_S),
            lambda: random.randint(kill.DAY_S, 3 * kill.DAY_S),
            lambda: self.to_one_of(self.slots, (-2, -1, 0, 1, 2), now_s),
            lambda: self.to_one_of(self.slots, (0, 1), now_s),
            lambda: self.to_one_of(self.evenings, (0,), now_s),
            lambda: self.to_one_of(self.evenings, (0,), now_s)))()
        by *= random.choice((1, 1, -1)) if by > 0 else 1
        by = max(-3 * kill.DAY_S, min(by, 3 * kill.DAY_S))
        return by if abs(self.ahead_s + by) < FURTHEST_S else -by

    def moves(self):
        return self.sobes.said().count("the clock moved by")

    def jump(self, by_s):
        """The clock jumps, and the bot has done all that follows from it."""
        newest = lambda: self.telegram.messages(kill.PROBE)[0]["id"]
        before, said = self.moves(), newest()
        self.ahead_s += by_s
        self.sobes.travel(self.ahead_s)
        self.telegram.say("/help", kill.PROBE)  # something happens, so it looks at the clock
        if abs(by_s) >= NOTICED_S:
            until(lambda: self.moves() > before, "it notices %d s" % by_s, 40)
        until(lambda: newest() > said, "an answer", 30)
        self.telegram.quiet(0.4)

    def react(self):
        for person in random.sample(self.people, len(self.people) // 2):
            for label in "Хорошо*", "Показать ответ", "Хорошо*":
                found = self.telegram.find(label, person)
                if found:
                    self.telegram.press_any(*found, person)
                    time.sleep(0.02)
        self.telegram.quiet(0.3)


    def rate_one(self):
        """She rates a question, this sitting's or one that she asks for."""
        before = len(self.telegram.ledger())
        if not self.telegram.find("Показать ответ"):
            self.telegram.say("/next")
        for label in "Показать ответ", "Хорошо*":
            self.telegram.press(label)
        until(lambda: any(r["kind"] == "toast" and promise.RATING.match(r["data"])
                          for r in self.telegram.ledger()[before:]), "the rating's toast")
        self.telegram.quiet(0.4)


def check_days(telegram, sobes):
    """What the ledger says of mornings and reminders: (how many came, how many reminders)."""
    mornings, reminders = collections.Counter(), collections.Counter()
    with promise.Database(sobes.db) as db:
        first = {promise.hex_token(r["token"]): r for r in db.rows(
            "SELECT d.token, d.learner, group_concat(v.topic || v.day) AS topics FROM delivery d"
            " JOIN sitting s ON s.id = d.sitting JOIN served v ON v.sitting = s.id"
            " WHERE s.scheduled = 1 AND d.place = 1 GROUP BY d.id")}
    for token, _ in promise.sends(promise.Run(ledger=telegram.ledger(), db=sobes.db)):
        r = first.get(token)
        for topic in r["topics"].split(",") if r else ():
            mornings[r["learner"], topic] += 1
    for r in telegram.ledger():
        if r["kind"] == "sent" and r["status"] == 200:
            reminders.update((r["chat"], b["data"]) for b in r["buttons"]
                             if b.get("data", "").startswith(REMINDER))
    twice = [key for counted in (mornings, reminders) for key, n in counted.items() if n > 1]
    need(not twice, "twice on one day: %s" % twice[:5])
    return mornings.total(), reminders.total()


def the_clock_jumps(telegram, sobes, options):
    world = Jumps(telegram, sobes)
    world.prepare()
    for i in range(options.jumps):
        if i % A_LIFE == 0:
            sobes.start()
            until(sobes.has_started, "it has started")
        by_s = world.draw()
        world.jump(by_s)
        if random.random() < 0.5:
            time.sleep(2.5)  # slots ring while the clock goes as it should
            telegram.quiet(0.3)
        if random.random() < 0.6:
            world.react()
        if i % A_LIFE == A_LIFE - 1 or i == options.jumps - 1:
            drained_ms = int((time.time() + world.ahead_s) * 1000)
            need(sobes.stop() == 0, "SIGTERM does not end with 0")
            keep_promise(telegram, sobes, drained_ms=drained_ms, back=True)
    mornings, reminders = check_days(telegram, sobes)
    need(mornings >= options.jumps // 4, "only %d topics were served" % mornings)
    ratings = sobes.rows("SELECT count(*) FROM review WHERE undone_ms IS NULL")[0][0]
    return "%d jumps: topics served %d times, %d ratings, %d reminders" % (
        options.jumps, mornings, ratings, reminders)


def rang(telegram, mark):
    """How many questions came to her with a sound since then."""
    return sum(r["kind"] == "sent" and r["status"] == 200 and r["chat"] == ANNA and
               not json.loads(r["body"]).get("disable_notification") and
               any(b.get("data", "").startswith("d.") for b in r["buttons"])
               for r in telegram.ledger()[mark:])


def a_laptop_sleeps(telegram, sobes, options):
    """Her time is 8:30; the bot's machine sleeps from then on for so long. Late by 6 h at
    most one sitting comes, and the days that were slept through break no streak."""
    world = Jumps(telegram, sobes)
    world.people = [ANNA]
    world.begin()
    link = sqlite3.connect(sobes.db)
    with link:
        link.execute("UPDATE learner SET zone = 'Etc/UTC', at_min = 510, remind_min = NULL")
        link.execute("DELETE FROM alarm WHERE kind = 'sitting'")
    link.close()
    sobes.start()
    until(sobes.has_started, "it has started")
    midnight, told = int(time.time()) // kill.DAY_S * kill.DAY_S, []
    for evening, hours, sittings in ((26.5, 9, 1), (26.5, 5, 0), (22, 20, 0), (22, 72, 0)):
        world.jump(int(midnight + evening * HOUR_S - time.time()) - world.ahead_s)
        mark = len(telegram.ledger())
        world.jump(hours * HOUR_S)
        came = rang(telegram, mark)
        need(came == sittings, "asleep for %d h: %d late sittings, %d are right" %
             (hours, came, sittings))
        world.rate_one()
        told.append("%d h: %d" % (hours, came))
        midnight = int(time.time() + world.ahead_s) // kill.DAY_S * kill.DAY_S
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)
    days, streak = sobes.rows("SELECT (SELECT count(DISTINCT day) FROM review WHERE learner ="
                              " l.id), streak FROM learner l WHERE id = %d" % ANNA)[0]
    need(streak == days, "rated on %d days, the streak is %d" % (days, streak))
    return "late sittings after %s; a streak of %d days holds" % (", ".join(told), streak)


YEARS = {"1970": 0, "2000": 946_684_800, "2099": 4_070_908_800}


def it_starts_in_another_century(telegram, sobes, options):
    """A machine without a battery: Telegram's certificate is not of that time, so nobody is
    served or erased; then the clock is put right, and all goes on."""
    world = Jumps(telegram, sobes)
    gone = world.people[-1]
    ca, pem = certificate(sobes.folder, "good", "DNS:localhost")
    tunnel = Tunnel(sobes.folder, pem, telegram.port)
    kept = "SELECT (SELECT group_concat(id || state || streak) FROM learner)," \
           " (SELECT group_concat(day || topic) FROM served), (SELECT count(*) FROM sitting)," \
           " (SELECT count(*) FROM review), (SELECT count(*) FROM outbox)"
    try:
        world.begin()
        sobes.start()
        telegram.say("/stop", gone)  # half a year later they are erased
        until(lambda: len(telegram.messages(gone)) > 1, "an answer")
        telegram.quiet(0.5)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        sobes.env.update(API_URL="https://localhost:%d" % tunnel.port, CA_FILE=ca)
        before, mark = sobes.rows(kept), len(telegram.ledger())
        for year, at_s in YEARS.items():
            sobes.travel(at_s - time.time())
            said = len(sobes.said())
            sobes.start()
            until(lambda: re.search("is the clock right|the clock is wrong", sobes.said()[said:]),
                  "it says so in %s" % year, 30)
            time.sleep(1)
            need(sobes.stop() == 0, "SIGTERM does not end with 0 in %s" % year)
            need(sobes.rows(kept) == before, "%s changes what is stored: %s, it was %s" % (
                year, sobes.rows(kept), before))
            calls = [r["method"] for r in telegram.ledger()[mark:]]
        need(not calls, "Telegram heard from it: %s" % calls[:5])
        sobes.travel(0)
        sobes.start()
        world.rate_one()
        mark = len(telegram.ledger())
        world.jump(kill.DAY_S)
        until(lambda: rang(telegram, mark) == 1, "tomorrow's question", 90)
        drained_ms = int((time.time() + kill.DAY_S) * 1000)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        need(sobes.rows("SELECT count(*) FROM down WHERE to_ms > %d" % drained_ms) == [(0,)],
             "it was down in the future")
        need(sobes.rows("SELECT count(*) FROM learner WHERE id = %d" % gone) == [(1,)],
             "who had stopped is erased")
        keep_promise(telegram, sobes)
    finally:
        tunnel.stop()
    return "%d years: nothing sent, nobody erased, nothing lost" % len(YEARS)


def a_year_of_mornings(telegram, sobes, options):
    return "; ".join(calendar_year.year(options.year, options.bank, sobes.folder,
                                        options.seed + i, begin, days)
                     for i, (begin, days) in enumerate(WHOLE if options.long else PARTS))


CHECKS = (the_clock_jumps, a_laptop_sleeps, it_starts_in_another_century,
          a_year_of_mornings)


def main():
    p = arguments(__doc__)
    p.add_argument("--year", default="build/year")
    p.add_argument("--jumps", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    options.jumps = options.jumps or (JUMPS_LONG if options.long else JUMPS)
    play(CHECKS, options)


if __name__ == "__main__":
    main()
