#!/usr/bin/python3
"""A soak: one life of the bot under updates without end, and what it holds afterwards.

tests/chaos/soak.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--updates N] [--long]
                    [--seed N] [NAME...]
Crowd after crowd of new people presses, writes and forges; each has a Telegram of its own, at
the same address, so the bot also loses and finds it again and again. Memory and descriptors
are sampled after each batch: once it is warm neither grows with what it has read. Bytes are
judged, never seconds. The last line counts.
"""
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import bottle  # noqa: E402
from bottle import arguments, need, play, until  # noqa: E402
from crowd import FIRST_PERSON, Crowd  # noqa: E402

UPDATES, UPDATES_LONG = 50_000, 1_000_000
A_TELEGRAM = 25_000   # updates of one crowd
A_BATCH = 2_500       # between two looks at the process
PEOPLE = 40
WARM = 0.3            # of the updates: until then memory may grow
SLACK_KB, SLOPE_KB = 2048, 1  # what a noisy allocator may take; a thousand updates
SLACK_FDS = 3         # connections come and go
FIRST_UPDATE = 600_000_000
READ_S = 300


def memory_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))


def middle(values):
    return sorted(values)[len(values) // 2]


class Soak:
    def __init__(self, sobes, options):
        self.sobes, self.options = sobes, options
        self.put, self.samples = 0, []  # (updates so far, kB, descriptors)

    def look(self):
        pid = self.sobes.process.pid
        need(self.sobes.process.poll() is None, "the daemon has ended")
        self.samples.append((self.put, memory_kb(pid), bottle.fd_count(pid) or 0))

    def crowd(self, telegram, nth, updates):
        """New people meet the bot, then send so many updates in batches."""
        telegram.control("limits", on=False)
        telegram.control("number_from", update=FIRST_UPDATE + nth * 10 * A_TELEGRAM)
        people = Crowd(telegram, FIRST_PERSON + nth * 1000, PEOPLE + 1)
        last = people.people.pop()
        people.meet()
        self.answered(telegram, people, last)  # it may have to find this Telegram first
        telegram.quiet(0.5)
        people.press_all(None, lambda data: data == "o.go")
        telegram.quiet(0.5)
        people.press_all("a", lambda data: data.startswith("d.") and data.endswith(".a"))
        need(len(people.shown) == PEOPLE, "not everybody has a question")
        began = self.put
        while people.put < updates:
            for _ in range(min(A_BATCH, updates - people.put)):
                people.anything()
            self.answered(telegram, people, last)
            self.put = began + people.put
            self.look()
        people.pipe.close()

    def answered(self, telegram, people, last):
        """All that was sent is read: somebody who comes last gets a word."""
        newest = lambda: next((m["id"] for m in telegram.messages(last)), 0)
        before = newest()
        people.say(last, "/help")
        people.pipe.flush()
        until(lambda: newest() > before, "the last one is answered", READ_S)

    def judge(self):
        warm = [s for s in self.samples if s[0] >= WARM * self.put]
        third = max(len(warm) // 3, 1)
        first, last = warm[:third], warm[-third:]
        grown = middle([kb for _, kb, _ in last]) - middle([kb for _, kb, _ in first])
        allowed = SLACK_KB + SLOPE_KB * (last[-1][0] - first[0][0]) // 1000
        need(grown <= allowed, "memory grows by %d kB in %d updates, %d are allowed: %s" % (
            grown, last[-1][0] - first[0][0], allowed, self.samples))
        opened = middle([n for _, _, n in last]) - middle([n for _, _, n in first])
        need(opened <= SLACK_FDS, "%d descriptors more: %s" % (opened, self.samples))
        return grown


def updates_without_end(telegram, sobes, options):
    sobes.env["SENDS_PER_SEC"] = "0"
    soak, began, nth = Soak(sobes, options), time.monotonic(), 0
    port = telegram.port
    sobes.start()
    while soak.put < options.updates:
        if nth:
            telegram.stop()
            telegram.process.stdout.close()
            telegram.__init__(options, "--port", str(port))
        soak.crowd(telegram, nth, min(A_TELEGRAM, options.updates - soak.put))
        nth += 1
    took = time.monotonic() - began
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    grown = soak.judge()
    errors = [l for l in sobes.said().splitlines() if l.startswith("error ") and "net" not in l]
    whole = sobes.rows("PRAGMA integrity_check")
    need(whole == [("ok",)], "integrity_check: %s" % whole[:3])
    return "%d updates of %d crowds in %.0f s; %+d kB since it was warm, %.1f MB at most," \
           " %d descriptors; %d errors logged" % (
               soak.put, nth, took, grown, sobes.peak["rss_kb"] / 1024,
               soak.samples[-1][2], len(errors))


def main():
    p = arguments(__doc__)
    p.add_argument("--updates", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    options.updates = options.updates or (UPDATES_LONG if options.long else UPDATES)
    play((updates_without_end,), options)


if __name__ == "__main__":
    main()
