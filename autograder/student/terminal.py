"""What a terminal, or a notebook, shows of public checks: progress, and the first check that does not pass."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from autograder.course.assignment import Assignment
from autograder.language import mark, tr
from autograder.results.model import ExerciseResult
from autograder.results.words import NOT_STARTED, verdict

_SIGNS = {"passed": ("✓", "ok", "green"), "failed": ("✗", "x", "red"), NOT_STARTED: ("·", "-", "dim")}


def has_passed(result: ExerciseResult) -> bool:
    """Whether every check has passed."""
    return result.status == "graded" and bool(result.tests) and all(test.status == "passed" for test in result.tests)


class Terminal:
    """Prints for people: colours where the terminal has them, and plain ASCII signs where it cannot show others."""

    def __init__(self, file: TextIO | None = None) -> None:
        """`file` is what to print to; without it, standard output."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                with contextlib.suppress(ValueError):  # closed, or already read from
                    stream.reconfigure(errors="replace")  # a message may hold what this console cannot show
        self._console = Console(
            file=file,
            force_terminal=None if file is None else False,
            force_jupyter=False,  # it would show, in a notebook, what is to be returned
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
        self._signs_are_plain = not _can_show(self._console.encoding)

    def line(self, text: str = "", style: str = "") -> None:
        """A line; a terminal has it broken between words, a file as it is."""
        self._console.print(Text(text, style), soft_wrap=not self._console.is_terminal)

    def indented(self, text: str) -> None:
        """Text below a heading, line by line."""
        for line in text.splitlines():
            if self._console.is_terminal:
                self._console.print(Padding(Text(line), (0, 0, 0, 2)), soft_wrap=False)
            else:
                self.line(f"  {line}")

    def verdict(self, exercise: str, result: ExerciseResult, width: int) -> None:
        """One line about one exercise."""
        passed = sum(test.status == "passed" for test in result.tests)
        if has_passed(result):
            kind, told = "passed", _counted(passed, len(result.tests))
        elif verdict(result) == NOT_STARTED:
            kind, told = NOT_STARTED, tr(NOT_STARTED)
        elif result.status != "graded":
            kind, told = "failed", tr(verdict(result))
        else:
            kind, told = "failed", _counted(passed, len(result.tests))
        sign, plain, style = _SIGNS[kind]
        shown = f"{plain:2}" if self._signs_are_plain else sign
        self._console.print(Text("  ").append(shown, style).append(f" {exercise:{width}}  {told}"))

    def progress(self, assignment: Assignment, results: Mapping[str, ExerciseResult]) -> None:
        """How far one has come, in one line."""
        tests = [test for result in results.values() for test in result.tests]
        exercises = sum(map(has_passed, results.values()))
        checks = sum(test.status == "passed" for test in tests)
        text = tr(
            "{exercises} of {exercise_count} exercises, {checks} of {check_count} public checks",
            exercises=exercises,
            exercise_count=len(results),
            checks=checks,
            check_count=len(tests),
        )
        self.line(f"{assignment.title}: {text}", "bold")

    def all_pass(self, assignment: Assignment, results: Mapping[str, ExerciseResult]) -> None:
        """The last word on these exercises: what the public checks are worth, and that hidden ones ask more."""
        worth = sum(test.max_score for result in results.values() for test in result.tests)
        points = sum(assignment.exercise(name).points for name in results)
        self.line(
            tr(
                "All public checks pass; they are worth {worth:g} of {points} points. The hidden checks ask "
                "more: gradients, other sizes, odd inputs. Compare with the handout once more, then hand it "
                "in.",
                worth=worth,
                points=points,
            )
        )

    def explain(self, exercise: str, result: ExerciseResult, place: str = "") -> None:
        """Why an exercise does not pass: its first failing check, as the grader words it.

        `place` is where the stub is; without it, in a file named after the exercise.
        """
        first = next((test for test in result.tests if test.status != "passed"), None)
        if result.status != "graded" or first is None:
            self._message(f"{exercise}: {tr(verdict(result))}", result.message)
        else:
            self._message(f"{exercise}: {first.title}", first.message)
        if verdict(result) == NOT_STARTED:
            told = mark(
                "Not started: the first failure is normal. Open {place} and replace the lines that raise "
                "NotImplementedError."
            )
            if place:
                told = mark(
                    "Not started: the first failure is normal. Go to {place} and replace the lines that raise "
                    "NotImplementedError."
                )
            self.indented(tr(told, place=place or f"{exercise}.py"))

    def explain_all(self, exercise: str, result: ExerciseResult) -> None:
        """Every failing check of an exercise."""
        failing = [test for test in result.tests if test.status != "passed"]
        if result.status != "graded" or verdict(result) == NOT_STARTED:
            self.explain(exercise, result)
            return
        for test in failing:
            self._message(f"{exercise}: {test.title}", test.message)

    def _message(self, heading: str, message: str) -> None:
        self.line()
        self.line(heading, "bold")
        self.indented(message)


def _counted(passed: int, count: int) -> str:
    if passed == count and count > 1:
        return tr("all {count} public checks pass", count=count)
    return tr("{passed} of {count} public checks pass", passed=passed, count=count)


def _can_show(encoding: str) -> bool:
    try:
        "".join(sign for sign, _, _ in _SIGNS.values()).encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
