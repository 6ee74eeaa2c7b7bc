"""Public checks inside a notebook: on what its cells have defined so far, read from their text as the grader reads it.

The notebook's first cell makes `grader`; its cells ask `grader.check("lstm_cell")` and show what `check.py` would say.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.language import tr
from autograder.student import told
from autograder.student.cell import Cell
from autograder.student.checks import run_checks
from autograder.student.example import by_hand
from autograder.student.folder import ENGINE, StudentFolder, exercise_named
from autograder.student.imports import notes_of
from autograder.student.results import PublicResult
from autograder.student.steps import explained
from autograder.student.terminal import Terminal
from autograder.student.told import Display
from autograder.submissions.files import Item
from autograder.submissions.model import Contents
from autograder.submissions.read import read_pile

_MAX_CELLS = 1_900
"""Cells looked at, counted from the last: below the most that a notebook may have."""


class Answer(str):
    """A text that a notebook shows as it is, instead of in quotes, or as HTML where it can."""

    html: str

    def __new__(cls, say: Callable[[Display], None]) -> Answer:
        shown, cell = io.StringIO(), Cell()
        say(Terminal(shown))
        say(cell)
        answer = super().__new__(cls, shown.getvalue().strip("\n"))
        answer.html = cell.html
        return answer

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.html


class Grader:
    """What the notebook calls `grader`. Every text is what `check.py` says of files."""

    def __init__(self) -> None:
        self._folder = StudentFolder.open(Path(__file__).resolve().parents[len(Path(ENGINE).parts) + 2])

    def check(self, exercise: str) -> Answer:
        """What the public checks find in one exercise, and the first that does not pass."""
        return self._of(exercise, self._checked)

    def hint(self, exercise: str) -> Answer:
        """The next hint for an exercise."""
        return self._of(exercise, self._hint)

    def explain(self, exercise: str) -> Answer:
        """The worked example of one exercise, with every value on the way through the code of its cell."""
        return self._of(exercise, self._explained)

    def check_all(self) -> Answer:
        """A line about each exercise, and how far one has come."""
        return self._checked(*self._folder.assignment.exercise_names)

    def _of(self, exercise: str, answer: Callable[[str], Answer]) -> Answer:
        names = self._folder.assignment.exercise_names
        name = exercise_named(str(exercise), names)
        return Answer(lambda display: told.no_such(display, str(exercise), names)) if name is None else answer(name)

    def _hint(self, exercise: str) -> Answer:
        hint = self._folder.next_hint(exercise)
        return Answer(lambda display: display.line(hint))

    def _explained(self, exercise: str) -> Answer:
        found = explained(self._folder, read_cells_run(self._folder, _inputs()), exercise)
        return Answer(lambda display: told.worked_example(display, exercise, by_hand(self._folder, exercise), found))

    def _checked(self, *exercises: str) -> Answer:
        contents = read_cells_run(self._folder, _inputs())
        results = run_checks(self._folder, contents, exercises)
        return Answer(lambda display: self._say(display, contents, results))

    def _say(self, display: Display, contents: Contents, results: Mapping[str, PublicResult]) -> None:
        width = max(map(len, results))
        for name, result in results.items():
            told.exercise(display, name, result, width)
        told.notes(display, notes_of(contents, results))
        failing = [name for name, result in results.items() if not result.has_passed]
        for name in failing[:1]:
            told.failure(display, name, results[name], place=tr("its cell"))
            if name in contents.problems:
                display.indented(tr("A cell counts once it has been run: run it, then this one again."))
        display.line()
        if len(results) > 1:
            told.progress(display, len(results), results)
        for name in failing[:1]:
            told.hints(display, self._folder.assignment.exercise(name).hints)
            display.line(tr('Stuck? grader.hint("{exercise}")', exercise=name))
            display.line(tr('Its worked example, step by step: grader.explain("{exercise}")', exercise=name))
        if not failing:
            told.all_pass(display, self._folder.assignment, results)


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


def _inputs() -> list[str]:
    """The cells of the notebook that is running, as they were run. Raises RuntimeError outside of one."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        raise RuntimeError("this check runs inside a notebook; for files, use `python check.py`")
    return list(shell.history_manager.input_hist_raw)
