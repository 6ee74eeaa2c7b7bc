"""What Gradescope says about a submission in submission_metadata.json. Whatever is missing or odd is left out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta


@dataclass(frozen=True)
class Earlier:
    """A submission of the same student or group before this one."""

    submitted: datetime
    score: float
    failed: bool
    """Whether Gradescope could not grade it."""
    results: dict[str, Any] | None
    """Its results.json; Gradescope gives it for the latest only."""


@dataclass(frozen=True)
class Metadata:
    """What is known of the submission that is being graded."""

    id: str = ""
    submitters: str = ""
    created_at: datetime | None = None
    due: datetime | None = None
    """Gradescope's due date for this student."""
    earlier: tuple[Earlier, ...] = ()
    """The oldest first."""


def read_metadata(file: Path) -> Metadata:
    """The metadata in `file`; empty where there is none, as in `otter run`."""
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Metadata()
    if not isinstance(document, dict):
        return Metadata()
    return Metadata(
        id=_text(document.get("id")),
        submitters=" + ".join(filter(None, (_text(user.get("name")) for user in _tables(document.get("users"))))),
        created_at=_moment(document.get("created_at")),
        due=_moment(_table(document.get("assignment")).get("due_date")),
        earlier=tuple(sorted(_earlier(document.get("previous_submissions")), key=lambda entry: entry.submitted)),
    )


def _earlier(value: Any) -> list[Earlier]:
    found = []
    for entry in _tables(value):
        submitted = _moment(entry.get("submission_time"))
        if submitted is not None:
            results = entry.get("results")
            failed = bool(entry.get("autograder_error"))
            found.append(Earlier(submitted, _number(entry.get("score")), failed, _table(results) or None))
    return found


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Text, or a whole number as text, that can be encoded."""
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).encode(errors="replace").decode() if known else ""


def _number(value: Any) -> float:
    # Gradescope writes some numbers as text.
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _moment(value: Any) -> datetime | None:
    """A point in time with its offset; one without is of no use."""
    try:
        text = value.strip() if isinstance(value, str) else value
        moment: datetime = msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
    except (msgspec.ValidationError, UnicodeEncodeError):  # text that is no Unicode
        return None
    return moment
