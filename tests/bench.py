"""`make bench`: what Sobes costs to start and to keep, and how fast the local Telegram
answers. Prints, never asserts.

usage: bench.py BUILD

Against the local Telegram on loopback, the median of some starts: from exec to the arrival
of the first getUpdates; resident memory after a quiet while; the size of the binary without
symbols; sendMessage calls a second from one client process over a few connections.
"""
import json
import os
import pathlib
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TOKEN = "1000001:bench-bench-bench-bench-bench-bench"
PERSON = 7000000001
STARTS = 15
QUIET_S = 3
CONNECTIONS, CALLS = 8, 20000


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


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


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


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sobes-bench-"))
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
                memory = resident_mb(bot.pid)
            bot.terminate()
            bot.wait()
        bare = folder / "sobes-bare"
        subprocess.run(["strip", "-o", bare, build / "sobes"], check=True)
        print(f"exec to first getUpdates   {statistics.median(starts):6.1f} ms  "
              f"(median of {STARTS}, {min(starts):.1f} to {max(starts):.1f}; aim 10)")
        print(f"idle resident memory       {memory:6.1f} MB  (aim 14)")
        print(f"local Telegram             {calls_per_second(url):6.0f} calls/s from one client"
              "  (aim 3000)")
        print(f"stripped binary            {bare.stat().st_size / 1e6:6.2f} MB  (aim 1)")
    finally:
        telegram.terminate()
        telegram.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
