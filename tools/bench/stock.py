"""What stands in the stock otter test files of the bench: our checks, asked inside otter's own kernel.

This is the flow that otter offers by itself, at its best: one kernel, which holds the student's code, the solutions and
the checks; the suites are collected once; nothing is isolated.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
from pathlib import Path

from autograder.course.layout import Layout
from autograder.grading.subjects import Pair, References, local_session
from autograder.grading.suites import Suites, collect
from autograder.sandbox.vision import import_torchvision
from tools.bench.classes import SEED

PROJECT = "AUTOGRADER_BENCH_PROJECT"
"""The variable that names the project's folder."""
NOTEBOOK = "core.ipynb"


def test_file(exercise: str, points: list[float]) -> str:
    """An otter test file, in its exception-based format, with a case for every check of an exercise."""
    lines = [
        "from tools.bench.stock import ask",
        "from otter.test_files import test_case",
        "",
        "OK_FORMAT = False",
        f"name = {exercise!r}",
        "points = None",
    ]
    for number, worth in enumerate(points):
        lines += ["", f"@test_case(points={worth!r})", f"def test_{number}(env):", f"    ask({exercise!r}, {number})"]
    return "\n".join(lines) + "\n"


def ask(exercise: str, number: int) -> None:
    """Carry out one check of an exercise on the notebook's cell for it; raises what the check raises."""
    suites, layout = _collected()
    found = [index for index, check in enumerate(suites.checks) if check.exercise == exercise]
    (outcome,) = suites.run(_subjects(exercise, layout), exercise, only=suites.checks[found[number]].id)
    if outcome.cause is not None:
        raise outcome.cause


@functools.cache
def _collected() -> tuple[Suites, Layout]:
    # torchvision asks for this by itself. Only our engine knows a way around it, which is none of the stock flow's.
    importlib.import_module("torch._dynamo.utils")
    import_torchvision()
    layout = Layout(Path(os.environ[PROJECT]), "core")
    return collect(sorted(path.parent for path in layout.suites.glob("*/test_*_public.py"))), layout


@functools.cache
def _references(layout: Layout) -> References:
    return References(layout)


@functools.cache
def _subjects(exercise: str, layout: Layout) -> Pair:
    cells = json.loads(Path(NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    text = next("".join(cell["source"]) for cell in cells if cell["metadata"].get("exercise") == exercise)
    references = _references(layout)
    return Pair(SEED, local_session(exercise, text, references.beside(exercise)), references)
