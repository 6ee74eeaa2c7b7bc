"""What becomes of an exercise in words: those that grades.csv, the terminal and every page share, and what pages say.

Every sentence is whole, and stands here alone. Constants are English, to be translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.language import mark, tr, tr_n
from autograder.results.model import NOT_RUN, Absent, ExerciseResult, Failure, Result, TestResult

GRADED = mark("graded")
WORDS = {
    "missing": mark("not found"),
    "misnamed": mark("misnamed"),
    "syntax": mark("syntax error"),
    "unreadable": mark("cannot be read"),
    "archive": mark("archive not accepted"),
    "not_allowed": mark("uses what is not allowed"),
    "not_loaded": mark("cannot be imported"),
    NOT_RUN: mark("not run"),
}
"""The statuses of a result's exercises other than GRADED."""
STATES = (mark("passed"), mark("failed"), mark("error"), mark("timeout"))
"""The statuses of checks."""
OUT_OF_TIME = mark("out of time")
FLAGGED = mark("flagged, seems to use what is not allowed")
"""For instructors only: the points stand until they have looked."""
NOT_STARTED = mark("not started")
COMPLETE = mark("complete")
PARTLY, NOT_RIGHT = mark("partly right"), mark("not right yet")


def is_unwritten(test: TestResult) -> bool:
    """Whether a check met a part of the stub that is as it was given."""
    return test.kind == "not_written"


def status_word(status: str) -> str:
    """The status of an exercise in a word or two, which are English whatever the language."""
    return WORDS.get(status, status)


def verdict(exercise: ExerciseResult) -> str:
    """An exercise in a word or two, which are English whatever the language."""
    if exercise.status != GRADED:
        return status_word(exercise.status)
    if exercise.score >= exercise.max_score:
        return COMPLETE
    if all(map(is_unwritten, exercise.tests)):
        return NOT_STARTED
    if any(test.status == "timeout" for test in exercise.tests):
        return OUT_OF_TIME
    return PARTLY if exercise.score else NOT_RIGHT


def remark(result: Result | Failure) -> str:
    """A submission in a line, translated: GRADED, or the exercises whose marks need a word, by what became of them."""
    if isinstance(result, Absent):
        return tr(result.reason)
    if isinstance(result, Failure):
        return tr("not graded: {reason}", reason=result.reason.splitlines()[-1])
    if all(verdict(exercise) == NOT_STARTED for exercise in result.exercises.values()):
        return tr(NOT_STARTED)
    troubles: dict[str, list[str]] = {}
    for name, exercise in result.exercises.items():
        if exercise.status != GRADED or verdict(exercise) == OUT_OF_TIME:
            troubles.setdefault(verdict(exercise), []).append(name)
        elif exercise.evidence:
            troubles.setdefault(FLAGGED, []).append(name)
    every = len(result.exercises)
    told = (
        f"{tr(what)}: {tr('all exercises') if len(names) == every > 1 else ', '.join(names)}"
        for what, names in troubles.items()
    )
    return "; ".join(told) or tr(GRADED)


# -- what pages say
# --------------------------------------------------------------------------------------------------

HINT = mark("Hint:")
EXAMPLE = mark("In numbers:")
SEVERAL = mark("Your code behaves exactly like each of these; from outside, nobody can tell which:")
OTHERS = mark("Also wrong, perhaps through the same mistake:")
NUMBERS = (mark("at"), mark("got"), mark("expected"))
TABLE = (mark("exercise"), mark("points"), mark("state"))
START = mark(
    "Where you have not started, write your code in place of the line that raises NotImplementedError. "
    "Then the checks say more."
)

FOR_INSTRUCTORS = mark("For instructors")
FLAGGED_LINES = mark("To be looked at. The points stand, but this is not allowed in the exercise:")
DOUBTFUL_LINES = mark("To be read: by such lines, code can get round what is not allowed.")


def score(points: float, most: float) -> str:
    """A cell below "points"."""
    return tr("{points:g} of {most:g}", points=points, most=most)


def marks(points: float, most: float) -> str:
    return tr("{points:g} of {most:g} points", points=points, most=most)


def heading(title: str, points: float, most: float) -> str:
    return tr("{title}: {points:g} of {most:g} points", title=title, points=points, most=most)


