#!/usr/bin/python3
"""Hundreds of battles at once, and every score computed again.

battles.py --build BUILD                        the three runs of `make test`
battles.py --build BUILD --groups 200 --players 10 [--kills K] [--seed N] [--faults]

BUILD/battles plays them (tests/battles.c). This judge knows only what people and Telegram
know: the calls with the time at which each answer reached the bot, the updates with the
time at which it got them, the questions in the bank. From that it computes what every vote
was worth, and compares it with the database, the reveals, the podiums and the boards. The
rules are those of the game, written here a second time:

  points   1000 (1 - t / 2T) in steps of 25 downwards, times 1, 1.25 or 1.5 by level; t runs
           from the confirmed send to the arrival of the vote; without speed t is 0
  bonus    100 to 500 from the second right answer in a row on; a wrong answer or none ends
           the row, a skipped or void round does not
  end      everybody who plays has answered (who missed two rounds is not waited for), half
           of them skip, or the time is over

The last line counts the checks: one a kind of check and run.
"""
import argparse
import collections
import datetime
import fractions
import html
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zoneinfo

MINUTE_MS, MINUTE_CALLS, ROUND_CALLS = 60000, 18, 3
LATE_MS = 1500              # a vote that was cast in time may arrive so much later
SEEN_ROUNDS = 60
LEVEL = {1: fractions.Fraction(1), 2: fractions.Fraction(5, 4), 3: fractions.Fraction(3, 2)}
IDLE = 2                    # rounds missed in a row by somebody who is not waited for
VOID, OVER = 3, 3           # states of a round and of a battle in the database
SPEAKS = re.compile(r"^(sendMessage|sendPhoto|sendPoll|edit\w+|stopPoll)$")
BUTTON = re.compile(r"^b\.([0-9a-f]{16})\.(.+)$")
PLACE = re.compile(r"^(?:(🥇|🥈|🥉)|(\d+)\.) (.*) — <b>([\d\u202f]+)</b> · (\d+) (?:из|of) (\d+)$")
BROUGHT = re.compile(r"^(.*) \+(\d+)$")
SHOWN_COMPLAINTS = 20


def buttons(markup):
    """(token, code) of the buttons of a battle."""
    keyboard = json.loads(markup) if isinstance(markup, str) else markup or {}
    for line in keyboard.get("inline_keyboard", ()):
        for b in line:
            m = BUTTON.match(b.get("callback_data", ""))
            if m:
                yield m.groups()


class Call:
    """A call that reached Telegram."""

    def __init__(self, line):
        self.row, self.at_ms, self.method = line["row"], line["at_ms"], line["method"]
        self.status, self.body = line["status"], line["body"]
        self.fault = line.get("fault", False)
        self.answer = line.get("answer", {})     # {}: nobody got it whole
        self.heard_ms = None
        self.chat = int(self.body.get("chat_id", 0))
        self.buttons = list(buttons(self.body.get("reply_markup")))

    def text(self):
        return self.body.get("text") or self.body.get("caption") or ""

    def result(self):
        sent = self.answer.get("result")
        return sent if isinstance(sent, dict) else {}


class Play:
    """All that one run left."""

    def __init__(self, path):
        self.calls, self.groups = {}, {}
        self.ends, self.kills, self.restarts, self.end_ms = set(), 0, 0, None
        self.table = collections.defaultdict(list)
        with open(path, encoding="utf-8") as f:
            for text in f:
                self.read(json.loads(text))
        self.spoken = [c for c in self.calls.values() if SPEAKS.match(c.method) and c.chat < 0]
        self.updates = {}       # id -> (ms, update), as they were got for the last time
        for c in self.calls.values():
            if c.method == "getUpdates" and c.heard_ms is not None:
                for u in c.answer.get("result", ()):
                    self.updates[u["update_id"]] = (c.heard_ms, u)
        self.got = sorted(self.updates.values(), key=lambda got: (got[0], got[1]["update_id"]))

    def read(self, line):
        if "method" in line:
            self.calls[line["row"]] = Call(line)
        elif "heard" in line:
            if line["heard"] in self.calls:
                self.calls[line["heard"]].heard_ms = line["at_ms"]
        elif "group" in line:
            self.groups[line["group"]] = line
        elif "table" in line:
            self.table[line["table"]].append(line["row"])
        elif "killed" in line:
            self.kills += 1
            self.ends.add(line["killed"])
        elif "restarted" in line:
            self.restarts += 1
        elif "end" in line:
            self.end_ms = line["end"]


