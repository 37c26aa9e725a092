"""The bot under load: people made by SQL, mornings and presses against tests/bench/endpoint.c.

The bot is the real binary with SENDS_PER_SEC=0 and IN_FLIGHT=100, its database on disk with
synchronous=FULL. What it costs is the processor time of its process, user and system,
between two quiet moments, the file's checkpoints included.
"""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import bottle  # noqa: E402

TOKEN = "1000001:bench-bench-bench-bench-bench-bench"
FIRST, LIVE = 8_000_000_000, 9_000_000_000  # ids of who gets mornings, of who writes
IN_FLIGHT = 100
CARDS = 20  # of each person of the fan-out, a quarter of them due today
DAY_S, HOUR_S, TICK_S = 86400, 3600, 1 / os.sysconf("SC_CLK_TCK")
PATIENCE_S = 900


class Endpoint:
    """The other end. Its people FIRST.. or LIVE.. press and write."""

    def __init__(self, build, first, people):
        self.process = subprocess.Popen([build / "bench_endpoint", str(first), str(people)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def tell(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stats(self):
        return self.tell("stats")

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def seconds_used(pid):
    """User and system time, children left out."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def memory_mb(pid, what="VmHWM"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    return float("nan")


class Bot:
    def __init__(self, build, folder, url, ca=None):
        self.env = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "API_URL": url,
                    "DB_PATH": str(folder / "bench.db"), "BANK_PATH": str(build / "bank.db"),
                    "BACKUP_DIR": str(folder), "LOG_LEVEL": "warn", "HEALTH_ADDR": "off",
                    "SENDS_PER_SEC": "0", "IN_FLIGHT": str(IN_FLIGHT)}
        if ca:
            self.env["CA_FILE"] = ca
        self.process = subprocess.Popen([build / "sobes"], env=self.env, cwd=folder)
        self.pid = self.process.pid

    def quiet(self, endpoint, what, limit_s=PATIENCE_S):
        """Waits until what(stats) is true and nothing has been said or spent since for a
        while; gives the stats."""
        until, last, since = time.monotonic() + limit_s, None, time.monotonic()
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise SystemExit(f"bench: the bot ended with {self.process.returncode}")
            stats = endpoint.stats()
            now = (stats["sends"], stats["edits"], stats["acts"], stats["others"])
            if now != last:
                last, since = now, time.monotonic()
            if what(stats) and time.monotonic() - since > 1:
                return stats
            time.sleep(0.1)
        raise SystemExit(f"bench: not within {limit_s} s, at {stats}")

    def stop(self):
        self.process.terminate()
        if self.process.wait(120):
            raise SystemExit(f"bench: the bot stopped with {self.process.returncode}")


@contextlib.contextmanager
def running(build, folder, endpoint, url=None, ca=None):
    bot = Bot(build, folder, url or endpoint.url, ca)
    try:
        yield bot
        bot.stop()
    finally:
        if bot.process.poll() is None:
            bot.process.kill()
            bot.process.wait()


def noon_zone(now):
    """Where it is between 12 and 13 o'clock: no day ends and nobody is asleep."""
    east = 12 - time.gmtime(now).tm_hour
    return "Etc/UTC" if east == 0 else "Etc/GMT%+d" % -east


def people(db_path, first, n, due, cards, topic="python"):
    """n people with that many cards. Their mornings are due at due() ms, SQL that may name
    the i-th of them; asked for last, when the rest is made."""
    now = time.time()
    day = int(now // DAY_S)
    minute = 12 * 60 + time.gmtime(now).tm_min  # the slot that has just come
    db = sqlite3.connect(db_path, isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                     "PRAGMA cache_size = -400000; BEGIN")
    numbers = ("WITH RECURSIVE p(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM p"
               f" WHERE i + 1 < {n})")
    db.execute(f"{numbers} INSERT INTO learner (id, lang, zone, at_min, step, seen_ms,"
               " quiet_from_min, quiet_to_min)"
               f" SELECT {first} + i, CASE i % 2 WHEN 0 THEN 'ru' ELSE 'en' END, ?, ?, 'done',"
               " ?, 0, 0 FROM p", (noon_zone(now), minute, int(now * 1000)))
    db.execute(f"{numbers} INSERT INTO subscription (learner, topic) SELECT {first} + i, ?"
               " FROM p", (topic,))
    if cards:
        bank = [row[0] for row in db.execute(
            "SELECT question FROM bank.offer WHERE topic = ? ORDER BY likelihood LIMIT ?",
            (topic, cards))] if attach(db, db_path) else []
        for place, question in enumerate(bank):
            db.execute(f"{numbers} INSERT INTO card (learner, question, state, step, stability,"
                       " difficulty, due_day, due_ms, last_day, reps, lapses) SELECT"
                       f" {first} + i, ?, 2, 0, 10.0, 5.0, ?, 0, ?, 3, 0 FROM p",
                       (question, day if place % 4 == 0 else day + 5, day - 10))
    db.execute(f"{numbers} INSERT INTO alarm (kind, subject, due_ms, bulk)"
               f" SELECT 'sitting', {first} + i, {due()}, 1 FROM p")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def attach(db, db_path):
    db.execute("COMMIT")
    db.execute("ATTACH ? AS bank", (str(pathlib.Path(db_path).parent / "bank.db"),))
    db.execute("BEGIN")
    return True


def first_database(build, folder, endpoint):
    """The bot makes its own file; a stop closes it cleanly."""
    shutil.copy(build / "bank.db", folder / "bank.db")
    with running(build, folder, endpoint) as bot:
        bot.quiet(endpoint, lambda s: s["polls"] > 0)


def fan_out(build, folder, endpoint, bot, n, due_s):
    """From the moment the alarms are due until the last row is settled: us of CPU each."""
    had = endpoint.stats()["sends"]
    if time.time() > due_s - 0.3:
        raise SystemExit("bench: the machine was too slow, the alarms are due already")
    time.sleep(due_s - 0.2 - time.time())
    before, began = seconds_used(bot.pid), time.monotonic()
    stats = bot.quiet(endpoint, lambda s: s["sends"] >= had + n)
    took = time.monotonic() - began - 1.2
    if stats["sends"] != had + n:
        raise SystemExit(f"bench: {stats['sends'] - had} messages to {n} people")
    return (seconds_used(bot.pid) - before) / n * 1e6, n / took


def presses(endpoint, bot, n):
    """us of CPU a press, calls a press, presses a second."""
    old = endpoint.stats()
    before, began = seconds_used(bot.pid), time.monotonic()
    endpoint.tell(f"act {n} 0")
    now = bot.quiet(endpoint, lambda s: s["acts"] >= old["acts"] + n)
    took = time.monotonic() - began - 1
    calls = {k: (now[k] - old[k]) / n for k in ("sends", "edits", "toasts")}
    return (seconds_used(bot.pid) - before) / n * 1e6, calls, n / took


def bare(build, url, what, n, ca=None):
    out = subprocess.run([build / "bench_bare", url, str(IN_FLIGHT), what, str(n)] +
                         ([ca] if ca else []), capture_output=True, text=True, check=True,
                         timeout=PATIENCE_S)
    told = json.loads(out.stdout)
    return told["cpu_us"] / told["done"]


def tunnel(folder, port):
    """stunnel in front of the endpoint: (process, url, CA file)."""
    ca, pem = bottle.certificate(str(folder), "bench", "IP:127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as s:
        at = s.getsockname()[1]
    config = folder / "stunnel.conf"
    config.write_text(f"foreground = yes\npid =\nsyslog = no\ndebug = 0\n[bot]\n"
                      f"accept = 127.0.0.1:{at}\nconnect = 127.0.0.1:{port}\ncert = {pem}\n")
    process = subprocess.Popen(["stunnel4", config], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    bottle.until(lambda: not socket.socket().connect_ex(("127.0.0.1", at)), "stunnel listens")
    return process, f"https://127.0.0.1:{at}", ca


def morning_of(folder, n):
    """n people, all due at one moment soon; when that is."""
    due_s = []

    def soon():
        due_s.append(time.time() + 5 + n / 10000)
        return int(due_s[0] * 1000)

    people(folder / "bench.db", FIRST, n, soon, CARDS)
    return due_s[0]


def settle_and_press(build, folder, n, say):
    """A morning of n people and two presses of each: the rows of the table."""
    endpoint = Endpoint(build, FIRST, n)
    try:
        first_database(build, folder, endpoint)
        due_s = morning_of(folder, n)
        with running(build, folder, endpoint) as bot:
            each, rate = fan_out(build, folder, endpoint, bot, n, due_s)
            press, calls, press_rate = presses(endpoint, bot, 2 * n)
            peak = memory_mb(bot.pid)
        bare_send = bare(build, endpoint.url, "send", n)
        endpoint.tell(f"act {2 * n} 0")
        bare_press = bare(build, endpoint.url, "press", 2 * n)
    finally:
        endpoint.close()
    say("CPU a message, due alarm to settled row", "us", 50, each, bare_send,
        f"{n} people, {rate:.0f}/s")
    say("CPU a press (answer, rating)", "us", 90, press, bare_press,
        f"{2 * n} presses, {press_rate:.0f}/s, of each {calls['toasts']:.2f} toasts, "
        f"{calls['edits']:.2f} edits, {calls['sends']:.2f} messages")
    say("peak resident memory of that", "MB", 24, peak, None, "")


def over_tls(build, folder, n, say):
    endpoint = Endpoint(build, FIRST, 1)
    process = None
    try:
        first_database(build, folder, endpoint)
        process, url, ca = tunnel(folder, endpoint.port)
        due_s = morning_of(folder, n)
        with running(build, folder, endpoint, url, ca) as bot:
            each, rate = fan_out(build, folder, endpoint, bot, n, due_s)
        bare_send = bare(build, url, "send", n, ca)
    finally:
        if process:
            process.terminate()
            process.wait()
        endpoint.close()
    say("the same message over TLS", "us", 60, each, bare_send, f"{rate:.0f}/s")


# ---- for long ----

def later():
    return int((time.time() + DAY_S / 2) * 1000)


def file_mb(folder):
    return sum(f.stat().st_size for f in folder.glob("bench.db*")) / 1e6


def million(build, folder, n, seconds, say):
    """n people, 1,000 mornings a second for some minutes, and people who write meanwhile."""
    rate, live, asks = 1000, 5000, 20
    endpoint = Endpoint(build, LIVE, live)
    try:
        first_database(build, folder, endpoint)
        began = time.monotonic()
        fan, start_s = rate * seconds, None

        def paced():
            nonlocal start_s
            start_s = time.time() + 20 + n / 20000  # their alarms are made, the bot starts
            return (f"CASE WHEN i < {fan} THEN {int(start_s * 1000)} + i * 1000 / {rate}"
                    f" ELSE {int((start_s + DAY_S / 2) * 1000)} + i END")

        people(folder / "bench.db", LIVE, live, later, CARDS)
        people(folder / "bench.db", FIRST, n, paced, 0)
        made_s, before_mb = time.monotonic() - began, file_mb(folder)
        with running(build, folder, endpoint) as bot:
            started = time.monotonic()
            while endpoint.stats()["polls"] < 2:
                time.sleep(0.05)
            boot_s = time.monotonic() - started
            if time.time() > start_s:
                raise SystemExit("bench: the machine was too slow for the mornings' start")
            time.sleep(start_s - time.time())
            endpoint.tell("forget")
            endpoint.tell(f"ask {asks}")
            used, sends = seconds_used(bot.pid), endpoint.stats()["sends"]
            time.sleep(seconds - 1)  # in its last second nothing may be drained already
            mid = endpoint.stats()
            used = seconds_used(bot.pid) - used
            endpoint.tell("ask 0")
            bot.quiet(endpoint, lambda s: s["sends"] - sends >= fan)
            peak, after_mb = memory_mb(bot.pid), file_mb(folder)
    finally:
        endpoint.close()
    say("a million people: made by SQL", "s", None, made_s, None, f"{n} people")
    say("their bot starts to ask for updates", "s", None, boot_s, None, "")
    say("messages a second to them", "1/s", rate, (mid["sends"] - sends) / (seconds - 1), None,
        f"for {seconds} s, {used / (seconds - 1) * 100:.0f} % of a core")
    say("a live reply meanwhile, median", "ms", None, mid["p50_us"] / 1000, None,
        f"{mid['waited']} of /next, {asks}/s")
    say("a live reply meanwhile, p99", "ms", 1000, mid["p99_us"] / 1000, None,
        f"longest {mid['max_us'] / 1000:.0f}")
    say("peak resident memory", "MB", 64, peak, None, "")
    say("database: a person who waits", "bytes", None, before_mb * 1e6 / n, None,
        f"{before_mb:.0f} MB in all")
    say("database: what a morning adds", "bytes", None, (after_mb - before_mb) * 1e6 / fan,
        None, f"{after_mb:.0f} MB in all")


def soak(build, folder, n, say):
    """n updates; memory and descriptors as they go by."""
    live, step = 5000, 50000
    endpoint = Endpoint(build, LIVE, live)
    seen = []
    try:
        first_database(build, folder, endpoint)
        people(folder / "bench.db", LIVE, live, later, CARDS)
        with running(build, folder, endpoint) as bot:
            bot.quiet(endpoint, lambda s: s["polls"] > 0)
            began, used = time.monotonic(), seconds_used(bot.pid)
            for part in range(n // step):
                want = endpoint.stats()["acts"] + step
                endpoint.tell(f"act {step} 3")
                while endpoint.stats()["acts"] < want:
                    if bot.process.poll() is not None:
                        raise SystemExit("bench: the bot ended in the soak")
                    time.sleep(0.1)
                fds = len(os.listdir(f"/proc/{bot.pid}/fd"))
                seen.append((memory_mb(bot.pid, "VmRSS"), fds))
                print(f"    soak {(part + 1) * step:8} updates  {seen[-1][0]:6.1f} MB"
                      f"  {fds} descriptors", flush=True)
            bot.quiet(endpoint, lambda s: s["acts"] >= n)
            took, used = time.monotonic() - began, seconds_used(bot.pid) - used
            mb = file_mb(folder)
    finally:
        endpoint.close()
    half = seen[len(seen) // 2:]
    say("soak: memory at the end", "MB", None, seen[-1][0], None,
        f"{n} updates, second half {min(m for m, _ in half):.1f} to "
        f"{max(m for m, _ in half):.1f}")
    say("soak: descriptors at the end", "", None, seen[-1][1], None,
        f"second half {min(f for _, f in half)} to {max(f for _, f in half)}")
    say("soak: CPU an update", "us", None, used / n * 1e6, None,
        f"{n / took:.0f}/s, database {mb:.0f} MB")
