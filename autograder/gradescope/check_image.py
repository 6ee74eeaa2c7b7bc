"""Checks a new image: grades the reference solutions, which must get full marks.

`python -m autograder.gradescope.check_image <payload>` ends with status 0 or says what is wrong.
"""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

from autograder import __version__
from autograder.course.assignment import open_assignment
from autograder.course.layout import assignment_names
from autograder.errors import UsageError
from autograder.gradescope.grade import GradingError, Order, grade_one

_SEED = 1


def check_image(root: Path) -> list[str]:
    """What is wrong with grading here, a line each. Raises UsageError, GradingError and OSError."""
    names = assignment_names(root)
    problems = [] if names else [f"{root} holds no assignment"]
    for name in names:
        started = time.monotonic()
        layout, assignment = open_assignment(root, name)
        with tempfile.TemporaryDirectory() as folder:
            for exercise in assignment.exercise_names:
                shutil.copy(layout.solution(exercise), folder)
            result = grade_one(Order(str(root), name, folder, "reference", _SEED), lambda so_far: None)
        print(
            f"check: {name}: the reference solutions get {result.score:g} of {result.max_score:g} points in "
            f"{time.monotonic() - started:.1f} s, isolation {result.isolation}, engine {__version__}, "
            f"Python {platform.python_version()}"
        )
        for exercise, found in result.exercises.items():
            problems += [f"{exercise}: {found.message}"] if found.message else []
            problems += [
                f"{exercise}: {test.name}: {test.message}"
                for test in found.tests
                if test.status != "passed" and test.message != found.message
            ]
    return problems


if __name__ == "__main__":
    try:
        wrong = check_image(Path(sys.argv[1]))
    except (UsageError, GradingError, OSError) as error:
        wrong = [str(error)]
    for line in wrong:
        print(f"check: {line}", file=sys.stderr)
    sys.exit(bool(wrong))
