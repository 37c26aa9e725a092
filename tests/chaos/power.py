#!/usr/bin/python3
"""Power cuts: the real binary serves people under strace, and then its files are rebuilt as a
cut could have left them: at any step of the trace, what was synced is there, and of the rest
a random part, torn at sectors.

tests/chaos/power.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--states N] [--long]
                     [--seed N]
Of each state: SQLite opens it and integrity_check is content; every rating whose toast had
begun to leave is stored; so is every question that was sent, and every update that Telegram
was told to forget; a backup that has its name is whole. The last line counts.

What a disk may do here: drop or keep each write since the last sync of its file, or keep any
of its 512-byte sectors; drop or keep each ftruncate; and lose the newest changes of names
(created, renamed, removed) since their folder was synced, as the journal of a file system
would. That a file is there at all is the folder's, not the file's, to sync.
"""
import collections
import hashlib
import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import promise  # noqa: E402
from backup import BACKUP, Shelf  # noqa: E402
from bottle import ANNA, Failed, Sobes, Telegram, arguments, need, until  # noqa: E402
from e2e import RATING  # noqa: E402

SECTOR = 512
STATES, STATES_LONG = 2000, 20000
PEOPLE = 8
ROUNDS, ROUNDS_LONG = 1, 6
WORKERS = 2
SHOWN = 5  # complaints of a kind
CALLS = "openat,pwrite64,write,ftruncate,fdatasync,fsync,unlink,rename,link,sendto,sendmsg"
QUERY = re.compile(rb'"callback_query_id":"(\d+)"')
SENT = re.compile(rb'"callback_data":"d\.([0-9a-f]{16})\.')
OFFSET = re.compile(rb'"offset":(\d+)')


# ---- the run ----

class Traced(Sobes):
    """Each life of the daemon leaves a trace."""

    def __init__(self, options, folder, traces, url):
        super().__init__(options, folder, url)
        self.folder_of_traces, self.traces = traces, []

    def start(self, trace=None):
        self.traces.append(os.path.join(self.folder_of_traces, "%d" % len(self.traces)))
        self.around = ["strace", "-D", "-f", "-qq", "-y", "-xx", "-s", "200000", "-e",
                       "signal=none", "-e", "trace=" + CALLS, "-o", self.traces[-1]]
        super().start()


def saved(telegram):
    """query -> (question, grade) of the ratings that were answered "saved"."""
    texts, found = promise.toasts_of("toast_saved"), {}
    for r in telegram.ledger():
        rating = RATING.match(r["data"])
        if r["kind"] == "toast" and rating and r["text"] in texts:
            found[QUERY.search(r["body"].encode()).group(1)] = rating.groups()
    return found


def meet(telegram, people):
    """Each begins, and is asked the first question."""
    for person in people:
        if person != ANNA:
            telegram.control("person", id=person, name="Борис", lang="ru")
        telegram.say("/start", person)
    for label in "Поехали*", "Показать ответ":
        for person in people:
            telegram.press(label, person)
    finish(telegram, people)


def finish(telegram, people):
    """Whose answer is on the screen rates it, and sees the rating confirmed."""
    before = len(saved(telegram))
    for person in people:
        telegram.press("Хорошо*", person)
    until(lambda: len(saved(telegram)) == before + len(people), "the ratings are confirmed")
    for person in people:
        until(lambda: not telegram.find("Хорошо*", person), "the note in its place")


def rate(telegram, people, times):
    for _ in range(times):
        for person in people:
            if not telegram.find("Показать ответ", person):
                telegram.say("/next", person)
        for person in people:
            telegram.press("Показать ответ", person)
        finish(telegram, people)


def live(telegram, sobes, rounds):
    """Ratings, backups, a kill, a morning, clean stops."""
    people = range(ANNA, ANNA + PEOPLE)
    sobes.start()
    meet(telegram, people)
    Shelf(sobes).ask()
    rate(telegram, people, rounds)
    for person in people:
        telegram.say("/next", person)
    time.sleep(0.02)
    sobes.kill()
    sobes.start()
    rate(telegram, people, rounds)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    sobes.travel(24 * 3600 + 5)
    before = len(telegram.messages())
    sobes.start()
    until(lambda: len(telegram.messages()) > before, "tomorrow's question", 60)
    rate(telegram, people, 1)
    Shelf(sobes).ask()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


