"""What an assignment asks: assignment.toml, read and checked. Knows nothing of suites, submissions or grading."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from autograder.course.layout import Layout, assignment_names
from autograder.errors import UsageError

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
"""Who sees a test's result, in Gradescope's words."""

DiagnosisPolicy = Literal["visible", "after_due_date", "off"]
"""When students are told a diagnosis: at once, once the due date has passed, or never."""

NotAllowedPolicy = Literal["zero", "flag", "ignore"]
"""What becomes of an exercise whose code uses what is not allowed: no points; its points, with the evidence for an
instructor to look at; or nothing."""

DeadlineSource = Literal["assignment", "gradescope"]
"""Which due date lateness counts from: that of assignment.toml, or the one that Gradescope has for the student."""

_Seconds = Annotated[float, Meta(gt=0)]

# Exercises are columns of grades.csv, beside these.
_RESERVED_NAMES = ("student", "total", "max", "status")


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a student's code may take, in seconds of wall-clock time, and how much memory, in MiB."""

    load_seconds: _Seconds = 15.0
    """Importing the file."""
    question_seconds: _Seconds = 10.0
    """One call of the student's code."""
    exercise_seconds: _Seconds = 60.0
    """All calls of one exercise together."""
    memory_mb: Annotated[int, Meta(gt=0)] = 2048

    def __post_init__(self) -> None:
        for key in ("load_seconds", "question_seconds", "exercise_seconds"):
            if math.isinf(getattr(self, key)):
                raise ValueError(f'key "{key}" must be finite; give a number of seconds')


class Feedback(Struct, frozen=True, forbid_unknown_fields=True):
    """What students get to see."""

    hidden_tests: Visibility = "after_due_date"
    diagnosis: DiagnosisPolicy = "visible"
    """Whether students are told which known mistake their code behaves like."""


class Deadline(Struct, frozen=True, forbid_unknown_fields=True):
    """When the assignment is due, and what happens to what comes late."""

    due: Annotated[datetime, Meta(tz=True)]
    late_penalty_per_day: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """Share of the marks, from 0 to 1."""
    late_days: Annotated[int, Meta(ge=0)] = 0
    """For so many days a late submission is still accepted."""


class Gradescope(Struct, frozen=True, forbid_unknown_fields=True):
    """How the assignment is graded on Gradescope."""

    timeout_minutes: Annotated[int, Meta(ge=2, le=40)] = 10
    """Gradescope's own limit, as set there. Grading stops a minute before it, and what is known by then counts."""
    submissions_per_day: Annotated[int, Meta(gt=0)] | None = None
    """How many submissions are graded within 24 hours; without it, all."""
    leaderboard: bool = False
    """Whether the points of visible checks are shown to the class."""
    seed: Annotated[int, Meta(ge=0)] | None = None
    """The seed of every submission; without it, each has its own."""
    deadline_from: DeadlineSource = "assignment"


