"""From a folder of a class, or one student's files, to a list of submissions.

The path is the instructor's, so what is wrong with it is an error. What is wrong inside a submission is not looked at.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from autograder.errors import UsageError
from autograder.submissions.files import OTHER_ARCHIVES, READ, Item, decode_source, list_folder, read_file
from autograder.submissions.model import Expected, Submission, UnreadableError
from autograder.submissions.names import (
    RENAMED_NOTEBOOK,
    is_clutter,
    listed,
    most_alike,
    plain,
    safe_name,
    same_name_key,
    squeezed,
    with_suffix,
)
from autograder.submissions.people import People, people_at, several_files, several_people

_DEFINITION = re.compile(r"^(?:class|def)[ \t]+(\w+)", re.MULTILINE)


def find_submissions(path: Path, expected: Sequence[Expected] = (), people: People = people_at) -> list[Submission]:
    """The submissions below a path, sorted by student.

    A folder is one student's when it directly holds an exercise's file: one that is named in `expected`, or one named
    after what it defines (`residual_block.py` with `class ResidualBlock`). Otherwise each folder and each .py, .ipynb
    or .zip in it is a student's. A single file is a student's, too. `people` is asked about what holds archives.

    Raises UsageError when there is nothing at `path`, when two entries give one student's name, or when what would be
    one submission holds several people's work.
    """
    found = sorted(_named_entries(path, expected, people), key=lambda entry: (entry[0], entry[1].name))
    if not found:
        raise UsageError(
            f"{path} holds no submissions: expected a folder, or one .py, .ipynb or .zip file, for each student."
        )
    submissions = [
        Submission(student, entry, handed_in_as="" if student == unicodedata.normalize("NFC", name) else entry.name)
        for student, (name, entry) in zip(distinct_names([name for name, _ in found]), found, strict=True)
    ]
    return sorted(submissions, key=lambda submission: submission.student)


def ignored_entries(path: Path, expected: Sequence[Expected] = ()) -> list[str]:
    """Names in a class folder that are no submission, so that a student's odd file is not lost without a word."""
    if not path.is_dir():
        return []
    entries = _entries(path)
    if _exercise_files(entries, expected):
        return []
    return [entry.name for entry in entries if not _may_be_submission(entry)]


def refuse_results_inside(path: Path, out: Path) -> None:
    """Raises UsageError when results would be written to where submissions are: the next run would grade them."""
    place, results = path.resolve(), out.resolve()
    if place.is_dir() and (results == place or place in results.parents):
        raise UsageError(f"results cannot go to {out}, inside of {path}: name a folder outside of the class (--out).")


def _entries(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if not is_clutter(entry.name))


def _named_entries(path: Path, expected: Sequence[Expected], people: People) -> list[tuple[str, Path]]:
    """Student's name, not yet safe or unique, and path of each submission."""
    name = Path(os.path.abspath(path)).name
    if path.is_file():
        if path.suffix.casefold() not in READ:
            raise UsageError(f"{path} is not a submission: expected a folder, or a .py, .ipynb or .zip file.")
        _refuse_several_people(path, expected, people)
        return [(Path(name).stem, path.resolve())]
    try:
        entries = _entries(path)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: name a folder of submissions, or one submission.") from None
    except NotADirectoryError:
        raise UsageError(f"{path} is not a submission: it is neither a folder nor an ordinary file.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({os.strerror(error.errno or 0)}).") from None
    if _is_of_earlier_run(path):
        raise UsageError(f"{path} holds the results of an earlier run: name the folder of submissions.")
    if _exercise_files(entries, expected):
        _refuse_file_among_people(path, entries, expected, people)
        return [(name, path.resolve())]
    students = [(_student(entry), entry) for entry in entries if _may_be_submission(entry)]
    _refuse_two_of_one_student(path, students)
    for _, entry in students:
        _refuse_several_people(entry, expected, people)
    _refuse_scripts(path, [entry for _, entry in students], expected)
    _refuse_parts(path, [entry for _, entry in students], expected)
    return students


def _people(path: Path, items: Sequence[Item], expected: Sequence[Expected], people: People) -> list[str]:
    # Where no archive has to be opened, names tell.
    return people(path, expected) if any(item.suffix == ".zip" for item in items) else several_people(items, expected)


def _refuse_several_people(entry: Path, expected: Sequence[Expected], people: People) -> None:
    if found := _people(entry, _items(entry), expected, people):
        advice = "Name that folder itself" if entry.is_dir() else "Unzip it, and name the folder"
        raise UsageError(
            f"{entry} is not one student's: it holds {listed(found)}. {advice}; if all is one student's, keep "
            "what counts."
        )


