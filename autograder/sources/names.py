"""The names that an LMS made of a student's file names, and back."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from autograder.submissions.names import safe_name, shown

# Canvas counts up whenever a student ever uploaded a file of that name; from the eighth on, it takes a UUID instead.
_NUMBERED = re.compile(r"(?P<stem>.+)-(?P<added>[0-9]{1,4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.py")
_WHY = "the learning system adds to a name that was handed in before"


def expected_names(names: Sequence[str], wanted: Collection[str]) -> dict[str, str]:
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


def rename_notes(renamed: dict[str, str]) -> list[str]:
    """A sentence for the student on each file that counts under another name."""
    pairs = ((PurePosixPath(old).name, PurePosixPath(new).name) for old, new in sorted(renamed.items()))
    return [f"{shown(old)} counts as {shown(new)}: {_WHY}." for old, new in pairs]


def safe_file_name(name: str) -> str:
    """A file's name as every file system takes it, with its suffix whatever its length."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 10:
        return safe_name(name)
    room = len(safe_name("x" * 500)) - len(suffix) - 1
    short = safe_name(stem)[:room]
    while len(f"{short}.{suffix}".encode()) > 200:
        short = short[:-1]
    return safe_name(f"{short}{dot}{suffix}")
