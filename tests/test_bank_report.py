#!/usr/bin/python3
"""The report of the bank, on the compiler's good little bank: what it says is what is there."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
REPORT = ROOT / "content" / "bank_report.py"
PLAN = """\
id\ttopic\tlevel\tasked\titem\tkind\tcluster\towns\tcontrast
python-list-append\tpython\tjunior\tpython:1,3; sql:2\t\tquiz\tlists\tspare room\t
python-tuple\tpython\tmiddle\tpython:2\tS2.2.1\tquiz\tlists\thashing\t
python-gone\tpython\tmiddle\tpython:4\t\tquiz\tlists\tnothing yet\t
"""
LIST = "topic\trank\ttext\npython\t2\ttuple or \"list\npython\t4\tsomething else\n"


def report(folder, *words):
    return subprocess.run([sys.executable, REPORT, "--content", folder, *words], check=False,
                          capture_output=True, text=True)


class Report(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.content = pathlib.Path(self.folder.name, "content")
        shutil.copytree(ROOT / "tests" / "compiler_cases" / "good", self.content)
        (self.content / "plan.tsv").write_text(PLAN, encoding="utf-8")

    def tearDown(self):
        self.folder.cleanup()

    def lines(self, *words):
        done = report(self.content, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line.split() for line in done.stdout.splitlines()]

    def test_topics_count_places_levels_and_what_is_missing(self):
        lines = self.lines()
        self.assertIn("python 3 of 3 2 1 1 0 2 100 % 1".split(), lines)
        self.assertIn("sql 1 of 2 0 0 0 0 0 0".split(), lines)  # held by an entry at home elsewhere
        self.assertIn("hr 0 of 0 1 1 0 0 0 0 % 0".split(), lines)
        self.assertIn("in all 4 of 5 3 2 1 0 2 67 % 1".split(), lines)  # the retired one is not there

    def test_each_item_of_the_checklist_stands_with_its_entries(self):
        lines = self.lines()
        self.assertIn("S1.2.1 2 python-tuple python-list-append".split(), lines)
        self.assertIn("3 items of the checklist, 4 links".split(), lines)

    def test_lengths_are_of_what_is_shown(self):
        lines = self.lines()
        self.assertIn("question (en) 27 36 40 140".split(), lines)
        self.assertIn("options (ru) 1 4 10 60".split(), lines)

    def test_missing_names_the_entries_of_the_plan(self):
        self.assertEqual(self.lines("missing"), [["python:", "1"], ["python-gone", "python:4"],
                                                 "1 of 3 entries are not written".split()])

    def test_places_stand_beside_their_questions(self):
        path = pathlib.Path(self.folder.name, "list.tsv")
        path.write_text(LIST, encoding="utf-8")
        lines = self.lines("places", str(path))
        self.assertEqual(lines[0], ["python", "2", "tuple", "or", "\"list"])
        self.assertEqual(lines[1][0], "python-tuple:")
        self.assertEqual(lines[-1], ["not", "written"])

    def test_versions_name_the_entries(self):
        path = self.content / "questions" / "python.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("Цена — память", "С Python 3.12 цена — память"),
                        encoding="utf-8")
        self.assertEqual(self.lines("versions"), [["Python", "3.12:", "python-list-append"]])

    def test_a_list_without_its_view_is_wrong_usage(self):
        self.assertEqual(report(self.content, "places").returncode, 2)
        self.assertEqual(report(self.content, "missing", "x").returncode, 2)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0)
