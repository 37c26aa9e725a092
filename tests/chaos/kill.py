#!/usr/bin/python3
"""kill -9 at a chosen system call: strace kills the real binary at its K-th pwrite64,
fdatasync, sendto, recvfrom or write while people talk to it, get their morning's questions
or play a battle; then it is started again, and all that it left behind is judged.

tests/chaos/kill.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--points N] [--long]
                    [--seed N] [NAME...]
After each kill: no rating that was confirmed (a toast, or an edit that shows it) is lost, and
no press that Telegram holds either; a chat has one extra copy at most and all chats together
as many as there are requests in flight; and all of promise.py. A world is one life of a
Telegram and a database, and bears many kills. The last line counts.
"""
import collections
import os
import random
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import promise  # noqa: E402
from battle_of_three import Club  # noqa: E402
from bottle import ANNA, arguments, keep_promise, need, play, until  # noqa: E402

CALLS = ("pwrite64", "fdatasync", "sendto", "recvfrom", "write")
IN_FLIGHT = 8      # the default: so many calls may be under way when it dies
AGAIN_S = 50       # a question whose answer was lost comes once more within it
DAY_S = 24 * 3600
CROWD = 8          # people of a world
COMMANDS = ("/help", "/stats", "/privacy", "/settings", "/topic")
A_WORLD = 25       # kills that one world bears
POINTS, POINTS_LONG = 18, 510
CRASHES, CRASHES_LONG, A_LOOP = 1, 10, 20
SHOWN = re.compile(r"^d\.([0-9a-f]{16})\.u$")  # the button of a note that shows a rating
PROBE = ANNA + 99  # asks whether the bot is there


class World:
    """People, and what they do while the bot lives. Nothing waits for what it brings: the
    bot may be dead by then."""

    def __init__(self, telegram, sobes):
        self.telegram, self.sobes = telegram, sobes
        self.people = [ANNA + i for i in range(CROWD)]
        self.rated = set()  # tokens whose rating button was pressed
        self.kills = self.late = self.copies = 0
        # Asked twice, the bot would say twice the same, which is no copy.
        self.asks = [(command, person) for command in COMMANDS for person in self.people]
        random.shuffle(self.asks)
        telegram.control("limits", on=False)  # each start may speak as if it were the first
        for person in self.people[1:] + [PROBE]:
            telegram.control("person", id=person, name="Человек %d" % person, lang="ru")
        sobes.wait(telegram, 0)

    def begin(self):
        """Everybody has rated one question."""
        self.sobes.start()
        for person in self.people + [PROBE]:
            self.telegram.say("/start", person)
        for label in "Поехали*", "Показать ответ", "Хорошо*":
            for person in self.people:
                self.telegram.press(label, person)
        for person in self.people:
            until(lambda: self.telegram.find("Отменить*", person), "the rating is shown")
        self.telegram.quiet(1)
        need(self.sobes.stop() == 0, "SIGTERM does not end with 0")

    def alive(self):
        return self.sobes.process.poll() is None

    def steps(self):
        """What people do in one life: pieces, after each of which it may be dead."""
        people = random.sample(self.people, len(self.people))
        if self.asks:
            self.telegram.say(*self.asks.pop())
        for _ in range(3):
            for person in people:
                self.act(person)
                yield 0.005
            yield 0.03

    def act(self, person):
        for label in "Хорошо*", "Показать ответ":
            found = self.telegram.find(label, person)
            if found:
                if label == "Хорошо*":
                    self.rated.add(promise.BUTTON.match(found[1]).group(1))
                self.telegram.press_any(*found, person)
                return
        self.telegram.say("/next", person)

    def live(self):
        for pause in self.steps():
            time.sleep(random.random() * 2 * pause)
            if not self.alive():
                return

    def settle(self):
        """It answers, and what was to come twice has come."""
        mark = len(self.telegram.ledger())
        self.telegram.say("/help", PROBE)
        until(lambda: any(r["kind"] == "sent" and r["chat"] == PROBE
                          for r in self.telegram.ledger()[mark:]), "an answer after the kill", 60)
        self.telegram.quiet(0.2)
        self.sobes.wait(self.telegram, AGAIN_S)
        self.telegram.quiet(0.3)


class Mornings(World):
    """Each life is a day later: everybody's questions come at once."""

    def steps(self):
        yield 0.02 * (random.random() < 0.5)
        self.sobes.wait(self.telegram, DAY_S)
        yield 0.3
        for _ in range(2):
            for person in self.people:
                self.act(person)
                yield 0.005
            yield 0.02