# ---- its trace ----

def text(hexed):
    return bytes.fromhex(hexed.replace("\\x", ""))


PATH = r'"((?:\\x[0-9a-f]{2})*)"'
FD = r"\d+<((?:\\x[0-9a-f]{2})*)[^>]*>"
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
WRITE = re.compile(FD + ", " + PATH + r", \d+(?:, (\d+))?")
SIZE = re.compile(FD + r", (\d+)")
OPEN = re.compile(r"(?:AT_FDCWD<[^>]*>|" + FD + "), " + PATH + ", ([A-Z_|]+)")
TWO = re.compile(PATH + ", " + PATH)


def lines_of(path):
    """Calls that another thread's cut in two are put together again, where they end."""
    begun = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            pid = line.split(" ", 1)[0]
            if line.endswith(" <unfinished ...>\n"):
                begun[pid] = line[:-len(" <unfinished ...>\n")]
            elif " resumed>" in line:
                yield begun.pop(pid) + line.split(" resumed>", 1)[1]
            else:
                yield line


def events_of(path, folder):
    """(what, file, ...) of every call that succeeded on files below the folder, and
    ("said", bytes) of what went to the network."""
    def inside(hexed):
        name = os.path.normpath(os.path.join(folder, os.fsdecode(text(hexed))))
        return name if name.startswith(folder) else None

    for line in lines_of(path):
        found = LINE.match(line)
        if not found or int(found[4]) < 0:
            continue
        call, args, done = found[2], found[3], int(found[4])
        if call == "openat":
            m = OPEN.match(args)
            name = inside(m[2])
            if name and "O_CREAT" in m[3]:
                yield "create", name
            if name and "O_TRUNC" in m[3]:
                yield "truncate", name, 0
        elif call in ("pwrite64", "write"):
            m = WRITE.match(args)
            name = m and inside(m[1])
            if name:
                yield "write", name, int(m[3]) if m[3] else None, text(m[2])[:done]
        elif call == "ftruncate":
            m = SIZE.match(args)
            if inside(m[1]):
                yield "truncate", inside(m[1]), int(m[2])
        elif call in ("fdatasync", "fsync"):
            name = inside(re.match(FD, args)[1])
            if name:
                yield "sync", name
        elif call == "unlink":
            if inside(re.match(PATH, args)[1]):
                yield "unlink", inside(re.match(PATH, args)[1])
        elif call in ("rename", "link"):
            m = TWO.match(args)
            if inside(m[1]):
                yield call, inside(m[1]), inside(m[2])
        else:
            yield "said", b"".join(map(text, re.findall(PATH, args)))


# ---- the disk ----

class File:
    def __init__(self):
        self.synced, self.now, self.waits = bytearray(), bytearray(), []


def do(data, op):
    if op[0] == "truncate":
        if len(data) > op[1]:
            del data[op[1]:]
        else:
            data.extend(bytes(op[1] - len(data)))
        return
    at, what = op[1:]
    if len(data) < at:
        data.extend(bytes(at - len(data)))
    data[at:at + len(what)] = what


