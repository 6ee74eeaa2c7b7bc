"""results.json as Gradescope specifies it (https://gradescope-autograders.readthedocs.io/en/latest/specs/)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from autograder.course.assignment import Visibility

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
