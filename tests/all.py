"""`make test`: runs every check, one a core but two at least, and counts.

usage: all.py BUILD SAN_BUILD [chaos]

A step is a command; what it counted is read from its own closing line (cmocka's, or
`N passed, N failed[, N skipped]`), else the step itself is one check. A step that exits
with an error, or counts nothing at all, has failed. Logs are left in BUILD/logs/.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

PYTHON = "/usr/bin/python3"
STEP_LIMIT_S, CHAOS_LIMIT_S = 2400, 4 * 3600


def steps(build, san):
    """(name, command, extra environment), the long ones first."""
    scenes = sorted(str(p) for p in pathlib.Path("tests/scenes").glob("*.scene"))
    bank = ["--bank", f"{build}/scene_bank.db"]
    units = sorted(p.stem for p in pathlib.Path("tests").glob("test_*.c"))
    yield "e2e", [PYTHON, "tests/e2e.py", "--record", f"{build}/recorded/e2e"], {}
    yield "browser", ["node", "tests/browser/run.mjs", "--sobes", f"{build}/sobes",
                      "--telegram", f"{build}/local_telegram", "--bank", f"{build}/bank.db",
                      "--out", f"{build}/browser"], {}
    # LeakSanitizer cannot look into a process that forbids it (PR_SET_DUMPABLE 0), and
    # libfaketime is loaded before ASan.
    yield ("e2e, sanitized",
           [PYTHON, "tests/e2e.py", "--sobes", f"{san}/sobes", "--kills", "5"],
           {"ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"})
    yield "backups", [PYTHON, "tests/backup.py"], {}
    yield ("backups, sanitized",
           [PYTHON, "tests/backup.py", "--sobes", f"{san}/sobes", "--kills", "5", "asked",
            "drill", "log", "bad", "fourteen", "folder", "full", "migration", "middle"],
           {"ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"})
    for name in "net", "proxies", "secrets":
        yield f"chaos: {name}", [PYTHON, f"tests/chaos/{name}.py"], {}
    for what, parts in ("kill", 3), ("call", 2), ("commit", 1):
        for part in range(parts):
            yield (f"faults: {what} {part + 1}/{parts}",
                   [f"{build}/scenes", *bank, "--faults", what, *scenes[part::parts]], {})
    yield "chaos: kills", [PYTHON, "tests/chaos/kill.py"], {}
    yield "chaos: clean stops", [PYTHON, "tests/chaos/stop.py"], {}
    yield "chaos: migrations", [PYTHON, "tests/chaos/migrate.py"], {}
    yield "sabotages apply", [PYTHON, "tests/chaos/sabotage.py", "--applies"], {}
    yield "chaos: power cuts", [PYTHON, "tests/chaos/power.py"], {}
    yield "chaos: disk", [PYTHON, "tests/chaos/io.py"], {}
    yield ("chaos: memory", [PYTHON, "tests/chaos/memory.py", "--shim",
                             f"{build}/fail_malloc.so"], {})
    for name, least in ("update", 1000), ("markup", 1000), ("bank", 50), ("turn", 10):
        yield (f"fuzz: {name}",
               ["tests/fuzz/run.sh", f"{build}/fuzz/fuzz_{name}", "15", str(least)],
               {"SCENE_BANK": f"{build}/scene_bank.db"})
    yield ("scenes, valgrind",
           ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--error-exitcode=9", f"{build}/scenes",
            *bank, "tests/scenes/b1_group_manners.scene"], {})
    yield "zones", [PYTHON, "tests/zones.py", f"{build}/tests/test_zones"], {}
    for name in ["test_presses", "test_statements"]:
        yield name, [f"{build}/tests/{name}"], {}
    for name in units:
        few = {"PRESSES": "20000"} if name == "test_presses" else {}
        if name not in ("test_zones", "test_statements"):
            yield f"{name}, sanitized", [f"{san}/tests/{name}"], few
        if name not in ("test_zones", "test_statements", "test_presses"):
            yield name, [f"{build}/tests/{name}"], {}
    yield ("drawings, sanitized",
           [PYTHON, "tests/test_draw.py", san, "--sanitized"], {})
    yield "drawings", [PYTHON, "tests/test_draw.py", build], {}
    yield "battles", [PYTHON, "tests/battles.py", "--build", build], {}
    yield "scenes, sanitized", [f"{san}/scenes", *bank, *scenes], {}
    yield "scenes", [f"{build}/scenes", *bank, *scenes], {}
    yield "deploy", [PYTHON, "tests/deploy.py", build], {}
    yield "reproducible", ["tests/reproducible.sh"], {}
    yield "blocks of the bank", [PYTHON, "tests/run_blocks.py"], {}
    yield "blocks, self-test", [PYTHON, "tests/test_run_blocks.py"], {}
    yield "plan", [PYTHON, "content/plan_check.py"], {}
    yield "report of the bank", [PYTHON, "tests/test_bank_report.py"], {}
    yield "bank", [f"{build}/compiler", "check", "content"], {}
    yield "layers", ["tests/check_layers.sh"], {}
    yield "dependencies", ["tests/check_deps.sh"], {}
    yield "contract, self-test", ["node", "tests/contract/check.mjs", "--self-test"], {}
    yield "promise", [PYTHON, "tests/test_promise.py"], {}


def chaos():
    """`make chaos`: every driver of tests/chaos for long. What is only imported there is no
    driver, and has no first line that says by what it is run."""
    for path in sorted(pathlib.Path("tests/chaos").glob("*.py")):
        if path.read_text().startswith("#!") and path.stem != "sabotage":
            yield f"chaos: {path.stem}", [PYTHON, str(path), "--long"], {}


def last_steps():
    """What looks at the recordings that other steps leave."""
    yield "format, warnings, contract", ["make", "-s", "check"], {}


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


def run(step, logs, limit_s):
    name, command, extra = step
    began = time.monotonic()
    log = logs / (re.sub(r"\W+", "_", name) + ".log")
    # Scenes make thousands of small databases: in memory where the machine has such a place.
    memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    env = os.environ | memory | extra
    with log.open("wb") as out:
        try:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
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


def main():
    build, san = sys.argv[1:3]
    for_long = sys.argv[3:] == ["chaos"]
    all_steps = [chaos()] if for_long else [steps(build, san), last_steps()]
    limit_s = CHAOS_LIMIT_S if for_long else STEP_LIMIT_S
    logs = pathlib.Path(build, "logs")
    logs.mkdir(parents=True, exist_ok=True)
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        for some in all_steps:
            running = [pool.submit(run, step, logs, limit_s) for step in some]
            for future in concurrent.futures.as_completed(running):
                name, count, seconds, text = future.result()
                total = [a + b for a, b in zip(total, count)]
                tell(name, count, seconds, text)
                if for_long and not count[1]:  # its lines are the table of faults
                    print("".join("    %s\n" % line for line in text.splitlines()[:-1]), end="")
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
