"""`autograder export OUT --into SHEET`: the sheet again, with marks in one column."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.errors import UsageError
from autograder.export.marks import Entry, refuse_duplicates
from autograder.export.sheet import Sheet
from autograder.export.systems import Layout, layout_of, same_number
from autograder.language import mark, tr, tr_n
from autograder.policy.apply import decimal
from autograder.sources.roster import person_key
from autograder.submissions.names import listed, same_name_key

_EXCUSED = "EX"


@dataclass(frozen=True)
class Filled:
    """A sheet with marks, and what to say of it."""

    content: bytes
    system: str
    said: list[str]


def fill(sheet: Sheet, entries: Sequence[Entry], wanted: str = "", scale: bool = False) -> Filled:
    """Put marks into one column; a row without one keeps its cell.

    `scale`: marks are converted where the sheet has another maximum than the assignment. Raises UsageError for what the
    system would lose, and for a sheet in which nobody is found.
    """
    layout = layout_of(sheet, wanted)
    _refuse_twice(sheet, layout)
    refuse_duplicates(entries)
    found, by_name = _matched(sheet, layout, entries)
    values: dict[tuple[int, int], str] = {}
    counts: Counter[str] = Counter()
    for row, entry in found.items():
        if entry.mark is None:
            counts["without a mark"] += 1
        elif row in layout.locked:
            counts["locked"] += 1
        elif (before := sheet.value(row, layout.column)) == _EXCUSED:
            counts["excused"] += 1
        else:
            points = _scaled(sheet, layout, entry, scale)
            counts["marks"] += 1
            if not same_number(before, points):
                counts["new" if before in ("", "-") else "changed"] += 1
                text = decimal(points)
                _refuse_short(sheet, row, layout)
                values[row, layout.column] = text.replace(".", ",") if layout.comma else text
    students = {row for row in layout.students if row not in found}
    kept = {id(entry) for entry in found.values()}
    lost = [entry.student for entry in entries if id(entry) not in kept and not entry.is_absent]
    said = _said(layout, counts, len(students), len(lost))
    if lost:
        said.append(tr("Without a row: {students}", students=listed(lost)))
    if by_name:
        told = tr("{count} found by name, because no number or user name fits; a roster tells those.", count=by_name)
        said.append(told)
    if layout.remark:
        said.append(f"{layout.system}: {layout.remark}")
    return Filled(sheet.replaced(values), layout.system, said)


def _said(layout: Layout, counts: Counter[str], without: int, lost: int) -> list[str]:
    parts = [
        tr("{count} changed", count=counts["changed"]),
        tr("{count} new", count=counts["new"]),
        tr_n(
            "{count} student in the sheet without submission",
            "{count} students in the sheet without submission",
            without,
        ),
        tr_n("{count} submission without a row", "{count} submissions without a row", lost),
    ]
    parts += [
        tr(told, count=counts[what])
        for what, told in (
            ("without a mark", mark("{count} held or not graded, left as they are")),
            ("locked", mark("{count} locked there, left as they are")),
            ("excused", mark("{count} excused there, left as they are")),
        )
        if counts[what]
    ]
    entered = tr_n("{count} mark", "{count} marks", counts["marks"])
    return [f"{layout.system}, {layout.title}: {entered}: {', '.join(parts)}"]


def _matched(sheet: Sheet, layout: Layout, entries: Sequence[Entry]) -> tuple[dict[int, Entry], int]:
    """Whose each row is, and how many were found only by name: which is tried where no number fits at all."""
    by_id: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for known in entry.ids:
            by_id[known].append(entry)
    found: dict[int, Entry] = {}
    for row in layout.students:
        for known in filter(None, layout.ids[row]):
            people = by_id.get(same_name_key(known), [])
            if len(people) > 1:
                raise UsageError(
                    f"{sheet.path}, row {row + 1}: {known} is {listed([each.student for each in people])}."
                )
            if people:
                found[row] = people[0]
                break
    by_name = 0
    if not found:
        names = Counter(person_key(layout.names.get(row, "")) for row in layout.students)
        people_of = defaultdict(list)
        for entry in entries:
            people_of[person_key(entry.member.name)].append(entry)
        for row in layout.students:
            key = person_key(layout.names.get(row, ""))
            if key and names[key] == 1 and len(people_of[key]) == 1:
                found[row] = people_of[key][0]
        by_name = len(found)
    if not found:
        raise UsageError(
            f"{sheet.path}: none of its {len(layout.students)} students has a submission. Is it the sheet of another "
            "class or assignment? If not, grade with --roster, and a file that has the numbers of both."
        )
    counts = Counter((entry.student, entry.member) for entry in found.values())
    twice = [student for (student, _), count in counts.items() if count > 1]
    if twice:
        raise UsageError(f"{sheet.path}: {listed(twice)} would be entered in two rows.")
    return found, by_name


def _scaled(sheet: Sheet, layout: Layout, entry: Entry, scale: bool) -> Fraction:
    assert entry.mark is not None
    mark = entry.mark
    if layout.total != entry.total:
        if not scale:
            raise UsageError(
                f"{sheet.path}: {layout.title} has {decimal(layout.total)} points, the assignment "
                f"{decimal(entry.total)}. --scale converts marks to the sheet's."
            )
        mark = Fraction(decimal(mark * layout.total / entry.total))
    if mark > layout.total:
        raise UsageError(
            f"{sheet.path}: {entry.student} has {decimal(mark)} of {decimal(layout.total)} points; {layout.system} may "
            "cut or drop more than the maximum. Take it off in adjustments.csv, and add it there by hand."
        )
    return mark


def _refuse_twice(sheet: Sheet, layout: Layout) -> None:
    numbers = Counter(same_name_key(layout.ids[row][0]) for row in layout.students if layout.ids[row][0])
    if twice := [number for number, count in numbers.items() if count > 1]:
        raise UsageError(f"{sheet.path} has two rows of {listed(twice)}: download it again.")


def _refuse_short(sheet: Sheet, row: int, layout: Layout) -> None:
    if len(sheet.rows[row]) <= layout.column:
        raise UsageError(f"{sheet.path}, row {row + 1} has fewer cells than the header: download it again.")
