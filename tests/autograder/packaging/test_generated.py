"""Stubs, handouts and notebook: written where they are out of date, and told by file where they are."""

from __future__ import annotations

import os

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.packaging.generated import out_of_date, renew

RENEW = "run: .venv/bin/autograder renew small"
DOUBLE = "def double(x):\n    # BEGIN SOLUTION\n    return 2 * x\n    # END SOLUTION\n"
DOUBLE_STUB = 'def double(x):\n    raise NotImplementedError("double: implement double")\n'
FRAME = "# Small\n\n<!-- table -->\n\n<!-- sections -->\n"
FILES = {
    "assignments/small/assignment.toml": 'title = "Small"\nname = "small"\nexercises = ["double", "halve"]\n',
    "assignments/small/handout/_frame.md": FRAME,
    "assignments/small/handout/double.md": "## Double\n\nFile `double.py`, function `double(x)`.\n",
    "assignments/small/handout/halve.md": "## Halve\n\nFile `halve.py`, function `halve(x)`.\n",
    "tests/small/double/exercise.toml": 'title = "Double"\npoints = 5\nnames = ["double"]\n',
    "tests/small/halve/exercise.toml": 'title = "Halve"\npoints = 5\nnames = ["halve"]\n',
    "solutions/small/double.py": DOUBLE,
    "solutions/small/halve.py": DOUBLE.replace("double", "halve").replace("2 * x", "x / 2"),
}
MADE = ["HANDOUT.md", "double.py", "halve.py"]


@pytest.fixture
def layout(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Layout(tmp_path, "small")


@pytest.fixture
def small(layout):
    return load_assignment(layout.root, "small")


def test_everything_is_made_beside_the_description(layout, small):
    assert sorted(path.name for path in renew(layout, small)) == MADE
    assert sorted(os.listdir(layout.folder)) == ["HANDOUT.md", "assignment.toml", "double.py", "halve.py", "handout"]
    assert layout.stub("double").read_bytes() == DOUBLE_STUB.encode()
    assert layout.handout.read_text().startswith("# Small\n\n| file | define | points |\n")
    assert out_of_date(layout, small) == []


def test_what_is_up_to_date_is_not_touched(layout, small):
    renew(layout, small)
    before = layout.stub("halve").stat()
    layout.stub("double").write_text("# old\n")
    assert renew(layout, small) == [layout.stub("double")]
    after = layout.stub("halve").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_is_written_when_one_solution_is_wrong(layout, small):
    layout.solution("halve").write_text("def halve(x):\n    return x / 2\n")
    with pytest.raises(UsageError, match=r"^solutions/small/halve\.py: no `# BEGIN SOLUTION`"):
        renew(layout, small)
    assert sorted(os.listdir(layout.folder)) == ["assignment.toml", "handout"]


def test_an_interrupted_write_leaves_the_old_stub(layout, small, monkeypatch):
    layout.stub("double").write_text("# old\n")

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        renew(layout, small)
    assert layout.stub("double").read_text() == "# old\n"


def test_what_is_out_of_date_is_listed_with_the_reason(layout, small):
    renew(layout, small)
    layout.solution("double").write_text(DOUBLE.replace("(x)", "(x, by=2)"))
    layout.stub("halve").unlink()
    (layout.sections / "_frame.md").write_text(FRAME + "\nMore.\n")
    (layout.folder / "old_exercise.py").touch()
    assert out_of_date(layout, small) == [
        f"assignments/small/double.py: differs from what it is made from; {RENEW}",
        f"assignments/small/halve.py: missing; {RENEW}",
        f"assignments/small/HANDOUT.md: differs from what it is made from; {RENEW}",
        "assignments/small/old_exercise.py: belongs to no exercise of small; remove it",
    ]


def test_what_cannot_be_made_is_told_beside_the_rest(layout, small):
    renew(layout, small)
    layout.stub("halve").unlink()
    (layout.sections / "halve.md").unlink()
    assert out_of_date(layout, small) == [
        f"assignments/small/halve.py: missing; {RENEW}",
        "assignments/small/handout/halve.md: missing; write the section of halve",
    ]


def test_a_change_of_the_answer_alone_makes_nothing_out_of_date(layout, small):
    renew(layout, small)
    layout.solution("double").write_text(DOUBLE.replace("2 * x", "x + x"))
    assert out_of_date(layout, small) == []


def test_other_line_ends_are_out_of_date(layout, small):
    renew(layout, small)
    layout.stub("double").write_bytes(DOUBLE_STUB.replace("\n", "\r\n").encode())
    assert out_of_date(layout, small) == [f"assignments/small/double.py: differs from what it is made from; {RENEW}"]
