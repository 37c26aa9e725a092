"""A year of mornings, judged: tests/year.c plays it, this recomputes by zone data alone which
mornings there should have been. Imported by clock.py.
"""
import bisect
import collections
import datetime
import json
import os
import random
import subprocess
import zoneinfo

from bottle import Failed, need
from promise import Database, Run, i4_streaks

UTC = datetime.timezone.utc
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
EPOCH = datetime.date(1970, 1, 1)
JITTER_MS = 30_000
GRACE_MS = 6 * 3600 * 1000
FIRST_PERSON = 6_000_000_000
SHOWN = 8  # complaints

# Clocks that move by half an hour, by two hours, at midnight, by the moon, backwards in
# winter; and clocks that never move, but not by whole hours.
ZONES = ("Australia/Lord_Howe", "Antarctica/Troll", "Africa/Cairo", "America/Santiago",
         "Atlantic/Azores", "America/Havana", "Asia/Beirut", "Pacific/Easter", "America/Nuuk",
         "Africa/Casablanca", "Europe/Dublin", "Asia/Jerusalem", "Europe/Chisinau",
         "Pacific/Chatham", "America/St_Johns", "America/Asuncion", "America/Scoresbysund",
         "Asia/Gaza", "America/Adak", "Pacific/Norfolk", "Europe/Lisbon", "America/New_York",
         "Australia/Adelaide", "Pacific/Auckland", "Europe/Berlin", "Asia/Kathmandu",
         "Pacific/Kiritimati", "Pacific/Marquesas", "Asia/Kolkata", "Europe/Moscow")
# Minutes at which clocks jump, or that they leave out or show twice.
MINUTES = (0, 15, 29, 30, 59, 60, 90, 105, 119, 120, 135, 150, 179, 180, 480, 570, 1290, 1320,
           1350, 1380, 1410, 1439)
LARGE = ("django", "orm", "testing")  # topics that a year does not exhaust
SMALL = ("python", "sql", "git", "http")


def people(rng):
    """A person a zone: (id, lang, zone, day start, time, weekdays, questions, reminder,
    {topic: time or None})"""
    for i, zone in enumerate(ZONES):
        large = rng.sample(LARGE, rng.randint(1, 3))
        topics = {t: None if n == 0 else rng.choice(MINUTES) for n, t in enumerate(large)}
        if rng.random() < 0.4:
            topics[rng.choice(SMALL)] = None
        weekdays = 127 if rng.random() < 0.5 else rng.randint(1, 127)
        yield (FIRST_PERSON + i, rng.choice(("ru", "en")), zone,
               rng.choice((0, 0, 120, 180, 240, 240, 360)), rng.choice(MINUTES), weekdays,
               rng.randint(1, 2), rng.choice((600, 1140, 1200, 1380)), topics)


def line(person):
    topics = ",".join(t if at is None else "%s=%d" % (t, at) for t, at in person[-1].items())
    return " ".join(map(str, person[:-1])) + " %s\n" % topics


def wall(zone, at):
    """What the clocks there show at an instant."""
    return at.astimezone(zone).replace(tzinfo=None)


def rings(zone, date, minute):
    """The first instant at which the clocks there show this minute or a later one: found by
    walking minute by minute, where a plain answer is not plain."""
    shows = datetime.datetime.combine(date, datetime.time()) + minute * MINUTE
    early = shows.replace(tzinfo=UTC) - 16 * 60 * MINUTE
    if zone.utcoffset(early.astimezone(zone)) == \
       zone.utcoffset((early + 32 * 60 * MINUTE).astimezone(zone)):
        return (shows - zone.utcoffset(early.astimezone(zone))).replace(tzinfo=UTC)
    while wall(zone, early) < shows:
        early += MINUTE
    return early


def study_day(zone, at, start):
    return (wall(zone, at) - start * MINUTE).date()


def ms(at):
    return int(at.timestamp()) * 1000


def from_ms(at_ms):
    return datetime.datetime.fromtimestamp(at_ms / 1000, UTC)


def mornings(person, pauses, begin_ms, end_ms):
    """{instant: (study day, topics)} of the sittings that must come."""
    _, _, name, start, own, weekdays, _, _, topics = person
    zone = zoneinfo.ZoneInfo(name)
    out = {}
    said = [p[0] for p in pauses]
    date, last = from_ms(begin_ms).date() - DAY, from_ms(end_ms).date() + DAY
    while date <= last:
        for topic, at in topics.items():
            minute = own if at is None else at
            at_ms = ms(rings(zone, date, minute))
            day = date - DAY if minute < start else date
            before = bisect.bisect(said, at_ms) - 1
            paused = before >= 0 and day <= pauses[before][1]
            if weekdays >> date.weekday() & 1 and begin_ms < at_ms < end_ms and not paused:
                _, come = out.setdefault(at_ms, (day, set()))
                come.add(topic)
        date += DAY
    return out


def paused_until(person, at_ms, days):
    day = study_day(zoneinfo.ZoneInfo(person[2]), from_ms(at_ms), person[3])
    return day + (days - 1) * DAY


def near(times, at):
    """Whether one of the sorted times is at most so little before `at`."""
    i = bisect.bisect(times, at) - 1
    return i >= 0 and at - times[i] <= JITTER_MS


