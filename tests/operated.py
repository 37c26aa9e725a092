"""For e2e.py: the daemon as who operates it sees it: /healthz and /metrics, `sobes health`
and `sobes check`, and what systemd is told."""
import collections
import os
import re
import resource
import socket
import subprocess
import time

from bottle import Skipped, need, until

SAMPLE = re.compile(r'^([a-z_]+)(?:\{([a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*)\})? '
                    r'(-?[0-9.]+(?:e[+-][0-9]+)?)$')
ADDRESS = re.compile(r"health: addr=http://([0-9.]+):(\d+)\n")


def address(sobes):
    """Of the process that runs now: HEALTH_ADDR named port 0."""
    until(sobes.has_started, "it has started")
    host, port = ADDRESS.findall(sobes.said())[-1]
    return host, int(port)


def ask(sobes, path, method="GET"):
    """(status, body) over a socket of ours."""
    with socket.create_connection(address(sobes), 5) as s:
        s.sendall(("%s %s HTTP/1.1\r\nHost: h\r\n\r\n" % (method, path)).encode())
        answer = b""
        while data := s.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def metrics(sobes):
    """{(name, labels): number}; anything that Prometheus would stumble over is a failure."""
    status, text = ask(sobes, "/metrics")
    need(status == 200 and text.endswith("\n"), "/metrics says %d" % status)
    need(sobes.env["BOT_TOKEN"].split(":")[1] not in text, "the token is in /metrics")
    need("7000000" not in text, "somebody's id is in /metrics")
    kinds, values = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            need(name not in kinds, "%s has two types" % name)
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.match(line)
            need(found, "not a sample: %s" % line)
            name, labels, value = found.groups()
            base = re.sub("_(bucket|sum|count)$", "", name)
            need(kinds.get(name) in ("counter", "gauge") or kinds.get(base) == "histogram",
                 "%s has no type" % name)
            need((name, labels) not in values, "twice: %s" % line)
            values[name, labels] = float(value)
    for name, kind in kinds.items():
        need(kind != "counter" or name.endswith("_total"), "%s is a counter" % name)
        if kind == "histogram":
            histogram_adds_up(name, values)
    return values


def histogram_adds_up(name, values):
    rows = collections.defaultdict(list)
    for (sample, labels), value in values.items():
        if sample == name + "_bucket":
            rest, le = re.match(r'(.*?),?le="([^"]+)"$', labels).groups()
            rows[rest or None].append((float(le.replace("+Inf", "inf")), value))
    need(rows, "%s has no buckets" % name)
    for labels, buckets in rows.items():
        need(buckets == sorted(buckets) and buckets[-1][0] == float("inf") and
             [n for _, n in buckets] == sorted(n for _, n in buckets), "%s: buckets" % name)
        need(values[name + "_count", labels] == buckets[-1][1], "%s: the count" % name)
        need((name + "_sum", labels) in values, "%s: no sum" % name)


def total(values, name, **labels):
    return sum(value for (sample, have), value in values.items() if sample == name and
               all('%s="%s"' % pair in (have or "") for pair in labels.items()))


