"""The folder that Gradescope exports: `submission_metadata.yml` and one folder for each submission."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_\d+")
MAX_METADATA_BYTES = 200_000_000
_TAIL_BYTES = 4_000_000


def is_export_archive(path: Path) -> bool:
    """Whether a file is Gradescope's whole export, not yet unzipped."""
    if path.suffix.casefold() != ".zip":
        return False
    # An archive's list of names is at its end. It is not opened here, since it may be a student's.
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
            return METADATA.encode() in file.read(_TAIL_BYTES)
    except OSError:
        return False


@dataclass(frozen=True)
class Exported:
    """What the metadata says of one submission: name, number (sid) and e-mail address of each submitter."""

    submitters: tuple[tuple[str, str, str], ...]
    created_at: str


def read_export(folder: Path) -> list[tuple[str, Path]]:
    """Names and path of each submission; the names of a group are joined by " + ".

    Raises UsageError, saying where, when metadata and folders do not fit or the metadata is not what Gradescope writes.
    """
    file = folder / METADATA
    try:
        if file.stat().st_size > MAX_METADATA_BYTES:
            raise UsageError(f"{file} is larger than {MAX_METADATA_BYTES // 1_000_000} MB.")
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({type(error).__name__}). Export from Gradescope again.") from None
    found: list[tuple[str, Path]] = []
    metadata = parse_metadata(data, str(file))
    for key, entry in metadata.items():
        if not (folder / key).is_dir() or (folder / key).is_symlink():
            raise UsageError(f"{file}: {key} has no folder beside the file. Unzip the export again.")
        found.append((" + ".join(name for name, _, _ in entry.submitters), folder / key))
    extra = sorted({path.name for path in folder.glob("submission_*") if path.is_dir()} - set(metadata))
    if extra:
        raise UsageError(f"{file}: nothing is said about the folder {extra[0]}. Unzip the export again.")
    return found


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
