"""Exercises that were handed in as cells of a notebook."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from autograder.language import tr
from autograder.submissions.files import Item
from autograder.submissions.model import Expected, Outcome, Problem, SourceFile, UnreadableError
from autograder.submissions.names import plain, shown
from autograder.submissions.near_miss import misspelt
from autograder.submissions.notebook import Cell, read_cells
from autograder.submissions.reach import bound_by, defined_names
from autograder.submissions.slices import Statement, bound_names, cut, defined_in, line_groups, statements_in
from autograder.submissions.stubs import Definition
from autograder.submissions.syntax import Fault, fault_in, parse, seems_to_bind


def read_exercises(
    notebook: Item, missing: Sequence[Expected], found_in_files: Iterable[Expected]
) -> tuple[dict[str, Outcome], list[str]]:
    """What a notebook has for each missing exercise, and notes on what in it was not used."""
    files = [*missing, *found_in_files]
    try:
        cells = _in_one_piece(read_cells(notebook.load(), notebook.where), {wanted.exercise for wanted in files})
        statements = statements_in(cells, notebook.where)
    except UnreadableError as error:
        return {wanted.exercise: Problem(wanted.exercise, "unreadable", str(error)) for wanted in missing}, [str(error)]
    defined = defined_in(statements)
    notes: list[str] = []
    outcomes = {each.exercise: _read_exercise(notebook, cells, statements, each, files, notes) for each in missing}
    used = [wanted for wanted in missing if isinstance(outcomes[wanted.exercise], SourceFile)]
    faults = [
        tr("Left out, not valid Python: {fault}", fault=_in_cell(notebook, cell, cell.fault))
        for cell in cells
        if cell.fault
    ]
    notes[:0] = faults if used else []
    for wanted in used:
        if absent := [name for name in wanted.names if name not in defined]:
            notes.append(_nowhere(notebook, absent) + ".")
    if ignored := [wanted.exercise for wanted in files[len(missing) :] if defined.intersection(wanted.names)]:
        notes.append(
            tr(
                "Ignored {where} for {exercises}: the exercise's own file counts.",
                where=shown(notebook.where),
                exercises=", ".join(ignored),
            )
        )
    return outcomes, notes


def _read_exercise(
    notebook: Item,
    cells: Sequence[Cell],
    statements: Sequence[Statement],
    wanted: Expected,
    expected: Sequence[Expected],
    notes: list[str],
) -> Outcome:
    defined = defined_in(statements)
    absent = [name for name in wanted.names if name not in defined]
    if broken := _broken_cell(notebook, cells, absent):
        return Problem(wanted.exercise, "syntax", broken)
    if len(absent) == len(wanted.names):
        return _absent(notebook, cells, statements, wanted, expected)
    piece = cut(cells, statements, wanted.names)
    if broken := _broken_cell(notebook, cells, sorted(piece.unknown)):
        return Problem(wanted.exercise, "syntax", broken)
    source = SourceFile(wanted.exercise, plain(notebook.where), piece.text, piece.segments)
    fault = fault_in(piece.text)
    if fault is not None:
        position = shown(notebook.where) if fault.line is None else source.locate(fault.line)
        return Problem(wanted.exercise, "syntax", fault.describe(position))
    if (unknown := piece.unknown.difference(wanted.names)) and not any(each.is_star for each in statements):
        named = tr(" and ").join(plain(name) for name in sorted(unknown)[:5])
        notes.append(
            tr(
                "{where}: {exercise} uses {named}, which no cell defines.",
                where=shown(notebook.where),
                exercise=wanted.exercise,
                named=named,
            )
        )
    return source


def _absent(
    notebook: Item,
    cells: Sequence[Cell],
    statements: Sequence[Statement],
    wanted: Expected,
    expected: Sequence[Expected],
) -> Problem:
    for cell in cells:
        if cell.dropped and any(seems_to_bind(cell.dropped, name) for name in wanted.names):
            message = tr(
                "cell {number} of {where} begins with `{magic}`, so that nothing in it counts as code of the "
                "notebook: take that line out, or hand in {file}.",
                number=cell.number,
                where=plain(notebook.where),
                magic=cell.magic.name,
                file=shown(wanted.file),
            )
            return Problem(wanted.exercise, "missing", message)
    trees = [parse(cell.text) for cell in cells if cell.fault is None]
    defined = [node.name for tree in trees for node in tree.body if isinstance(node, Definition)]
    if slips := misspelt(shown(notebook.where), wanted.names, defined, expected):
        return Problem(wanted.exercise, "misnamed", tr("{slips}: rename it and submit again.", slips="; ".join(slips)))
    if bound_names(statements).intersection(wanted.names):
        names = tr(" or ").join(wanted.names)
        message = tr(
            "{file} was not handed in: {where} only imports {names}.",
            file=shown(wanted.file),
            where=shown(notebook.where),
            names=names,
        )
    else:
        message = tr(
            "{nowhere}, and there is no {file}.", nowhere=_nowhere(notebook, wanted.names), file=shown(wanted.file)
        )
    return Problem(wanted.exercise, "missing", message)


def _in_one_piece(cells: Sequence[Cell], exercises: Collection[str]) -> list[Cell]:
    """The cells without imports of what other cells define, from files that they write or that exercises have.

    `from layers import conv3x3` after `%%writefile layers.py` with `def conv3x3` in it.
    """
    files = {cell.magic.writes for cell in cells if cell.magic.writes}
    trees = {cell.number: parse(cell.text) for cell in cells if cell.fault is None}
    defined = {name for tree in trees.values() for name in defined_names(tree.body)}
    return [
        replace(cell, text=_without_own_imports(cell.text, trees[cell.number], files, files | set(exercises), defined))
        if cell.number in trees
        else cell
        for cell in cells
    ]


def _without_own_imports(
    text: str, tree: ast.Module, written: Collection[str], files: Collection[str], defined: Collection[str]
) -> str:
    lines = text.split("\n")
    for first, last, nodes in line_groups(tree):
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        if len(imports) == len(nodes) and any(_file(node) in files for node in imports):
            parts = [part for node in imports for part in _resolved(node, written, files, defined)]
            lines[first - 1 : last] = ["; ".join(parts)] + [""] * (last - first)
    return "\n".join(lines)


def _resolved(
    node: ast.ImportFrom, written: Collection[str], files: Collection[str], defined: Collection[str]
) -> Iterator[str]:
    kept: list[ast.alias] = []
    for alias in node.names:
        if alias.name == "*" and _file(node) in written:
            continue
        if _file(node) not in files or alias.name not in defined:
            kept.append(alias)
        elif bound_by(alias) != alias.name:
            yield f"{bound_by(alias)} = {alias.name}"
    if kept:
        yield ast.unparse(ast.ImportFrom(node.module, kept, node.level))


def _file(node: ast.ImportFrom) -> str:
    return (node.module or "").rpartition(".")[2]


def _nowhere(notebook: Item, names: Sequence[str]) -> str:
    return tr("{where}: no cell defines {names}", where=shown(notebook.where), names=tr(" or ").join(names))


def _broken_cell(notebook: Item, cells: Sequence[Cell], names: Iterable[str]) -> str | None:
    """What is wrong with the last cell that would define one of the names if it were valid Python."""
    for name in names:
        for cell in reversed(cells):
            if cell.fault is not None and seems_to_bind(cell.text, name):
                return _in_cell(notebook, cell, cell.fault)
    return None


def _in_cell(notebook: Item, cell: Cell, fault: Fault) -> str:
    where = plain(notebook.where)
    if fault.line is None:
        return fault.describe(tr("cell {cell} of {where}", cell=cell.number, where=where))
    return fault.describe(tr("cell {cell}, line {number} of {where}", cell=cell.number, number=fault.line, where=where))
