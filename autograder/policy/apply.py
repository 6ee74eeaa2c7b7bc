"""`autograder policy OUT`: marks.csv and late.csv from the raw results of a class and the instructor's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec

from autograder.errors import UsageError, did_you_mean
from autograder.language import mark, tr, tr_n
from autograder.policy.files import Line, Written, moment, read_policy
from autograder.policy.rules import Lateness, Rules, group_budgets, hours, judge
from autograder.results.files import as_written, csv_bytes, not_a_formula
from autograder.results.model import Result
from autograder.results.whole import write_whole
from autograder.sources.model import ClassList, Member, Row
from autograder.sources.roster import read_rows
from autograder.sources.store import read_class
from autograder.submissions.names import same_name_key

MARKS, LATE = "marks.csv", "late.csv"
MARK_COLUMNS = ("student", "name", "id", "username", "email", "section", "raw", "max", "mark", "status", "explanation")
LATE_COLUMNS = (
    *("student", "name", "id", "submitted", "due", "units", "slip_days", "slip_days_left", "share", "explanation"),
)
GRADED, HELD = mark("graded"), mark("held")
NOTHING, NOT_GRADED = mark("handed in nothing"), mark("not graded")
LATE_SOMEHOW, TIME_NOT_KNOWN = mark("late, not known by how much"), mark("time not known")
_Who = tuple[str, Member]
"""A row of the class by its student, and one of those who handed it in."""


@dataclass(frozen=True)
class Mark:
    """What one person gets. `mark` is None where nothing is to be entered."""

    student: str
    member: Member
    raw: Fraction | None
    total: Fraction
    mark: Fraction | None
    status: str
    """One of the constants above, which are English whatever the language."""
    explanation: str
    submitted: datetime | None = None
    due: datetime | None = None
    lateness: Lateness | None = None


def apply_policy(out: Path, rules_folder: Path) -> str:
    """Write `out`/marks.csv and late.csv; what to say. Raises UsageError and writes nothing then."""
    found = read_class(out)
    written = read_policy(rules_folder, found.assignment)
    marks = class_marks(found, read_results(out, found), written, _used(written.ledgers))
    write_whole(out / MARKS, csv_bytes(MARK_COLUMNS, map(_mark_row, marks)))
    write_whole(out / LATE, csv_bytes(LATE_COLUMNS, (_late_row(mark) for mark in marks if mark.lateness is not None)))
    return _said(marks)


def read_results(out: Path, found: ClassList) -> dict[str, Result]:
    """The raw results of those who could be graded, by student."""
    results = {}
    for row in found.students:
        file = out / "results" / f"{row.student}.json"
        try:
            results[row.student] = msgspec.json.decode(file.read_bytes(), type=Result)
        except FileNotFoundError:
            continue
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(f"{file} cannot be read ({error}). Grade again.") from None
    return results


def class_marks(
    found: ClassList, results: Mapping[str, Result], written: Written, used: Mapping[str, int]
) -> list[Mark]:
    """The marks of a class; a group's members have one each. `used` are slip days of other assignments, by person."""
    by_name = _people(found)
    extensions, adjustments, holds = (
        _by_person(lines, by_name) for lines in (written.extensions, written.adjustments, written.holds)
    )
    total = next((Fraction(str(result.max_score)) for result in results.values()), Fraction(0))
    marks: list[Mark] = []
    for row in found.students:
        members = _members(row)
        budgets = [written.rules.slip_days - used.get(_person(each.id, each.name), 0) for each in members]
        for member, budget in zip(members, group_budgets(written.rules, budgets), strict=True):
            who = (row.student, member)
            mine = replace(written, extensions=extensions[who], adjustments=adjustments[who], holds=holds[who])
            marks.append(_mark(row, member, results.get(row.student), total, mine, budget))
    return marks


def _members(row: Row) -> Sequence[Member]:
    return row.members or (Member(row.student, row.student),)


def _mark(row: Row, member: Member, result: Result | None, total: Fraction, mine: Written, budget: int) -> Mark:
    """Of one person; `mine` holds the lines about this one only."""
    told: list[str] = []
    if result is None:
        status = NOTHING if row.attempts == 0 else NOT_GRADED
        points = Fraction(0) if row.attempts == 0 and mine.rules.missing == "zero" else None
        raw, lateness, submitted, due = None, None, None, None
    else:
        raw = points = Fraction(str(result.score))
        status, lateness = GRADED, None
        submitted, due = moment(row.submitted_at, mine.zone), _due(mine)
        if due is not None and submitted is not None:
            lateness = judge(mine.rules, raw, total, max(submitted - due, timedelta(0)), budget)
            points = lateness.mark
            told.append(_explained(lateness, mine, submitted))
        elif due is not None and row.late is not False:
            status = LATE_SOMEHOW if row.late else TIME_NOT_KNOWN
            why = tr("nothing is taken off; a roster's column submitted_at tells the time")
            told.append(f"{tr(status)}: {why}")
    if mine.adjustments:
        # In the order of their text, so that the order of lines does not matter.
        for line in sorted(mine.adjustments, key=lambda line: (line.points, line.reason)):
            adjusted = tr("adjusted by {points}", points=f"{float(line.points):+g}")
            told.append(f"{adjusted} ({line.reason})" if line.reason else adjusted)
        points = max((points or Fraction(0)) + sum(line.points for line in mine.adjustments), Fraction(0))
    if mine.holds:
        points, status = None, HELD
        told += sorted(f"{tr(HELD)}: {line.reason}" if line.reason else tr(HELD) for line in mine.holds)
    explanation = "; ".join(filter(None, told))
    return Mark(row.student, member, raw, total, points, status, explanation, submitted, due, lateness)