def judge(person, told, served, begin_ms, end_ms):
    """Complaints, and how many mornings were right."""
    pauses = [(p["at_ms"], paused_until(person, p["at_ms"], p["days"]))
              for p in told["pause"]]
    right = mornings(person, pauses, begin_ms, end_ms - JITTER_MS)
    due, came = sorted(right), [r["at_ms"] for r in told["morning"]]
    complaints = ["%s: nothing came at %s" % (person[2], from_ms(at))
                  for at in due if not any(0 <= c - at <= JITTER_MS for c in
                                           came[bisect.bisect_left(came, at):][:1])]
    complaints += ["%s: a question came at %s" % (person[2], from_ms(at))
                   for at in came if at < end_ms - JITTER_MS and not near(due, at)]
    complaints += ["%s: a morning came twice at %s" % (person[2], from_ms(at)) for last, at in
                   zip(came, came[1:]) if bisect.bisect(due, last) == bisect.bisect(due, at)
                   and at < end_ms - JITTER_MS]
    wanted = {((day - EPOCH).days, topic) for day, topics in right.values() for topic in topics}
    stored = {row for row in served if row[2] < end_ms - JITTER_MS}
    complaints += ["%s: %s is not served on day %d" % (person[2], topic, day)
                   for day, topic in wanted - {row[:2] for row in stored}]
    # A slot just before the beginning is served along with the first one of its day.
    before = mornings(person, [], begin_ms - GRACE_MS, begin_ms)
    wanted |= {((day - EPOCH).days, topic) for day, topics in before.values()
               for topic in topics}
    complaints += ["%s: %s is served on day %d" % (person[2], topic, day)
                   for day, topic in {row[:2] for row in stored} - wanted]
    return complaints + list(reminders(person, told)), len(due)


def reminders(person, told):
    """At most one a study day, at its time."""
    zone = zoneinfo.ZoneInfo(person[2])
    seen = collections.Counter()
    for r in told["reminder"]:
        at = from_ms(r["at_ms"])
        day = study_day(zone, at, person[3])
        seen[day] += 1
        dates = (day, day + DAY)
        if not any(0 <= r["at_ms"] - ms(rings(zone, d, person[7])) <= JITTER_MS for d in dates):
            yield "%s: a reminder came at %s" % (person[2], at)
    yield from ("%s: %d reminders on %s" % (person[2], n, day)
                for day, n in seen.items() if n > 1)


def year(program, bank, folder, seed, begin, days):
    """Plays and judges so many days from a date on; what is to be told of it."""
    rng = random.Random(seed)
    crowd = list(people(rng))
    path = lambda name: os.path.join(folder, name)
    with open(path("people"), "w", encoding="ascii") as f:
        f.writelines(map(line, crowd))
    begin_s = int(datetime.datetime.combine(begin, datetime.time(), UTC).timestamp())
    for name in "year.db", "told":
        if os.path.exists(path(name)):
            os.unlink(path(name))
    with open(path("log"), "wb") as log:
        code = subprocess.run([program, "--bank", bank, "--people",
                               path("people"), "--out", path("told"), "--db", path("year.db"),
                               "--from", str(begin_s), "--days", str(days), "--seed",
                               str(seed)], stdout=log, stderr=log).returncode
    if code:
        with open(path("log"), encoding="utf-8", errors="replace") as log:
            raise Failed("the year ends with %d: %s" % (code, log.read()[-600:]))
    told = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path("told"), encoding="ascii") as f:
        for r in map(json.loads, f):
            told[r.get("person")][r["what"]].append(r)
    end_ms = told[None]["end"][0]["at_ms"]
    complaints, right = [], 0
    with Database(path("year.db")) as db:
        served = collections.defaultdict(list)
        for r in db.rows("SELECT v.learner, v.day, v.topic, s.sent_ms FROM served v"
                         " JOIN sitting s ON s.id = v.sitting"):
            served[r["learner"]].append((r["day"], r["topic"], r["sent_ms"] or 0))
        for person in crowd:  # who they are is settled in the first minutes
            wrong, n = judge(person, told[person[0]], served[person[0]],
                             begin_s * 1000 + 120_000, end_ms)
            complaints, right = complaints + wrong, right + n
        complaints += list(i4_streaks(Run(ledger=[], db=path("year.db")), db))
        frozen = db.one("SELECT count(*) FROM streak_day WHERE kind = 'frozen'")
        ratings = db.one("SELECT count(*) FROM review WHERE undone_ms IS NULL")
    need(not complaints, "%d complaints: %s" % (len(complaints), "; ".join(complaints[:SHOWN])))
    reminded = sum(len(t["reminder"]) for t in told.values())
    pauses = sum(len(t["pause"]) for t in told.values())
    need(right > 5 * days and ratings > right and pauses + reminded,
         "too little happened: %d mornings, %d ratings, %d pauses, %d reminders" %
         (right, ratings, pauses, reminded))
    return "%d days from %s, %d people: %d mornings, %d ratings, %d pauses, %d reminders," \
           " %d frozen days" % (days, begin, len(crowd), right, ratings, pauses, reminded,
                                frozen)
