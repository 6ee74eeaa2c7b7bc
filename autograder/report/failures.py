"""Failures that no known mistake explains, those of one kind together: the next mistake for the bank is among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.model import Result
from autograder.results.words import GRADED

_LONGEST = 300


@dataclass(frozen=True)
class Unknown:
    """The same checks fail for one cause, the first of them with the same difference."""

    exercise: str
    checks: tuple[str, ...]
    """Titles, the first to fail first."""
    message: str
    students: tuple[str, ...]


def unknown_failures(results: Iterable[Result]) -> list[Unknown]:
    """The largest groups first. What is not written yet, or could not be graded, is no failure."""
    alike: defaultdict[tuple[str, tuple[str, ...], str], list[str]] = defaultdict(list)
    for result in results:
        for name, exercise in result.exercises.items():
            failing = [test for test in exercise.tests if test.status != "passed" and exercise.status == GRADED]
            known = {diagnosis.cause for diagnosis in exercise.diagnosis}
            for cause in dict.fromkeys(test.cause for test in failing):
                of_cause = [test for test in failing if test.cause == cause]
                failure = of_cause[0]
                if cause in known or failure.kind == "not_written":
                    continue
                # Where the student's code raised is another line in everybody's file.
                places = [f" ({each.where}" for each in exercise.excerpts if each.line == failure.line]
                first = failure.message.partition("\n")[0].partition(places[0] if places else "\n")[0]
                first = first if len(first) <= _LONGEST else f"{first[:_LONGEST]} ..."
                alike[name, tuple(test.title for test in of_cause), first].append(result.student)
    found = [Unknown(*key, tuple(sorted(students))) for key, students in alike.items()]
    return sorted(found, key=lambda each: (-len(each.students), each.exercise, each.message, each.checks))
