"""The systems whose folders say whose they are: GitHub Classroom, nbgrader, and Gradescope's export."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from autograder.errors import UsageError
from autograder.sources.gradescope import MAX_METADATA_BYTES, METADATA, parse_metadata
from autograder.sources.model import OTHER, Download, Handed, Member
from autograder.sources.tree import Tree
from autograder.submissions.names import listed, plain

_SUBMISSIONS = "-submissions"


def github(tree: Tree) -> Download | None:
    """`week4-submissions/week4-ada/f.py`: a repository for each student or team."""
    title = tree.name.removesuffix(_SUBMISSIONS)
    tops = {name.partition("/")[0] for name in tree.names if "/" in name}
    if title == tree.name or not tops or not all(top.startswith(f"{title}-") for top in tops):
        return None
    handed = []
    for name in tree.names:
        top, _, inside = name.partition("/")
        login = top[len(title) + 1 :]
        handed += [Handed(name, inside, login, (Member(login, login, login),))] if inside else []
    return Download("GitHub Classroom", tuple(handed), _without(tree, handed))


def nbgrader(tree: Tree, assignment: str) -> Download | None:
    """`submitted/ada/week4/f.ipynb`, with a timestamp.txt where there is one."""
    names = tree.names
    prefix = ""
    if tree.name != "submitted":
        prefix = "submitted/"
        names = tuple(name.removeprefix(prefix) for name in names if name.startswith(prefix))
    deep = [name for name in names if name.count("/") >= 2]
    if not deep or len(deep) != len(names):
        return None
    titles = sorted({name.split("/")[1] for name in deep})
    if len(titles) > 1 and assignment not in titles:
        raise UsageError(
            f"{tree.name} holds submissions to several assignments ({listed(titles)}), and none is called "
            f"{assignment}. Keep one, or rename its folders."
        )
    title = assignment if assignment in titles else titles[0]
    handed = []
    for name in deep:
        student, of, inside = name.split("/", 2)
        if of != title:
            continue
        stamp = f"{prefix}{student}/{title}/timestamp.txt"
        when = _nbgrader_time(tree.text(stamp, 200)) if stamp in tree.names else ""
        kind = OTHER if inside == "timestamp.txt" else "file"
        who = unicodedata.normalize("NFC", student)
        handed.append(
            Handed(prefix + name, inside, student, (Member(who, student, student),), submitted_at=when, kind=kind)
        )
    return Download("nbgrader", tuple(handed), ())


def _nbgrader_time(text: str) -> str:
    match = re.match(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?\s*(\S*)", text)
    if match is None:
        return ""
    moment, zone = datetime.fromisoformat(f"{match[1]}T{match[2]}"), match[3]
    if not zone:
        return moment.isoformat()
    try:
        return moment.replace(tzinfo=timezone.utc if zone in ("UTC", "Z") else ZoneInfo(zone)).isoformat()
    except (LookupError, ValueError, OSError):
        return ""  # "PST" and the like name no one offset: better unknown than wrong


def gradescope(tree: Tree, path: Path) -> Download | None:
    """`submission_metadata.yml` and a folder for each submission."""
    if METADATA not in tree.names:
        return None
    where = f"{path}: {METADATA}"
    data = tree.read(METADATA, MAX_METADATA_BYTES + 1)
    if len(data) > MAX_METADATA_BYTES:
        raise UsageError(f"{where} is larger than {MAX_METADATA_BYTES // 1_000_000} MB.")
    found = parse_metadata(data, where)
    folders = {name.partition("/")[0] for name in tree.names if "/" in name}
    for key in found:
        if key not in folders and not (path / key).is_dir() and not (path / tree.name / key).is_dir():
            raise UsageError(f"{where}: {key} has no folder beside the file. Export from Gradescope again.")
    if extra := sorted(folder for folder in folders - set(found) if folder.startswith("submission_")):
        raise UsageError(f"{where}: nothing is said about the folder {extra[0]}. Export from Gradescope again.")
    handed = []
    for key, entry in found.items():
        members = tuple(Member(name, sid or email or name, email=email) for name, sid, email in entry.submitters)
        mine = [name for name in tree.names if name.startswith(f"{key}/")]
        when = _gradescope_time(entry.created_at)
        about = Handed(f"{key}/", "", key, members, submitted_at=when, kind=OTHER)
        handed += [about]
        handed += [Handed(name, name[len(key) + 1 :], key, members, submitted_at=when) for name in mine]
    return Download("Gradescope", tuple(handed), _without(tree, handed, METADATA))


def _gradescope_time(text: str) -> str:
    """`2024-09-14 04:05:32.573062000 Z`, as Ruby writes a time into YAML."""
    try:
        compact = re.sub(r"\s+(?=Z|[+-])", "", text.strip())
        moment: datetime = msgspec.convert(compact, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        return ""
    return moment.replace(microsecond=0).isoformat()


def _without(tree: Tree, handed: Iterable[Handed], *known: str) -> tuple[str, ...]:
    used = {each.where for each in handed}.union(known)
    ignored = [name for name in tree.names if name not in used]
    if code := [name for name in ignored if name.endswith((".py", ".ipynb", ".zip"))]:
        raise UsageError(
            f"{tree.name} holds {plain(code[0])} beside the folders of students: put it into the folder of whoever "
            "wrote it, or take it out."
        )
    return tuple(ignored)
