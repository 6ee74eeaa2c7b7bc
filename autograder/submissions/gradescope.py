"""The folder that Gradescope exports: `submission_metadata.yml` and one folder for each submission."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_\d+")
_MAX_METADATA_BYTES = 200_000_000
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


def read_export(folder: Path) -> list[tuple[str, Path]]:
    """Names and path of each submission; the names of a group are joined by " + ".

    Raises UsageError, saying where, when metadata and folders do not fit or the metadata is not what Gradescope writes.
    """
    file = folder / METADATA
    metadata = _load(file)
    if not isinstance(metadata, dict):
        raise UsageError(f"{file}: expected a key submission_<id> for each submission. Export from Gradescope again.")
    found: list[tuple[str, Path]] = []
    for key, entry in metadata.items():
        if not isinstance(key, str) or not _FOLDER.fullmatch(key):
            raise UsageError(f"{file}: the key {key!r} is not of the form submission_<id>.")
        if not (folder / key).is_dir() or (folder / key).is_symlink():
            raise UsageError(f"{file}: {key} has no folder beside the file. Unzip the export again.")
        found.append((" + ".join(_submitters(entry, f"{file}: {key}")), folder / key))
    extra = sorted({path.name for path in folder.glob("submission_*") if path.is_dir()} - set(metadata))
    if extra:
        raise UsageError(f"{file}: nothing is said about the folder {extra[0]}. Unzip the export again.")
    return found


def _load(file: Path) -> Any:
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise UsageError(f"{file} can only be read with PyYAML: pip install pyyaml.") from None
    # The base loader takes every scalar as text, so that nobody named Null or No is lost, and knows no tags.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if file.stat().st_size > _MAX_METADATA_BYTES:
            raise UsageError(f"{file} is larger than {_MAX_METADATA_BYTES // 1_000_000} MB.")
        return yaml.load(file.read_bytes(), Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not text"
        raise UsageError(f"{file}{line}: not valid YAML ({problem}). Export from Gradescope again.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} cannot be read ({type(error).__name__}). Export from Gradescope again.") from None


def _submitters(entry: Any, where: str) -> list[str]:
    submitters = entry.get(":submitters:", entry.get(":submitters")) if isinstance(entry, dict) else None
    if not isinstance(submitters, list) or not submitters:
        raise UsageError(f"{where} has no list of :submitters:.")
    return [_name(submitter, f"{where}, submitter {number}") for number, submitter in enumerate(submitters, start=1)]


def _name(submitter: Any, where: str) -> str:
    if isinstance(submitter, dict):
        for key in (":name", ":email", ":sid"):
            value = submitter.get(key) or submitter.get(key + ":")
            if isinstance(value, str) and value.strip():
                return value.strip()
    raise UsageError(f"{where} has neither :name: nor :email: nor :sid:.")
