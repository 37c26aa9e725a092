#!/usr/bin/python3
"""The network fails: it is cut, connections die without a word, names do not resolve.

tests/chaos/net.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--long] [NAME...]
Each check runs in a network of its own (netbox.py), several at a time. Asserted: the bot
serves again, no confirmed rating is lost, promise.py holds. Printed beside its aim, never
asserted: seconds until it serves, and the longest that its loop stood still, which is the
slowest of /healthz, asked every 10 ms from outside (before the fault, for comparison, too).
The last line counts.
"""
import sys
import time

from netbox import AIM_MS, AIM_S, ANNA, keep_promise, need, play, until

PATIENCE_S = 120


def told(served_s, box, calm, fault, more=""):
    before, _ = box.longest_ms(calm, fault)
    after, n = box.longest_ms(fault)
    return ("serves after %.1f s (aim %d); the loop stood still %.0f ms at most in %d pokes "
            "(aim %d; before the fault %.0f)%s" % (served_s, AIM_S, after, n, AIM_MS, before,
                                                   more))


def judged(box, copies=0):
    drained_ms = box.drained()
    box.unwatch()
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    return keep_promise(box.telegram, box.sobes, copies=copies, drained_ms=drained_ms)


def ratings(box):
    return box.sobes.rows("SELECT count(*) FROM review")[0][0]


def people_act(box):
    """Calls are under way from now on: an answer to each takes its time at Telegram."""
    for method in "sendMessage", "editMessageText":
        box.telegram.control("fail", method=method, words="delay=400 times=40")
    for person in box.people:
        box.telegram.press("Хорошо*", person)
    for person in box.people:
        box.telegram.say("/next", person)


def busy(make, people):
    """A box whose people are waiting for answers, and since when it is watched at rest."""
    box = make(people=people)
    box.sobes.start()
    box.watch()
    for person in box.people:
        box.onboard(person)
    calm = time.monotonic() - 1
    people_act(box)
    time.sleep(0.7)
    return box, calm


def partitioned(make, seconds, people=5):
    box, calm = busy(make, people)
    fault = time.monotonic()
    box.cut()
    time.sleep(1)
    deaf_us = (fault + 0.5) * 1e6  # what had arrived by then is read
    for person in box.people:
        box.telegram.say("/next", person)
    time.sleep(seconds - 1)
    need(not [r for r in box.telegram.ledger() if (r.get("began_us") or 0) > deaf_us],
         "something came through")
    box.mend()
    served = box.serves(PATIENCE_S)
    verdict = judged(box, copies=people)  # one answer a chat may have been lost
    need(ratings(box) == people, "%d of %d ratings are stored" % (ratings(box), people))
    return told(served, box, calm, fault, "; %d ratings, %d extra copies" %
                (verdict.ratings, verdict.copies))


def a_partition_of_20_s_in_the_middle_of_sends(make, options):
    return partitioned(make, 20)


def a_partition_of_3_s(make, options):
    return partitioned(make, 3)


def a_partition_of_60_s(make, options):
    return partitioned(make, 60)


def a_partition_of_180_s(make, options):
    return partitioned(make, 180)


def twenty_partitions_of_2_s(make, options):
    box = make(people=3)
    box.sobes.start()
    box.watch()
    for person in box.people:
        box.onboard(person)
    calm = fault = time.monotonic()
    longest = 0.0
    for _ in range(20):
        for person in box.people:
            found = box.telegram.find("Хорошо*", person)
            if found:
                box.telegram.press_any(*found, person)
            box.telegram.say("/next", person)
        time.sleep(0.15)
        box.cut()
        time.sleep(2)
        box.mend()
        longest = max(longest, box.serves(PATIENCE_S))
    verdict = judged(box, copies=60)
    return told(longest, box, calm - 5, fault, "; %d ratings, %d extra copies" %
                (verdict.ratings, verdict.copies))


def connections_that_died_without_a_word(make, options):
    """As a NAT forgets them: what goes along them is dropped for good, new ones work."""
    people = 5
    box, calm = busy(make, people)
    fault = time.monotonic()
    dead = box.forget()
    need(dead > 1, "%d connections were open" % dead)
    served = box.serves(PATIENCE_S)
    verdict = judged(box, copies=people)
    need(ratings(box) == people, "%d of %d ratings are stored" % (ratings(box), people))
    return told(served, box, calm, fault, "; %d connections, %d ratings, %d extra copies" %
                (dead, verdict.ratings, verdict.copies))


def by_name(make, **more):
    box = make(names=["telegram.test"], **more)
    box.sobes.env["API_URL"] = "http://telegram.test:%d" % box.relay.port
    return box


def names_vanish_before_the_first_answer(make, options):
    box = by_name(make)
    box.names.swallows = True
    box.sobes.start()
    box.watch()
    fault = time.monotonic()
    until(lambda: "no answer from the resolver" in box.sobes.said(), "the log tells of it", 20)
    time.sleep(12)
    need(not box.telegram.ledger(), "Telegram was called")
    box.names.swallows = False
    served = box.serves(PATIENCE_S)
    until(lambda: "resolves again" in box.sobes.said(), "the log tells of it")
    judged(box)
    longest, n = box.longest_ms(fault)
    return ("serves after %.1f s (aim %d); the loop stood still %.0f ms at most in %d pokes "
            "(aim %d); %d questions" % (served, AIM_S, longest, n, AIM_MS,
                                        len(box.names.asked)))


def names_vanish_while_it_serves(make, options):
    """The addresses it had are good for a day."""
    box = by_name(make)
    box.sobes.start()
    box.watch()
    box.onboard()
    calm = time.monotonic() - 1
    box.telegram.press("Хорошо*")
    box.names.swallows = True
    fault = time.monotonic()
    time.sleep(6)  # a failed connect asks for the name again, five seconds after the last time
    asked = len(box.names.asked)
    port = box.relay.port
    box.forget()
    refused = "add rule inet box from iifname w0 tcp dport %d reject with tcp reset" % port
    box.nft("flush chain inet box from", refused)  # the old connections and new ones
    box.telegram.say("/next", ANNA)
    until(lambda: len(box.names.asked) > asked, "the name is asked for", 60)
    box.mend()
    served = box.serves(PATIENCE_S)
    need(box.names.swallows and "resolves again" not in box.sobes.said(), "names were back")
    box.drained()
    box.names.swallows = False
    judged(box)
    need(ratings(box) == 1, "the rating is not stored")
    return told(served, box, calm, fault, "; %d questions swallowed" %
                (len(box.names.asked) - asked))


CHECKS = (a_partition_of_20_s_in_the_middle_of_sends, connections_that_died_without_a_word,
          names_vanish_before_the_first_answer, names_vanish_while_it_serves)
LONGER = (a_partition_of_3_s, a_partition_of_60_s, a_partition_of_180_s,
          twenty_partitions_of_2_s)

if __name__ == "__main__":
    sys.exit(play(__doc__, CHECKS, LONGER))
