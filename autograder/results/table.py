"""The closing table of a run, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.assignment import Assignment
from autograder.results.feedback import verdict
from autograder.results.model import ExerciseResult, Failure, Result

_MOST_MISTAKES = 10


def class_table(assignment: Assignment, results: Iterable[Result | Failure]) -> Table:
    """A row per student: points of each exercise, total, and what could not be graded."""
    table = Table(
        title=assignment.title, title_justify="left", header_style="bold", box=box.SIMPLE, padding=(0, 1, 0, 0)
    )
    table.add_column("student", no_wrap=True)
    for exercise in assignment.exercises:
        table.add_column(_heading(exercise.name), justify="right", no_wrap=True)
    table.add_column("total", justify="right", style="bold", no_wrap=True)
    for result in sorted(results, key=lambda result: result.student):
        if isinstance(result, Failure):
            table.add_row(Text(result.student), *[""] * len(assignment.exercises), Text("not graded", style="red"))
            continue
        cells = [_cell(result.exercises[name]) for name in assignment.exercise_names]
        table.add_row(Text(result.student), *cells, f"{result.score:g}")
    return table


def remarks(results: Iterable[Result | Failure]) -> list[str]:
    """A line for every student whose marks need a word: what could not be graded, and why."""
    lines = []
    for result in sorted(results, key=lambda result: result.student):
        text = _remarks(result) if isinstance(result, Result) else f"not graded: {result.reason.splitlines()[-1]}"
        if text:
            lines.append(f"  {result.student}: {text}")
    return ["Remarks:", *lines] if lines else []


def common_mistakes(results: Iterable[Result | Failure]) -> list[str]:
    """How many students made which known mistake, the most common first."""
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        for name, exercise in result.exercises.items() if isinstance(result, Result) else ():
            # Several names for one behaviour are one mistake.
            title = " / ".join(diagnosis.title for diagnosis in exercise.diagnosis)
            counts.update([(name, title)] if title else [])
    if not counts:
        return []
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    rows = [f"  {count:3} x {name}: {title}" for (name, title), count in ranked[:_MOST_MISTAKES]]
    left = len(ranked) - len(rows)
    return ["Known mistakes in this class:", *rows, *([f"      and {left} others, see results/"] if left else [])]


def _heading(name: str) -> str:
    """The exercise's name, broken at its underscores: columns are narrow."""
    return name.replace("_", "\n")


def _cell(exercise: ExerciseResult) -> Text:
    style = "green" if exercise.score >= exercise.max_score else "red" if exercise.score == 0 else "yellow"
    return Text(f"{exercise.score:g}", style=style)


def _remarks(result: Result) -> str:
    if all(verdict(exercise) == "not started" for exercise in result.exercises.values()):
        return "not started"
    troubles: dict[str, list[str]] = {}
    for name, exercise in result.exercises.items():
        if exercise.status != "graded":
            troubles.setdefault(verdict(exercise), []).append(name)
        elif exercise.evidence:
            troubles.setdefault("to be looked at, seems to use what is not allowed", []).append(name)
        elif any(test.status == "timeout" for test in exercise.tests):
            troubles.setdefault("out of time", []).append(name)
    every = len(result.exercises)
    return "; ".join(
        f"{what}: {'all exercises' if len(names) == every > 1 else ', '.join(names)}"
        for what, names in troubles.items()
    )
