"""The instructor's files: policy.toml, extensions.csv, adjustments.csv and hold.csv.

Whatever is misspelt is an error that names file, line and remedy: a rule that is ignored in silence costs marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from autograder.course.assignment import converted
from autograder.errors import UsageError, did_you_mean
from autograder.policy.rules import After, Allocation, Groups, Missing, Of, Rules
from autograder.sources.roster import read_rows

POLICY, EXTENSIONS, ADJUSTMENTS, HOLD = "policy.toml", "extensions.csv", "adjustments.csv", "hold.csv"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AS_WRITTEN = ("slip_days", "max_per_assignment", "hard_stop", "after", "of", "groups", "allocation", "missing")
_Count = Annotated[int, Meta(ge=0)]
_Share = Annotated[float, Meta(ge=0, le=1)]


class _Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """policy.toml; what its keys mean is said by Rules."""

    due: Any = None
    """A time or a day, also as text."""
    timezone: str | None = None
    grace: str = "0s"
    unit: str = "1d"
    slip_days: _Count = 0
    max_per_assignment: _Count | None = None
    steps: tuple[tuple[_Count, _Share], ...] = ()
    floor: _Share = 0.0
    hard_stop: _Count | None = None
    ledgers: tuple[str, ...] = ()
    after: After = "deduct"
    of: Of = "earned"
    groups: Groups = "each"
    allocation: Allocation = "in_order"
    missing: Missing = "blank"


@dataclass(frozen=True)
class Line:
    """A line of one of the CSV files."""

    where: str
    student: str
    until: datetime | None = None
    days: int = 0
    points: Fraction = Fraction(0)
    reason: str = ""


@dataclass(frozen=True)
class Written:
    """All that the instructor wrote about one assignment."""

    rules: Rules
    zone: ZoneInfo | None = None
    ledgers: tuple[Path, ...] = ()
    extensions: tuple[Line, ...] = ()
    adjustments: tuple[Line, ...] = ()
    holds: tuple[Line, ...] = ()


def read_policy(folder: Path, assignment: str) -> Written:
    """What holds for `assignment`; each of the files may be missing. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: name the one that holds {POLICY}.")
    written = _read_toml(folder / POLICY)
    extensions, adjustments, holds = (
        _read_lines(folder / name, assignment, columns, written.zone)
        for name, columns in ((EXTENSIONS, ("until", "days")), (ADJUSTMENTS, ("points",)), (HOLD, ()))
    )
    due = written.rules.due
    for line in extensions:
        if line.until is not None and due is not None and line.until < due:
            raise UsageError(f"{line.where}: the extension ends before the due date, {due.isoformat()}.")
    return replace(written, extensions=extensions, adjustments=adjustments, holds=holds)


def _read_toml(file: Path) -> Written:
    try:
        table = msgspec.toml.decode(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Written(Rules())
    except (OSError, UnicodeError, msgspec.DecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}).") from None
    policy = converted(table, _Policy, str(file))
    zone = _zone(file, policy.timezone)
    rules = Rules(
        due=None if policy.due is None else _moment(f"{file}: due", policy.due, zone),
        grace=_duration(file, "grace", policy.grace),
        unit=_duration(file, "unit", policy.unit),
        steps=_steps(file, policy.steps),
        floor=Fraction(str(policy.floor)),
        **{key: getattr(policy, key) for key in _AS_WRITTEN},
    )
    if rules.unit <= timedelta(0):
        raise UsageError(f"{file}: unit must be longer than nothing.")
    return Written(rules, zone, tuple(file.parent / each for each in policy.ledgers))


def _zone(file: Path, name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise UsageError(
            f"{file}: timezone = {name!r} is not known; write it as Europe/Berlin or Asia/Seoul."
        ) from None


def _duration(file: Path, key: str, text: str) -> timedelta:
    match = re.fullmatch(r"\s*([0-9]{1,6})\s*([smhd])\s*", text)
    if match is None:
        raise UsageError(f'{file}: {key} = {text!r}: write a number and one of s, m, h, d, such as "10m" or "24h".')
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _steps(file: Path, written: tuple[tuple[int, float], ...]) -> tuple[tuple[int, Fraction], ...]:
    """Shares as they were written: 0.9 is nine tenths."""
    ordered = sorted(written)
    for (since, share), (later, less) in pairwise(ordered):
        if later == since or less > share:
            raise UsageError(f"{file}: steps: {later} units leave {less:g}, {since} leave {share:g}.")
    if ordered and ordered[0][0] == 0:
        raise UsageError(f"{file}: steps begin with 1 unit; 0 is in time.")
    return tuple((since, Fraction(str(share))) for since, share in written)


def moment(text: Any, zone: ZoneInfo | None) -> datetime | None:
    """A time with its offset, by the policy's time zone where it has none; None where it cannot be understood."""
    if isinstance(text, str):
        try:
            text = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip().replace("Z", "+00:00")))
        except ValueError:
            return None
    if isinstance(text, date) and not isinstance(text, datetime):
        text = datetime.combine(text, time(23, 59, 59))
    if not isinstance(text, datetime):
        return None
    if text.tzinfo is None:
        return text.replace(tzinfo=zone) if zone is not None else None
    return text


def _moment(where: str, value: Any, zone: ZoneInfo | None) -> datetime:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        value = f"{value}T23:59:59"  # a day lasts until its end
    found = moment(value, zone)
    if found is None:
        raise UsageError(
            f"{where}: {value} is not a time with an offset, such as 2026-01-30T23:59:00+01:00; without an offset, "
            f"{POLICY} must name a timezone."
        )
    return found


def _read_lines(file: Path, assignment: str, columns: tuple[str, ...], zone: ZoneInfo | None) -> tuple[Line, ...]:
    if not file.is_file():
        return ()
    rows = read_rows(file)
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    known = ("student", "assignment", *columns, "reason")
    for name in header:
        if name not in known:
            raise UsageError(
                f"{file}: there is no column {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}."
            )
    if "student" not in header or (columns and not set(columns) & set(header)):
        raise UsageError(f"{file}: the first line names the columns {', '.join(known)}.")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
        where = f"{file}, line {number}"
        if len(row) > len(header) or not cells.get("student"):
            raise UsageError(f"{where}: a student, and no more cells than columns; quote what holds a comma.")
        if cells.get("assignment") and cells["assignment"] != assignment:
            continue
        line = Line(where, cells["student"], reason=cells.get("reason", ""))
        if cells.get("until"):
            line = replace(line, until=_moment(where, cells["until"], zone))
        if cells.get("days"):
            line = replace(line, days=_whole(where, cells["days"]))
        if "points" in columns:
            line = replace(line, points=_points(where, cells.get("points", "")))
        found.append(line)
    return tuple(found)


def _whole(where: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise UsageError(f"{where}: {text} is not a number of days.")
    return int(text)


def _points(where: str, text: str) -> Fraction:
    if not re.fullmatch(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6}|/[0-9]{1,6})?", text) or text.endswith("/0"):
        raise UsageError(f"{where}: points are a number such as -2 or 1.5, not {text!r}.")
    return Fraction(text)
