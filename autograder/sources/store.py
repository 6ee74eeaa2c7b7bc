"""OUT/class.json: who handed in what, beside the results that were made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.errors import UsageError
from autograder.results.whole import write_whole
from autograder.sources.model import SCHEMA, ClassList, Member, Row
from autograder.submissions.collect import collect, digest_of
from autograder.submissions.model import Submission

CLASS_FILE = "class.json"


def class_list(
    source: str,
    assignment: str,
    submissions: Sequence[Submission],
    out: Path,
    rows: Iterable[Row] = (),
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
        kept = (*row.notes, *submission.notes)
        students.append(structs.replace(row, path=where, digest=digest_of(collect(place)), notes=kept))
    return ClassList(SCHEMA, source, assignment, tuple(students))


def submissions_of(found: ClassList, out: Path) -> list[Submission]:
    """What was handed in, as the class list tells it; `out` is the folder of results."""
    return [
        Submission(row.student, out.absolute() / row.path, row.submitted_at, row.digest, row.notes)
        for row in found.students
        if row.attempts
    ]


def class_to_bytes(found: ClassList) -> bytes:
    """As class.json holds it."""
    text = json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2)
    # A name in another encoding holds what UTF-8 cannot; spelled out, it is JSON that gives the same name again.
    return f"{text}\n".encode(errors="backslashreplace")


def class_from_bytes(data: bytes) -> ClassList:
    """The class that `class_to_bytes` wrote. Raises ValueError."""
    return msgspec.convert(json.loads(data), ClassList)


def write_class(out: Path, found: ClassList) -> None:
    """Write OUT/class.json, whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / CLASS_FILE, class_to_bytes(found))


def read_class(out: Path) -> ClassList:
    """Raises UsageError where `out` is not a folder of results, or of another version."""
    file = out / CLASS_FILE
    try:
        return class_from_bytes(file.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist: name the folder that `autograder grade --out` wrote.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read ({error}). Grade again.") from None
