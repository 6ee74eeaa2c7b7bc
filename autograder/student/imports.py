"""Imports that work on a student's laptop and not where the file is graded."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autograder.language import tr
from autograder.submissions.model import Contents
from autograder.submissions.slices import SURELY_THERE


def notes_of(contents: Contents, exercises: Iterable[str]) -> list[str]:
    """What was noticed of the files of these exercises, and of each package that they import when they are imported,
    and that the grader need not have.
    """
    notes = list(contents.notes)
    for source in (contents.sources[name] for name in exercises if name in contents.sources):
        first: dict[str, int] = {}
        for statement in ast.parse(source.text).body:
            for name in _imported(statement):
                first.setdefault(name, statement.lineno)
        notes += [
            tr(
                "{exercise} imports {name} ({where}), which may be missing where it is graded; only PyTorch, "
                "torchvision, NumPy and the standard library are sure to be there.",
                exercise=source.exercise,
                name=name,
                where=source.position(line),
            )
            for name, line in first.items()
            if name not in SURELY_THERE
        ]
    return notes


def _imported(statement: ast.stmt) -> Iterator[str]:
    """The packages that it imports itself: under `try` an import may fail, and trials have an `if` around them."""
    if isinstance(statement, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and statement.module is not None and not statement.level:
        yield statement.module.partition(".")[0]
