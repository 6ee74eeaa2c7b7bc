"""What a sheet looks like afterwards, byte by byte, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.export.feedback import feedback_zip
from autograder.export.fill import fill
from autograder.export.marks import read_marks, scores_csv
from autograder.export.sheet import read_sheet
from autograder.policy.apply import apply_policy, read_results
from autograder.sources.model import Member, Row
from autograder.sources.store import read_class

GOLDEN = Path(__file__).parent / "golden"
ROWS = (
    Row("ada", (Member("Ada Lovelace", "4411", "ada"),)),
    Row("kim", (Member("Minjun Kim", "4412", "minjun"),)),
    Row("lee", (Member("Seoyeon Lee", "4413", "seoyeon"),)),
    Row("omar", (Member("Omar Haddad", "4414", "omar"),)),
)
SCORES = (91.5, 66.666, 80, 12)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Week 4 (98765)\n    Points Possible,,,,,100\n"
    '"Lovelace, Ada",4411,S001,ada,CS1,\n"Kim, Minjun",4412,S002,minjun,CS1,3\n'
)


@pytest.fixture
def filled(tmp_path: Path, graded: Callable[..., Path]):
    out = graded("Canvas", ROWS, SCORES)

    def fill_it(text: str | bytes, column: str = "", scale: bool = False):
        file = tmp_path / "sheet.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return fill(read_sheet(file), read_marks(out)[1], column, scale)

    return fill_it


@pytest.mark.parametrize(
    "name", ["canvas", "canvas_semicolons", "moodle", "moodle_german", "blackboard", "brightspace"]
)
def test_golden_files(filled, name: str) -> None:
    before, after = (GOLDEN / f"{name}.{which}.csv" for which in ("before", "after"))
    found = filled(before.read_bytes(), "Bewertung" if name == "moodle_german" else "")
    assert found.content == after.read_bytes()


def test_the_summary(filled) -> None:
    found = filled((GOLDEN / "canvas.before.csv").read_bytes())
    assert found.said == [
        "Canvas, Week 4: 2 marks: 1 changed, 1 new, 1 student in the sheet without submission, 1 submission without a "
        "row, 1 excused there, left as they are",
        "Without a row: `omar`",
    ]


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a,b\n1,2\n", "", "is no gradebook of Canvas, Moodle, Blackboard or Brightspace"),
        ("", "", "is empty"),
        (b"PK\x03\x04", "", "is not a CSV file"),
        (b"\xe9,1\n", "", "is not UTF-8"),
        ('a,"b\n', "", "row 1: quotes in odd places"),
        ('a,"b' + "c\n" * 200_000, "", "row 1: quotes in odd places"),
        ('a,"b"c\n', "", "row 1: quotes in odd places"),
        (CANVAS, "Week 5", r"no column Week 5 \(did you mean \"Week 4\"\?\); there are: Week 4 \(98765\)"),
        (CANVAS.replace("(98765)", "(98765),Week 5 (98766)"), "", "which column\\? --column takes the id or title"),
        (CANVAS.replace("Week 4 (98765)", "Week 4"), "", "create the assignment first"),
        (CANVAS.replace(",,100", ",,(read only)"), "", "read only"),
        (CANVAS.replace(",,100", ",,"), "", "no row of Points Possible"),
        (CANVAS.replace(",,100", ",,50"), "", "Week 4 has 50 points, the assignment 100. --scale"),
        (CANVAS.replace("4412", "4411"), "", "two rows of `4411`"),
        (CANVAS[: CANVAS.index('"Kim')].replace("4411", "1").replace("a", "o"), "", "none of its 1 students"),
        ("Identifier,Name,Note\nTeilnehmer 4411,Ada,\n", "", "in another language than English"),
        (
            "Identifier,Full name,Grade,Maximum grade\nParticipant 4411,Ada,,Satisfactory\n",
            "",
            "is not one maximum grade for all",
        ),
        ("Username,Week 4 [Total Pts: 100 Letter] |77\nada,\n", "", "holds 100 Letter, not a score"),
    ],
)
def test_what_the_system_would_lose_is_refused(filled, text: str | bytes, column: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        filled(text, column)


def test_more_than_the_maximum_is_refused(tmp_path: Path, graded) -> None:
    out = graded("Canvas", ROWS, SCORES)
    (tmp_path / "adjustments.csv").write_text("student,points\nada,20\n")
    apply_policy(out, tmp_path)
    (tmp_path / "sheet.csv").write_text(CANVAS)
    with pytest.raises(UsageError, match=r"ada has 111\.5 of 100 points"):
        fill(read_sheet(tmp_path / "sheet.csv"), read_marks(out)[1])


def test_marks_are_scaled_when_asked_for(filled) -> None:
    assert b"ada,CS1,45.75\n" in filled(CANVAS.replace(",,100", ",,50"), scale=True).content


def test_other_systems_numbers_are_found_by_user_name_then_by_name(filled) -> None:
    assert b"ada,CS1,91.5\n" in filled(CANVAS.replace("4411", "1").replace("4412", "2")).content
    text = CANVAS.replace("4411", "1").replace("4412", "2").replace(",ada", ",x").replace("minjun", "y")
    found = filled(text)
    assert b"x,CS1,91.5\n" in found.content
    assert "2 found by name" in " ".join(found.said)


def test_an_old_policy_is_not_exported(tmp_path: Path, graded) -> None:
    out = graded("Canvas", ROWS, SCORES)
    apply_policy(out, tmp_path)
    graded("Canvas", ROWS, (1, 2, 3, 4))
    with pytest.raises(UsageError, match="older than the results"):
        read_marks(out)


def test_a_table_for_everybody_else(tmp_path: Path, graded) -> None:
    out = graded("", ROWS[:1], SCORES[:1])
    found, entries, _ = read_marks(out)
    assert scores_csv(entries, read_results(out, found)).decode("utf-8-sig") == (
        "Name,SID,Email,Sections,Total Score,Max Points,Status,1: lstm_cell (100 pts)\n"
        "Ada Lovelace,4411,,,91.5,100,Graded,91.5\n"
    )


def zipped(data: bytes) -> dict[str, str]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_feedback_for_canvas_has_a_name_and_type_that_was_handed_in(graded) -> None:
    names = [("kim_1_2_lstm_cell-1.py", "kim_1_3_hw.zip"), ("lee_2_4_all.ipynb",), ("x_3_5_hw.zip",), ()]
    rows = [Row(row.student, row.members, original_names=own) for row, own in zip(ROWS, names, strict=True)]
    out = graded("Canvas", rows, SCORES)
    data, count = feedback_zip(out, read_class(out))
    pages = zipped(data)
    assert count == 2
    assert pages["kim_1_2_lstm_cell-1.py"] == "# # ada\n#\n# 91.5 of 100\n"
    assert '"source": "# kim' in pages["lee_2_4_all.ipynb"]


def test_feedback_for_moodle_has_the_downloaded_folders(graded) -> None:
    names = [
        ("Ada_Lovelace_4411_assignsubmission_file/sub/f.py",),
        ("Kim_4412_assignsubmission_file_/f.py",),
        ("Lee_4413_assignsubmission_file_f.py",),
        ("Omar_4414_assignsubmission_onlinetext/onlinetext.html",),
    ]
    rows = [Row(row.student, row.members, original_names=own) for row, own in zip(ROWS, names, strict=True)]
    out = graded("Moodle", rows, SCORES)
    pages = zipped(feedback_zip(out, read_class(out))[0])
    assert list(pages) == [
        "Ada_Lovelace_4411_assignsubmission_file/feedback.html",
        "Kim_4412_assignsubmission_file_/feedback.html",
        "Lee_4413_assignsubmission_file_feedback.html",
        "Omar_4414_assignsubmission_onlinetext/feedback.html",
    ]
    assert pages["Kim_4412_assignsubmission_file_/feedback.html"] == "<h1>kim</h1>"


def test_there_is_no_feedback_zip_for_others(graded) -> None:
    out = graded("Blackboard", ROWS, SCORES)
    with pytest.raises(UsageError, match="feedback zips are for Canvas and Moodle"):
        feedback_zip(out, read_class(out))
