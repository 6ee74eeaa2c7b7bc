"""What became of an exercise, in the words that grades.csv, the terminal and every page share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.model import NOT_RUN, Absent, ExerciseResult, Failure, Result

GRADED = "graded"
WORDS = {
    "missing": "not found",
    "misnamed": "misnamed",
    "syntax": "syntax error",
    "unreadable": "cannot be read",
    "archive": "archive not accepted",
    "not_allowed": "uses what is not allowed",
    "not_loaded": "cannot be imported",
    NOT_RUN: "not run",
}
"""The statuses of a result's exercises other than GRADED."""
OUT_OF_TIME = "out of time"
FLAGGED = "flagged, seems to use what is not allowed"
"""For instructors only: the points stand until they have looked."""
NOT_STARTED = "not started"


def verdict(exercise: ExerciseResult) -> str:
    """An exercise in a word or two."""
    if exercise.status != GRADED:
        return WORDS.get(exercise.status, exercise.status)
    if exercise.score >= exercise.max_score:
        return "complete"
    if all(test.message.startswith("Not implemented yet") for test in exercise.tests):
        return NOT_STARTED
    if any(test.status == "timeout" for test in exercise.tests):
        return OUT_OF_TIME
    return "partly right" if exercise.score else "not right yet"


def remark(result: Result | Failure) -> str:
    """A submission in a line: GRADED, or the exercises whose marks need a word, by what became of them."""
    if isinstance(result, Absent):
        return result.reason
    if isinstance(result, Failure):
        return f"not graded: {result.reason.splitlines()[-1]}"
    if all(verdict(exercise) == NOT_STARTED for exercise in result.exercises.values()):
        return NOT_STARTED
    troubles: dict[str, list[str]] = {}
    for name, exercise in result.exercises.items():
        if exercise.status != GRADED or verdict(exercise) == OUT_OF_TIME:
            troubles.setdefault(verdict(exercise), []).append(name)
        elif exercise.evidence:
            troubles.setdefault(FLAGGED, []).append(name)
    every = len(result.exercises)
    told = (
        f"{what}: {'all exercises' if len(names) == every > 1 else ', '.join(names)}"
        for what, names in troubles.items()
    )
    return "; ".join(told) or GRADED


@dataclass(frozen=True)
class KnownMistake:
    """What some students' code behaves exactly like. Several names for one behaviour are one mistake."""

    exercise: str
    title: str
    students: tuple[str, ...]
    hints: tuple[str, ...] = ()
    """What each of these students is told."""


def known_mistakes(results: Iterable[Result | Failure]) -> list[KnownMistake]:
    """The known mistakes of a class, the most common first, with all who made them by name."""
    students: dict[tuple[str, str], list[str]] = {}
    hints: dict[tuple[str, str], tuple[str, ...]] = {}
    for result in results:
        for name, exercise in result.exercises.items() if isinstance(result, Result) else ():
            if exercise.diagnosis:
                title = " / ".join(diagnosis.title for diagnosis in exercise.diagnosis)
                students.setdefault((name, title), []).append(result.student)
                hints[name, title] = tuple(dict.fromkeys(diagnosis.hint for diagnosis in exercise.diagnosis))
    found = [KnownMistake(*key, tuple(sorted(made_by)), hints[key]) for key, made_by in students.items()]
    return sorted(found, key=lambda each: (-len(each.students), each.exercise, each.title))
