"""Where in each system's sheet the students, their numbers and the one column are.

Canvas: lib/gradebook_importer.rb. Moodle: mod/assign/feedback/offline/importgradeslib.php. Blackboard and Brightspace:
their own help pages. What those importers would lose or invent in silence is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from autograder.errors import UsageError, did_you_mean
from autograder.export.sheet import Sheet
from autograder.language import tr
from autograder.submissions.names import plain


@dataclass(frozen=True)
class Layout:
    """How to read one sheet."""

    system: str
    title: str
    """Of the column that is filled."""
    column: int
    total: Fraction
    students: tuple[int, ...] = ()
    """Rows."""
    ids: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """By row, the surest first."""
    names: Mapping[int, str] = field(default_factory=dict)
    locked: frozenset[int] = frozenset()
    """Rows that the system would skip."""
    comma: bool = False
    """Whether decimals are written with a comma."""
    remark: str = ""


def layout_of(sheet: Sheet, wanted: str) -> Layout:
    """Recognise a sheet. `wanted` names the column by id or title; empty where there is only one. Raises UsageError."""
    for look in (_canvas, _brightspace, _blackboard, _moodle):
        if found := look(sheet, wanted):
            return found
    raise UsageError(
        f"{sheet.path} is no gradebook of Canvas, Moodle, Blackboard or Brightspace as they are downloaded. For "
        "another system, leave out --into: that writes a table to copy from."
    )


def _canvas(sheet: Sheet, wanted: str) -> Layout | None:
    header = sheet.header
    if header[1:2] != ["ID"] or "Section" not in header:
        return None
    columns = {
        place: (match[1], match[2])
        for place, name in enumerate(header)
        if place > header.index("Section") and (match := re.fullmatch(r"(.*) \(([0-9]+)\)", name))
    }
    column = _column(sheet, columns, wanted)
    students = tuple(row for row in range(1, len(sheet.rows)) if sheet.value(row, 1))
    heads = [row for row in range(1, len(sheet.rows)) if row not in students]
    if any("read only" in sheet.value(row, column) for row in heads):
        raise UsageError(f"{sheet.path}: Canvas marks {columns[column][0]} as read only, and would skip it.")
    points = [value for row in heads if (value := sheet.value(row, column))]
    total, comma = _number(points[-1] if points else "")
    if total is None:
        raise UsageError(f"{sheet.path}: no row of Points Possible has a number for {columns[column][0]}.")
    students = tuple(row for row in students if sheet.value(row, 0) not in ("Student, Test", "Test Student"))
    keys = [header.index(name) for name in ("ID", "SIS User ID", "SIS Login ID") if name in header]
    ids = {row: [sheet.value(row, place) for place in keys] for row in students}
    names = {row: sheet.value(row, 0) for row in students}
    comma = comma or sheet.delimiter == ";"
    return Layout("Canvas", columns[column][0], column, total, students, ids, names, comma=comma)


def _brightspace(sheet: Sheet, wanted: str) -> Layout | None:
    header = [name.strip() for name in sheet.header]
    if header[-1:] != ["End-of-Line Indicator"] or header[0] not in ("OrgDefinedId", "Username"):
        return None
    columns, totals = {}, {}
    for place, name in enumerate(header):
        if match := re.match(r"(.*) Points Grade <Numeric MaxPoints:([0-9.,]+)", name):
            columns[place], totals[place] = (match[1], match[1]), _number(match[2])
    column = _column(sheet, columns, wanted)
    total, comma = totals[column]
    if total is None:
        raise UsageError(f"{sheet.path}: the maximum of {columns[column][0]} is not a number.")
    return _with_everybody(sheet, Layout("Brightspace", columns[column][0], column, total, comma=comma))


def _blackboard(sheet: Sheet, wanted: str) -> Layout | None:
    header = sheet.header
    columns, totals = {}, {}
    for place, name in enumerate(header):
        match = re.fullmatch(r"(.*?)\s*\[Total Pts: ([^\]]*)\]\s*\|\s*([0-9]+)\s*", name)
        if match and "Username" in header:
            columns[place], totals[place] = (match[1], match[3]), match[2]
    if not columns:
        return None
    column = _column(sheet, columns, wanted)
    points, _, kind = totals[column].partition(" ")
    total, comma = _number(points)
    if total is None or kind not in ("Score", ""):
        raise UsageError(
            f"{sheet.path}: {columns[column][0]} holds {plain(totals[column])}, not a score. Show it as Score in "
            "Blackboard, and download again."
        )
    return _with_everybody(sheet, Layout("Blackboard", columns[column][0], column, total, comma=comma))


def _with_everybody(sheet: Sheet, layout: Layout) -> Layout:
    """The layout of a sheet in which every row is a student's and names stand in two columns."""
    header = [name.strip() for name in sheet.header]
    students = tuple(range(1, len(sheet.rows)))
    keys = [header.index(name) for name in ("Username", "OrgDefinedId", "Student ID", "Email") if name in header]
    ids = {row: [sheet.value(row, place).removeprefix("#") for place in keys] for row in students}
    first, last = (header.index(name) if name in header else None for name in ("First Name", "Last Name"))
    names = {row: f"{sheet.value(row, first)} {sheet.value(row, last)}".strip() for row in students}
    return replace(layout, students=students, ids=ids, names=names)


