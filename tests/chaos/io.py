#!/usr/bin/python3
"""A disk in trouble under the real binary: calls that fail, a full disk, a read-only one, a file
over its limit, and a database with bytes overwritten.

tests/chaos/io.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--long] [--seed N] [NAME...]
Only the checks whose name contains a NAME run. Nothing that was confirmed is lost, the bot
ends by itself only where README.md says so, and it serves again when the disk does, without
being asked to. The last line counts.
"""
import fnmatch
import os
import random
import resource
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import promise  # noqa: E402
from backup import DISK, Shelf, content  # noqa: E402
from bottle import Failed, Skipped, arguments, keep_promise, need, play, until  # noqa: E402
from e2e import RATING, onboard  # noqa: E402

BITE = 32  # bytes overwritten
TROUBLE = "the database is in trouble", "the database does not take updates"
AGAIN_S = 30  # far above what is aimed at, 10 s; the longest is printed


def confirmed(telegram):
    texts = promise.toasts_of("toast_saved")
    return sum(r["kind"] == "toast" and bool(RATING.match(r["data"])) and r["text"] in texts
               for r in telegram.ledger())


def rate(telegram, seconds=AGAIN_S):
    """One question, from /next to its rating; gives how long it took."""
    began, before = time.monotonic(), confirmed(telegram)
    end = began + seconds
    telegram.say("/next")
    pressed = set()
    while confirmed(telegram) == before:
        if time.monotonic() > end:
            raise Failed("not served within %d s" % seconds)
        for label in "Хорошо*", "Показать ответ":
            found = telegram.find(label)
            if found and found not in pressed:
                pressed.add(found)
                telegram.press_any(*found)
                break
        time.sleep(0.02)
    return time.monotonic() - began


def alive(sobes):
    code = sobes.process.poll()
    need(code is None, "it ended with %s" % code)


def settled(telegram, sobes, copies=0):
    telegram.quiet(1)
    alive(sobes)
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    return keep_promise(telegram, sobes, copies, drained_ms=drained_ms, floods=True)


# ---- calls that fail ----

FAILURES = (("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("pwrite64", "EROFS"),
            ("fdatasync", "EIO"), ("ftruncate", "EIO"), ("pread64", "EIO"))


def calls_that_fail(telegram, sobes, options):
    """The K-th call and some after it, from the start on; each is a life of its own."""
    if not shutil.which("strace"):
        raise Skipped("no strace here")
    onboard(telegram, sobes)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    points, longest, ailed, unread = 200 if options.long else len(FAILURES), 0.0, 0, 0
    for point in range(points):
        call, error = FAILURES[point % len(FAILURES)]
        nth = 1 + (point // len(FAILURES)) if point % 2 else random.randint(1, 60)
        last = nth + random.choice((0, 0, 1))
        sobes.around = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", sobes.db, "-P",
                        sobes.db + "-wal", "-e", "trace=" + call,
                        "-e", "inject=%s:error=%s:when=%d..%d" % (call, error, nth, last)]
        mark = len(sobes.said())
        sobes.start()
        try:
            longest = max(longest, rate(telegram))
            until(sobes.has_started, "it has started")
            alive(sobes)
        except Failed as why:
            # What SQLite cannot read it calls damaged; at the start that is an end.
            if call == "pread64" and sobes.process.poll() == DISK and \
                    "it is damaged" in sobes.said()[mark:]:
                unread += 1
                continue
            raise Failed("%s %s at call %d to %d: %s" % (call, error, nth, last, why)) from None
        ailed += any(words in sobes.said()[mark:] for words in TROUBLE) or \
            "trying each second" in sobes.said()[mark:]
        code = sobes.stop()
        need(code == 0, "%s %s at call %d to %d: a stop ends with %s" % (
            call, error, nth, last, code))
    need(ailed, "no call failed")
    sobes.around = []
    sobes.start()
    rate(telegram)
    verdict = settled(telegram, sobes, points)
    return "%d points, %d with trouble in the log, %d unreadable at the start (74), %d ratings," \
        " longest %.1f s" % (points, ailed, unread, verdict.ratings, longest)


# ---- disks ----

class SmallDisk:
    """A file system of a few MiB, with the database on it."""

    def __init__(self, sobes, megabytes=4):
        self.sobes, self.folder = sobes, os.path.join(sobes.folder, "state")
        os.mkdir(self.folder)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs",
                                self.folder], capture_output=True, check=False)
        if mount.returncode:
            raise Skipped("no small disk can be mounted here")
        sobes.db = sobes.env["DB_PATH"] = os.path.join(self.folder, "sobes.db")
        self.ballast = os.path.join(self.folder, "ballast")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sobes.close()
        subprocess.run(["umount", "-l", self.folder], check=True)

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as f:
            for size in 65536, 4096, 512:
                try:
                    while f.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.remove(self.ballast)

    def read_only(self, yes):
        return subprocess.run(["mount", "-o", "remount," + ("ro" if yes else "rw"),
                               self.folder], capture_output=True, check=False).returncode == 0


