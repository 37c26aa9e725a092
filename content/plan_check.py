#!/usr/bin/python3
"""The plan of the bank, held against itself and against the entries that are written.

    content/plan_check.py [CONTENT]        default: the folder of this file

plan.tsv has a line an entry: id, topic, level, asked (places in the source lists), item of
the checklist, kind (has it a quiz), cluster (what is written by one hand), owns (claims
that live here and nowhere else), contrast (ids that people confuse with it).

- the places of every topic are 1..N of topics.yaml, each in exactly one entry;
- ids are unique and well formed, every value is of its closed list, texts keep their length;
- the lines stand by topic, inside by the best place in the home topic, checklist last;
- contrast is mutual; a cluster has 15 to 40 entries;
- an item of checklist.yaml links three entries or more, and those of the plan that name it;
- an entry of questions/*.yaml is in the plan with the same topic, level, places, item and
  kind, and names no contrast that the plan lacks.

Prints `plan.tsv:LINE: what is wrong` and closes with `N passed, N failed`; exits 1 on a fault.
"""
import collections
import pathlib
import re
import sys

import yaml

FIELDS = ["id", "topic", "level", "asked", "item", "kind", "cluster", "owns", "contrast"]
LEVELS = {"junior", "middle", "senior"}
KINDS = {"quiz", "no-quiz"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ASKED = re.compile(r"([a-z-]+):([1-9][0-9]*(?:,[1-9][0-9]*)*)")
ID_MAX, OWNS_MAX, CONTRAST_MAX = 60, 120, 6
CLUSTER_MIN, CLUSTER_MAX = 15, 40
ENTRIES_AN_ITEM, LINKS_MAX = 3, 6


class Report:
    """Counts what held and tells what did not."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, held, where, what):
        if held:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{where}: {what}")
        return held


class Row:
    """A line of the plan. `places`: topic -> sorted numbers, empty if `asked` is."""

    def __init__(self, line, values):
        self.where = f"plan.tsv:{line}"
        for field, value in zip(FIELDS, values):
            setattr(self, field, value)
        self.contrast = self.contrast.split(",") if self.contrast else []
        self.places = {}
        self.asked_is_sound = True
        for part in self.asked.split("; ") if self.asked else []:
            m = ASKED.fullmatch(part)
            numbers = [int(n) for n in m[2].split(",")] if m else []
            if not m or m[1] in self.places or numbers != sorted(set(numbers)):
                self.asked_is_sound = False
            else:
                self.places[m[1]] = numbers

    def best(self):
        """Best place in the home topic; what is asked elsewhere comes after, the checklist last."""
        if self.topic in self.places:
            return self.places[self.topic][0]
        return sys.maxsize - (1 if self.places else 0)


def items(content):
    """item of the checklist -> the entries that it links."""
    listed = read_yaml(content / "checklist.yaml")["sections"]
    return {item["id"]: item["entries"] for section in listed for group in section["groups"]
            for item in group["items"]}


def read_rows(report, path):
    text = path.read_bytes()
    report.check(text.isascii() and text.endswith(b"\n") and b"\r" not in text, "plan.tsv",
                 "must be ASCII with a newline at the end of every line")
    lines = text.decode("utf-8", "replace").split("\n")[:-1]
    report.check(lines[:1] == ["\t".join(FIELDS)], "plan.tsv:1",
                 "the header must be " + ", ".join(FIELDS))
    rows = []
    for number, line in enumerate(lines[1:], 2):
        values = line.split("\t")
        if report.check(len(values) == len(FIELDS) and all(v == v.strip() for v in values),
                        f"plan.tsv:{number}",
                        f"must be {len(FIELDS)} values apart by tabs, no blanks around them"):
            rows.append(Row(number, values))
    return rows


def check_values(report, rows, topics, known):
    owned = {}
    for row in rows:
        def says(held, what):
            report.check(held, row.where, f"{row.id}: {what}")
        says(SLUG.fullmatch(row.id) and len(row.id) <= ID_MAX, "id must be kebab-case, "
             f"at most {ID_MAX} characters")
        says(row.topic in topics, f"topic '{row.topic}' is not in topics.yaml")
        says(row.level in LEVELS, f"level '{row.level}' is none of {sorted(LEVELS)}")
        says(row.kind in KINDS, f"kind '{row.kind}' is none of {sorted(KINDS)}")
        says(SLUG.fullmatch(row.cluster), f"cluster '{row.cluster}' must be a slug")
        says(not row.item or row.item in known,
             f"'{row.item}' is no item of the checklist (S3.1.4)")
        says(row.asked_is_sound,
             f"asked '{row.asked}' must be like 'python:57,172; algorithms:19', in order")
        says(row.asked or row.item, "has neither places nor an item: who asks it?")
        says(0 < len(row.owns) <= OWNS_MAX and not row.owns.endswith("."),
             f"owns must have 1 to {OWNS_MAX} characters and no full stop ({len(row.owns)})")
        says(row.owns not in owned, f"owns the same as {owned.get(row.owns)}")
        owned[row.owns] = row.id


def check_ids_and_order(report, rows, topics):
    seen = {}
    for row in rows:
        report.check(row.id not in seen, row.where,
                     f"{row.id} is in line {seen.get(row.id)} already")
        seen[row.id] = row.where.partition(":")[2]
    order = {slug: n for n, slug in enumerate(topics)}
    for before, row in zip(rows, rows[1:]):
        report.check((order.get(before.topic, 0), before.best())
                     <= (order.get(row.topic, 0), row.best()), row.where,
                     f"{row.id} must stand above {before.id}: by topic as in topics.yaml, "
                     "then by the best place")


def check_partition(report, rows, topics):
    owners = collections.defaultdict(list)
    for row in rows:
        for topic, numbers in row.places.items():
            for n in numbers:
                report.check(n <= topics.get(topic, 0), row.where,
                             f"{row.id}: '{topic}' has no place {n}")
                owners[topic, n].append(row.id)
    for topic, count in topics.items():
        for n in range(1, count + 1):
            held = owners[topic, n]
            report.check(len(held) == 1, "plan.tsv", f"place {topic}:{n} must belong to one "
                         f"entry, not to {', '.join(held) or 'none'}")


def check_contrast(report, rows):
    names = {row.id: row for row in rows}
    for row in rows:
        report.check(len(set(row.contrast)) == len(row.contrast) <= CONTRAST_MAX, row.where,
                     f"{row.id}: contrast must be at most {CONTRAST_MAX} different ids")
        for other in row.contrast:
            report.check(other in names and other != row.id and row.id in names[other].contrast,
                         row.where,
                         f"{row.id}: contrast '{other}' must be another entry that names it too")


def check_groups(report, rows):
    for cluster, size in sorted(collections.Counter(row.cluster for row in rows).items()):
        report.check(CLUSTER_MIN <= size <= CLUSTER_MAX, "plan.tsv", f"cluster '{cluster}' "
                     f"has {size} entries, not {CLUSTER_MIN} to {CLUSTER_MAX}")


def check_items(report, rows, known):
    for item, linked in known.items():
        report.check(len(linked) >= ENTRIES_AN_ITEM, "checklist.yaml",
                     f"item {item} links {len(linked)} entries, not {ENTRIES_AN_ITEM}")
    for row in rows:
        linked = known.get(row.item, [row.id])
        report.check(row.id in linked or len(linked) == LINKS_MAX, row.where,
                     f"{row.id} is not linked by its item {row.item}")


def check_entry(report, row, entry, where):
    def agrees(field, planned, written):
        report.check(planned == written, where, f"{row.id}: {field} is {written}, "
                     f"the plan ({row.where}) says {planned}")
    agrees("topic", row.topic, entry.get("topic"))
    agrees("level", row.level, entry.get("level"))
    agrees("asked", row.places,
           {topic: sorted(numbers) for topic, numbers in (entry.get("asked") or {}).items()})
    agrees("likelihood", row.item, entry.get("likelihood") or "")
    agrees("kind", row.kind, "quiz" if entry.get("quiz") else "no-quiz")
    for other in entry.get("contrast") or []:
        report.check(other in row.contrast, where,
                     f"{row.id}: contrast '{other}' is not in the plan ({row.where})")


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def written_entries(content):
    """(file, entry) of all that is offered: retired entries are left out."""
    for path in sorted((content / "questions").glob("*.yaml")):
        for entry in read_yaml(path)["questions"]:
            if not entry.get("retired"):
                yield path, entry


def check_entries(report, rows, content):
    names = {row.id: row for row in rows}
    entries = list(written_entries(content))
    report.check(entries, str(content / "questions"), "no file with entries")
    for path, entry in entries:
        where = f"questions/{path.name}"
        if report.check(entry["id"] in names, where, f"{entry['id']} is not in the plan"):
            check_entry(report, names[entry["id"]], entry, where)


def main():
    here = pathlib.Path(__file__).resolve().parent
    content = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    listed = read_yaml(content / "topics.yaml")["topics"]
    topics = {topic["slug"]: topic["places"] for topic in listed}
    report = Report()
    rows = read_rows(report, content / "plan.tsv")
    known = items(content)
    check_values(report, rows, topics, known)
    check_ids_and_order(report, rows, topics)
    check_partition(report, rows, topics)
    check_contrast(report, rows)
    check_groups(report, rows)
    check_items(report, rows, known)
    check_entries(report, rows, content)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
