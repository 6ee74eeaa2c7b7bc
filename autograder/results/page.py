"""What a page tells of each exercise, cause by cause: the same for Markdown, HTML and Gradescope.

The first thing that is wrong is told in full, once. What follows from the same cause is counted, what has another cause
has a line, and what works a number. Which checks have one cause is in the result.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.course.assignment import Assignment
from autograder.language import tr
from autograder.results import words
from autograder.results.model import NOT_RUN, Excerpt, ExerciseResult, Number, Result, TestResult
from autograder.results.prose import Prose, prose

_LINES = 5
"""For what is wrong for other reasons, on a whole page: who has much to mend begins with the first of each exercise."""
_MOST_LINES = 4
"""The same for one exercise."""
_MOST_REASONS = 6
"""Lines of why nothing of an exercise was graded."""
_SHORT = 150
"""Characters of a message that have room in a line."""
_CLAUSE = 50
"""Characters behind the last comma that say little by themselves."""
_LONGEST = 1_500
"""Characters. Ours have a tenth of it; names that students choose may be as long as they like."""


@dataclass(frozen=True)
class Known:
    """What the code behaves like: one known mistake or several, each with its hint."""

    told: Prose
    """The whole sentence, which ends in a colon if there are several."""
    hint: Prose
    """Of the only one."""
    several: tuple[tuple[Prose, Prose], ...] = ()


@dataclass(frozen=True)
class First:
    """The first thing that is wrong."""

    title: Prose
    message: tuple[Prose, ...]
    hint: Prose
    """Empty where a known mistake has a better one."""
    known: Known | None
    excerpt: Excerpt | None
    example: Prose
    """What a public check compared, where that is not the message."""
    numbers: tuple[Number, ...]
    cost: str


@dataclass(frozen=True)
class Other:
    """What is wrong for another reason."""

    told: Prose
    cost: str


@dataclass(frozen=True)
class Section:
    """What there is to say of an exercise that is not complete."""

    heading: str
    reason: tuple[Prose, ...] = ()
    """Why nothing of it was graded."""
    excerpt: Excerpt | None = None
    first: First | None = None
    others: tuple[Other, ...] = ()
    closing: Prose = ()
    """What is only counted, and what works."""


@dataclass(frozen=True)
class Page:
    """A student's page."""

    title: str
    student: str
    marks: str
    notes: tuple[Prose, ...]
    rows: tuple[tuple[str, str, str, str], ...]
    """Title, points and state of each exercise, and how good that is: good | part | bad."""
    start: bool
    """Whether something has not been started."""
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Trace:
    """A check that did not pass, as its suite saw it."""

    heading: str
    message: str
    trace: str


@dataclass(frozen=True)
class Evidence:
    """For instructors only: lines of one exercise's code to look at, and what its suite saw."""

    title: str
    flags: tuple[tuple[str, tuple[str, ...]], ...]
    """A sentence each, and the lines that it is about."""
    traces: tuple[Trace, ...]


def evidence(result: Result, assignment: Assignment) -> list[Evidence]:
    """What instructors see of each exercise beside the page, where there is any."""
    found, titles = [], {each.name: each.title for each in assignment.exercises}
    for name, exercise in result.exercises.items():
        flags = [(tr(words.FLAGGED_LINES), exercise.evidence), (tr(words.DOUBTFUL_LINES), exercise.doubtful)]
        traces = [
            Trace(words.check(test.name, test.visibility), test.message, test.trace)
            for test in exercise.tests
            if test.trace
        ]
        found.append(Evidence(titles[name], tuple((what, lines) for what, lines in flags if lines), tuple(traces)))
    return [each for each in found if each.flags or each.traces]


