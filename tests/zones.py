#!/usr/bin/env python3
"""Every zone of the system, 2024 to 2035: do the sittings ring when they should?

    tests/zones.py build/tests/test_zones

Runs the program for each zone and compares every instant that it prints with Python's
own zoneinfo: a wall time that does not exist rings at the first instant after the gap,
one that comes twice at the first. The program itself checks that each study day has one
sitting (its head says how): for every day start in one zone of each set of rules, for
one of the day starts in the others.
"""

import bisect
import datetime
import subprocess
import sys
import zoneinfo

FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2035, 12, 31)
SLOTS = [0, 15, 150, 240, 540, 1425]
STARTS = ["0", "120", "240", "360"]
EPOCH = datetime.date(1970, 1, 1)
UTC = datetime.timezone.utc


def offset(zone, utc):
    moment = datetime.datetime.fromtimestamp(utc, UTC).astimezone(zone)
    return int(moment.utcoffset().total_seconds())


def changes(zone):
    """[(instant, offset from then on)], found by halving half days that differ."""
    day = int((FIRST - EPOCH).days - 3) * 86400
    end = int((LAST - EPOCH).days + 3) * 86400
    out = [(day, offset(zone, day))]
    step = 12 * 3600
    for utc in range(day, end, step):
        before, after = offset(zone, utc), offset(zone, utc + step)
        if before == after:
            continue
        low, high = utc, utc + step
        while high - low > 1:
            middle = (low + high) // 2
            if offset(zone, middle) == before:
                low = middle
            else:
                high = middle
        out.append((high, after))
    return out


def instants(zone):
    """Seconds UTC of each slot on each wall date, slot by slot."""
    table = changes(zone)
    starts = [utc for utc, _ in table]
    for slot in SLOTS:
        for number in range((FIRST - EPOCH).days, (LAST - EPOCH).days + 1):
            wall = number * 86400 + slot * 60
            naive = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=wall)
            utc = int(naive.replace(tzinfo=zone, fold=0).timestamp())
            i = bisect.bisect_right(starts, utc) - 1
            if utc + table[i][1] != wall:  # in a gap: the change next to it
                i = min(range(len(starts)), key=lambda k: abs(starts[k] - utc))
                assert abs(starts[i] - utc) < 86400, (zone, naive)
                utc = starts[i]
            yield utc


def main(program):
    different = {}
    for name in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
        zone = zoneinfo.ZoneInfo(name)
        different.setdefault(tuple(changes(zone)), []).append(name)
    wrong = checked = 0
    for names in different.values():
        want = list(instants(zoneinfo.ZoneInfo(names[0])))
        for number, name in enumerate(names):
            starts = STARTS[number % len(STARTS)] if number else ",".join(STARTS)
            dates = [str((date - EPOCH).days) for date in (FIRST, LAST)]
            run = subprocess.run(
                [program, name, *dates, starts, *map(str, SLOTS)],
                stdout=subprocess.PIPE, check=False)
            have = [int(line) for line in run.stdout.split()]
            bad = sum(a != b for a, b in zip(have, want)) + abs(len(have) - len(want))
            checked += len(have)
            if bad or run.returncode:
                wrong += 1
                print(f"{name}: {bad} instants differ, exit code {run.returncode}")
    zones = sum(map(len, different.values()))
    print(f"zones: {zones} zones, {checked} sittings, {wrong} zones wrong")
    return wrong > 0 or zones < 400


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
