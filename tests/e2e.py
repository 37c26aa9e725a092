#!/usr/bin/python3
"""End to end: the real binary over real sockets against the local Telegram.

tests/e2e.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--kills N] [--seed N] [NAME...]
Only the checks whose name contains a NAME run. Prints one line per check; the last line
counts.
"""
import argparse
import collections
import fnmatch
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
ANNA = 7000000001
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
RATING = re.compile(r"^d\.([0-9a-f]{16})\.([1-4])$")


class Failed(Exception):
    pass


def need(true, words):
    if not true:
        raise Failed(words)


def until(what, words, seconds=15.0):
    """Waits until what() is true, and gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise Failed("not within %g s: %s" % (seconds, words))


class Telegram:
    """The local Telegram as a process, with its people."""

    def __init__(self, options):
        self.process = subprocess.Popen([options.telegram, "--port", "0"],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.url = "http://127.0.0.1:%d" % self.port
        self.control("person", id=ANNA, name="Анна", lang="ru")

    def control(self, verb, **fields):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        link.request("POST", "/control/" + verb, json.dumps(fields))
        answer = json.loads(link.getresponse().read())
        link.close()
        need(answer["ok"], "control %s: %s" % (verb, answer))
        return answer

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def ledger(self):
        rows, at = [], 0
        while True:
            part = self.control("ledger", **{"from": at, "limit": 2000})
            rows += part["rows"]
            at = part["next"]
            if at >= part["count"]:
                return rows

    def messages(self):
        return [m for m in self.control("messages", person=ANNA)["messages"] if m["from_bot"]]

    def say(self, text):
        self.control("say", person=ANNA, text=text)

    def find(self, label):
        """The newest button that fits: (message id, data), or None."""
        for m in self.messages():
            for b in m["buttons"]:
                if fnmatch.fnmatchcase(b["text"], label) and b["data"]:
                    return m["message_id"], b["data"]
        return None

    def press(self, label):
        message, data = until(lambda: self.find(label), "a button %s" % label)
        self.control("press", person=ANNA, message=message, data=data)
        return data

    def press_any(self, message, data):
        self.control("press", person=ANNA, message=message, data=data)


class Sobes:
    """The daemon: its settings stay, the process comes and goes."""

    def __init__(self, options, folder, url, **more):
        self.options, self.folder, self.process = options, folder, None
        self.db = os.path.join(folder, "sobes.db")
        self.clock = os.path.join(folder, "clock")
        self.log = open(os.path.join(folder, "log"), "ab")
        self.env = {"PATH": "/usr/bin:/bin", "BOT_TOKEN": TOKEN, "API_URL": url,
                    "DB_PATH": self.db, "BANK_PATH": os.path.abspath(options.bank),
                    **more}
        if "ASAN_OPTIONS" in os.environ:  # a sanitized build under libfaketime needs them
            self.env["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]

    def travel(self, seconds):
        """From now on the daemon lives so many seconds in the future."""
        with open(self.clock + ".new", "w", encoding="ascii") as f:
            f.write("%+d\n" % seconds)
        os.replace(self.clock + ".new", self.clock)

    def start(self):
        env = dict(self.env)
        if os.path.exists(self.clock):
            env.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=self.clock,
                       FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1",
                       FAKETIME_NO_CACHE="1")
        self.process = subprocess.Popen([os.path.abspath(self.options.sobes)], env=env,
                                        cwd=self.folder, stdout=self.log, stderr=self.log)

    def ends(self, seconds=15):
        """The exit code of a process that ends by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed("the daemon is still there after %g s" % seconds) from None

    def stop(self):
        """SIGTERM once it listens for it; gives the exit code."""
        until(lambda: "started pid=%d\n" % self.process.pid in self.said(), "it has started")
        time.sleep(0.02)
        self.process.send_signal(signal.SIGTERM)
        return self.ends(12)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.log.close()

    def rows(self, sql):
        """Reads the database of a daemon that is not running."""
        db = sqlite3.connect(self.db)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def said(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()


def onboard(telegram, sobes):
    """/start, a question, its answer, a rating."""
    sobes.start()
    telegram.say("/start")
    telegram.press("Поехали*")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    until(lambda: telegram.find("Отменить*") or telegram.find("*Undo*"), "the rating is shown")


def sent_twice(rows):
    """How often a message came again with the same buttons and the same text."""
    seen = collections.Counter((r["chat"], r["text"], json.dumps(r["buttons"]))
                               for r in rows if r["kind"] == "sent" and r["status"] == 200
                               and r["buttons"])
    return sum(n - 1 for n in seen.values())


def check_promise(telegram, sobes, kills):
    """The database of a stopped daemon against the ledger."""
    rows = telegram.ledger()
    live = collections.Counter(
        "%016x" % (token & (2 ** 64 - 1)) for (token,) in sobes.rows(
            "SELECT d.token FROM review r JOIN delivery d ON d.id = r.delivery"
            " WHERE r.undone_ms IS NULL"))
    confirmed = {RATING.match(r["data"]).group(1) for r in rows
                 if r["kind"] == "toast" and r["status"] == 200 and RATING.match(r["data"])}
    lost = confirmed - set(live)
    need(not lost, "ratings that were confirmed and are gone: %s" % lost)
    need(not live or max(live.values()) == 1, "a rating counts twice")
    copies = sent_twice(rows)
    need(copies <= kills, "%d extra copies after %d kills" % (copies, kills))
    refused = [r for r in rows if r["status"] == 400 and
               "not modified" not in r["description"] and
               "too old" not in r["description"]]
    need(not refused, "Telegram refused: %s" % refused[:1])
    need(sobes.rows("PRAGMA integrity_check") == [("ok",)], "integrity_check")
    need(not sobes.rows("PRAGMA foreign_key_check"), "foreign_key_check")
    return len(confirmed), copies


def first_day(telegram, sobes, options):
    onboard(telegram, sobes)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    confirmed, copies = check_promise(telegram, sobes, 0)
    need(confirmed == 1 and copies == 0, "%d ratings, %d copies" % (confirmed, copies))


def the_morning_question_comes(telegram, sobes, options):
    sobes.travel(0)
    onboard(telegram, sobes)
    before = len(telegram.messages())
    sobes.travel(24 * 3600 + 5)
    until(lambda: len(telegram.messages()) > before, "tomorrow's question", 60)
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    until(lambda: sum(r["kind"] == "toast" and bool(RATING.match(r["data"]))
                      for r in telegram.ledger()) == 2, "the rating's toast")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    days = sobes.rows("SELECT count(DISTINCT day) FROM review")[0][0]
    need(days == 2, "the two ratings are of %d days" % days)
    check_promise(telegram, sobes, 0)


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
    time.sleep(1.5)  # what is on its way arrives
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    confirmed, copies = check_promise(telegram, sobes, options.kills)
    return "%d ratings confirmed, %d extra copies" % (confirmed, copies)


def clean_stops_lose_and_repeat_nothing(telegram, sobes, options):
    onboard(telegram, sobes)
    longest = 0.0
    for _ in range(8):
        act(telegram)
        time.sleep(random.random() * 0.05)
        began = time.monotonic()
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        longest = max(longest, time.monotonic() - began)
        check_promise(telegram, sobes, 0)
        stuck = sobes.rows("SELECT count(*) FROM outbox WHERE state = 'sending'")[0][0]
        need(stuck == 0, "%d rows are left in flight" % stuck)
        sobes.start()
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "an answer after the stops")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    check_promise(telegram, sobes, 0)
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
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    check_promise(telegram, sobes, 0)


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


