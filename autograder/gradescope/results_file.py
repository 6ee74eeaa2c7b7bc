"""results.json as Gradescope specifies it (https://gradescope-autograders.readthedocs.io/en/latest/specs/).

It is valid at every moment: each version replaces the one before as a whole, also on a full disk.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from autograder.course.assignment import Visibility
from autograder.results.whole import write_whole

_RESERVE = 2 << 20
"""Bytes set aside; the results of a large class of checks with long messages are a fifth of that."""

Format = Literal["text", "html", "simple_format", "md", "ansi"]


class Test(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An entry in the list that a student sees."""

    name: str
    number: str | UnsetType = UNSET
    score: float | UnsetType = UNSET
    max_score: float | UnsetType = UNSET
    status: Literal["passed", "failed"] | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    output: str | UnsetType = UNSET
    output_format: Format | UnsetType = UNSET


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A column of the leaderboard; the highest value comes first."""

    name: str
    value: float


class Results(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole file."""

    score: float
    """Overrides the sum of the tests' scores."""
    tests: tuple[Test, ...] | UnsetType = UNSET
    output: str | UnsetType = UNSET
    output_format: Format | UnsetType = UNSET
    execution_time: float | UnsetType = UNSET
    """Seconds."""
    visibility: Visibility | UnsetType = UNSET
    stdout_visibility: Visibility | UnsetType = UNSET
    extra_data: dict[str, Any] | UnsetType = UNSET
    leaderboard: tuple[Standing, ...] | UnsetType = UNSET

    def to_json(self) -> bytes:
        """The file's content."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


class ResultsFile:
    """The file, and some space that is kept for it while a student's code may fill the disk."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made if it is missing. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "results.json"
        self._reserve = folder / ".reserve"

    def set_aside(self) -> None:
        """Reserve space; where there is too little of it already, go on without."""
        try:
            with self._reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, _RESERVE)
        except OSError as error:
            print(f"no space could be set aside for the results: {error}", file=sys.stderr)
            self._reserve.unlink(missing_ok=True)

    def write(self, results: Results) -> None:
        """Replace what is there. If not even the space set aside is enough, what was there before stays."""
        content = results.to_json()
        try:
            write_whole(self.path, content)
        except OSError:
            self.release()
            try:
                write_whole(self.path, content)
            except OSError as error:
                print(f"the results could not be written, earlier ones stay: {error}", file=sys.stderr)

    def release(self) -> None:
        """Give back the space that was set aside."""
        self._reserve.unlink(missing_ok=True)
