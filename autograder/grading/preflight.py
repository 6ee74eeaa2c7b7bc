"""What must hold before anybody is graded: what is amiss with an assignment must not cost students points."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from autograder.course.assignment import Assignment, Exercise
from autograder.course.layout import Layout
from autograder.grading.subjects import References
from autograder.grading.suites import Suites
from autograder.sandbox.session import SubjectError


def missing_parts(layout: Layout, assignment: Assignment) -> list[str]:
    """A sentence for every suite and solution that is not there."""
    suites = sorted(path.name for path in layout.suites.glob("*/") if path.is_dir())
    found = []
    for exercise in assignment.exercises:
        if not layout.suite(exercise.name).is_dir():
            close = difflib.get_close_matches(exercise.name, suites, n=1)
            hint = f' (there is "{close[0]}": is the name in assignment.toml right?)' if close else ""
            found.append(
                f"{layout.shown(layout.suite(exercise.name))}: missing{hint}; write the suite of "
                f'"{exercise.name}", or remove the exercise from {layout.shown(layout.description)}'
            )
        if not layout.solution(exercise.name).is_file():
            found.append(
                f"{layout.shown(layout.solution(exercise.name))}: missing; write the reference solution of "
                f'"{exercise.name}", or remove the exercise from {layout.shown(layout.description)}'
            )
    return found


def wrong_points(layout: Layout, assignment: Assignment, suites: Suites) -> list[str]:
    """A sentence for every exercise whose checks are not worth what assignment.toml says."""
    found = []
    for exercise in assignment.exercises:
        points = sum(check.points for check in suites.checks if check.exercise == exercise.name)
        if points != exercise.points:
            where = layout.shown(layout.suite(exercise.name))
            found.append(
                f"{where}: the checks are worth {float(points):g} points, assignment.toml says {exercise.points}"
            )
    return found


def broken_solutions(layout: Layout, assignment: Assignment, references: References) -> list[str]:
    """A sentence for every reference solution that cannot be loaded, or lacks a name that it must define."""
    return [problem for exercise in assignment.exercises for problem in _broken(layout, exercise, references)]


def _broken(layout: Layout, exercise: Exercise, references: References) -> Iterator[str]:
    where = layout.shown(layout.solution(exercise.name))
    session = references.session(exercise.name)
    try:
        session.begin("preflight")
        missing = [name for name in exercise.names if session.kind(name) == "missing"]
    except SubjectError as error:
        line = f", line {error.frames[-1].line}" if error.frames else ""
        text = re.sub(r" \(\w+\.py, line \d+\)$", "", error.text)  # a syntax error's own place, under another name
        yield f"{where}{line}: the reference solution cannot be loaded: {error.type_name}: {text}"
        return
    if missing:
        yield f"{where}: the reference solution does not define {', '.join(missing)}, which assignment.toml asks for"