class Wire:
    """Passes TCP on and counts the bytes that go towards the server."""

    def __init__(self, port):
        self.target, self.bytes = port, 0
        self.listen = socket.create_server(("127.0.0.1", 0))
        self.port = self.listen.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listen.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.pump, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(far, near, False), daemon=True).start()

    def pump(self, a, b, counted):
        try:
            while data := a.recv(65536):
                self.bytes += len(data) if counted else 0
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificate(folder, name, hosts):
    """A small CA and a server certificate for `hosts`: (ca file, pem for stunnel)."""
    at = lambda end: os.path.join(folder, name + end)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
            "/CN=test authority " + name, "-keyout", at(".ca.key"), "-out", at(".ca.pem"))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test server", "-keyout",
            at(".key"), "-out", at(".csr"))
    with open(at(".ext"), "w", encoding="ascii") as f:
        f.write("subjectAltName=%s\n" % hosts)
    openssl("x509", "-req", "-in", at(".csr"), "-CA", at(".ca.pem"), "-CAkey", at(".ca.key"),
            "-CAcreateserial", "-days", "30", "-extfile", at(".ext"), "-out", at(".crt"))
    with open(at(".pem"), "w", encoding="ascii") as out:
        for part in (".key", ".crt"):
            with open(at(part), encoding="ascii") as f:
                out.write(f.read())
    os.chmod(at(".pem"), 0o600)
    return at(".ca.pem"), at(".pem")


