"""Where things are in the folder that a student unpacks, and what it says of the assignment."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import msgspec
from msgspec import structs

from autograder.course.assignment import Assignment, Feedback, Gradescope
from autograder.course.translation import in_this_language
from autograder.language import speak, tr
from autograder.submissions.files import Item
from autograder.submissions.model import Contents, Expected
from autograder.submissions.read import read_pile

CHECKS = "checks"
"""The folder of the public checks, one folder in it per exercise, as in the project."""
ENGINE = f"{CHECKS}/_engine"
"""The folder to import the engine from."""
DESCRIPTION = f"{CHECKS}/assignment.json"
CATALOGUE = f"{CHECKS}/locale/{{language}}.po"
SHOWN_HINTS = f"{CHECKS}/.hints.json"
"""How many hints a student has been shown, by exercise."""


@dataclass(frozen=True)
class StudentFolder:
    """An unpacked student zip."""

    path: Path
    assignment: Assignment

    @classmethod
    def open(cls, path: Path, language: str = "") -> StudentFolder:
        """Read the folder's description, and speak its language, or another one, from now on.

        Raises OSError or msgspec.DecodeError when it is not whole.
        """
        assignment = msgspec.json.decode((path / DESCRIPTION).read_bytes(), type=Assignment)
        language = language or assignment.language
        speak(language, [path / CATALOGUE.format(language=language)])
        return cls(path, in_this_language(assignment))

    @property
    def expected(self) -> list[Expected]:
        """The files to be written, one for each exercise."""
        return [
            Expected(each.name, f"{each.name}.py", each.names, forbidden=each.forbidden)
            for each in self.assignment.exercises
        ]

    @property
    def has_notebook(self) -> bool:
        notebook = self.assignment.notebook
        return notebook is not None and (self.path / notebook).is_file()

    def suite(self, exercise: str) -> Path:
        """The folder of the exercise's public checks."""
        return self.path / CHECKS / exercise

    def beside(self, exercise: str) -> Path:
        """What the exercise's public checks need next to the student's code, where they need anything."""
        return self.suite(exercise) / "beside.py"

    def contents(self) -> Contents:
        """The exercises' sources as they are now: only Python files beside check.py are looked at."""
        files = sorted(file for file in self.path.glob("*.py") if file.name != "check.py")
        return read_pile([file_item(file) for file in files], self.expected)

    def next_hint(self, exercise: str) -> str:
        """The next hint of an exercise, with its number; after the last one, all of them again."""
        hints = self.assignment.exercise(exercise).hints
        if not hints:
            return tr("There are no hints for {name}.", name=exercise)
        try:
            shown = msgspec.json.decode((self.path / SHOWN_HINTS).read_bytes(), type=dict[str, int])
        except (OSError, msgspec.DecodeError):
            shown = {}
        count = shown.get(exercise, 0) + 1
        if count > len(hints):
            return "\n".join(
                [tr("All hints once more:"), *(f"{number}. {hint}" for number, hint in enumerate(hints, 1))]
            )
        with contextlib.suppress(OSError):  # a folder that cannot be written to gives the first hint again
            (self.path / SHOWN_HINTS).write_bytes(msgspec.json.encode({**shown, exercise: count}))
        more = tr("; ask again for the next") if count < len(hints) else ""
        hint = hints[count - 1]
        return tr("Hint {number} of {count}{more}: {hint}", number=count, count=len(hints), more=more, hint=hint)


def exercise_named(typed: str, names: Sequence[str]) -> str | None:
    """An exercise by its name or that of its file, as shells complete it: `./se_block.py`, `.\\se_block.py`."""
    return next((each for each in names if each.casefold() == bare_name(typed)), None)


def bare_name(typed: str) -> str:
    """Without folders and the ending of a file."""
    return PureWindowsPath(typed).name.casefold().removesuffix(".py")  # takes both kinds of slash


def file_item(file: Path) -> Item:
    """A file as the grader sees one that was handed in by itself."""
    return Item(file.name, file.name, 0, 0, file.read_bytes)


def described(assignment: Assignment) -> bytes:
    """What a student's folder says of the assignment; what concerns the grader alone is left out."""
    told = structs.replace(assignment, feedback=Feedback(), gradescope=Gradescope())
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
