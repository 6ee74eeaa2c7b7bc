"""The closing table of a run, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from autograder.course.assignment import Assignment
from autograder.results.feedback import verdict
from autograder.results.model import ExerciseResult, Failure, Result


def class_table(assignment: Assignment, results: Iterable[Result | Failure]) -> Table:
    """A row per student: points of each exercise, total, and what could not be graded."""
    table = Table(title=assignment.title, title_justify="left", header_style="bold")
    table.add_column("student", no_wrap=True)
    for exercise in assignment.exercises:
        table.add_column(_heading(exercise.name), justify="right")
    table.add_column("total", justify="right", style="bold")
    table.add_column("remarks")
    for result in sorted(results, key=lambda result: result.student):
        if isinstance(result, Failure):
            table.add_row(Text(result.student), *[""] * len(assignment.exercises), "", Text("not graded", style="red"))
            continue
        cells = [_cell(result.exercises[name]) for name in assignment.exercise_names]
        table.add_row(Text(result.student), *cells, f"{result.score:g}", Text(_remarks(result), style="yellow"))
    return table


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
    rows = [f"  {count:3} x {name}: {title}" for (name, title), count in counts.most_common()]
    return ["Known mistakes in this class:", *rows]


def _heading(name: str) -> str:
    """The exercise's name, broken at its underscores: columns are narrow."""
    return name.replace("_", "\n")


def _cell(exercise: ExerciseResult) -> Text:
    style = "green" if exercise.score >= exercise.max_score else "red" if exercise.score == 0 else "yellow"
    return Text(f"{exercise.score:g}", style=style)


def _remarks(result: Result) -> str:
    troubles: dict[str, list[str]] = {}
    for name, exercise in result.exercises.items():
        if exercise.status != "graded":
            troubles.setdefault(verdict(exercise), []).append(name)
        elif any(test.status == "timeout" for test in exercise.tests):
            troubles.setdefault("out of time", []).append(name)
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in troubles.items())
