"""A student's feedback as Markdown: marks, what works, the first thing that does not, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.results.model import ExerciseResult, Result, TestResult

_WHY = {
    "missing": "not found",
    "misnamed": "misnamed",
    "syntax": "syntax error",
    "unreadable": "cannot be read",
    "archive": "archive not accepted",
    "not_allowed": "uses what is not allowed",
    "not_loaded": "cannot be imported",
}


def feedback(result: Result, titles: Mapping[str, str]) -> str:
    """The whole page. `titles` are the exercises' titles by name. Hidden tests are counted, not shown."""
    parts = [f"# {result.assignment}: {result.student}", f"**{result.score:g} of {result.max_score:g} points**"]
    parts += [f"> {note}" for note in result.notes]
    rows = ["| exercise | points | |", "|---|---|---|"]
    for name, exercise in result.exercises.items():
        rows.append(f"| {titles[name]} | {exercise.score:g} / {exercise.max_score:g} | {verdict(exercise)} |")
    parts.append("\n".join(rows))
    parts += [_exercise(titles[name], exercise) for name, exercise in result.exercises.items()]
    return "\n\n".join(parts) + "\n"


def verdict(exercise: ExerciseResult) -> str:
    """An exercise in a word or two."""
    if exercise.status != "graded":
        return _WHY.get(exercise.status, exercise.status)
    if exercise.score >= exercise.max_score:
        return "complete"
    if all(test.message.startswith("Not implemented yet") for test in exercise.tests):
        return "not started"
    return "partly right" if exercise.score else "not right yet"


def _exercise(title: str, exercise: ExerciseResult) -> str:
    heading = f"## {title}: {exercise.score:g} / {exercise.max_score:g}"
    if exercise.status != "graded":
        return f"{heading}\n\n{_block(exercise.message)}"
    passed = [test for test in exercise.tests if test.status == "passed"]
    failing = [test for test in exercise.tests if test.status != "passed"]
    if not failing:
        return f"{heading}\n\nAll {len(passed)} checks pass."
    parts = [heading]
    if passed:
        parts.append(f"**Works** ({len(passed)} of {len(exercise.tests)} checks): {_listed(passed)}.")
    shown = [test for test in failing if test.visibility != "hidden"]
    if shown:
        first, *others = shown
        parts.append(f"**Look at this first:** {first.title} ({first.max_score:g} points)\n\n{_block(first.message)}")
        if exercise.diagnosis:
            parts.append("\n".join(f"- {diagnosis.title}: {diagnosis.hint}" for diagnosis in exercise.diagnosis))
        if others:
            rows = [f"- {test.title} ({test.max_score:g} points): {_short(test, first)}" for test in others]
            parts.append("**Then:**\n\n" + "\n".join(rows))
    if len(shown) < len(failing):
        parts.append(f"{len(failing) - len(shown)} more checks do not pass; they are hidden.")
    return "\n\n".join(parts)


def _listed(tests: list[TestResult]) -> str:
    titles = list(dict.fromkeys(test.title for test in tests))
    return "; ".join(titles)


def _short(test: TestResult, first: TestResult) -> str:
    """The message on one line, or a word where it repeats the first."""
    if test.message == first.message:
        return "the same"
    return " ".join(test.message.split())


def _block(message: str) -> str:
    """A message as an indented block: nothing in it is read as Markdown or HTML."""
    return "\n".join(f"    {line}" for line in message.splitlines())
