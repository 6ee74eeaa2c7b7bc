"""Imports that work on a student's laptop and not where the file is graded."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autograder.language import tr
from autograder.submissions.model import Contents, SourceFile
from autograder.submissions.slices import SURELY_THERE


def notes_of(contents: Contents, exercises: Iterable[str]) -> list[str]:
    """What was noticed of the files of these exercises."""
    sources = [contents.sources[name] for name in exercises if name in contents.sources]
    return [*contents.notes, *(note for source in sources for note in not_where_graded(source))]


def not_where_graded(source: SourceFile) -> list[str]:
    """A note for each package that is imported when the file is, and that the grader need not have."""
    first: dict[str, int] = {}
    for statement in ast.parse(source.text).body:
        for name in _imported(statement):
            first.setdefault(name, statement.lineno)
    return [
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


def _imported(statement: ast.stmt) -> Iterator[str]:
    """The packages that it imports itself: under `try` an import may fail, and trials have an `if` around them."""
    if isinstance(statement, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and statement.module is not None and not statement.level:
        yield statement.module.partition(".")[0]
