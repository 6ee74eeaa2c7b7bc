"""The implementations that a suite is tried on: right, wrong and hollow ones, the untouched stub, mutants."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.bank.files import entries
from autograder.course.layout import Layout
from autograder.course.stubs import make_stub
from autograder.language import mark
from autograder.mutation.mutants import Mutant, mutants

KINDS = (mark("solution"), mark("alternative"), mark("mistake"), mark("hollow"), mark("stub"), mark("mutant"))


@dataclass(frozen=True)
class Implementation:
    """One text for one exercise, and what the suite should make of it."""

    exercise: str
    kind: str
    name: str
    text: str
    title: str = ""
    costs_more: str = ""
    """Of a mistake: why it may cost more than most of the points."""
    mutant: Mutant | None = None

    @property
    def label(self) -> str:
        """Unique within an assignment."""
        return f"{self.exercise}/{self.kind}/{self.name}"


def implementations(layout: Layout, exercises: Sequence[str], kinds: Sequence[str] = KINDS) -> list[Implementation]:
    """Every implementation of `exercises` that is of one of `kinds`. Raises UsageError for a malformed bank file."""
    found: list[Implementation] = []
    for exercise in exercises:
        solution = layout.solution(exercise).read_text(encoding="utf-8")
        found.append(Implementation(exercise, "solution", "solution", solution))
        found.append(Implementation(exercise, "stub", "stub", make_stub(solution, exercise)))
        for kind, folder in (
            ("alternative", layout.alternatives(exercise)),
            ("mistake", layout.mistakes(exercise)),
            ("hollow", layout.hollow(exercise)),
        ):
            found += [
                Implementation(exercise, kind, entry.name, entry.text, entry.title, entry.costs_more)
                for entry in entries(folder)
            ]
        if zeros := _returns_zeros(solution):
            found.append(Implementation(exercise, "hollow", "solution_times_zero", zeros))
        if "mutant" in kinds:
            found += [
                Implementation(exercise, "mutant", mutant.id, mutant.text, mutant=mutant)
                for mutant in mutants(solution)
            ]
    return [implementation for implementation in found if implementation.kind in kinds]


_TIMES_ZERO = """

from torch.utils._pytree import tree_map

_forward = {name}.forward


def _zeros(*args, **kwargs):
    return tree_map(lambda result: 0 * result, _forward(*args, **kwargs))


{name}.forward = _zeros
"""


def _returns_zeros(solution: str) -> str:
    """The solution, made to compute all that it should and to return zeros: it has the right parameters and statistics,
    and no right output. Empty for a solution that is no single module.
    """
    defined = [node for node in ast.parse(solution).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    public = [node for node in defined if not node.name.startswith("_")]
    methods = {node.name for each in public for node in each.body if isinstance(node, ast.FunctionDef)}
    return solution + _TIMES_ZERO.format(name=public[0].name) if len(public) == 1 and "forward" in methods else ""
