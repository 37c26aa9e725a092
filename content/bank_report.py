#!/usr/bin/python3
"""What the bank holds and what it lacks.

    content/bank_report.py [--content DIR] [VIEW [LIST]]      (make bank-report VIEW=... LIST=...)

without a view   places and entries by topic and level, quizzes, lengths, the checklist; then the
                 blocks of code are run (tests/run_blocks.py) and their table closes the report
missing          entries of plan.tsv that are not written yet, by topic, the likelier first
places LIST      the words of each place beside the question that answers it; LIST is a table
                 topic<TAB>rank<TAB>text with a head line, which the repository does not hold
versions         every product with a number in prose, by product: what to read again at a bump

Exit codes: 0 done, 1 a block of code failed, 2 wrong usage.
"""
import argparse
import collections
import csv
import pathlib
import re
import statistics
import subprocess
import sys

import plan_check

LEVELS = "junior", "middle", "senior"
LANGUAGES = "ru", "en"
FENCE = re.compile(r"^```\w*(?: \w+)?\n(.*?)^```$", re.M | re.S)
PRODUCT = re.compile(r"\b(Python|CPython|Django|DRF|PostgreSQL|MySQL|MariaDB|SQLite|SQLAlchemy|Alembic|Celery|Redis|"
                     r"MongoDB|Docker|Compose|Kubernetes|Airflow|Flask|FastAPI|Pydantic|pytest|mypy|pip|Poetry|Git|"
                     r"Node\.js|HTTP|TLS|Debian|Linux|Kafka|RabbitMQ|NumPy|Java|C)[ /](v?\d+(?:\.\d+)*\+?)")
# Part of an entry -> its limit in characters (README, "Limits").
PARTS = {"question": 140, "short": 350, "answer": 1900, "points": 100, "pitfalls": 160, "q": 120, "a": 200,
         "ask": 240, "options": 60, "why": 200}


def shown(text):
    """What a reader sees of a Markdown text, near enough to measure it."""
    text = FENCE.sub(lambda block: block[1], text)
    return re.sub(r"\*\*|`", "", text).strip()


def texts(entry, part, language):
    quiz = entry.get("quiz") or {}
    if part in ("q", "a"):
        return [item[part] for item in entry["follow_ups"][language]]
    held = (quiz if part in ("ask", "options", "why") else entry).get(part, {}).get(language, [])
    return held if isinstance(held, list) else [held]


def prose(entry):
    """Every text of an entry in Russian, the code blocks left out; the numbers are the same in English."""
    for part in PARTS:
        for text in texts(entry, part, "ru"):
            yield FENCE.sub("", text)


def table(heads, rows):
    rows = [heads, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    print()


class Bank:
    """Topics, plan and entries; retired ones are left out."""

    def __init__(self, content):
        self.topics = plan_check.read_yaml(content / "topics.yaml")["topics"]
        self.items = plan_check.items(content)
        self.plan = plan_check.read_rows(plan_check.Report(), content / "plan.tsv")
        self.entries = [entry for _, entry in plan_check.written_entries(content)]
        self.owner = {(topic, place): entry for entry in self.entries
                      for topic, places in (entry.get("asked") or {}).items() for place in places}
        written = {entry["id"] for entry in self.entries}
        self.missing = [row for row in self.plan if row.id not in written]

    def at_home(self, slug):
        return [entry for entry in self.entries if entry["topic"] == slug]


def topics_view(bank):
    def row(name, entries, held, places, missing):
        levels = collections.Counter(entry["level"] for entry in entries)
        quizzes = sum("quiz" in entry for entry in entries)
        share = f"{100 * quizzes / len(entries):.0f} %" if entries else ""
        return name, f"{held} of {places}", len(entries), *(levels[level] for level in LEVELS), quizzes, share, missing
    rows = []
    for topic in bank.topics:
        slug, places = topic["slug"], topic["places"]
        held = sum((slug, place) in bank.owner for place in range(1, places + 1))
        rows.append(row(slug, bank.at_home(slug), held, places, sum(r.topic == slug for r in bank.missing)))
    rows.append(row("in all", bank.entries, len(bank.owner), sum(t["places"] for t in bank.topics), len(bank.missing)))
    table(["topic", "places", "entries", *LEVELS, "quizzes", "share", "not written"], rows)


def lengths_view(bank):
    rows = []
    for part, limit in PARTS.items():
        for language in LANGUAGES:
            lengths = [len(shown(text)) for entry in bank.entries for text in texts(entry, part, language)]
            if lengths:
                rows.append((f"{part} ({language})", min(lengths), round(statistics.median(lengths)), max(lengths), limit))
    table(["characters", "least", "median", "most", "limit"], rows)


def quizzes_view(bank):
    quizzes = [entry["quiz"] for entry in bank.entries if "quiz" in entry]
    longest = sum(len(q["options"]["ru"][0]) > max(map(len, q["options"]["ru"][1:])) for q in quizzes)
    said = sum(min(len(option.split()) for option in q["options"]["en"]) > 3 for q in quizzes)
    print(f"{len(quizzes)} quizzes: {sum('code' in q for q in quizzes)} with code, "
          f"{sum('proof' in q for q in quizzes)} with a proof, {longest} whose right option alone is the longest, "
          f"{said} whose options are all longer than three words\n", flush=True)


def checklist_view(bank):
    for item, entries in bank.items.items():
        print(f"{item}  {len(entries)}  {' '.join(entries)}")
    print(f"{len(bank.items)} items of the checklist, {sum(map(len, bank.items.values()))} links\n", flush=True)


def blocks_view():
    runner = pathlib.Path(__file__).resolve().parent.parent / "tests" / "run_blocks.py"
    print("The blocks of code, run now:", flush=True)
    return subprocess.run([sys.executable, runner], check=False).returncode


def missing_view(bank):
    for topic in bank.topics:
        rows = [row for row in bank.missing if row.topic == topic["slug"]]
        if rows:
            print(f"{topic['slug']}: {len(rows)}")
            print("\n".join(f"    {row.id}  {row.asked or row.item}" for row in rows))
    print(f"{len(bank.missing)} of {len(bank.plan)} entries are not written")


def places_view(bank, path):
    with open(path, encoding="utf-8", newline="") as file:
        for topic, rank, text in list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]:
            entry = bank.owner.get((topic, int(rank)))
            print(f"{topic} {rank}\t{text}")
            print(f"\t{entry['id']}: {entry['question']['ru']}\n\t{' '.join(entry['short']['ru'].split())}"
                  if entry else "\tnot written")


def versions_view(bank):
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for entry in bank.entries:
        for text in prose(entry):
            for product, number in PRODUCT.findall(text.replace("`", "")):
                found[product][number].add(entry["id"])
    for product in sorted(found):
        for number, ids in sorted(found[product].items()):
            print(f"{product} {number}: {', '.join(sorted(ids))}")


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--content", type=pathlib.Path, default=here)
    parser.add_argument("view", nargs="?", choices=["missing", "places", "versions"])
    parser.add_argument("list", nargs="?")
    options = parser.parse_args()
    if (options.view == "places") != bool(options.list):
        parser.error("the view places, and no other, needs a LIST")
    bank = Bank(options.content)
    if options.view == "missing":
        return missing_view(bank)
    if options.view == "versions":
        return versions_view(bank)
    if options.view == "places":
        return places_view(bank, options.list)
    topics_view(bank)
    lengths_view(bank)
    quizzes_view(bank)
    checklist_view(bank)
    return blocks_view() if options.content.resolve() == here else 0


if __name__ == "__main__":
    sys.exit(main())
