"""A network in a box for the drivers of this folder: the bot in a network namespace of its
own, everything else (the local Telegram, relays, names, proxies) in that of the driver, one
wire between them, and nft to cut it. The driver itself runs under `unshare`, so that nothing
of the machine is touched.
"""
import concurrent.futures
import contextlib
import http.client
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import operated  # noqa: E402
from bottle import (ANNA, Failed, Skipped, Sobes, Telegram, Wire, arguments,  # noqa: E402
                    keep_promise, need, until)

OURS, ITS = "10.77.0.1", "10.77.0.2"
POKE_S = 0.01
AIM_S, AIM_MS = 40, 100
A = 1  # the kind of record that Names knows
SKIPPED = 77


def sh(*words, **more):
    return subprocess.run(words, check=True, timeout=20, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **more).stdout


def unshare():
    """The words that give a process a network of its own, or None."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    words = ["unshare", *user, "--net", "--mount", "--propagation", "private"]
    tools = [t for t in ("unshare", "nsenter", "ip", "nft", "ss") if not shutil.which(t)]
    if tools:
        return None, "there is no %s here" % ", ".join(tools)
    ran = subprocess.run([*words, "sh", "-c", "ip link set lo up && nft add table inet t"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        return None, "no namespaces here: " + " ".join(ran.stdout.split())[:100]
    return words, None


class Names(threading.Thread):
    """A name server that knows a few names, or swallows every question."""

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names, self.swallows = names, False
        self.asked = []  # (who, name)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((OURS, 53))
        self.start()

    def run(self):
        while True:
            question, who = self.socket.recvfrom(2000)
            at, labels = 12, []
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode("latin-1"))
                at += 1 + question[at]
            name = ".".join(labels)
            kind, = struct.unpack_from(">H", question, at + 1)
            self.asked.append((who[0], name))
            if self.swallows:
                continue
            address = self.names.get(name)
            n = int(kind == A and address is not None)
            head = struct.pack(">2sHHHHH", question[:2], 0x8180 if address else 0x8183, 1, n,
                               0, 0)
            record = b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 1, 4) + socket.inet_aton(
                address) if n else b""
            self.socket.sendto(head + question[12:at + 5] + record, who)

    def by_bot(self):
        return {name for who, name in self.asked if who == ITS}


class Relay(Wire):
    """A port of our side of the wire that leads to the local Telegram, which answers to no
    name but the loopback's."""

    def __init__(self, port, host=OURS):
        super().__init__(port, host)

    def towards(self, data):
        if data.startswith(b"POST "):
            data = re.sub(rb"\r\nHost: [^\r]*", b"\r\nHost: localhost", data, count=1)
        return data


