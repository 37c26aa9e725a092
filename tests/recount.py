"""What a database must hold, counted again from its rows: when slots ring, and what the
streak is. By zone data and rules of its own, so that a mistake of the bot's is not repeated.
"""
import datetime
import itertools
import zoneinfo

MINUTE_MS, HOUR_MS, DAY_S = 60 * 1000, 3600 * 1000, 86400
GRACE_MS = 6 * HOUR_MS      # later than this a morning's question does not come
LATE_MS = 10 * MINUTE_MS    # later than this it keeps to the quiet hours
OUTAGE_MS = 2 * HOUR_MS     # an outage longer than this excuses a day
EARNED_EVERY, FREEZES = 7, 2  # days kept in a row that bring a freeze; the most one has
EARLY_SLACK_MS, LATE_SLACK_MS = 1000, 5000  # between the daemon's clock and the ledger's


class Calendar:
    """When a learner's slots ring, by zone rules of their own: nothing of the bot's."""

    def __init__(self, learner):
        self.start = learner["day_start_min"]
        self.weekdays = learner["weekdays"]
        self.quiet_from, self.quiet_to = learner["quiet_from_min"], learner["quiet_to_min"]
        try:
            self.zone = zoneinfo.ZoneInfo(learner["zone"])
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            self.zone = zoneinfo.ZoneInfo("Etc/UTC")

    def offset_s(self, at_s):
        at = datetime.datetime.fromtimestamp(at_s, self.zone)
        return int(at.utcoffset().total_seconds())

    def wall(self, ms):
        """(date as a day number, minute) that the wall clock shows."""
        at_s = ms // 1000
        date, second = divmod(at_s + self.offset_s(at_s), DAY_S)
        return date, second // 60

    def instant(self, date, minute):
        """In an hour that comes twice the first one; in a gap the end of the gap."""
        wall_s = date * DAY_S + minute * 60
        offsets = {self.offset_s(wall_s + h * 3600) for h in (-36, 36)}
        fits = [wall_s - o for o in offsets if self.offset_s(wall_s - o) == o]
        if fits:
            return min(fits) * 1000
        low, high = wall_s - max(offsets), wall_s - min(offsets)
        before = self.offset_s(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.offset_s(middle) == before else (low, middle)
        return high * 1000

    def slot(self, day, at_min):
        """(when it rings, whether its weekday is on)"""
        date = day + (at_min < self.start)
        return self.instant(date, at_min), bool(self.weekdays >> (date + 3) % 7 & 1)

    def next_wall(self, after_ms, minute):
        date, _ = self.wall(after_ms)
        at = self.instant(date, minute)
        return at if at > after_ms else self.instant(date + 1, minute)

    def until(self, slot_ms):
        return min(slot_ms + GRACE_MS, self.next_wall(slot_ms, self.start))

    def quiet(self, ms):
        _, minute = self.wall(ms)
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= minute < self.quiet_to
        return minute >= self.quiet_from or minute < self.quiet_to

    def chosen(self, slot_ms):
        """A time within the quiet hours that end while it is still worth sending."""
        return (self.quiet(slot_ms) and
                self.next_wall(slot_ms, self.quiet_to) <= self.until(slot_ms))

    def complaint(self, at_ms, slots):
        """Why a question that came then serves none of these slots, or None."""
        rung = [s for s, on in slots if on]
        if len(rung) < len(slots):
            return "on a weekday that is off"
        if at_ms < max(rung) - EARLY_SLACK_MS:
            return "%d s before it was due" % ((max(rung) - at_ms) / 1000)
        if at_ms > max(map(self.until, rung)) + LATE_SLACK_MS:
            return "%d min after it was due" % ((at_ms - max(rung)) / MINUTE_MS)
        if self.quiet(at_ms) and not any(at_ms <= s + LATE_MS + LATE_SLACK_MS or self.chosen(s)
                                         for s in rung):
            return "late, in the quiet hours"
        return None


def missed(db, learner, after, before, at_ms):
    """The days between two days on which a scheduled sitting came and was not excused, as
    known at that time; and those of which it depends on a message whose arrival was learned
    of only later."""
    surely, perhaps = set(), set()
    for s in db.rows("SELECT day, sent_ms, end_ms FROM sitting WHERE learner = ? AND day > ?"
                     " AND day < ? AND scheduled = 1 AND sent_ms IS NOT NULL AND excused = 0",
                     learner, after, before):
        down = db.one("SELECT coalesce(sum(min(to_ms, ?2) - from_ms), 0) FROM down"
                      " WHERE from_ms >= ?1 AND from_ms < ?2", s["sent_ms"], s["end_ms"])
        if down <= OUTAGE_MS:
            (surely if s["sent_ms"] <= at_ms else perhaps).add(s["day"])
    return surely, perhaps - surely


def streaks(db, learner, reviews, back=False):
    """What (streak, best, last day, freezes, the days that were frozen) can be after these
    ratings, in the order they came. `back`: the clock was set back, so nobody can tell
    whether a sitting or an outage of that day was known by then."""
    ends, last = {(0, 0, 0, frozenset())}, None
    for r in reviews:
        if last is not None and r["day"] <= last:
            continue
        surely, perhaps = set(), set()
        if last is not None:
            surely, perhaps = missed(db, learner, last, r["day"], r["at_ms"])
            if back:
                surely, perhaps = set(), came(db, learner, last, r["day"])
        gaps = [sorted(surely | set(some)) for n in range(len(perhaps) + 1)
                for some in itertools.combinations(sorted(perhaps), n)]
        ends = {kept(end, gap) for end in ends for gap in gaps}
        last = r["day"]
    rated = {r["day"] for r in reviews}
    return {(streak, best, last, freezes, frozen - rated)
            for streak, best, freezes, frozen in ends}


def came(db, learner, after, before):
    """The days between two days on which a scheduled sitting came."""
    return {r["day"] for r in db.rows("SELECT day FROM sitting WHERE learner = ? AND day > ?"
                                      " AND day < ? AND scheduled = 1 AND sent_ms IS NOT NULL",
                                      learner, after, before)}


def kept(end, gap):
    """One more day, after these missed ones: each takes a freeze, the one that finds none
    takes the streak."""
    streak, best, freezes, frozen = end
    if streak:
        frozen = frozen | frozenset(gap[:freezes])
        if len(gap) > freezes:
            streak, freezes = 0, 0
        else:
            freezes -= len(gap)
    streak += 1
    return (streak, max(best, streak), min(freezes + (streak % EARNED_EVERY == 0), FREEZES),
            frozen)


def worth(level, speed, spent_ms, limit_ms):
    """What a right answer brings: 1000 at once and half of it at the end of the time, in
    steps of 25 downwards; a quarter more for a middle question, a half for a senior one."""
    late = min(max(spent_ms, 0), limit_ms) if speed else 0
    steps = 40 * (2 * limit_ms - late) // (2 * limit_ms)
    return steps * 25 * (3 + level) // 4


def bonus(run):
    """For the run-th right answer in a row."""
    return min(100 * (run - 1), 500)


def battle_votes(db, battle):
    """What is wrong with the points of a battle's votes. A round without a vote ends a run,
    but not when it was skipped, which nothing tells afterwards: both are allowed."""
    rounds = db.rows("SELECT id, level, limit_ms FROM round WHERE battle = ? AND state <> 3"
                     " ORDER BY id", battle["id"])
    for seat in db.rows("SELECT person, points, hits FROM seat WHERE battle = ?", battle["id"]):
        runs, points, hits = {0}, 0, 0
        for r in rounds:
            found = db.rows("SELECT * FROM vote WHERE round = ? AND person = ?", r["id"],
                            seat["person"])
            if not found:
                runs |= {0}
                continue
            v = found[0]
            runs = {run + 1 for run in runs} if v["hit"] else {0}
            right = {worth(r["level"], battle["speed"], v["spent_ms"], r["limit_ms"]) +
                     (bonus(run) if battle["bonus"] else 0): run
                     for run in runs} if v["hit"] else {0: 0}
            if v["points"] not in right:
                yield "round %d: person %d has %d points, %s is right" % (
                    r["id"], seat["person"], v["points"], " or ".join(map(str, right)))
            elif v["hit"] and battle["bonus"]:
                runs = {right[v["points"]]}
            points, hits = points + v["points"], hits + v["hit"]
        if (seat["points"], seat["hits"]) != (points, hits):
            yield "battle %d: person %d has %d points by %d right answers, %d by %d is right" % (
                battle["id"], seat["person"], seat["points"], seat["hits"], points, hits)
