"""What is written, where, and that it is whole or absent."""

from __future__ import annotations

import csv
import errno
import json
from datetime import datetime, timezone

import pytest
from msgspec import structs

from autograder.course.assignment import Deadline, Feedback
from autograder.errors import UsageError
from autograder.results.files import Gradebook, grades_csv, known_mistakes_csv
from autograder.results.model import Diagnosis, Failure
from autograder.results.whole import write_whole


@pytest.fixture
def gradebook(tmp_path, book):
    return book(tmp_path / "out")


def test_grades_are_a_row_per_student_sorted_by_name(make, right):
    half = make.result(
        "ann",
        double=make.exercise(make.test(points=1.25), make.test("failed", points=2.75)),
        shift=make.exercise(make.test("error", points=1.0), status="syntax"),
    )
    failed = Failure("bob", "Traceback\n  ...\nOSError: full")
    assert grades_csv(["double", "shift"], [right("kim"), half, failed]).decode("utf-8-sig") == (
        "student,double,shift,total,max,status\n"
        "ann,1.25,0,1.25,5,syntax error: shift\n"
        "bob,,,,,not graded: OSError: full\n"
        "kim,4,1,5,5,graded\n"
    )


def test_tables_are_read_by_a_spreadsheet_as_they_were_written(gradebook, make):
    adds = (Diagnosis("adds", "더하기", "Try 3."),)
    gradebook.add(
        make.result("김민준", double=make.exercise(make.test("failed"), diagnosis=adds), shift=make.exercise())
    )
    for path in (gradebook.write_grades(), gradebook.write_known_mistakes()):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert "김민준" in path.read_bytes()[3:].decode("utf-8")


def test_all_known_mistakes_are_written_with_those_who_made_them_the_most_common_first(make):
    adds, squares = Diagnosis("adds", "adds two, not three", "Try 3."), Diagnosis("squares", "squares", "Try 3.")
    made = {"kim": (adds,), "=ann": (adds,), "lee": (adds, squares), "right": ()}
    results = [
        make.result(student, double=make.exercise(make.test("failed"), diagnosis=diagnosis))
        for student, diagnosis in made.items()
    ]
    assert known_mistakes_csv([*results, Failure("bob", "the reason")]).decode("utf-8-sig") == (
        "exercise,mistake,count,students\n"
        'double,"adds two, not three",2,\'=ann; kim\n'
        'double,"adds two, not three / squares",1,lee\n'
    )


def test_a_class_without_known_mistakes_leaves_none_of_an_earlier_one(gradebook, make, right):
    diagnosis = (Diagnosis("adds", "adds two", "Try 3."),)
    gradebook.add(
        make.result("kim", double=make.exercise(make.test("failed"), diagnosis=diagnosis), shift=make.exercise())
    )
    gradebook.write_known_mistakes()
    gradebook.add(right("kim"))
    assert gradebook.write_known_mistakes().read_text(encoding="utf-8-sig") == "exercise,mistake,count,students\n"


def test_what_is_graded_in_parts_is_written_when_all_is_there(gradebook, make):
    page = gradebook.folder / "results/kim.json"
    gradebook.add(make.result("kim", double=make.exercise(make.test())))
    assert not page.exists()
    assert gradebook.recall("kim") == ["shift"]  # what a run that is stopped here goes on with
    gradebook.add(make.result("kim", shift=make.exercise(make.test("failed"))))
    assert [each["score"] for each in json.loads(page.read_bytes())["exercises"].values()] == [2.0, 0.0]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@name", "\tname"])
def test_a_name_is_not_a_formula(right, name):
    (_, row) = csv.reader(grades_csv(["double", "shift"], [right(name)]).decode().splitlines())
    assert row[0] == f"'{name}"


def test_names_with_commas_and_quotes_are_quoted(right):
    (_, row) = csv.reader(grades_csv(["double", "shift"], [right('Kim, "K" Ann')]).decode().splitlines())
    assert row[0] == 'Kim, "K" Ann'


def test_each_result_is_written_as_json_and_as_feedback(gradebook, right):
    gradebook.add(right("kim"))
    written = json.loads((gradebook.folder / "results/kim.json").read_text())
    assert written["student"] == "kim"
    assert written["exercises"]["double"]["tests"][0]["status"] == "passed"
    assert (gradebook.folder / "feedback/kim.md").read_text().startswith("# Demonstration\n\n**kim: ")


