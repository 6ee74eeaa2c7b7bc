"""A class that hands in several assignments in one tree of folders is graded assignment by assignment."""

from __future__ import annotations

import csv
import json
import sys
import zipfile

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

DOUBLE = "from torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        return 2 * x\n"
ANSWERS = {
    "demo": {"double": DOUBLE, "shift": "def shift(x):\n    return x + 1\n"},
    "signs": {"negate": "def negate(x):\n    return -x\n", "keep": "def keep(x):\n    return +x\n"},
}
CHECK = '''
import pytest

from autograder.suite import assert_close


@pytest.mark.points(1)
def test_values(student, reference, rng):
    """Same values."""
    x = rng.randn(3)
    assert_close(student.NAME(x), reference.NAME(x), "The result")
'''


@pytest.fixture
def project(project):
    """The demo assignment and another one, which have no exercise in common, and a quiz of one of these."""
    files = {
        "assignments/signs/assignment.toml": 'title = "Signs"\nname = "signs"\nexercises = ["negate", "keep"]\n',
        "assignments/turn/assignment.toml": 'title = "T"\nname = "turn"\nexercises = [{ use = "signs/negate" }]\n',
    }
    for name, text in ANSWERS["signs"].items():
        body = text.partition("\n")[2]
        marked = f"    # BEGIN SOLUTION\n{body}    # END SOLUTION\n"
        files[f"solutions/signs/{name}.py"] = text.replace(body, marked)
        files[f"tests/signs/{name}/exercise.toml"] = f'title = "{name}"\npoints = 1\nnames = ["{name}"]\n'
        files[f"tests/signs/{name}/test_{name}.py"] = CHECK.replace("NAME", name)
    for place, text in files.items():
        path = project / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return project


def hand_in(folder, *, nested):
    for assignment, answers in ANSWERS.items():
        for name, text in answers.items():
            path = folder / assignment / f"{name}.py" if nested else folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def test_every_assignment_takes_its_own_files_and_leaves_the_others_alone(project, autograder):
    students = project / "class"
    hand_in(students / "flat", nested=False)
    hand_in(students / "in_folders", nested=True)
    with zipfile.ZipFile(students / "zipped.zip", "w") as archive:
        for path in sorted((students / "in_folders").rglob("*.py")):
            archive.write(path, path.relative_to(students / "in_folders"))
    hand_in(students / "half", nested=True)
    (students / "half/signs/keep.py").unlink()
    hand_in(students / "shared", nested=True)
    (students / "shared/turn").mkdir()
    (students / "shared/turn/negate.py").write_text(ANSWERS["signs"]["negate"])
    for assignment, points, half in (("demo", "5", "5"), ("signs", "2", "1")):
        run = autograder(project, "grade", assignment, "class", "--out", f"out/{assignment}", "--seed", 1)
        assert (run.returncode, run.stderr) == (0, "")
        with (project / f"out/{assignment}/grades.csv").open(encoding="utf-8-sig") as file:
            totals = {row["student"]: row["total"] for row in csv.DictReader(file)}
        assert totals == {"flat": points, "half": half, "in_folders": points, "shared": points, "zipped": points}
        for student in ("flat", "in_folders", "zipped"):
            result = json.loads((project / f"out/{assignment}/results/{student}.json").read_text())
            assert result["notes"] == []
    result = json.loads((project / "out/signs/results/shared.json").read_text())
    assert result["notes"] == ["Ignored `turn/negate.py`: `signs/negate.py` counts."]
