#!/usr/bin/python3
"""Five sabotages: each takes one wall down in a copy of the sources, and the check that
guards it must turn red. What is not seen here would not be seen by `make test` either.

tests/chaos/sabotage.py [--build DIR] [--applies] [NAME...]
Copies the sources into a scratch folder, builds them there, runs each check as it is (it must
be green), and with its sabotage (it must be red, and for the reason it is there for). The
tree is left alone. DIR has local_telegram and bank.db. --applies builds nothing
and only looks whether each patch still fits. The last line counts.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHON = "/usr/bin/python3"
PARTS = ("Makefile", "bot", "db", "content", "tests")
LIMIT_S = 900

# One file, a text in it that is there once, and what takes its place; what is built, the
# check, how it is run, and what it says when it is red for the right reason.
Sabotage = collections.namedtuple("Sabotage", "name file was becomes targets check run words")
SABOTAGES = (
    Sabotage("synchronous FULL is NORMAL", "db/open.c",
             "PRAGMA synchronous = FULL;", "PRAGMA synchronous = NORMAL;",
             ["sobes", "sobes-draw", "fonts.conf"], "power.py, 2000 states",
             [PYTHON, "tests/chaos/power.py", "--sobes", "{new}/sobes", "--telegram",
              "{old}/local_telegram", "--bank", "{old}/bank.db", "--states", "2000", "--seed",
              "1"], r"\b[1-9]\d* failed"),
    Sabotage("the seek callback lets curl repeat", "bot/net/payload.c",
             "    (void)arg, (void)offset, (void)origin;\n    return CURL_SEEKFUNC_FAIL;",
             "    (void)origin;\n    ((struct payload *)arg)->given = (size_t)offset;\n"
             "    return CURL_SEEKFUNC_OK;",
             ["tests/test_http"], "test_http, a swallowed POST is never repeated in silence",
             ["{new}/tests/test_http"],
             r"FAILED.*never_repeated_in_silence|never_repeated_in_silence.*FAILED"),
    Sabotage("`served` has no PRIMARY KEY", "db/migrations/0001_start.sql",
             "    sitting INTEGER NOT NULL REFERENCES sitting(id) ON DELETE CASCADE,\n"
             "    PRIMARY KEY (learner, day, topic)\n) STRICT, WITHOUT ROWID;\n"
             "CREATE INDEX served_sitting",
             "    sitting INTEGER NOT NULL REFERENCES sitting(id) ON DELETE CASCADE\n"
             ") STRICT;\nCREATE INDEX served_sitting",
             ["tests/test_db"], "test_db, a topic has one scheduled sitting a day",
             ["{new}/tests/test_db"],
             r"FAILED.*a_topic_has_one_scheduled_sitting_a_day"),
    Sabotage("a row is sent before its mark is stored", "db/outbox.c",
             "\"UPDATE outbox SET state = 'sending', copies = copies + 1 WHERE id = ?1\"",
             "\"UPDATE outbox SET state = state WHERE id = ?1\"",
             ["sobes", "sobes-draw", "fonts.conf"],
             "kill.py, killed again and again before the answer",
             [PYTHON, "tests/chaos/kill.py", "--sobes", "{new}/sobes", "--telegram",
              "{old}/local_telegram", "--bank", "{old}/bank.db",
              "killed again and again before the answer"],
             r"FAIL  killed again .*a message came \d+ times"),
    Sabotage("a press is not asked whose it is", "bot/talk/question.c",
             "if (d.learner != t->update->user) {", "if (d.learner == 0) {",
             ["tests/test_presses"], "test_presses, hostile presses change nothing",
             ["env", "PRESSES=20000", "{new}/tests/test_presses", "{old}/bank.db"],
             r"FAILED.*hostile_presses_change_nothing"),
)


class Trouble(Exception):
    pass


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def patched(s, root):
    """The file with the sabotage in it."""
    text = read(os.path.join(root, s.file))
    if text.count(s.was) != 1:
        raise Trouble("the patch no longer applies: %s holds %d times: %s"
                      % (s.file, text.count(s.was), " ".join(s.was.split())[:100]))
    return text.replace(s.was, s.becomes)


class Yard:
    """The scratch folder: the sources, and their build in `new`."""

    def __init__(self, old):
        self.folder = tempfile.mkdtemp(prefix="sobes-sabotage-", dir=os.environ.get("TMPDIR"))
        self.old = os.path.abspath(old)
        leave = shutil.ignore_patterns("node_modules", "__pycache__", "*.o", "*.d")
        for part in PARTS:
            here, there = os.path.join(ROOT, part), os.path.join(self.folder, part)
            if os.path.isdir(here):
                shutil.copytree(here, there, ignore=leave)
            else:
                shutil.copy(here, there)

    def make(self, targets):
        done = subprocess.run(
            ["make", "-s", "-j2", "VERSION=0", "B=new", *("new/" + t for t in targets)],
            cwd=self.folder, capture_output=True, text=True, check=False, timeout=LIMIT_S)
        if done.returncode:
            raise Trouble("it does not build: " + (done.stdout + done.stderr)[-800:])

    def run(self, s):
        """(exit code, what it said, seconds)."""
        began = time.monotonic()
        words = [w.format(new="new", old=self.old) for w in s.run]
        done = subprocess.run(words, cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              errors="replace", timeout=LIMIT_S)
        return done.returncode, done.stdout, time.monotonic() - began

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def prove(yard, s):
    """How long the check took to turn red."""
    path = os.path.join(yard.folder, s.file)
    bad, good = patched(s, yard.folder), read(path)
    yard.make(s.targets)
    code, said, _ = yard.run(s)
    if code:
        raise Trouble("the check is red without it: " + said[-800:])
    try:
        write(path, bad)
        yard.make(s.targets)
        code, said, seconds = yard.run(s)
    finally:
        write(path, good)
    if code == 0:
        raise Trouble("the check stays green: " + said[-300:])
    if not re.search(s.words, said):
        raise Trouble("the check is red for another reason: " + said[-800:])
    return seconds


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", default="build")
    p.add_argument("--applies", action="store_true")
    p.add_argument("names", nargs="*")
    options = p.parse_args()
    wanted = [s for s in SABOTAGES if not options.names or
              any(n in s.name for n in options.names)]
    yard = None if options.applies else Yard(options.build)
    failed = 0
    try:
        for s in wanted:
            try:
                told = "the patch applies" if options.applies and patched(s, ROOT) else \
                    "red in %.0f s" % prove(yard, s)
                print("ok    %s | %s | %s" % (s.name, s.check, told), flush=True)
            except (Trouble, OSError, subprocess.SubprocessError) as why:
                failed += 1
                print("FAIL  %s | %s | %s" % (s.name, s.check, why), flush=True)
    finally:
        if yard:
            yard.close()
    print("%d passed, %d failed" % (len(wanted) - failed, failed))
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
