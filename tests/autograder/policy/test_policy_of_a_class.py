"""`autograder policy`: the instructor's files, and what they make of a class."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from autograder.errors import UsageError
from autograder.policy.apply import apply_policy
from autograder.results.model import SCHEMA, Result
from autograder.sources.model import ClassList, Member, Row
from autograder.sources.store import write_class

POLICY = """\
due = 2026-01-30T23:59:00
timezone = "Europe/Berlin"
grace = "10m"
slip_days = 5
max_per_assignment = 2
steps = [[1, 0.9], [2, 0.8]]
"""
TIMES = {
    "ada": "2026-01-30T20:00:00",
    "kim": "2026-02-01T02:30:00",
    "lee": "2026-02-03T00:00:00+01:00",
    "omar": "",
    "grace": "2026-01-31T00:05:00",
}
Rows = dict[str, dict[str, str]]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "results").mkdir(parents=True)
    rows = []
    for number, (student, when) in enumerate(TIMES.items()):
        late = True if student == "omar" else None
        rows.append(Row(student, (Member(student.title(), str(number)),), submitted_at=when, late=late))
        result = Result(SCHEMA, student, "week4", 1, "s", "full", 90.0, 100.0, {})
        (folder / "results" / f"{student}.json").write_bytes(msgspec.json.encode(result))
    rows.append(Row("zoe", (Member("Zoë", "99"),), attempts=0))
    write_class(folder, ClassList(1, "Canvas", "week4", tuple(rows)))
    return folder


@pytest.fixture
def marks(out: Path) -> Callable[[Mapping[str, str]], tuple[Rows, Rows]]:
    def apply(files: Mapping[str, str]) -> tuple[Rows, Rows]:
        rules = out.parent / "rules"
        rules.mkdir(exist_ok=True)
        for name, text in files.items():
            (rules / name).write_text(text)
        apply_policy(out, rules)
        return read(out / "marks.csv"), read(out / "late.csv")

    return apply


def read(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as table:
        return {row["student"]: row for row in csv.DictReader(table)}


def test_a_class(marks) -> None:
    found, late = marks(
        {
            "policy.toml": POLICY,
            "extensions.csv": "student,assignment,until,reason\nkim,week4,2026-01-31 23:59,\nlee,week5,2027-01-01,\n",
            "adjustments.csv": "student,points,reason\nGrace,-2.5,style\nada,1/3,bonus\nada,1/3,bonus\n",
            "hold.csv": "student,reason\n0,committee\n",
        }
    )
    assert {student: (row["mark"], row["status"]) for student, row in found.items()} == {
        "ada": ("", "held"),
        "grace": ("87.5", "graded"),
        "kim": ("90", "graded"),
        "lee": ("72", "graded"),
        "omar": ("90", "late, not known by how much"),
        "zoe": ("", "handed in nothing"),
    }
    assert found["kim"]["explanation"] == "27 h late, 3 h after your extension: 1 slip day, 4 of 5 left"
    assert found["lee"]["explanation"] == (
        "3 d 1 h late: 2 slip days, 3 of 5 left, for the rest, 80 % of the points left"
    )
    assert found["grace"]["explanation"] == "adjusted by -2.5 (style)"
    assert found["ada"]["explanation"].endswith("held: committee")
    assert late["lee"] == {
        "student": "lee",
        "name": "Lee",
        "id": "2",
        "submitted": "2026-02-03T00:00:00+01:00",
        "due": "2026-01-30T23:59:00+01:00",
        "units": "4",
        "slip_days": "2",
        "slip_days_left": "3",
        "share": "4/5",
        "explanation": found["lee"]["explanation"],
    }


def test_a_day_lasts_until_its_end(marks) -> None:
    _, late = marks({"policy.toml": POLICY, "extensions.csv": "student,until\nkim,2026-02-01\n"})
    assert late["kim"]["due"] == "2026-02-01T23:59:59+01:00"


def test_without_files_marks_are_the_scores(marks) -> None:
    found, late = marks({})
    assert {row["mark"] for student, row in found.items() if student != "zoe"} == {"90"}
    assert late == {}


def test_who_handed_in_nothing_may_get_zero(marks) -> None:
    assert marks({"policy.toml": 'missing = "zero"\n'})[0]["zoe"]["mark"] == "0"


def test_the_order_of_lines_does_not_matter(marks) -> None:
    lines = ["kim,1/3,a", "kim,-2,b", "lee,5,", "kim,1/7,c"]
    holds = ["omar,x", "omar,y"]
    seen = set()
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        random.Random(seed).shuffle(holds)
        files = {
            "policy.toml": POLICY,
            "adjustments.csv": "\n".join(["student,points,reason", *lines]),
            "hold.csv": "\n".join(["student,reason", *holds]),
        }
        seen.add(str(marks(files)))
    assert len(seen) == 1


def test_slip_days_of_other_assignments_count(marks, out: Path) -> None:
    _, late = marks({"policy.toml": POLICY})
    assert late["lee"]["slip_days_left"] == "3"
    (out / "late.csv").rename(out.parent / "earlier.csv")
    found, late = marks({"policy.toml": POLICY + 'ledgers = ["../earlier.csv", "../earlier.csv"]\n'})
    assert (late["lee"]["slip_days"], late["lee"]["slip_days_left"]) == ("1", "0")
    assert found["lee"]["mark"] == "72"


def test_a_group_has_a_mark_for_each_member(out: Path, marks) -> None:
    result = Result(SCHEMA, "A + B", "week4", 1, "s", "full", 90.0, 100.0, {})
    (out / "results" / "A + B.json").write_bytes(msgspec.json.encode(result))
    row = Row("A + B", (Member("A", "11"), Member("B", "12")), submitted_at="2026-01-31T12:00:00")
    write_class(out, ClassList(1, "Gradescope", "week4", (row,)))
    marks({"policy.toml": POLICY, "extensions.csv": "student,days\nB,1\n"})
    with (out / "marks.csv").open(encoding="utf-8-sig", newline="") as table:
        told = [(row["name"], row["mark"], row["explanation"]) for row in csv.DictReader(table)]
    assert told == [
        ("A", "90", "13 h late: 1 slip day, 4 of 5 left"),
        ("B", "90", "13 h late, within your extension"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("policy.toml", "slipdays = 3\n", r'unknown key "slipdays" \(did you mean "slip_days"\?\)'),
        ("policy.toml", "due = 2026-01-30T23:59:00\n", "policy.toml must name a timezone"),
        ("policy.toml", 'timezone = "Berlin"\n', "timezone = 'Berlin' is not known"),
        ("policy.toml", 'grace = "ten"\n', 'such as "10m"'),
        ("policy.toml", 'unit = "0h"\n', "unit must be longer than nothing"),
        ("policy.toml", 'after = "halve"\n', "must be one of deduct, cap, zero"),
        ("policy.toml", "steps = [[1, 0.8], [2, 0.9]]\n", "2 units leave 0.9, 1 leave 0.8"),
        ("policy.toml", "steps = [[1, 90]]\n", r'key "steps\[0\]\[1\]" must be at most 1'),
        ("policy.toml", "steps = [[1]]\n", r'key "steps\[0\]" must be a list of 2 values; it has 1'),
        ("policy.toml", "steps = 3\n", 'key "steps" must be a list'),
        ("policy.toml", "slip_days = -1\n", 'key "slip_days" must be at least 0'),
        ("policy.toml", "slip_days = \n", "policy.toml cannot be read"),
        ("policy.toml", 'ledgers = ["nowhere.csv"]\n', "nowhere.csv cannot be read"),
        (
            "extensions.csv",
            "student,until\nkmi,2026-02-01T00:00:00Z\n",
            r"line 2: there is no student kmi \(did",
        ),
        ("extensions.csv", "student,until\nkim,soon\n", "line 2: soon is not a time"),
        ("extensions.csv", "student,untill\nkim,soon\n", "no column 'untill' .did you mean \"until\""),
        ("adjustments.csv", "student,points\nkim,many\n", "line 2: points are a number"),
        ("adjustments.csv", "student,points\nkim,1,5\n", "line 2: a student, and no more cells than columns"),
        ("hold.csv", "name\nkim\n", "no column 'name'"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(marks, out: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        marks({name: text})
    assert not (out / "marks.csv").exists()


def test_an_extension_before_the_due_date_is_a_slip(marks) -> None:
    with pytest.raises(UsageError, match="ends before the due date"):
        marks({"policy.toml": POLICY, "extensions.csv": "student,until\nkim,2025-02-01\n"})
