"""Battles of three people, played against the real binary over real HTTP; e2e.py runs them.

Who is right and when is chosen here; what it brought is judged from the database and from
Telegram's own polls (promise.py, I12).
"""
import html
import re
import sqlite3
import time
import urllib.request

from bottle import ANNA, keep_promise, need, until

BEN, VERA = 7000000002, 7000000003
FAST_S = 25  # what the bot says by itself within its pauses, on a busy machine too
PICTURE = (1200, 675, 60 * 1024)  # of a podium: width, height, bytes at most
PNG = b"\x89PNG\r\n\x1a\n"


class Club:
    """A group of three with the bot in it. Anna made it."""

    def __init__(self, telegram, **more):
        self.telegram = telegram
        telegram.control("person", id=BEN, name="Ben", lang="en")
        telegram.control("person", id=VERA, name="Вера", lang="ru")
        self.chat = telegram.control("group", person=ANNA, title="Собес по пятницам",
                                     members=[BEN, VERA], **more)["chat"]
        telegram.groups.append(self.chat)

    def messages(self):
        """What the bot has put into the group, the newest first."""
        people = (ANNA, BEN, VERA)
        return [m for m in self.telegram.control("messages", chat=self.chat,
                                                 limit=200)["messages"]
                if m["from"] not in people and "service" not in m]

    def say(self, text, person=ANNA):
        self.telegram.deed(self.chat)
        self.telegram.control("say", person=person, chat=self.chat, text=text)

    def said(self, pattern, seconds=FAST_S):
        """The newest message that says it, once it is there."""
        return until(lambda: next((m for m in self.messages() if re.search(pattern, m["text"])),
                                  None), "the group hears: %s" % pattern, seconds)

    def key(self, message, label):
        found = [b["data"] for row in message["keyboard"] for b in row if b["text"] == label]
        return found[0] if found else None

    def press(self, label, *people):
        """The newest button of that name."""
        at = until(lambda: next((m for m in self.messages() if self.key(m, label)), None),
                   "a button %s" % label)
        for person in people:
            self.telegram.deed(self.chat)
            self.telegram.control("press", person=person, chat=self.chat, message=at["id"],
                                  data=self.key(at, label))
        return at

    def question(self, number, seconds=FAST_S):
        """The poll of that round, open; and the bot has had time to hear that it arrived:
        killed before, it does not count the round."""
        def asked():
            return next((m for m in self.messages() if "poll" in m and
                         m["poll"]["question"].startswith("%d/" % number) and
                         not m["poll"]["closed"]), None)
        poll = until(asked, "question %d" % number, seconds)
        self.telegram.quiet(0.5)
        return poll

    def vote(self, message, *right, wrong=()):
        """Each of `right` taps the right option, each of `wrong` another."""
        key = message["poll"]["correct"][0]
        for person in (*right, *wrong):
            option = key if person in right else (key + 1) % 4
            self.telegram.control("vote", person=person, chat=self.chat,
                                  message=message["id"], options=[option])

    def revealed(self, n, seconds=FAST_S):
        """Waits until so many rounds have been told."""
        def told():
            answers = [m for m in self.messages() if re.search("^Ответ:", m["text"], re.M)]
            return len(answers) >= n and answers[0]
        return until(told, "the answer to round %d" % n, seconds)

    def begin(self, rounds):
        self.said("Начать баттл|/battle")  # the greeting: a bare command goes to who spoke last
        self.say("/battle django %d" % rounds)
        self.press("Играю", BEN, VERA)
        self.said("Ben, Вера|Вера, Ben")  # drawn again for both: their names are known
        self.press("Начать", ANNA)

    def podium(self):
        """The message of the podium, once its picture is there."""
        until(lambda: any("photo" in m for m in self.messages()), "the podium's picture")
        return next(m for m in self.messages() if "photo" in m)

    def becomes_super(self):
        self.chat = self.telegram.control("migrate", chat=self.chat, person=ANNA)["chat"]
        self.telegram.groups.append(self.chat)


