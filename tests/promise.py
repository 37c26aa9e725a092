#!/usr/bin/python3
"""The promises of the bot, held against what a run left behind: the ledger of the local
Telegram and the database of the daemon that has stopped.

promise.py --ledger FILE --db FILE [--log FILE]... [more: see --help]
Prints one line an invariant; the last line counts. The ledger is JSON: the rows of the
control verb `ledger`, as a list, as its whole answer, or one a line.

  I1  a rating that was answered "saved" is in the database, and counts once; a card counts
      its ratings and, at most once each, the wrong answers of its owner in battles
  I2  a topic has one scheduled sitting a study day, a question one place in it; a message
      comes twice at most, and only as often as the caller allows
  I3  no scheduled question before it is due, more than 6 h after it, past the end of its
      study day, on a weekday that is off, or late in the quiet hours. Computed from the
      learner's zone and times as they stand at the end: learners whose settings or clock
      were moved during the run are the caller's to name (`moved`) and are left out, and so
      is a topic that is no longer subscribed to. Judged are the first questions of
      scheduled sittings, the rest follow presses. The time is the ledger's, carried over to
      the daemon's clock (`ahead`)
  I4  streak, best, last day and freezes are what reviews, sittings and outages give; so are
      the rows of the calendar
  I5  nothing waits in the outbox that was due when the caller says it must be empty
      (`drained_ms`); at any time: nothing waits there that nothing would ever take out
  I6  after a 403 nothing goes to that chat until the person writes, presses or unblocks
      (`deeds`, and the presses that the ledger shows)
  I7  the file is whole, its references hold, it is ours and of the newest schema
  I8  memory and descriptors stay within bounds (`peak`, sampled by the caller)
  I9  never two requests under way for one chat, within one life of the daemon
  I10 the token is in no file of the run, core files included, and in nothing that /proc
      shows of the process
  I11 no host but the API's is contacted (`trace`, written by strace -f -e trace=%network)
  I12 a question of a battle is put before its group once. Points of votes are what level,
      time and run give, those of players the sum of their votes, those of the boards the sum
      of the battles that are over, in every period. What Telegram's polls hold (`polls`) is
      what is stored. Where an operator has given points back, this is not for you
  I13 a group gets at most 18 messages and edits in any minute
  R   Telegram refuses no call, but edits that change nothing, presses that are too old,
      polls where a group forbids them, calls to a group that has just become a supergroup,
      and what a test asked it to refuse
"""
import argparse
import collections
import contextlib
import dataclasses
import functools
import json
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import urllib.parse

import yaml

import recount

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOKEN_BITS = 2 ** 64 - 1
RATING = re.compile(r"^d\.([0-9a-f]{16})\.([1-4])$")
UNDO = re.compile(r"^d\.([0-9a-f]{16})\.u$")
BUTTON = re.compile(r"^d\.([0-9a-f]{16})\.")
TRAVEL_MS = 3000            # so long after its clock was moved it may have had either time
BOUNDS = {"rss_kb": 24 * 1024, "fds": 32}
PRESS_MS = 2000             # between a press's toast and what else it led to
GROUP_MAX, GROUP_MS = 18, 60_000
ASKED = re.compile(r"^b\.[0-9a-f]{16}\.k\.(\d+)$")
ROUND_VOID, BATTLE_OVER, BOARD_ALL = 3, 3, 3


ALLOWED = ("not modified", "too old", "not enough rights to send polls",
           "upgraded to a supergroup",
           "poll has already been closed")  # what Telegram may refuse; the last by its own timer


class Skip(Exception):
    """What an invariant needs was not given."""


@dataclasses.dataclass
class Run:
    """What is known of a run. None: not known, and what needs it is skipped."""
    ledger: list
    db: str
    copies: int = 0           # extra messages that kills and lost answers account for
    token: str = None
    files: list = ()          # paths to be searched for the token, beside the database's
    shown: dict = None        # what /proc showed of the process: name -> bytes
    deeds: list = None        # (chat, ms, steady us): the person wrote, pressed, unblocked
    lives: list = ()          # steady us of the daemon's starts
    polls: list = None        # messages with polls, as Telegram has them
    ahead: list = ((0, 0),)   # (from ms, ms that the daemon's clock is ahead of the ledger's)
    moved: set = frozenset()  # learners whose settings or clock were moved
    back: bool = False        # the clock was set back: what was missed cannot be told
    drained_ms: int = None    # by the daemon's clock: what was due then must be gone
    peak: dict = None         # "rss_kb", "fds"
    bounds: dict = dataclasses.field(default_factory=lambda: dict(BOUNDS))
    trace: str = None         # strace's file
    api: str = None           # API_URL
    floods: bool = False      # 429 that nobody asked for are let pass


