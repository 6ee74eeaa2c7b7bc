"""Puts a result into the form of results.json.

The texts at the top are read by every student at once, so they are made from nothing but what students may see now:
visible checks, and the diagnosis where the assignment allows it. (A visible check of form scores 0 while no hidden
check of values passes: that much is told.) What is hidden until later stands in its own entries, whose visibility
Gradescope keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET, structs

from autograder import __version__
from autograder.course.assignment import Assignment, Visibility
from autograder.gradescope.policy import Lateness, Refusal
from autograder.gradescope.results_file import Results, Standing, Test
from autograder.language import mark, tr, tr_n
from autograder.results.feedback import behaviour, inline, markdown, message
from autograder.results.model import NOT_RUN, ExerciseResult, Result, TestResult
from autograder.results.page import has_section, known, section
from autograder.results.prose import prose
from autograder.results.words import NOT_STARTED, START, WORDS, verdict

_LATER = {
    "after_due_date": mark("after the due date"),
    "after_published": mark("when the grades are published"),
    "hidden": mark("to instructors only"),
}


def not_graded() -> Results:
    """What stands in results.json until there is something better."""
    return Results(
        score=0.0,
        output=tr(
            "**Your submission could not be graded yet.** That is no fault of your code as far as we know. Please tell "
            "your instructor, who can run the autograder again."
        ),
        output_format="md",
        stdout_visibility="hidden",
        tests=(),
    )


def results_of(
    result: Result,
    assignment: Assignment,
    seconds: float,
    submission: str = "",
    late: Lateness | None = None,
    stopped: str = "",
) -> Results:
    """results.json for one submission.

    `seconds` have passed since grading began, `submission` is its id, `stopped` says why exercises that have not been
    run were not.
    """
    visible = [test for exercise in result.exercises.values() for test in _visible(exercise)]
    # Everybody sees the leaderboard: points of hidden checks must not be in it.
    standing = Standing(name=tr("points of visible checks"), value=_points(visible)[0])
    extra = {
        "engine": __version__,
        "seed": result.seed,
        "suite": result.suite,
        "isolation": result.isolation,
        "submission": submission,
    }
    return Results(
        score=round(result.score * (late.factor if late is not None else 1.0), 2),
        execution_time=round(seconds, 2),
        output="\n\n".join(_summary(result, assignment, late, stopped)),
        output_format="md",
        stdout_visibility="hidden",
        tests=tuple(_entries(result, assignment, stopped)),
        leaderboard=(standing,) if assignment.gradescope.leaderboard else UNSET,
        extra_data=extra if late is None else {**extra, "days_late": late.days},
    )


def refused(refusal: Refusal, assignment: Assignment) -> Results:
    """results.json for one submission too many: the score before it stays, and so does what was seen of it."""
    again = refusal.again.strftime("%d %B, %H:%M (UTC%z)")
    output = tr_n(
        "**Not graded.** {count} submission within 24 hours is graded, and you have had it. The next one is graded "
        "after {again}. Your last result stands until then.",
        "**Not graded.** {count} submissions within 24 hours are graded, and you have had them. The next one is graded "
        "after {again}. Your last result stands until then.",
        refusal.graded,
        again=again,
    )
    try:
        tests = msgspec.convert((refusal.last.results or {}).get("tests", []), tuple[Test, ...])
    except msgspec.ValidationError:
        tests = ()
    # Gradescope shows the total only where every test is visible; without tests, the file's own visibility decides.
    return Results(
        score=refusal.last.score,
        output=output,
        output_format="md",
        stdout_visibility="hidden",
        tests=tests,
        visibility=assignment.feedback.hidden_tests,
        extra_data={"engine": __version__, "refused": True},
    )


def _summary(result: Result, assignment: Assignment, late: Lateness | None, stopped: str) -> list[str]:
    parts = [_line_of_marks(result, assignment)]
    if late is not None:
        parts.append(_told_lateness(late))
    if any(exercise.status == NOT_RUN for exercise in result.exercises.values()):
        parts.append(tr("**Not everything was graded.** {stopped} What was not run counts 0 for now.", stopped=stopped))
    parts.append(_table(result, assignment))
    seen = {each.title: _seen_now(result.exercises[each.name], assignment) for each in assignment.exercises}
    if any(verdict(exercise) == NOT_STARTED for exercise in seen.values()):
        parts.append(tr(START))
    for title, exercise in seen.items():
        parts += markdown(section(title, exercise), level=3) if has_section(exercise) else []
    if result.notes:
        parts += [tr("**About what you handed in:**"), *(inline(prose(note)) for note in result.notes)]
    return parts


def _seen_now(exercise: ExerciseResult, assignment: Assignment) -> ExerciseResult:
    """What students may see of it now: causes are told by equal messages, where known mistakes are not to be told."""
    tests, told = _visible(exercise), assignment.feedback.diagnosis == "visible"
    if not told:
        messages = [test.message for test in tests]
        tests = [structs.replace(test, cause=1 + messages.index(test.message)) for test in tests]
    scored, most = _points(tests)
    diagnosis = exercise.diagnosis if told else ()
    return structs.replace(exercise, tests=tuple(tests), diagnosis=diagnosis, score=scored, max_score=most)


def _line_of_marks(result: Result, assignment: Assignment) -> str:
    visible = [test for exercise in result.exercises.values() for test in _visible(exercise)]
    hidden = sum(len(exercise.tests) for exercise in result.exercises.values()) - len(visible)
    scored, most = _points(visible)
    if not hidden:
        return tr("**{title}: {scored:g} of {most:g} points**", title=assignment.title, scored=scored, most=most)
    passed = sum(test.status == "passed" for test in visible)
    rest = round(result.max_score - most, 2)
    seen = tr_n(
        "**{title}: {passed} of {count} visible check passed, {scored:g} of {most:g} points.**",
        "**{title}: {passed} of {count} visible checks passed, {scored:g} of {most:g} points.**",
        len(visible),
        title=assignment.title,
        passed=passed,
        scored=scored,
        most=most,
    )
    kinds = {test.visibility for exercise in result.exercises.values() for test in exercise.tests}
    others = tr_n(
        "The other {count} check, worth {rest:g} points, is shown {when}.",
        "The other {count} checks, worth {rest:g} points, are shown {when}.",
        hidden,
        rest=rest,
        when=tr(" or ").join(tr(text) for kind, text in _LATER.items() if kind in kinds),
    )
    return f"{seen} {others}"


def _table(result: Result, assignment: Assignment) -> str:
    rows = [tr("| exercise | checks | points |"), "|---|---|---|"]
    for exercise in assignment.exercises:
        found = result.exercises[exercise.name]
        tests = _visible(found)
        passed = sum(test.status == "passed" for test in tests)
        told = tr(WORDS.get(found.status, ""))
        if found.status == "graded":
            told = tr("{passed} of {count}", passed=passed, count=len(tests))
        scored, most = _points(tests)
        rows.append(f"| {exercise.title} | {told} | {scored:g} / {most:g} |")
    return "\n".join(rows)


def _told_lateness(late: Lateness) -> str:
    when = tr_n("**Late:** {count} day after the due date", "**Late:** {count} days after the due date", late.days)
    if not late.accepted:
        return tr(
            "{when}. It is not accepted any more and counts 0; the checks below were run all the same.", when=when
        )
    return tr("{when}. {share:g}% of the marks count.", when=when, share=100 * late.factor)


def _entries(result: Result, assignment: Assignment, stopped: str) -> Iterable[Test]:
    for place, exercise in enumerate(assignment.exercises, start=1):
        found = result.exercises[exercise.name]
        # What students see comes first, so that their list begins with 1.1.
        for number, test in enumerate(sorted(found.tests, key=lambda test: test.visibility != "visible"), start=1):
            passed = test.status == "passed"
            told = [tr("Passed.")] if passed else message(test) or [tr("This check did not pass.")]
            if found.status == NOT_RUN:
                told = [inline(prose(stopped))]
            output = "\n\n".join([*told, test.note] if test.note else told)
            yield Test(
                name=f"{exercise.title}: {test.title}",
                number=f"{place}.{number}",
                score=test.score,
                max_score=test.max_score,
                status="passed" if passed else "failed",
                visibility=msgspec.convert(test.visibility, Visibility),
                output=output,
                output_format="md",
            )
    if assignment.feedback.diagnosis == "after_due_date":
        for place, exercise in enumerate(assignment.exercises, start=1):
            if explained := known(result.exercises[exercise.name]):
                yield Test(
                    name=tr("{title}: what your code does", title=exercise.title),
                    number=f"{place}.0",
                    visibility="after_due_date",
                    output="\n\n".join(behaviour(explained)),
                    output_format="md",
                )


def _visible(exercise: ExerciseResult) -> list[TestResult]:
    return [test for test in exercise.tests if test.visibility == "visible"]


def _points(tests: Sequence[TestResult]) -> tuple[float, float]:
    return round(sum(test.score for test in tests), 2), round(sum(test.max_score for test in tests), 2)
