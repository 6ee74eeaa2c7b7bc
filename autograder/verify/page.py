"""The matrix as a page to look at: one heat map per exercise, implementations by tests. Self-contained HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.language import mark, tr
from autograder.pages.page import page as html_page
from autograder.verify.matrix import Matrix, Row
from autograder.verify.report import problems

_BY_PEOPLE = {
    "solution": mark("solution"),
    "alternative": mark("alternatives"),
    "mistake": mark("mistakes"),
    "hollow": mark("hollow"),
    "stub": mark("stub"),
}
_BY_MACHINE = {"mutant": mark("mutants, the hardest to catch first")}


def page(title: str, matrices: Sequence[Matrix]) -> bytes:
    """The page."""
    return html_page("autograder.verify", "matrix", title=title, exercises=[_view(matrix) for matrix in matrices])


def _view(matrix: Matrix) -> dict[str, object]:
    """What the template needs of one exercise: two maps side by side, people's implementations and mutants."""
    tests = [_test(matrix, name) for name in matrix.tests]
    wrong, right = matrix.of("mistake", "mutant"), matrix.of("solution", "alternative")
    mistakes, mutants = len(matrix.of("mistake")), len(matrix.of("mutant"))
    faulty = matrix.wrong
    explained = [row for row in matrix.survivors if row not in faulty["unexplained"]]
    return {
        "name": matrix.exercise,
        "maps": [_map(matrix, kinds, dense) for kinds, dense in ((_BY_PEOPLE, False), (_BY_MACHINE, True))],
        "tests": tests,
        "wrong": len(wrong),
        "idle": [test["name"] for test in tests if wrong and not test["caught"]],
        "never": [test["name"] for test in tests if not test["alone"]],
        "single": sum(row.only_one for row in matrix.rows),
        "proven": matrix.proven,
        "problems": problems(matrix),
        "kept": [_row(matrix, row) for row in explained],
        "bars": [
            {"good": len(right) - len(faulty["refused"]), "kept": 0, "total": len(right)},
            {"good": mistakes - len(faulty["missed"]), "kept": 0, "total": mistakes},
            {"good": mistakes - len(matrix.unseen), "kept": 0, "total": mistakes},
            {"good": mutants - len(matrix.survivors), "kept": len(explained), "total": mutants},
        ],
    }


def _test(matrix: Matrix, name: str) -> dict[str, object]:
    """A check: how many wrong implementations it notices, and how many mistakes nothing else does."""
    caught = matrix.catches(name)
    alone = sum(row.only_one for row in caught)
    return {"name": name, "public": name in matrix.public, "caught": len(caught), "alone": alone}


def _map(matrix: Matrix, kinds: Mapping[str, str], dense: bool) -> dict[str, object]:
    """One heat map: rows by kind, the hardest to catch first. A dense one has no names."""

    def hardest(row: Row) -> tuple[object, ...]:
        late = [-matrix.tests.index(test) for test in row.failed]
        return (len(row.failed), late, row.implementation.name)

    shown = []
    for kind, heading in kinds.items():
        rows = sorted(matrix.of(kind), key=hardest)
        if rows:
            shown.append((tr(heading), [_row(matrix, row) for row in rows]))
    caught = [[row for row in matrix.catches(test) if row.implementation.kind in kinds] for test in matrix.tests]
    return {
        "kinds": shown,
        "dense": dense,
        "caught": [len(rows) for rows in caught],
        "alone": [sum(row.only_one for row in rows) for rows in caught],
    }


def _row(matrix: Matrix, row: Row) -> dict[str, object]:
    implementation = row.implementation
    wrong = any(row in rows for rows in matrix.wrong.values())
    if implementation.kind in ("solution", "alternative"):
        passing, failing = "right", "wrong"
    elif implementation.name in matrix.explained and row in matrix.survivors:
        passing, failing = "kept", "fail"
    else:
        passing, failing = ("wrong" if wrong else ""), ("only" if row.only_one else "fail")
    colours = {test: failing if test in row.failed else passing for test in matrix.tests}
    if implementation.mutant is not None and row.failed:
        last = max(matrix.tests.index(test) for test in row.failed)
        colours |= dict.fromkeys(matrix.tests[last + 1 :], "unasked")
    return {
        "name": implementation.name,
        "about": tr(implementation.title) or matrix.explained.get(implementation.name, "") or implementation.name,
        "diff": row.diff,
        "score": row.score,
        "wrong": wrong,
        "messages": row.messages,
        "colours": colours,
    }
