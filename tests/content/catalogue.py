"""All assignments of the project, and the exercises that are their own, but for drafts."""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, assignment_names

ROOT = Path(__file__).resolve().parents[2]
NAMES = assignment_names(ROOT)
WHOLE = bool(os.environ.get("AUTOGRADER_REHEARSAL"))
"""Everything, instead of a sample: `make rehearse`."""
_MISTAKES, _REWRITTEN, _STUDENTS = 4, 2, 3
"""How many of a kind are tried."""
ASSIGNMENTS = [name for name in NAMES if not load_assignment(ROOT, name).is_draft]


@dataclass(frozen=True)
class Exercise:
    """One exercise, in the assignment that it belongs to."""

    assignment: str
    name: str

    @property
    def layout(self) -> Layout:
        return Layout(ROOT, self.assignment)

    def files(self, kind: str) -> list[Path]:
        """The files of one of the folders beside its suite: `mistakes`, `rewritten`, `pairs`, `unknown`."""
        return sorted((self.layout.suite(self.name) / kind).glob("*.py"))

    def tried(self, kind: str) -> list[Path]:
        """Those files of a kind that are tried, always the same: all that is right, and a sample of what is wrong.
        `autograder verify` tries all mistakes.
        """
        found, draws = self.files(kind), random.Random(f"{self}/{kind}")
        if WHOLE or kind not in ("mistakes", "rewritten"):
            return found
        if kind == "rewritten":
            return sorted(draws.sample(found, min(_REWRITTEN, len(found))))
        # Diagnosis is judged by the mistakes that a sample is named after.
        named = {path.stem for path in self.tried("rewritten")}
        for path in self.files("pairs"):
            named.update(path.stem.split("+"), self.behaves_as(path.stem))
        others = [path for path in found if path.stem not in named]
        more = draws.sample(others, min(len(others), max(0, _MISTAKES - len(named))))
        return [path for path in found if path.stem in named or path in more]

    def behaves_as(self, pair: str) -> list[str]:
        """The known mistakes that two slips come to, as the file's docstring says: "Behaves as: no_skip"."""
        path = self.layout.suite(self.name) / "pairs" / f"{pair}.py"
        lines = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()
        said = [line.removeprefix("Behaves as:") for line in lines if line.startswith("Behaves as:")]
        return sorted(name.strip() for line in said for name in line.split(","))

    def __str__(self) -> str:
        return f"{self.assignment}/{self.name}"


def students_tried(assignment: str) -> list[Path]:
    """What is handed in by those of an assignment's example class that are tried, always the same."""
    found = sorted((ROOT / "examples/submissions" / assignment).iterdir())
    return found if WHOLE else sorted(random.Random(assignment).sample(found, _STUDENTS))


EXERCISES = [
    Exercise(assignment, exercise.name)
    for assignment in NAMES
    for exercise in load_assignment(ROOT, assignment).exercises
    if not exercise.home and not exercise.draft
]


_MAY_CHANGE = ("torch.", "autograder.")
"""Torch wraps an optimizer's step when the first is made, and we what compiles."""


@contextmanager
def libraries_left_alone(file: Path) -> Iterator[None]:
    """What is in a bank is run in the grader's own process, too, where all others come after it."""
    before = {kind: dict(vars(kind)) for kind in _library_classes()}
    yield
    changed = [
        f"{kind.__name__}.{name}"
        for kind, had in before.items()
        for name, value in vars(kind).items()
        if had.get(name) is not value and not str(getattr(value, "__module__", "")).startswith(_MAY_CHANGE)
    ]
    assert changed == [], f"{file} changes classes of the library: {changed}"


def _library_classes() -> Iterator[type]:
    ahead: list[type] = [nn.Module, torch.optim.Optimizer, torch.autograd.Function]
    while ahead:
        kind = ahead.pop()
        if kind.__module__.startswith(("torch.", "torchvision.")):
            yield kind
            ahead += type.__subclasses__(kind)


every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=str)
every_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)