# ---- the game, once more ----

def worth(level, speed, spent_ms, limit_ms):
    t = min(max(spent_ms, 0), limit_ms) if speed else 0
    steps = (1000 - fractions.Fraction(1000 * t, 2 * limit_ms)) // 25
    return int(25 * steps * LEVEL[level])


class Seat:
    def __init__(self):
        self.points = self.hits = self.row = self.missed = 0
        self.answered = False


class Round:
    def __init__(self, call, code):
        self.call, self.id = call, int(code)
        number, self.ask = call.body["question"].split(" · ", 1)
        self.number, self.rounds = map(int, number.split("/"))
        self.limit_ms = call.body["open_period"] * 1000
        self.key = call.body["correct_option_ids"][0]
        self.options = [o["text"] for o in call.body["options"]]
        self.poll = call.result().get("poll", {}).get("id")
        self.question = self.level = None
        self.opened_ms, self.known, self.over, self.skipped = None, False, False, False
        self.void = False
        self.early, self.votes, self.skips = [], {}, set()


class Battle:
    def __init__(self, token, call, opener, group):
        self.token, self.chat, self.group = token, call.chat, group
        self.thread = int(call.body.get("message_thread_id", 0))
        self.seats = {opener: Seat()}
        self.opener, self.rounds, self.events = opener, [], []
        self.stopped, self.silent = False, 0
        self.now = None         # the round that is being played

    def waited_for(self):
        return [p for p, s in self.seats.items() if s.missed < IDLE]

    def close(self):
        r = self.now
        if not r or r.over or r.opened_ms is None:
            return
        r.over = True
        if r.skipped:
            return
        self.silent = 0 if r.votes else self.silent + 1
        for person, seat in self.seats.items():
            if person not in r.votes:
                seat.row, seat.missed = 0, seat.missed + 1

    def vote(self, at_ms, person, option):
        r = self.now
        if r.over or person in r.votes:
            return
        seat = self.seats.setdefault(person, Seat())
        points, right = 0, option == r.key
        seat.missed, seat.answered = 0, True
        seat.row = seat.row + 1 if right else 0
        if right:
            seat.hits += 1
            points = worth(r.level, self.group["speed"], at_ms - r.opened_ms, r.limit_ms)
            if self.group["bonus"]:
                points += 100 * min(seat.row - 1, 5)
        seat.points += points
        r.votes[person] = points
        if all(p in r.votes for p in self.waited_for()):
            self.close()

    def open(self, at_ms):
        if self.now.opened_ms is None:
            self.now.opened_ms = at_ms

    def known(self, at_ms):
        """The poll's name has reached the bot: whose vote overtook it is let in."""
        self.open(at_ms)
        self.now.known = True
        for vote in self.now.early:
            self.vote(*vote)

    def time_passes(self, at_ms):
        r = self.now
        if r and r.opened_ms is not None and at_ms > r.opened_ms + r.limit_ms + LATE_MS:
            self.close()

    def pressed(self, at_ms, person, code):
        r = self.now
        if code == "j":
            self.seats.setdefault(person, Seat())
        elif code == "stop":
            self.stopped = True
            if r and r.opened_ms is None:
                r.void = True   # it had not begun
        elif r and code == "k.%d" % r.id and not r.void:
            self.open(at_ms)    # it has been seen: it is there
            if r.over or person not in self.seats:
                return
            r.skips.add(person)
            if len(r.skips) >= max(1, (len(self.waited_for()) + 1) // 2):
                r.skipped = True
                self.close()

    def play(self):
        """The events in the order in which the bot learned of them."""
        self.events.sort(key=lambda e: e[0])
        for (at_ms, _, _), kind, *rest in self.events:
            if self.stopped:
                break
            self.time_passes(at_ms)
            if kind == "asked":
                self.close()
                self.now = rest[0]
                self.now.over = self.now.void
            elif kind == "known" and rest[0] is self.now:
                self.known(at_ms)
            elif kind == "vote" and rest[0] is self.now and not self.now.void:
                if not self.now.known:
                    self.now.early.append((at_ms, *rest[1:]))
                else:
                    self.vote(at_ms, *rest[1:])
            elif kind == "press":
                self.pressed(at_ms, *rest)
        if not self.stopped:
            self.close()

    def counted(self):
        return [r for r in self.rounds if not r.void]

    def standings(self):
        return sorted(((s.points, s.hits) for s in self.seats.values()), reverse=True)


# ---- from the record to the game ----

class Bank:
    def __init__(self, path):
        link = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
        self.level = dict(link.execute("SELECT num, level FROM question"))
        self.quiz = collections.defaultdict(list)
        for num, lang, ask, *options in link.execute(
                "SELECT question, lang, ask, option_1, option_2, option_3, option_4 FROM quiz"):
            self.quiz[lang, ask].append((num, options))
        link.close()

    def find(self, lang, r, stored):
        """The question of a round: its ask, its four options, the right one. Some quizzes
        are word for word alike: then the one that is stored, if it is among them."""
        fits = [num for num, options in self.quiz[lang, r.ask]
                if sorted(options) == sorted(r.options) and options[0] == r.options[r.key]]
        return stored if stored in fits else fits[0] if fits else None


class Judge:
    def __init__(self, play, bank, faults):
        self.play, self.bank, self.faults = play, bank, faults
        self.broken = collections.defaultdict(list)
        self.scores = self.votes = self.voids = 0
        self.busiest = 0        # calls of a group in a minute
        self.names = {}         # person -> how they are called
        self.battles, self.by_round, self.by_poll = {}, {}, {}
        self.kicked = {}        # chat -> when the bot knew
        self.stored_rounds = {r[0]: r for r in play.table["round"]}
        self.reconstruct()

    def fail(self, kind, words, *values):
        self.broken[kind].append(words % values)

    def name(self, person):
        return self.names.get(person, str(person))

    def openers(self):
        """(chat, thread) -> [(ms, person)]: who asked for a battle there."""
        asked = collections.defaultdict(list)
        for at_ms, u in self.play.got:
            press = u.get("callback_query")
            m = press["message"] if press else u.get("message", {})
            data = BUTTON.match(press["data"]) if press else None
            if (data and data.group(2) == "a") or m.get("text", "").startswith("/battle"):
                thread = m.get("message_thread_id", 0) if m.get("is_topic_message") else 0
                who = press["from"] if press else m["from"]
                asked[m["chat"]["id"], thread].append((at_ms, who["id"]))
        return asked

    def reconstruct(self):
        asked = self.openers()
        for c in sorted(self.play.spoken, key=lambda c: c.row):
            for token, code in c.buttons:
                if code == "j" and token not in self.battles:
                    place = c.chat, int(c.body.get("message_thread_id", 0))
                    opener = [who for at_ms, who in asked[place] if at_ms <= c.at_ms][-1]
                    self.battles[token] = Battle(token, c, opener, self.play.groups[c.chat])
                if c.method == "sendPoll" and code.startswith("k.") and c.status == 200:
                    self.add_round(token, c, code[2:])
        for at_ms, u in self.play.got:
            self.add_update(at_ms, u)
        for b in self.battles.values():
            b.play()
            self.votes += sum(len(r.votes) for r in b.rounds)
            self.voids += sum(r.void for r in b.rounds)

    def add_round(self, token, c, code):
        r, b = Round(c, code), self.battles[token]
        if r.id in self.by_round:
            self.fail("polls", "%s: the poll of round %d was sent twice", self.where(b), r.number)
            return
        self.by_round[r.id] = r
        stored = self.stored_rounds.get(r.id, (None,) * 5)
        r.question = self.bank.find(b.group["lang"], r, stored[2])
        r.level = self.bank.level.get(r.question)
        heard = c.heard_ms if r.poll else None
        if heard in self.play.ends and stored[3] == VOID:
            heard = None        # killed at that very instant: it was not stored
        r.void = heard is None
        b.rounds.append(r)
        b.events.append(((c.at_ms, 0, 0), "asked", r))
        if heard is not None:
            b.events.append(((heard, 1, 0), "known", r))
        if r.poll:
            self.by_poll[r.poll] = b, r

    def add_update(self, at_ms, u):
        order = at_ms, 2, u["update_id"]
        if "callback_query" in u:
            q = u["callback_query"]
            self.names[q["from"]["id"]] = q["from"]["first_name"]
            data = BUTTON.match(q["data"])
            b = self.battles.get(data.group(1)) if data else None
            if b and data.group(2) == "x":
                stop = self.stops_at(b, order, q["from"]["id"])
                if stop:
                    b.events.append((stop, "press", q["from"]["id"], "stop"))
            elif b:
                b.events.append((order, "press", q["from"]["id"], data.group(2)))
        elif "poll_answer" in u:
            a = u["poll_answer"]
            self.names[a["user"]["id"]] = a["user"]["first_name"]
            if a["poll_id"] in self.by_poll and a["option_ids"]:
                b, r = self.by_poll[a["poll_id"]]
                b.events.append((order, "vote", r, a["user"]["id"], a["option_ids"][0]))
        elif "my_chat_member" in u:
            m = u["my_chat_member"]
            if m["new_chat_member"]["status"] == "kicked":
                self.kicked[m["chat"]["id"]] = at_ms
        elif "message" in u:
            who = u["message"].get("from", {})
            self.names[who.get("id")] = who.get("first_name")

    def stops_at(self, b, order, person):
        """When a press on Stop ends the battle: its opener's at once, the owner's when
        Telegram has said who that is; another one's never."""
        if person == b.opener:
            return order
        if person != b.group["owner"]:
            return None
        asked = [c.heard_ms for c in self.play.calls.values() if c.method == "getChatMember"
                 and c.chat == b.chat and c.at_ms >= order[0] and c.heard_ms and c.answer]
        return (min(asked), 3, 0) if asked else order

    @staticmethod
    def where(b, r=None):
        place = "group %d" % b.chat + (" topic %d" % b.thread if b.thread else "")
        return place + (" round %d (%d)" % (r.number, r.id) if r else "")

    def was_heard(self, c):
        """Whether the bot surely knows what became of the call: else it may say it again."""
        return c.heard_ms is not None and bool(c.answer) and c.heard_ms not in self.play.ends

    # ---- the checks ----

    def finished(self):
        return [b for b in self.battles.values() if b.chat not in self.kicked]

    def check_questions(self):
        seen = collections.defaultdict(list)
        for b in self.battles.values():
            for r in b.rounds:
                seen[b.chat].append((r.call.row, r, b))
                if r.question is None:
                    self.fail("questions", "%s: %r is no quiz of the bank", self.where(b, r),
                              r.ask)
                elif not 15000 <= r.limit_ms <= 45000:
                    self.fail("questions", "%s: %d ms to answer", self.where(b, r), r.limit_ms)
        for rounds in seen.values():
            rounds.sort(key=lambda x: x[0])
            for i, (_, r, b) in enumerate(rounds):
                if r.question in [x[1].question for x in rounds[max(0, i - SEEN_ROUNDS):i]]:
                    self.fail("questions", "%s: question %s again", self.where(b, r), r.question)

    def check_votes(self):
        stored = {(r, p): points for r, p, points in self.play.table["vote"]}
        right = {(r.id, p): points for b in self.battles.values() for r in b.rounds
                 for p, points in r.votes.items()}
        whose = {r.id: (b, r) for b in self.battles.values() for r in b.rounds}
        for key in sorted(stored.keys() | right.keys()):
            b, r = whose.get(key[0], (None, None))
            if b and b.chat in self.kicked:
                continue
            self.scores += 1
            if stored.get(key) != right.get(key):
                self.fail("votes", "%s, %s: %s points are stored, %s are right",
                          self.where(b, r) if b else "round %d" % key[0], self.name(key[1]),
                          stored.get(key), right.get(key))

    def check_seats(self):
        tokens = {row[1]: row[0] for row in self.play.table["battle"]}
        stored = collections.defaultdict(dict)
        for battle, person, points, hits in self.play.table["seat"]:
            stored[tokens[battle]][person] = points, hits
        for b in self.finished():
            right = {p: (s.points, s.hits) for p, s in b.seats.items()}
            for p in sorted(right.keys() | stored[b.token].keys()):
                self.scores += 1
                if stored[b.token].get(p) != right.get(p):
                    self.fail("seats", "%s, %s: (points, right answers) %s stored, %s right",
                              self.where(b), self.name(p), stored[b.token].get(p), right.get(p))

    def check_reveals(self):
        told = set()
        for c in self.play.spoken:
            ids = [int(code[2:]) for _, code in c.buttons if code.startswith("f.")]
            if not ids or ids[0] not in self.by_round:
                continue
            r = self.by_round[ids[0]]
            b = next(b for b in self.battles.values() if r in b.rounds)
            if b.chat in self.kicked:
                continue
            told.add(r.id)
            line = re.search(r"^✅ (.*)$", c.text(), re.M)
            shown = sorted((html.unescape(m.group(1)), int(m.group(2))) for m in
                           map(BROUGHT.match, line.group(1).split(" · ") if line else ()) if m)
            right = sorted((self.name(p), n) for p, n in r.votes.items() if n)
            self.scores += len(right)
            for name, n in sorted(set(shown) ^ set(right)):
                self.fail("reveals", "%s, %s: +%d is %s", self.where(b, r), name, n,
                          "shown and wrong" if (name, n) in shown else "right and not shown")
        for b in self.finished():
            for r in b.counted():
                quiet = not self.faults and not self.play.ends  # else one may be lost
                if r.over and not b.stopped and r.id not in told and quiet:
                    self.fail("reveals", "%s: no answer was shown", self.where(b, r))

    def check_podium(self, b, text):
        shown = [m for m in map(PLACE.match, text.splitlines()) if m]
        right = b.standings()
        if not right[0][0]:
            if shown:
                self.fail("podiums", "%s: a podium without points", self.where(b))
            return
        by_name = {self.name(p): s for p, s in b.seats.items()}
        ranks = ["🥇", "🥈", "🥉"]
        if len(shown) != min(10, len(right)):
            self.fail("podiums", "%s: %d places for %d players", self.where(b), len(shown),
                      len(right))
        for i, m in enumerate(shown):
            name, seat = html.unescape(m.group(3)), by_name.get(html.unescape(m.group(3)))
            points, hits = int(m.group(4).replace("\u202f", "")), int(m.group(5))
            rank = ranks.index(m.group(1)) + 1 if m.group(1) else int(m.group(2))
            self.scores += 1
            if not seat or (points, hits) != (seat.points, seat.hits):
                self.fail("podiums", "%s, %s: (points, right answers) %s shown, %s right",
                          self.where(b), name, (points, hits),
                          seat and (seat.points, seat.hits))
            elif (points, hits) != right[i] or rank != 1 + sum(p > points for p, _ in right):
                self.fail("podiums", "%s, %s: place %d, rank %d with %d points",
                          self.where(b), name, i + 1, rank, points)
            if int(m.group(6)) != len(b.counted()):
                self.fail("podiums", "%s: %s rounds shown, %d played", self.where(b),
                          m.group(6), len(b.counted()))

    def check_ends(self):
        """The last word of each battle; and that none went on too long or too short."""
        states = {row[0]: row[4] for row in self.play.table["battle"]}
        podiums, lobbies = collections.defaultdict(list), collections.defaultdict(str)
        lobby_of = {}
        for c in sorted(self.play.spoken, key=lambda c: c.row):
            for token, code in c.buttons:
                if code == "a":
                    podiums[token].append(c.text())
                elif code == "j" and c.method == "sendMessage":
                    lobby_of[c.chat, c.result().get("message_id")] = token
            token = lobby_of.get((c.chat, c.body.get("message_id")))
            if token:
                lobbies[token] = "open" if c.buttons else "closed"
        for token, b in self.battles.items():
            if states.get(token) != OVER:
                self.fail("ends", "%s: its state is %s", self.where(b), states.get(token))
            if b.chat in self.kicked:
                continue
            if not podiums[token] and (b.rounds or lobbies[token] != "closed"):
                self.fail("ends", "%s: no podium, no word at the end", self.where(b))
            for text in podiums[token]:
                self.check_podium(b, text)
            played = len(b.counted())
            voids = [r.void for r in b.rounds[-3:]] == [True] * 3
            if b.rounds and not (b.stopped or played == b.rounds[-1].rounds or
                                 b.silent >= 2 or voids):
                self.fail("ends", "%s: ended after %d rounds", self.where(b), played)

    def check_boards(self):
        right = collections.defaultdict(lambda: [0, 0, 0])
        begin_ms = min(c.at_ms for c in self.play.calls.values())
        for b in self.battles.values():
            if b.chat in self.kicked or not any(s.answered for s in b.seats.values()):
                continue
            zone = zoneinfo.ZoneInfo(b.group["zone"])
            day, until = (datetime.datetime.fromtimestamp(ms / 1000, zone).date()
                          for ms in (begin_ms, self.play.end_ms))
            assert day == until, "the run must not cross a midnight"
            first = [day, day - datetime.timedelta(day.weekday()), day.replace(day=1)]
            days = [(d - datetime.date(1970, 1, 1)).days for d in first] + [0]
            top = b.standings()[0][0]
            for p, s in b.seats.items():
                if s.answered:
                    for period in range(4):
                        line = right[b.chat, period, days[period], p]
                        line[0] += s.points
                        line[1] += top > 0 and s.points == top and len(b.seats) > 1
                        line[2] += 1
        stored = {tuple(row[:4]): row[4:] for row in self.play.table["board"]
                  if row[0] not in self.kicked}
        for key in sorted(stored.keys() | right.keys()):
            self.scores += 1
            if stored.get(key) != right.get(key):
                self.fail("boards", "group %d, period %d from day %d, %s: (points, wins, "
                          "battles) %s stored, %s right", *key[:3], self.name(key[3]),
                          stored.get(key), right.get(key))

    def check_budget(self):
        said = collections.defaultdict(list)
        for c in self.play.spoken:
            said[c.chat].append(c.at_ms)
        for chat, times in said.items():
            times.sort()
            first = 0
            for last, at_ms in enumerate(times):
                while at_ms - times[first] >= MINUTE_MS:
                    first += 1
                n = last - first + 1
                self.busiest = max(self.busiest, n)
                if n > MINUTE_CALLS:
                    self.fail("budget", "group %d: %d calls in the minute before %d", chat, n,
                              at_ms)
        self.check_round_budget()

    def check_round_budget(self):
        count, excused = collections.Counter(), collections.Counter()
        playing, of_message = {}, {}
        for c in sorted(self.play.spoken, key=lambda c: c.row):
            place = c.chat, int(c.body.get("message_thread_id", 0))
            codes = {code[:2] for _, code in c.buttons}
            if c.method == "sendPoll":
                playing[place] = next(int(code[2:]) for _, code in c.buttons)
                of_message[c.chat, c.result().get("message_id")] = playing[place]
            if codes & {"j", "n", "a"} or (c.method.startswith("edit")):
                continue        # of the lobby, of the end, of nothing yet
            r = of_message.get((c.chat, c.body["message_id"])) if "message_id" in c.body \
                else playing.get(place)
            for code in (code for _, code in c.buttons if code.startswith("f.")):
                r = int(code[2:])
            count[r] += r is not None
            excused[r] += c.status != 200 or not self.was_heard(c)
        for r, n in count.items():
            if n > ROUND_CALLS + excused[r]:
                self.fail("budget", "round %d: %d messages", r, n)

    def check_refusals(self):
        again = {(c.chat, c.body["message_id"]) for c in self.play.spoken
                 if "message_id" in c.body and not self.was_heard(c)}
        for c in self.play.calls.values():
            if c.status >= 400 and not c.fault and c.chat not in self.kicked and \
                    (c.status == 429 or (c.chat, c.body.get("message_id")) not in again):
                self.fail("refusals", "%s to %d: %d %s", c.method, c.chat, c.status,
                          c.answer.get("description"))
            if c.chat in self.kicked and c.at_ms > self.kicked[c.chat]:
                self.fail("refusals", "%s to %d after it put the bot out", c.method, c.chat)

    def verdict(self):
        """kind -> complaints, also of the kinds that hold."""
        if self.play.end_ms is None or not self.battles:
            self.fail("ends", "the record has no end")
            return self.broken
        for check in (self.check_questions, self.check_votes, self.check_seats,
                      self.check_reveals, self.check_ends, self.check_boards,
                      self.check_budget, self.check_refusals):
            check()
        if not self.votes or not self.scores:
            self.fail("votes", "nobody voted: nothing was compared")
        kinds = ("polls", "questions", "votes", "seats", "reveals", "podiums", "ends",
                 "boards", "budget", "refusals")
        return {kind: self.broken.get(kind, []) for kind in kinds}


# ---- the runs ----

def run(build, bank, o):
    """(passed, failed) of one run."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="battles-") as folder:
        record = o.keep or os.path.join(folder, "record.jsonl")
        command = [os.path.join(build, "battles"), "--bank", bank, "--out", record,
                   "--seed", str(o.seed), "--groups", str(o.groups),
                   "--players", str(o.players), "--kills", str(o.kills)]
        code = subprocess.run(command + ["--faults"] * o.faults, check=False, timeout=900,
                              stderr=None if o.verbose else subprocess.DEVNULL).returncode
        judge = Judge(Play(record), Bank(bank), o.faults)
    broken = judge.verdict()
    if code:
        broken["ends"].append("battles: exit code %d, --verbose says why" % code)
    play = judge.play
    print("seed %d%s: %d groups, %d battles, %d rounds (%d void), %d votes, %d scores compared, "
          "%d kills, %d restarts, busiest minute of a group: %d calls, %.1f s" % (
              o.seed, " with faults" * o.faults, len(play.groups), len(judge.battles),
              len(judge.by_round), judge.voids, judge.votes, judge.scores, play.kills,
              play.restarts, judge.busiest, time.monotonic() - began))
    for kind, complaints in broken.items():
        for words in complaints[:SHOWN_COMPLAINTS]:
            print("FAIL  %s: %s" % (kind, words))
        if len(complaints) > SHOWN_COMPLAINTS:
            print("FAIL  %s: and %d more" % (kind, len(complaints) - SHOWN_COMPLAINTS))
    failed = sum(map(bool, broken.values()))
    return len(broken) - failed, failed


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--bank", help="default: BUILD/bank.db")
    p.add_argument("--groups", type=int, default=0)
    p.add_argument("--players", type=int, default=10)
    p.add_argument("--kills", type=int, default=0, help="and as many clean restarts")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--faults", action="store_true",
                   help="lost answers, 429, refusals, groups that put the bot out")
    p.add_argument("--keep", help="the record is left in this file")
    p.add_argument("--verbose", action="store_true", help="with the bot's log")
    o = p.parse_args()
    runs = [o] if o.groups else [
        argparse.Namespace(**vars(o) | {"groups": groups, "kills": kills, "faults": faults})
        for groups, kills, faults in ((200, 0, False), (40, 10, False), (40, 0, True))]
    counts = [run(o.build, o.bank or os.path.join(o.build, "bank.db"), one) for one in runs]
    passed, failed = map(sum, zip(*counts))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
