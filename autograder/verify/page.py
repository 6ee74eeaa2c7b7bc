"""The matrix as a page to look at: one heat map per exercise, implementations by tests. Self-contained HTML."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.verify.matrix import Matrix
from autograder.verify.report import problems


def page(title: str, matrices: Sequence[Matrix]) -> str:
    """The page's text."""
    environment = Environment(
        loader=PackageLoader("autograder.verify"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    views = [_view(matrix) for matrix in matrices]
    return environment.get_template("matrix.html.j2").render(title=title, exercises=views)


def _view(matrix: Matrix) -> dict[str, object]:
    """What the template needs of one exercise. Rows by kind, the hardest to catch first."""
    alone = matrix.only_catch()
    kinds = []
    for kind, heading in (
        ("solution", "solution"),
        ("alternative", "alternatives"),
        ("mistake", "mistakes"),
        ("stub", "stub"),
        ("mutant", "mutants"),
    ):
        rows = sorted(matrix.of(kind), key=lambda row: (len(row.failed), row.implementation.name))
        if rows:
            kinds.append((heading, rows))
    wrong = len(matrix.of("mistake")) + len(matrix.of("mutant"))
    tests = [(test, len(matrix.catches(test)), alone.get(test, [])) for test in matrix.tests]
    return {
        "name": matrix.exercise,
        "kinds": kinds,
        "tests": tests,
        "wrong": wrong,
        "idle": [test for test, caught, _ in tests if caught == 0],
        "single": sum(len(names) for names in alone.values()),
        "proven": matrix.proven,
        "problems": problems(matrix),
        "explained": matrix.explained,
    }
