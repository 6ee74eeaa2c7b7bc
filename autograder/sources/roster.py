"""A list of the class as a CSV file: any system's, or one's own with a column `student` or `name`.

It adds names, e-mail addresses and sections to those who handed in something, and a row for those who did not.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from autograder.errors import UsageError
from autograder.sources.model import ClassList, Member, Row
from autograder.submissions.find import distinct_names
from autograder.submissions.names import plain, same_name_key, squeezed

_COLUMNS = {
    "name": ("name", "full name", "student name", "student", "roster_identifier"),
    "first": ("first name", "firstname"),
    "last": ("last name", "lastname", "surname"),
    "id": ("id", "lms_id", "identifier", "sid", "student id", "orgdefinedid", "sis user id"),
    "username": ("username", "sis login id", "github_username", "login"),
    "email": ("email", "email address", "e-mail"),
    "section": ("section", "sections"),
    "group": ("group",),
    "when": ("submitted_at", "submission_timestamp", "submission time"),
}
_NOT_PEOPLE = ("points possible", "student, test", "test, student")


class Entry(Member, frozen=True):
    """One line of a roster."""

    group: str = ""
    submitted_at: str = ""
    sis: str = ""
    """A second number, in Canvas the institution's."""


def read_rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file with commas, semicolons or tabs, in UTF-8 or UTF-16. Raises UsageError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeError:
        raise UsageError(f"{path} is not UTF-8: save it as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [row for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}. Is there a quote too many or too few?") from None


def read_roster(path: Path) -> list[Entry]:
    """The people of a roster. Raises UsageError for one without names or numbers, and for one who is there twice."""
    rows = read_rows(path)
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = {
        what: next((header.index(name) for name in names if name in header), None) for what, names in _COLUMNS.items()
    }
    if all(places[what] is None for what in ("name", "id", "username", "last", "email")):
        raise UsageError(f"{path}: no column is called student, name, id, username or email.")
    sis = header.index("sis user id") if "sis user id" in header and "id" in header else None
    found: list[Entry] = []
    for row in rows[1:]:
        cells = [cell.strip() for cell in row] + [""] * len(header)
        told = {what: cells[place] if place is not None else "" for what, place in places.items()}
        name = told["name"] or f"{told['first']} {told['last']}".strip()
        number = told["id"].removeprefix("#")
        if places["id"] is not None and header[places["id"]] == "identifier":
            number = re.sub(r"^\D+", "", number)  # "Participant 1234567", in the teacher's language
        if name.casefold() in _NOT_PEOPLE or not (name or number or told["username"] or told["email"]):
            continue
        user = told["username"].removeprefix("#")
        when = told["when"].replace(" ", "T", 1).replace(" ", "")
        second = cells[sis] if sis is not None else ""
        found.append(Entry(name, number, user, told["email"], told["section"], told["group"], when, second))
    if not found:
        raise UsageError(f"{path} holds nobody.")
    for what in ("id", "username", "email", "name"):
        seen: set[str] = set()
        for entry in found:
            # Two people may have one name where something else tells them apart.
            value = getattr(entry, what) if what != "name" or not (entry.id or entry.username or entry.email) else ""
            if value and value.casefold() in seen:
                raise UsageError(f"{path}: {plain(value)} is there twice. Each student has one line.")
            seen.add(value.casefold())
    return found


def with_roster(found: ClassList, roster: Sequence[Entry]) -> tuple[ClassList, list[str]]:
    """The class with what the roster knows, and those who handed in nothing; and who is not on the roster.

    A person is found by number, user name or address, else by a name that only one has.
    """
    used: set[int] = set()
    rows: list[Row] = []
    strangers: list[str] = []
    for row in found.students:
        members = []
        when = row.submitted_at
        group = _group(row, roster)
        mine = [place for place, entry in enumerate(roster) if group and entry.group == group]
        if not mine:
            places = [_place(member, roster) for member in row.members]
            mine = [place for place in places if place is not None]
        for place in mine:
            if place in used:
                who = roster[place].name or roster[place].id
                raise UsageError(
                    f"the roster's {plain(who)} could be the author of two submissions, {plain(row.student)} and "
                    "another. Give the roster a column with the system's own numbers or user names."
                )
            used.add(place)
            when = when or roster[place].submitted_at
        if group:
            members = [_member(roster[place]) for place in mine]
        elif mine and len(mine) >= len(row.members):
            members = [_joined(roster[place], row.members) for place in mine]
        else:
            strangers.append(row.student)
        rows.append(
            structs.replace(row, members=tuple(members) or row.members, group=row.group or group, submitted_at=when)
        )
    absent = [entry for place, entry in enumerate(roster) if place not in used]
    taken = [row.student for row in rows]
    names = [entry.name or entry.username or entry.id or entry.email for entry in absent]
    for entry, name in zip(absent, list(distinct_names([*taken, *names]))[len(taken) :], strict=True):
        rows.append(Row(name, (_member(entry),), attempts=0))
    ordered = tuple(sorted(rows, key=lambda row: row.student))
    return structs.replace(found, students=ordered), strangers


def _group(row: Row, roster: Sequence[Entry]) -> str:
    """The roster's group that handed this in, under its name: downloads of groups do not tell their members."""
    names = {squeezed(name) for name in (row.group, *(member.name for member in row.members[:1])) if name}
    groups = {entry.group for entry in roster if entry.group and squeezed(entry.group) in names}
    return groups.pop() if len(groups) == 1 and len(row.members) <= 1 else ""


def _place(member: Member, roster: Sequence[Entry]) -> int | None:
    ids = {value.casefold() for value in (member.id, member.username, member.email) if value}
    for place, entry in enumerate(roster):
        if any(value.casefold() in ids for value in (entry.id, entry.username, entry.email, entry.sis) if value):
            return place
    names = [place for place, entry in enumerate(roster) if person_key(entry.name) == person_key(member.name)]
    return names[0] if len(names) == 1 else None


def person_key(name: str) -> str:
    """Equal for "Lovelace, Ada" and "Ada Lovelace"."""
    last, comma, first = name.partition(",")
    return same_name_key(" ".join(f"{first} {last}".split() if comma else name.split()))


def _member(entry: Entry) -> Member:
    return Member(entry.name, entry.id, entry.username, entry.email, entry.section)


def _joined(entry: Entry, members: Sequence[Member]) -> Member:
    """What the roster says, and the number of the download, under which the LMS knows the person."""
    own = members[0].id if len(members) == 1 else ""
    return structs.replace(_member(entry), id=own or entry.id, username=entry.username or entry.id)