def word(sobes, which, **env):
    """Runs `sobes WHICH` beside the daemon: (exit code, what it printed)."""
    ran = subprocess.run([os.path.abspath(sobes.options.sobes), which],
                         env={**sobes.env, **env}, cwd=sobes.folder, timeout=30,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    need(sobes.env["BOT_TOKEN"].split(":")[1] not in ran.stdout, "the token is printed")
    return ran.returncode, ran.stdout


def metrics_count_what_was_done(telegram, sobes, options):
    sobes.env["HEALTH_ADDR"] = "127.0.0.1:0"
    before = time.time()
    sobes.start()
    host, port = address(sobes)
    telegram.say("/start")
    telegram.press("Поехали*")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    until(lambda: telegram.find("Отменить*"), "the rating is shown")
    telegram.control("fail", method="sendMessage", words="429 retry_after=1 times=2")
    telegram.say("/help")
    telegram.say("/stats")
    until(lambda: sum(r["status"] == 429 for r in telegram.ledger()) == 2, "two 429")
    telegram.quiet()
    need(ask(sobes, "/healthz") == (200, "ok\n"), "/healthz: %s" % (ask(sobes, "/healthz"),))
    need(word(sobes, "health", HEALTH_ADDR="%s:%d" % (host, port)) == (0, "ok\n"),
         "sobes health does not say ok")
    values, ledger = metrics(sobes), telegram.ledger()
    done = [r for r in ledger if r["kind"] in ("sent", "edited") and r["status"] == 200]
    for name, labels, right in (
            ("sobes_updates_total", {"kind": "text"}, 3),
            ("sobes_updates_total", {"kind": "button"}, 3),
            ("sobes_updates_total", {}, 6),
            ("sobes_sends_total", {"kind": "toast", "outcome": "sent"},
             sum(r["kind"] == "toast" and r["status"] == 200 for r in ledger)),
            ("sobes_sends_total", {"kind": "edit", "outcome": "sent"},
             sum(r["kind"] == "edited" for r in done)),
            ("sobes_sends_total", {"outcome": "flood"}, 2),
            ("sobes_sends_total", {"outcome": "refused"}, 0),
            ("sobes_sends_total", {"outcome": "unknown"}, 0),
            ("sobes_floods_total", {"call": "send"}, 2),
            ("sobes_floods_total", {"call": "poll"}, 0),
            ("sobes_delivery_delay_seconds_count", {}, len(done)),
            ("sobes_people", {"state": "active"}, 1), ("sobes_people", {}, 1),
            ("sobes_outbox_rows", {}, 0), ("sobes_battles_running", {}, 0),
            ("sobes_healthy", {}, 1), ("sobes_build_info", {}, 1)):
        have = total(values, name, **labels)
        need(have == right, "%s %s is %s, not %s" % (name, labels, have, right))
    new = sum(total(values, "sobes_sends_total", kind=kind, outcome="sent")
              for kind in ("question", "reply", "nudge"))
    need(new == sum(r["kind"] == "sent" for r in done), "%d messages are counted" % new)
    need(total(values, "sobes_delivery_delay_seconds_sum") >= 1, "the 429 took no time")
    need(total(values, "sobes_turn_seconds_count", cause="updates") >= 1, "no turn")
    need(before - 2 <= total(values, "process_start_time_seconds") <= time.time(), "the start")
    need(total(values, "sobes_poll_answered_time_seconds") > before, "the last answer")
    size = os.path.getsize(sobes.db)
    need(total(values, "sobes_database_bytes", file="main") == size, "the database's size")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    return "%d samples" % len(values)


def a_silent_telegram_is_told_after_90_s(telegram, sobes, options):
    sobes.env.update(HEALTH_ADDR="127.0.0.1:0", POLL_TIMEOUT="1")
    sobes.travel(0)
    sobes.start()
    at = "%s:%d" % address(sobes)
    until(lambda: ask(sobes, "/healthz")[0] == 200, "/healthz is well")
    telegram.stop()
    until(lambda: "warn poll:" in sobes.said(), "it sees that Telegram is gone", 20)
    need(ask(sobes, "/healthz") == (200, "ok\n"), "it is ill at once")
    sobes.travel(100)
    until(lambda: ask(sobes, "/healthz") == (503, "telegram\n"), "/healthz tells it", 40)
    need(total(metrics(sobes), "sobes_healthy") == 0, "sobes_healthy is 1")
    need(word(sobes, "health", HEALTH_ADDR=at) == (1, "telegram\n"), "sobes health")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    code, said = word(sobes, "health", HEALTH_ADDR=at)
    need(code == 1 and "nobody answers" in said, "of a stopped one: %d %s" % (code, said))


def a_full_disk_is_told_and_heals(telegram, sobes, options):
    sobes.env.update(HEALTH_ADDR="127.0.0.1:0", POLL_TIMEOUT="1")
    sobes.start()
    telegram.say("/start")
    telegram.press("Поехали*")
    telegram.quiet(1)
    try:
        resource.prlimit(sobes.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    except PermissionError:
        raise Skipped("only root can set a limit of a process that hides itself") from None
    telegram.say("/stats")
    until(lambda: ask(sobes, "/healthz") == (503, "database\n"), "/healthz tells it", 20)
    resource.prlimit(sobes.process.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: ask(sobes, "/healthz") == (200, "ok\n"), "/healthz is well again", 30)
    telegram.quiet(1)
    need(total(metrics(sobes), "sobes_updates_total", kind="text") == 2,
         "an update that was tried again is counted again")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


def an_address_that_is_taken_is_no_end(telegram, sobes, options):
    sobes.env["HEALTH_ADDR"] = "127.0.0.1:%d" % telegram.port
    sobes.start()
    telegram.say("/start")
    until(lambda: telegram.find("Поехали*"), "the bot answers")
    need("warn health: HEALTH_ADDR" in sobes.said(), "there is no warning")
    code, said = word(sobes, "health")
    need(code == 1 and "not Sobes" in said, "sobes health of another: %d %s" % (code, said))
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


def check_says_what_is_wrong(telegram, sobes, options):
    def is_found(code, words, **env):
        have, said = word(sobes, "check", **env)
        need(have == code, "exit code %d and not %d: %s" % (have, code, said))
        need(re.search(words, said, re.M), "\"%s\" is not said: %s" % (words, said))

    beside = os.path.join(sobes.folder, "beside")
    is_found(0, "^ok .*will be made by the first start")
    need(not os.path.exists(sobes.db), "the check has made a database")
    is_found(78, "^BAD .*token", BOT_TOKEN="")
    is_found(78, "BOT_TOKEN has not the shape", BOT_TOKEN="12:short")
    is_found(78, "HEALTH_ADDR is \"8080\"", HEALTH_ADDR="8080")
    is_found(78, "^BAD .*bank.*there is none", BANK_PATH="/nowhere/bank.db")
    is_found(78, "^BAD .*data.*cannot be written", DB_PATH="/nowhere/at/all/sobes.db")
    with open(beside, "w", encoding="ascii") as f:
        f.write("not a database, " * 1000)
    is_found(74, "^BAD .*database.*damaged", DB_PATH=beside)
    is_found(74, "^BAD .*database.*question bank", DB_PATH=sobes.env["BANK_PATH"])
    is_found(78, "^BAD .*bank.*damaged", BANK_PATH=beside)
    is_found(74, "^BAD .*database.*damaged", BOT_TOKEN="", DB_PATH=beside)  # the worse counts
    sobes.start()
    telegram.say("/start")
    until(lambda: telegram.find("Поехали*"), "the bot answers")
    is_found(0, "^ok .*is served by a Sobes just now")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    is_found(0, "^ok .*is whole")


def systemd_is_told(telegram, sobes, options):
    path = os.path.join(sobes.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        systemd.settimeout(10)
        sobes.env.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="2000000")
        sobes.start()
        first, beats = systemd.recv(500), 0
        while not first.startswith(b"READY=1\n"):
            first = systemd.recv(500)
        need(first == b"READY=1\nSTATUS=serving", "READY: %r" % first)
        began = time.monotonic()
        while beats < 6:
            need(systemd.recv(500) == b"WATCHDOG=1", "not a beat")
            beats += 1
        took = time.monotonic() - began
        need(took > 2, "the watchdog is fed all the time: 6 beats in %.1f s" % took)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        said = systemd.recv(500)
        while said == b"WATCHDOG=1":  # fed before the signal came
            said = systemd.recv(500)
        need(said == b"STOPPING=1\nSTATUS=stopping", "at the end: %r" % said)


OPERATED = (metrics_count_what_was_done, a_silent_telegram_is_told_after_90_s,
            a_full_disk_is_told_and_heals, an_address_that_is_taken_is_no_end,
            check_says_what_is_wrong, systemd_is_told)
