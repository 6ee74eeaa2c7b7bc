"""`autograder export OUT --into SHEET`: the sheet again, with marks in one column."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.errors import UsageError
from autograder.export.sheet import Sheet
from autograder.export.systems import Layout, layout_of, same_number
from autograder.language import mark, tr, tr_n
from autograder.policy.apply import NOTHING, Mark, decimal
from autograder.sources.roster import person_key
from autograder.submissions.names import listed, same_name_key

_EXCUSED = "EX"


@dataclass(frozen=True)
class Filled:
    """A sheet with marks, and what to say of it."""

    content: bytes
    said: list[str]


def fill(sheet: Sheet, marks: Sequence[Mark], wanted: str = "", scale: bool = False) -> Filled:
    """Put marks into one column; a row without one keeps its cell.

    `scale`: marks are converted where the sheet has another maximum than the assignment. Raises UsageError for what the
    system would lose, and for a sheet in which nobody is found.
    """
    layout = layout_of(sheet, wanted)
    _refuse_twice(sheet, layout, marks)
    found, by_name = _matched(sheet, layout, marks)
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
                if len(sheet.rows[row]) <= layout.column:
                    raise UsageError(f"{sheet.path}, row {row + 1} has fewer cells than the header: download it again.")
                text = decimal(points)
                values[row, layout.column] = text.replace(".", ",") if layout.comma else text
    kept = {id(entry) for entry in found.values()}
    lost = [entry.student for entry in marks if id(entry) not in kept and entry.status != NOTHING]
    said = _said(layout, counts, len(layout.students) - len(found), len(lost))
    if lost:
        said.append(tr("Without a row: {students}", students=listed(lost)))
    if by_name:
        said.append(
            tr("{count} found by name, because no number or user name fits; a roster tells those.", count=by_name)
        )
    if layout.remark:
        said.append(f"{layout.system}: {layout.remark}")
    return Filled(sheet.replaced(values), said)


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


def _matched(sheet: Sheet, layout: Layout, marks: Sequence[Mark]) -> tuple[dict[int, Mark], int]:
    """Whose each row is, and how many were found only by name: which is tried where no number fits at all."""
    by_id: defaultdict[str, list[Mark]] = defaultdict(list)
    for entry in marks:
        known_as = (entry.member.id, entry.member.username, entry.member.email)
        for key in {same_name_key(known) for known in known_as if known}:
            by_id[key].append(entry)
    found: dict[int, Mark] = {}
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
        for entry in marks:
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


def _scaled(sheet: Sheet, layout: Layout, entry: Mark, scale: bool) -> Fraction:
    assert entry.mark is not None
    points = entry.mark
    if layout.total != entry.total:
        if not scale:
            raise UsageError(
                f"{sheet.path}: {layout.title} has {decimal(layout.total)} points, the assignment "
                f"{decimal(entry.total)}. --scale converts marks to the sheet's."
            )
        points = Fraction(decimal(points * layout.total / entry.total))
    if points > layout.total:
        raise UsageError(
            f"{sheet.path}: {entry.student} has {decimal(points)} of {decimal(layout.total)} points; {layout.system} "
            "may cut or drop more than the maximum. Take it off in adjustments.csv, and add it there by hand."
        )
    return points


def _refuse_twice(sheet: Sheet, layout: Layout, marks: Sequence[Mark]) -> None:
    """Two rows of one number, and two marks of one person."""
    numbers = Counter(same_name_key(layout.ids[row][0]) for row in layout.students if layout.ids[row][0])
    if twice := [number for number, count in numbers.items() if count > 1]:
        raise UsageError(f"{sheet.path} has two rows of {listed(twice)}: download it again.")

    seen: dict[str, str] = {}
    for each in marks:
        number = same_name_key(each.member.id)
        if number and each.mark is not None and number in seen:
            raise UsageError(f"{each.member.id} has two marks, as {seen[number]} and as {each.student}: keep one.")
        seen[number] = each.student
