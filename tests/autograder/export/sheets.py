"""Sheets as the four systems write them, and importers that do what theirs are documented to do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence


def _rows(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n", quote: int = csv.QUOTE_MINIMAL) -> str:
    table = io.StringIO()
    csv.writer(table, delimiter=delimiter, lineterminator=end, quoting=quote).writerows(rows)  # type: ignore[arg-type]
    return table.getvalue()


def canvas(names: Sequence[str]) -> bytes:
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Week 3 (98764)", "Week 4 (98765)", "Final Score"]
    ]
    rows += [["    Points Possible", "", "", "", "", "10", "100", "(read only)"]]
    rows += [
        [name, str(4400 + n), f"S{n:03}", f"login{n}", "CS1 and CS2", "7.5", "" if n % 2 else "12.00", "80.1"]
        for n, name in enumerate(names)
    ]
    rows += [["Student, Test", "9999", "", "abc", "CS1", "", "", ""]]
    return b"\xef\xbb\xbf" + _rows(rows).encode()


def import_canvas(data: bytes) -> dict[str, float | None]:
    """By `(id)` of the column and ID of the student; blank is no score."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    (column,) = [place for place, name in enumerate(rows[0]) if re.search(r"\(98765\)$", name)]
    return {row[1]: float(row[column].replace(",", ".")) if row[column] not in ("", "-") else None for row in rows[2:]}


def moodle(names: Sequence[str]) -> bytes:
    head = "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    head += "Last modified (submission),Last modified (grade),Feedback comments"
    rows = [head.split(",")]
    rest = ["100.00", "Yes", "Friday, 30 January 2026, 3:00 PM", "-", 'said "well done",\nand more']
    rows += [
        [f"Participant {1234000 + n}", name, f"s{n}@example.edu", "Submitted", "" if n % 2 else "12.00", *rest]
        for n, name in enumerate(names)
    ]
    return _rows(rows, end="\r\n").encode()


def import_moodle(data: bytes) -> dict[str, float | None]:
    """By the participant's number; empty and out of range are skipped."""
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    found: dict[str, float | None] = {}
    for row in rows:
        value = float(row["Grade"]) if row["Grade"] else None
        assert value is None or 0 <= value <= float(row["Maximum grade"])
        found[row["Identifier"].removeprefix("Participant ")] = value
    return found


def blackboard(names: Sequence[str]) -> bytes:
    rows = [["Last Name", "First Name", "Username", "Student ID", "Week 4 [Total Pts: 100 Score] |1281892"]]
    rows += [
        [name.partition(" ")[2], name.partition(" ")[0], f"user_{n}", f"S{n}", "" if n % 2 else "12.00"]
        for n, name in enumerate(names)
    ]
    return b"\xff\xfe" + _rows(rows, "\t", "\r\n", csv.QUOTE_ALL).encode("utf-16-le")


def import_blackboard(data: bytes) -> dict[str, float | None]:
    """By user name, and the number at the end of the column's title."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-16"), newline=""), delimiter="\t"))
    (column,) = [place for place, name in enumerate(rows[0]) if name.endswith("|1281892")]
    return {row[2]: float(row[column]) if row[column] else None for row in rows[1:]}


def brightspace(names: Sequence[str]) -> bytes:
    title = "Week 4 Points Grade <Numeric MaxPoints:100 Weight:10 Category:Labs CategoryWeight:10>"
    rows = [["OrgDefinedId", "Username", "First Name", "Last Name", title, "End-of-Line Indicator"]]
    rows += [
        [f"#S{n:03}", f"#login{n}", name.partition(" ")[0], name.partition(" ")[2], "" if n % 2 else "12.00", "#"]
        for n, name in enumerate(names)
    ]
    return _rows(rows).encode()


def import_brightspace(data: bytes) -> dict[str, float | None]:
    """By user name behind `#`; every line ends in `#`; more than the maximum would be cut."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert all(row[-1] == "#" for row in rows[1:])
    return {row[1].removeprefix("#"): float(row[4]) if row[4] else None for row in rows[1:]}
