"""`make test`: runs every check and counts.

usage: all.py BUILD SAN_BUILD [chaos]

A step is a command; what it counted is read from its own closing line (cmocka's, or
`N passed, N failed[, N skipped]`), else the step itself is one check. A step that exits
with an error, or counts nothing at all, has failed. Logs are left in BUILD/logs/.

Steps that compute run one a core. Beside them, three at a time, those that mostly wait: they
have the cores whenever they want them, since their people and clocks do not wait. On two
cores all of it takes a quarter of an hour, building included. FAULT_OFFSET=N chooses which
points of the fault loops are played.
"""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

PYTHON = "/usr/bin/python3"
STEP_LIMIT_S, CHAOS_LIMIT_S = 2400, 4 * 3600
SAMPLE = {"kill": 8, "call": 6}  # of so many points `make test` plays one
# LeakSanitizer cannot look into a process that forbids it (PR_SET_DUMPABLE 0), and
# libfaketime is loaded before ASan.
ASAN_DAEMON = {"ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
TSAN_DAEMON = {"TSAN_OPTIONS": "halt_on_error=1"}
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--error-exitcode=9"]
# Unit tests of sockets, processes and clocks as they are.
WORLDLY = ["test_http", "test_health", "test_picture", "test_resolve", "test_backup"]
E2E_SANITIZED = ["first_day", "the_morning", "random_points", "clean_stops", "a_flood", "sighup",
                 "closed_terminal", "wrong_token", "second_instance", "over_https",
                 "wrong_host", "survives_stops", "metrics", "silent_telegram", "full_disk",
                 "is_taken", "check_says", "systemd", "is_kept"]
BACKUPS_SANITIZED = ["asked", "drill", "log", "bad", "fourteen", "folder", "full", "migration",
                     "middle"]


def fault_loops(build, offset=None):
    """What breaks, and in how many parts. `offset`: every point, or those of a sample."""
    scenes = scene_files()
    for what, parts in ("kill", 4), ("call", 2), ("commit", 1):
        some = []
        if offset is not None and what in SAMPLE:
            some = ["--step", str(SAMPLE[what]), "--offset", str(offset % SAMPLE[what])]
        for part in range(parts):
            yield (f"faults: {what} {part + 1}/{parts}",
                   [f"{build}/scenes", "--bank", f"{build}/scene_bank.db", "--faults", what,
                    *some, *scenes[part::parts]], {})


def fault_offset():
    """Which points of the fault loops are played: the same in every run, so that a change is
    judged by what it changed. `make chaos` plays them all."""
    offset = int(os.environ.get("FAULT_OFFSET") or 16)
    print(f"fault loops: FAULT_OFFSET={offset}", flush=True)
    return offset


def scene_files():
    return sorted(str(p) for p in pathlib.Path("tests/scenes").glob("*.scene"))


def patient(build, san):
    """Steps that mostly wait for clocks and processes: (name, command, extra environment),
    the long ones first.

    The sanitized daemon is not played where it would go the same ways again: one game of
    battles instead of four (the scenes play their turns sanitized), one refused certificate
    instead of six (what differs is inside of curl), and nothing of the pace, which
    test_sender keeps sanitized.
    """
    yield "e2e", [PYTHON, "tests/e2e.py", "--record", f"{build}/recorded/e2e"], {}
    yield "browser", ["node", "tests/browser/run.mjs", "--sobes", f"{build}/sobes",
                      "--telegram", f"{build}/local_telegram", "--bank", f"{build}/bank.db",
                      "--out", f"{build}/browser"], {}
    for name in "kill", "io", "power", "stop", "migrate", "net", "proxies", "secrets":
        yield f"chaos: {name}", [PYTHON, f"tests/chaos/{name}.py"], {}
    yield ("chaos: memory", [PYTHON, "tests/chaos/memory.py", "--shim",
                             f"{build}/fail_malloc.so"], {})
    yield "chaos: clock", [PYTHON, "tests/chaos/clock.py", "--year", f"{build}/year"], {}
    for name in "backlog", "soak":
        yield f"chaos: {name}", [PYTHON, f"tests/chaos/{name}.py"], {}
    yield ("e2e, sanitized",
           [PYTHON, "tests/e2e.py", "--sobes", f"{san}/sobes", "--kills", "5", *E2E_SANITIZED],
           ASAN_DAEMON)
    yield "blocks of the bank", [PYTHON, "tests/run_blocks.py"], {}
    yield "deploy", [PYTHON, "tests/deploy.py", build], {}
    yield "backups", [PYTHON, "tests/backup.py"], {}
    # What of ours runs in a thread: a good backup is laid on its shelf while the daemon serves.
    yield ("backups, threads sanitized",
           [PYTHON, "tests/backup.py", "--sobes", f"{build}/tsan/sobes", "asked",
            "running_bot"], TSAN_DAEMON)
    yield ("backups, sanitized",
           [PYTHON, "tests/backup.py", "--sobes", f"{san}/sobes", "--kills", "5",
            *BACKUPS_SANITIZED], ASAN_DAEMON)
    for name in WORLDLY:
        yield f"{name}, sanitized", [f"{san}/tests/{name}"], {}
        yield name, [f"{build}/tests/{name}"], {}


def busy(build, san, offset):
    """Steps that compute, at a low priority, since nothing in them looks at the clock: the
    long ones first.

    Valgrind sees reads of what was never written, which no sanitizer of gcc sees; but ten
    times slower, so one scene here, and the daemon itself in `make chaos`.
    """
    bank = ["--bank", f"{build}/scene_bank.db"]
    units = sorted(p.stem for p in pathlib.Path("tests").glob("test_*.c"))
    yield from fault_loops(build, offset)
    yield "drawings, sanitized", [PYTHON, "tests/test_draw.py", san, "--sanitized"], {}
    yield "scenes, sanitized", [f"{san}/scenes", *bank, *scene_files()], {}
    yield "reproducible", ["tests/reproducible.sh"], {}
    yield "format, warnings", ["make", "-s", "warnings"], {}
    yield "zones", [PYTHON, "tests/zones.py", f"{build}/tests/test_zones"], {}
    for name, least in ("update", 1000), ("markup", 1000), ("bank", 50), ("turn", 10):
        yield (f"fuzz: {name}",
               ["tests/fuzz/run.sh", f"{build}/fuzz/fuzz_{name}", "15", str(least)],
               {"SCENE_BANK": f"{build}/scene_bank.db"})
    yield "scenes", [f"{build}/scenes", *bank, *scene_files()], {}
    yield "drawings", [PYTHON, "tests/test_draw.py", build], {}
    yield "battles", [PYTHON, "tests/battles.py", "--build", build], {}
    yield ("scenes, valgrind",
           [*VALGRIND, f"{build}/scenes", *bank, "tests/scenes/b1_group_manners.scene"], {})
    for name in ["test_presses", "test_statements"]:
        yield name, [f"{build}/tests/{name}"], {}
    for name in units:
        few = {"PRESSES": "20000"} if name == "test_presses" else {}
        if name not in ("test_zones", "test_statements", *WORLDLY):
            yield f"{name}, sanitized", [f"{san}/tests/{name}"], few
        if name not in ("test_zones", "test_statements", "test_presses", *WORLDLY):
            yield name, [f"{build}/tests/{name}"], {}
    yield "blocks, self-test", [PYTHON, "tests/test_run_blocks.py"], {}
    yield "sabotages apply", [PYTHON, "tests/chaos/sabotage.py", "--applies"], {}
    yield "plan", [PYTHON, "content/plan_check.py"], {}
    yield "report of the bank", [PYTHON, "tests/test_bank_report.py"], {}
    yield "bank", [f"{build}/compiler", "check", "content"], {}
    yield "layers", ["tests/check_layers.sh"], {}
    yield "dependencies", ["tests/check_deps.sh"], {}
    yield "contract, self-test", ["node", "tests/contract/check.mjs", "--self-test"], {}
    yield "promise", [PYTHON, "tests/test_promise.py"], {}


def chaos(build):
    """`make chaos`: the fault loops with every point, threads and memory under what is too
    slow for `make test`, then every driver of tests/chaos for long. What is only imported
    there is no driver, and has no first line that says by what it is run."""
    yield from fault_loops(build)
    tsan = f"{build}/tsan"
    yield ("scenes, threads sanitized",
           [f"{tsan}/scenes", "--bank", f"{build}/scene_bank.db", *scene_files()], TSAN_DAEMON)
    for name in "e2e", "backup":
        yield (f"{name}, threads sanitized",
               [PYTHON, f"tests/{name}.py", "--sobes", f"{tsan}/sobes"], TSAN_DAEMON)
    yield ("e2e, valgrind", [PYTHON, "tests/e2e.py", "--around", shlex.join(VALGRIND),
                             "first_day", "clean_stops"], {})
    for path in sorted(pathlib.Path("tests/chaos").glob("*.py")):
        if path.read_text().startswith("#!") and path.stem != "sabotage":
            yield f"chaos: {path.stem}", [PYTHON, str(path), "--long"], {}


def last_steps():
    """What looks at the recordings that other steps leave."""
    yield "contract", ["make", "-s", "contract"], {}


def counted(text):
    """(passed, failed, skipped) as the step says itself, or None."""
    ours = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", text, re.M)
    if ours:
        passed, failed, skipped = ours[-1]
        return int(passed), int(failed), int(skipped or 0)
    good = re.findall(r"^\[  PASSED  \] (\d+) test\(s\)\.", text, re.M)
    bad = re.findall(r"^\[  FAILED  \] (?:\w+: )?(\d+) test\(s\)", text, re.M)
    if good or bad:
        return sum(map(int, good)), sum(map(int, bad)), 0
    return None


def run(step, nice, logs, limit_s):
    name, command, extra = step
    began = time.monotonic()
    log = logs / (re.sub(r"\W+", "_", name) + ".log")
    # Scenes make thousands of small databases: in memory where the machine has such a place.
    memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    env = os.environ | memory | extra
    with log.open("wb") as out:
        try:
            code = subprocess.run([*nice, *command], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, env=env,
                                  timeout=limit_s).returncode
        except (OSError, subprocess.TimeoutExpired) as trouble:
            out.write(f"\n{trouble}\n".encode())
            code = 1
    text = log.read_text(errors="replace")
    count = counted(text)
    if count is None:
        count = (1, 0, 0) if code == 0 else (0, 1, 0)
    passed, failed, skipped = count
    if code != 0 and failed == 0:
        failed = 1
    if passed + failed == 0:
        failed = 1
    return name, (passed, failed, skipped), time.monotonic() - began, text


def tell(name, count, seconds, text):
    print(f"{'FAIL' if count[1] else 'ok  '} {name}: {count[0]} passed, "
          f"{count[1]} failed, {count[2]} skipped ({seconds:.0f} s)".replace(
              ", 0 skipped", ""), flush=True)
    if count[1]:
        print("\n".join("    " + line for line in text.splitlines()[-60:]), flush=True)


def play(kinds, logs, limit_s):
    """Runs the steps of each kind, (steps, how many at a time, words before each command),
    all kinds at once; gives the ends as they come."""
    running = []
    with contextlib.ExitStack() as pools:
        for some, lanes, nice in kinds:
            pool = pools.enter_context(concurrent.futures.ThreadPoolExecutor(lanes))
            running += [pool.submit(run, step, nice, logs, limit_s) for step in some]
        for future in concurrent.futures.as_completed(running):
            yield future.result()


def main():
    build, san = sys.argv[1:3]
    for_long = sys.argv[3:] == ["chaos"]
    cores = max(2, os.cpu_count() or 2)
    if for_long:
        rounds = [[(chaos(build), cores, [])]]
    else:
        rounds = [[(patient(build, san), max(3, cores), []),
                   (busy(build, san, fault_offset()), cores, ["nice", "-n", "10"])],
                  [(last_steps(), 1, [])]]
    limit_s = CHAOS_LIMIT_S if for_long else STEP_LIMIT_S
    logs = pathlib.Path(build, "logs")
    logs.mkdir(parents=True, exist_ok=True)
    total = [0, 0, 0]
    for kinds in rounds:
        for name, count, seconds, text in play(kinds, logs, limit_s):
            total = [a + b for a, b in zip(total, count)]
            tell(name, count, seconds, text)
            if for_long and not count[1]:  # its lines are the table of faults
                print("".join("    %s\n" % line for line in text.splitlines()[:-1]), end="")
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