class Disk:
    """What is in memory (`now`), what a sync has made safe, and what waits between."""

    def __init__(self):
        self.names, self.safe, self.waits = {}, {}, []

    def change(self, op, file):
        do(file.now, op)
        file.waits.append(op)

    def rename(self, *changes):
        """(name, file or None)..., all or nothing."""
        for name, file in changes:
            self.names.pop(name, None)
            if file:
                self.names[name] = file
        self.waits.append(changes)

    def play(self, event):
        what, name = event[:2]
        file = self.names.get(name)
        if what == "create" and not file:
            self.rename((name, File()))
        elif what == "unlink":
            self.rename((name, None))
        elif what == "rename":
            self.rename((name, None), (event[2], file))
        elif what == "link":
            self.rename((event[2], file))
        elif what == "truncate":
            self.change(("truncate", event[2]), file)
        elif what == "write" and file:
            at = len(file.now) if event[2] is None else event[2]
            self.change(("write", at, event[3]), file)
        elif what == "sync" and file:
            for op in file.waits:
                do(file.synced, op)
            file.waits.clear()
        elif what == "sync":  # a folder
            settled = [c for c in self.waits if os.path.dirname(c[0][0]) == name]
            self.waits = [c for c in self.waits if c not in settled]
            for changes in settled:
                self.settle(self.safe, changes)

    @staticmethod
    def settle(names, changes):
        for name, file in changes:
            names.pop(name, None)
            if file:
                names[name] = file

    def cut(self, chance):
        """The files as they may be found after the power comes back: name -> bytes."""
        names = dict(self.safe)
        for changes in self.waits[:chance.randint(0, len(self.waits))]:
            self.settle(names, changes)
        kept = chance.choice((0.0, 0.5, 0.9, chance.random()))
        return {name: self.torn(file, kept, chance) for name, file in names.items()}

    @staticmethod
    def torn(file, kept, chance):
        data = bytearray(file.synced)
        for op in file.waits:
            if chance.random() < kept:
                do(data, op)
            elif op[0] == "write" and chance.random() < 0.3:
                at, what = op[1:]
                for begin in range(0, len(what), SECTOR):
                    if chance.random() < 0.5:
                        do(data, ("write", at + begin, what[begin:begin + SECTOR]))
        return data


# ---- what must be found ----

class Told:
    """What the world has been told so far."""

    def __init__(self, confirmed):
        self.by_query = confirmed
        self.ratings = collections.Counter()
        self.questions, self.offset, self.asked = set(), 0, set()

    def hear(self, said):
        for query in QUERY.findall(said):
            if query in self.by_query and query not in self.asked:
                self.asked.add(query)
                self.ratings[self.by_query[query]] += 1
        self.questions |= {q.decode() for q in SENT.findall(said)}
        for offset in OFFSET.findall(said):
            self.offset = max(self.offset, int(offset))


