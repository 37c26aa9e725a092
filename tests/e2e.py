#!/usr/bin/python3
"""End to end: the real binary over real sockets against the local Telegram.

tests/e2e.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--kills N] [--seed N] [NAME...]
Only the checks whose name contains a NAME run. Prints one line per check; the last line
counts.
"""
import fcntl
import os
import pty
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import termios
import time

from battle_of_three import BATTLES
from bottle import (Skipped, Sobes, Tunnel, arguments, certificate, keep_promise, need,
                    play, self_signed, until)
from exported import EXPORTED
from operated import OPERATED

RATING = re.compile(r"^d\.([0-9a-f]{16})\.([1-4])$")


def onboard(telegram, sobes, trace=None):
    """/start, a question, its answer, a rating."""
    sobes.start(trace)
    telegram.say("/start")
    telegram.press("Поехали*")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    until(lambda: telegram.find("Отменить*") or telegram.find("*Undo*"), "the rating is shown")


def first_day(telegram, sobes, options):
    onboard(telegram, sobes)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    verdict = keep_promise(telegram, sobes)
    need(verdict.ratings == 1 and verdict.copies == 0, "%s" % verdict)
    return "at most %.1f MB, %d descriptors" % (sobes.peak["rss_kb"] / 1024,
                                                sobes.peak.get("fds", 0))


def the_morning_question_comes(telegram, sobes, options):
    minute = time.time() // 60 * 60  # the person's time is that of /start
    sobes.travel(0)
    onboard(telegram, sobes)
    telegram.quiet(1)
    before = len(telegram.messages())
    sobes.travel(minute + 24 * 3600 - 50 - time.time())
    telegram.say("/help")
    until(lambda: len(telegram.messages()) > before, "an answer tomorrow, before it is due")
    telegram.quiet(1)
    before += 1
    need(len(telegram.messages()) == before, "the question is there before it is due")
    sobes.travel(24 * 3600 + 5)
    until(lambda: len(telegram.messages()) > before, "tomorrow's question", 60)
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    until(lambda: sum(r["kind"] == "toast" and bool(RATING.match(r["data"]))
                      for r in telegram.ledger()) == 2, "the rating's toast")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    days = sobes.rows("SELECT count(DISTINCT day) FROM review")[0][0]
    need(days == 2, "the two ratings are of %d days" % days)
    keep_promise(telegram, sobes)


def act(telegram):
    """One thing that a person would do now, without waiting for what comes of it."""
    for label in ("Хорошо*", "Показать ответ"):
        found = telegram.find(label)
        if found:
            telegram.press_any(*found)
            return label
    telegram.say("/next")
    return "/next"


def killed_at_random_points(telegram, sobes, options):
    onboard(telegram, sobes)
    for _ in range(options.kills):
        for _ in range(random.randint(1, 3)):
            act(telegram)
            time.sleep(random.choice((0, 0, 0.002, 0.01, 0.03, 0.1)))
        time.sleep(random.random() * 0.03)
        sobes.kill()
        sobes.start()
        time.sleep(random.choice((0, 0.01, 0.05, 0.3)))
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "an answer after the kills", 90)
    telegram.quiet()  # what is on its way arrives
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    # Each start may speak as fast as if it were the first: some 429 belong to it.
    verdict = keep_promise(telegram, sobes, options.kills, drained_ms=drained_ms, floods=True)
    return "%d ratings confirmed, %d extra copies" % (verdict.ratings, verdict.copies)


def clean_stops_lose_and_repeat_nothing(telegram, sobes, options):
    onboard(telegram, sobes)
    longest = 0.0
    for _ in range(8):
        act(telegram)
        time.sleep(random.random() * 0.05)
        began = time.monotonic()
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        longest = max(longest, time.monotonic() - began)
        keep_promise(telegram, sobes)
        stuck = sobes.rows("SELECT count(*) FROM outbox WHERE state = 'sending'")[0][0]
        need(stuck == 0, "%d rows are left in flight" % stuck)
        sobes.start()
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "an answer after the stops")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)
    need(longest <= 10, "a stop took %.1f s" % longest)
    return "longest stop %.2f s" % longest


def a_flood_wait_is_kept(telegram, sobes, options):
    onboard(telegram, sobes)
    telegram.control("fail", method="sendMessage", words="429 retry_after=1 times=2")
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "the answer after two 429", 20)
    sends = [r for r in telegram.ledger()[mark:] if r["kind"] == "sent"]
    for a, b in zip(sends, sends[1:]):
        need(b["at_ms"] - a["at_ms"] >= 1000, "sent again before retry_after was over")
    telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes, drained_ms=drained_ms)


