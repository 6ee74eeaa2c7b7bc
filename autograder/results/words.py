"""What becomes of an exercise in words: those that grades.csv, the terminal and every page share, and what pages say.

Every sentence is whole, and stands here alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.model import NOT_RUN, Absent, ExerciseResult, Failure, Result, TestResult

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
COMPLETE = "complete"


def is_unwritten(test: TestResult) -> bool:
    """Whether a check met a part of the stub that is as it was given."""
    return test.message.startswith("Not implemented yet")


def verdict(exercise: ExerciseResult) -> str:
    """An exercise in a word or two."""
    if exercise.status != GRADED:
        return WORDS.get(exercise.status, exercise.status)
    if exercise.score >= exercise.max_score:
        return COMPLETE
    if all(map(is_unwritten, exercise.tests)):
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


# -- what pages say
# --------------------------------------------------------------------------------------------------

HINT = "Hint:"
EXAMPLE = "In numbers:"
SEVERAL = "Your code behaves exactly like each of these; from outside, nobody can tell which:"
OTHERS = "Wrong for other reasons:"
NUMBERS = ("at", "got", "expected")
TABLE = ("exercise", "points", "state")
START = (
    "Where you have not started, write your code in place of the line that raises NotImplementedError. "
    "Then the checks say more."
)
WITHHELD = "Does not count yet: what is about names and form alone."

_NAMES_AND_SHAPES = re.compile(r"no parameter or buffer is called|not asked for|`[\w.]+` has shape")
"""What is said of a module whose parameters are not those of the reference: computing by hand would not help."""

FOR_INSTRUCTORS = "For instructors"
FLAGGED_LINES = "To be looked at. The points stand, but this is not allowed in the exercise:"
DOUBTFUL_LINES = "To be read: by such lines, code can get round what is not allowed."


def score(points: float, most: float) -> str:
    """A cell below "points"."""
    return f"{points:g} of {most:g}"


def marks(points: float, most: float) -> str:
    return f"{points:g} of {most:g} points"


def heading(title: str, points: float, most: float) -> str:
    return f"{title}: {points:g} of {most:g} points"


def state(exercise: ExerciseResult) -> str:
    """An exercise in a cell of a table."""
    told = verdict(exercise)
    where = next((each.where for each in exercise.excerpts if each.line == exercise.tests[0].line), "")
    return f"not started, see {where}" if told == NOT_STARTED and where else told


def of_student(student: str, marks: str) -> str:
    return f"{student}: {marks}"


def at_fault(where: str) -> str:
    """Above the student's own lines."""
    return f"Your code at {where}:"


def behaves(mistake: str) -> str:
    return f"Your code behaves exactly like code that {mistake}."


def like(mistake: str) -> str:
    """An item below SEVERAL."""
    return f"code that {mistake}."


def line(text: str) -> str:
    """A title or message as a sentence."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def cost(points: float, checks: int) -> str:
    """What a cause costs, and how many checks fail for it."""
    if checks == 1:
        return f"Points lost: {points:g}."
    return f"{checks} checks fail for this reason. Points lost: {points:g}."


def cost_of_others(points: float, checks: int) -> str:
    """The same of what is not listed any more."""
    if checks == 1:
        return f"1 more check fails for yet another reason. Points lost: {points:g}."
    return f"{checks} more checks fail for yet other reasons. Points lost: {points:g}."


def more_of_these(count: int) -> str:
    """Below lines that are alike."""
    return "And 1 more line." if count == 1 else f"And {count} more lines."


def hidden(count: int) -> str:
    return f"{count} more checks do not pass; they are hidden." if count > 1 else "A hidden check does not pass, too."


def works(exercise: ExerciseResult) -> str:
    return f"Works: {_passed(exercise)} of {len(exercise.tests)} checks."


def advice(first: TestResult, exercise: ExerciseResult) -> str:
    """What to try next, where neither a check nor a known mistake has a hint of its own."""
    if is_unwritten(first):
        return "Write that part; the other checks need it."
    if first.message.startswith("Delete "):
        return "Delete that line; then the other checks see your code."
    failing = sum(test.status != "passed" for test in exercise.tests)
    if first.status == "error" and 2 * failing < len(exercise.tests):
        return "Make that line work in this case; most other checks pass already."
    if first.status == "error":
        return "Make that line work; most other checks wait for it."
    if first.status == "timeout":
        return "Find the loop that does not end, or the step that takes so long; then submit again."
    if _NAMES_AND_SHAPES.search(first.message):
        return "Compare every name and shape with the stub."
    if " differ" in first.message:
        return "Take a small input in float64, and lay your output beside the formula's, step by step."
    return "Take sizes as small as they get, and compare every step with the handout."


def without_hint(message: str) -> tuple[list[str], str]:
    """The lines of a message, and the hint at its end without the word."""
    told, _, hint = message.partition(f"\n{HINT} ")
    return [line for line in told.splitlines() if line.strip()], " ".join(hint.split())


def run(result: Result) -> str:
    """For instructors: what repeats the grading."""
    return f"Seed {result.seed}, suite {result.suite}, isolation {result.isolation}."


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