class Database:
    """The database as it was left, read from a copy: opening it would settle its WAL."""

    def __init__(self, path):
        self.folder = tempfile.mkdtemp(prefix="promise-")
        copy = os.path.join(self.folder, "db")
        try:
            for end in ("", "-wal"):
                if not end or os.path.exists(path + end):
                    shutil.copyfile(path + end, copy + end)
            self.link = sqlite3.connect(copy)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        self.link.row_factory = sqlite3.Row

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()
        shutil.rmtree(self.folder)

    def rows(self, sql, *args):
        return self.link.execute(sql, args).fetchall()

    def one(self, sql, *args):
        return self.link.execute(sql, args).fetchone()[0]


def read_text(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


@functools.cache
def toasts_of(word):
    """The texts of a toast in all languages."""
    return {yaml.safe_load(read_text("content", "words", "bot.%s.yaml" % lang))[word]
            for lang in ("ru", "en")}


def hex_token(token):
    return "%016x" % (token & TOKEN_BITS)


def pressed(run, pattern, word):
    """How often each button that fits was answered with these words."""
    texts = toasts_of(word)
    return collections.Counter(pattern.match(r["data"]).groups() for r in run.ledger
                               if r["kind"] == "toast" and r["status"] == 200
                               and r["text"] in texts and pattern.match(r["data"]))


def sends(run):
    """(token, row) of every question that Telegram has put into a chat."""
    for r in run.ledger:
        if r["kind"] == "sent" and r["status"] == 200:
            found = (BUTTON.match(b["data"]) for b in r["buttons"])
            for token in {m.group(1) for m in found if m}:
                yield token, r


def i1_ratings_are_kept(run, db):
    stored, live, undone = (collections.Counter() for _ in range(3))
    for r in db.rows("SELECT d.token, r.grade, r.undone_ms FROM review r"
                     " JOIN delivery d ON d.id = r.delivery"):
        token = hex_token(r["token"])
        stored[token, str(r["grade"])] += 1
        if r["undone_ms"] is None:
            live[token] += 1
        else:
            undone[token,] += 1
    for key, n in pressed(run, RATING, "toast_saved").items():
        if stored[key] < n:
            yield "rating %s of question %s: confirmed %d times, stored %d times" % (
                key[1], key[0], n, stored[key])
    for key, n in pressed(run, UNDO, "toast_undone").items():
        if undone[key] < n:
            yield "question %s: undone %d times, %d of them stored" % (key[0], n, undone[key])
    for token, n in live.items():
        if n > 1:
            yield "question %s: %d ratings count" % (token, n)
    for r in db.rows("WITH live AS (SELECT learner, question, count(*) AS n FROM review"
                     " WHERE undone_ms IS NULL GROUP BY 1, 2), both AS (SELECT learner,"
                     " question FROM live UNION SELECT learner, question FROM card),"
                     " missed AS (SELECT v.person AS learner, r.question, count(*) AS n"
                     " FROM vote v JOIN round r ON r.id = v.round WHERE v.hit = 0"
                     " GROUP BY 1, 2)"
                     " SELECT b.learner, b.question, coalesce(l.n, 0), coalesce(c.reps, 0)"
                     " FROM both b LEFT JOIN live l USING (learner, question)"
                     " LEFT JOIN card c USING (learner, question)"
                     " LEFT JOIN missed m USING (learner, question)"
                     " WHERE coalesce(c.reps, 0) - coalesce(l.n, 0)"
                     " NOT BETWEEN 0 AND coalesce(m.n, 0)"):
        yield "learner %d, question %d: %d ratings, its card counts %d" % tuple(r)


def i2_one_sitting(run, db):
    known = {hex_token(r["token"]) for r in db.rows("SELECT token FROM delivery")}
    sent = collections.Counter(token for token, _ in sends(run))
    for token, n in sent.items():
        if token not in known:
            yield "question %s was sent and is not in the database" % token
        if n > 2:
            yield "question %s was sent %d times" % (token, n)
    extra = sent.total() - len(sent)
    if extra > run.copies:
        yield "%d extra copies, %d are allowed" % (extra, run.copies)
    for r in db.rows("SELECT id FROM sitting s WHERE scheduled = 1 AND NOT EXISTS"
                     " (SELECT 1 FROM served WHERE sitting = s.id)"):
        yield "scheduled sitting %d serves no topic" % r["id"]
    for r in db.rows("SELECT v.*, s.scheduled, s.learner AS whose, s.day AS its FROM served v"
                     " JOIN sitting s ON s.id = v.sitting"):
        # A slot in a gap of the clock, and a move west, are a day behind the sitting's.
        theirs = r["scheduled"] and r["whose"] == r["learner"]
        if not theirs or r["its"] - r["day"] not in (0, 1):
            yield "sitting %d (day %d) cannot have served %s on day %d" % (
                r["sitting"], r["its"], r["topic"], r["day"])
    # What is still being learned may come again at the end; what was not rated may not.
    for r in db.rows("SELECT a.sitting, a.question, a.place AS first, b.place AS second"
                     " FROM delivery a JOIN delivery b ON b.sitting = a.sitting"
                     " AND b.question = a.question AND b.place > a.place"
                     " WHERE a.state <> 'dropped' AND NOT EXISTS"
                     " (SELECT 1 FROM review r WHERE r.delivery = a.id)"):
        yield "sitting %d holds question %d at places %d and %d" % tuple(r)


def daemon_times(run, at_ms):
    """What the daemon's clock may have shown then: two, shortly after it was moved."""
    past = [(since, ahead) for since, ahead in run.ahead if since <= at_ms]
    near = [ahead for since, ahead in past[:-1] if at_ms - past[-1][0] < TRAVEL_MS]
    return {at_ms + ahead for ahead in [past[-1][1], *near[-1:]]}


def i3_in_time(run, db):
    people = {r["id"]: recount.Calendar(r) for r in db.rows("SELECT * FROM learner")
              if r["id"] not in run.moved}
    slots = collections.defaultdict(list)
    for r in db.rows("SELECT v.learner, v.sitting, v.day,"
                     " coalesce(u.at_min, l.at_min) AS at_min FROM served v"
                     " JOIN subscription u ON u.learner = v.learner AND u.topic = v.topic"
                     " JOIN learner l ON l.id = v.learner"):
        if r["learner"] in people:
            slots[r["sitting"]].append(people[r["learner"]].slot(r["day"], r["at_min"]))
    first = {}
    for r in db.rows("SELECT d.token, d.sitting, d.learner, s.sent_ms FROM delivery d"
                     " JOIN sitting s ON s.id = d.sitting"
                     " WHERE s.scheduled = 1 AND d.place = 1"):
        if not slots[r["sitting"]]:
            continue
        first[hex_token(r["token"])] = r
        due = min(s for s, _ in slots[r["sitting"]])
        # Of a clock set back while it was under way the ledger tells, below.
        if r["sent_ms"] is not None and not run.back and \
           r["sent_ms"] < due - recount.EARLY_SLACK_MS:
            yield "sitting %d was delivered %d s before it was due" % (
                r["sitting"], (due - r["sent_ms"]) / 1000)
    for token, row in sends(run):
        if token in first:
            r = first[token]
            wrong = [people[r["learner"]].complaint(at, slots[r["sitting"]])
                     for at in daemon_times(run, row["at_ms"])]
            if all(wrong):
                yield "sitting %d: its question came %s" % (r["sitting"], wrong[0])


def i4_streaks(run, db):
    for who in db.rows("SELECT id, streak, best, last_day, freezes FROM learner"):
        every = db.rows("SELECT day, at_ms, undone_ms FROM review WHERE learner = ?"
                        " ORDER BY id", who["id"])
        live = [r for r in every if r["undone_ms"] is None]
        calendar = db.rows("SELECT day, kind, reviews FROM streak_day WHERE learner = ?",
                           who["id"])
        frozen = frozenset(r["day"] for r in calendar if r["kind"] == "frozen")
        stored = (*tuple(who)[1:], frozen)
        right = recount.streaks(db, who["id"], live, run.back)
        if stored not in right:
            yield "learner %d: streak, best, last day, freezes, frozen: %s is stored, %s is right" % (
                who["id"], stored, " or ".join(map(str, sorted(right, key=str))))
        counts = collections.Counter(r["day"] for r in live)
        kept = {r["day"]: r["reviews"] for r in calendar if r["kind"] == "kept"}
        for day in sorted(kept.keys() | counts.keys()):
            if kept.get(day) != counts.get(day):
                yield "learner %d, day %d: %s ratings are stored, its calendar says %s" % (
                    who["id"], day, counts.get(day), kept.get(day))
        for r in calendar:
            later = [v["at_ms"] for v in every if v["day"] > r["day"]]
            if r["kind"] == "excused" and not later:
                yield "learner %d: day %d is excused before anything was rated after it" % (
                    who["id"], r["day"])
            elif (r["kind"] == "excused" and not run.back and
                  recount.missed(db, who["id"], r["day"] - 1, r["day"] + 1, min(later))[0]):
                yield "learner %d: day %d is excused and was missed" % (who["id"], r["day"])


def i5_outbox_is_empty(run, db):
    for r in db.rows("SELECT o.id, o.method, o.state, l.chat AS lane, l.ready_ms,"
                     " a.due_ms AS again_ms FROM outbox o LEFT JOIN lane l ON l.chat = o.chat"
                     " LEFT JOIN alarm a ON a.kind = 'again' AND a.subject = o.id"):
        what = "row %d (%s, %s)" % (r["id"], r["method"], r["state"])
        due = {"queued": r["ready_ms"], "ambiguous": r["again_ms"], "sending": 0}[r["state"]]
        if due is None:
            yield what + " waits for ever: nothing would take it out"
        elif run.drained_ms is not None and due <= run.drained_ms:
            yield what + " still waits"


def is_since(row, deed):
    """Whether a deed lies after a call's begin: by the steady clock where it is known."""
    _, at_ms, at_us = deed
    began = row.get("began_us")
    return at_us >= began if began and at_us is not None else at_ms >= row["at_ms"]


def i6_silent_after_403(run, db):
    blocked = {}  # chat -> the row of its 403
    presses = [r for r in run.ledger if r["kind"] == "toast"]
    for r in run.ledger:
        if r["kind"] == "toast" or not r["chat"]:
            continue
        mark = blocked.get(r["chat"])
        if mark and not any(d[0] == r["chat"] and is_since(mark, d) for d in run.deeds or ()):
            near = [p for p in presses if p["chat"] == r["chat"] and
                    mark["at_ms"] <= p["at_ms"] <= r["at_ms"] + PRESS_MS]
            if not near and run.deeds is None:
                raise Skip("there was a 403, and nobody says when people wrote")
            if not near:
                yield "%s to chat %d after its 403" % (r["method"], r["chat"])
        if r["status"] == 403:
            blocked[r["chat"]] = r
        elif r["status"] == 200:
            blocked.pop(r["chat"], None)


def expected_pragmas():
    app = re.search(r"\bDB_APPLICATION_ID = (0x[0-9a-f]+)", read_text("db", "db.h"))
    return int(app.group(1), 16), len(os.listdir(os.path.join(ROOT, "db", "migrations")))


def i7_the_file_is_whole(run, db):
    found = [r[0] for r in db.rows("PRAGMA integrity_check")]
    if found != ["ok"]:
        yield "integrity_check: %s" % found[0]
    for r in db.rows("PRAGMA foreign_key_check")[:3]:
        yield "a row of %s refers to no row of %s" % (r[0], r[2])
    app, version = expected_pragmas()
    for name, right in ("application_id", app), ("user_version", version):
        stored = db.one("PRAGMA " + name)
        if stored != right:
            yield "%s is %#x, not %#x" % (name, stored, right)


def i8_within_bounds(run, db):
    if not run.peak:
        raise Skip("memory and descriptors were not sampled")
    for name, most in run.bounds.items():
        if run.peak.get(name, 0) > most:
            yield "%s: %d, at most %d is allowed" % (name, run.peak[name], most)
    if run.bounds.keys() - run.peak.keys():
        raise Skip("not sampled: %s" % ", ".join(run.bounds.keys() - run.peak.keys()))


def i9_one_at_a_time(run, db):
    calls = [r for r in run.ledger if r["chat"] and r["kind"] != "toast"]
    if any("began_us" not in r for r in calls):
        raise Skip("the ledger does not say how long calls were under way")
    calls = [r for r in calls if r["began_us"] and r["ended_us"]]  # 0: never answered
    for chat in {r["chat"] for r in calls}:
        before = None
        for r in sorted((r for r in calls if r["chat"] == chat), key=lambda r: r["began_us"]):
            if before and r["began_us"] < before["ended_us"] and not any(
                    before["began_us"] < life <= r["began_us"] for life in run.lives):
                yield "chat %d: %s began %d us before the answer to %s was out" % (
                    chat, r["method"], before["ended_us"] - r["began_us"], before["method"])
            if not before or r["ended_us"] > before["ended_us"]:
                before = r


def i10_the_token_is_secret(run, db):
    if not run.token:
        raise Skip("the token was not named")
    secret = run.token.split(":")[-1][:12].encode()  # lines may have been cut
    files = {path for path in run.files if os.path.isfile(path)}
    files |= {run.db + end for end in ("", "-wal", "-journal") if os.path.exists(run.db + end)}
    for path in sorted(files):
        with open(path, "rb") as f:
            if secret in f.read():
                yield "the token is in %s" % os.path.basename(path)
    for name, text in (run.shown or {}).items():
        if secret in text:
            yield "the token is in the %s of the process" % name


ADDRESS = re.compile(r"sa_family=AF_(\w+)")
PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
HOST = re.compile(r'inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"')
OUTGOING = re.compile(r"^(?:\d+\s+)?(connect|sendto|sendmsg|sendmmsg)\(")


def i11_only_the_api(run, db):
    if not run.trace:
        raise Skip("the run was not traced")
    url = urllib.parse.urlsplit(run.api)
    port = url.port or (443 if url.scheme == "https" else 80)
    allowed = {(a[4][0], port) for a in socket.getaddrinfo(url.hostname, port)}
    seen = set()
    with open(run.trace, encoding="utf-8", errors="replace") as f:
        for line in f:
            if not OUTGOING.match(line):
                continue
            if "connect(" in line and not ADDRESS.search(line):
                seen.add(("an address strace does not show", 0))
            hosts = [a or b for a, b in HOST.findall(line)]
            seen.update(zip(hosts, map(int, PORT.findall(line))))
            for family in set(ADDRESS.findall(line)) - {"INET", "INET6", "UNIX", "NETLINK",
                                                        "UNSPEC"}:
                seen.add(("an address of family " + family, 0))
    if not seen & allowed:
        yield "strace saw no connection to the API: nothing was judged"
    for host, at in sorted(seen - allowed):
        yield "%s port %d was contacted" % (host, at)


def i12_battles_are_counted(run, db):
    asked = collections.Counter(
        found[1] for r in run.ledger if r["kind"] == "sent" and r["status"] == 200
        for found in (ASKED.match(b["data"]) for b in r["buttons"]) if found)
    for number, n in asked.items():
        if n > 1:
            yield "round %s was put before its group %d times" % (number, n)
    for battle in db.rows("SELECT * FROM battle"):
        yield from recount.battle_votes(db, battle)
    for r in db.rows("SELECT v.round, v.person FROM vote v JOIN round r ON r.id = v.round"
                     " WHERE r.state = ?", ROUND_VOID):
        yield "round %d does not count, and person %d has a vote in it" % tuple(r)
    yield from boards_differ(db)
    for m in run.polls or ():
        yield from poll_differs(db, m["poll"])


def boards_differ(db):
    played = {(r["club"], r["person"]): tuple(r)[2:] for r in db.rows(
        "SELECT b.chat AS club, s.person, sum(s.points), count(*) FROM battle b"
        " JOIN seat s ON s.battle = b.id JOIN player p ON p.club = b.chat"
        " AND p.person = s.person WHERE b.state = ? AND b.chat < 0 AND EXISTS (SELECT 1 FROM"
        " vote v JOIN round r ON r.id = v.round WHERE r.battle = b.id AND v.person = s.person)"
        " GROUP BY 1, 2", BATTLE_OVER)}
    for period in range(BOARD_ALL + 1):
        shown = {(r["club"], r["person"]): tuple(r)[2:] for r in db.rows(
            "SELECT club, person, sum(points), sum(battles) FROM board WHERE period = ?"
            " GROUP BY 1, 2", period)}
        for key in sorted(played.keys() | shown.keys()):
            if played.get(key) != shown.get(key):
                yield "group %d, person %d: (points, battles) %s, the boards of period %d" \
                      " say %s" % (*key, played.get(key), period, shown.get(key))


def poll_differs(db, poll):
    stored = {r["person"]: [r["option"]] for r in db.rows(
        "SELECT v.person, v.option FROM vote v JOIN round r ON r.id = v.round"
        " WHERE r.poll = ?", poll["id"])}
    given = {v["person"]: v["options"] for v in poll["voters"]}
    for person in sorted(stored.keys() | given.keys()):
        if stored.get(person) != given.get(person):
            yield "poll %s: person %d chose %s, stored is %s" % (
                poll["id"], person, given.get(person), stored.get(person))


def i13_groups_are_not_flooded(run, db):
    for chat in {r["chat"] for r in run.ledger if r["chat"] < 0}:
        times = [r["at_ms"] for r in run.ledger if r["chat"] == chat and
                 r["kind"] in ("sent", "edited")]
        for first, last in zip(times, times[GROUP_MAX:]):
            if last - first < GROUP_MS:
                yield "group %d got %d messages and edits within %d ms" % (
                    chat, GROUP_MAX + 1, last - first)


def refusals(run, db):
    for r in run.ledger:
        fine = (r["status"] < 400 or r["fault"] or r["status"] in (403, 409) or
                any(known in r["description"] for known in ALLOWED) or
                (r["status"] == 429 and run.floods))
        if not fine:
            yield "Telegram refused %s: %d %s %s" % (r["method"], r["status"],
                                                     r["description"], r["body"][:300])


INVARIANTS = {"I1": i1_ratings_are_kept, "I2": i2_one_sitting, "I3": i3_in_time,
              "I4": i4_streaks, "I5": i5_outbox_is_empty, "I6": i6_silent_after_403,
              "I7": i7_the_file_is_whole, "I8": i8_within_bounds, "I9": i9_one_at_a_time,
              "I10": i10_the_token_is_secret, "I11": i11_only_the_api,
              "I12": i12_battles_are_counted, "I13": i13_groups_are_not_flooded, "R": refusals}


@dataclasses.dataclass
class Verdict:
    broken: dict   # invariant -> what was seen
    skipped: dict  # invariant -> why
    ratings: int   # confirmed
    copies: int    # extra messages


def check(run):
    broken, skipped = collections.defaultdict(list), {}
    with Database(run.db) as db:
        for name, holds in INVARIANTS.items():
            try:
                broken[name] += holds(run, db)
            except Skip as why:
                skipped[name] = str(why)
            except sqlite3.DatabaseError as trouble:
                broken["I7"].append("the file cannot be read for %s: %s" % (name, trouble))
    sent = collections.Counter(token for token, _ in sends(run))
    return Verdict({name: words for name, words in broken.items() if words}, skipped,
                   pressed(run, RATING, "toast_saved").total(), sent.total() - len(sent))


def read_ledger(path):
    text = read_text(os.path.abspath(path))
    try:
        whole = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return whole["rows"] if isinstance(whole, dict) and "rows" in whole else \
        whole if isinstance(whole, list) else [whole]


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ledger", required=True)
    p.add_argument("--db", required=True)
    p.add_argument("--log", action="append", default=[], help="searched for the token")
    p.add_argument("--token")
    p.add_argument("--copies", type=int, default=0, help="extra messages that are allowed")
    p.add_argument("--drained", type=int, help="the outbox must be empty: daemon's time, ms")
    p.add_argument("--moved", type=int, action="append", default=[],
                   help="a learner whose settings or clock were moved")
    p.add_argument("--deeds", help="JSON: [[chat, ms, steady us or null], ...]")
    p.add_argument("--trace", help="strace -f -e trace=%%network of the daemon")
    p.add_argument("--api", help="API_URL, for --trace")
    options = p.parse_args()
    if options.trace and not options.api:
        p.error("--trace needs --api")
    deeds = json.loads(read_text(os.path.abspath(options.deeds))) if options.deeds else None
    verdict = check(Run(ledger=read_ledger(options.ledger), db=options.db,
                        copies=options.copies, token=options.token, files=options.log,
                        deeds=deeds, moved=set(options.moved), drained_ms=options.drained,
                        trace=options.trace, api=options.api))
    for name in INVARIANTS:
        for words in verdict.broken.get(name, []):
            print("FAIL  %s: %s" % (name, words))
        if name in verdict.skipped:
            print("skip  %s: %s" % (name, verdict.skipped[name]))
        elif name not in verdict.broken:
            print("ok    %s" % name)
    failed, skipped = len(verdict.broken), len(verdict.skipped)
    print("%d passed, %d failed, %d skipped" % (len(INVARIANTS) - failed - skipped, failed,
                                                skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
