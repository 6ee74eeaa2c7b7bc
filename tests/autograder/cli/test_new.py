"""`autograder new`: an exercise that is proven as it stands, and what to do next."""

from __future__ import annotations

import re
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")


def test_a_new_exercise_is_proven_as_it_stands(project, autograder):
    made = autograder(project, "new", "triple", "--assignment", "demo")
    assert (made.returncode, made.stderr) == (0, "")
    proof = autograder(project, "verify", "demo", "--exercise", "triple")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert re.search(r"triple .* proven", proof.stdout)


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
