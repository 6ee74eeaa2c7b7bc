"""The systems that put a student's name and number into the names of files or folders.

Canvas: lib/content_zipper.rb and app/models/abstract_assignment.rb. Moodle: mod/assign/classes/downloader.php.
Blackboard and Brightspace: what those who sort their downloads have documented.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from autograder.sources.model import FILE, OTHER, TEXT, Handed, Member

_CANVAS = re.compile(
    r"(?P<name>[^\s/]+?)(?P<late>_LATE)?_(?P<id>[0-9]+)_(?:(?P<upload>[0-9]+)_(?P<file>[^/]+)|(?P<text>text|link)\.html)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[A-Za-z0-9]{5})_(?:(?P<upload>[0-9]+)_(?P<file>[^/]+)|(?P<text>text|link)\.html)"
)
_MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<id>[0-9]+))?_assign(?P<what>submission|feedback)_(?P<kind>[a-z]+)(?:[_/]+(?P<file>.+))?"
)
_BLACKBOARD = re.compile(r"(?P<who>[^/]+)_attempt_(?P<when>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>[^/]+)|\.txt)")
_BLACKBOARD_NAME = re.compile(r"^\s*Name:\s*(?P<name>.*?)\s*\((?P<user>[^()]+)\)\s*$", re.MULTILINE)
_DATE = r"[A-Z][a-z]{2,8}\.? [0-9]{1,2}, [0-9]{4} [0-9]{3,4} ?[AP]M"
_BRIGHTSPACE = re.compile(rf"(?P<ids>[0-9]+-[0-9]+) - (?P<name>[^/]+) - (?P<when>{_DATE})/(?P<file>.+)")
_BRIGHTSPACE_FLAT = re.compile(
    rf"(?P<ids>[0-9]+-[0-9]+) - (?:(?P<org>[A-Z]?[0-9]{{4,}}) - )?(?P<name>[^/]+?) ?- (?P<when>{_DATE}) - "
    r"(?P<file>[^/]+)"
)


def canvas(name: str) -> Handed | None:
    """`lovelaceada_LATE_4411_67890_lstm_cell-1.py`. The user id is the key: names are cut to letters and digits."""
    match = _CANVAS_ANONYMOUS.fullmatch(name)
    who = f"anon {match['id']}" if match else ""
    match = match or _CANVAS.fullmatch(name)
    if match is None:
        return None
    who = who or unicodedata.normalize("NFC", match["name"])
    return Handed(
        where=name,
        name=match["file"] or f"{match['text']}.html",
        key=match["id"],
        members=(Member(who, match["id"]),),
        late=match["late"] is not None,
        kind=FILE if match["file"] else TEXT,
        order=int(match["upload"] or 0),
    )


def moodle(name: str) -> Handed | None:
    """`Ada Lovelace_1234567_assignsubmission_file/f.py`, or the same flat. The number is that of the worksheet."""
    match = _MOODLE.fullmatch(name)
    if match is None:
        return None
    who, number = unicodedata.normalize("NFC", match["name"].replace("_", " ")), match["id"] or ""
    member = Member(f"{who} {number}" if who == "Participant" else who, number)
    of_files = match["what"] == "submission" and match["kind"] == "file"
    kind = FILE if of_files else TEXT if match["kind"] == "onlinetext" and match["what"] == "submission" else OTHER
    return Handed(name, match["file"] or match["kind"], f"{number}:{'' if number else who}", (member,), kind=kind)


def brightspace(name: str) -> Handed | None:
    """`397063-2557369 - Mary-Ann Smith - Sep 24, 2024 926 PM/f.py`, a folder for each time that something came."""
    match = _BRIGHTSPACE.fullmatch(name) or _BRIGHTSPACE_FLAT.fullmatch(name)
    if match is None:
        return None
    who = unicodedata.normalize("NFC", match["name"].strip())
    org = match.groupdict().get("org") or ""
    when = _brightspace_time(match["when"])
    return Handed(
        where=name,
        name=match["file"],
        key=f"{match['ids']} {who}",
        members=(Member(who, match["ids"], org),),
        attempt=when,
        submitted_at=when,
    )


def _brightspace_time(text: str) -> str:
    month, day, year, clock, half = re.findall("[A-Za-z]+|[0-9]+", text)
    try:
        return datetime.strptime(f"{month[:3]} {day} {year} {clock:0>4} {half}", "%b %d %Y %I%M %p").isoformat()
    except ValueError:
        return ""


def blackboard(name: str) -> Handed | None:
    """`Week 4_ada_attempt_2026-01-30-15-00-00_f.py`, and a .txt of the same attempt without `_f`."""
    match = _BLACKBOARD.fullmatch(name)
    if match is None:
        return None
    day, clock = match["when"][:10], match["when"][11:].replace("-", ":")
    when = f"{day}T{clock}"
    return Handed(
        where=name,
        name=match["file"] or PurePosixPath(name).name,
        key=match["who"],
        members=(Member(username=match["who"]),),
        attempt=when,
        submitted_at=when,
        kind=FILE if match["file"] else OTHER,
    )


def blackboard_names(handed: Sequence[Handed], texts: Mapping[str, str]) -> dict[str, Member]:
    """Whose each key is: by the .txt of an attempt, else by what is left when the assignment's name is taken off.

    `texts` are those .txt files, by key.
    """
    found: dict[str, Member] = {}
    for key in {each.key for each in handed}:
        match = _BLACKBOARD_NAME.search(texts.get(key, ""))
        if match and key.endswith(f"_{match['user']}"):
            name = unicodedata.normalize("NFC", match["name"]) or match["user"]
            found[key] = Member(name, match["user"], match["user"])
    titles = {key[: -len(member.username) - 1] for key, member in found.items()}
    for key in {each.key for each in handed} - set(found):
        title = next((title for title in titles if key.startswith(f"{title}_")), None)
        user = key[len(title) + 1 :] if title is not None else key.rpartition("_")[2]
        found[key] = Member(user, user, user)
    return found
