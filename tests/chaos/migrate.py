#!/usr/bin/python3
"""A migration killed at its system calls: a database of an older schema with people in it is
opened by the real binary, which strace kills at the K-th call of each kind.

tests/chaos/migrate.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--points N] [--long]
                       [--seed N] [NAME...]
After each kill the file is whole and of one schema, the older, the newest or one between, to
the letter; once anything was changed there is a good backup of what was before; and the next
start reaches the newest with nobody's rows lost. --long kills at every call. The last line
counts.
"""
import collections
import contextlib
import glob
import os
import random
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import kill  # noqa: E402
import promise  # noqa: E402
from backup import Shelf, rows, serves  # noqa: E402
from bottle import arguments, keep_promise, need, play, until  # noqa: E402

CALLS = ("openat", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "link",
         "unlink", "mkdir")
POINTS = 45     # of the oldest schema, without --long
CROWD = 200     # people beside those who talked to the bot
MIGRATIONS = sorted(glob.glob(os.path.join(promise.ROOT, "db", "migrations", "*.sql")))
# What people have: rows of the first schema that no start changes.
KEPT = {"learner": ("id", "at_min", "streak", "best", "last_day", "state", "zone"),
        "subscription": ("learner", "topic", "weight"),
        "card": ("learner", "question", "stability", "difficulty", "due_day", "reps"),
        "sitting": ("id", "learner", "day", "scheduled", "size"),
        "served": ("learner", "day", "topic", "sitting"),
        "delivery": ("id", "token", "learner", "question", "state", "post"),
        "review": ("id", "learner", "delivery", "question", "grade", "day", "before"),
        "streak_day": ("learner", "day", "kind", "reviews"),
        "seen_update": ("id",)}


def script(number):
    with open(MIGRATIONS[number - 1], encoding="utf-8") as f:
        return f.read()


def bring_up(db, to):
    """As the program does it."""
    have = db.execute("PRAGMA user_version").fetchone()[0]
    for number in range(have + 1, to + 1):
        db.executescript("BEGIN;%s;PRAGMA user_version = %d;COMMIT" % (script(number), number))


def schema_of(db):
    rows_of = db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2")
    return [tuple(row) for row in rows_of]


def schemas():
    """number -> what a file of that schema looks like."""
    found = {}
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for number in range(1, len(MIGRATIONS) + 1):
            bring_up(db, number)
            found[number] = schema_of(db)
    return found


def belongings(path):
    """What people have, in a file that nobody has open."""
    with promise.Database(path) as db:
        return {table: sorted(tuple(row) for row in db.rows("SELECT %s FROM %s" % (
            ", ".join(columns), table))) for table, columns in KEPT.items()}


def need_same(had, path, words):
    """Nobody's rows differ."""
    has = belongings(path)
    for table, before in had.items():
        gone = [row for row in before if row not in has[table]]
        new = len(has[table]) - len(before) + len(gone)
        need(not gone and not new, "%s: of %s %d are gone, %s; %d are new" % (
            words, table, len(gone), gone[:1], new))


def crowd(db):
    """More people, so that the tables have more than a page."""
    first = db.execute("SELECT max(id) FROM learner").fetchone()[0]
    for i in range(1, CROWD + 1):
        for table, of in ("learner", "id"), ("subscription", "learner"), ("card", "learner"), \
                ("streak_day", "learner"):
            columns = [r[1] for r in db.execute("PRAGMA table_info(%s)" % table)]
            picked = ["%d" % (first + i) if c == of else c for c in columns]
            db.execute("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s = ?" % (
                table, ", ".join(columns), ", ".join(picked), table, of), (first,))


