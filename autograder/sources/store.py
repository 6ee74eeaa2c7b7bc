"""OUT/class.json: who handed in what, beside the results that were made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.errors import UsageError
from autograder.results.files import write_whole
from autograder.sources.model import SCHEMA, ClassList, Member, Row
from autograder.submissions.files import Item, list_folder, read_file
from autograder.submissions.model import Submission, UnreadableError

CLASS_FILE = "class.json"


def class_list(
    source: str,
    assignment: str,
    submissions: Sequence[Submission],
    out: Path,
    rows: Iterable[Row] = (),
    notes: Mapping[str, tuple[str, ...]] | None = None,
) -> ClassList:
    """The class: a row for each submission, with what `rows` tell of it, and a digest of what will be graded."""
    told = {row.student: row for row in rows}
    students = []
    for submission in submissions:
        name = submission.student
        row = told.get(name) or Row(name, (Member(name, name),), original_names=(submission.path.name,))
        # What was unpacked into `out` is named from there, so that two runs write the same wherever that lies.
        place, base = submission.path.absolute(), out.absolute()
        where = str(place.relative_to(base) if base in place.parents else place)
        kept = (*row.notes, *(notes or {}).get(name, ()))
        students.append(structs.replace(row, path=where, digest=digest(submission.path), notes=kept))
    return ClassList(SCHEMA, source, assignment, tuple(students))


def digest(path: Path) -> str:
    """SHA-256 of the names and bytes of a submission, as far as they can be read."""
    total = hashlib.sha256()
    try:
        items = list_folder(path) if path.is_dir() else None
    except UnreadableError as error:
        return hashlib.sha256(str(error).encode()).hexdigest()
    if items is None:
        items = [Item(path.name, path.name, 0, 0, partial(read_file, path))]
    for item in sorted(items, key=lambda item: item.where):
        try:
            data = item.load()
        except UnreadableError as error:
            data = str(error).encode()
        name = item.where.encode(errors="surrogateescape")
        total.update(b"%d %d " % (len(name), len(data)) + name + data)
    return total.hexdigest()


def write_class(out: Path, found: ClassList) -> None:
    """Write OUT/class.json, whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2)
    # A name in another encoding holds what UTF-8 cannot; spelled out, it is JSON that gives the same name again.
    write_whole(out / CLASS_FILE, f"{text}\n".encode(errors="backslashreplace"))


def read_class(out: Path) -> ClassList:
    """Raises UsageError where `out` is not a folder of results, or of another version."""
    file = out / CLASS_FILE
    try:
        return msgspec.convert(json.loads(file.read_bytes()), ClassList)
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist: name the folder that `autograder grade --out` wrote.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read ({error}). Grade again.") from None
