"""Public checks inside a notebook: on what its cells have defined so far, read from their text as the grader reads it.

`grader.check(...)` of otter calls `ask` for each check, and shows what it raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.results.model import ExerciseResult
from autograder.student.checks import run_checks
from autograder.student.folder import ENGINE, StudentFolder
from autograder.submissions import Contents
from autograder.submissions.files import Item
from autograder.submissions.read import read_pile

SEED = 0
_MAX_CELLS = 1_900
"""Cells looked at, counted from the last: below the most that a notebook may have."""


class DoesNotPass(AssertionError):
    """A check does not pass; the text is the grader's message. Named for what otter shows of it."""


def ask(exercise: str, check: str) -> None:
    """Carry out one public check, with all its cases, on the notebook that is running.

    Raises NotImplementedError where nothing has been written yet, else DoesNotPass.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        raise RuntimeError("this check runs inside a notebook; for files, use `python check.py`")
    folder = StudentFolder.open(_folder())
    contents = read_cells_run(folder, list(shell.history_manager.input_hist_raw))
    results = run_checks(
        folder, contents, [exercise], SEED, wanted=lambda name: name == check or name.startswith(f"{check}[")
    )
    _tell(results[exercise])


def read_cells_run(folder: StudentFolder, inputs: Sequence[str]) -> Contents:
    """What is read of a notebook whose cells were run in this order; `inputs[n]` is what Jupyter calls In [n].

    A cell that was run again counts as a new one, so that the last definition counts and messages have Jupyter's
    numbers. They are the grader's numbers, too, after "Restart and run all". Of a session with thousands of runs, only
    the last ones are read.
    """
    cells = [{"cell_type": "code", "source": source} for source in inputs[1:]]
    name = folder.assignment.notebook or "notebook.ipynb"
    data = msgspec.json.encode({"nbformat": 4, "cells": cells[-_MAX_CELLS:]})
    return read_pile([Item(name, name, 0, 0, lambda: data)], folder.expected)


def _folder() -> Path:
    """The student's folder, the one that holds the engine."""
    return Path(__file__).resolve().parents[len(Path(ENGINE).parts) + 2]


def _tell(result: ExerciseResult) -> None:
    if result.status != "graded":
        raise DoesNotPass(result.message)
    for test in result.tests:
        if test.message.startswith("Not implemented yet"):
            raise NotImplementedError(test.message)
        if test.status != "passed":
            raise DoesNotPass(f"{test.title}:\n{test.message}")
