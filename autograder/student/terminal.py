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
from autograder.results.model import ExerciseResult
from autograder.results.words import verdict

_SIGNS = {"passed": ("✓", "ok", "green"), "failed": ("✗", "x", "red"), "not started": ("·", "-", "dim")}


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
            kind, told = "passed", f"{_counted(passed, len(result.tests))} public checks pass"
        elif verdict(result) == "not started":
            kind, told = "not started", "not started"
        elif result.status != "graded":
            kind, told = "failed", verdict(result)
        else:
            kind, told = "failed", f"{_counted(passed, len(result.tests))} public checks pass"
        sign, plain, style = _SIGNS[kind]
        shown = f"{plain:2}" if self._signs_are_plain else sign
        self._console.print(Text("  ").append(shown, style).append(f" {exercise:{width}}  {told}"))

    def progress(self, assignment: Assignment, results: Mapping[str, ExerciseResult]) -> None:
        """How far one has come, in one line."""
        tests = [test for result in results.values() for test in result.tests]
        exercises = sum(map(has_passed, results.values()))
        checks = sum(test.status == "passed" for test in tests)
        text = f"{exercises} of {len(results)} exercises, {checks} of {len(tests)} public checks"
        self.line(f"{assignment.title}: {text}", "bold")

    def all_pass(self, assignment: Assignment, results: Mapping[str, ExerciseResult]) -> None:
        """The last word on these exercises: what the public checks are worth, and that hidden ones ask more."""
        worth = sum(test.max_score for result in results.values() for test in result.tests)
        points = sum(assignment.exercise(name).points for name in results)
        self.line(
            f"All public checks pass; they are worth {worth:g} of {points} points. The hidden checks ask more: "
            "gradients, other sizes, odd inputs. Compare with the handout once more, then hand it in."
        )

    def explain(self, exercise: str, result: ExerciseResult, place: str = "") -> None:
        """Why an exercise does not pass: its first failing check, as the grader words it.

        `place` is where the stub is; without it, in a file named after the exercise.
        """
        first = next((test for test in result.tests if test.status != "passed"), None)
        if result.status != "graded" or first is None:
            self._message(f"{exercise}: {verdict(result)}", result.message)
        else:
            self._message(f"{exercise}: {first.title}", first.message)
        if verdict(result) == "not started":
            where = f"Go to {place}" if place else f"Open {exercise}.py"
            self.indented(
                f"Not started: the first failure is normal. {where} and replace the lines that raise "
                "NotImplementedError."
            )

    def explain_all(self, exercise: str, result: ExerciseResult) -> None:
        """Every failing check of an exercise."""
        failing = [test for test in result.tests if test.status != "passed"]
        if result.status != "graded" or verdict(result) == "not started":
            self.explain(exercise, result)
            return
        for test in failing:
            self._message(f"{exercise}: {test.title}", test.message)

    def _message(self, heading: str, message: str) -> None:
        self.line()
        self.line(heading, "bold")
        self.indented(message)


def _counted(passed: int, count: int) -> str:
    return f"all {count}" if passed == count and count > 1 else f"{passed} of {count}"


def _can_show(encoding: str) -> bool:
    try:
        "".join(sign for sign, _, _ in _SIGNS.values()).encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
