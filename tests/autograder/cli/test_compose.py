"""An assignment takes exercises of another one: what is made, what is packed, and points that are scaled exactly."""

from __future__ import annotations

import json
import sys
import zipfile

import pytest

from autograder.course.assignment import load_assignment, open_assignment
from autograder.course.suites import judging_files
from autograder.errors import UsageError
from autograder.gradescope.check_image import check_image

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

QUIZ = """
title = "A quiz"
name = "quiz"
exercises = ["negate", { use = "demo/double", points = 3 }, { use = "demo/shift" }]
"""
NEGATE = "def negate(x):\n    # BEGIN SOLUTION\n    return -x\n    # END SOLUTION\n"
TEST_NEGATE = '''
import pytest
import torch


@pytest.mark.points(2)
def test_negate(student, close):
    """The sign changes."""
    close(student.negate(torch.ones(2)), -torch.ones(2), "The result")
'''

PUBLIC_SHIFT = TEST_NEGATE.replace("negate", "one").replace("points(2)", "points(0.5)").replace("The sign", "One")
PUBLIC_SHIFT = PUBLIC_SHIFT.replace(
    "student.one(torch.ones(2)), -torch.ones(2)", "student.shift(-torch.ones(2)), torch.zeros(2)"
)


@pytest.fixture
def project(project):
    files = {
        "assignments/quiz/assignment.toml": QUIZ,
        "assignments/quiz/handout/_frame.md": "# A quiz\n\n<!-- table -->\n\n<!-- sections -->\n",
        "assignments/quiz/handout/negate.md": "## Negation\n\nFile `negate.py`: `negate`.\n",
        "assignments/demo/handout/double.md": "## Doubling\n\nFile `double.py`: `Double`.\n\n![2](pictures/two.svg)\n",
        "assignments/demo/handout/shift.md": "## Shifting\n\nFile `shift.py`: `shift`.\n",
        "assignments/demo/pictures/two.svg": "<svg/>",
        "tests/quiz/negate/exercise.toml": 'title = "Negation"\npoints = 2\nnames = ["negate"]\n',
        "tests/quiz/negate/test_negate_public.py": TEST_NEGATE,
        "tests/demo/shift/test_shift_public.py": PUBLIC_SHIFT,
        "solutions/quiz/negate.py": NEGATE,
    }
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    hidden = project / "tests/demo/shift/test_shift.py"
    hidden.write_text(hidden.read_text().replace("points(1)", "points(0.5)"))
    return project


def test_three_exercises_of_two_assignments_are_made_checked_and_graded(project, autograder):
    renewed = autograder(project, "renew")
    assert (renewed.returncode, renewed.stderr) == (0, "")
    made = project / "assignments/quiz"
    assert sorted(path.name for path in made.glob("*.py")) == ["double.py", "negate.py", "shift.py"]
    assert (made / "pictures/two.svg").read_text() == "<svg/>"
    handout = (made / "HANDOUT.md").read_text()
    assert "| `double.py` | `Double` | 3 |\n" in handout
    assert "## 2. Doubling (3 points)\n" in handout
    checked = autograder(project, "check")
    assert checked.stdout.endswith("quiz: 3 exercises, 6 points, all in order\n")
    for student, factor in (("ann", "2 * x"), ("bob", "x + x.detach()")):
        folder = project / "class" / student
        folder.mkdir(parents=True)
        (folder / "double.py").write_text(
            f"from torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        return {factor}\n"
        )
        (folder / "negate.py").write_text("def negate(x):\n    return 0 - x\n")
        (folder / "shift.py").write_text("def shift(x):\n    return x + 1\n")
    graded = autograder(project, "grade", "quiz", "class", "--out", "out")
    assert (graded.returncode, graded.stderr) == (0, "")
    ann, bob = (json.loads((project / f"out/results/{name}.json").read_text()) for name in ("ann", "bob"))
    assert (ann["score"], ann["max_score"]) == (6.0, 6.0)
    # Of Doubling's 4 points, outputs are worth 2, gradients and the public check 1 each: here three quarters of it.
    assert [test["max_score"] for test in bob["exercises"]["double"]["tests"]] == [1.5, 0.75, 0.75]
    assert bob["exercises"]["double"]["score"] == 2.25


def test_what_judges_is_what_is_used_and_is_packed(project, autograder):
    layout, _ = open_assignment(project, "quiz")
    judging = [layout.shown(path) for path in judging_files(layout)]
    assert judging == [
        "assignments/quiz/assignment.toml",
        "solutions/demo/double.py",
        "solutions/demo/shift.py",
        "solutions/quiz/negate.py",
        "tests/demo/double/exercise.toml",
        "tests/demo/double/test_double.py",
        "tests/demo/double/test_double_public.py",
        "tests/demo/shift/exercise.toml",
        "tests/demo/shift/test_shift.py",
        "tests/demo/shift/test_shift_public.py",
        "tests/quiz/negate/exercise.toml",
        "tests/quiz/negate/test_negate_public.py",
    ]
    built = autograder(project, "build", "quiz")
    assert (built.returncode, built.stderr) == (0, "")
    with zipfile.ZipFile(project / "dist/quiz-autograder.zip") as file:
        packed = {name.removeprefix("payload/") for name in file.namelist() if name.startswith("payload/")}
        file.extractall(project / "unpacked")
    assert packed == {*judging, "tests/demo/double/mistakes/adds_sign.py"}
    assert check_image(project / "unpacked/payload") == []
    with zipfile.ZipFile(project / "dist/quiz-student.zip") as file:
        assert "quiz/pictures/two.svg" in file.namelist()
        assert "quiz/checks/shift/test_shift_public.py" in file.namelist()


WRONG = {
    "no such exercise": (
        '{ use = "demo/shfit" }',
        'there is no tests/demo/shfit/exercise.toml (did you mean "shift"?); write it, or remove "shfit" from the list',
    ),
    "no such assignment": ('{ use = "demmo/shift" }', "there is no tests/demmo/shift/exercise.toml; write it, or"),
    "no assignment": ('{ use = "shift" }', 'key "use" is "shift"; write it like "core/se_block"'),
    "a path": ('{ use = "demo/../shift" }', '"../shift" must be lower-case letters, digits and _'),
    "no points": ('{ use = "demo/shift", points = 0 }', 'key "points" must be at least 1'),
    "another key": ('{ use = "demo/shift", pionts = 2 }', 'unknown key "pionts" (did you mean "points"?)'),
    "nothing to use": ("{ points = 2 }", 'key "use" is missing; add it'),
}


@pytest.mark.parametrize(("entry", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_use_is_said_with_its_place(project, entry, message):
    toml = project / "assignments/quiz/assignment.toml"
    toml.write_text(QUIZ.replace('{ use = "demo/shift" }', entry))
    with pytest.raises(UsageError) as caught:
        load_assignment(project, "quiz")
    assert str(caught.value).startswith(f'assignments/quiz/assignment.toml: key "exercises", number 3: {message}')