def test_instructors_have_a_page_with_tracebacks_and_what_is_hidden_from_students(gradebook, make):
    test = make.test("failed", "the message", visibility="hidden", trace="Traceback: line 3 of the suite")
    gradebook.add(make.result(double=make.exercise(test), shift=make.exercise(make.test())))
    page = (gradebook.folder / "instructor/kim.md").read_text()
    assert page.startswith((gradebook.folder / "feedback/kim.md").read_text())
    assert "`test_outputs (hidden)`" in page
    assert "the message" in page
    assert "\n    Traceback: line 3 of the suite\n" in page
    assert "Traceback" not in (gradebook.folder / "feedback/kim.md").read_text()


def test_a_failure_has_a_row_but_no_files(gradebook, right):
    gradebook.add(right("kim"))
    gradebook.add(right("ann"))
    gradebook.add(Failure("ann", "the reason"))
    gradebook.write_grades()
    assert [path.name for path in (gradebook.folder / "results").iterdir()] == ["kim.json"]
    assert "ann,,,,,not graded: the reason\n" in (gradebook.folder / "grades.csv").read_text()


def test_grading_again_replaces_what_was_there(gradebook, make, right):
    gradebook.add(make.result("kim", double=make.exercise(status="missing"), shift=make.exercise(status="missing")))
    gradebook.add(right("kim"))
    gradebook.write_grades()
    assert json.loads((gradebook.folder / "results/kim.json").read_text())["score"] == 5.0
    assert (gradebook.folder / "grades.csv").read_text().count("kim") == 1


def test_nothing_but_the_files_is_left(gradebook, right):
    gradebook.add(right("kim"))
    gradebook.write_grades()
    gradebook.close()
    files = sorted(
        path.relative_to(gradebook.folder).as_posix() for path in gradebook.folder.rglob("*") if path.is_file()
    )
    assert files == [
        "feedback/kim.html",
        "feedback/kim.md",
        "gradebook.db",
        "grades.csv",
        "instructor/kim.html",
        "instructor/kim.md",
        "results/kim.json",
    ]


def test_files_can_be_read_by_others(gradebook, right):
    gradebook.add(right("kim"))
    assert (gradebook.folder / "results/kim.json").stat().st_mode & 0o777 == 0o644


def test_a_file_is_whole_or_absent(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"before")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [other.name for other in tmp_path.iterdir()] == ["file"]


def test_an_empty_class_has_a_heading(gradebook):
    assert gradebook.write_grades().read_text(encoding="utf-8-sig") == "student,double,shift,total,max,status\n"


PAST, FUTURE = (Deadline(datetime(year, 1, 1, tzinfo=timezone.utc)) for year in (2000, 9000))


@pytest.mark.parametrize(
    ("policy", "deadline", "told"),
    [
        ("visible", None, True),
        ("visible", FUTURE, True),
        ("after_due_date", PAST, True),
        ("after_due_date", FUTURE, False),
        ("after_due_date", None, False),
    ],
)
def test_a_diagnosis_is_told_to_students_when_the_policy_says_so_and_to_instructors_always(
    tmp_path, make, book, policy, deadline, told
):
    assignment = structs.replace(make.assignment, feedback=Feedback(diagnosis=policy), deadline=deadline)
    diagnosis = (Diagnosis("adds", "adds two", "Try 3."),)
    gradebook = book(tmp_path, assignment)
    gradebook.add(
        make.result(double=make.exercise(make.test("failed", "message"), diagnosis=diagnosis), shift=make.exercise())
    )
    assert [("adds two" in (tmp_path / f"feedback/kim.{form}").read_text()) for form in ("md", "html")] == [told] * 2
    assert "adds two" in (tmp_path / "results/kim.json").read_text()


