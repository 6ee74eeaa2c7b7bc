"""Classes to measure: submissions made from the solutions, and graders for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.batch.grader import Setup
from autograder.batch.graders import Batch
from autograder.cluster.spread import Spread
from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from autograder.course.suites import suite_hash
from autograder.sandbox.launcher import Zygote

SEED = 1
CLONE = Path(__file__).resolve().parents[2]
"""Where `tools` is found from."""


def solution(layout: Layout, assignment: Assignment, folder: Path) -> Path:
    """A new folder with the solutions, as a student would hand them in."""
    folder.mkdir()
    for exercise in assignment.exercise_names:
        shutil.copy(layout.solution(exercise), folder)
    return folder


def varied(layout: Layout, assignment: Assignment, folder: Path, count: int) -> list[Path]:
    """New folders of students who all are right, each in another way: alternatives, another one for every exercise."""
    students = []
    for number in range(count):
        student = solution(layout, assignment, folder / f"varied-{number:03}")
        for exercise in assignment.exercise_names:
            ways = [layout.solution(exercise), *sorted(layout.alternatives(exercise).glob("*.py"))]
            shutil.copy(ways[number % len(ways)], student / f"{exercise}.py")
        students.append(student)
    return students


@contextmanager
def batch(layout: Layout, assignment: Assignment, jobs: int, diagnosis: bool = True) -> Iterator[Batch]:
    """`jobs` graders with a zygote of their own."""
    with Zygote() as zygote:
        level = zygote.report().level
        setup = Setup(str(layout.root), assignment.name, suite_hash(layout), SEED, level, diagnosis)
        yield Batch(zygote, assignment, setup, jobs)


@contextmanager
def spread(layout: Layout, assignment: Assignment, workers: int) -> Iterator[Spread]:
    """The same on a Dask cluster of this computer, beside the zygote that a run has there, too."""
    with Zygote() as zygote:
        report = zygote.report()
        setup = Setup(str(layout.root), assignment.name, suite_hash(layout), SEED, report.level)
        yield Spread("local", workers, setup, report)
