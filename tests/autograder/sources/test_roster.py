"""A list of the class gives names, and a row to those who handed in nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lms_downloads import as_zip, canvas, moodle

from autograder.errors import UsageError
from autograder.receive import Received
from autograder.sources.roster import read_roster

Take = Callable[..., Received]
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 4 (98765)
    Points Possible,,,,,100
"Lovelace, Ada",4400,S001,ada,CS1,
"김민준",4401,S002,minjun,CS2,
"Hopper, Grace",4409,S003,grace,CS1,
"""


def absent(received: Received) -> list[str]:
    return [row.student for row in received.found.students if not row.attempts]


def test_who_handed_in_nothing_has_a_row(tmp_path: Path, take: Take) -> None:
    received = take(as_zip(tmp_path / "s.zip", canvas(("Lovelace, Ada", "김민준", "Stranger"))), CANVAS)
    assert received.told[1:] == ["Roster: 3 people, 1 handed in nothing", "Not on the roster, but graded: `stranger`"]
    assert absent(received) == ["Hopper, Grace"]
    rows = {row.student: row for row in received.found.students}
    ada = rows["lovelaceada"].members[0]
    assert (ada.name, ada.id, ada.username, ada.section) == ("Lovelace, Ada", "4400", "ada", "CS1")


def test_moodles_worksheet_is_a_roster(tmp_path: Path, take: Take) -> None:
    sheet = "Identifier,Full name,Email address\nTeilnehmer/in 1234000,Ada,a@b.edu\nTeilnehmer/in 9,Grace,g@b.edu\n"
    received = take(as_zip(tmp_path / "m.zip", moodle(("Ada",))), sheet)
    assert absent(received) == ["Grace"]
    assert received.found.students[0].members[0].email == "a@b.edu"


def test_times_may_come_from_a_roster(tmp_path: Path, take: Take) -> None:
    received = take(as_zip(tmp_path / "m.zip", moodle(("Ada",))), "name,submitted_at\nAda,2026-01-30 15:00:00 +0900\n")
    assert received.found.students[0].submitted_at == "2026-01-30T15:00:00+0900"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour,size\nred,3\n", "no column is called student"),
        ("id,name\n1,Kim\n1,Lee\n", "1 is there twice"),
        ("name\nKim\nLee\nKim\n", "Kim is there twice"),
        ("name\n", "holds nobody"),
        ('name,id\n"Kim,1\nLee,2\n', "line 3: unexpected end of data. Is there a quote too many or too few"),
        (f"name,note\nKim,{'x' * 200_000}\n", "line 2: field larger"),
    ],
)
def test_a_bad_roster_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(UsageError, match=says):
        read_roster(tmp_path / "r.csv")


def test_one_line_cannot_be_two_people(tmp_path: Path, take: Take) -> None:
    with pytest.raises(UsageError, match="could be the author of two submissions"):
        take(as_zip(tmp_path / "m.zip", moodle(("Kim", "Kim"))), "name\nKim\n")


def test_a_roster_tells_the_members_of_a_group(tmp_path: Path, take: Take) -> None:
    files = {
        "Group A_17_assignsubmission_file/f.py": "",
        "Kim_19_assignsubmission_file/f.py": "",
    }
    roster = "name,id,group\nAda,1,Group A\nGrace,2,Group A\nKim,19,\n"
    received = take(as_zip(tmp_path / "m.zip", files), roster)
    members = {row.student: [member.id for member in row.members] for row in received.found.students}
    assert members == {"Group A": ["1", "2"], "Kim": ["19"]}
    assert absent(received) == []
    files = {"groupa_1_10_f.py": "", "kim_19_11_f.py": ""}
    rows = take(as_zip(tmp_path / "c.zip", files), roster).found.students
    assert [[member.id for member in row.members] for row in rows] == [["1", "2"], ["19"]]
