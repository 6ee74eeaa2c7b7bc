"""A class of 40 from each system's download to its gradebook: every mark arrives, and nothing else changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import lms_downloads
import pytest
import sheets

from autograder.export.fill import fill
from autograder.export.marks import read_marks
from autograder.export.sheet import read_sheet
from autograder.policy.apply import apply_policy
from autograder.receive import receive
from autograder.submissions.model import Expected

FIRST = ("Ada", "민준", "José", "עדה", "Anne-Marie", "Aoife", "Zoë", "李")
LAST = ("Lovelace", "김", "Núñez Peña", "O'Connor", "van der Berg")
NAMES = tuple(f"{first} {last}" for first in FIRST for last in LAST)
EXPECTED = [Expected("lstm_cell", "lstm_cell.py", ("LSTMCell",))]
SYSTEMS = {
    "Canvas": (lms_downloads.canvas, sheets.canvas, sheets.import_canvas, lambda n: str(4400 + n)),
    "Moodle": (lms_downloads.moodle, sheets.moodle, sheets.import_moodle, lambda n: str(1234000 + n)),
    "Blackboard": (lms_downloads.blackboard, sheets.blackboard, sheets.import_blackboard, lambda n: f"user_{n}"),
    "Brightspace": (lms_downloads.brightspace, sheets.brightspace, sheets.import_brightspace, lambda n: f"login{n}"),
}


class Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def claim(self) -> None:
        self.folder.mkdir()


@pytest.mark.parametrize("system", SYSTEMS)
def test_forty_students(tmp_path: Path, graded: Callable[..., Path], system: str) -> None:
    download, sheet_of, imported, key = SYSTEMS[system]
    handed_in = NAMES[:38]  # the last two hand in nothing
    path = lms_downloads.as_zip(tmp_path / "download.zip", download(handed_in, {"lstm_cell-1.py": "x"}))
    received = receive(path, "week4", EXPECTED, Folder(tmp_path / "out"))  # type: ignore[arg-type]
    rows = received.found.students
    place = {member.id if system != "Brightspace" else member.name: n for n, member in _members(system, received)}
    scores = {row.student: 50.25 + place[_key(system, row)] for row in rows}
    out = graded(system, rows, list(scores.values()))
    rules = tmp_path / "rules"
    rules.mkdir()
    held = rows[7]
    (rules / "hold.csv").write_text(f"student,reason\n{held.student},committee\n")
    (rules / "policy.toml").write_text("due = 2026-01-30T15:10:00Z\ntimezone = 'UTC'\nsteps = [[1, 0.9]]\n")
    apply_policy(out, rules)
    _, entries, by_policy = read_marks(out)
    assert by_policy
    sheet_file = tmp_path / "sheet.csv"
    sheet_file.write_bytes(sheet_of(NAMES))
    before, filled = imported(sheet_file.read_bytes()), fill(read_sheet(sheet_file), entries, _column(system))
    after = imported(filled.content)

    places = {row.student: place[_key(system, row)] for row in rows}
    marks = {key(n): _mark(system, scores[student], n) for student, n in places.items()}
    del marks[key(place[_key(system, held)])]
    assert len(marks) == 37
    assert {who: value for who, value in after.items() if who in marks} == marks
    assert {who: value for who, value in after.items() if who not in marks} == {
        who: value for who, value in before.items() if who not in marks
    }
    assert filled.said[0].startswith(f"{system}, ")
    assert "2 students in the sheet without submission, 0 submissions without a row" in filled.said[0]
    assert "1 held or not graded, left as they are" in filled.said[0]
    again = tmp_path / "again.csv"
    again.write_bytes(filled.content)
    assert fill(read_sheet(again), entries, _column(system)).content == filled.content


def _members(system: str, received) -> list:
    if system == "Brightspace":
        return [(NAMES.index(row.members[0].name), row.members[0]) for row in received.found.students]
    digits = {"Canvas": 4400, "Moodle": 1234000}
    return [
        (int(row.members[0].id.removeprefix("user_")) - digits.get(system, 0), row.members[0])
        for row in received.found.students
    ]


def _key(system: str, row) -> str:
    return row.members[0].name if system == "Brightspace" else row.members[0].id


def _column(system: str) -> str:
    return "98765" if system == "Canvas" else ""


def _mark(system: str, score: float, number: int) -> float:
    """Blackboard tells the minute, here the student's number; Brightspace too. The others tell no time."""
    late = (system == "Blackboard" and number > 10) or (system == "Brightspace" and number > 10)
    exact = Fraction(str(score)) * (Fraction(9, 10) if late else 1)
    return float((exact * 100 + Fraction(1, 2)).__floor__()) / 100


@pytest.mark.parametrize("system", SYSTEMS)
def test_without_marks_to_change_not_a_byte_changes(tmp_path: Path, system: str) -> None:
    data = SYSTEMS[system][1](NAMES)
    (tmp_path / "sheet.csv").write_bytes(data)
    assert read_sheet(tmp_path / "sheet.csv").replaced({}) == data


def test_the_library_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text('a;"b;""c"\n;\n"1";2,5\n')
    sheet = read_sheet(tmp_path / "s.csv")
    written = sheet.replaced({(2, 1): "3,5", (1, 0): "x"}).decode()
    assert list(csv.reader(io.StringIO(written), delimiter=";")) == [["a", 'b;"c'], ["x", ""], ["1", "3,5"]]
