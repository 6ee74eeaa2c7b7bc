"""`autograder new`: an exercise that is proven as it stands, and what to do next."""

from __future__ import annotations

import re
import sys

import pytest

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")]


@pytest.mark.parametrize("kind", ["module", "function", "training"])
def test_a_new_exercise_is_proven_as_it_stands(project, autograder, kind):
    made = autograder(project, "new", "triple", "--assignment", "demo", "--kind", kind)
    assert (made.returncode, made.stderr) == (0, "")
    # A mutant that runs out of time on a busy machine would not need its explanation.
    description = project / "assignments/demo/assignment.toml"
    description.write_text(description.read_text().replace("_seconds = 1.0", "_seconds = 20.0"))
    proof = autograder(project, "verify", "demo", "--exercise", "triple")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert re.search(r"triple .* proven", proof.stdout)


def test_a_new_assignment_is_in_order_and_stays_so_with_another_exercise(project, autograder):
    made = autograder(project, "new-assignment", "week5", "--title", "Week 5: sums", "--exercise", "scale")
    assert (made.returncode, made.stderr) == (0, "")
    handout = project / "assignments/week5/HANDOUT.md"
    frames = [project / f"assignments/week5/handout/_frame{suffix}" for suffix in (".md", ".ko.md")]
    for frame, told in zip(frames, ("In all 10 points.", "모두 10점입니다."), strict=True):
        frame.write_text(frame.read_text().replace("<!-- table -->", f"{told}\n\n<!-- table -->"))
    assert autograder(project, "renew", "week5").returncode == 0
    assert autograder(project, "new", "mean", "--assignment", "week5", "--kind", "function").returncode == 0
    checked = autograder(project, "check")
    assert "week5: 2 exercises, 20 points, all in order, a draft\n" in checked.stdout + checked.stderr
    assert "In all 20 points." in handout.read_text()
    assert "모두 20점입니다." in handout.with_name("HANDOUT.ko.md").read_text()
    assert "## 2. Mean (10 points)" in handout.read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["new-assignment", "demo"], "there is a folder assignments/demo already; choose another name"),
        (["new-assignment", "Week5"], '"Week5" must be lower-case letters, digits and _, and begin with a letter'),
        (["new-assignment", "week5", "--exercise", "total"], '"total" is a column of grades.csv already'),
        (["new", "random", "--assignment", "demo"], "random.py would get in its way; choose another name"),
        (["new-assignment", "week5", "--kind", "quiz"], "--kind quiz: choose module, function or training"),
        (["new", "mean", "--assignment", "demo", "--kind", "quiz"], "--kind quiz: choose module, function or training"),
    ],
)
def test_what_cannot_be_made_changes_nothing(project, autograder, arguments, told):
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    process = autograder(project, *arguments)
    assert process.returncode == 2
    assert told in process.stderr
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_what_comes_next_is_said_with_commands_to_copy(project, autograder):
    shown = autograder(project, "new", "triple", "--assignment", "demo").stdout
    assert "solutions/demo/triple.py\n" in shown
    for command in (
        ".venv/bin/autograder verify demo --exercise triple\n",
        ".venv/bin/autograder renew demo\n",
        ".venv/bin/autograder check\n",
    ):
        assert f"  {command}" in shown
    assert "assignments/demo/handout/triple.md\n" in shown


def test_a_name_that_is_taken_changes_nothing(project, autograder):
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    process = autograder(project, "new", "shift", "--assignment", "demo")
    assert process.returncode == 2
    assert process.stderr == 'autograder: demo has an exercise "shift" already; choose another name\n'
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
