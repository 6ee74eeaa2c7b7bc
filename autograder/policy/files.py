"""The instructor's files: policy.toml, extensions.csv, adjustments.csv and hold.csv.

Whatever is misspelt is an error that names file, line and remedy: a rule that is ignored in silence costs marks.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.errors import UsageError, did_you_mean
from autograder.policy.rules import AFTER, ALLOCATION, GROUPS, MISSING, OF, Rules
from autograder.sources.roster import read_rows

_toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

POLICY, EXTENSIONS, ADJUSTMENTS, HOLD = "policy.toml", "extensions.csv", "adjustments.csv", "hold.csv"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CHOICES = {"after": AFTER, "of": OF, "groups": GROUPS, "allocation": ALLOCATION, "missing": MISSING}
_KEYS = (
    *("due", "timezone", "grace", "unit", "slip_days", "max_per_assignment", "steps", "floor", "hard_stop", "ledgers"),
    *_CHOICES,
)


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
    zone: timezone | ZoneInfo | None
    ledgers: tuple[Path, ...]
    extensions: tuple[Line, ...]
    adjustments: tuple[Line, ...]
    holds: tuple[Line, ...]


def read_policy(folder: Path, assignment: str) -> Written:
    """What holds for `assignment`; each of the files may be missing. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: name the one that holds {POLICY}.")
    rules, zone, ledgers = _read_toml(folder / POLICY)
    extensions = _read_lines(folder / EXTENSIONS, assignment, ("until", "days"), zone)
    for line in extensions:
        if line.until is not None and rules.due is not None and line.until < rules.due:
            raise UsageError(f"{line.where}: the extension ends before the due date, {rules.due.isoformat()}.")
    adjustments = _read_lines(folder / ADJUSTMENTS, assignment, ("points",), zone)
    return Written(rules, zone, ledgers, extensions, adjustments, _read_lines(folder / HOLD, assignment, (), zone))


def _read_toml(file: Path) -> tuple[Rules, timezone | ZoneInfo | None, tuple[Path, ...]]:
    try:
        # Exact: 0.9 is nine tenths.
        table: dict[str, Any] = _toml.loads(file.read_text(encoding="utf-8"), parse_float=Fraction)
    except FileNotFoundError:
        return Rules(), None, ()
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read ({error}).") from None
    for key in table:
        if key not in _KEYS:
            raise UsageError(
                f"{file}: there is no key {key!r}{did_you_mean(key, _KEYS)}; there are {', '.join(_KEYS)}."
            )
    for key, choices in _CHOICES.items():
        if key in table and table[key] not in choices:
            raise UsageError(f"{file}: {key} = {table[key]!r}: choose among {', '.join(choices)}.")
    zone = _zone(file, table.get("timezone"))
    values: dict[str, Any] = {key: table[key] for key in _CHOICES if key in table}
    readers: dict[str, Callable[[Path, str, Any], Any]] = {
        **dict.fromkeys(("grace", "unit"), _duration),
        **dict.fromkeys(("slip_days", "max_per_assignment", "hard_stop"), _count),
        "floor": _share,
        "steps": _steps,
    }
    values |= {key: read(file, key, table[key]) for key, read in readers.items() if key in table}
    rules = Rules(**values)
    if rules.unit <= timedelta(0):
        raise UsageError(f"{file}: unit must be longer than nothing.")
    if "due" in table:
        rules = replace(rules, due=_moment(f"{file}: due", table["due"], zone))
    ledgers = table.get("ledgers", [])
    if not isinstance(ledgers, list) or not all(isinstance(each, str) for each in ledgers):
        raise UsageError(f'{file}: ledgers is a list of files, such as ["../week3/late.csv"].')
    return rules, zone, tuple(file.parent / each for each in ledgers)


def _zone(file: Path, name: Any) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, TypeError, OSError):
        raise UsageError(
            f"{file}: timezone = {name!r} is not known; write it as Europe/Berlin or Asia/Seoul."
        ) from None


def _duration(file: Path, key: str, value: Any) -> timedelta:
    match = re.fullmatch(r"\s*([0-9]{1,6})\s*([smhd])\s*", value) if isinstance(value, str) else None
    if match is None:
        raise UsageError(f'{file}: {key} = {value!r}: write a number and one of s, m, h, d, such as "10m" or "24h".')
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _count(file: Path, key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(f"{file}: {key} = {value}: write a whole number, 0 or more.")
    return value


def _share(file: Path, key: str, value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Fraction) or not 0 <= value <= 1:
        raise UsageError(f"{file}: {key} holds {value}: write a share from 0 to 1, such as 0.9.")
    return Fraction(value)


def _steps(file: Path, key: str, value: Any) -> tuple[tuple[int, Fraction], ...]:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise UsageError(f"{file}: {key} is a list of pairs, such as [[1, 0.9], [2, 0.8]]: units late, share left.")
    steps = tuple((_count(file, "steps", since), _share(file, "steps", share)) for since, share in value)
    ordered = sorted(steps)
    for (since, share), (later, less) in pairwise(ordered):
        if later == since or less > share:
            raise UsageError(f"{file}: steps: {later} units leave {float(less):g}, {since} leave {float(share):g}.")
    if ordered and ordered[0][0] == 0:
        raise UsageError(f"{file}: steps begin with 1 unit; 0 is in time.")
    return steps


def moment(text: Any, zone: timezone | ZoneInfo | None) -> datetime | None:
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


def _moment(where: str, value: Any, zone: timezone | ZoneInfo | None) -> datetime:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        value = f"{value}T23:59:59"  # a day lasts until its end
    found = moment(value, zone)
    if found is None:
        raise UsageError(
            f"{where}: {value} is not a time with an offset, such as 2026-01-30T23:59:00+01:00; without an offset, "
            f"{POLICY} must name a timezone."
        )
    return found


def _read_lines(
    file: Path, assignment: str, columns: tuple[str, ...], zone: timezone | ZoneInfo | None
) -> tuple[Line, ...]:
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
