"""A suite's own functions are beside the code wherever it is judged: graded, diagnosed, verified and run by hand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from autograder.course.layout import Layout
from autograder.course.suites import public_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

BESIDE = "import torch\n\n\ndef twice(function, x):\n    with torch.no_grad():\n        return function(function(x))\n"
PUBLIC = '''
import pytest
import torch


@pytest.mark.points(1)
def test_twice(student, close):
    """Shifted twice."""
    close(student.beside.twice(student.shift, torch.zeros(2)), torch.full((2,), 2.0), "The result")
'''
HIDDEN = (
    PUBLIC.replace("test_twice", "test_on_random_numbers")
    .replace(", close)", ", reference, rng)")
    .replace("points(1)", "points(0.5)")
    .replace(
        'close(student.beside.twice(student.shift, torch.zeros(2)), torch.full((2,), 2.0), "The result")',
        "x = rng.randn(3)\n    expected = reference.beside.twice(reference.shift, x)\n"
        '    assert_close(student.beside.twice(student.shift, x), expected, "the result")',
    )
    .replace("import torch\n", "\nfrom autograder.suite import assert_close\n")
)
MISTAKE = '"""takes one away\n\nThe sign is wrong.\n\nHint: Which way?\n"""\n\n\ndef shift(x):\n    return x - 1\n'


@pytest.fixture
def project(project):
    suite = project / "tests/demo/shift"
    (suite / "beside.py").write_text(BESIDE)
    (suite / "test_shift.py").write_text(HIDDEN)
    (suite / "test_shift_public.py").write_text(PUBLIC.replace("points(1)", "points(0.5)"))
    (suite / "mistakes").mkdir()
    (suite / "mistakes/takes_away.py").write_text(MISTAKE)
    return project


def test_it_is_there_for_the_code_the_solution_and_the_known_mistakes(project, autograder):
    for student, sign in (("ann", "+"), ("bob", "-")):
        folder = project / "class" / student
        folder.mkdir(parents=True)
        (folder / "shift.py").write_text(f"def shift(value):\n    return value {sign} 1.0\n")
    process = autograder(project, "grade", "demo", "class", "--out", "out")
    assert (process.returncode, process.stderr) == (0, "")
    ann, bob = (json.loads((project / f"out/results/{name}.json").read_text()) for name in ("ann", "bob"))
    assert (ann["exercises"]["shift"]["score"], bob["exercises"]["shift"]["score"]) == (1.0, 0.0)
    assert [found["mistake"] for found in bob["exercises"]["shift"]["diagnosis"]] == ["takes_away"]


def test_it_is_there_for_a_suite_that_is_run_by_hand(project, python, environment):
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--submission", "solutions/demo/shift.py"]
    process = subprocess.run(
        [python, "-m", "pytest", *options, "tests/demo/shift"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "2 passed" in process.stdout, process.stdout + process.stderr


def test_students_get_it_where_a_public_check_uses_it(project):
    layout = Layout(project, "demo")
    assert public_files(layout, "shift") == [layout.public_tests("shift"), layout.beside("shift")]
    layout.public_tests("shift").write_text(PUBLIC.replace("student.beside.twice(student.shift, ", "student.shift(("))
    assert public_files(layout, "shift") == [layout.public_tests("shift")]
