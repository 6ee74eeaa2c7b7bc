"""Failures that no known mistake explains, those of one kind together: the next mistake for the bank is among them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.model import Result
from autograder.results.words import GRADED

_LONGEST = 300
_PLACE = re.compile(r" \(line \d+, in .*", re.DOTALL)
"""Where the student's code raised: another line in everybody's file."""


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
                message = of_cause[0].message
                if cause in known or message.startswith("Not implemented yet"):
                    continue
                first = _PLACE.sub("", message.partition("\n")[0])
                first = first if len(first) <= _LONGEST else f"{first[:_LONGEST]} ..."
                alike[name, tuple(test.title for test in of_cause), first].append(result.student)
    found = [Unknown(*key, tuple(sorted(students))) for key, students in alike.items()]
    return sorted(found, key=lambda each: (-len(each.students), each.exercise, each.message, each.checks))
