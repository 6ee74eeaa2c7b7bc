"""From a folder of a class, an exported Gradescope folder, or one student's files to a list of submissions.

The path is the instructor's, so what is wrong with it is an error. What is wrong inside a submission is not looked at.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.submissions.files import decode_source, read_file
from autograder.submissions.gradescope import METADATA, is_export_archive, read_export
from autograder.submissions.model import Expected, Submission, UnreadableError
from autograder.submissions.names import is_clutter, plain, safe_name, same_name_key, squeezed, with_suffix

_ONE_FILE = frozenset({".py", ".ipynb", ".zip"})
# Kinds that cannot be read, but whose student must not vanish from the class.
_OTHER_ARCHIVES = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
_DEFINITION = re.compile(r"^(?:class|def)[ \t]+(\w+)", re.MULTILINE)


def find_submissions(path: Path, expected: Sequence[Expected] = ()) -> list[Submission]:
    """The submissions below a path, sorted by student.

    A folder is one student's when it directly holds an exercise's file: one that is named in `expected`, or one named
    after what it defines (`residual_block.py` with `class ResidualBlock`). Otherwise each folder and each .py, .ipynb
    or .zip in it is a student's. A single file is a student's, too. With Gradescope's metadata file, each submission
    is named after its submitters.

    Raises UsageError when there is nothing at `path`, when two entries give one student's name, or when the metadata
    cannot be understood.
    """
    found = sorted(_named_entries(path, expected), key=lambda entry: (entry[0], entry[1].name))
    if not found:
        raise UsageError(
            f"{path} holds no submissions: expected a folder, or one .py, .ipynb or .zip file, for each student."
        )
    submissions = [
        Submission(student, entry, "" if student == unicodedata.normalize("NFC", name) else entry.name)
        for student, (name, entry) in zip(_distinct(found), found, strict=True)
    ]
    return sorted(submissions, key=lambda submission: submission.student)


def ignored_entries(path: Path, expected: Sequence[Expected] = ()) -> list[str]:
    """Names in a class folder that are no submission, so that a student's odd file is not lost without a word."""
    if not path.is_dir():
        return []
    entries = sorted(entry for entry in path.iterdir() if not is_clutter(entry.name))
    if _export_folder(path, entries) or _is_one_submission(entries, expected):
        return []
    return [entry.name for entry in entries if not _may_be_submission(entry)]


def _named_entries(path: Path, expected: Sequence[Expected]) -> list[tuple[str, Path]]:
    """Student's name, not yet safe or unique, and path of each submission."""
    name = Path(os.path.abspath(path)).name
    if path.is_file():
        if path.suffix.casefold() not in _ONE_FILE:
            raise UsageError(f"{path} is not a submission: expected a folder, or a .py, .ipynb or .zip file.")
        if is_export_archive(path):
            raise UsageError(f"{path} is an export from Gradescope: unzip it and name the folder.")
        return [(Path(name).stem, path.resolve())]
    try:
        entries = sorted(entry for entry in path.iterdir() if not is_clutter(entry.name))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: name a folder of submissions, or one submission.") from None
    except NotADirectoryError:
        raise UsageError(f"{path} is not a submission: it is neither a folder nor an ordinary file.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({os.strerror(error.errno or 0)}).") from None
    if export := _export_folder(path, entries):
        return read_export(export)
    if _is_one_submission(entries, expected):
        return [(name, path.resolve())]
    students = [(_student(entry), entry) for entry in entries if _may_be_submission(entry)]
    _refuse_two_of_one_student(path, students)
    return students


def _export_folder(path: Path, entries: Sequence[Path]) -> Path | None:
    """The folder with Gradescope's metadata: this one, or the only one in it."""
    if (path / METADATA).is_file():
        return path
    inner = entries[0] if len(entries) == 1 else None
    return inner if inner is not None and (inner / METADATA).is_file() else None


def _is_one_submission(entries: Sequence[Path], expected: Sequence[Expected]) -> bool:
    files = [entry for entry in entries if entry.suffix == ".py" and not entry.is_dir()]
    names = {wanted.file for wanted in expected}
    return any(entry.name in names for entry in files) or any(_is_named_after_content(entry) for entry in files)


def _is_named_after_content(file: Path) -> bool:
    try:
        text = decode_source(read_file(file), file.name)
    except UnreadableError:
        return False
    return squeezed(file.stem) in {squeezed(name) for name in _DEFINITION.findall(text)}


def _may_be_submission(entry: Path) -> bool:
    # A link is a submission, too: reading it will say what is wrong with it.
    return entry.is_dir() or entry.suffix.casefold() in _ONE_FILE | _OTHER_ARCHIVES


def _student(entry: Path) -> str:
    return entry.name if entry.is_dir() else entry.name.removesuffix(entry.suffix).removesuffix(".tar")


def _refuse_two_of_one_student(path: Path, students: Sequence[tuple[str, Path]]) -> None:
    entries: dict[str, Path] = {}
    for student, entry in students:
        if student in entries:
            both = f"{plain(entries[student].name)} and {plain(entry.name)}"
            raise UsageError(f"{path}: {both} are both of student {plain(student)}: keep the one that counts.")
        entries[student] = entry


def _distinct(found: Sequence[tuple[str, Path]]) -> Iterator[str]:
    """Safe names in the same order; of those that a file system may take for the same, all but one get a suffix."""
    safe = [safe_name(name) for name, _ in found]
    taken = {same_name_key(name) for name in safe}
    uses: Counter[str] = Counter()
    for name in safe:
        key = same_name_key(name)
        uses[key] += 1
        if uses[key] == 1:
            yield name
            continue
        number = uses[key]
        while same_name_key(with_suffix(name, f"-{number}")) in taken:
            number += 1
        taken.add(same_name_key(with_suffix(name, f"-{number}")))
        yield with_suffix(name, f"-{number}")