@pytest.mark.parametrize("below", ["taken", "taken/sub", "out/results"])
def test_a_file_in_the_way_of_the_results_is_told_before_anything_is_graded(tmp_path, make, below):
    in_the_way = tmp_path / below.partition("/sub")[0]
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.write_text("mine")
    out = tmp_path / below.removesuffix("/results")
    with pytest.raises(UsageError, match=r"is not a folder; choose another with --out") as caught:
        Gradebook(out, make.assignment)
    assert str(in_the_way) in str(caught.value)
    assert in_the_way.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_graded(tmp_path, make, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match=r"is not writable; choose another with --out \(make: OUT=folder\)"):
        Gradebook(tmp_path / "new" / "out", make.assignment)
    assert list(tmp_path.iterdir()) == []


def test_two_runs_at_once_do_not_mix_their_marks_in_one_folder(tmp_path, book, right):
    first, second = (book(tmp_path / "out") for _ in range(2))
    first.add(right("kim"))
    with pytest.raises(UsageError, match=r"another run is writing its results into .*out; wait for its end, or choose"):
        second.add(right("ann"))
    with pytest.raises(UsageError, match="another run is writing its results into"):
        book(tmp_path / "out")
    first.write_grades()
    assert [path.name for path in (tmp_path / "out/results").iterdir()] == ["kim.json"]


def test_once_a_run_has_ended_the_next_one_writes_into_its_folder(tmp_path, book, right):
    first = book(tmp_path / "out")
    first.add(right("kim"))
    first.close()
    book(tmp_path / "out").add(right("ann"))
    assert len(list((tmp_path / "out/results").iterdir())) == 2


def test_no_folder_is_made_before_there_is_something_in_it(tmp_path, make):
    Gradebook(tmp_path / "out", make.assignment)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_what_to_do(gradebook, right, monkeypatch):
    gradebook.add(right("ann"))

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.replace", full)
    gradebook.add(right("kim"))
    with pytest.raises(UsageError, match=r"kim\.json cannot be written \(No space left on device\)\. What was graded"):
        gradebook.write_grades()
    assert [path.name for path in (gradebook.folder / "results").iterdir()] == ["ann.json"]


def test_what_found_no_room_is_written_when_there_is_some(gradebook, right, monkeypatch):
    """Whoever filled the disk is ended meanwhile, and nobody else's results are lost."""

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        gradebook.add(right("kim"))
        gradebook.add(right("lee"))
    gradebook.add(right("mia"))
    for folder, endings in {"results": ["json"], "feedback": ["html", "md"], "instructor": ["html", "md"]}.items():
        written = sorted(path.name for path in (gradebook.folder / folder).iterdir())
        assert written == [f"{student}.{ending}" for student in ("kim", "lee", "mia") for ending in endings]


def test_a_disk_that_stays_full_stops_the_run_before_all_is_lost(gradebook, right, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.replace", full)
    for number in range(20):
        gradebook.add(right(f"student{number}"))
    with pytest.raises(UsageError, match="No space left on device"):
        gradebook.add(right("one too many"))


def test_any_other_error_is_told_at_once(gradebook, right, monkeypatch):
    def refused(*_):
        raise OSError(errno.EACCES, "no")

    monkeypatch.setattr("os.replace", refused)
    with pytest.raises(UsageError, match="Permission denied"):
        gradebook.add(right("kim"))


def test_a_student_who_was_not_reached_keeps_the_row_of_an_earlier_run(tmp_path, book, right):
    earlier = book(tmp_path)
    earlier.add(right("kim"))
    earlier.close()
    gradebook = book(tmp_path)
    assert gradebook.keep("kim")
    gradebook.add(right("ann"))
    gradebook.write_grades()
    assert (tmp_path / "grades.csv").read_text().splitlines()[1:] == [
        "ann,4,1,5,5,graded",
        "kim,4,1,5,5,graded; from an earlier run",
    ]


@pytest.mark.parametrize("content", ["", "{}", '{"schema": 1', "[]"])
def test_what_is_no_result_is_not_kept(gradebook, right, content):
    gradebook.add(right("kim"))
    (gradebook.folder / "results/kim.json").write_text(content)
    assert not gradebook.keep("kim")
    assert not gradebook.keep("nobody")


def test_a_result_of_other_exercises_is_not_kept(tmp_path, make, book, right):
    earlier = book(tmp_path)
    earlier.add(right("kim"))
    earlier.close()
    fewer = structs.replace(make.assignment, exercises=make.assignment.exercises[:1])
    assert not book(tmp_path, fewer).keep("kim")
