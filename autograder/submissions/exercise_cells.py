"""Exercises that were handed in as cells of a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.submissions.files import Item
from autograder.submissions.model import Expected, Outcome, Problem, SourceFile, UnreadableError
from autograder.submissions.names import plain, shown
from autograder.submissions.notebook import Cell, read_cells
from autograder.submissions.slices import Statement, bound_names, cut, statements_in
from autograder.submissions.syntax import Fault, fault_in, seems_to_bind


def read_exercises(
    notebook: Item, missing: Sequence[Expected], found_in_files: Iterable[Expected]
) -> tuple[dict[str, Outcome], list[str]]:
    """What a notebook has for each missing exercise, and notes on what in it was not used."""
    try:
        cells = read_cells(notebook.load(), notebook.where)
        statements = statements_in(cells, notebook.where)
    except UnreadableError as error:
        return {wanted.exercise: Problem(wanted.exercise, "unreadable", str(error)) for wanted in missing}, [str(error)]
    bound = bound_names(statements)
    outcomes = {wanted.exercise: _read_exercise(notebook, cells, statements, wanted) for wanted in missing}
    used = [wanted for wanted in missing if isinstance(outcomes[wanted.exercise], SourceFile)]
    notes: list[str] = []
    if used:
        notes += [f"Left out, not valid Python: {_in_cell(notebook, cell, cell.fault)}" for cell in cells if cell.fault]
    for wanted in used:
        if absent := [name for name in wanted.names if name not in bound]:
            notes.append(_nowhere(notebook, absent) + ".")
    if ignored := [wanted.exercise for wanted in found_in_files if bound.intersection(wanted.names)]:
        notes.append(f"Ignored {shown(notebook.where)} for {', '.join(ignored)}: the exercise's own file counts.")
    return outcomes, notes


def _read_exercise(notebook: Item, cells: Sequence[Cell], statements: Sequence[Statement], wanted: Expected) -> Outcome:
    bound = bound_names(statements)
    absent = [name for name in wanted.names if name not in bound]
    if broken := _broken_cell(notebook, cells, absent):
        return Problem(wanted.exercise, "syntax", broken)
    if len(absent) == len(wanted.names):
        message = f"{_nowhere(notebook, absent)}, and there is no {shown(wanted.file)}."
        return Problem(wanted.exercise, "missing", message)
    piece = cut(cells, statements, wanted.names)
    if broken := _broken_cell(notebook, cells, sorted(piece.unknown)):
        return Problem(wanted.exercise, "syntax", broken)
    source = SourceFile(wanted.exercise, plain(notebook.where), piece.text, piece.segments)
    fault = fault_in(piece.text)
    if fault is not None:
        position = shown(notebook.where) if fault.line is None else source.locate(fault.line)
        return Problem(wanted.exercise, "syntax", fault.describe(position))
    return source


def _nowhere(notebook: Item, names: Sequence[str]) -> str:
    return f"{shown(notebook.where)}: no cell defines {' or '.join(names)}"


def _broken_cell(notebook: Item, cells: Sequence[Cell], names: Iterable[str]) -> str | None:
    """What is wrong with the last cell that would define one of the names if it were valid Python."""
    for name in names:
        for cell in reversed(cells):
            if cell.fault is not None and seems_to_bind(cell.text, name):
                return _in_cell(notebook, cell, cell.fault)
    return None


def _in_cell(notebook: Item, cell: Cell, fault: Fault) -> str:
    line = "" if fault.line is None else f", line {fault.line}"
    return fault.describe(f"cell {cell.number}{line} of {plain(notebook.where)}")
