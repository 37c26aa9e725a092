"""`make bench`: what Sobes costs, beside what it should. Prints, never asserts by time.

usage: bench.py BUILD [--long [SECONDS UPDATES]]

Against the local Telegram: from exec to the arrival of the first getUpdates (median of some
starts), resident memory after a quiet while, the size of the binary without symbols, and how
fast the local Telegram itself is. Then the load of load.py, with --long a million people for
so many seconds and a soak of so many updates too. tests/bench/README.md says what each line means.
"""
import json
import os
import pathlib
import platform
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import load
from load import TOKEN, memory_mb

PERSON = 7000000001
STARTS = 15
QUIET_S = 3
CONNECTIONS, CALLS = 8, 20000
FAN_OUT, MILLION, MILLION_S, SOAK = 20_000, 1_000_000, 180, 1_000_000


class Table:
    """A line as soon as it is known, and all of them at the end."""

    def __init__(self):
        self.rows = []

    def say(self, name, unit, aim, got, bare, note):
        number = lambda v: "" if v is None else f"{v:.2f}" if v < 10 and v != int(v) else f"{v:.0f}"
        ratio = f"{got / bare:.1f} x {bare:.0f}" if bare else ""
        self.rows.append((name, number(aim), f"{number(got)} {unit}".strip(), ratio, note))
        print(f"  {name}: {self.rows[-1][2]}", flush=True)

    def show(self):
        heads = ("what", "aim", "measured", "of the bare loop", "")
        widths = [max(len(row[i]) for row in self.rows + [heads]) for i in range(4)]
        rule = tuple("-" * w for w in widths) + ("---",)
        print()
        for row in [heads, rule] + self.rows:
            cells = [cell.ljust(w) for cell, w in zip(row, widths)] + [row[4]]
            print("| " + " | ".join(cells) + " |")


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in info.splitlines()
             if line.startswith("model name")]
    return (f"{len(os.sched_getaffinity(0))} cores ({names[0] if names else platform.machine()}), "
            f"Linux {platform.release()}, load average at the start {os.getloadavg()[0]:.1f}")


def control(url, verb, **what):
    with urllib.request.urlopen(f"{url}/control/{verb}", data=json.dumps(what).encode()) as answer:
        return json.load(answer)


def ledger(url):
    return control(url, "ledger")["rows"]


def first_poll_ms(url, seen, limit_s=10):
    """When the first getUpdates after `seen` rows arrived, in ms since 1970."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        for row in ledger(url)[seen:]:
            if row["method"] == "getUpdates":
                return row["at_ms"]
        time.sleep(0.02)
    raise SystemExit("bench: the bot never polled")


def calls_per_second(url):
    """CALLS of sendMessage over CONNECTIONS kept alive, each with one call under way."""
    host, port = url.split("/")[2].split(":")
    body = json.dumps({"chat_id": PERSON, "text": "a question " * 20}).encode()
    call = (f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: "
            f"application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body
    ready, left, began = selectors.DefaultSelector(), CALLS, time.monotonic()
    for _ in range(CONNECTIONS):
        link = socket.create_connection((host, int(port)))
        link.sendall(call)
        ready.register(link, selectors.EVENT_READ)
    while left > 0:
        for key, _ in ready.select(10):
            answer = key.fileobj.recv(65536)  # small answers arrive whole on loopback
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"bench: the local Telegram said {answer[:200]!r}")
            left -= 1
            key.fileobj.sendall(call)
    took = time.monotonic() - began
    for key in list(ready.get_map().values()):
        key.fileobj.close()
    return CALLS / took


def start_and_keep(build, folder, say):
    telegram = subprocess.Popen([build / "local_telegram", "--port", "0", "--token", TOKEN,
                                 "--limits", "off"], stdout=subprocess.PIPE, text=True)
    try:
        url = telegram.stdout.readline().split()[-1]
        env = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "API_URL": url,
               "DB_PATH": str(folder / "bench.db"), "BANK_PATH": str(build / "bank.db"),
               "LOG_LEVEL": "error", "HEALTH_ADDR": "127.0.0.1:0"}
        starts, memory = [], float("nan")
        control(url, "person", id=PERSON, name="Ann", lang="en")
        for i in range(STARTS + 1):
            control(url, "say", person=PERSON, text="/help")  # so that the poll does not wait
            seen = len(ledger(url))
            began = time.time() * 1000
            bot = subprocess.Popen([build / "sobes"], env=env, cwd=folder)
            took = first_poll_ms(url, seen) - began
            if i:  # the first start makes the database
                starts.append(took)
            if i == STARTS:
                time.sleep(QUIET_S)
                memory = memory_mb(bot.pid, "VmRSS")
            bot.terminate()
            bot.wait()
        rate = calls_per_second(url)
    finally:
        telegram.terminate()
        telegram.wait()
    bare = folder / "sobes-bare"
    subprocess.run(["strip", "-o", bare, build / "sobes"], check=True)
    say("exec to first getUpdates", "ms", 10, statistics.median(starts), None,
        f"median of {STARTS}, {min(starts):.1f} to {max(starts):.1f}")
    say("idle resident memory", "MB", 14, memory, None, "")
    say("stripped binary", "MB", 1, bare.stat().st_size / 1e6, None, "")
    say("the local Telegram, from one client", "calls/s", 3000, rate, None, "")


def main():
    build, long = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:3] == ["--long"]
    seconds, updates = map(int, sys.argv[3:5]) if sys.argv[3:] else (MILLION_S, SOAK)
    table, where, begun = Table(), machine(), time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    parts = [lambda f: start_and_keep(build, f, table.say),
             lambda f: load.settle_and_press(build, f, FAN_OUT, table.say),
             lambda f: load.over_tls(build, f, FAN_OUT, table.say)]
    if long:
        parts += [lambda f: load.million(build, f, MILLION, seconds, table.say),
                  lambda f: load.soak(build, f, updates, table.say)]
    print(f"bench on {where}; begun {begun}", flush=True)
    for part in parts:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=build))  # a disk, not /tmp
        try:
            part(folder)
        except SystemExit as why:  # the rest of the table is still worth having
            print(f"  not measured: {why}", flush=True)
        finally:
            shutil.rmtree(folder)
    table.show()


if __name__ == "__main__":
    main()
