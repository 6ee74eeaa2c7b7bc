"""The folder that Gradescope exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.receive import Received

Take = Callable[..., Received]

METADATA = """\
---
submission_101:
  :submitters:
  - :name: Kim Minjun
    :sid: '20240001'
    :email: minjun@example.edu
  :created_at: 2024-09-14 04:05:32.573062000 Z
  :score: 93.5
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_102:
  :submitters:
  - :name: Lee Seoyeon
    :email: seoyeon@example.edu
  - :name: Null
    :email: null@example.edu
  :score: 0.0
"""


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    def make(metadata: str | bytes, *folders: str) -> Path:
        folder = tmp_path / "assignment_7_export"
        folder.mkdir()
        data = metadata if isinstance(metadata, bytes) else metadata.encode()
        (folder / "submission_metadata.yml").write_bytes(data)
        for name in folders:
            (folder / name).mkdir()
            (folder / name / "lstm_cell.py").write_text("class LSTMCell: pass\n")
        return folder

    return make


def one(student: str, key: str) -> str:
    return f"{key}:\n  :submitters:\n  - :name: {student}\n"


def test_submissions_are_named_after_their_submitters(export: Callable[..., Path], take: Take) -> None:
    received = take(export(METADATA, "submission_101", "submission_102"))
    assert [each.student for each in received.submissions] == ["Kim Minjun", "Lee Seoyeon + Null"]
    assert [each.when for each in received.submissions] == ["2024-09-14T04:05:32+00:00", ""]


def test_the_export_is_found_in_the_folder_it_was_unzipped_to(export: Callable[..., Path], take: Take) -> None:
    folder = export(METADATA, "submission_101", "submission_102")
    assert len(take(folder.parent).submissions) == 2


def test_students_of_one_name_stay_apart(export: Callable[..., Path], take: Take) -> None:
    metadata = (
        one("Kim Minjun", "submission_12") + one("kim minjun", "submission_9") + one("Kim Minjun", "submission_3")
    )
    folder = export(metadata, "submission_12", "submission_9", "submission_3")
    students = [each.student.casefold() for each in take(folder).submissions]
    assert len(set(students)) == 3
    assert all(student.startswith("kim minjun") for student in students)


def test_a_students_name_cannot_be_a_path(export: Callable[..., Path], take: Take) -> None:
    (submission,) = take(export(one("'../../root'", "submission_1"), "submission_1")).submissions
    assert submission.student == "_.._root"


@pytest.mark.parametrize(
    ("submitter", "student"),
    [("  - :name: ''\n    :email: a@b.edu\n", "a@b.edu"), ("  - :sid: '007'\n", "007"), ("  - :name: No\n", "No")],
)
def test_a_submitter_without_a_name(export: Callable[..., Path], take: Take, submitter: str, student: str) -> None:
    (submission,) = take(export(f"submission_1:\n  :submitters:\n{submitter}", "submission_1")).submissions
    assert submission.student == student


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ("submission_1:\n  :submitters: [\n", r"submission_metadata\.yml, line \d: not valid YAML"),
        (b"\xff\xfe\xff", "submission_metadata.yml"),
        ("- a\n- b\n", "expected a key submission_<id>"),
        ("", "expected a key submission_<id>"),
        ("[" * 5000, "submission_metadata.yml"),
        ("../../etc:\n  :submitters:\n  - :name: Eve\n", r"the key '\.\./\.\./etc' is not of the form"),
        ("submission_1: text\n", "submission_1 has no list of :submitters:"),
        ("submission_1:\n  :submitters: []\n", "submission_1 has no list of :submitters:"),
        ("submission_1:\n  :submitters:\n  - :name: ''\n", "submission_1, submitter 1 has neither"),
        ("submission_1:\n  :submitters:\n  - :name: Kim\n  - text\n", "submission_1, submitter 2 has neither"),
        (one("Kim", "submission_1") + one("Lee", "submission_2"), "submission_2 has no folder"),
    ],
)
def test_broken_metadata_is_an_error_that_says_where(
    export: Callable[..., Path], take: Take, metadata: str | bytes, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        take(export(metadata, "submission_1"))


def test_a_folder_that_the_metadata_does_not_know(export: Callable[..., Path], take: Take) -> None:
    folder = export(one("Kim", "submission_1"), "submission_1", "submission_2")
    with pytest.raises(UsageError, match="nothing is said about the folder submission_2"):
        take(folder)