class Battles(World):
    """Three people play in a group, one battle after the other."""

    def begin(self):
        self.club = Club(self.telegram)
        self.people = [ANNA, ANNA + 1, ANNA + 2]
        self.voted = set()
        self.sobes.start()
        self.telegram.say("/start", PROBE)
        self.club.said("/battle")
        self.telegram.quiet(1)
        need(self.sobes.stop() == 0, "SIGTERM does not end with 0")

    def steps(self):
        self.called = False
        for _ in range(14):
            self.turn()
            yield 0.05

    def turn(self):
        """What the group would do now."""
        said = self.club.messages()
        lobby = next((m for m in said if self.club.key(m, "Начать")), None)
        asked = next((m for m in said if "poll" in m and not m["poll"]["closed"]), None)
        if asked and asked["id"] not in self.voted:
            self.voted.add(asked["id"])
            wrong = random.sample(self.people, random.randint(0, 2))
            self.club.vote(asked, *[p for p in self.people if p not in wrong], wrong=wrong)
        elif lobby:
            for person, label in ((ANNA + 1, "Играю"), (ANNA + 2, "Играю"), (ANNA, "Начать")):
                self.telegram.deed(self.club.chat)
                self.telegram.control("press", person=person, chat=self.club.chat,
                                      message=lobby["id"], data=self.club.key(lobby, label))
        elif not self.runs(said) and not self.called:
            self.called = True  # asked twice it would answer twice
            self.club.say("/battle django %d" % random.randint(3, 5))
        else:
            self.sobes.wait(self.telegram, random.randint(1, 6))

    def runs(self, said):
        """The podium, or the greeting, is the newest: then nothing runs."""
        return not (self.club.key(said[0], "Ещё баттл") or
                    self.club.key(said[0], "Начать баттл"))


# ---- kills ----

def inject(call, nth):
    return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
            "inject=%s:signal=SIGKILL:when=%d" % (call, nth)]


def measure(world):
    """How often the daemon does each call in a life, as strace will count: by thread."""
    trace = os.path.join(world.sobes.folder, "calls")
    world.sobes.around = ["strace", "-D", "-f", "-s", "0", "-o", trace, "-e",
                          "trace=" + ",".join(CALLS)]
    world.sobes.start()
    pid = world.sobes.process.pid
    world.live()
    world.telegram.quiet(0.3)
    need(world.sobes.stop() == 0, "SIGTERM does not end with 0")
    world.sobes.around = []

    def whole():
        with open(trace, encoding="ascii", errors="replace") as f:
            text = f.read()
        return text if re.search(r"^%d +\+\+\+ exited" % pid, text, re.M) else None
    found = collections.Counter(
        re.findall(r"^%d +(\w+)\(" % pid, until(whole, "strace has written all"), re.M))
    need(all(found[call] > 2 for call in CALLS), "calls of a life: %s" % found)
    return found


def wait_for_death(world, seconds):
    """True: it died by itself; else it was killed now."""
    end = time.monotonic() + seconds
    while world.alive() and time.monotonic() < end:
        time.sleep(0.01)
    by_itself = not world.alive()
    if not by_itself:
        world.sobes.kill()
    world.kills += 1
    return by_itself


def die(world, call, nth):
    """One life that ends there, or when people have nothing more to do."""
    world.sobes.around = inject(call, nth)
    world.sobes.start()
    world.live()
    world.late += not wait_for_death(world, 0.3)
    world.sobes.around = []
    code = world.sobes.process.wait()
    need(code == -9, "%s %d: it ended with %d" % (call, nth, code))


def times_said(rows):
    return collections.Counter((r["chat"], r["method"], r["body"]) for r in rows
                               if r["kind"] == "sent" and r["status"] == 200)


def extra_copies(rows):
    """chat -> messages that came again, word for word."""
    found = collections.Counter()
    for (chat, *_), n in times_said(rows).items():
        found[chat] += n - 1
    return +found


def again(rows):
    return [key[2][:200] for key, n in times_said(rows).items() if n > 1]


def stored_ratings(sobes):
    return {promise.hex_token(token) for token, in
            sobes.rows("SELECT d.token FROM review r JOIN delivery d ON d.id = r.delivery")}


def judge(world, mark, where):
    """The daemon has stopped after the life that began at that place of the ledger."""
    ledger = world.telegram.ledger()
    extra = extra_copies(ledger[mark:])
    need(all(n <= 1 for n in extra.values()) and extra.total() <= IN_FLIGHT,
         "%s: extra copies: %s, of %s" % (where, dict(extra), again(ledger[mark:])))
    world.copies += extra.total()
    stored = stored_ratings(world.sobes)
    shown = {m.group(1) for r in ledger if r["kind"] == "edited" and r["status"] == 200
             for m in (SHOWN.match(b["data"]) for b in r["buttons"]) if m}
    need(shown <= stored, "%s: shown and not stored: %s" % (where, shown - stored))
    need(world.rated <= stored, "%s: pressed and not stored: %s" % (where, world.rated - stored))
    try:
        return keep_promise(world.telegram, world.sobes, world.copies)
    except Exception as e:
        e.args = ("%s: %s" % (where, e),)
        raise


