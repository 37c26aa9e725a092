#!/usr/bin/python3
"""A clean stop at any moment: SIGTERM while people talk to the bot, while the morning's
questions go out and in the middle of battles, again and again.

tests/chaos/stop.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--stops N] [--long]
                    [--seed N] [NAME...]
After each stop: exit code 0 within ten seconds, no message twice, no rating lost, nothing
left in flight, and all of promise.py. The last line counts.
"""
import itertools
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kill  # noqa: E402
from bottle import arguments, keep_promise, need, play, until  # noqa: E402

STOPS, STOPS_LONG = 24, 210
LONGEST_S = 10
FLIES = "SELECT count(*) FROM outbox WHERE state = 'sending'"


def stop_somewhere(world):
    """One life, ended after a random piece of what people do: (when, how long it took)."""
    world.sobes.start()
    until(world.sobes.has_started, "it has started")
    if isinstance(world, kill.Mornings) or random.random() < 0.5:
        world.telegram.quiet(0.2)  # what leaves at one time must not arrive a day later
    world.telegram.control("fail", method="sendMessage",
                           words="delay=%d times=99" % random.choice((10, 100, 400, 1500)))
    for pause in itertools.islice(world.steps(), random.randint(1, 24)):
        time.sleep(random.random() * 2 * pause)
    began = time.monotonic()
    code = world.sobes.stop()
    need(code == 0, "SIGTERM ends with %d" % code)
    return began, time.monotonic() - began


def stops(kind, telegram, sobes, options):
    world = kind(telegram, sobes)
    world.begin()
    longest, flying = 0.0, 0
    for i in range(options.a_world):
        mark = len(telegram.ledger())
        at, took = stop_somewhere(world)
        longest = max(longest, took)
        where = "stop %d" % (i + 1)
        rows = telegram.ledger()[mark:]
        flying += any(r["began_us"] < at * 1e6 < r["ended_us"] for r in rows)
        extra = kill.extra_copies(rows)
        need(not extra, "%s: extra copies: %s" % (where, kill.again(rows)))
        need(sobes.rows(FLIES) == [(0,)], "%s: rows are left in flight" % where)
        need(longest <= LONGEST_S, "%s took %.1f s" % (where, longest))
        keep_promise(telegram, sobes)
        telegram.control("heal")
        sobes.wait(telegram, kill.AGAIN_S)
    sobes.start()
    world.settle()
    telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    verdict = keep_promise(telegram, sobes, drained_ms=drained_ms)
    missing = world.rated - kill.stored_ratings(sobes)
    need(not missing, "pressed and not stored: %s" % missing)
    need(flying > 0, "no stop met a call that was under way")
    return "%d stops, %d of them with calls under way, the longest %.2f s; %d ratings" \
           " confirmed, 0 lost; 0 extra copies" % (options.a_world, flying, longest,
                                                   verdict.ratings)


def stopped_while_people_talk(telegram, sobes, options):
    return stops(kill.World, telegram, sobes, options)


def stopped_in_the_morning(telegram, sobes, options):
    return stops(kill.Mornings, telegram, sobes, options)


def stopped_in_battles(telegram, sobes, options):
    return stops(kill.Battles, telegram, sobes, options)


WORLDS = (stopped_while_people_talk, stopped_in_the_morning, stopped_in_battles)


def main():
    p = arguments(__doc__)
    p.add_argument("--stops", type=int)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    wanted = options.stops or (STOPS_LONG if options.long else STOPS)
    options.a_world = -(-wanted // len(WORLDS))
    play(WORLDS, options)


if __name__ == "__main__":
    main()