def a_chat_has_one_call_at_a_time(telegram, sobes, options):
    onboard(telegram, sobes)
    telegram.quiet()
    telegram.control("fail", method="sendMessage", words="delay=300 times=4")
    mark = len(telegram.ledger())
    for _ in range(4):
        telegram.say("/help")
    until(lambda: sum(r["kind"] == "sent" and r["ended_us"] - r["began_us"] >= 250_000
                      for r in telegram.ledger()[mark:]) > 1, "answers that are slow")
    telegram.quiet()
    drained_ms = sobes.now_ms()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes, drained_ms=drained_ms)


def blocked_people_are_left_alone(telegram, sobes, options):
    onboard(telegram, sobes)
    telegram.quiet()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    telegram.control("fail", method="sendMessage", words="403")
    mark = len(telegram.ledger())
    telegram.say("/help")
    telegram.say("/stats")  # both are answered in one turn: the second answer is not sent
    sobes.start()
    until(lambda: any(r["status"] == 403 for r in telegram.ledger()[mark:]), "the 403")
    telegram.quiet()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes, drained_ms=sobes.now_ms())
    state = sobes.rows("SELECT state FROM learner")[0][0]
    need(state == "blocked", "the person is %s after a 403" % state)
    sobes.start()
    telegram.say("/next")
    telegram.press("Показать ответ")
    until(lambda: telegram.find("Хорошо*"), "the answer after the return")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)


def only_the_api_is_contacted(telegram, sobes, options):
    if os.geteuid() != 0:  # the daemon does not let its own user look into its memory
        raise Skipped("only root can read the addresses of its calls")
    trace = os.path.join(sobes.folder, "trace")
    sobes.env["API_URL"] = "http://localhost:%d" % telegram.port  # a name, to be looked up
    onboard(telegram, sobes, trace)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    with open(trace, encoding="utf-8", errors="replace") as f:
        until(lambda: re.search(r"^%d +\+\+\+ exited" % sobes.process.pid, f.read(), re.M),
              "strace has written all")
    verdict = keep_promise(telegram, sobes)
    need("I11" not in verdict.skipped, verdict.skipped.get("I11"))


def new_bank(sobes, sql):
    """Renamed into the place of the old one, as the compiler does it; then SIGHUP."""
    path = sobes.env["BANK_PATH"]
    shutil.copyfile(path, path + ".new")
    bank = sqlite3.connect(path + ".new")
    bank.executescript(sql)
    bank.close()
    os.replace(path + ".new", path)
    sobes.process.send_signal(signal.SIGHUP)


def a_new_bank_comes_by_sighup(telegram, sobes, options):
    sobes.env["BANK_PATH"] = shutil.copy(options.bank, os.path.join(sobes.folder, "bank.db"))
    onboard(telegram, sobes)
    new_bank(sobes, "UPDATE page SET html = 'ANEW ' || html WHERE part = 0;"
                    "UPDATE info SET value = 'e2e' WHERE key = 'hash'")
    until(lambda: "hash=e2e" in sobes.said(), "the log tells of the new bank")
    telegram.say("/next")
    until(lambda: "ANEW" in telegram.messages()[0]["text"], "a question of the new bank")
    new_bank(sobes, "DROP TABLE page")
    until(lambda: "no bank of this Sobes" in sobes.said(), "a bank that will not do is refused")
    telegram.press("Показать ответ")
    until(lambda: telegram.find("Хорошо*"), "the bank before it serves on")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)


