"""A new image is good if the reference solutions get full marks in it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys

import pytest

from autograder import __version__
from autograder.gradescope.check_image import check_image

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope grades on Linux")


def payload(desk):
    return desk.place({}) / "source" / "payload"


def check(root) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "autograder.gradescope.check_image", root]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_a_good_image_has_no_problems_and_says_what_it_is(desk, capsys):
    with desk.with_the_zygote():
        assert check_image(payload(desk)) == []
    line = capsys.readouterr().out
    assert line.startswith("check: demo: the reference solutions get 5 of 5 points in ")
    assert "isolation " in line
    assert line.endswith(f"engine {__version__}, Python {platform.python_version()}\n")


def test_what_solutions_do_wrong_is_listed_and_the_image_refused(desk):
    root = payload(desk)
    suite = root / "tests/demo/shift/test_shift.py"
    suite.write_text(suite.read_text().replace("student.shift(x)", "student.shift(x) + 1"))
    process = check(root)
    assert process.returncode == 1
    assert "the reference solutions get 4 of 5 points" in process.stdout
    assert any(line.startswith("check: shift: test_shift: the result differs") for line in process.stderr.splitlines())


def test_a_solution_that_cannot_be_loaded_is_told_and_the_image_refused(desk):
    root = payload(desk)
    (root / "solutions/demo/double.py").write_text("class Double(\n")
    process = check(root)
    assert process.returncode == 1
    assert process.stdout == ""
    assert process.stderr.startswith("check: ")
    assert "solutions/demo/double.py, line 1: the reference solution cannot be loaded" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_payload_that_cannot_be_read_is_told_in_a_line(desk):
    root = payload(desk)
    (root / "assignments/demo/assignment.toml").write_text("title = [")
    process = check(root)
    assert process.returncode == 1
    assert process.stderr.startswith("check: ")
    assert "not valid TOML" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_payload_without_an_assignment_is_refused(desk):
    root = payload(desk)
    shutil.rmtree(root / "assignments")
    process = check(root)
    assert process.returncode == 1
    assert "holds no assignment" in process.stderr
