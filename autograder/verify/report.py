"""The verdict on suites, for the terminal and as JSON (schema 1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from textwrap import indent
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.language import mark, tr
from autograder.results.words import status_word
from autograder.verify.matrix import IN_PUBLIC, LEAST, MOST, Matrix, Row

_WHAT_TO_DO = mark("""\
{exercise}: a mutant that survives is wrong code with full marks. Add a check that notices it. Where it truly behaves
  the same, say why in tests/{assignment}/{exercise}/equivalent_mutants.toml, a line each:  "{id}" = "the reason\"""")
_FIGURES = (
    *(mark("right\nones"), mark("mistakes\ncaught"), mark("in\npublic"), mark("for\nnothing")),
    *(mark("mutants\nkilled"), mark("kept")),
)
_PROBLEMS = {
    "missed": mark("mistake {name} gets full marks"),
    "refused": mark("{kind} {name} loses points ({status}): {messages}"),
    "cheap": mark("mistake {name} costs {at_least:.0%}; one slip costs {least:.0%} at least"),
    "dear": mark(
        "mistake {name} costs {at_most:.0%}; one slip costs {most:.0%} at most, or its file says why "
        '("Costs more: ...")'
    ),
    "stub": mark("the untouched stub gets {points:g} points"),
    "hollow": mark("hollow {name} gets {points:g} of {max_score:g} points for computing nothing"),
    "unexplained": mark("mutant {name} survives, unexplained:"),
    "faults": mark("{label} could not be tried: {fault}"),
}
"""What is said of the rows of `Matrix.wrong`."""


def print_report(console: Console, assignment: str, matrices: Sequence[Matrix], html: Path | None) -> None:
    """A row per exercise, then everything that is not as it should be. `in public` is the share of the mistakes that
    fail a public check, `for nothing` the most that the stub or a hollow implementation gets; `kept` are explained
    mutants.
    """
    table = Table(box=box.SIMPLE, padding=0)
    # Not wrapped, and 80 columns are enough: a name that is cut says nothing.
    for heading in (tr("exercise"), *map(tr, _FIGURES), ""):
        table.add_column(heading, no_wrap=True)
    for matrix in matrices:
        right, wrong = len(matrix.of("solution", "alternative")), matrix.wrong
        mistakes, mutants = len(matrix.of("mistake")), len(matrix.of("mutant"))
        nothing = [row.best for row in matrix.of("stub", "hollow")]
        verdict = Text(tr("proven"), style="green") if matrix.proven else Text(tr("NOT PROVEN"), style="bold red")
        table.add_row(
            matrix.exercise,
            f"{right - len(wrong['refused'])}/{right}",
            f"{mistakes - len(wrong['missed'])}/{mistakes}",
            _percent(matrix.in_public) if mistakes else "",
            f"{max(nothing):g}" if nothing else "",
            f"{mutants - len(matrix.survivors)}/{mutants}" if mutants else "",
            str(len(matrix.survivors) - len(wrong["unexplained"])) if mutants else "",
            verdict,
        )
    console.print(table)
    for matrix in matrices:
        for problem in problems(matrix):
            console.print(f"{matrix.exercise}: {problem}", markup=False, soft_wrap=True)
        for row in matrix.wrong["unexplained"][:1]:
            told = tr(_WHAT_TO_DO, assignment=assignment, exercise=matrix.exercise, id=row.implementation.name)
            console.print(told, markup=False, soft_wrap=True)
    if html is not None:
        console.print(tr("The whole matrix: {path}", path=html), markup=False, soft_wrap=True)


def print_messages(console: Console, matrices: Sequence[Matrix]) -> None:
    """The points of every implementation that people wrote, and what each check says that it fails."""
    for row in (row for matrix in matrices for row in matrix.rows if row.implementation.mutant is None):
        console.print(f"{row.score:6g}/{row.max_score:g}  {row.implementation.label}", markup=False, soft_wrap=True)
        for check, message in row.messages.items():
            console.print(indent(f"{check}: {message}", " " * 8), markup=False, soft_wrap=True)


def problems(matrix: Matrix) -> list[str]:
    """Everything that is not as it should be, a line each."""
    found = {what: [_problem(what, row) for row in rows] for what, rows in matrix.wrong.items()}
    if matrix.in_public < IN_PUBLIC:
        found["refused"].append(
            tr(
                "{share} of the mistakes fail a public check; at least {least:.0%} must, so that students see common "
                "slips before they hand in. No public check sees {names}",
                share=_percent(matrix.in_public),
                least=IN_PUBLIC,
                names=", ".join(row.implementation.name for row in matrix.unseen),
            )
        )
    found["unexplained"] += [
        tr("mutant {name} is explained, but does not survive: remove the explanation", name=name)
        for name in matrix.needless
    ]
    return [problem for problems in found.values() for problem in problems]


def _problem(what: str, row: Row) -> str:
    told = tr(
        _PROBLEMS[what],
        name=row.implementation.name,
        kind=tr(row.implementation.kind),
        label=row.implementation.label,
        status=tr(status_word(row.status)),
        messages="; ".join(f"{name}: {message}" for name, message in list(row.messages.items())[:3]),
        fault=row.fault,
        points=row.best,
        max_score=row.max_score,
        at_least=row.cost[0],
        least=LEAST,
        at_most=row.cost[1],
        most=MOST,
    )
    return f"{told}\n{row.diff}" if what == "unexplained" else told


def _percent(share: Fraction) -> str:
    """Rounded down: what is not half yet does not look so."""
    return f"{math.floor(100 * share)}%"


def as_json(assignment: str, matrices: Sequence[Matrix]) -> dict[str, Any]:
    """The report in the form that `autograder verify --json` promises."""
    return {
        "schema": 1,
        "assignment": assignment,
        "exercises": {matrix.exercise: _exercise(matrix) for matrix in matrices},
    }


def _exercise(matrix: Matrix) -> dict[str, Any]:
    right, mistakes, mutants = matrix.of("alternative"), matrix.of("mistake"), matrix.of("mutant")
    survivors = [
        {
            "id": row.implementation.name,
            "operator": mutant.operator,
            "line": mutant.line,
            "diff": mutant.diff,
            "why": matrix.explained.get(row.implementation.name, ""),
        }
        for row in matrix.survivors
        if (mutant := row.implementation.mutant)
    ]
    return {
        "tests": matrix.tests,
        "solution": {"accepted": all(row.full for row in matrix.of("solution"))},
        "stub": {"score": max((row.best for row in matrix.of("stub")), default=0.0)},
        "hollow": {"score": max((row.best for row in matrix.of("hollow")), default=0.0)},
        "mistakes": {
            "caught": len(mistakes) - len(matrix.wrong["missed"]),
            "total": len(mistakes),
            "in_public": len(mistakes) - len(matrix.unseen),
            "unseen": [row.implementation.name for row in matrix.unseen],
        },
        "alternatives": {"accepted": sum(row.full for row in right), "total": len(right)},
        "mutants": {
            "killed": len(mutants) - len(survivors),
            "equivalent": len(survivors) - len(matrix.wrong["unexplained"]),
            "total": len(mutants),
            "survivors": survivors,
        },
        "uncaught_by": {
            test: [row.implementation.name for row in mistakes if test not in row.failed] for test in matrix.tests
        },
        "caught_by_one_test_only": matrix.only_catch(),
    }
