"""`make bench`: what Sobes costs to start and to keep. Prints, never asserts.

usage: bench.py BUILD

Against the local Telegram on loopback, the median of some starts: from exec to the arrival
of the first getUpdates; resident memory after a quiet while; the size of the binary without
symbols.
"""
import json
import os
import pathlib
import shutil
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


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sobes-bench-"))
    telegram = subprocess.Popen([build / "local_telegram", "--port", "0", "--token", TOKEN],
                                stdout=subprocess.PIPE, text=True)
    try:
        url = telegram.stdout.readline().split()[-1]
        env = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "API_URL": url,
               "DB_PATH": str(folder / "bench.db"), "BANK_PATH": str(build / "bank.db"),
               "LOG_LEVEL": "error"}
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
        print(f"stripped binary            {bare.stat().st_size / 1e6:6.2f} MB  (aim 1)")
    finally:
        telegram.terminate()
        telegram.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
