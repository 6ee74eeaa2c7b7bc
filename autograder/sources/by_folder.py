"""The systems whose folders say whose they are: GitHub Classroom, nbgrader, and Gradescope's export."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from autograder.errors import UsageError
from autograder.sources.model import OTHER, Download, Handed, Member
from autograder.sources.tree import Tree
from autograder.submissions.files import READ
from autograder.submissions.names import listed, plain

_SUBMISSIONS = "-submissions"
_METADATA = "submission_metadata.yml"
_MAX_METADATA_BYTES = 200_000_000


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
    if _METADATA not in tree.names:
        return None
    where = f"{path}: {_METADATA}"
    data = tree.read(_METADATA, _MAX_METADATA_BYTES + 1)
    if len(data) > _MAX_METADATA_BYTES:
        raise UsageError(f"{where} is larger than {_MAX_METADATA_BYTES // 1_000_000} MB.")
    metadata = _yaml(data, where)
    if not isinstance(metadata, dict):
        raise UsageError(f"{where}: expected a key submission_<id> for each submission. Export from Gradescope again.")
    members = {key: _members(key, entry, where) for key, entry in metadata.items()}
    folders = {name.partition("/")[0] for name in tree.names if "/" in name}
    for key in members:
        if key not in folders and not (path / key).is_dir() and not (path / tree.name / key).is_dir():
            raise UsageError(f"{where}: {key} has no folder beside the file. Export from Gradescope again.")
    if extra := sorted(folder for folder in folders - set(members) if folder.startswith("submission_")):
        raise UsageError(f"{where}: nothing is said about the folder {extra[0]}. Export from Gradescope again.")
    handed = []
    for key, entry in metadata.items():
        when = _gradescope_time(entry.get(":created_at", entry.get(":created_at:")))
        mine = [name for name in tree.names if name.startswith(f"{key}/")]
        handed += [Handed(f"{key}/", "", key, members[key], submitted_at=when, kind=OTHER)]
        handed += [Handed(name, name[len(key) + 1 :], key, members[key], submitted_at=when) for name in mine]
    return Download("Gradescope", tuple(handed), _without(tree, handed, _METADATA))


def _yaml(data: bytes, where: str) -> Any:
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise UsageError(f"{where} can only be read with PyYAML: pip install pyyaml.") from None
    # The base loader takes every scalar as text, so that nobody named Null or No is lost, and knows no tags.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(data, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not text"
        raise UsageError(f"{where}{line}: not valid YAML ({problem}). Export from Gradescope again.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} cannot be read ({type(error).__name__}). Export from Gradescope again.") from None


def _members(key: Any, entry: Any, where: str) -> tuple[Member, ...]:
    if not isinstance(key, str) or not re.fullmatch(r"submission_\d+", key):
        raise UsageError(f"{where}: the key {key!r} is not of the form submission_<id>.")
    submitters = entry.get(":submitters:", entry.get(":submitters")) if isinstance(entry, dict) else None
    if not isinstance(submitters, list) or not submitters:
        raise UsageError(f"{where}: {key} has no list of :submitters:.")
    members = []
    for number, submitter in enumerate(submitters, start=1):
        told = submitter if isinstance(submitter, dict) else {}
        values = [told.get(of) or told.get(f"{of}:") for of in (":name", ":sid", ":email")]
        name, sid, email = (value.strip() if isinstance(value, str) else "" for value in values)
        if not (name or sid or email):
            raise UsageError(f"{where}: {key}, submitter {number} has neither :name: nor :email: nor :sid:.")
        members.append(Member(name or email or sid, sid or email or name, email=email))
    return tuple(members)


def _gradescope_time(text: Any) -> str:
    """`2024-09-14 04:05:32.573062000 Z`, as Ruby writes a time into YAML."""
    try:
        compact = re.sub(r"\s+(?=Z|[+-])", "", text.strip() if isinstance(text, str) else "")
        moment: datetime = msgspec.convert(compact, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        return ""
    return moment.replace(microsecond=0).isoformat()


def _without(tree: Tree, handed: Iterable[Handed], *known: str) -> tuple[str, ...]:
    used = {each.where for each in handed}.union(known)
    ignored = [name for name in tree.names if name not in used]
    if code := [name for name in ignored if name.endswith(READ)]:
        raise UsageError(
            f"{tree.name} holds {plain(code[0])} beside the folders of students: put it into the folder of whoever "
            "wrote it, or take it out."
        )
    return tuple(ignored)