def older(newest, path, schema):
    """The same people in a file of an older schema."""
    if os.path.exists(path):
        os.remove(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA application_id = %d" % promise.expected_pragmas()[0])
        bring_up(db, 1)
        db.execute("ATTACH ? AS newer", ("file:%s?mode=ro" % newest,))
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            names = [{r[1] for r in db.execute("PRAGMA %s.table_info(%s)" % (where, table))}
                     for where in ("main", "newer")]
            both = ", ".join(sorted(names[0] & names[1]))
            db.execute("INSERT INTO main.%s (%s) SELECT %s FROM newer.%s" % (
                table, both, both, table))
        crowd(db)
        db.commit()
        db.execute("DETACH newer")
        bring_up(db, schema)


class Ward:
    """The daemon's folder, and the file that is laid into it before each point."""

    def __init__(self, telegram, sobes):
        world = kill.World(telegram, sobes)
        world.begin()
        newest = os.path.join(sobes.folder, "newest")
        shutil.move(sobes.db, newest)
        self.sobes, self.shelf, self.newest = sobes, Shelf(sobes), newest
        self.schemas = schemas()
        self.kills, self.ended = 0, collections.Counter()

    def lay(self, schema):
        self.base = os.path.join(self.sobes.folder, "base-%d" % schema)
        self.schema = schema
        older("%s" % self.newest, self.base, schema)
        self.had = belongings(self.base)

    def clear(self):
        for path in glob.glob(self.sobes.db + "*"):
            os.remove(path)
        shutil.rmtree(self.shelf.folder, ignore_errors=True)
        shutil.copyfile(self.base, self.sobes.db)

    def run(self, *around):
        """True: it was killed before it had started."""
        self.sobes.around = list(around)
        self.sobes.start()
        until(lambda: self.sobes.process.poll() is not None or self.sobes.has_started(),
              "it has started or died", 30)
        if self.sobes.process.poll() is not None and not self.sobes.has_started():
            need(self.sobes.process.returncode == -9, "it ended with %d"
                 % self.sobes.process.returncode)
            return True
        if self.sobes.process.poll() is None:
            self.sobes.kill() if around else need(self.sobes.stop() == 0, "no clean stop")
        return False

    def count(self):
        """How often each call is made until it has started."""
        trace = os.path.join(self.sobes.folder, "calls")
        self.clear()
        self.run("strace", "-D", "-f", "-s", "0", "-o", trace, "-e", "trace=" + ",".join(CALLS))

        def whole():
            with open(trace, encoding="ascii", errors="replace") as f:
                text = f.read()
            return text if "+++ killed by SIGKILL" in text else None
        text = until(whole, "strace has written all")
        return collections.Counter(re.findall(
            r"^%d +(\w+)\(" % self.sobes.process.pid, text, re.M))

    def backups(self):
        """Each of them is good and has everybody; gives their schemas. The next start may
        have made one of what the killed migration had come to."""
        found = set()
        for name in self.shelf.names():
            path = os.path.join(self.shelf.folder, name)
            self.shelf.word("verify", path)
            need_same(self.had, path, name)
            found.add(rows(path, "PRAGMA user_version")[0][0])
        return found

    def judge_killed(self):
        with promise.Database(self.sobes.db) as db:
            need(db.one("PRAGMA integrity_check") == "ok", "integrity_check")
            version = db.one("PRAGMA user_version")
            need(version in self.schemas and version >= self.schema, "schema %d" % version)
            need(schema_of(db.link) == self.schemas[version],
                 "the file says schema %d and is another" % version)
        need_same(self.had, self.sobes.db, "after the kill")
        need(self.schema in self.backups() or version == self.schema,
             "changed without a backup of what was before")
        return version

    def judge_started(self):
        with promise.Database(self.sobes.db) as db:
            need(db.one("PRAGMA integrity_check") == "ok", "integrity_check after the start")
            need(db.one("PRAGMA user_version") == len(MIGRATIONS), "not of the newest schema")
            need(schema_of(db.link) == self.schemas[len(MIGRATIONS)], "another schema")
            need(not db.rows("PRAGMA foreign_key_check"), "foreign_key_check")
            active = db.one("SELECT count(*) FROM learner WHERE state = 'active'")
            need(db.one("SELECT n FROM tally WHERE id = 2") == active, "the tally is wrong")
        need_same(self.had, self.sobes.db, "after the start")
        need(self.schema in self.backups(), "no backup of what was before")

    def point(self, call, nth):
        where = "schema %d, killed at %s %d" % (self.schema, call, nth)
        self.clear()
        try:
            if not self.run(*kill.inject(call, nth)):
                return
            self.kills += 1
            self.ended[self.judge_killed()] += 1
            need(not self.run(), "the next start dies")
            self.judge_started()
        except Exception as e:
            e.args = ("%s: %s" % (where, e),)
            raise


def points_of(calls, n):
    """Every call, or n of them, spread over all."""
    every = [(call, nth) for call in CALLS for nth in range(1, calls[call] + 1)]
    if n is None or n >= len(every):
        return every
    return [every[int((i + random.random()) * len(every) / n)] for i in range(n)]


def told(ward):
    ended = ", ".join("%d at schema %d" % (n, v) for v, n in sorted(ward.ended.items()))
    return "%d kills (%s), nothing lost" % (ward.kills, ended)


def the_first_schema_killed_anywhere(telegram, sobes, options):
    ward = Ward(telegram, sobes)
    ward.lay(1)
    calls = ward.count()
    points = points_of(calls, None if options.long else options.points)
    for call, nth in points:
        ward.point(call, nth)
    need(ward.ended[1] > 0 and (not options.long or len(ward.ended) > 2), told(ward))
    return "of %d calls %d tried: " % (calls.total(), len(points)) + told(ward)


def every_older_schema_reaches_the_newest(telegram, sobes, options):
    """Those between too; and then the bot goes on with these people."""
    ward = Ward(telegram, sobes)
    for schema in range(1, len(MIGRATIONS)):
        ward.lay(schema)
        ward.clear()
        need(not ward.run(), "schema %d: the start dies" % schema)
        ward.judge_started()
        points = points_of(ward.count(), options.points * 4 if options.long else 5)
        for call, nth in points if schema > 1 else ():
            ward.point(call, nth)
    ward.clear()
    ward.run()
    sobes.around = []
    sobes.start()
    serves(telegram)
    telegram.say("/next")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    telegram.quiet(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    verdict = keep_promise(telegram, sobes)
    return "%d older schemas, %s; %d ratings of people from before" % (
        len(MIGRATIONS) - 1, told(ward), verdict.ratings)


CHECKS = (the_first_schema_killed_anywhere, every_older_schema_reaches_the_newest)


def main():
    p = arguments(__doc__)
    p.add_argument("--points", type=int, default=POINTS)
    p.add_argument("--long", action="store_true")
    p.add_argument("--seed", type=int, default=random.randrange(10 ** 6))
    options = p.parse_args()
    random.seed(options.seed)
    print("seed %d" % options.seed)
    play(CHECKS, options)


if __name__ == "__main__":
    main()
