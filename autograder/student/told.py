"""What check.py says of public checks, in words that are the same in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from autograder.course.assignment import Assignment
from autograder.language import mark, tr, tr_n
from autograder.results.words import NOT_STARTED as UNTOUCHED
from autograder.results.words import verdict
from autograder.student.cell import Cell
from autograder.student.example import Explained, Steps
from autograder.student.folder import bare_name
from autograder.student.results import PublicResult, PublicTest
from autograder.student.terminal import FAILED, NOT_STARTED, PASSED, Terminal
from autograder.submissions.model import SourceFile

Display = Terminal | Cell
"""What a page of check.py is shown by."""


def exercise(display: Display, name: str, result: PublicResult, width: int) -> None:
    """One line about one exercise."""
    word = verdict(result)
    if result.status != "graded" or word == UNTOUCHED:
        display.verdict(NOT_STARTED if word == UNTOUCHED else FAILED, name, tr(word), width)
        return
    passed, count = sum(test.status == "passed" for test in result.tests), len(result.tests)
    told = tr("{passed} of {count} public checks pass", passed=passed, count=count)
    if passed == count > 1:
        told = tr("all {count} public checks pass", count=count)
    display.verdict(PASSED if result.has_passed else FAILED, name, told, width)


def notes(display: Display, texts: Sequence[str]) -> None:
    """What was noticed of the files."""
    for note in texts:
        display.indented(tr("Note: {note}", note=note))


def progress(display: Display, count: int, results: Mapping[str, PublicResult]) -> None:
    """How far one has come with so many exercises, in one line."""
    if count == 1:
        tests = [test for result in results.values() for test in result.tests]
        told = tr(
            "{passed} of {count} public checks pass, hidden checks ask more",
            passed=sum(test.status == "passed" for test in tests),
            count=len(tests),
        )
    else:
        told = tr_n(
            "{count:g} of {exercises} exercises passes its public checks, hidden checks ask more",
            "{count:g} of {exercises} exercises pass their public checks, hidden checks ask more",
            sum(result.has_passed for result in results.values()),
            exercises=count,
        )
    display.line(told, "bold")


def all_pass(display: Display, assignment: Assignment, results: Mapping[str, PublicResult]) -> None:
    """The last word on these exercises: what the public checks are worth, and what hidden ones ask."""
    worth = sum(test.max_score for result in results.values() for test in result.tests)
    points = sum(assignment.exercise(name).points for name in results)
    display.line(
        tr(
            "The public checks are worth {worth:g} of {points} points. The hidden ones ask about gradients, other "
            "sizes and odd inputs: compare with the handout once more, then hand it in.",
            worth=worth,
            points=points,
        )
    )


def failure(display: Display, name: str, result: PublicResult, place: str = "", every: bool = False) -> None:
    """Why an exercise does not pass: its first failing check, or every one, as the grader words it.

    `place` is where the stub is; without it, in a file named after the exercise.
    """
    untouched = verdict(result) == UNTOUCHED
    failing = [test for test in result.tests if test.status != "passed"]
    if result.status != "graded" or not failing:
        _message(display, f"{name}: {tr(verdict(result))}", result.message)
    else:
        for test in failing if every and not untouched else failing[:1]:
            _test(display, name, test)
    if untouched:
        told = mark(
            "Not started: the first failure is normal. Open {place} and replace the lines that raise "
            "NotImplementedError."
        )
        if place:
            told = mark(
                "Not started: the first failure is normal. Go to {place} and replace the lines that raise "
                "NotImplementedError."
            )
        display.indented(tr(told, place=place or f"{name}.py"))


def _test(display: Display, name: str, test: PublicTest) -> None:
    """A check that does not pass: the grader's words, and what was compared, where that can be shown."""
    _message(display, f"{name}: {test.title}", test.message)
    if test.numbers:
        display.numbers(test.numbers)
    if test.gaps:
        display.picture(test.gaps)


def hints(display: Display, texts: Sequence[str]) -> None:
    """All hints of an exercise, to be unfolded one by one."""
    for number, text in enumerate(texts, 1):
        display.folded(tr("Hint {number} of {count}", number=number, count=len(texts)), text)


def no_such_exercise(typed: str, names: Sequence[str]) -> str:
    """That there is none of this name, and which one it may have been."""
    close = get_close_matches(bare_name(typed), names, n=1)
    if close:
        return tr("There is no exercise {typed}. Did you mean {close}?", typed=typed, close=close[0])
    return tr("There is no exercise {typed}.", typed=typed)


def no_such(display: Display, typed: str, names: Sequence[str]) -> None:
    """That there is no exercise of this name, and which there are."""
    display.line(no_such_exercise(typed, names))
    display.line(tr("Exercises: {names}", names=", ".join(names)))


def worked_example(display: Display, name: str, by_hand: Sequence[str], explained: Explained) -> None:
    """The worked example as the handout has it, and every value on the way through the student's own code."""
    if by_hand:
        display.line(tr("{exercise}: the worked example, by hand", exercise=name), "bold")
        display.indented("\n".join(by_hand))
    result, source = explained.result, explained.source
    if result.status != "graded" or source is None:
        _message(display, f"{name}: {tr(verdict(result))}", result.message)
        return
    if not result.tests:
        display.line(tr("No public check of {exercise} carries out a worked example.", exercise=name))
    for test, steps in zip(result.tests, explained.seen, strict=True):
        display.line()
        display.line(tr("{exercise}, your code: {title}", exercise=name, title=test.title), "bold")
        _steps(display, source, steps)
        if steps.left_out:
            more = tr("Not shown: {count} more values, of lines that run again and again.", count=steps.left_out)
            display.indented(more)
        display.indented(test.message or tr("This check passes."))


def _steps(display: Display, source: SourceFile, steps: Steps) -> None:
    """Line by line; a line that is run again stands there again."""
    lines, function = source.text.splitlines(), ""
    for step in steps.first:
        place = step.place
        text = f"{lines[place.line - 1].strip()}{' ...' if place.goes_on else ''}"
        if step.begins:
            text = f"{place.function}()"
        elif place.function != function:
            display.indented(tr("back in {function}():", function=place.function))
        display.code(source.position(place.line), text, step.values)
        function = place.function


def _message(display: Display, heading: str, message: str) -> None:
    display.line()
    display.line(heading, "bold")
    display.indented(message)
