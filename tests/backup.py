#!/usr/bin/python3
"""Backups end to end: the real binary makes them while it serves, the operator's words make,
look at and restore them, and nothing that goes wrong on the way costs the database anything.

tests/backup.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--kills N] [NAME...]
Only the checks whose name contains a NAME run. Prints one line per check; the last line
counts.
"""
import collections
import contextlib
import glob
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from bottle import Failed, Skipped, arguments, keep_promise, need, play, until
from e2e import onboard

BACKUP = re.compile(r"^sobes-\d{8}-\d{6}Z\.db$")
USAGE, DISK, RUNNING = 64, 74, 75
CANARY = 3377135918273645  # 52 bits, as many as Telegram's ids may have


class Shelf:
    """BACKUP_DIR of a bot, and the operator before it."""

    def __init__(self, sobes):
        self.sobes = sobes
        self.folder = os.path.join(sobes.folder, "data", "backup")  # the default

    def names(self):
        return sorted(n for n in os.listdir(self.folder) if BACKUP.match(n)) \
            if os.path.isdir(self.folder) else []

    def newest(self):
        return os.path.join(self.folder, self.names()[-1])

    def ask(self, seconds=20):
        """SIGUSR1; waits for the line of the log that tells of the end."""
        before = self.ends()
        self.sobes.process.send_signal(signal.SIGUSR1)
        until(lambda: self.ends() > before, "the log tells how the backup went", seconds)

    def ends(self):
        said = self.sobes.said()
        return said.count("info backup: backup=") + said.count("error backup: no backup in")

    def word(self, *words, code=0):
        """`sobes WORDS` in the bot's folder; gives what it said."""
        done = subprocess.run([os.path.abspath(self.sobes.options.sobes), *words],
                              env=self.sobes.env, cwd=self.sobes.folder, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        said = done.stdout + done.stderr
        need(done.returncode == code, "sobes %s: exit code %d, not %d: %s"
             % (" ".join(words), done.returncode, code, said))
        need(code == 0 or done.stderr.strip(), "sobes %s says nothing" % " ".join(words))
        return said


def rows(path, sql):
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as db:
        return db.execute(sql).fetchall()


def content(path):
    with open(path, "rb") as f:
        return f.read()


def serves(telegram):
    mark = len(telegram.ledger())
    telegram.say("/help")
    until(lambda: any(r["kind"] == "sent" and r["status"] == 200
                      for r in telegram.ledger()[mark:]), "it answers")


def fatten(sobes, megabytes):
    """A database that takes a while to copy."""
    db = sqlite3.connect(sobes.db)
    db.execute("CREATE TABLE ballast(x)")
    db.executemany("INSERT INTO ballast VALUES (randomblob(1000000))", [()] * megabytes)
    db.commit()
    db.close()


def asked_for_while_it_serves(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    need(len(shelf.names()) == 1, "there are %s" % shelf.names())
    path = shelf.newest()
    need(os.listdir(shelf.folder) == shelf.names(), os.listdir(shelf.folder))
    need(os.stat(path).st_mode & 0o777 == 0o600, "others may read the file")
    need(os.stat(shelf.folder).st_mode & 0o777 == 0o700, "others may read the folder")
    said = shelf.word("verify", path)
    need(re.search(r"^  review +1$", said, re.M), "the rating is not counted: " + said)
    serves(telegram)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)


def each_night_at_half_past_three(telegram, sobes, options):
    shelf = Shelf(sobes)
    day = 24 * 3600
    night = (time.time() // day + 2) * day + 3.5 * 3600  # UTC, and not the first one
    os.makedirs(shelf.folder)
    old = time.strftime("sobes-%Y%m%d-033001Z.db", time.gmtime(night - day))
    open(os.path.join(shelf.folder, old), "w").close()
    sobes.travel(night - 20 - time.time())
    onboard(telegram, sobes)
    need(shelf.names() == [old], "a backup before its time: %s" % shelf.names())
    sobes.travel(night + 1 - time.time())
    serves(telegram)
    until(lambda: len(shelf.names()) == 2, "the backup of the night", 40)
    want = time.strftime("sobes-%Y%m%d-0330", time.gmtime(night))
    need(shelf.names()[-1].startswith(want), shelf.names())
    shelf.word("verify", shelf.newest())
    serves(telegram)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


def a_running_bot_is_left_alone(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    for words in (["backup"], ["backup", "copy.db"], ["restore", shelf.newest()],
                  ["verify", sobes.db]):
        said = shelf.word(*words, code=RUNNING)
        need("running" in said, said)
    need("kill -USR1" in shelf.word("backup", code=RUNNING), "it does not say how to ask")
    need(not glob.glob(sobes.db + ".*"), glob.glob(sobes.db + ".*"))
    need(len(shelf.names()) == 1, shelf.names())
    serves(telegram)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)


def restore_drill(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    telegram.say("/next")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    telegram.quiet(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    need(sobes.rows("SELECT count(*) FROM review") == [(2,)], "two ratings were given")
    with open(sobes.db, "r+b") as f:
        f.write(b"\xa5" * 4096)
    broken = content(sobes.db)
    sobes.start()
    code = sobes.ends()
    need(code == DISK, "a damaged database ends with %s" % code)
    need("sobes restore data/backup/%s\n" % shelf.names()[-1] in sobes.said(),
         "it does not tell the way back")
    began = time.monotonic()
    said = shelf.word("restore", shelf.newest())
    took = time.monotonic() - began
    kept = glob.glob(sobes.db + ".before-restore-*")
    need(len(kept) == 1 and kept[0] in said and content(kept[0]) == broken,
         "what was there before is not kept: %s" % kept)
    need(os.stat(sobes.db).st_mode & 0o777 == 0o600, "others may read the file")
    need(not glob.glob(sobes.db + "-*"), glob.glob(sobes.db + "-*"))
    sobes.start()
    serves(telegram)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    need(sobes.rows("SELECT count(*) FROM review") == [(1,)], "not what the backup held")
    return "restored in %.2f s" % took


def after_a_kill_the_log_counts(telegram, sobes, options):
    """The last changes lie in the -wal file alone."""
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    telegram.say("/next")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    telegram.quiet(1)
    sobes.kill()
    need(os.path.getsize(sobes.db + "-wal") > 0, "no log is left to test with")
    said = shelf.word("verify", sobes.db)
    need(re.search(r"^  review +2$", said, re.M), said)
    need(os.path.getsize(sobes.db + "-wal") > 0, "looking changed what was looked at")
    wild = os.path.join(sobes.folder, "wild.db")
    for end in ("", "-wal"):
        shutil.copyfile(sobes.db + end, wild + end)
    need("-wal" in shelf.word("restore", wild, code=DISK), "a file without its log is taken")
    shelf.word("backup", "by-hand.db")
    need(rows(os.path.join(sobes.folder, "by-hand.db"), "SELECT count(*) FROM review")
         == [(2,)], "the backup by hand lacks what the log held")
    for end in ("", "-wal"):
        shutil.copyfile(wild + end, sobes.db + end)
    shelf.word("restore", shelf.newest())
    kept, = glob.glob(sobes.db + ".before-restore-*[0-9]Z")
    need(rows(kept, "SELECT count(*) FROM review") == [(2,)], "the kept one lost its log")
    need(sobes.rows("SELECT count(*) FROM review") == [(1,)], "not what the backup held")


def spoiled(path, good, how):
    """A file that is not a good backup, and what must be said of it."""
    shutil.copyfile(good, path)
    if how == "cut":
        os.truncate(path, os.path.getsize(path) // 2)
        return "damaged"
    if how == "page":
        with open(path, "r+b") as f:
            for at in range(4096, os.path.getsize(path), 4096):
                f.seek(at)
                f.write(b"\xa5" * 64)
        return "damaged"
    if how == "text":
        with open(path, "w", encoding="ascii") as f:
            f.write("not a database, but longer than the header of one. " * 100)
        return "not a database"
    if how == "empty":
        open(path, "w").close()
        return "not a"
    db = sqlite3.connect(path)
    words = {"stranger": ("PRAGMA application_id = 7", "not a database of Sobes"),
             "newer": ("PRAGMA user_version = 9000", "newer Sobes"),
             "orphan": ("DELETE FROM learner", "name rows that are not there"),
             "table": ("DROP TABLE review", "lacks the table review")}[how]
    db.executescript(words[0])
    db.close()
    return words[1]


def bad_backups_are_refused(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    before, path = content(sobes.db), os.path.join(sobes.folder, "bad.db")
    for how in ("cut", "page", "text", "empty", "stranger", "newer", "orphan", "table"):
        want = spoiled(path, shelf.newest(), how)
        for word in "verify", "restore":
            said = shelf.word(word, path, code=DISK)
            need(want in said, "%s of one that is %s: %s" % (word, how, said))
        os.remove(path)
    need("question bank" in shelf.word("restore", sobes.env["BANK_PATH"], code=DISK),
         "a bank is taken for a backup")
    shelf.word("restore", "nowhere.db", code=DISK)
    shelf.word("restore", sobes.folder, code=DISK)
    need("itself" in shelf.word("restore", sobes.db, code=DISK), "itself")
    need(content(sobes.db) == before, "the database was touched")
    need(not glob.glob(sobes.db + "[.-]*"), glob.glob(sobes.db + "[.-]*"))
    for words in (["verify"], ["restore"], ["restore", "a", "b"], ["backup", "a", "b"],
                  ["backup", sobes.db]):
        shelf.word(*words, code=USAGE)


def only_the_newest_fourteen_stay(telegram, sobes, options):
    shelf = Shelf(sobes)
    os.makedirs(shelf.folder)
    old = ["sobes-202601%02d-033000Z.db" % day for day in range(1, 21)]
    strangers = ["sobes-20260101-033000Z.db.gz", "sobes-2026010-033000Z.db", "notes",
                 "my-sobes-20260101-033000Z.db", "sobes.db"]
    for name in old + strangers:
        open(os.path.join(shelf.folder, name), "w").close()
    onboard(telegram, sobes)  # the newest is of another day: that night is made up for
    until(lambda: shelf.ends() == 1, "the backup of the missed night")
    need(len(shelf.names()) == 14 and shelf.names()[:13] == old[7:], shelf.names())
    need(set(strangers) <= set(os.listdir(shelf.folder)), os.listdir(shelf.folder))
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    time.sleep(1.1)  # names have seconds
    shelf.word("backup")
    need(len(shelf.names()) == 14 and shelf.names()[:12] == old[8:], shelf.names())


def no_folder_no_harm(telegram, sobes, options):
    """BACKUP_DIR cannot be made: it says so, serves on, and tries again after an hour."""
    shelf = Shelf(sobes)
    open(os.path.join(sobes.folder, "file"), "w").close()
    sobes.env["BACKUP_DIR"] = "file/backup"
    sobes.travel(0)
    onboard(telegram, sobes)
    shelf.ask()
    need("no backup in file/backup: Not a directory" in sobes.said(), "it does not say why")
    serves(telegram)
    os.remove(os.path.join(sobes.folder, "file"))
    sobes.travel(3700)
    serves(telegram)
    until(lambda: shelf.ends() == 2, "the second try", 40)
    need(len(os.listdir(os.path.join(sobes.folder, "file", "backup"))) == 1, "no backup")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


def a_full_disk_leaves_no_half_file(telegram, sobes, options):
    shelf = Shelf(sobes)
    os.makedirs(shelf.folder)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", shelf.folder],
                           capture_output=True, check=False)
    if mount.returncode:
        raise Skipped("no small disk can be mounted here")
    try:
        onboard(telegram, sobes)
        shelf.ask()
        need("error backup: no backup in data/backup: the disk" in sobes.said(), "no reason")
        need(os.listdir(shelf.folder) == [], os.listdir(shelf.folder))
        serves(telegram)
        subprocess.run(["mount", "-o", "remount,size=64m", shelf.folder], check=True)
        shelf.ask()
        need(len(shelf.names()) == 1, "no backup once there is room")
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        subprocess.run(["mount", "-o", "remount,size=%dk" % (
            os.path.getsize(shelf.newest()) // 1024 + 64), shelf.folder], check=True)
        shelf.word("backup", code=DISK)
        need(len(os.listdir(shelf.folder)) == 1, os.listdir(shelf.folder))
        sobes.env["DB_PATH"] = os.path.join(shelf.folder, "sobes.db")
        shelf.word("restore", shelf.newest(), code=DISK)
        need(len(os.listdir(shelf.folder)) == 1, os.listdir(shelf.folder))
    finally:
        subprocess.run(["umount", "-l", shelf.folder], check=True)
    keep_promise(telegram, sobes)


def a_migration_waits_for_its_backup(telegram, sobes, options):
    shelf = Shelf(sobes)
    with open("db/migrations/0001_start.sql", encoding="utf-8") as f:
        script = f.read()
    db = sqlite3.connect(sobes.db)
    db.executescript(script + "; PRAGMA user_version = 1; PRAGMA application_id = %d;"
                     % 0x536f6265)
    db.close()
    sobes.env["BACKUP_DIR"] = "/dev/null/backup"
    sobes.start()
    code = sobes.ends()
    need(code == DISK, "exit code %s" % code)
    need("nothing was changed" in sobes.said(), "it does not say so")
    need(rows(sobes.db, "PRAGMA user_version") == [(1,)], "it was migrated all the same")
    del sobes.env["BACKUP_DIR"]
    onboard(telegram, sobes)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    need("  schema 1, brought up to date" in shelf.word("verify", shelf.newest()), "schema")
    need(len(shelf.names()) == 1, shelf.names())
    need(rows(sobes.db, "PRAGMA user_version")[0][0] > 1, "it was not migrated")
    time.sleep(1)
    shelf.word("restore", shelf.newest())
    need(rows(sobes.db, "PRAGMA user_version") == [(1,)], "the old one is not back")


def a_restore_that_is_killed_anywhere(telegram, sobes, options):
    """At each call that changes something: what lies there is the one or the other."""
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    shelf.ask()
    telegram.say("/next")
    telegram.press("Показать ответ")
    telegram.press("Хорошо*")
    telegram.quiet(1)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    later, found = os.path.join(sobes.folder, "later"), collections.Counter()
    os.rename(sobes.db, later)
    for call in "openat", "write", "pwrite64", "fsync", "link", "rename", "unlink":
        for nth in range(1, 200):
            for path in glob.glob(sobes.db + "*"):
                os.remove(path)
            shutil.copyfile(later, sobes.db)
            with open(sobes.db + ".erased", "w", encoding="ascii") as f:
                f.write("\ne 1 5;")  # somebody who is not in it
            done = subprocess.run(
                ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                 "inject=%s:signal=SIGKILL:when=%d" % (call, nth),
                 os.path.abspath(options.sobes), "restore", shelf.newest()],
                env=sobes.env, cwd=sobes.folder, capture_output=True, timeout=60)
            if done.returncode == 0:
                break
            shelf.word("verify", sobes.db)
            reviews, = rows(sobes.db, "SELECT count(*) FROM review")[0]
            need(reviews in (1, 2), "%s %d: %d ratings" % (call, nth, reviews))
            kept = glob.glob(sobes.db + ".before-restore-*[0-9]Z")
            need(reviews == 2 or len(kept) == 1, "%s %d: the one before is gone" % (call, nth))
            found[reviews] += 1
            shelf.word("restore", shelf.newest()) if not kept else None
        else:
            raise Failed("no end of %s" % call)
    need(found[1] > 0 and found[2] > 5, "only %s" % found)
    return "%d kills: %d times the old, %d the new" % (found.total(), found[2], found[1])


def killed_in_the_middle(telegram, sobes, options):
    shelf = Shelf(sobes)
    onboard(telegram, sobes)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    fatten(sobes, 8)
    for i in range(options.kills):
        sobes.start()
        until(sobes.has_started, "it has started")
        sobes.process.send_signal(signal.SIGUSR1)
        time.sleep(0.15 * (i + random.random()) / options.kills)
        sobes.kill()
    for name in shelf.names():
        shelf.word("verify", os.path.join(shelf.folder, name))
    whole = len(shelf.names())
    sobes.start()
    until(sobes.has_started, "it has started")
    shelf.ask()
    need(os.listdir(shelf.folder).count(".new") == 0, "what the kills left is still there")
    sobes.process.send_signal(signal.SIGUSR1)
    time.sleep(0.01)
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    for name in shelf.names():
        shelf.word("verify", os.path.join(shelf.folder, name))
    keep_promise(telegram, sobes, options.kills, floods=True)
    return "%d files after %d kills, all good" % (whole, options.kills)


def is_in(path, person):
    """As SQLite writes a number in a column and as a key, and as digits."""
    key = bytes([person >> 7 * i & 127 | (128 if i else 0)
                 for i in range((person.bit_length() + 6) // 7)][::-1])
    found = content(path)
    return any(form in found for form in (person.to_bytes(8, "big"), key,
                                          str(person).encode()))


def who_is_erased_stays_so(telegram, sobes, options):
    """By `sobes restore`, by a copy put there by hand, after a kill, with a torn list."""
    shelf, canary, erased = Shelf(sobes), CANARY, sobes.db + ".erased"
    onboard(telegram, sobes)
    telegram.control("person", id=canary, name="Канарейка", lang="ru")
    telegram.say("/start", canary)
    telegram.press("Поехали*", canary)
    telegram.quiet(1)
    shelf.ask()
    before = shelf.newest()
    need(is_in(before, canary), "the canary is not in the backup: nothing to test with")
    need(not os.path.exists(erased), "a list of nobody")
    telegram.say("/forget", canary)
    telegram.press("Удалить всё", canary)
    telegram.quiet(1)
    need(os.stat(erased).st_mode & 0o777 == 0o600, "others may read the list")
    time.sleep(1.1)  # names have seconds
    shelf.ask()
    need(not is_in(shelf.newest(), canary), "the backup after it holds them")
    telegram.say("/start", canary)  # somebody new
    telegram.quiet(1)
    time.sleep(1.1)
    shelf.ask()
    anew = shelf.newest()
    sobes.kill()
    with open(erased, "a", encoding="ascii") as f:
        f.write("\ne 2 33")  # a power cut in the middle of a line
    said = shelf.word("restore", before)
    need("erased from it again: 1" in said, said)
    need(not glob.glob(sobes.db + "-*") and not glob.glob(sobes.db + ".restoring*"),
         glob.glob(sobes.db + "*"))
    need(not is_in(sobes.db, canary), "restore brings them back")
    need(sobes.rows("SELECT count(*) FROM learner") == [(1,)], "not the one person who stays")
    shelf.word("verify", sobes.db)
    shutil.copyfile(before, sobes.db)
    sobes.start()
    until(sobes.has_started, "it has started")
    serves(telegram)
    need("erased=1 people" in sobes.said(), "the start does not tell")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    need(not is_in(sobes.db, canary), "a copy by hand brings them back")
    time.sleep(1.1)
    said = shelf.word("restore", anew)
    need("erased" not in said and is_in(sobes.db, canary), "who came back is erased: " + said)
    os.remove(erased)
    time.sleep(1.1)
    shelf.word("restore", before)
    need(is_in(sobes.db, canary), "it is not the list that does it")


def the_list_of_the_erased_is_short(telegram, sobes, options):
    """Fourteen backups that cannot hold them, and one more, and the number is gone."""
    shelf, erased = Shelf(sobes), sobes.db + ".erased"
    onboard(telegram, sobes)
    telegram.control("person", id=CANARY, name="Канарейка", lang="ru")
    telegram.say("/start", CANARY)
    telegram.say("/forget", CANARY)
    telegram.press("Удалить всё", CANARY)
    telegram.quiet(1)
    for _ in range(14):
        shelf.ask()
    need(is_in(erased, CANARY), "struck out while a backup may hold them")
    shelf.ask()
    need(not is_in(erased, CANARY), "it is there for ever")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")


CHECKS = (asked_for_while_it_serves, each_night_at_half_past_three,
          a_running_bot_is_left_alone, restore_drill, after_a_kill_the_log_counts,
          bad_backups_are_refused, only_the_newest_fourteen_stay, no_folder_no_harm,
          a_full_disk_leaves_no_half_file, a_migration_waits_for_its_backup,
          a_restore_that_is_killed_anywhere, killed_in_the_middle,
          who_is_erased_stays_so, the_list_of_the_erased_is_short)


def main():
    play(CHECKS, arguments(__doc__).parse_args())


if __name__ == "__main__":
    main()