def offsets(telegram, mark):
    return {r["body"].split('"offset":')[1].split(",")[0] for r in telegram.ledger()[mark:]
            if r["kind"] == "poll" and '"offset":' in r["body"]}


def button(telegram, message, label):
    """Of that very message: (message id, data), or None."""
    for m in telegram.messages():
        for b in sum(m["keyboard"], []):
            if m["id"] == message and fnmatch.fnmatchcase(b["text"], label):
                return m["id"], b["data"]
    return None


def one_trouble(telegram, sobes, breaks, mends):
    """Trouble begins, people go on, trouble ends: (was it noticed, seconds until it serves)."""
    telegram.say("/next")
    until(lambda: telegram.find("Показать ответ"), "a question")
    telegram.quiet(1.2)
    question = telegram.find("Показать ответ")
    breaks()
    before, mark = confirmed(telegram), len(sobes.said())
    telegram.press_any(*question)
    telegram.say("/next")
    end = time.monotonic() + 1.5
    while time.monotonic() < end and not any(w in sobes.said()[mark:] for w in TROUBLE):
        time.sleep(0.02)
    noticed = any(w in sobes.said()[mark:] for w in TROUBLE)
    if noticed:
        since = len(telegram.ledger())
        telegram.say("/stats")
        time.sleep(1.2)
        asked, rows = offsets(telegram, since), telegram.ledger()[since:]
        need(len(asked) <= 1, "it went on to the updates %s while it stored none" % asked)
        need(not [r for r in rows if r["kind"] == "sent"], "it spoke of what is not stored")
        need(confirmed(telegram) == before, "it confirmed what is not stored")
    alive(sobes)
    mends()
    began = time.monotonic()
    good = until(lambda: button(telegram, question[0], "Хорошо*"), "it serves again", AGAIN_S)
    took = time.monotonic() - began
    telegram.press_any(*good)
    until(lambda: confirmed(telegram) > before, "the rating is confirmed", AGAIN_S)
    alive(sobes)
    return noticed, took


def cycles(telegram, sobes, n, breaks, mends):
    longest, noticed = 0.0, 0
    for cycle in range(n):
        if cycle % 5 == 4:  # a log that is short again must grow, and cannot
            need(sobes.stop() == 0, "SIGTERM does not end with 0")
            sobes.start()
        seen, took = one_trouble(telegram, sobes, breaks, mends)
        noticed, longest = noticed + seen, max(longest, took)
    need(noticed >= 0.8 * n, "only %d of %d were noticed" % (noticed, n))
    return "%d cycles, %d noticed, serves again after %.1f s at most" % (n, noticed, longest)


def a_full_disk(telegram, sobes, options):
    with SmallDisk(sobes) as disk:
        onboard(telegram, sobes)
        note = cycles(telegram, sobes, 50 if options.long else 2, disk.fill, disk.free)
        verdict = settled(telegram, sobes)
        disk.fill()
        sobes.start()  # it waits for room, or finds enough
        time.sleep(1.5)
        alive(sobes)
        disk.free()
        rate(telegram)
        disk.fill()
        code = sobes.stop()
        need(code == 0, "a stop on a full disk ends with %s" % code)
        disk.free()
        sobes.start()
        rate(telegram)
        settled(telegram, sobes)
    return "%s; %d ratings" % (note, verdict.ratings)