class Tunnel:
    """stunnel in front of the local Telegram."""

    def __init__(self, folder, pem, port):
        self.wire = Wire(port)
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        config = os.path.join(folder, "stunnel-%d.conf" % self.port)
        with open(config, "w", encoding="ascii") as f:
            f.write("foreground = yes\npid =\nsyslog = no\n[bot]\naccept = 127.0.0.1:%d\n"
                    "connect = 127.0.0.1:%d\ncert = %s\n" % (self.port, self.wire.port, pem))
        self.process = subprocess.Popen(["stunnel4", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until(self.listens, "stunnel listens")

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.wire.listen.close()


def over_https(telegram, sobes, options):
    ca, pem = certificate(sobes.folder, "good", "DNS:localhost")
    tunnel = Tunnel(sobes.folder, pem, telegram.port)
    try:
        sobes.env.update(API_URL="https://localhost:%d" % tunnel.port, CA_FILE=ca)
        onboard(telegram, sobes)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        need(tunnel.wire.bytes > 0, "nothing went through the tunnel")
        check_promise(telegram, sobes, 0)
    finally:
        tunnel.stop()


def refused_tls(telegram, sobes, ca, pem):
    """With this server the daemon must stay silent: no byte of HTTP leaves it."""
    tunnel = Tunnel(sobes.folder, pem, telegram.port)
    try:
        sobes.env.update(API_URL="https://localhost:%d" % tunnel.port, CA_FILE=ca)
        sobes.start()
        time.sleep(4)
        need(sobes.process.poll() is None, "the daemon ended: %s" % sobes.process.poll())
        need(tunnel.wire.bytes == 0, "%d bytes of HTTP reached it" % tunnel.wire.bytes)
        need(not telegram.ledger(), "Telegram was called")
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
    finally:
        tunnel.stop()


def a_wrong_host_name_gets_nothing(telegram, sobes, options):
    refused_tls(telegram, sobes, *certificate(sobes.folder, "other", "DNS:other.example"))


def an_unknown_issuer_gets_nothing(telegram, sobes, options):
    ca, _ = certificate(sobes.folder, "trusted", "DNS:localhost")
    _, pem = certificate(sobes.folder, "stranger", "DNS:localhost")
    refused_tls(telegram, sobes, ca, pem)


CHECKS = (first_day, the_morning_question_comes, killed_at_random_points,
          clean_stops_lose_and_repeat_nothing, a_flood_wait_is_kept,
          a_wrong_token_ends_with_78, a_second_instance_ends_with_75, over_https,
          a_wrong_host_name_gets_nothing, an_unknown_issuer_gets_nothing)


def run(check, options):
    folder = tempfile.mkdtemp(prefix="sobes-e2e-")
    telegram = sobes = None
    began = time.monotonic()
    name = check.__name__.replace("_", " ")
    try:
        telegram = Telegram(options)
        sobes = Sobes(options, folder, telegram.url)
        note = check(telegram, sobes, options)
        print("ok    %s (%.1f s%s)" % (name, time.monotonic() - began,
                                       "; " + note if note else ""), flush=True)
        return True
    except (Failed, OSError, subprocess.SubprocessError) as e:
        print("FAIL  %s: %s" % (name, e), flush=True)
        if sobes:
            tail = sobes.said().splitlines()[-12:]
            print("\n".join("        log: " + line for line in tail), flush=True)
        return False
    finally:
        if sobes:
            sobes.close()
        if telegram:
            telegram.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--sobes", default="build/sobes")
    p.add_argument("--telegram", default="build/local_telegram")
    p.add_argument("--bank", default="build/bank.db")
    p.add_argument("--kills", type=int, default=20)
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    p.add_argument("names", nargs="*")
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    wanted = [c for c in CHECKS if not options.names or
              any(n.replace(" ", "_") in c.__name__ for n in options.names)]
    passed = sum(run(c, options) for c in wanted)
    print("%d passed, %d failed" % (passed, len(wanted) - passed))
    sys.exit(passed != len(wanted))


if __name__ == "__main__":
    main()