class Box:
    """One bot, one Telegram, the wire between them."""

    def __init__(self, options, names=(), people=1):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="sobes-net-")
        sh("ip", "link", "set", "lo", "up")
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "3600"])
        here = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink("/proc/%d/ns/net" % self.holder.pid) != here, "a namespace")
        self.inside = ["nsenter", "--net=/proc/%d/ns/net" % self.holder.pid]
        sh("ip", "link", "add", "w0", "type", "veth", "peer", "name", "b0", "netns",
           str(self.holder.pid))
        for enter, link, address in ([], "w0", OURS), (self.inside, "b0", ITS):
            with contextlib.suppress(subprocess.CalledProcessError):  # a kernel without it
                sh(*enter, "sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % link)
            sh(*enter, "ip", "addr", "add", address + "/24", "dev", link)
            sh(*enter, "ip", "link", "set", link, "up")
            sh(*enter, "ip", "link", "set", "lo", "up")
        self.nft("add table inet box", "add set inet box gone { type inet_service; }",
                 "add chain inet box from { type filter hook input priority 0; }",
                 "add chain inet box to { type filter hook output priority 0; }")
        conf = os.path.join(self.folder, "resolv.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write("nameserver %s\n" % OURS)
        sh("mount", "--bind", conf, "/etc/resolv.conf")
        self.names = Names({name: OURS for name in names})
        self.telegram = Telegram(options)
        self.relay = Relay(self.telegram.port)
        self.people = [ANNA + i for i in range(people)]
        for person in self.people[1:]:
            self.telegram.control("person", id=person, name="Борис", lang="ru")
        home = os.path.join(self.folder, "bot")
        os.mkdir(home)
        self.sobes = Sobes(options, home, "http://%s:%d" % (OURS, self.relay.port))
        self.sobes.env["HEALTH_ADDR"] = ITS + ":0"
        self.sobes.around = self.inside
        self.pokes = []  # (steady s, s that /healthz took or inf, the word)
        self.ends, self.others = False, []

    def also(self, stop):
        """What is to be called at the end."""
        self.others.append(stop)

    def nft(self, *lines):
        sh("nft", "-f", "-", input="\n".join(lines) + "\n")

    # ---- faults ----

    def cut(self, port=None):
        """Both ways, without a word to either end."""
        port = port or self.relay.port
        self.nft("add rule inet box from iifname w0 tcp dport %d drop" % port,
                 "add rule inet box to oifname w0 tcp sport %d drop" % port)

    def mend(self):
        self.nft("flush chain inet box from", "flush chain inet box to")

    def forget(self):
        """The connections that are open now are dead for good, new ones are not; how many."""
        out = sh("ss", "-Htn", "state", "established", "sport", "=", ":%d" % self.relay.port)
        ports = re.findall(re.escape(ITS) + r"\]?:(\d+)", out)
        if ports:
            self.nft("add element inet box gone { %s }" % ", ".join(ports),
                     "add rule inet box from iifname w0 tcp sport @gone drop",
                     "add rule inet box to oifname w0 tcp dport @gone drop")
        return len(ports)

    def allow_only(self, *ports):
        """From the bot: these ports of ours, names, answers of its own /healthz; whatever
        else it tries is counted."""
        self.nft("add rule inet box from iifname w0 tcp dport { %s } accept" %
                 ", ".join(map(str, ports)),
                 "add rule inet box from iifname w0 udp dport 53 accept",
                 "add rule inet box from iifname w0 meta l4proto { tcp, udp } counter drop")

    def strays(self):
        out = sh("nft", "list", "chain", "inet", "box", "from")
        return int(re.search(r"counter packets (\d+)", out).group(1))

    # ---- what is seen of the bot from outside ----

    def watch(self):
        """Pokes /healthz from now on; each answer is a turn of its loop."""
        host, port = operated.address(self.sobes)

        def poke():
            while not self.ends:
                began, word = time.monotonic(), ""
                try:
                    link = http.client.HTTPConnection(host, port, timeout=60)
                    link.request("GET", "/healthz")
                    word = link.getresponse().read().decode().strip()
                    link.close()
                    took = time.monotonic() - began
                except OSError:
                    took = float("inf")
                self.pokes.append((began, took, word))
                time.sleep(max(0, POKE_S - took))
        self.poking = threading.Thread(target=poke, daemon=True)
        self.poking.start()

    def unwatch(self):
        self.ends = True
        self.poking.join()

    def longest_ms(self, since, until_s=float("inf")):
        took = [t for at, t, _ in self.pokes if since <= at < until_s]
        need(took, "/healthz was not poked")
        need(max(took) < float("inf"), "/healthz was not answered")
        return max(took) * 1000, len(took)

    def onboard(self, person=ANNA):
        self.telegram.say("/start", person)
        self.telegram.press("Поехали*", person)
        self.telegram.press("Показать ответ", person)
        until(lambda: self.telegram.find("Хорошо*", person), "the answer")

    def serves(self, seconds, person=ANNA):
        """Somebody writes: how long until the bot has answered."""
        mark, began = len(self.telegram.ledger()), time.monotonic()
        self.telegram.say("/help", person)
        until(lambda: any(r["kind"] == "sent" and r["status"] == 200 and r["chat"] == person
                          for r in self.telegram.ledger()[mark:]),
              "an answer", seconds)
        return time.monotonic() - began

    def drained(self, seconds=90):
        """Waits until nothing waits to be said, and gives the time."""
        def empty():
            values = operated.metrics(self.sobes)
            return operated.total(values, "sobes_outbox_rows") == 0
        until(empty, "nothing waits to be said", seconds)
        self.telegram.quiet(1.0)
        return self.sobes.now_ms()

    def close(self):
        self.ends = True
        self.sobes.close()
        for stop in self.others:
            stop()
        self.telegram.stop()
        self.relay.listen.close()
        self.holder.kill()
        self.holder.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- a program of such drivers ----

def played(name, words, argv):
    """One check in a network of its own: (passed or not, what it printed)."""
    ran = subprocess.run([*words, sys.executable, sys.argv[0], *argv, "--inside", name],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.returncode, ran.stdout


def inside(check, options):
    name, began = check.__name__.replace("_", " "), time.monotonic()
    boxes = []

    def box(**more):
        boxes.append(Box(options, **more))
        return boxes[-1]
    try:
        note = check(box, options)
        print("ok    %s (%.0f s; %s)" % (name, time.monotonic() - began, note))
        return 0
    except Skipped as why:
        print("skip  %s: %s" % (name, why))
        return SKIPPED
    except (Failed, OSError, subprocess.SubprocessError) as why:
        more = why.stderr if isinstance(why, subprocess.CalledProcessError) else ""
        print("FAIL  %s: %s %s" % (name, why, more))
        for b in boxes:
            print("\n".join("        log: " + line
                            for line in b.sobes.said().splitlines()[-12:]))
        return 1
    finally:
        for b in boxes:
            b.close()


def play(doc, checks, longer):
    """Those that are named, or all, four at a time: they mostly wait."""
    p = arguments(doc)
    p.add_argument("--long", action="store_true")
    p.add_argument("--inside", help="for the driver itself: the check that this process is")
    options = p.parse_args()
    every = {c.__name__: c for c in (*checks, *longer)}
    if options.inside:
        sys.exit(inside(every[options.inside], options))
    wanted = [c.__name__ for c in (every.values() if options.long or options.names else checks)
              if not options.names or any(n.replace(" ", "_") in c.__name__
                                          for n in options.names)]
    words, why = unshare()
    if not words:
        print("skip  %s" % why)
        print("0 passed, 0 failed, %d skipped" % len(wanted))
        return 0
    argv = ["--sobes", os.path.abspath(options.sobes), "--bank", os.path.abspath(options.bank),
            "--telegram", os.path.abspath(options.telegram)] + ["--long"] * options.long
    failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for code, said in pool.map(lambda name: played(name, words, argv), wanted):
            print(said, end="", flush=True)
            failed += code not in (0, SKIPPED)
            skipped += code == SKIPPED
    print("%d passed, %d failed" % (len(wanted) - failed - skipped, failed) +
          (", %d skipped" % skipped if skipped else ""))
    return failed > 0


__all__ = ["AIM_MS", "AIM_S", "ANNA", "ITS", "OURS", "Box", "Failed", "Relay", "Skipped",
           "keep_promise", "need", "play", "sh", "until"]
