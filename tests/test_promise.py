#!/usr/bin/python3
"""promise.py under test: a small clean world passes, and for every invariant worlds that
break exactly it are refused by exactly it. The database is a real one, made by
db/migrations. The last line counts.
"""
import calendar
import datetime
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import promise
import recount

ANNA, BORIS, CLARA = 7000000001, 7000000002, 7000000003  # Moscow, New York, blocked
CLUB = -4000000001
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
API = "http://127.0.0.1:8081"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def at(text):
    """UTC as ms."""
    return calendar.timegm(datetime.datetime.fromisoformat(text).timetuple()) * 1000


D = at("2026-03-02") // DAY  # a Monday
MORNING = at("2026-03-03 06:00")  # Anna's 09:00 of day D + 1
NIGHT = at("2026-03-04 04:30")  # Boris's 23:30 of the day before
TRACE = """\
71  connect(14, {sa_family=AF_INET, sin_port=htons(8081), sin_addr=inet_addr("127.0.0.1")}, 16)
71  sendto(14, ""..., 179, MSG_NOSIGNAL, NULL, 0) = 179
72  connect(9, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT
72  sendto(9, ""..., 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20
"""


class World:
    """A run as it was left behind, clean until a check breaks it."""

    def __init__(self, folder):
        self.folder, self.ledger, self.steady = folder, [], 0
        self.path = os.path.join(folder, "sobes.db")
        self.db = sqlite3.connect(self.path, isolation_level=None)
        for name in sorted(glob.glob(promise.ROOT + "/db/migrations/*.sql")):
            self.db.executescript(promise.read_text(name))
        app, version = promise.expected_pragmas()
        self.db.execute("PRAGMA application_id = %d" % app)
        self.db.execute("PRAGMA user_version = %d" % version)
        self.db.execute("PRAGMA foreign_keys = ON")
        self.write("log", "info loop: started pid=71\n")
        self.write("trace", TRACE)
        self.more = dict(
            copies=1, token=TOKEN, files=[self.file("log")], lives=[0], ahead=[(0, 0)],
            shown={"cmdline": b"sobes\0", "environ": b"BOT_TOKEN=\0\0\0"},
            deeds=[(CLARA, MORNING + 30 * MINUTE, None)], drained_ms=NIGHT + HOUR,
            peak={"rss_kb": 14000, "fds": 17}, trace=self.file("trace"), api=API)
        self.people()
        self.anna()
        self.boris()
        self.clara()
        self.battle()

    def file(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as f:
            f.write(text)

    def do(self, sql, *args):
        return self.db.execute(sql, args).lastrowid

    # -- the database

    def person(self, who, lang, zone, minute, **more):
        self.do("INSERT INTO learner (id, lang, zone, at_min) VALUES (?, ?, ?, ?)", who, lang,
                zone, minute)
        for name, value in more.items():
            self.do("UPDATE learner SET %s = ? WHERE id = ?" % name, value, who)
        self.do("INSERT INTO subscription (learner, topic) VALUES (?, 'python')", who)

    def sitting(self, who, day, scheduled, sent_ms, questions):
        """Its id; question q of it has the token who * 100 + q."""
        sitting = self.do("INSERT INTO sitting (learner, day, scheduled, state, size, sent_ms,"
                          " end_ms) VALUES (?, ?, ?, 'done', ?, ?, ?)", who, day, scheduled,
                          len(questions), sent_ms, (day + 1) * DAY + HOUR)
        if scheduled:
            self.do("INSERT INTO served VALUES (?, ?, 'python', ?)", who, day, sitting)
        for place, q in enumerate(questions, 1):
            self.do("INSERT INTO delivery (token, learner, question, sitting, place, day, state,"
                    " lang) VALUES (?, ?, ?, ?, ?, ?, 'open', 'ru')", who * 100 + q, who, q,
                    sitting, place, day)
        return sitting

    def delivery(self, who, q):
        return self.db.execute("SELECT id FROM delivery WHERE token = ?",
                               (who * 100 + q,)).fetchone()[0]

    def review(self, who, q, day, at_ms, grade=3, undone_ms=None):
        self.do("INSERT INTO review (learner, delivery, question, grade, at_ms, day, before,"
                " undone_ms) VALUES (?, ?, ?, ?, ?, ?, '', ?)", who, self.delivery(who, q), q,
                grade, at_ms, day, undone_ms)
        if undone_ms is None:
            self.do("UPDATE delivery SET state = 'rated' WHERE token = ?", who * 100 + q)
            self.do("INSERT INTO card VALUES (?, ?, 2, 0, 3.0, 5.0, ?, 0, ?, 1, 0) ON CONFLICT"
                    " DO UPDATE SET reps = reps + 1", who, q, day + 3, day)
            self.do("INSERT INTO streak_day VALUES (?, ?, 'kept', 1) ON CONFLICT DO UPDATE SET"
                    " reviews = reviews + 1", who, day)

    def rated(self, who, q, day, at_ms, grade=3):
        self.review(who, q, day, at_ms, grade)
        self.toast(who, at_ms, who * 100 + q, str(grade), "Сохранено")

    # -- the ledger

    def row(self, kind, chat, at_ms, **more):
        self.steady += 1000
        row = dict(at_ms=at_ms, method="sendMessage", kind=kind, status=200, description="",
                   lost=False, fault=False, chat=chat, message=0, data="", body="{}", text="",
                   buttons=[], began_us=self.steady, ended_us=self.steady + 500)
        self.ledger.append(row | more)
        return self.ledger[-1]

    def asked(self, who, q, at_ms):
        token = promise.hex_token(who * 100 + q)
        return self.row("sent", who, at_ms, text="?", buttons=[
            dict(text="Показать ответ", data="d.%s.a" % token, row=0),
            dict(text="EN", data="d.%s.l" % token, row=1)])

    def toast(self, who, at_ms, token, code, text):
        return self.row("toast", who, at_ms, method="answerCallbackQuery", text=text,
                        data="d.%s.%s" % (promise.hex_token(token), code))

    # -- what happened

    def people(self):
        self.person(ANNA, "ru", "Europe/Moscow", 540, streak=3, best=3, last_day=D + 3)
        self.person(BORIS, "en", "America/New_York", 1410)
        self.person(CLARA, "en", "Etc/UTC", 540, state="blocked")

    def anna(self):
        """A question by hand; a morning of two, one of them twice; a day without a sitting;
        a morning whose rating was undone once; a morning that she has yet to answer."""
        self.sitting(ANNA, D, 0, MORNING - 12 * HOUR, [1])
        self.asked(ANNA, 1, MORNING - 12 * HOUR)
        self.rated(ANNA, 1, D, MORNING - 12 * HOUR + MINUTE)
        self.sitting(ANNA, D + 1, 1, MORNING + 50, [2, 3])
        self.asked(ANNA, 2, MORNING + 20)
        self.asked(ANNA, 2, MORNING + 45_000)  # its answer was lost
        self.rated(ANNA, 2, D + 1, MORNING + MINUTE, 1)
        self.asked(ANNA, 3, MORNING + MINUTE + 100)
        self.rated(ANNA, 3, D + 1, MORNING + 12 * MINUTE)
        again = self.do("INSERT INTO delivery (token, learner, question, sitting, place, day,"
                        " state, lang) SELECT -5, learner, 2, sitting, 3, day, 'rated', lang"
                        " FROM delivery WHERE token = ?", ANNA * 100 + 3)
        self.do("INSERT INTO review (learner, delivery, question, grade, at_ms, day, before)"
                " VALUES (?, ?, 2, 3, ?, ?, '')", ANNA, again, MORNING + 13 * MINUTE, D + 1)
        self.do("UPDATE card SET reps = 2 WHERE question = 2")
        self.do("UPDATE streak_day SET reviews = 3 WHERE day = ?", D + 1)
        self.do("INSERT INTO streak_day VALUES (?, ?, 'excused', 0)", ANNA, D + 2)
        self.sitting(ANNA, D + 3, 1, MORNING + 2 * DAY + HOUR, [4])
        self.asked(ANNA, 4, MORNING + 2 * DAY + HOUR)
        came = MORNING + 2 * DAY + 2 * HOUR
        self.review(ANNA, 4, D + 3, came, 4, came + MINUTE)
        self.toast(ANNA, came, ANNA * 100 + 4, "4", "Сохранено")
        self.toast(ANNA, came + MINUTE, ANNA * 100 + 4, "u", "Оценка отменена")
        self.rated(ANNA, 4, D + 3, came + 2 * MINUTE)
        self.sitting(ANNA, D + 4, 1, MORNING + 3 * DAY, [5])
        self.asked(ANNA, 5, MORNING + 3 * DAY)
        self.row("edited", ANNA, MORNING + 3 * DAY, status=400, method="editMessageText",
                 description="Bad Request: message is not modified: ...")

    def boris(self):
        """His own time lies in the quiet hours. A row waits for a flood's end, another for
        the time to be sent once more."""
        self.sitting(BORIS, D + 1, 1, NIGHT + MINUTE, [1])
        self.asked(BORIS, 1, NIGHT + MINUTE)
        self.outbox("queued", 1, NIGHT + 2 * HOUR)
        again = self.outbox("ambiguous", 2, None)
        self.do("INSERT INTO alarm (kind, subject, due_ms, bulk) VALUES ('again', ?, ?, 0)",
                again, NIGHT + 2 * HOUR)

    def clara(self):
        """She blocks, comes back, blocks again."""
        self.row("sent", CLARA, MORNING, status=403, description="Forbidden: bot was blocked")
        self.row("sent", CLARA, MORNING + HOUR)
        self.row("sent", CLARA, MORNING + DAY, status=403, fault=True,
                 description="Forbidden: bot was blocked")

    def battle(self):
        """Anna and Boris play three rounds; in the second Boris has two in a row, the third
        is skipped. Anna's wrong answer is in her deck."""
        self.do("INSERT INTO club (id, token, lang, zone) VALUES (?, 1, 'ru', 'Etc/UTC')", CLUB)
        self.do("INSERT INTO battle (id, token, chat, opener, lang, rounds, speed, bonus, state,"
                " round, due_ms) VALUES (1, 1, ?, ?, 'ru', 3, 1, 1, 3, 3, 0)", CLUB, ANNA)
        for number, level in (1, 1), (2, 2), (3, 3):
            self.do("INSERT INTO round VALUES (?, 1, ?, ?, ?, ?, 123, 0, 2, NULL, ?, 0, 20000)",
                    number, CLUB, number, 5 + number, level, "poll%d" % number)
            self.row("sent", CLUB, MORNING + number * MINUTE, method="sendPoll", buttons=[
                dict(text="Пропустить", data="b.%016x.k.%d" % (1, number), row=0)])
        for number, who, option, spent, hit, points in (
                (1, BORIS, 0, 5000, 1, 875), (1, ANNA, 2, 1000, 0, 0),
                (2, BORIS, 0, 0, 1, 1350), (2, ANNA, 0, 20000, 1, 625)):
            self.do("INSERT INTO vote VALUES (?, ?, ?, ?, 1, ?, ?)", number, who, option, spent,
                    hit, points)
        for who, points, hits in (ANNA, 625, 1), (BORIS, 2225, 2):
            self.do("INSERT INTO seat VALUES (1, ?, ?, ?, 0, 0)", who, points, hits)
            self.do("INSERT INTO player VALUES (?, ?, '', 0)", CLUB, who)
            for period, day in enumerate((D, D, D - 1, 0)):
                self.do("INSERT INTO board VALUES (?, ?, ?, ?, ?, 0, 1)", CLUB, period, day, who,
                        points)
        self.do("INSERT INTO card VALUES (?, 6, 2, 0, 3.0, 5.0, 1, 0, 1, 1, 1)", ANNA)
        votes = {1: {ANNA: 2, BORIS: 0}, 2: {ANNA: 0, BORIS: 0}, 3: {}}
        self.more["polls"] = [{"poll": {"id": "poll%d" % n, "voters": [
            {"person": who, "options": [option]} for who, option in v.items()]}}
            for n, v in votes.items()]

    def outbox(self, state, chat, ready_ms):
        if ready_ms is not None:
            self.do("INSERT INTO lane (chat, class, ready_ms, head) VALUES (?, 0, ?, 1)", chat,
                    ready_ms)
        return self.do("INSERT INTO outbox (chat, class, kind, method, body, state, expires_ms)"
                       " VALUES (?, 0, 1, 'sendMessage', '{}', ?, ?)", chat, state,
                       NIGHT + 6 * HOUR)

    # -- what a check changes

    def set(self, **more):
        self.more.update(more)

    def first_send(self, who, q):
        token = promise.hex_token(who * 100 + q)
        return next(r for r in self.ledger if r["buttons"] and token in r["buttons"][0]["data"])

    def verdict(self):
        self.db.close()
        return promise.check(promise.Run(self.ledger, self.path, **self.more))


def shift(who, q, by_ms):
    """A question comes so much later (its stored time with it)."""
    def change(w):
        w.first_send(who, q)["at_ms"] += by_ms
        w.do("UPDATE sitting SET sent_ms = sent_ms + ? WHERE id = (SELECT sitting FROM delivery"
             " WHERE token = ?)", by_ms, who * 100 + q)
    return change


def sql(*statements):
    def change(w):
        w.do("PRAGMA foreign_keys = OFF")
        for s in statements:
            w.do(s)
    return change


def trace(line):
    return lambda w: w.write("trace", TRACE + "71  " + line + "\n")


def two_ratings_count(w):
    w.do("DROP INDEX review_live")
    same = "learner, delivery, question, grade, at_ms, day, before"
    w.do("INSERT INTO review (%s) SELECT %s FROM review WHERE question = 3" % (same, same))
    w.do("UPDATE card SET reps = 2 WHERE question = 3")
    w.do("UPDATE streak_day SET reviews = 4 WHERE day = ?", D + 1)


def missed_day(w, down_ms=0):
    """The day that is excused had a sitting after all."""
    w.sitting(ANNA, D + 2, 1, MORNING + DAY, [9])
    w.do("INSERT INTO down VALUES (?, ?)", MORNING + DAY + HOUR,
         MORNING + DAY + HOUR + down_ms)


def overlap(w):
    w.ledger[0]["ended_us"] = w.ledger[2]["began_us"] + 1  # the toast between is outside lanes


def token_in(name):
    def change(w):
        w.write(name, "POST /bot%s/getMe\n" % TOKEN)
        w.more["files"].append(w.file(name))
    return change


def in_the_wal(w):
    w.db.close()
    w.write("sobes.db-wal", TOKEN)


def overwrite_header(w):
    w.db.close()
    with open(w.path, "r+b") as f:
        f.write(b"\0" * 100)


def refused(status, words, **more):
    return lambda w: w.row("sent", ANNA, NIGHT, status=status, description=words, **more)


LATE = 6 * HOUR + MINUTE
HOST = 'connect(15, {sa_family=AF_INET, sin_port=htons(%d), sin_addr=inet_addr("%s")}, 16) = 0'
BAD = (  # invariant, what is wrong, how it comes about
    ("I1", "a confirmed rating is not stored",
     lambda w: w.toast(ANNA, NIGHT, ANNA * 100 + 5, "3", "Saved")),
    ("I1", "another grade is stored",
     lambda w: w.toast(ANNA, NIGHT, ANNA * 100 + 3, "2", "Сохранено")),
    ("I1", "a confirmed undo is not stored",
     lambda w: w.toast(ANNA, NIGHT, ANNA * 100 + 3, "u", "Rating undone")),
    ("I1", "a rating is counted twice in its card", sql("UPDATE card SET reps = reps + 1")),
    ("I1", "a rating has no card", sql("DELETE FROM card WHERE question = 3")),
    ("I1", "two ratings of one question count", two_ratings_count),
    ("I2", "a copy that nobody accounts for", lambda w: w.set(copies=0)),
    ("I2", "a third copy", lambda w: (w.asked(ANNA, 2, MORNING + 50_000), w.set(copies=9))),
    ("I2", "a question that is not in the database", lambda w: w.asked(ANNA, 77, MORNING)),
    ("I2", "a second sitting of a served topic",
     sql("DELETE FROM served WHERE day = %d" % (D + 3))),
    ("I2", "a sitting that nobody scheduled serves",
     sql("INSERT INTO served SELECT learner, day, 'sql', id FROM sitting WHERE scheduled = 0")),
    ("I2", "a sitting serves another day",
     sql("UPDATE served SET day = day + 1 WHERE sitting = (SELECT max(id) FROM sitting"
         " WHERE learner = %d)" % BORIS,
         "UPDATE subscription SET topic = 'gone' WHERE learner = %d" % BORIS)),
    ("I2", "a question twice in a sitting",
     sql("UPDATE delivery SET question = 4, state = 'rated' WHERE question = 5",
         "INSERT INTO delivery (token, learner, question, sitting, place, day, state, lang)"
         " SELECT 99, learner, question, sitting, 2, day, state, lang FROM delivery"
         " WHERE token = %d" % (ANNA * 100 + 5))),
    ("I3", "a question before it is due", shift(ANNA, 5, -MINUTE)),
    ("I3", "a question that its sitting says came early",
     sql("UPDATE sitting SET sent_ms = sent_ms - 60000 WHERE id = (SELECT sitting FROM delivery"
         " WHERE token = %d)" % (ANNA * 100 + 5))),
    ("I3", "a question after its grace", shift(ANNA, 5, LATE)),
    ("I3", "a question of a day that is over",
     lambda w: (sql("UPDATE learner SET quiet_from_min = 0, quiet_to_min = 0")(w),
                shift(BORIS, 1, 4 * HOUR + 40 * MINUTE)(w), w.set(drained_ms=None))),
    ("I3", "a question on a weekday that is off",
     sql("UPDATE learner SET weekdays = 15 WHERE id = %d" % ANNA)),  # D + 4 is a Friday
    ("I3", "a late question in the quiet hours",
     lambda w: (sql("UPDATE learner SET quiet_from_min = 600, quiet_to_min = 1200"
                    " WHERE zone = 'Europe/Moscow'")(w),
                shift(ANNA, 5, 3 * HOUR)(w), shift(ANNA, 4, -HOUR)(w))),
    ("I3", "a night's question late in the night", shift(BORIS, 1, 20 * MINUTE)),
    ("I3", "a question by another clock", lambda w: w.set(ahead=[(0, 0), (MORNING + DAY, DAY)])),
    ("I4", "a streak too long", sql("UPDATE learner SET streak = 4, best = 4 WHERE streak = 3")),
    ("I4", "a streak that was lost", sql("UPDATE learner SET streak = 1 WHERE streak = 3")),
    ("I4", "a best that was forgotten", sql("UPDATE learner SET best = 2 WHERE best = 3")),
    ("I4", "another last day", sql("UPDATE learner SET last_day = last_day + 1")),
    ("I4", "a freeze of nothing", sql("UPDATE learner SET freezes = 1 WHERE streak = 3")),
    ("I4", "a day frozen for nothing",
     sql("INSERT INTO streak_day VALUES (%d, %d, 'frozen', 0)" % (ANNA, D + 4))),
    ("I4", "a freeze that was not earned saves a day",
     lambda w: (missed_day(w), sql("UPDATE streak_day SET kind = 'frozen' WHERE day = %d"
                                   % (D + 2))(w))),
    ("I4", "a streak of nothing", sql("UPDATE learner SET streak = 1, best = 1 WHERE streak = 0")),
    ("I4", "a day counts another number of ratings",
     sql("UPDATE streak_day SET reviews = reviews + 1 WHERE day = %d" % D)),
    ("I4", "a rated day is not kept", sql("DELETE FROM streak_day WHERE day = %d" % (D + 3))),
    ("I4", "a streak over a day that was missed", missed_day),
    ("I4", "a missed day is excused",
     lambda w: (missed_day(w), sql("UPDATE learner SET streak = 1, best = 2 WHERE best = 3")(w))),
    ("I4", "a day excused ahead of time",
     sql("INSERT INTO streak_day VALUES (%d, %d, 'excused', 0)" % (ANNA, D + 8))),
    ("I5", "a queued row that was due", lambda w: w.outbox("queued", 3, NIGHT)),
    ("I5", "a row under way", lambda w: w.outbox("sending", 3, 0)),
    ("I5", "a lost answer whose time was over", sql("UPDATE alarm SET due_ms = 5")),
    ("I5", "a queued row without a lane",
     lambda w: (w.set(drained_ms=None), w.outbox("queued", 3, None))),
    ("I5", "a lost answer without an alarm",
     lambda w: (w.set(drained_ms=None), w.outbox("ambiguous", 3, 0))),
    ("I6", "a message after a 403", lambda w: w.row("sent", CLARA, MORNING + 2 * DAY)),
    ("I6", "an edit after a 403, refused too",
     lambda w: w.row("edited", CLARA, MORNING + 2 * DAY, status=403)),
    ("I6", "a return that nobody saw", lambda w: w.set(deeds=[])),
    ("I6", "a deed of somebody else", lambda w: w.set(deeds=[(ANNA, MORNING + MINUTE, None)])),
    ("I6", "a deed before the 403, by the steady clock",
     lambda w: w.set(deeds=[(CLARA, MORNING + MINUTE, 1)])),
    ("I7", "a file of another program", sql("PRAGMA application_id = 7")),
    ("I7", "another schema", sql("PRAGMA user_version = 99")),
    ("I7", "a reference to nobody",
     sql("INSERT INTO subscription (learner, topic) VALUES (5, 'x')")),
    ("I7", "a value that the schema forbids",
     sql("PRAGMA ignore_check_constraints = ON", "UPDATE learner SET retention = 0.1")),
    ("I7", "a destroyed header", overwrite_header),
    ("I8", "too much memory", lambda w: w.set(peak={"rss_kb": 99999, "fds": 17})),
    ("I8", "too many descriptors", lambda w: w.set(peak={"rss_kb": 14000, "fds": 999})),
    ("I9", "two calls for one chat at once", overlap),
    ("I9", "a long call over short ones",
     lambda w: w.ledger[0].update(ended_us=10 ** 9)),
    ("I10", "the token in the log", token_in("log")),
    ("I10", "the token in a core file", token_in("core.71")),
    ("I10", "the secret half alone",
     lambda w: w.write("log", "bad token " + TOKEN.split(":")[1][:20])),
    ("I10", "the token in the database",
     lambda w: w.do("INSERT INTO dead (source, cause, summary, error, at_ms)"
                    " VALUES ('update', 1, ?, '', 0)", TOKEN)),
    ("I10", "the token in the WAL", in_the_wal),
    ("I10", "the token among the arguments",
     lambda w: w.set(shown={"cmdline": b"sobes\0" + TOKEN.encode()})),
    ("I10", "the token in the environment",
     lambda w: w.set(shown={"environ": b"BOT_TOKEN=" + TOKEN.encode()})),
    ("I11", "another host", trace(HOST % (443, "93.184.216.34"))),
    ("I11", "another port of the same host", trace(HOST % (9999, "127.0.0.1"))),
    ("I11", "another host by IPv6",
     trace('connect(15, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0),'
           ' inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28 <unfinished')),
    ("I11", "a name server",
     trace('sendto(15, ""..., 40, 0, {sa_family=AF_INET, sin_port=htons(53),'
           ' sin_addr=inet_addr("10.0.0.1")}, 16) = 40')),
    ("I11", "one of several in sendmmsg",
     trace('sendmmsg(15, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(53),'
           ' sin_addr=inet_addr("10.0.0.1")}, msg_namelen=16}, msg_len=4}], 1, 0) = 1')),
    ("I11", "an address that cannot be read", trace("connect(15, 0x7ffd1234, 16) = -1 EFAULT")),
    ("I11", "another family of addresses",
     trace("connect(15, {sa_family=AF_VSOCK, svm_cid=2}, 16) = 0")),
    ("I11", "a trace that saw nothing", lambda w: w.write("trace", "71  +++ exited with 0 +++\n")),
    ("I1", "a battle's wrong answer is counted twice in a card",
     sql("UPDATE card SET reps = 2 WHERE question = 6")),
    ("I1", "a card of nothing", sql("UPDATE card SET question = 9 WHERE question = 6")),
    ("I12", "a question twice in a group", lambda w: w.row(
        "sent", CLUB, NIGHT, buttons=w.ledger[-1]["buttons"])),
    ("I12", "a vote with too many points", sql(
        "UPDATE vote SET points = 900 WHERE points = 875",
        "UPDATE seat SET points = 2250 WHERE points = 2225",
        "UPDATE board SET points = 2250 WHERE points = 2225")),
    ("I12", "a run that was not one", sql("UPDATE vote SET hit = 0, points = 0 WHERE points = 875",
                                          "UPDATE seat SET points = 1350, hits = 1 WHERE hits = 2",
                                          "UPDATE board SET points = 1350 WHERE points = 2225")),
    ("I12", "a bonus where there is none", sql("UPDATE battle SET bonus = 0")),
    ("I12", "speed where only the answer counts", sql("UPDATE battle SET speed = 0")),
    ("I12", "points of a wrong answer", sql("UPDATE vote SET points = 25 WHERE points = 0")),
    ("I12", "a player who got points for nothing",
     sql("UPDATE seat SET points = points + 25 WHERE points = 625",
         "UPDATE board SET points = points + 25 WHERE points = 625")),
    ("I12", "a right answer that is not counted", sql("UPDATE seat SET hits = 1")),
    ("I12", "a vote of a round that does not count",
     sql("UPDATE round SET state = 3 WHERE id = 2",
         "UPDATE seat SET points = 875, hits = 1 WHERE hits = 2",
         "UPDATE seat SET points = 0, hits = 0 WHERE points = 625",
         "UPDATE board SET points = CASE points WHEN 625 THEN 0 ELSE 875 END")),
    ("I12", "a board that lacks points",
     sql("UPDATE board SET points = points - 25 WHERE period = 1")),
    ("I12", "a board that lacks a player", sql("DELETE FROM board WHERE period = 0")),
    ("I12", "a battle counted twice", sql("UPDATE board SET battles = 2 WHERE period = 3")),
    ("I12", "a vote that is not stored",
     lambda w: w.more["polls"][2]["poll"]["voters"].append({"person": ANNA, "options": [1]})),
    ("I12", "a vote that nobody gave",
     lambda w: w.more["polls"][0]["poll"]["voters"].pop()),
    ("I12", "another option than was chosen",
     lambda w: w.more["polls"][1]["poll"]["voters"][0].update(options=[3])),
    ("I13", "nineteen messages in a minute",
     lambda w: [w.row("sent", CLUB, NIGHT + i * 3300) for i in range(19)]),
    ("I13", "edits among them",
     lambda w: [w.row("edited" if i % 2 else "sent", CLUB, NIGHT + i) for i in range(19)]),
    ("R", "a refused message", refused(400, "Bad Request: message text is empty")),
    ("R", "a flood nobody asked for", refused(429, "Too Many Requests: retry after 3")),
    ("R", "a method that does not exist", refused(404, "Not Found: method not found")),
)
GOOD = (
    ("as it is", lambda w: None),
    ("in the last minute of the grace", shift(ANNA, 5, LATE - 2 * MINUTE)),
    ("a night's question ten minutes late", shift(BORIS, 1, 9 * MINUTE)),
    ("an early morning's own time, while it is quiet",
     lambda w: (sql("UPDATE learner SET quiet_from_min = 0, quiet_to_min = 720"
                    " WHERE zone = 'Europe/Moscow'")(w), shift(ANNA, 5, 2 * HOUR)(w))),
    ("settings that were moved",
     lambda w: (w.do("UPDATE learner SET at_min = 1 WHERE id = ?", ANNA), w.set(moved={ANNA}))),
    ("a topic that is no longer wanted",
     sql("UPDATE subscription SET topic = 'sql', at_min = 1 WHERE learner = %d" % ANNA)),
    ("the daemon's clock a day ahead",
     lambda w: (w.set(ahead=[(0, DAY)]),
                [r.update(at_ms=r["at_ms"] - DAY) for r in w.ledger if r["chat"] != CLARA])),
    ("a question just after its clock was moved",
     lambda w: w.set(ahead=[(0, 0), (MORNING + 3 * DAY - 1000, DAY)])),
    ("a day missed in an outage", lambda w: missed_day(w, 3 * HOUR)),
    ("an arrival that was learned of too late",
     lambda w: (missed_day(w), w.do("UPDATE sitting SET sent_ms = ? WHERE day = ?",
                                    MORNING + 4 * DAY, D + 2))),
    ("a day missed, and the streak begun anew",
     lambda w: (missed_day(w), w.do("DELETE FROM streak_day WHERE kind = 'excused'"),
                sql("UPDATE learner SET streak = 1, best = 2 WHERE best = 3")(w))),
    ("rows that wait while nothing is asked for", lambda w: (
        w.set(drained_ms=None), w.outbox("queued", 3, NIGHT), w.outbox("sending", 4, 0))),
    ("a killed process's call beside the next one's",
     lambda w: (overlap(w), w.set(lives=[0, w.ledger[2]["began_us"] - 1]))),
    ("a call that was never answered", lambda w: w.ledger[0].update(ended_us=0)),
    ("a press after the 403",
     lambda w: (w.row("sent", CLARA, MORNING + 2 * DAY),
                w.toast(CLARA, MORNING + 2 * DAY, 1, "m", ""))),
    ("a flood that was asked for", refused(429, "Too Many Requests", fault=True)),
    ("floods that are let pass",
     lambda w: (w.set(floods=True), refused(429, "Too Many Requests")(w))),
    ("eighteen messages in a minute, again and again",
     lambda w: [w.row("sent", CLUB, NIGHT + i * 3334) for i in range(60)]),
    ("a run that a round without an answer has ended",
     lambda w: (w.do("UPDATE vote SET points = 1250 WHERE points = 1350"),
                sql("UPDATE seat SET points = 2125 WHERE points = 2225",
                    "UPDATE board SET points = 2125 WHERE points = 2225",
                    "UPDATE round SET number = 4, id = 4 WHERE id = 3",
                    "PRAGMA foreign_keys = OFF", "UPDATE vote SET round = 3 WHERE round = 2",
                    "UPDATE round SET id = 3 WHERE id = 2",
                    "INSERT INTO round VALUES (2, 1, %d, 2, 11, 1, 123, 0, 2, NULL, NULL, 0,"
                    " 20000)" % CLUB)(w))),
    ("a player who was forgotten",
     lambda w: w.do("DELETE FROM player WHERE person = %d" % ANNA)),
    ("polls that nobody looked at", lambda w: w.set(polls=None)),
    ("a poll where the group forbids them",
     refused(400, "Bad Request: not enough rights to send polls to the chat")),
    ("a press that is too old", refused(400, "Bad Request: query is too old and ...")),
)
SKIPPED = (  # what is not known is not judged, and said
    ("I6", lambda w: w.set(deeds=None)),
    ("I8", lambda w: w.set(peak=None)),
    ("I8", lambda w: w.set(peak={"rss_kb": 14000})),
    ("I9", lambda w: w.ledger[0].pop("began_us")),
    ("I10", lambda w: w.set(token=None)),
    ("I11", lambda w: w.set(trace=None)),
)
SLOTS = (  # zone, date, minute, instant
    ("Europe/Moscow", "2026-03-03", 540, "2026-03-03 06:00"),
    ("Europe/Berlin", "2026-03-29", 150, "2026-03-29 01:00"),    # in the gap
    ("Europe/Berlin", "2026-03-29", 180, "2026-03-29 01:00"),
    ("Europe/Berlin", "2026-10-25", 150, "2026-10-25 00:30"),    # the first of two
    ("Europe/Berlin", "2026-10-25", 180, "2026-10-25 02:00"),
    ("America/New_York", "2026-11-01", 90, "2026-11-01 05:30"),
    ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03 15:30"),  # half an hour is left out
    ("Africa/Cairo", "2026-04-24", 30, "2026-04-23 22:00"),      # midnight is left out
    ("Pacific/Apia", "2011-12-30", 600, "2011-12-30 10:00"),     # so is a whole day
    ("No/Such", "2026-03-03", 540, "2026-03-03 09:00"),
)


def said(verdict):
    return "; ".join("%s: %s" % (n, w[0]) for n, w in verdict.broken.items()) or "nothing"


def judged(change):
    folder = tempfile.mkdtemp(prefix="promise-test-")
    try:
        w = World(folder)
        change(w)
        return w.verdict()
    finally:
        shutil.rmtree(folder)


def refuses(name, change):
    verdict = judged(change)
    return set(verdict.broken) == {name} or "refused by " + said(verdict)


def passes(change):
    verdict = judged(change)
    return not verdict.broken and not verdict.skipped or "%s, skipped %s" % (
        said(verdict), verdict.skipped)


def skips(name, change):
    verdict = judged(change)
    return (set(verdict.skipped), set(verdict.broken)) == ({name}, set()) or "%s, skipped %s" % (
        said(verdict), verdict.skipped)


def rings(zone, date, minute, instant):
    c = recount.Calendar(dict(zone=zone, day_start_min=0, weekdays=127, quiet_from_min=0,
                              quiet_to_min=0))
    found, right = c.instant(at(date) // DAY, minute), at(instant)
    return found == right or "%d, not %d" % (found, right)


def counts():
    v = judged(lambda w: None)
    return (v.ratings, v.copies) == (5, 1) or "%d ratings, %d copies" % (v.ratings, v.copies)


def command(lines, change, code, words):
    """The program itself: what it prints and how it ends."""
    folder = tempfile.mkdtemp(prefix="promise-test-")
    try:
        w = World(folder)
        change(w)
        w.db.close()
        w.write("ledger", "\n".join(map(json.dumps, w.ledger)) if lines else
                json.dumps({"ok": True, "rows": w.ledger}))
        w.write("deeds", json.dumps(w.more["deeds"]))
        done = subprocess.run(
            [sys.executable, os.path.join(promise.ROOT, "tests", "promise.py"), "--ledger",
             w.file("ledger"), "--db", w.path, "--log", w.file("log"), "--token", TOKEN,
             "--copies", "1", "--deeds", w.file("deeds"), "--trace", w.file("trace"), "--api",
             API, "--drained", str(NIGHT + HOUR)],
            capture_output=True, text=True, timeout=60, check=False)
        last = done.stdout.splitlines()[-1:]
        return (done.returncode, last) == (code, [words]) or done.stdout + done.stderr
    finally:
        shutil.rmtree(folder)


def checks():
    for name, what, change in BAD:
        yield "%s refuses %s" % (name, what), lambda: refuses(name, change)
    for what, change in GOOD:
        yield "passes: " + what, lambda: passes(change)
    for name, change in SKIPPED:
        yield "%s is skipped when it cannot be judged" % name, lambda: skips(name, change)
    for slot in SLOTS:
        yield "%s, %s, minute %d" % slot[:3], lambda: rings(*slot)
    yield "counts ratings and copies", counts
    yield "every invariant is refused by some world", lambda: \
        {b[0] for b in BAD} == set(promise.INVARIANTS)
    n = len(promise.INVARIANTS)
    yield "the command passes", lambda: command(
        True, lambda w: None, 0, "%d passed, 0 failed, 1 skipped" % (n - 1))
    yield "the command refuses", lambda: command(
        False, token_in("log"), 1, "%d passed, 1 failed, 1 skipped" % (n - 2))


def main():
    passed = failed = 0
    for name, holds in checks():
        result = holds()
        if result is True:
            passed += 1
        else:
            failed += 1
            print("FAIL  %s: %s" % (name, result))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