def a_closed_terminal_stops_it(telegram, sobes, options):
    """Its SIGHUP is no operator's: nobody would know of a bot that goes on without a terminal."""
    ours, its = pty.openpty()
    bot = subprocess.Popen([os.path.abspath(options.sobes)], env=sobes.env, cwd=sobes.folder,
                           stdin=its, stdout=its, stderr=its, start_new_session=True,
                           preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(its)
    sobes.process = bot
    telegram.say("/start")
    until(lambda: telegram.find("Поехали*"), "the bot answers")
    bot.send_signal(signal.SIGHUP)
    telegram.say("/start")
    until(lambda: len(telegram.messages()) == 2, "an operator's SIGHUP does not stop it")
    os.close(ours)
    need(bot.wait(15) == 0, "it ended with %s" % bot.returncode)


def a_wrong_token_ends_with_78(telegram, sobes, options):
    sobes.env["BOT_TOKEN"] = "110201543:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    sobes.start()
    code = sobes.ends()
    need(code == 78, "exit code %s" % code)
    need("BBBBBBBB" not in sobes.said(), "the token is in the log")


def a_second_instance_ends_with_75(telegram, sobes, options):
    onboard(telegram, sobes)
    twin = Sobes(options, sobes.folder, telegram.url)
    twin.start()
    began = time.monotonic()
    code = twin.ends()
    twin.close()
    need(code == 75, "exit code %s" % code)
    need(time.monotonic() - began < 2, "it took more than 2 s to see it")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


def over_https(telegram, sobes, options):
    ca, pem = certificate(sobes.folder, "good", "DNS:localhost")
    tunnel = Tunnel(sobes.folder, pem, telegram.port)
    try:
        sobes.env.update(API_URL="https://localhost:%d" % tunnel.port, CA_FILE=ca)
        onboard(telegram, sobes)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        need(tunnel.wire.bytes > 0, "nothing went through the tunnel")
        keep_promise(telegram, sobes)
    finally:
        tunnel.stop()


def refused_tls(telegram, sobes, ca, pem, flaw):
    """With this server the daemon must stay silent: no byte of HTTP leaves it. The log says
    what is wrong with the certificate, and which authorities it was held against."""
    tunnel = Tunnel(sobes.folder, pem, telegram.port)
    try:
        sobes.env.update(API_URL="https://localhost:%d" % tunnel.port, CA_FILE=ca or "")
        sobes.start()
        time.sleep(4)
        need(sobes.process.poll() is None, "the daemon ended: %s" % sobes.process.poll())
        need(tunnel.wire.bytes == 0, "%d bytes of HTTP reached it" % tunnel.wire.bytes)
        need(not telegram.ledger(), "Telegram was called")
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        against = "the authorities of %s" % (ca or "the system (CA_FILE is not set)")
        need("certificate %s; trusted are %s" % (flaw, against) in sobes.said(),
             "the log does not say that it %s" % flaw)
    finally:
        tunnel.stop()


def a_wrong_host_name_gets_nothing(telegram, sobes, options):
    refused_tls(telegram, sobes, *certificate(sobes.folder, "other", "DNS:other.example"),
                "is for another host")


def an_unknown_issuer_gets_nothing(telegram, sobes, options):
    ca, _ = certificate(sobes.folder, "trusted", "DNS:localhost")
    _, pem = certificate(sobes.folder, "stranger", "DNS:localhost")
    refused_tls(telegram, sobes, ca, pem, "is signed by an authority that is not known")


def the_systems_authorities_do_not_know_ours(telegram, sobes, options):
    _, pem = certificate(sobes.folder, "stranger", "DNS:localhost")
    refused_tls(telegram, sobes, None, pem, "is signed by an authority that is not known")


def a_certificate_signed_by_itself_gets_nothing(telegram, sobes, options):
    ca, _ = certificate(sobes.folder, "trusted", "DNS:localhost")
    refused_tls(telegram, sobes, ca, self_signed(sobes.folder, "DNS:localhost"),
                "is signed by itself")


def an_expired_certificate_gets_nothing(telegram, sobes, options):
    sobes.travel(5 * 365 * 24 * 3600)  # to whoever connects then it has expired
    refused_tls(telegram, sobes, *certificate(sobes.folder, "good", "DNS:localhost"),
                "has expired, or the clock is wrong")


def a_certificate_of_tomorrow_gets_nothing(telegram, sobes, options):
    sobes.travel(-3 * 24 * 3600)
    refused_tls(telegram, sobes, *certificate(sobes.folder, "good", "DNS:localhost"),
                "is not valid yet: is the clock right?")


CHECKS = (first_day, the_morning_question_comes, killed_at_random_points,
          clean_stops_lose_and_repeat_nothing, a_flood_wait_is_kept,
          a_chat_has_one_call_at_a_time, blocked_people_are_left_alone,
          only_the_api_is_contacted, a_new_bank_comes_by_sighup, a_closed_terminal_stops_it,
          a_wrong_token_ends_with_78, a_second_instance_ends_with_75, over_https,
          a_wrong_host_name_gets_nothing, an_unknown_issuer_gets_nothing,
          the_systems_authorities_do_not_know_ours, a_certificate_signed_by_itself_gets_nothing,
          an_expired_certificate_gets_nothing, a_certificate_of_tomorrow_gets_nothing, *BATTLES,
          *OPERATED, *EXPORTED)


def main():
    p = arguments(__doc__)
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    p.add_argument("--record", help="a folder, made anew, for what is said to Telegram")
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    if options.record:
        shutil.rmtree(options.record, ignore_errors=True)
        os.makedirs(options.record)
    play(CHECKS, options)


if __name__ == "__main__":
    main()
