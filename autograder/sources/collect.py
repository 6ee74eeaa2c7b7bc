"""Copies a download into one folder per student or group, under the names that the exercises expect."""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from msgspec import structs

from autograder.errors import UsageError
from autograder.results.whole import PART
from autograder.sources.model import FILE, TEXT, Download, Handed, Row
from autograder.sources.names import expected_names, rename_notes, safe_file_name
from autograder.sources.tree import Tree, copy, refuse_bad_members
from autograder.submissions.find import distinct_names
from autograder.submissions.names import listed, same_name_key

FOLDER = "submissions"
_WHOLE = frozenset({".py", ".ipynb", ".zip"})


def collect(path: Path, tree: Tree, download: Download, wanted: Collection[str], out: Path) -> list[Row]:
    """Make `out`/submissions anew; a row for each student or group, sorted by name.

    `wanted` are the names of exercises' files. Raises UsageError, and then leaves what was there before.
    """
    refuse_bad_members(path, tree.names)
    of_key: defaultdict[str, list[Handed]] = defaultdict(list)
    for handed in download.handed:
        of_key[handed.key].append(handed)
    keys = sorted(of_key, key=lambda key: (of_key[key][0].title, key))
    titles = [of_key[key][0].title for key in keys]
    uses = Counter(same_name_key(title) for title in titles)
    told = [
        f"{title} {number}".rstrip() if uses[same_name_key(title)] > 1 and (number := _number(of_key[key])) else title
        for key, title in zip(keys, titles, strict=True)
    ]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".", suffix=PART) as name:
        new = Path(name, "new")
        new.mkdir()
        rows = [
            _student(tree, of_key[key], student, wanted, new / student)
            for key, student in zip(keys, distinct_names(told), strict=True)
        ]
        os.chmod(new, 0o755)
        place = out / FOLDER
        if place.exists():
            os.replace(place, Path(name, "old"))
        os.replace(new, place)
    rows = [_with_path(row, place) for row in rows]
    return sorted(rows, key=lambda row: row.student)


def _number(handed: Sequence[Handed]) -> str:
    return " + ".join(member.id for member in handed[0].members)


def _student(tree: Tree, handed: Sequence[Handed], student: str, wanted: Collection[str], folder: Path) -> Row:
    attempts = sorted({each.attempt for each in handed})
    if len(attempts) > 1 and "" in attempts:
        raise UsageError(
            f"{tree.name}: {student} has several attempts, and it cannot be told which is the last. Keep that only."
        )
    counts = [each for each in handed if each.attempt == attempts[-1]]
    files = sorted((each for each in counts if each.kind == FILE), key=lambda each: (each.order, each.where))
    # What was typed into the LMS is not graded, but said to have been found where there is nothing else.
    files = files or [each for each in counts if each.kind == TEXT]
    renamed = expected_names([each.name for each in files], wanted)
    notes = rename_notes(renamed)
    if len(attempts) > 1:
        earlier = {each.name for each in handed if each.attempt != attempts[-1] and each.kind == FILE}
        notes.insert(0, _last_counts(attempts, sorted(earlier - {each.name for each in files})))
    folder.mkdir()
    taken: set[str] = set()
    for each in files:
        target = _free("/".join(map(safe_file_name, PurePosixPath(renamed.get(each.name, each.name)).parts)), taken)
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        copy(tree, each.where, folder / target)
    first = counts[0]
    return Row(
        student=student,
        members=first.members,
        group=first.group,
        submitted_at=first.submitted_at,
        late=first.late,
        attempts=len(attempts),
        original_names=tuple(each.where for each in files),
        notes=tuple(notes),
    )


def _last_counts(attempts: Sequence[str], only_before: Sequence[str]) -> str:
    note = f"{len(attempts)} attempts were handed in; the last counts"
    note += f", of {attempts[-1].replace('T', ' ')[:16]}." if attempts[-1] else "."
    return f"{note} Only in earlier ones, and not read: {listed(only_before)}." if only_before else note


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while same_name_key(free) in taken:
        number += 1
        path = PurePosixPath(name)
        free = str(path.with_name(f"{number}_{path.name}"))
    taken.add(same_name_key(free))
    return free


def _with_path(row: Row, place: Path) -> Row:
    """With where it lies. One file that is not named after an exercise is the whole submission, not a file in it."""
    folder = place / row.student
    files = [path for path in folder.rglob("*") if path.is_file()]
    alone = files[0] if len(files) == 1 and files[0].suffix.casefold() in _WHOLE else folder
    return structs.replace(row, path=str(alone.absolute()))