def kill_and_judge(world, call, nth):
    where = "kill %d, at %s %d" % (world.kills + 1, call, nth)
    mark = len(world.telegram.ledger())
    die(world, call, nth)
    world.sobes.start()
    world.settle()
    need(world.sobes.stop() == 0, "%s: SIGTERM does not end with 0" % where)
    return judge(world, mark, where)


def spread(calls, n):
    """n points over a life: each call in turn, each of its parts once."""
    turns = -(-n // len(CALLS))
    for i in range(n):
        call, part = CALLS[i % len(CALLS)], i // len(CALLS)
        yield call, 1 + int((part + random.random()) * calls[call] / turns)


def kills(kind, telegram, sobes, options):
    world = kind(telegram, sobes)
    world.begin()
    calls = measure(world)
    for call, nth in spread(calls, options.a_world):
        verdict = kill_and_judge(world, call, nth)
    world.sobes.start()
    world.settle()
    telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes, world.copies, drained_ms=drained_ms)
    need(world.late <= world.kills // 2, "%d of %d kills came after all" % (world.late,
                                                                        world.kills))
    return "%d kills, %d of them at no call; %d ratings confirmed, 0 lost; %d extra copies" % (
        world.kills, world.late, verdict.ratings, world.copies)


def killed_while_people_talk(telegram, sobes, options):
    return kills(World, telegram, sobes, options)


def killed_in_the_morning(telegram, sobes, options):
    return kills(Mornings, telegram, sobes, options)


def killed_in_battles(telegram, sobes, options):
    return kills(Battles, telegram, sobes, options)


def most_copies(rows):
    return max(times_said(rows).values(), default=0)


def after_the_loop(world, mark, where):
    """However often it died, no message has more than two copies."""
    world.sobes.around = []
    world.sobes.start()
    world.settle()
    need(world.sobes.stop() == 0, "%s: SIGTERM does not end with 0" % where)
    rows = world.telegram.ledger()[mark:]
    need(most_copies(rows) <= 2, "%s: a message came %d times" % (where, most_copies(rows)))
    world.copies += extra_copies(rows).total()
    keep_promise(world.telegram, world.sobes, world.copies)


def killed_again_and_again_at_one_call(telegram, sobes, options):
    """A crash loop: each start dies at the same call."""
    world = World(telegram, sobes)
    world.begin()
    calls = measure(world)
    for call, nth in spread(calls, options.loops):
        mark = len(telegram.ledger())
        die(world, call, nth)
        for _ in range(A_LOOP - 1):
            sobes.around = inject(call, nth)
            sobes.start()
            sobes.wait(telegram, AGAIN_S)
            wait_for_death(world, 0.3)
        after_the_loop(world, mark, "%d times at %s %d" % (A_LOOP, call, nth))
    return "%d kills, %d loops; no message came three times" % (world.kills, options.loops)


def killed_again_and_again_before_the_answer(telegram, sobes, options):
    """A crash loop: each start dies when its messages have arrived, and before it hears so."""
    world = World(telegram, sobes)
    world.begin()
    mark = len(telegram.ledger())
    telegram.control("fail", method="sendMessage", words="delay=600 times=9999")
    for person in world.people:
        telegram.say("/next", person)
    for _ in range(A_LOOP):
        sobes.start()
        sobes.wait(telegram, AGAIN_S)
        wait_for_death(world, 0.35)
    telegram.control("heal")
    rows = telegram.ledger()[mark:]
    need(most_copies(rows) > 1, "the loop misses the calls: nothing came twice")
    after_the_loop(world, mark, "%d times before the answers" % A_LOOP)
    return "%d kills; no message came three times, %d came twice" % (world.kills, world.copies)


WORLDS = (killed_while_people_talk, killed_in_the_morning, killed_in_battles)
LOOPS_OF_KILLS = (killed_again_and_again_at_one_call, killed_again_and_again_before_the_answer)


def main():
    p = arguments(__doc__)
    p.add_argument("--points", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    points = options.points or (POINTS_LONG if options.long else POINTS)
    rounds = -(-points // (A_WORLD * len(WORLDS)))
    options.a_world = -(-points // (rounds * len(WORLDS)))
    options.loops = CRASHES_LONG if options.long else CRASHES
    play(WORLDS * rounds + LOOPS_OF_KILLS, options)


if __name__ == "__main__":
    main()
