"""Hints, one at a time: which of them a student has been shown is kept in a small file."""

from __future__ import annotations

import contextlib

import msgspec

from autograder.course.assignment import Exercise
from autograder.language import tr
from autograder.student.folder import SHOWN_HINTS, StudentFolder


def next_hint(folder: StudentFolder, exercise: Exercise) -> str:
    """The next hint of an exercise, with its number; after the last one, all of them again."""
    hints = exercise.hints
    if not hints:
        return tr("There are no hints for {name}.", name=exercise.name)
    shown = _shown(folder)
    count = shown.get(exercise.name, 0) + 1
    if count > len(hints):
        return "\n".join(
            [tr("All hints once more:"), *(f"{number}. {hint}" for number, hint in enumerate(hints, start=1))]
        )
    with contextlib.suppress(OSError):  # a folder that cannot be written to gives the first hint again
        (folder.path / SHOWN_HINTS).write_bytes(msgspec.json.encode({**shown, exercise.name: count}))
    more = tr("; ask again for the next") if count < len(hints) else ""
    return tr(
        "Hint {number} of {count}{more}: {hint}",
        number=count,
        count=len(hints),
        more=more,
        hint=hints[count - 1],
    )


def _shown(folder: StudentFolder) -> dict[str, int]:
    try:
        return msgspec.json.decode((folder.path / SHOWN_HINTS).read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError):
        return {}