def state(exercise: ExerciseResult) -> str:
    """An exercise in a cell of a table."""
    told = verdict(exercise)
    where = next((each.where for each in exercise.excerpts if each.line == exercise.tests[0].line), "")
    return tr("not started, see {where}", where=where) if told == NOT_STARTED and where else tr(told)


def of_student(student: str, marks: str) -> str:
    return f"{student}: {marks}"


def at_fault(where: str) -> str:
    """Above the student's own lines."""
    return tr("Your code at {where}:", where=where)


def behaves(mistake: str) -> str:
    return tr("Your code behaves exactly like code that {mistake}.", mistake=mistake)


def like(mistake: str) -> str:
    """An item below SEVERAL."""
    return tr("code that {mistake}.", mistake=mistake)


def line(text: str) -> str:
    """A title or message as a sentence."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def cost(points: float, checks: int) -> str:
    """What a cause costs, and how many checks fail for it."""
    lost = tr("Points lost: {points:g}.", points=points)
    return lost if checks == 1 else f"{tr('{count} checks fail for this reason.', count=checks)} {lost}"


def cost_of_others(points: float, checks: int) -> str:
    """The same of what is not listed any more."""
    return tr_n(
        "{count} more check fails for yet another reason. Points lost: {points:g}.",
        "{count} more checks fail for yet other reasons. Points lost: {points:g}.",
        checks,
        points=points,
    )


def more_of_these(count: int) -> str:
    """Below lines that are alike."""
    return tr_n("And {count} more line.", "And {count} more lines.", count)


def hidden(count: int) -> str:
    if count == 1:
        return tr("A hidden check does not pass, too.")
    return tr("{count} more checks do not pass; they are hidden.", count=count)


def works(exercise: ExerciseResult) -> str:
    return tr("Works: {passed} of {count} checks.", passed=_passed(exercise), count=len(exercise.tests))


def _raises_itself(test: TestResult, exercise: ExerciseResult) -> bool:
    """Is the line at which the student's code raised a `raise` of its own?"""
    lines = (each.lines[each.marked] for each in exercise.excerpts if each.line == test.line)
    return any(line.split()[:1] == ["raise"] for line in lines)


def advice(first: TestResult, exercise: ExerciseResult) -> str:
    """What to try next, where neither a check nor a known mistake has a hint of its own."""
    if is_unwritten(first):
        return tr("Write that part; the other checks need it.")
    if first.kind == "leftover":
        return tr("Delete that line; then the other checks see your code.")
    if first.kind == "missing":
        return tr("Define it in your file, outside of any other function or class, by the name that the stub has.")
    if first.kind == "names":
        return tr("Compare every name and shape with the stub.")
    if first.status == "error" and not first.line:
        return tr(
            "No line of yours was running: the check went on with what your code had returned or kept. Is that of the "
            "kind that is asked for, and was anything in it changed in place, detached or freed?"
        )
    if first.status == "error" and _raises_itself(first, exercise):
        return tr("Your own line raises this. Which condition leads to it, and should it hold here?")
    failing = sum(test.status != "passed" for test in exercise.tests)
    if first.status == "error" and 2 * failing < len(exercise.tests):
        return tr("Make that line work in this case; most other checks pass already.")
    if first.status == "error":
        return tr("Make that line work; most other checks wait for it.")
    if first.status == "timeout":
        return tr("Find the loop that does not end, or the step that takes so long; then submit again.")
    if first.kind == "value":
        return tr("Take a small input, and lay your output beside the formula's, step by step.")
    return ""


def checked(title: str) -> str:
    """What a check is about."""
    return line(tr("Checked: {title}", title=title))


def without_hint(message: str) -> tuple[list[str], str]:
    """The lines of a message, and the hint at its end without the word."""
    told, _, hint = message.partition(f"\n{tr(HINT)} ")
    return [line for line in told.splitlines() if line.strip()], hint


def run(result: Result) -> str:
    """For instructors: what repeats the grading."""
    return tr(
        "Seed {seed}, suite {suite}, isolation {isolation}.",
        seed=result.seed,
        suite=result.suite,
        isolation=result.isolation,
    )


def check(name: str, visibility: str) -> str:
    return f"{name} ({visibility})"


def _passed(exercise: ExerciseResult) -> int:
    return sum(test.status == "passed" for test in exercise.tests)


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
