"""Puts a result into the form of results.json.

The texts at the top are read by every student at once, so they are made from nothing but what students may see now:
visible checks, and the diagnosis where the assignment allows it. (A visible check of form scores 0 while no hidden
check of values passes: that much is told.) What is hidden until later stands in its own entries, whose visibility
Gradescope keeps.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET, structs

from autograder import __version__
from autograder.course.assignment import Assignment, Visibility
from autograder.gradescope.metadata import Metadata
from autograder.gradescope.policy import Lateness, Refusal
from autograder.gradescope.specification import Results, Standing, Test
from autograder.results.feedback import known_mistakes, next_step
from autograder.results.model import NOT_RUN, ExerciseResult, Result, TestResult
from autograder.results.words import WORDS

_WIDTH = 64
"""Columns of a message: Gradescope shows it in half a window and does not wrap it."""

_LATER = {
    "after_due_date": "after the due date",
    "after_published": "when the grades are published",
    "hidden": "to instructors only",
}

NOT_GRADED = Results(
    score=0.0,
    output=(
        "**Your submission could not be graded yet.** That is no fault of your code as far as we know. "
        "Please tell your instructor, who can run the autograder again."
    ),
    output_format="md",
    stdout_visibility="hidden",
    tests=(),
)
"""What stands in results.json until there is something better."""


@dataclass(frozen=True)
class Circumstances:
    """What belongs into results.json beside the result."""

    seconds: float
    """Since grading began."""
    metadata: Metadata = field(default_factory=Metadata)
    late: Lateness | None = None
    stopped: str = ""
    """Why exercises that have not been run were not."""


def results_of(result: Result, assignment: Assignment, circumstances: Circumstances) -> Results:
    """results.json for one submission."""
    late = circumstances.late
    return Results(
        score=_hundredths(result.score * (late.factor if late is not None else 1.0)),
        execution_time=round(circumstances.seconds, 2),
        output="\n\n".join(_summary(result, assignment, circumstances)),
        output_format="md",
        stdout_visibility="hidden",
        tests=tuple(_entries(result, assignment, circumstances)),
        leaderboard=_leaderboard(result) if assignment.gradescope.leaderboard else UNSET,
        extra_data=_extra_data(result, circumstances),
    )


def refused(refusal: Refusal, assignment: Assignment) -> Results:
    """results.json for one submission too many: the score before it stays, and so does what was seen of it."""
    again = refusal.again.strftime("%d %B, %H:%M (UTC%z)")
    output = (
        f"**Not graded.** {_count(refusal.graded, 'submission')} within 24 hours are graded, and you have had them. "
        f"The next one is graded after {again}. Your last result stands until then."
    )
    # Gradescope shows the total only where every test is visible; without tests, the file's own visibility decides.
    return Results(
        score=refusal.last.score,
        output=output,
        output_format="md",
        stdout_visibility="hidden",
        tests=_tests_before(refusal),
        visibility=assignment.feedback.hidden_tests,
        extra_data={"engine": __version__, "refused": True},
    )


def _tests_before(refusal: Refusal) -> tuple[Test, ...]:
    try:
        return msgspec.convert((refusal.last.results or {}).get("tests", []), tuple[Test, ...])
    except msgspec.ValidationError:
        return ()


def _summary(result: Result, assignment: Assignment, circumstances: Circumstances) -> list[str]:
    parts = [_line_of_marks(result, assignment)]
    if circumstances.late is not None:
        parts.append(_told_lateness(circumstances.late))
    if any(exercise.status == NOT_RUN for exercise in result.exercises.values()):
        parts.append(f"**Not everything was graded.** {circumstances.stopped} What was not run counts 0 for now.")
    parts.append(_table(result, assignment))
    parts += _first_step(result, assignment)
    if assignment.feedback.diagnosis == "visible":
        for exercise in assignment.exercises:
            parts += [f"{exercise.title}. {part}" for part in known_mistakes(result.exercises[exercise.name])[:1]]
            parts += known_mistakes(result.exercises[exercise.name])[1:]
    if result.notes:
        # After the items of a list, an indented block would be one more paragraph of the last item: Markdown again.
        parts += ["**About what you handed in:**", *map(_block, result.notes)]
    return parts


def _line_of_marks(result: Result, assignment: Assignment) -> str:
    visible = [test for exercise in result.exercises.values() for test in _visible(exercise)]
    hidden = sum(len(exercise.tests) for exercise in result.exercises.values()) - len(visible)
    scored, most = _points(visible)
    if not hidden:
        return f"**{assignment.title}: {scored:g} of {most:g} points**"
    passed = sum(test.status == "passed" for test in visible)
    rest = _hundredths(result.max_score - most)
    return (
        f"**{assignment.title}: {passed} of {_count(len(visible), 'visible check')} passed, "
        f"{scored:g} of {most:g} points.** The other {_count(hidden, 'check')}, worth {rest:g} points, "
        f"{'is' if hidden == 1 else 'are'} shown {_when(result)}."
    )


def _when(result: Result) -> str:
    """When the checks that are not visible are shown."""
    kinds = {test.visibility for exercise in result.exercises.values() for test in exercise.tests} - {"visible"}
    return " or ".join(text for kind, text in _LATER.items() if kind in kinds)


def _table(result: Result, assignment: Assignment) -> str:
    rows = ["| exercise | checks | points |", "|---|---|---|"]
    for exercise in assignment.exercises:
        found = result.exercises[exercise.name]
        tests = _visible(found)
        passed = sum(test.status == "passed" for test in tests)
        state = f"{passed} of {len(tests)}" if found.status == "graded" else WORDS[found.status]
        scored, most = _points(tests)
        rows.append(f"| {exercise.title} | {state} | {scored:g} / {most:g} |")
    return "\n".join(rows)


def _first_step(result: Result, assignment: Assignment) -> list[str]:
    """What to do first: the first exercise that was not graded, else the first visible check that does not pass."""
    for exercise in assignment.exercises:
        found = result.exercises[exercise.name]
        if found.status not in ("graded", NOT_RUN):
            return [f"**Do this first:** {exercise.title}", _block(found.message)]
    for exercise in assignment.exercises:
        found = result.exercises[exercise.name]
        tests = tuple(_visible(found))
        failing = [test for test in tests if test.status != "passed"]
        if found.status == "graded" and failing:
            # Advice from hidden checks would tell how many of them pass.
            shown = structs.replace(found, tests=tests, diagnosis=())
            advice = next_step(failing[0], shown)
            return [
                f"**Do this first:** {exercise.title}: {failing[0].title}",
                _block(failing[0].message),
                f"Next: {advice}",
            ]
    return []


def _told_lateness(late: Lateness) -> str:
    when = f"**Late:** {_count(late.days, 'day')} after the due date"
    if not late.accepted:
        return f"{when}. It is not accepted any more and counts 0; the checks below were run all the same."
    return f"{when}. {100 * late.factor:g}% of the marks count."


def _entries(result: Result, assignment: Assignment, circumstances: Circumstances) -> Iterable[Test]:
    for place, exercise in enumerate(assignment.exercises, start=1):
        found = result.exercises[exercise.name]
        # What students see comes first, so that their list begins with 1.1.
        for number, test in enumerate([*_visible(found), *_not_visible(found)], start=1):
            message = circumstances.stopped if found.status == NOT_RUN else test.message
            passed = test.status == "passed"
            output = "Passed." if passed else _block(message or "This check did not pass.")
            yield Test(
                name=f"{exercise.title}: {test.title}",
                number=f"{place}.{number}",
                score=test.score,
                max_score=test.max_score,
                status="passed" if passed else "failed",
                visibility=msgspec.convert(test.visibility, Visibility),
                output=f"{output}\n\n{test.note}" if test.note else output,
                output_format="md",
            )
    if assignment.feedback.diagnosis == "after_due_date":
        for place, exercise in enumerate(assignment.exercises, start=1):
            known = known_mistakes(result.exercises[exercise.name])
            if known:
                yield Test(
                    name=f"{exercise.title}: what your code does",
                    number=f"{place}.0",
                    visibility="after_due_date",
                    output="\n\n".join(known),
                    output_format="md",
                )


def _leaderboard(result: Result) -> tuple[Standing, ...]:
    # Everybody sees it: points of hidden checks must not be in it.
    scored, _ = _points([test for exercise in result.exercises.values() for test in _visible(exercise)])
    return (Standing(name="points of visible checks", value=scored),)


def _extra_data(result: Result, circumstances: Circumstances) -> dict[str, Any]:
    data: dict[str, Any] = {
        "engine": __version__,
        "seed": result.seed,
        "suite": result.suite,
        "isolation": result.isolation,
        "submission": circumstances.metadata.id,
    }
    if circumstances.late is not None:
        data["days_late"] = circumstances.late.days
    return data


def _visible(exercise: ExerciseResult) -> list[TestResult]:
    return [test for test in exercise.tests if test.visibility == "visible"]


def _not_visible(exercise: ExerciseResult) -> list[TestResult]:
    return [test for test in exercise.tests if test.visibility != "visible"]


def _points(tests: Sequence[TestResult]) -> tuple[float, float]:
    return _hundredths(sum(test.score for test in tests)), _hundredths(sum(test.max_score for test in tests))


def _hundredths(points: float) -> float:
    return round(points, 2)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _block(message: str) -> str:
    """A message as an indented block, which Markdown leaves alone, with lines that fit into the column."""
    lines = [
        part
        for line in message.expandtabs().splitlines()
        for part in textwrap.wrap(line, _WIDTH, break_on_hyphens=False, subsequent_indent=_hanging(line)) or [""]
    ]
    return "\n".join(f"    {line}" for line in lines)


def _hanging(line: str) -> str:
    """The indentation of a line, for its continuations; they keep half of the column at least."""
    return line[: len(line) - len(line.lstrip())][: _WIDTH // 2]