def page_of(result: Result, assignment: Assignment) -> Page:
    """The page of a result. Hidden checks are counted, not shown."""
    exercises, titles = result.exercises, {each.name: each.title for each in assignment.exercises}
    told = [name for name, exercise in exercises.items() if has_section(exercise)]
    with_others = sum(len(_causes(exercises[name])) > 1 for name in told)
    lines = min(_MOST_LINES, _LINES // max(1, with_others))
    return Page(
        assignment.title,
        result.student,
        words.marks(result.score, result.max_score),
        tuple(prose(note[:_LONGEST]) for note in result.notes),
        tuple((titles[name], *_row(exercise)) for name, exercise in exercises.items()),
        any(words.verdict(exercise) == words.NOT_STARTED for exercise in exercises.values()),
        tuple(section(titles[name], exercises[name], lines) for name in told),
    )


def has_section(exercise: ExerciseResult) -> bool:
    """Whether there is more to say of it than its row in the table does."""
    return words.verdict(exercise) not in (words.COMPLETE, words.NOT_STARTED) and exercise.status != NOT_RUN


def section(title: str, exercise: ExerciseResult, lines: int = _MOST_LINES) -> Section:
    """What is wrong with an exercise. Of checks that must not be seen yet, `exercise` holds none. At most so many other
    causes have a line.
    """
    heading = words.heading(title, exercise.score, exercise.max_score)
    if exercise.status != words.GRADED:
        excerpt = exercise.excerpts[0] if exercise.excerpts else None
        reasons = exercise.message.splitlines()
        left = len(reasons) - _MOST_REASONS
        more = (prose(words.more_of_these(left)),) if left > 0 else ()
        return Section(heading, _paragraphs(reasons[:_MOST_REASONS]) + more, excerpt)
    first, *others = _causes(exercise) or [[]]
    listed, unlisted = others[:lines], others[lines:]
    closing = []
    if unlisted:
        rest = [test for tests in unlisted for test in tests]
        closing.append(words.cost_of_others(_lost(rest), len(rest)))
    if hidden := sum(test.status != "passed" and test.visibility == "hidden" for test in exercise.tests):
        closing.append(words.hidden(hidden))
    if any(test.status == "passed" for test in exercise.tests):
        closing.append(words.works(exercise))
    if withheld := next((test.note for test in exercise.tests if test.status == "passed" and test.note), ""):
        closing.append(withheld)
    return Section(
        heading,
        first=_first(first, exercise) if first else None,
        others=tuple(_other(tests, exercise) for tests in listed),
        closing=prose(" ".join(closing)),
    )


def _row(exercise: ExerciseResult) -> tuple[str, str, str]:
    worth = "good" if exercise.score >= exercise.max_score else "part" if exercise.score else "bad"
    return words.score(exercise.score, exercise.max_score), words.state(exercise), worth


def _causes(exercise: ExerciseResult) -> list[list[TestResult]]:
    """Failing checks that are shown, those of one cause together, in the order of the suite."""
    groups: dict[int, list[TestResult]] = {}
    for place, test in enumerate(exercise.tests):
        if test.status != "passed" and test.visibility != "hidden":
            groups.setdefault(test.cause or -1 - place, []).append(test)
    return list(groups.values())


def known(exercise: ExerciseResult, cause: int | None = None) -> Known | None:
    """The known mistakes that explain a cause; without one, all of them."""
    found = [each for each in exercise.diagnosis if cause in (None, each.cause)]
    if len(found) == 1:
        return Known(prose(words.behaves(found[0].title)), prose(found[0].hint))
    several = tuple((prose(words.like(each.title)), prose(each.hint)) for each in found)
    return Known(prose(tr(words.SEVERAL)), (), several) if several else None


def _first(tests: Sequence[TestResult], exercise: ExerciseResult) -> First:
    told, others = tests[0], [test for test in exercise.tests if test not in tests]
    message, hint = words.without_hint(told.message[:_LONGEST])
    explained = known(exercise, told.cause)
    unwritten = words.is_unwritten(told)
    with_numbers = next((test for test in tests if test.numbers), told)
    example = words.without_hint(with_numbers.message)[0] if with_numbers is not told else []
    return First(
        prose(words.checked(told.title)),
        _paragraphs(message),
        () if explained else prose(hint or words.advice(told, exercise)),
        explained,
        next((excerpt for excerpt in exercise.excerpts if excerpt.line == told.line and not unwritten), None),
        prose(example[0][:_LONGEST]) if example else (),
        with_numbers.numbers,
        # Points of checks are rounded, and those of the exercise are not made of them.
        words.cost(round(exercise.max_score - exercise.score - _lost(others), 2), len(tests)),
    )


def _other(tests: Sequence[TestResult], exercise: ExerciseResult) -> Other:
    told = tests[0]
    behaves = [words.behaves(each.title) for each in exercise.diagnosis if each.cause == told.cause]
    message = " ".join(behaves[:1] or words.without_hint(told.message)[0])
    return Other(prose(words.line(_shortened(message) or told.title)), words.cost(_lost(tests), len(tests)))


def _shortened(message: str) -> str:
    """What of a message has room in a line: whole words, and code that is marked as such whole or not at all."""
    shortened = textwrap.shorten(message, _SHORT, placeholder=" ...")
    if shortened != message and "," in shortened[-_CLAUSE:]:
        shortened = f"{shortened[: shortened.rindex(',')]} ..."
    if shortened.count("`") % 2:
        shortened = f"{shortened[: shortened.rindex('`')].rstrip()} ..."
    return shortened


def _paragraphs(lines: Iterable[str]) -> tuple[Prose, ...]:
    return tuple(prose(line[:_LONGEST]) for line in lines if line.strip())


def _lost(tests: Iterable[TestResult]) -> float:
    return round(sum(test.max_score - test.score for test in tests), 2)