def _moodle(sheet: Sheet, wanted: str) -> Layout | None:
    students = tuple(range(1, len(sheet.rows)))
    found = [re.fullmatch(r"\D+ ([0-9]+)", sheet.value(row, 0)) for row in students]
    if not students or not all(found):
        return None
    header = sheet.header
    columns = {place: (name, name) for place, name in enumerate(header) if place > 0}
    if not wanted and "Grade" not in header:
        raise UsageError(
            f"{sheet.path} is a grading worksheet in another language than English. Name the column for grades: "
            f"--column, one of {', '.join(map(plain, header[1:]))}."
        )
    column = _column(sheet, columns, wanted or "Grade")
    place = header.index("Maximum grade") if "Maximum grade" in header else column + 1
    maxima = {sheet.value(row, place) for row in students}
    total, comma = _number(next(iter(maxima)))
    if len(maxima) != 1 or total is None:
        raise UsageError(f"{sheet.path}: the column after {plain(header[column])} is not one maximum grade for all.")
    changed = header.index("Grade can be changed") if "Grade can be changed" in header else None
    locked = frozenset(row for row in students if changed is not None and sheet.value(row, changed) == "No")
    numbers = [match[1] for match in found if match]
    ids = {row: [number] for row, number in zip(students, numbers, strict=True)}
    names = {row: sheet.value(row, header.index("Full name")) for row in students if "Full name" in header}
    remark = ""
    if changed is None:
        remark = tr("no column says which grades are locked; Moodle skips those without a word.")
    return Layout("Moodle", header[column], column, total, students, ids, names, locked, comma, remark)


def _column(sheet: Sheet, columns: Mapping[int, tuple[str, str]], wanted: str) -> int:
    """The place of the column with this id or title; of the only one, where none is named."""
    fits = [place for place, names in columns.items() if not wanted or wanted in names]
    if len(fits) == 1:
        return fits[0]
    told = ", ".join(plain(title if title == number else f"{title} ({number})") for title, number in columns.values())
    if not columns:
        raise UsageError(f"{sheet.path} has no column of points: create the assignment first, and download again.")
    if not wanted or fits:
        raise UsageError(f"{sheet.path}: which column? --column takes the id or title of one of: {told}.")
    guess = did_you_mean(wanted, [name for names in columns.values() for name in names])
    raise UsageError(f"{sheet.path}: there is no column {wanted}{guess}; there are: {told}.")


def _number(text: str) -> tuple[Fraction | None, bool]:
    """A number, and whether it was written with a decimal comma."""
    text = text.strip()
    comma = re.fullmatch(r"-?[0-9]+,[0-9]+", text) is not None
    text = text.replace(",", ".") if comma else text
    return (Fraction(text), comma) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]*)?", text) else (None, False)


def same_number(cell: str, value: Fraction) -> bool:
    """Whether a cell says this number already, in whatever form."""
    return _number(cell)[0] == value
