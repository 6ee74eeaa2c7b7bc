"""A submission that is a link must not be graded as what it leads to: our solutions, or somebody else's work."""

from __future__ import annotations

import csv
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")


def test_a_link_in_a_class_earns_nothing_of_what_it_leads_to(project, autograder):
    folder = project / "class"
    (folder / "kim").mkdir(parents=True)
    for name in ("double.py", "shift.py"):
        (folder / "kim" / name).write_text((project / "solutions/demo" / name).read_text())
    (folder / "lee").symlink_to(project / "solutions/demo")
    (folder / "park.py").symlink_to(project / "solutions/demo/double.py")
    process = autograder(project, "grade", "demo", "class", "--out", "out", "--jobs", 1, "--isolation", "none")
    assert process.returncode == 0
    rows = {row["student"]: row for row in csv.DictReader((project / "out/grades.csv").open(encoding="utf-8-sig"))}
    assert {student: float(row["total"]) for student, row in rows.items()} == {"kim": 5, "lee": 0, "park": 0}
    assert "`lee` is a link: hand in the file itself." in (project / "out/results/lee.json").read_text()