class Exercise(Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise: one file, named after it."""

    name: str
    title: str
    points: Annotated[int, Meta(gt=0)]
    names: tuple[str, ...]
    """Classes and functions that the file must define."""
    needs_torchvision: bool = False
    forbidden: tuple[str, ...] = ()
    """Dotted names that must not be used. A `*` stands for any characters, dots included, as in fnmatch."""
    hints: tuple[str, ...] = ()
    """What a student who is stuck may read, one at a time, from gentle to concrete; the answer is not among them."""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.name in _RESERVED_NAMES:
            raise ValueError(f'key "name": "{self.name}" is a column of grades.csv already; choose another name')
        _check_title(self.title)
        if not self.names:
            raise ValueError('key "names" is empty; name what the file must define, as in names = ["ResidualBlock"]')
        for name in self.names:
            if not name.isidentifier():
                raise ValueError(f'key "names": "{name}" is not a name that Python code can define')
        for pattern in self.forbidden:
            if not re.fullmatch(r"[A-Za-z_]\w*(\.[\w*]+)*", pattern):
                raise ValueError(f'key "forbidden": "{pattern}" is not a dotted name; write it like "torch.nn.LSTM*"')
        if not all(hint.strip() for hint in self.hints):
            raise ValueError('key "hints" has an empty hint; write one, or remove it')


class Assignment(Struct, frozen=True, forbid_unknown_fields=True):
    """What an instructor hands out and grades as one unit."""

    title: str
    name: str
    exercises: tuple[Exercise, ...]
    notebook: str | None = None
    """File name of the students' notebook."""
    not_allowed: NotAllowedPolicy = "zero"
    limits: Limits = Limits()
    feedback: Feedback = Feedback()
    deadline: Deadline | None = None
    gradescope: Gradescope = Gradescope()

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_title(self.title)
        if self.notebook is not None and not re.fullmatch(r"[^/\\]+\.ipynb", self.notebook):
            raise ValueError(f'key "notebook": "{self.notebook}" is not a plain file name; write it like "core.ipynb"')
        if not self.exercises:
            raise ValueError("there is no exercise; add at least one [[exercises]]")
        seen = set()
        for name in self.exercise_names:
            if name in seen:
                raise ValueError(f'two [[exercises]] are named "{name}"; rename one of them')
            seen.add(name)

    @property
    def exercise_names(self) -> tuple[str, ...]:
        return tuple(exercise.name for exercise in self.exercises)

    @property
    def total_points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    def exercise(self, name: str) -> Exercise:
        """The exercise of that name. Raises UsageError."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise UsageError(
            f'assignment "{self.name}" has no exercise "{name}"{_did_you_mean(name, self.exercise_names)}; '
            f"it has {', '.join(self.exercise_names)}"
        )


def load_assignment(root: Path, name: str) -> Assignment:
    """Read and check `assignments/<name>/assignment.toml` of the project at `root`. Raises UsageError."""
    known = assignment_names(root)
    if name not in known:
        there_are = f"there are: {', '.join(known)}" if known else "the project has none yet"
        raise UsageError(f'no assignment "{name}" in {root / "assignments"}{_did_you_mean(name, known)}; {there_are}')

    layout = Layout(root, name)
    file = layout.shown(layout.description)
    try:
        table = msgspec.toml.decode(layout.description.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{file}: not valid TOML: {error}") from error
    try:
        assignment = msgspec.convert(table, Assignment)
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: {_for_people(str(error), table)}") from error
    if assignment.name != name:
        raise UsageError(f'{file}: key "name" is "{assignment.name}", the folder is "{name}"; make them the same')
    return assignment


def _check_name(name: str) -> None:
    # Names become files, folders and Python modules, on file systems that may ignore case.
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f'key "name": "{name}" must be lower-case letters, digits and _, and begin with a letter')


def _check_title(title: str) -> None:
    if not title.strip():
        raise ValueError('key "title" is empty; write the title that students see')


def _did_you_mean(wrong: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, list(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


_TABLES: dict[str, type[Struct]] = {
    "": Assignment,
    "limits": Limits,
    "feedback": Feedback,
    "deadline": Deadline,
    "gradescope": Gradescope,
    "exercises": Exercise,
}

_KINDS = {
    "array": "a list in [ ]",
    "bool": "true or false",
    "date": "a date without a time",
    "datetime": "a date with time and offset, as in 2026-12-06T23:59:00+09:00",
    "float": "a decimal number",
    "int": "a whole number",
    "object": "a table",
    "str": 'text in " "',
    "time": "a time without a date",
}

_BOUNDS = {">": "more than", ">=": "at least", "<=": "at most"}


def _for_people(message: str, document: Any) -> str:
    """msgspec's message, with the place as one finds it in the file and what to do.

    msgspec writes "<problem> - at `$.exercises[2].points`", without the place where that is the top level.
    """
    problem, _, path = message.partition(" - at `$")
    path = path.removesuffix("`").lstrip(".")
    if problem.startswith(("Expected", "Invalid")):  # about the value of one key, the last part of the path
        table, _, key = path.rpartition(".")
        return f'{_place(table, document)}key "{key}" {_value_problem(problem, key)}'
    return _place(path, document) + _table_problem(problem, path)


def _place(table: str, document: Any) -> str:
    if number := re.fullmatch(r"exercises\[(\d+)\]", table):
        exercise = document["exercises"][int(number[1])]
        name = f" ({exercise['name']})" if "name" in exercise else ""
        return f"[[exercises]] number {int(number[1]) + 1}{name}: "
    return f"[{table}]: " if table else ""


def _table_problem(problem: str, table: str) -> str:
    keys = [field.name for field in msgspec.structs.fields(_TABLES[table.partition("[")[0]])]
    if unknown := re.fullmatch("Object contains unknown field `(.*)`", problem):
        return f'unknown key "{unknown[1]}"{_did_you_mean(unknown[1], keys)}; the keys here are {", ".join(keys)}'
    if missing := re.fullmatch("Object missing required field `(.*)`", problem):
        return f'key "{missing[1]}" is missing; add it'
    return problem


def _value_problem(problem: str, key: str) -> str:
    if kinds := re.fullmatch(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", problem):
        return f"must be {_KINDS[kinds[1]]}; it is {_KINDS[kinds[2]]}"
    if bound := re.fullmatch(r"Expected `\w+` (>|>=|<=) ([\d.]+)", problem):
        return f"must be {_BOUNDS[bound[1]]} {float(bound[2]):g}"
    if "timezone" in problem:
        return f"must be {_KINDS['datetime']}; the offset is missing"
    if problem.startswith("Invalid enum value"):
        choices = {"diagnosis": DiagnosisPolicy, "not_allowed": NotAllowedPolicy, "deadline_from": DeadlineSource}
        policies = choices.get(key, Visibility)
        return f"must be one of {', '.join(get_args(policies))}"
    return problem
