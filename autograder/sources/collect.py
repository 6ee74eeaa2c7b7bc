"""Copies what was handed in into one folder per student or group, under the names that the exercises expect."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from msgspec import structs

from autograder.errors import UsageError
from autograder.results.whole import PART
from autograder.sources.model import FILE, TEXT, Download, Handed, Row
from autograder.sources.tree import Tree, open_tree, refuse_bad_members
from autograder.submissions.files import READ, byte_limit
from autograder.submissions.find import distinct_names
from autograder.submissions.model import Submission
from autograder.submissions.names import listed, safe_name, same_name_key, shown

FOLDER = "submissions"
# Canvas counts up whenever a student ever uploaded a file of that name; from the eighth on, it takes a UUID instead.
_NUMBERED = re.compile(r"(?P<stem>.+)-(?P<added>[0-9]{1,4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.py")
_WHY = "the learning system adds to a name that was handed in before"


def collect(path: Path, tree: Tree, download: Download, wanted: Collection[str], out: Path) -> list[Row]:
    """Make `out`/submissions anew; a row for each student or group, sorted by name.

    `wanted` are the names of exercises' files. Raises UsageError, and then leaves what was there before.
    """
    refuse_bad_members(path)
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
    place = out / FOLDER
    with _anew(place, out) as new:
        rows = [
            _student(tree, of_key[key], student, wanted, new / student)
            for key, student in zip(keys, distinct_names(told), strict=True)
        ]
    rows = [_with_path(row, place) for row in rows]
    return sorted(rows, key=lambda row: row.student)


def is_renamed_submission(path: Path, wanted: Collection[str]) -> bool:
    """Whether a folder is one student's, with files named `se_block-1.py` for `se_block.py` and no others."""
    if not path.is_dir():
        return False
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    renamed = _expected_names(names, wanted)
    return bool(renamed) and all(name in renamed or name in wanted for name in names)


def with_expected_names(submissions: Sequence[Submission], wanted: Collection[str], out: Path) -> list[Submission]:
    """The submissions; those that still have names which an LMS made, `kim/se_block-1.py`, as copies below `out`."""
    done: list[Submission] = []
    for submission in submissions:
        tree = open_tree(submission.path) if submission.path.is_dir() else None
        near = [name for name in tree.names if name.count("/") <= 1] if tree else []
        renamed = _expected_names(near, wanted)
        if tree and renamed:
            place = out / FOLDER / submission.student
            with _anew(place, out) as new:
                for name in tree.names:
                    _copy(tree, name, new / _safe_path(renamed.get(name, name)))
            submission = replace(submission, path=place, notes=_rename_notes(renamed))
        done.append(submission)
    return done


@contextmanager
def _anew(place: Path, out: Path) -> Iterator[Path]:
    """A folder that takes the place of what is at `place` when it is whole; `out` is around it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".", suffix=PART) as name:
        new = Path(name, "new")
        new.mkdir()
        yield new
        os.chmod(new, 0o755)
        if place.exists():
            os.replace(place, Path(name, "old"))
        os.replace(new, place)


def _copy(tree: Tree, where: str, target: Path) -> None:
    """Copy one file; of one that is too large, as much as makes reading it say so."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(tree.read(where, byte_limit(where) + 1))


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
    renamed = _expected_names([each.name for each in files], wanted)
    notes = [*_rename_notes(renamed)]
    if len(attempts) > 1:
        earlier = {each.name for each in handed if each.attempt != attempts[-1] and each.kind == FILE}
        notes.insert(0, _last_counts(attempts, sorted(earlier - {each.name for each in files})))
    folder.mkdir()
    taken: set[str] = set()
    for each in files:
        _copy(tree, each.where, folder / _free(_safe_path(renamed.get(each.name, each.name)), taken))
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
    alone = files[0] if len(files) == 1 and files[0].suffix.casefold() in READ else folder
    return structs.replace(row, path=str(alone.absolute()))


def _expected_names(names: Sequence[str], wanted: Collection[str]) -> dict[str, str]:
    """Files to rename, and how: `lstm_cell-1.py` to `lstm_cell.py`, where that is wanted and not there.

    `names` are paths in one student's submission, in the order of their upload; of several, the last counts.
    """
    there = {PurePosixPath(name).name for name in names}
    renamed: dict[str, str] = {}
    for name in names:
        last = PurePosixPath(name).name
        match = _NUMBERED.fullmatch(last)
        if match is None or last in wanted:
            continue
        target = f"{match['stem']}.py"
        if target in wanted and target not in there:
            renamed = {old: new for old, new in renamed.items() if PurePosixPath(new).name != target}
            renamed[name] = str(PurePosixPath(name).with_name(target))
    return renamed


def _rename_notes(renamed: dict[str, str]) -> tuple[str, ...]:
    """A sentence for the student on each file that counts under another name."""
    pairs = ((PurePosixPath(old).name, PurePosixPath(new).name) for old, new in sorted(renamed.items()))
    return tuple(f"{shown(old)} counts as {shown(new)}: {_WHY}." for old, new in pairs)


def _safe_path(name: str) -> str:
    return "/".join(map(_safe_file_name, PurePosixPath(name).parts))


def _safe_file_name(name: str) -> str:
    """A file's name as every file system takes it, with its suffix whatever its length."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 10:
        return safe_name(name)
    room = len(safe_name("x" * 500)) - len(suffix) - 1
    short = safe_name(stem)[:room]
    while len(f"{short}.{suffix}".encode()) > 200:
        short = short[:-1]
    return safe_name(f"{short}{dot}{suffix}")
