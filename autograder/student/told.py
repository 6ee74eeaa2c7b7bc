"""What check.py says of public checks, in words that are the same in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.course.assignment import Assignment
from autograder.language import mark, tr, tr_n
from autograder.results.words import NOT_STARTED as UNTOUCHED
from autograder.results.words import verdict
from autograder.student.display import FAILED, NOT_STARTED, PASSED, Display
from autograder.student.example import Explained, Line
from autograder.student.names import no_such_exercise
from autograder.student.results import PublicResult, PublicTest


def has_passed(result: PublicResult) -> bool:
    """Whether every check has passed."""
    return result.status == "graded" and bool(result.tests) and all(test.status == "passed" for test in result.tests)


def exercise(display: Display, name: str, result: PublicResult, width: int) -> None:
    """One line about one exercise."""
    passed = sum(test.status == "passed" for test in result.tests)
    if has_passed(result):
        display.verdict(PASSED, name, _counted(passed, len(result.tests)), width)
    elif verdict(result) == UNTOUCHED:
        display.verdict(NOT_STARTED, name, tr(UNTOUCHED), width)
    elif result.status != "graded":
        display.verdict(FAILED, name, tr(verdict(result)), width)
    else:
        display.verdict(FAILED, name, _counted(passed, len(result.tests)), width)


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
            sum(map(has_passed, results.values())),
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


def failure(display: Display, name: str, result: PublicResult, place: str = "") -> None:
    """Why an exercise does not pass: its first failing check, as the grader words it.

    `place` is where the stub is; without it, in a file named after the exercise.
    """
    first = next((test for test in result.tests if test.status != "passed"), None)
    if result.status != "graded" or first is None:
        _message(display, f"{name}: {tr(verdict(result))}", result.message)
    else:
        _test(display, name, first)
    if verdict(result) == UNTOUCHED:
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


def failures(display: Display, name: str, result: PublicResult) -> None:
    """Every failing check of an exercise."""
    if result.status != "graded" or verdict(result) == UNTOUCHED:
        failure(display, name, result)
        return
    for test in result.tests:
        if test.status != "passed":
            _test(display, name, test)


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


def no_such(display: Display, typed: str, names: Sequence[str]) -> None:
    """That there is no exercise of this name, and which there are."""
    display.line(no_such_exercise(typed, names))
    display.line(tr("Exercises: {names}", names=", ".join(names)))


def worked_example(display: Display, name: str, by_hand: Sequence[str], explained: Explained) -> None:
    """The worked example as the handout has it, and every value on the way through the student's own code."""
    if by_hand:
        display.line(tr("{exercise}: the worked example, by hand", exercise=name), "bold")
        display.indented("\n".join(by_hand))
    if explained.result.status != "graded":
        _message(display, f"{name}: {tr(verdict(explained.result))}", explained.result.message)
    elif not explained.examples:
        display.line(tr("No public check of {exercise} carries out a worked example.", exercise=name))
    for example in explained.examples:
        display.line()
        display.line(tr("{exercise}, your code: {title}", exercise=name, title=example.check.title), "bold")
        _steps(display, example.lines)
        if example.left_out:
            more = tr("Not shown: {count} more values, of lines that run again and again.", count=example.left_out)
            display.indented(more)
        display.indented(example.check.message or tr("This check passes."))


def _steps(display: Display, lines: Sequence[Line]) -> None:
    """Line by line; a line that is run again stands there again."""
    function = ""
    for line in lines:
        if line.begins:
            display.code(line.where, f"{line.function}()", line.values)
        else:
            if line.function != function:
                display.indented(tr("back in {function}():", function=line.function))
            display.code(line.where, line.text, line.values)
        function = line.function


def _message(display: Display, heading: str, message: str) -> None:
    display.line()
    display.line(heading, "bold")
    display.indented(message)


def _counted(passed: int, count: int) -> str:
    if passed == count and count > 1:
        return tr("all {count} public checks pass", count=count)
    return tr("{passed} of {count} public checks pass", passed=passed, count=count)
