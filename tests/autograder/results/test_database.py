"""The gradebook's file: what is found in it again, and what is said where it cannot be used."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from autograder.errors import UsageError
from autograder.results import database
from autograder.results.database import FILE, Database
from autograder.results.model import Failure
from autograder.submissions.model import Submission


@pytest.fixture
def written(tmp_path, book, right):
    """The folder of a run that is over."""
    made = book(tmp_path / "out")
    made.add(right("kim"))
    made.close()
    return tmp_path / "out"


def test_what_was_graded_before_needs_no_grading_and_its_files_are_made_again(written, book):
    before = {path: path.read_bytes() for path in written.rglob("*.*") if path.name != FILE}
    for path in before:
        path.unlink()
    again = book(written)
    assert again.recall("kim") == []
    assert {path: path.read_bytes() for path in before} == before
    assert again.recall("lee") == ["double", "shift"]


@pytest.mark.parametrize("other", [{"seed": 6}, {"engine": "other"}, {"suites": {"double": "t", "shift": "t"}}])
def test_under_other_terms_nothing_is_known(written, book, other):
    gradebook = book(written)
    gradebook.begin(structs.replace(gradebook.terms, **other), b"")
    assert gradebook.recall("kim") == ["double", "shift"]


def test_where_the_checks_of_one_exercise_have_changed_only_that_is_to_be_graded(written, book, make):
    gradebook = book(written, shift="changed")
    assert gradebook.recall("kim") == ["shift"]
    gradebook.add(make.result("kim", shift=make.exercise(make.test("failed", points=1.0))))
    assert (gradebook.results["kim"].score, gradebook.results["kim"].max_score) == (4.0, 5.0)
    assert list(gradebook.results["kim"].exercises) == ["double", "shift"]


def test_why_somebody_could_not_be_graded_is_kept_and_tried_again(written, book):
    first = book(written)
    first.add(Failure("ann", "the reason"))
    first.close()
    gradebook = book(written)
    assert gradebook.recall("ann") == ["double", "shift"]
    assert gradebook.recall_failure(Submission("ann", Path("ann"), digest="digest of ann"))
    assert gradebook.results["ann"] == Failure("ann", "the reason")


def test_what_is_to_be_graded_anew_is_forgotten(written, book):
    gradebook = book(written)
    gradebook.begin(gradebook.terms, b"", ["digest of kim"])
    gradebook.finish()
    assert gradebook.recall("kim") == ["double", "shift"]


def test_a_gradebook_of_an_earlier_version_gets_what_it_lacks_and_keeps_its_results(written, book, monkeypatch):
    added = ("ALTER TABLE about ADD COLUMN since TEXT",)
    monkeypatch.setattr(database, "_STEPS", (*database._STEPS, added))
    with closing(Database(written / FILE)) as migrated:
        assert len(list(migrated.rows())) == 2
    with closing(Database(written / FILE)):  # and nothing twice
        pass
    monkeypatch.undo()
    with pytest.raises(
        UsageError, match=r"was written by a newer autograder \(version 2 of the file, this one knows 1\)"
    ):
        book(written)


def of_another_program(file):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE addresses (name)")


def damaged(file):
    data = bytearray(file.read_bytes())
    data[4096:] = bytes(reversed(data[4096:]))
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_text("notes\n" * 100), "is damaged, or not a gradebook. Results, feedback and"),
        (damaged, "is damaged, or not a gradebook. Results, feedback and"),
        (lambda file: file.unlink() or of_another_program(file), "is of another program; move it away, or choose"),
    ],
)
def test_a_file_that_is_no_gradebook_is_refused_and_left_as_it_is(written, book, spoil, said):
    spoil(written / FILE)
    before = (written / FILE).read_bytes()
    with pytest.raises(UsageError, match=said):
        book(written)
    assert (written / FILE).read_bytes() == before


def test_an_empty_file_is_a_new_gradebook(written, book, right):
    """A run may be killed between the file and what is in it."""
    (written / FILE).write_bytes(b"")
    book(written).add(right("ann"))


def test_what_a_killed_run_was_about_to_write_is_removed(written, book):
    before = sorted(written.rglob("*"))
    (written / "results/.kim.part").write_text("{")
    (written / ".submissions.part/new").mkdir(parents=True)
    book(written).close()
    assert sorted(written.rglob("*")) == before


def test_what_found_no_room_is_written_when_there_is_some(tmp_path, book, make, right):
    gradebook = book(tmp_path)
    gradebook.add(right("ann"))
    connection = gradebook.claim()._connection
    connection.execute("PRAGMA max_page_count = 1")
    long = make.exercise(make.test("failed", "long" * 10_000))
    gradebook.add(make.result("kim", double=long, shift=long))
    assert "kim" not in gradebook.results
    with pytest.raises(
        UsageError, match=r"cannot be written \(No space left on device\)\. What was graded before is kept"
    ):
        gradebook.write_grades()
    connection.execute("PRAGMA max_page_count = 1000")
    gradebook.write_grades()
    assert gradebook.results.keys() == {"ann", "kim"}


@pytest.mark.parametrize("options", ["?mode=ro", "/nothing"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_graded(written, book, monkeypatch, options):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file, **how: connect(f"file:{file}{options}", uri=True, **how))
    with pytest.raises(UsageError, match=r"gradebook\.db cannot be used \(.*\)\. Perhaps it may not be written, a"):
        book(written)


def test_where_memory_cannot_be_shared_as_on_network_folders_results_are_kept_all_the_same(
    tmp_path, book, right, monkeypatch
):
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda file, **how: connect(f"file:{file}?vfs=unix-dotfile", uri=True, **how)
    )
    gradebook = book(tmp_path)
    gradebook.add(right("kim"))
    gradebook.close()
    shutil.rmtree(tmp_path / "results")
    assert book(tmp_path).recall("kim") == []