def a_read_only_disk_at_the_start(telegram, sobes, options):
    with SmallDisk(sobes) as disk:
        onboard(telegram, sobes)
        longest = 0.0
        for _ in range(20 if options.long else 2):
            sobes.kill() if random.random() < 0.5 else sobes.stop()
            need(disk.read_only(True), "remount")
            mark = len(sobes.said())
            sobes.start()
            until(lambda: "trying each second" in sobes.said()[mark:], "it says that it waits")
            alive(sobes)
            need(disk.read_only(False), "remount")
            longest = max(longest, rate(telegram))
        settled(telegram, sobes, 20)
    return "a rating %.1f s at most after the remount" % longest


def a_file_over_its_limit(telegram, sobes, options):
    onboard(telegram, sobes)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size):
        resource.prlimit(sobes.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def breaks():
        limit(os.path.getsize(sobes.db + "-wal"))

    note = cycles(telegram, sobes, 50 if options.long else 1, breaks, lambda: limit(hard))
    settled(telegram, sobes)
    return note


# ---- bytes overwritten ----

def asks(telegram, seconds=12):
    """/next brings a question."""
    mark = len(telegram.ledger())
    telegram.say("/next")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "an answer to /next", seconds)


def serves_or_tells(telegram, sobes, shelf, wholly):
    """"serves", or "tells": it ended with 74, and said how the backup takes its place."""
    mark = len(sobes.said())
    sobes.start()
    try:
        rate(telegram, 12) if wholly else asks(telegram)
        sobes.kill()
        sobes.start()  # after an unclean stop it looks at all of the file
        asks(telegram)
        if sobes.stop() == 0:
            return "serves"
    except Failed as why:
        if sobes.process.poll() is None:
            raise Failed("it neither serves nor ends: %s" % why) from None
    code, said = sobes.process.poll(), sobes.said()[mark:]
    need(code == DISK, "it ended with %s: %s" % (code, said[-600:]))
    need("sobes restore data/backup/%s\n" % shelf.names()[-1] in said,
         "it does not tell the way back: " + said[-600:])
    return "tells"


def bytes_overwritten(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    for _ in range(3):
        rate(telegram)
    shelf.ask()
    sobes.kill()
    logged = content(sobes.db), content(sobes.db + "-wal")
    sobes.start()
    telegram.quiet(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    clean = content(sobes.db), None
    ends, restored, longest = {"serves": 0, "tells": 0}, 0, 0.0
    for point in range(200 if options.long else 10):
        data, log = logged if point % 4 == 3 else clean
        at = random.randrange(0, len(data) - BITE)
        bitten = data[:at] + random.randbytes(BITE) + data[at + BITE:]
        for path, what in (sobes.db, bitten), (sobes.db + "-wal", log):
            if what is not None:
                with open(path, "wb") as f:
                    f.write(what)
            elif os.path.exists(path):
                os.remove(path)
        try:
            end = serves_or_tells(telegram, sobes, shelf, point % 8 == 0)
        except Failed as why:
            raise Failed("bytes %d to %d of %d%s: %s" % (
                at, at + BITE, len(data), "" if log is None else ", with a log", why)) from None
        ends[end] += 1
        if end == "tells" and restored < 5:
            began = time.monotonic()
            shelf.word("restore", shelf.newest())
            longest, restored = max(longest, time.monotonic() - began), restored + 1
            sobes.start()
            rate(telegram)
            need(sobes.stop() == 0, "SIGTERM does not end with 0")
    return "%d points: %d served on, %d ended with 74 and the way back; restored in %.2f s" % (
        sum(ends.values()), ends["serves"], ends["tells"], longest)


CHECKS = (calls_that_fail, a_full_disk, a_read_only_disk_at_the_start, a_file_over_its_limit,
          bytes_overwritten)


def main():
    p = arguments(__doc__)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    play(CHECKS, options)


if __name__ == "__main__":
    main()
