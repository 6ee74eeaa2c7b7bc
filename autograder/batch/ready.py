"""What must hold before anybody is graded: what is wrong with an assignment must not cost students points."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.course.assignment import Assignment, Exercise
from autograder.course.layout import Layout
from autograder.grading.subjects import References
from autograder.grading.suites import Suites
from autograder.sandbox.session import SubjectError


def missing_solutions(layout: Layout, assignment: Assignment) -> list[str]:
    """A sentence for every solution that is not there."""
    return [
        f"{layout.shown(layout.solution(name))}: missing; write the reference solution of "
        f'"{name}", or remove the exercise from {layout.shown(layout.description)}'
        for name in assignment.exercise_names
        if not layout.solution(name).is_file()
    ]


def wrong_points(layout: Layout, assignment: Assignment, suites: Suites) -> list[str]:
    """A sentence for every exercise whose checks are not worth what exercise.toml says."""
    found = []
    for exercise in assignment.exercises:
        points = sum(check.points for check in suites.checks if check.exercise == exercise.name)
        wanted = exercise.suite_points or exercise.points
        if points != wanted:
            where = layout.shown(layout.suite(exercise.name))
            found.append(f"{where}: the checks are worth {float(points):g} points, exercise.toml says {wanted}")
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
        if not error.frames and layout.beside(exercise.name).is_file():  # it is loaded first, and has no lines here
            where = layout.shown(layout.beside(exercise.name))
            yield f"{where}: cannot be loaded: {error.type_name}: {error.text}"
            return
        text = re.sub(r" \(\w+\.py, line \d+\)$", "", error.text)  # a syntax error's own place, under another name
        yield f"{where}{line}: the reference solution cannot be loaded: {error.type_name}: {text}"
        return
    if missing:
        yield f"{where}: the reference solution does not define {', '.join(missing)}, which exercise.toml asks for"