def _refuse_file_among_people(
    path: Path, entries: Sequence[Path], expected: Sequence[Expected], people: People
) -> None:
    items = _items(path)
    if found := _people(path, items, expected, people) or several_files(items, expected):
        files = listed([entry.name for entry in _exercise_files(entries, expected)])
        raise UsageError(
            f"{path} holds {files}, as one student's folder does, beside the work of others: {listed(found)}. Move "
            f"what is not a student's out of the class, or name one student's folder."
        )


def _refuse_scripts(path: Path, entries: Sequence[Path], expected: Sequence[Expected]) -> None:
    """A .py beside students' folders is a student's only if it looks like an answer, is empty or cannot be read."""
    files = [entry for entry in entries if entry.suffix.casefold() == ".py" and not entry.is_dir()]
    names = [name for wanted in expected for name in wanted.names]
    for file in files if names and len(entries) - len(files) > 1 else ():
        text = _text(file)
        if text.strip() and not any(most_alike(name, _DEFINITION.findall(text)) for name in names):
            raise UsageError(
                f"{path} holds {plain(file.name)}, which defines nothing that is asked for, beside the work of "
                f"students. Move it out of the class; if it is a student's, put it into a folder of that name."
            )


def _refuse_parts(path: Path, entries: Sequence[Path], expected: Sequence[Expected]) -> None:
    """Files named after a student and an exercise, `kim_se_block.py`, would be a row for each exercise."""
    files = [entry for entry in entries if not entry.is_dir()]
    words = [re.compile(rf"(?<![^\W_]){each.exercise}(?![^\W_])", re.IGNORECASE) for each in expected]
    parts = {next((file.name for file in files if word.search(file.stem)), "") for word in words} - {""}
    if len(parts) > 1:
        raise UsageError(
            f"{path} holds {listed(sorted(parts))}, which are named after one exercise each: put all of a student "
            "into a folder of the student's name."
        )


def _items(path: Path) -> list[Item]:
    """What lies in a folder, or one file; nothing where it cannot be read, which is told when it is graded."""
    if path.is_symlink():
        return []
    try:
        return list_folder(path) if path.is_dir() else [Item(path.name, path.name, 0, 0, partial(read_file, path))]
    except UnreadableError:
        return []


def _exercise_files(entries: Sequence[Path], expected: Sequence[Expected]) -> list[Path]:
    """The files that only one student's folder has at its top."""
    names = {wanted.file for wanted in expected}
    wanted = {squeezed(name) for each in expected for name in each.names}
    return [
        entry
        for entry in entries
        if entry.suffix == ".py"
        and not entry.is_dir()
        and (entry.name in names or _is_named_after_content(entry, wanted))
    ]


def _is_named_after_content(file: Path, wanted: Collection[str]) -> bool:
    stem = squeezed(file.stem)
    return (not wanted or stem in wanted) and stem in map(squeezed, _DEFINITION.findall(_text(file)))


def _text(file: Path) -> str:
    try:
        return decode_source(read_file(file), file.name)
    except UnreadableError:
        return ""


def _may_be_submission(entry: Path) -> bool:
    # A link is a submission, too: reading it will say what is wrong with it.
    if entry.is_dir():
        return not _is_of_earlier_run(entry)
    return entry.suffix.casefold() in READ + OTHER_ARCHIVES or bool(RENAMED_NOTEBOOK.search(entry.name))


def _is_of_earlier_run(folder: Path) -> bool:
    return (folder / "grades.csv").is_file() and (folder / "results").is_dir() and (folder / "feedback").is_dir()


def _student(entry: Path) -> str:
    if entry.is_dir():
        return entry.name
    return entry.name.removesuffix(entry.suffix).removesuffix(".tar").removesuffix(".ipynb")


def _refuse_two_of_one_student(path: Path, students: Sequence[tuple[str, Path]]) -> None:
    entries: dict[str, Path] = {}
    for student, entry in students:
        if (first := entries.setdefault(student, entry)) is not entry:
            both = f"{plain(first.name)} and {plain(entry.name)}"
            raise UsageError(f"{path}: {both} are both of student {plain(student)}: keep the one that counts.")


def distinct_names(names: Sequence[str]) -> Iterator[str]:
    """Safe names in the same order; of those that a file system may take for the same, all but one get a suffix."""
    safe = [safe_name(name) for name in names]
    taken = {same_name_key(name) for name in safe}
    uses: Counter[str] = Counter()
    for name in safe:
        key = same_name_key(name)
        uses[key] += 1
        if uses[key] > 1:
            numbered = (with_suffix(name, f"-{number}") for number in count(uses[key]))
            name = next(each for each in numbered if same_name_key(each) not in taken)
            taken.add(same_name_key(name))
        yield name
