"""What crosses the border of this room: plain data, and where a line of a source comes from."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from autograder.language import tr
from autograder.submissions.names import shown

_CELL = "notebook cell "

# Bounds on what comes from the process that reads: far above what people hand in.
_Name = Annotated[str, Meta(max_length=200)]
_Line = Annotated[int, Meta(ge=1, le=10_000_000)]
_Text = Annotated[str, Meta(max_length=2_000_000)]
_Message = Annotated[str, Meta(max_length=50_000)]
MOST_USES = 200


@dataclass(frozen=True)
class Submission:
    """What one student, or one group, handed in.

    `student` is safe as a file name and unique in its class. `path` is a folder, or one .py, .ipynb or .zip file.
    """

    student: str
    path: Path
    when: str = ""
    """ISO 8601; empty where nothing tells it."""
    digest: str = ""
    """Of its names and bytes, `digest_of`; empty before they were read."""
    notes: tuple[str, ...] = ()
    """For the student's page, from whoever received it."""
    handed_in_as: str = ""
    """Name of the file or folder, where `student` had to be changed to be safe or unique."""
    handed_in: HandedIn | None = None
    """Its bytes, where they are read already: then nothing is read from `path`."""


@dataclass(frozen=True)
class Expected:
    """What one exercise wants: its name, its file, and the classes or functions that the file must define."""

    exercise: str
    file: str
    names: tuple[str, ...]
    stub: str = ""
    """What students were given to begin with, where that is known."""
    forbidden: tuple[str, ...] = ()
    """Names that the exercise does not allow, where that is to be looked for."""
    folders: tuple[str, ...] = ()
    """Names of the project's assignments: a student's folder of that name is not another person's."""


@dataclass(frozen=True)
class File:
    """One file of a submission. `where` is its path in it, as the file system spells it."""

    where: bytes
    data: bytes = b""
    refused: str = ""
    """Why it was not read, in words for the student."""


@dataclass(frozen=True)
class HandedIn:
    """The bytes of one submission: a folder's files, or one file. Nothing of it has been understood yet."""

    is_folder: bool
    files: tuple[File, ...]
    refused: str = ""
    """Why the submission as a whole was not read."""


@dataclass(frozen=True)
class Segment:
    """From `first_line` (counted from 1) on, the lines of a source are those of `label`, counted from 1 again."""

    first_line: _Line
    label: _Name


def cell_label(number: int) -> str:
    """Label of the code cell with this number; code cells are counted from 1, other cells are not counted."""
    return f"{_CELL}{number}"


@dataclass(frozen=True)
class SourceFile:
    """The source of one exercise, syntactically valid.

    `text` has `\\n` line ends, no byte order mark and no NUL. Its coding line, if any, says utf-8, so that it means the
    same as a string and written to a file in UTF-8. `origin` is the file's path inside the submission.
    """

    exercise: _Name
    origin: _Name
    text: _Text
    segments: Annotated[tuple[Segment, ...], Meta(max_length=20_000)]
    uses: Annotated[tuple[_Message, ...], Meta(max_length=MOST_USES)] = ()
    """What of it the exercise does not allow, and where: the first of them."""
    doubtful: Annotated[tuple[_Message, ...], Meta(max_length=MOST_USES)] = ()
    """Lines by which code may get round what is not allowed."""

    def locate(self, line: int) -> str:
        """Where a line of `text` comes from: "residual_block.py, line 12" or "cell 3, line 2 of core.ipynb"."""
        segment = self._segment(line)
        inside = line - segment.first_line + 1
        if segment.label.startswith(_CELL):
            return tr("{position} of {origin}", position=self.position(line), origin=self.origin)
        return tr("{file}, line {number}", file=segment.label, number=inside)

    def cell(self, line: int) -> int | None:
        """The number of the notebook's cell that a line of `text` comes from; None in a file."""
        label = self._segment(line).label
        return int(label.removeprefix(_CELL)) if label.startswith(_CELL) else None

    def position(self, line: int) -> str:
        """The same without the file's name: "line 12" or "cell 3, line 2"."""
        segment = self._segment(line)
        inside = line - segment.first_line + 1
        if segment.label.startswith(_CELL):
            return tr("cell {cell}, line {number}", cell=segment.label.removeprefix(_CELL), number=inside)
        return tr("line {number}", number=inside)

    def around(self, line: int, before: int, after: int) -> list[tuple[int, str]]:
        """The lines around `line` that stand in the same file or cell: their numbers there, and their text."""
        first = self._segment(line).first_line
        next_one = min((each.first_line for each in self.segments if each.first_line > line), default=line + after + 1)
        start, end = max(first, line - before), min(next_one - 1, line + after)
        texts = self.text.split("\n")[start - 1 : end]
        return [(number - first + 1, text) for number, text in enumerate(texts, start)]

    def _segment(self, line: int) -> Segment:
        index = bisect_right([segment.first_line for segment in self.segments], line)
        return self.segments[max(index - 1, 0)] if self.segments else Segment(1, self.origin)


@dataclass(frozen=True)
class Problem:
    """Why an exercise has no source, in words for the student."""

    exercise: _Name
    kind: Literal["missing", "misnamed", "syntax", "unreadable", "archive"]
    message: _Message


# What becomes of one exercise.
Outcome = SourceFile | Problem


@dataclass(frozen=True)
class Contents:
    """What was found in one submission. Every exercise is in exactly one of `sources` and `problems`.

    `notes` says what was ignored, and why.
    """

    sources: Annotated[dict[_Name, SourceFile], Meta(max_length=1_000)]
    problems: Annotated[dict[_Name, Problem], Meta(max_length=1_000)]
    notes: Annotated[tuple[_Message, ...], Meta(max_length=20_000)]


@dataclass(frozen=True)
class Finding:
    """A use of something that the exercise does not allow. `line` counts in the text of the source."""

    line: int
    name: str
    message: str


class _RefusedError(Exception):
    """Its text, which names the file, is for the student. Stays in this room.

    A message about the file `where` is translated and filled in, with names quoted; without `where`, it has been.
    """

    def __init__(self, message: str, where: str | None = None, name: str = "", **values: object) -> None:
        super().__init__(message if where is None else tr(message, where=shown(where), name=shown(name), **values))


class UnreadableError(_RefusedError):
    """Something handed in cannot be read."""


class BadArchiveError(_RefusedError):
    """An archive is broken or not accepted."""