def _due(mine: Written) -> datetime | None:
    """The due date of one person: of several extensions, the most generous."""
    due = mine.rules.due
    if due is None:
        return None
    times = [due]
    for line in mine.extensions:
        times += [line.until or due, due + line.days * mine.rules.unit]
    return max(times)


def _explained(lateness: Lateness, mine: Written, submitted: datetime) -> str:
    """ "27 h late, 3 h after your extension: 1 slip day, 3 of 5 left"."""
    rules = mine.rules
    assert rules.due is not None
    late = hours(submitted - rules.due)
    if lateness.units == 0:
        within = mine.extensions and submitted - rules.due > rules.grace
        return tr("{late} late, within your extension", late=late) if within else ""
    told = tr("{late} late", late=late)
    if mine.extensions:
        told = tr("{late} late, {rest} after your extension", late=late, rest=hours(lateness.late))
    parts = []
    if lateness.too_late:
        parts.append(tr("too late to count"))
    if lateness.slip_days:
        parts.append(
            tr_n(
                "{count} slip day, {left} of {every} left",
                "{count} slip days, {left} of {every} left",
                lateness.slip_days,
                left=lateness.slip_days_left,
                every=rules.slip_days,
            )
        )
    if lateness.units > lateness.slip_days and not lateness.too_late:
        left = _left(rules, float(100 * lateness.share))
        parts.append(tr("for the rest, {left}", left=left) if lateness.slip_days else left)
    return f"{told}: {', '.join(parts)}"


def _left(rules: Rules, share: float) -> str:
    """What lateness leaves beyond slip days; `share` in percent."""
    if rules.after == "zero":
        return tr("no points")
    if rules.after == "cap":
        return tr("at most {share:g} % of the points", share=share)
    if rules.of == "total":
        return tr("{share:g} % of all points off", share=100 - share)
    return tr("{share:g} % of the points left", share=share)


def _people(found: ClassList) -> Mapping[str, set[_Who]]:
    """Whom a name, number or address in the instructor's files may be about: a group's is all its members'."""
    by_name: defaultdict[str, set[_Who]] = defaultdict(set)
    for row in found.students:
        for member in _members(row):
            for name in (member.name, member.id, member.username, member.email, row.student, row.group):
                if name:
                    by_name[same_name_key(name)].add((row.student, member))
    return by_name


def _by_person(lines: Iterable[Line], by_name: Mapping[str, set[_Who]]) -> defaultdict[_Who, tuple[Line, ...]]:
    found: defaultdict[_Who, tuple[Line, ...]] = defaultdict(tuple)
    for line in lines:
        people = by_name.get(same_name_key(line.student), set())
        if not people:
            raise UsageError(f"{line.where}: there is no student {line.student}{did_you_mean(line.student, by_name)}.")
        if len({student for student, _ in people}) > 1:
            raise UsageError(f"{line.where}: {line.student} is several people; write the number or e-mail address.")
        for who in people:
            found[who] += (line,)
    return found


def _used(ledgers: Sequence[Path]) -> dict[str, int]:
    """Slip days by person in the ledgers of other assignments."""
    used: defaultdict[str, int] = defaultdict(int)
    for ledger in ledgers:
        for row in read_table(ledger, LATE_COLUMNS, f"name a {LATE} of another assignment."):
            if not row["slip_days"].isdecimal():
                raise UsageError(f"{ledger}: slip_days of {row['student']} is not a number.")
            used[_person(row["id"], row["name"])] += int(row["slip_days"])
    return used


def read_table(file: Path, columns: Sequence[str], remedy: str) -> list[dict[str, str]]:
    """The rows of a table that `autograder policy` wrote. Raises UsageError, with the remedy, for any other."""
    header, *rows = read_rows(file) or [[]]
    if header != list(columns) or any(len(row) != len(columns) for row in rows):
        raise UsageError(f"{file} is not as `autograder policy` wrote it: {remedy}")
    return [dict(zip(columns, map(as_written, row), strict=True)) for row in rows]


def _person(number: str, name: str) -> str:
    return same_name_key(number or name)


def _mark_row(mark: Mark) -> list[str]:
    member = mark.member
    who = [mark.student, member.name, member.id, member.username, member.email, member.section]
    numbers = [decimal(mark.raw), decimal(mark.total), decimal(mark.mark)]
    return [*map(not_a_formula, who), *numbers, tr(mark.status), not_a_formula(mark.explanation)]


def _late_row(mark: Mark) -> list[str]:
    late = mark.lateness
    assert late is not None
    assert mark.submitted is not None
    assert mark.due is not None
    who = [mark.student, mark.member.name, mark.member.id]
    when = [mark.submitted.isoformat(), mark.due.isoformat()]
    counts = [str(late.units), str(late.slip_days), str(late.slip_days_left), str(late.share)]
    return [*map(not_a_formula, who), *when, *counts, not_a_formula(mark.explanation)]


def decimal(value: Fraction | None) -> str:
    """A mark in a gradebook: hundredths, halves up, no trailing zeros."""
    if value is None:
        return ""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")


def _said(marks: Sequence[Mark]) -> str:
    late = sum(mark.lateness is not None and mark.lateness.units > 0 for mark in marks)
    slips = sum(mark.lateness.slip_days for mark in marks if mark.lateness is not None)
    counts = [
        tr_n("{count} mark", "{count} marks", sum(mark.mark is not None for mark in marks)),
        tr("{count} late", count=late),
        tr_n("{count} slip day used", "{count} slip days used", slips),
    ]
    counts += [
        tr("{count} {status}", count=count, status=tr(status))
        for status in (HELD, NOTHING, NOT_GRADED, LATE_SOMEHOW, TIME_NOT_KNOWN)
        if (count := sum(mark.status == status for mark in marks))
    ]
    return ", ".join(counts)
