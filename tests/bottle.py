"""The bot in a bottle: the real binary, the local Telegram and the wires between them as
processes, for every test that runs them together (e2e.py and the browser tests).

What a run left behind is judged by promise.py; bottle.evidence() collects it.
"""
import argparse
import collections
import contextlib
import fnmatch
import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import promise

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
ANNA = 7000000001
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
# A build with one of them is sanitized, and needs what these tell it.
SANITIZED = {"ASAN_OPTIONS", "TSAN_OPTIONS"}
LOOK_S = 0.05  # how often the daemon's process is looked at
# Traced is one check alone; without being root an old kernel hides how many files are open.
MAY_SKIP = {"I11"} if os.geteuid() == 0 else {"I11", "I8"}


class Failed(Exception):
    pass


class Skipped(Exception):
    """This machine, or this user, cannot run the check."""


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

    def __init__(self, options, *more):
        self.process = subprocess.Popen([options.telegram, "--port", "0", *more],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.url = "http://127.0.0.1:%d" % self.port
        self.deeds = []  # when people wrote, pressed or unblocked
        self.groups = []  # chats that may hold polls
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

    def messages(self, person=ANNA):
        """What the bot has put into the private chat, newest first."""
        return [m for m in self.control("messages", person=person)["messages"]
                if m["from"] != person]

    def polls(self):
        """The messages with polls in the groups, as Telegram has them."""
        return [m for chat in self.groups
                for m in self.control("messages", chat=chat, limit=1000)["messages"]
                if "poll" in m]

    def deed(self, person):
        self.deeds.append((person, int(time.time() * 1000), time.monotonic_ns() // 1000))

    def say(self, text, person=ANNA):
        self.deed(person)
        self.control("say", person=person, text=text)

    def find(self, label, person=ANNA):
        """The newest button that fits: (message id, data), or None."""
        for m in self.messages(person):
            for b in sum(m["keyboard"], []):
                if fnmatch.fnmatchcase(b["text"], label) and "data" in b:
                    return m["id"], b["data"]
        return None

    def press(self, label, person=ANNA):
        message, data = until(lambda: self.find(label, person), "a button %s" % label)
        self.press_any(message, data, person)
        return data

    def press_any(self, message, data, person=ANNA):
        self.deed(person)
        self.control("press", person=person, message=message, data=data)

    def block(self, blocks, person=ANNA):
        if not blocks:
            self.deed(person)
        self.control("block", person=person, blocks=blocks)

    def quiet(self, seconds=2.5, limit=90.0):
        """Waits until nothing has been said or edited for so long."""
        end = time.monotonic() + limit
        seen, since = -1, time.monotonic()
        while time.monotonic() < end:
            said = sum(r["kind"] in ("sent", "edited") for r in self.ledger())
            if said != seen:
                seen, since = said, time.monotonic()
            elif time.monotonic() - since >= seconds:
                return
            time.sleep(0.1)
        raise Failed("the bot still speaks after %g s" % limit)


class Sobes:
    """The daemon: its settings stay, the process comes and goes."""

    def __init__(self, options, folder, url, **more):
        self.options, self.folder, self.process = options, folder, None
        self.db = os.path.join(folder, "sobes.db")
        self.clock = os.path.join(folder, "clock")
        self.log = open(os.path.join(folder, "log"), "ab")
        self.env = {"PATH": "/usr/bin:/bin", "BOT_TOKEN": TOKEN, "API_URL": url,
                    "DB_PATH": self.db, "BANK_PATH": os.path.abspath(options.bank), "HEALTH_ADDR": "",
                    **more}
        self.program = os.path.abspath(options.sobes)
        for name in SANITIZED & os.environ.keys():
            self.env[name] = os.environ[name]
            self.draw_plainly()
        self.ahead = [(0, 0)]  # (from ms, how much the daemon's clock is ahead, ms)
        self.passed = 0        # s that it lives in the future together with Telegram
        self.lives = []        # steady us of each start
        self.peak = {}         # the most that any of its processes had
        self.seen = {}         # what /proc shows of one: name -> bytes
        self.trace = None      # the file strace writes
        # Words of what starts the daemon in its own place: strace -D, valgrind.
        self.around = shlex.split(options.around)

    def draw_plainly(self):
        """What draws has no such options: sanitized it would fail by what fontconfig never
        frees. So the plain one, of the other build, lies beside the daemon. A second one in
        the same folder is the same program, which may be running."""
        plain = os.path.dirname(os.path.abspath(self.options.telegram))
        mine = os.path.join(self.folder, "sobes")
        if not os.path.exists(mine):
            for path in self.program, f"{plain}/sobes-draw", f"{plain}/fonts.conf":
                shutil.copy(path, self.folder)
        self.program = mine

    def show(self, seconds):
        """What libfaketime shows the daemon from now on."""
        with open(self.clock + ".new", "w", encoding="ascii") as f:
            f.write("%+d\n" % seconds)
        os.replace(self.clock + ".new", self.clock)

    def travel(self, seconds):
        """From now on the daemon lives so many seconds in the future."""
        self.show(seconds)
        self.ahead.append((int(time.time() * 1000), int(seconds) * 1000))

    def wait(self, telegram, seconds):
        """So many seconds pass for both, so that the ledger's time stays the daemon's."""
        self.passed += seconds
        self.show(self.passed)
        if seconds:
            telegram.control("clock", by_ms=seconds * 1000)

    def start(self, trace=None):
        """`trace`: a file for what strace sees of its network calls."""
        env = dict(self.env)
        if os.path.exists(self.clock):
            env.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=self.clock,
                       FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1",
                       FAKETIME_NO_CACHE="1")
        command = [*self.around, self.program]
        if trace:  # -D: the daemon is our child, strace stands beside it
            command = ["strace", "-D", "-f", "-s", "0", "-o", trace,
                       "-e", "trace=%network", *command]
            self.trace = trace
        self.lives.append(time.monotonic_ns() // 1000)
        self.process = subprocess.Popen(command, env=env, cwd=self.folder,
                                        stdout=self.log, stderr=self.log)
        threading.Thread(target=self.watch, args=(self.process.pid,), daemon=True).start()

    def watch(self, pid):
        while self.look(pid):
            time.sleep(LOOK_S)

    def look(self, pid):
        """Notes the peaks of a process; false when it is gone."""
        try:
            with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
                status = dict(line.split(":", 1) for line in f)
            if "VmHWM" not in status:
                return False
            fds = fd_count(pid)
        except OSError:
            return False
        if not status["Name"].strip().startswith("strace"):  # before it becomes the daemon
            self.more("rss_kb", int(status["VmHWM"].split()[0]))
            self.more("fds", fds)
        return True

    def more(self, what, n):
        if n is not None:
            self.peak[what] = max(n, self.peak.get(what, 0))

    def expose(self):
        """What the running process shows to who may look: its arguments, its environment."""
        if not self.has_started():
            return
        self.look(self.process.pid)
        # What the daemon runs inside of keeps an environment that it cannot wipe.
        for name in ("cmdline",) if self.options.around else ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                with open("/proc/%d/%s" % (self.process.pid, name), "rb") as f:
                    self.seen[name] = self.seen.get(name, b"") + f.read() + b"\n"

    def has_started(self):
        return "started pid=%d\n" % self.process.pid in self.said()

    def ends(self, seconds=15):
        """The exit code of a process that ends by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed("the daemon is still there after %g s" % seconds) from None

    def stop(self):
        """SIGTERM once it listens for it; gives the exit code."""
        until(self.has_started, "it has started")
        time.sleep(0.02)
        self.expose()
        self.process.send_signal(signal.SIGTERM)
        return self.ends(12)

    def kill(self):
        self.expose()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.log.close()

    def rows(self, sql):
        """Reads the database of a daemon that is not running, and leaves it as it is."""
        with promise.Database(self.db) as db:
            return [tuple(row) for row in db.rows(sql)]

    def said(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def now_ms(self):
        """The daemon's clock."""
        return int(time.time() * 1000) + self.ahead[-1][1] + self.passed * 1000


def fd_count(pid):
    """How many descriptors it has open; None when the system does not tell us. The size of
    the folder tells it even of a process that only root may look into (since Linux 6.2)."""
    try:
        return os.stat("/proc/%d/fd" % pid).st_size or len(os.listdir("/proc/%d/fd" % pid))
    except PermissionError:
        return None


def evidence(telegram, sobes, **more):
    """What a stopped daemon left behind, as promise.py wants it."""
    files = [os.path.join(folder, name) for folder, _, names in os.walk(sobes.folder)
             for name in names]
    return promise.Run(ledger=telegram.ledger(), db=sobes.db, token=sobes.env["BOT_TOKEN"],
                       files=files, shown=sobes.seen, deeds=telegram.deeds,
                       lives=sobes.lives, ahead=sobes.ahead, peak=sobes.peak,
                       trace=sobes.trace, api=sobes.env["API_URL"],
                       polls=telegram.polls(), **more)


def keep_promise(telegram, sobes, copies=0, **more):
    """The daemon has stopped: all that it left behind is judged."""
    bounds = dict(promise.BOUNDS)
    if SANITIZED & sobes.env.keys() or sobes.options.around:  # its memory is not its own
        del bounds["rss_kb"]
    verdict = promise.check(evidence(telegram, sobes, copies=copies, bounds=bounds, **more))
    need(not verdict.broken, "; ".join("%s: %s" % (name, words[0])
                                       for name, words in verdict.broken.items()))
    need(verdict.skipped.keys() <= MAY_SKIP, "not judged: %s" % verdict.skipped)
    return verdict


class Wire:
    """Passes TCP on and counts the bytes that go towards the server."""

    def __init__(self, port, host="127.0.0.1"):
        self.target, self.bytes = port, 0
        self.listen = socket.create_server((host, 0))
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

    def towards(self, data):
        return data

    def pump(self, a, b, counted):
        try:
            while data := a.recv(65536):
                self.bytes += len(data) if counted else 0
                b.sendall(self.towards(data) if counted else data)
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


def self_signed(folder, hosts):
    """A server certificate that nobody but itself has signed: pem for stunnel."""
    at = lambda end: os.path.join(folder, "alone" + end)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
            "/CN=test server", "-addext", "subjectAltName=" + hosts, "-keyout", at(".key"),
            "-out", at(".crt"))
    with open(at(".pem"), "w", encoding="ascii") as out:
        for part in (".key", ".crt"):
            with open(at(part), encoding="ascii") as f:
                out.write(f.read())
    os.chmod(at(".pem"), 0o600)
    return at(".pem")


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


# ---- a program of checks ----

def arguments(doc):
    """What every program of checks is told."""
    p = argparse.ArgumentParser(description=doc)
    p.add_argument("--sobes", default="build/sobes")
    p.add_argument("--telegram", default="build/local_telegram")
    p.add_argument("--bank", default="build/bank.db")
    p.add_argument("--around", default="", help="what starts the daemon: 'valgrind -q'")
    p.add_argument("--kills", type=int, default=20)
    p.add_argument("names", nargs="*")
    p.set_defaults(record=None)
    return p


def run(check, options):
    """One check with a Telegram and a daemon of its own; "passed", "failed" or "skipped"."""
    folder = tempfile.mkdtemp(prefix="sobes-e2e-")
    telegram = sobes = None
    began = time.monotonic()
    name = check.__name__.replace("_", " ")
    try:
        kept = os.path.join(options.record or "", check.__name__ + ".jsonl")
        telegram = Telegram(options, *(["--record", kept] if options.record else []))
        sobes = Sobes(options, folder, telegram.url)
        note = check(telegram, sobes, options)
        print("ok    %s (%.1f s%s)" % (name, time.monotonic() - began,
                                       "; " + note if note else ""), flush=True)
        return "passed"
    except Skipped as why:
        print("skip  %s: %s" % (name, why), flush=True)
        return "skipped"
    except (Failed, OSError, subprocess.SubprocessError, sqlite3.Error) as e:
        print("FAIL  %s: %s" % (name, e), flush=True)
        if sobes:
            tail = sobes.said().splitlines()[-12:]
            print("\n".join("        log: " + line for line in tail), flush=True)
        return "failed"
    finally:
        if sobes:
            sobes.close()
        if telegram:
            telegram.stop()
        shutil.rmtree(folder, ignore_errors=True)


def play(checks, options):
    """Those that are named, or all; the last line counts, and the program ends."""
    strange = [n for n in options.names
               if not any(n.replace(" ", "_") in c.__name__ for c in checks)]
    if strange:
        sys.exit("no check is called %s" % ", ".join(strange))
    wanted = [c for c in checks if not options.names or
              any(n.replace(" ", "_") in c.__name__ for n in options.names)]
    ends = collections.Counter(run(c, options) for c in wanted)
    print("%d passed, %d failed" % (ends["passed"], ends["failed"]) +
          (", %d skipped" % ends["skipped"] if ends["skipped"] else ""))
    sys.exit(ends["failed"] > 0)