def look(path, told):
    """(kind, words) of what is wrong with the database there."""
    link = sqlite3.connect(path)
    try:
        whole = link.execute("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            yield "corrupt", whole
            return
        if not told.questions and not told.offset:
            return
        at = dict(link.execute("SELECT key, value FROM meta")).get("offset", 0)
        if at < told.offset:
            yield "updates lost", "Telegram has forgotten those below %d, stored is %d" % (
                told.offset, at)
        known = {promise.hex_token(t) for t, in link.execute("SELECT token FROM delivery")}
        for question in sorted(told.questions - known)[:1]:
            yield "questions lost", "question %s was sent" % question
        stored = collections.Counter(
            (promise.hex_token(t), str(g)) for t, g in link.execute(
                "SELECT d.token, r.grade FROM review r JOIN delivery d ON d.id = r.delivery"))
        lost = told.ratings - stored
        if lost:
            yield "ratings lost", "%d of %d" % (lost.total(), told.ratings.total())
    except sqlite3.Error as trouble:
        yield "corrupt", str(trouble)
    finally:
        link.close()


def judge(files, db, told, scratch, good):
    for end in ("", "-wal", "-journal", "-shm"):
        path = os.path.join(scratch, "db" + end)
        if os.path.exists(path):
            os.remove(path)
        if db + end in files:
            with open(path, "wb") as f:
                f.write(files[db + end])
    yield from look(os.path.join(scratch, "db"), told)
    for name, data in files.items():
        if BACKUP.match(os.path.basename(name)):
            mark = hashlib.sha256(data).digest()
            if mark not in good:
                path = os.path.join(scratch, "backup")
                with open(path, "wb") as f:
                    f.write(data)
                bad = [words for _, words in look(path, Told({}))] or (
                    [] if data else ["it is empty"])
                if bad:
                    yield "bad backups", "%s: %s" % (os.path.basename(name), bad[0])
                else:
                    good.add(mark)


def explore(events, db, confirmed, states, part, parts, seed):
    """One worker's share: (states seen, Counter of complaints, examples, ratings at stake)."""
    chance = random.Random(seed * 1000 + part)
    steps = range(len(events))
    spoken = [i for i, e in enumerate(events) if e[0] == "said"]
    mine = sorted(chance.choice(spoken) if i % 4 == 0 else chance.choice(steps)
                  for i in range(states // parts + (part < states % parts)))
    disk, told, at = Disk(), Told(confirmed), 0
    wrong, shown, good = collections.Counter(), [], set()
    scratch = tempfile.mkdtemp(prefix="sobes-power-")
    try:
        for step in mine:
            for event in events[at:step + 1]:
                if event[0] == "said":
                    told.hear(event[1])
                else:
                    disk.play(event)
            at = max(at, step + 1)
            for kind, words in judge(disk.cut(chance), db, told, scratch, good):
                wrong[kind] += 1
                if wrong[kind] <= SHOWN:
                    shown.append("%s at step %d: %s" % (kind, step, words))
    finally:
        shutil.rmtree(scratch)
    return len(mine), wrong, shown


def as_it_was(events, confirmed):
    """The trace tells all: played to its end it gives the files that are there, and every
    rating that was confirmed."""
    disk, told = Disk(), Told(confirmed)
    for event in events:
        if event[0] == "said":
            told.hear(event[1])
        else:
            disk.play(event)
    need(told.asked == set(confirmed) and told.questions and told.offset,
         "the trace lacks calls to Telegram")
    for name, file in disk.names.items():
        need(os.path.exists(name), "%s is not there: the trace lacks a call" % name)
        with open(name, "rb") as f:
            need(f.read() == file.now, "%s differs from its trace" % name)
    need(any(n.endswith(".db") for n in disk.names), "the trace holds no database")


def record(options, work, rounds):
    folder, traces = os.path.join(work, "bot"), os.path.join(work, "traces")
    os.makedirs(folder)
    os.makedirs(traces)
    telegram = Telegram(options)
    sobes = Traced(options, folder, traces, telegram.url)
    try:
        live(telegram, sobes, rounds)
        confirmed = saved(telegram)
    except Failed:
        print("\n".join("        log: " + line for line in sobes.said().splitlines()[-12:]))
        raise
    finally:
        sobes.close()
        telegram.stop()
    time.sleep(0.3)  # strace has written all
    events = [e for path in sobes.traces for e in events_of(path, folder)
              if e[1] != os.path.join(folder, "log")]
    as_it_was(events, confirmed)
    return events, sobes.db, confirmed


def main():
    p = arguments(__doc__)
    p.add_argument("--states", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    states = options.states or (STATES_LONG if options.long else STATES)
    if not shutil.which("strace"):
        print("skip  power cuts: no strace here\n0 passed, 0 failed, 1 skipped")
        return 0
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    tempfile.tempdir = memory
    work, began = tempfile.mkdtemp(prefix="sobes-power-"), time.monotonic()
    try:
        events, db, confirmed = record(options, work,
                                       ROUNDS_LONG if options.long else ROUNDS)
        kinds = collections.Counter(e[0] for e in events)
        recorded = time.monotonic() - began
        with multiprocessing.Pool(WORKERS) as pool:
            parts = pool.starmap(explore, [(events, db, confirmed, states, n, WORKERS,
                                            options.seed) for n in range(WORKERS)])
    except Failed as why:
        print("FAIL  power cuts: %s\n0 passed, 1 failed" % why)
        return 1
    finally:
        shutil.rmtree(work)
    wrong = sum((p[1] for p in parts), collections.Counter())
    for line in [words for p in parts for words in p[2]]:
        print("      " + line)
    print("power cut: %d states of %d calls (%d writes, %d syncs), %d confirmed ratings,"
          " seed %d; recorded in %.0f s, seen in %.0f s" % (
              sum(p[0] for p in parts), len(events), kinds["write"], kinds["sync"],
              len(confirmed), options.seed, recorded, time.monotonic() - began - recorded))
    passed = 0
    for kind in "corrupt", "ratings lost", "questions lost", "updates lost", "bad backups":
        passed += not wrong[kind]
        print("%s  power cut: %s in %d states" % ("FAIL" if wrong[kind] else "ok  ", kind,
                                                  wrong[kind]))
    print("%d passed, %d failed" % (passed, 5 - passed))
    return passed < 5


if __name__ == "__main__":
    sys.exit(main())