def finish(club, sobes, **more):
    """The battle is over: the bot goes, and everything is judged."""
    club.telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    return keep_promise(club.telegram, sobes, drained_ms=drained_ms, **more)


def results(sobes):
    """person -> (right answers, points) of the only battle, which is over."""
    need(sobes.rows("SELECT count(*) FROM battle WHERE state = 3") == [(1,)],
         "battles: %s" % sobes.rows("SELECT id, state, round FROM battle"))
    return {person: (hits, points) for person, hits, points in
            sobes.rows("SELECT person, hits, points FROM seat")}


def check_picture(club, message):
    """What Telegram got is a podium of the right size, and a PNG also when fetched."""
    width, height, most = PICTURE
    photo = message["photo"]
    need((photo["width"], photo["height"]) == (width, height), "the picture: %s" % photo)
    need(photo["size"] <= most, "the picture has %d bytes" % photo["size"])
    with urllib.request.urlopen(club.telegram.url + photo["url"], timeout=10) as answer:
        data = answer.read()
    need(len(data) == photo["size"] and data.startswith(PNG), "what came is no PNG")


def three_play_a_battle(telegram, sobes, options):
    """Four rounds: all answer; one is late; a skip; and the podium."""
    sobes.wait(telegram, 0)
    club = Club(telegram)
    sobes.start()
    club.press("Начать баттл")  # the greeting
    telegram.say("/start", VERA)  # she learns in private too
    telegram.press("Поехали*", VERA)
    club.begin(4)
    club.vote(club.question(1), ANNA, VERA, wrong=[BEN])
    need(re.search("✅ (Анна|Вера) \\+[\\d\u202f]+ · (Анна|Вера) \\+[\\d\u202f]+\n❌ Ben",
                   club.revealed(1)["text"]), club.revealed(1)["text"])
    second = club.question(2)
    club.vote(second, ANNA, wrong=[VERA])
    sobes.wait(telegram, 50)  # longer than any question is open
    club.revealed(2)
    club.question(3)
    club.press("Пропустить", ANNA, BEN)
    need("Вопрос пропущен" in club.revealed(3)["text"], "the round is skipped")
    club.vote(club.question(4), ANNA, BEN, VERA)
    podium = club.podium()
    check_picture(club, podium)
    need(podium["text"].startswith("🏁 Баттл окончен: Django\n\n🥇 Анна — "), podium["text"])
    need(club.key(podium, "Ещё баттл"), "no button for another one")
    finish(club, sobes)
    points = results(sobes)
    need([points[who][0] for who in (ANNA, BEN, VERA)] == [3, 1, 2], "right: %s" % points)
    need(points[ANNA][1] > points[VERA][1] > points[BEN][1] > 0, "points: %s" % points)
    missed = sobes.rows("SELECT count(*) FROM card WHERE learner = %d" % VERA)[0][0]
    need(missed == 1, "%d of Vera's cards are from the battle" % missed)
    need(sobes.rows("SELECT count(*) FROM card WHERE learner <> %d" % VERA) == [(0,)],
         "somebody who does not learn has cards")
    return "the podium has %d KB" % (podium["photo"]["size"] // 1024)


def a_battle_survives_stops_and_kills(telegram, sobes, options):
    """Votes that come while the bot is away count; a round is stopped and killed in."""
    club = Club(telegram)
    sobes.start()
    club.begin(4)
    first = club.question(1)
    club.vote(first, ANNA)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    club.vote(first, VERA, wrong=[BEN])  # nobody is there to hear it
    sobes.start()
    club.revealed(1)
    second = club.question(2)
    club.vote(second, ANNA)
    sobes.kill()
    club.vote(second, VERA, wrong=[BEN])
    sobes.start()
    club.revealed(2)
    sobes.kill()  # in the pause between two rounds
    sobes.start()
    third = club.question(3)
    club.vote(third, ANNA, BEN)
    sobes.kill()
    club.vote(third, VERA)
    time.sleep(0.2)
    sobes.start()
    club.revealed(3)
    club.vote(club.question(4), ANNA, BEN, VERA)
    sobes.kill()  # while the podium is being drawn, or just before
    sobes.start()
    check_picture(club, club.podium())
    finish(club, sobes, copies=4, floods=True)
    points = results(sobes)
    need([points[who][0] for who in (ANNA, BEN, VERA)] == [4, 2, 4], "right: %s" % points)


def a_battle_moves_with_its_group(telegram, sobes, options):
    """The group becomes a supergroup while a question is open."""
    club = Club(telegram)
    sobes.start()
    club.begin(3)
    club.vote(club.question(1), ANNA, BEN, VERA)
    club.revealed(1)
    second = club.question(2)
    club.vote(second, ANNA)
    was = dict(chat=club.chat, message=second["id"])  # people still see it there
    club.becomes_super()
    telegram.control("vote", person=BEN, options=second["poll"]["correct"], **was)
    telegram.control("press", person=VERA, data=club.key(second, "Пропустить"), **was)
    until(lambda: telegram.ledger()[-1]["text"] == "За пропуск: 1 из 2", "her vote to skip")
    telegram.control("vote", person=VERA, options=second["poll"]["correct"], **was)
    club.revealed(1)  # the first one at the new address
    club.vote(club.question(3), ANNA, BEN, wrong=[VERA])
    check_picture(club, club.podium())
    finish(club, sobes)
    need(sobes.rows("SELECT DISTINCT chat FROM battle") == [(club.chat,)], "it is where it was")
    need(sobes.rows("SELECT DISTINCT club FROM board") == [(club.chat,)], "so are its boards")
    points = results(sobes)
    need([points[who][0] for who in (ANNA, BEN, VERA)] == [3, 3, 2], "right: %s" % points)


def where_polls_are_forbidden_buttons_ask(telegram, sobes, options):
    """The same battle where the group lets nobody send polls: each round is a message."""
    club = Club(telegram)
    telegram.control("permit", chat=club.chat, send=True, media=True, polls=False)
    sobes.start()
    club.begin(3)
    for number, wrong in enumerate(([BEN], [], [VERA]), 1):
        asked = club.said("^%d/3 · " % number)
        right = right_button(options, asked)
        keys = [b["data"] for row in asked["keyboard"] for b in row][:4]
        other = next(k for k in keys if k != right)
        for person in (ANNA, BEN, VERA):
            telegram.deed(club.chat)
            telegram.control("press", person=person, chat=club.chat, message=asked["id"],
                             data=other if person in wrong else right)
        club.revealed(number)
    check_picture(club, club.podium())
    need(not telegram.polls(), "there is a poll")
    finish(club, sobes)
    points = results(sobes)
    need([points[who][0] for who in (ANNA, BEN, VERA)] == [3, 2, 2], "right: %s" % points)


def right_button(options, asked):
    """Data of the right one; the bank knows which it is, in a message all look alike. Many
    quizzes ask the same of other code."""
    bank = sqlite3.connect("file:%s?mode=ro" % options.bank, uri=True)
    ask = asked["text"].split("\n")[0].split(" · ", 1)[1]
    keys = [b for row in asked["keyboard"] for b in row][:4]
    shown = re.findall("^[1-4]\\) (.*)$", asked["text"], re.M) or [b["text"] for b in keys]
    rights = [four[0] for code, *four in bank.execute(
        "SELECT code, option_1, option_2, option_3, option_4 FROM quiz WHERE ask = ?", (ask,))
        if sorted(four) == sorted(shown) and
        html.unescape(re.sub("<[^>]*>", "", code)).strip() in asked["text"]]
    bank.close()
    need(len(set(rights)) == 1, "the bank has no such quiz: %s" % ask)
    return keys[shown.index(rights[0])]["data"]
BATTLES = (three_play_a_battle, a_battle_survives_stops_and_kills,
           a_battle_moves_with_its_group, where_polls_are_forbidden_buttons_ask)
