#!/usr/bin/python3
"""Out of memory: the n-th allocation of the real binary fails (fail_malloc.c), from its start
on and under traffic. By design that is an abort, or a turn that fails whole: then the file is
sound, no transaction is half there, what was confirmed is stored, and the next start serves.

tests/chaos/memory.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--shim FILE] [--long]
                      [--seed N]
The shim is build/fail_malloc.so. The last line counts.
"""
import collections
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import promise  # noqa: E402
from bottle import Failed, Skipped, arguments, keep_promise, need, play, until  # noqa: E402
from e2e import act, onboard  # noqa: E402

# abort() is ours and glib's own for its allocations; libraries that are told so go on.
ENDS = {None: "went on", -signal.SIGABRT: "aborted", -signal.SIGTRAP: "aborted by glib"}
LOOKED_AT = 25  # points between two looks at all promises
SERVES_S = 0.05  # for each thing that people do
SHOWN = 8


def counted(sobes, deeds):
    """How many allocations a life of the daemon has asked for."""
    path = os.path.join(sobes.folder, "count")
    sobes.env["FAIL_MALLOC_COUNT"] = path
    sobes.start()
    until(sobes.has_started, "it has started")
    deeds()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    del sobes.env["FAIL_MALLOC_COUNT"]
    with open(path, encoding="ascii") as f:
        return int(f.read())


def traffic(telegram, sobes):
    """Some of what people do, until the process is gone."""
    for _ in range(3):
        act(telegram)
        end = time.monotonic() + SERVES_S
        while time.monotonic() < end and sobes.process.poll() is None:
            time.sleep(0.01)
        if sobes.process.poll() is not None:
            return


def one_life(telegram, sobes, nth):
    """The end of the life in which that allocation failed."""
    sobes.env["FAIL_MALLOC_AT"] = str(nth)
    sobes.start()
    until(lambda: sobes.process.poll() is not None or sobes.has_started(), "it has started",
          5)
    traffic(telegram, sobes)
    code = sobes.process.poll()
    if code is None:
        code = sobes.stop() or None
    return code


def sound(sobes):
    with promise.Database(sobes.db) as db:
        wrong = list(promise.i7_the_file_is_whole(None, db))
    need(not wrong, wrong[:1])


def the_nth_allocation_fails(telegram, sobes, options):
    shim = os.path.abspath(options.shim)
    if not os.path.exists(shim):
        raise Failed("no %s: make it" % shim)
    if "ASAN_OPTIONS" in os.environ:
        raise Skipped("a sanitizer has allocations of its own")
    onboard(telegram, sobes)
    telegram.quiet(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    sobes.env["LD_PRELOAD"] = shim
    start = counted(sobes, lambda: None)
    both = counted(sobes, lambda: traffic(telegram, sobes))
    points = 2000 if options.long else 100
    ends, wrong = collections.Counter(), []
    for point in range(points):
        nth = 1 + point * start // (points // 2) if point < points // 2 else \
            random.randint(start, (start + both) // 2)
        mark = len(sobes.said())
        try:
            code = one_life(telegram, sobes, nth)
            need(code in ENDS, "it ended with %s: %s" % (code, sobes.said()[mark:][-300:]))
            ends[ENDS[code]] += 1
            if os.path.exists(sobes.db):
                sound(sobes)
        except Failed as why:
            wrong.append("allocation %d: %s" % (nth, why))
            if len(wrong) == SHOWN:
                break
        if point % LOOKED_AT == LOOKED_AT - 1:
            keep_promise(telegram, sobes, point + 1, floods=True)
    need(not wrong, "\n".join(wrong))
    failed = sobes.said().count("fail_malloc: failed\n")
    need(failed >= points // 2,  # the others were never asked for: lives differ
          "only %d allocations failed" % failed)
    del sobes.env["FAIL_MALLOC_AT"], sobes.env["LD_PRELOAD"]
    sobes.start()
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "an answer after it all", 30)
    telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    verdict = keep_promise(telegram, sobes, points, drained_ms=drained_ms, floods=True)
    return "%d points, %d failed, of %d allocations (%d at the start): %s; %d ratings" \
        " confirmed, %d extra copies" % (points, failed, both, start, ", ".join(
            "%d %s" % (n, how) for how, n in ends.most_common()), verdict.ratings,
            verdict.copies)


def main():
    p = arguments(__doc__)
    p.add_argument("--shim", default="build/fail_malloc.so")
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    play((the_nth_allocation_fails,), options)


if __name__ == "__main__":
    main()
