"""`submission_metadata.yml`, which Gradescope's export holds beside one folder for each submission."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

from autograder.errors import UsageError

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_\d+")
MAX_METADATA_BYTES = 200_000_000


@dataclass(frozen=True)
class Exported:
    """What the metadata says of one submission: name, number (sid) and e-mail address of each submitter."""

    submitters: tuple[tuple[str, str, str], ...]
    created_at: str


def parse_metadata(data: bytes, where: str) -> dict[str, Exported]:
    """Every submission by its folder's name. Raises UsageError, which begins with `where`."""
    metadata = _load(data, where)
    if not isinstance(metadata, dict):
        raise UsageError(f"{where}: expected a key submission_<id> for each submission. Export from Gradescope again.")
    found: dict[str, Exported] = {}
    for key, entry in metadata.items():
        if not isinstance(key, str) or not _FOLDER.fullmatch(key):
            raise UsageError(f"{where}: the key {key!r} is not of the form submission_<id>.")
        submitters = _submitters(entry, f"{where}: {key}")
        created = entry.get(":created_at", entry.get(":created_at:"))
        found[key] = Exported(tuple(submitters), created if isinstance(created, str) else "")
    return found


def _load(data: bytes, where: str) -> Any:
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise UsageError(f"{where} can only be read with PyYAML: pip install pyyaml.") from None
    # The base loader takes every scalar as text, so that nobody named Null or No is lost, and knows no tags.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(data, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not text"
        raise UsageError(f"{where}{line}: not valid YAML ({problem}). Export from Gradescope again.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} cannot be read ({type(error).__name__}). Export from Gradescope again.") from None


def _submitters(entry: Any, where: str) -> list[tuple[str, str, str]]:
    submitters = entry.get(":submitters:", entry.get(":submitters")) if isinstance(entry, dict) else None
    if not isinstance(submitters, list) or not submitters:
        raise UsageError(f"{where} has no list of :submitters:.")
    return [
        _submitter(submitter, f"{where}, submitter {number}") for number, submitter in enumerate(submitters, start=1)
    ]


def _submitter(submitter: Any, where: str) -> tuple[str, str, str]:
    if isinstance(submitter, dict):
        told = [submitter.get(key) or submitter.get(key + ":") for key in (":name", ":sid", ":email")]
        name, sid, email = (value.strip() if isinstance(value, str) else "" for value in told)
        if name or sid or email:
            return name or email or sid, sid, email
    raise UsageError(f"{where} has neither :name: nor :email: nor :sid:.")
