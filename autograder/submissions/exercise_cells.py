"""Exercises that were handed in as cells of a notebook."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.language import tr
from autograder.submissions.files import Item
from autograder.submissions.model import Expected, Outcome, Problem, SourceFile, UnreadableError
from autograder.submissions.names import plain, shown
from autograder.submissions.near_miss import misspelt
from autograder.submissions.notebook import Cell, read_cells
from autograder.submissions.slices import Statement, bound_names, cut, defined_in, statements_in
from autograder.submissions.syntax import (
    Definition,
    Fault,
    bound_by,
    defined_names,
    fault_in,
    line_groups,
    parse,
    put,
    seems_to_bind,
)


def read_exercises(
    notebook: Item, missing: Sequence[Expected], found_in_files: Iterable[Expected]
) -> tuple[dict[str, Outcome], list[str]]:
    """What a notebook has for each missing exercise, and notes on what in it was not used."""
    where = notebook.where
    files = [*missing, *found_in_files]
    try:
        cells = _in_one_piece(read_cells(notebook.load(), where), {wanted.exercise for wanted in files})
        statements = statements_in(cells, where)
    except UnreadableError as error:
        return {wanted.exercise: Problem(wanted.exercise, "unreadable", str(error)) for wanted in missing}, [str(error)]
    read = _Notebook(where, cells, statements, defined_in(statements), files)
    notes: list[str] = []
    outcomes = {wanted.exercise: read.outcome(wanted, notes) for wanted in missing}
    used = [wanted for wanted in missing if isinstance(outcomes[wanted.exercise], SourceFile)]
    if used:
        notes[:0] = [
            tr("Left out, not valid Python: {fault}", fault=read.told(cell, cell.fault)) for cell in cells if cell.fault
        ]
    notes += [read.nowhere(absent) + "." for wanted in used if (absent := read.absent(wanted))]
    if ignored := [wanted.exercise for wanted in files[len(missing) :] if read.defined.intersection(wanted.names)]:
        notes.append(
            tr(
                "Ignored {where} for {exercises}: the exercise's own file counts.",
                where=shown(where),
                exercises=", ".join(ignored),
            )
        )
    return outcomes, notes


@dataclass(frozen=True)
class _Notebook:
    where: str
    cells: Sequence[Cell]
    statements: Sequence[Statement]
    defined: frozenset[str]
    expected: Sequence[Expected]

    def absent(self, wanted: Expected) -> list[str]:
        return [name for name in wanted.names if name not in self.defined]

    def outcome(self, wanted: Expected, notes: list[str]) -> Outcome:
        absent = self.absent(wanted)
        if broken := self._broken_cell(absent):
            return Problem(wanted.exercise, "syntax", broken)
        if len(absent) == len(wanted.names):
            return self._without(wanted)
        text, segments, unknown = cut(self.cells, self.statements, wanted.names)
        if broken := self._broken_cell(sorted(unknown)):
            return Problem(wanted.exercise, "syntax", broken)
        source = SourceFile(wanted.exercise, plain(self.where), text, segments)
        fault = fault_in(text)
        if fault is not None:
            position = shown(self.where) if fault.line is None else source.locate(fault.line)
            return Problem(wanted.exercise, "syntax", fault.describe(position))
        if (unknown := unknown.difference(wanted.names)) and not any(each.is_star for each in self.statements):
            notes.append(
                tr(
                    "{where}: {exercise} uses {named}, which no cell defines.",
                    where=shown(self.where),
                    exercise=wanted.exercise,
                    named=tr(" and ").join(plain(name) for name in sorted(unknown)[:5]),
                )
            )
        return source

    def _without(self, wanted: Expected) -> Problem:
        """Why there is nothing of an exercise."""
        for cell in self.cells:
            if cell.dropped and any(seems_to_bind(cell.dropped, name) for name in wanted.names):
                message = tr(
                    "cell {number} of {where} begins with `{magic}`, so that nothing in it counts as code of the "
                    "notebook: take that line out, or hand in {file}.",
                    number=cell.number,
                    where=plain(self.where),
                    magic=cell.magic.name,
                    file=shown(wanted.file),
                )
                return Problem(wanted.exercise, "missing", message)
        trees = [parse(cell.text) for cell in self.cells if cell.fault is None]
        top = [node.name for tree in trees for node in tree.body if isinstance(node, Definition)]
        if slips := misspelt(shown(self.where), wanted.names, top, self.expected):
            message = tr("{slips}: rename it and submit again.", slips="; ".join(slips))
            return Problem(wanted.exercise, "misnamed", message)
        if bound_names(self.statements).intersection(wanted.names):
            message = tr(
                "{file} was not handed in: {where} only imports {names}.",
                file=shown(wanted.file),
                where=shown(self.where),
                names=tr(" or ").join(wanted.names),
            )
        else:
            nowhere = self.nowhere(wanted.names)
            message = tr("{nowhere}, and there is no {file}.", nowhere=nowhere, file=shown(wanted.file))
        return Problem(wanted.exercise, "missing", message)

    def nowhere(self, names: Sequence[str]) -> str:
        return tr("{where}: no cell defines {names}", where=shown(self.where), names=tr(" or ").join(names))

    def _broken_cell(self, names: Iterable[str]) -> str | None:
        """What is wrong with the last cell that would define one of the names if it were valid Python."""
        for name in names:
            for cell in reversed(self.cells):
                if cell.fault is not None and seems_to_bind(cell.text, name):
                    return self.told(cell, cell.fault)
        return None

    def told(self, cell: Cell, fault: Fault) -> str:
        """A fault and its place."""
        place = {"cell": cell.number, "where": plain(self.where)}
        if fault.line is None:
            return fault.describe(tr("cell {cell} of {where}", **place))
        return fault.describe(tr("cell {cell}, line {number} of {where}", number=fault.line, **place))


def _in_one_piece(cells: Sequence[Cell], exercises: Collection[str]) -> list[Cell]:
    """The cells without imports of what other cells define, from files that they write or that exercises have.

    `from layers import conv3x3` after `%%writefile layers.py` with `def conv3x3` in it.
    """
    written = {cell.magic.writes for cell in cells if cell.magic.writes}
    trees = {cell.number: parse(cell.text) for cell in cells if cell.fault is None}
    defined = {name for tree in trees.values() for name in defined_names(tree.body)}
    files = written.union(exercises)
    whole: list[Cell] = []
    for cell in cells:
        lines = cell.text.split("\n")
        for first, last, nodes in line_groups(trees[cell.number]) if cell.number in trees else ():
            imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
            if len(imports) == len(nodes) and any(_file(node) in files for node in imports):
                parts = [part for node in imports for part in _resolved(node, written, files, defined)]
                put(lines, first, last, "; ".join(parts))
        whole.append(replace(cell, text="\n".join(lines)))
    return whole


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
