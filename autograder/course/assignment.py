"""What an assignment asks: assignment.toml and the exercise.toml of each exercise, read and checked.

Knows nothing of suites, submissions or grading.
"""

from __future__ import annotations

import keyword
import math
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from autograder.course.layout import Layout, assignment_names
from autograder.errors import UsageError, did_you_mean
from autograder.language import SOURCE, languages

_Kind = TypeVar("_Kind", bound=Struct)

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

# Names become files, folders and Python modules, on file systems that may ignore case.
_NAME = r"[a-z][a-z0-9_]*"
_NAMES = "must be lower-case letters, digits and _, and begin with a letter"

# Exercises are columns of grades.csv, beside these.
_RESERVED_NAMES = ("student", "total", "max", "status")
# Beside the students' files lies check.py, and what is imported there is looked for in that folder first.
_MODULES = frozenset({"autograder", "check", "numpy", "pytest", "torch", "torchvision"})
_OF_SUITES = ("beside", "make", "on", "rng", "sequential", "world")
"""What `student` has in suites besides the names that a file defines."""


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


class Description(Struct, frozen=True, forbid_unknown_fields=True):
    """What exercise.toml says of an exercise."""

    title: str
    points: Annotated[int, Meta(gt=0)]
    names: tuple[str, ...]
    """Classes and functions that the file must define."""
    needs_torchvision: bool = False
    forbidden: tuple[str, ...] = ()
    """Dotted names that must not be used. A `*` stands for any characters, dots included, as in fnmatch; "@recurrent"
    for all names of the set `recurrent` in forbidden.toml."""
    hints: tuple[str, ...] = ()
    """What a student who is stuck may read, one at a time, from gentle to concrete; the answer is not among them."""
    draft: bool = False
    """Whether its bank is still to be written; the tests of the project do not ask for one then."""

    def __post_init__(self) -> None:
        _check_title(self.title)
        if not self.names:
            raise ValueError('key "names" is empty; name what the file must define, as in names = ["ResidualBlock"]')
        for name in self.names:
            if not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError(f'key "names": "{name}" is not a name that Python code can define')
            if name.startswith("_") or name in _OF_SUITES:
                raise ValueError(f'key "names": suites cannot ask `student` for "{name}"; choose another name')
        for pattern in expanded(self.forbidden):
            if not re.fullmatch(r"[A-Za-z_]\w*(\.[\w*]+)*", pattern):
                raise ValueError(f'key "forbidden": "{pattern}" is not a dotted name; write it like "torch.nn.LSTM*"')
        if not all(hint.strip() for hint in self.hints):
            raise ValueError('key "hints" has an empty hint; write one, or remove it')


class Exercise(Description, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One exercise: one file, named after it."""

    name: str
    home: str = ""
    """The assignment that it belongs to, where that is another one."""
    suite_points: int = 0
    """What its checks are worth together, where that is not `points`."""

    @property
    def scale(self) -> Fraction:
        """What a point of its suite is worth here."""
        return Fraction(self.points, self.suite_points or self.points)


class Use(Struct, frozen=True, forbid_unknown_fields=True):
    """An exercise of another assignment, in the list of assignment.toml."""

    use: str
    """Assignment and exercise: `core/se_block`."""
    points: Annotated[int, Meta(gt=0)] | None = None
    """What it is worth here; without it, as much as there."""


class Assignment(Struct, frozen=True, forbid_unknown_fields=True):
    """What an instructor hands out and grades as one unit."""

    title: str
    name: str
    exercises: tuple[Exercise, ...]
    language: str = SOURCE
    """What students and graders read: a language that the engine speaks, "en" or "ko"."""
    notebook: str | None = None
    """File name of the students' notebook."""
    not_allowed: NotAllowedPolicy = "zero"
    limits: Limits = Limits()
    feedback: Feedback = Feedback()
    deadline: Deadline | None = None
    gradescope: Gradescope = Gradescope()
    draft: bool = False
    """Whether exercises and example submissions are still to be written."""

    @property
    def is_draft(self) -> bool:
        """Whether it or an exercise of it is still to be written."""
        return self.draft or any(exercise.draft for exercise in self.exercises)

    def __post_init__(self) -> None:
        if problem := problem_of_name(self.name):
            raise ValueError(f'key "name": {problem}')
        _check_title(self.title)
        if self.language not in languages():
            raise ValueError(f'key "language": "{self.language}" is none of {", ".join(languages())}')
        if self.notebook is not None and not re.fullmatch(r"[^/\\]+\.ipynb", self.notebook):
            raise ValueError(f'key "notebook": "{self.notebook}" is not a plain file name; write it like "core.ipynb"')
        if not self.exercises:
            raise ValueError('there is no exercise; name at least one, as in exercises = ["residual_block"]')
        for place, name in enumerate(self.exercise_names):
            if name in self.exercise_names[:place]:
                raise ValueError(f'key "exercises" has "{name}" twice; remove one of them')

    @property
    def exercise_names(self) -> tuple[str, ...]:
        return tuple(exercise.name for exercise in self.exercises)

    @property
    def homes(self) -> dict[str, str]:
        """The assignments of those exercises that belong to others."""
        return {exercise.name: exercise.home for exercise in self.exercises if exercise.home}

    @property
    def total_points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    def exercise(self, name: str) -> Exercise:
        """The exercise of that name. Raises UsageError."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise UsageError(
            f'assignment "{self.name}" has no exercise "{name}"{did_you_mean(name, self.exercise_names)}; '
            f"it has {', '.join(self.exercise_names)}"
        )


def load_assignment(root: Path, name: str) -> Assignment:
    """Read and check `assignments/<name>/assignment.toml` of the project at `root`, with the exercise.toml of each
    exercise. Raises UsageError.
    """
    known = assignment_names(root)
    if name not in known:
        there_are = f"there are: {', '.join(known)}" if known else "the project has none yet"
        raise UsageError(f'no assignment "{name}" in {root / "assignments"}{did_you_mean(name, known)}; {there_are}')

    layout = Layout(root, name)
    file, table = layout.shown(layout.description), _table(layout, layout.description)
    if isinstance(table.get("exercises"), list):
        table["exercises"] = [_exercise(layout, entry, place) for place, entry in enumerate(table["exercises"], 1)]
    assignment = converted(table, Assignment, file)
    if assignment.name != name:
        raise UsageError(f'{file}: key "name" is "{assignment.name}", the folder is "{name}"; make them the same')
    return assignment


def open_assignment(root: Path, name: str) -> tuple[Layout, Assignment]:
    """The assignment, and where its files are. Raises UsageError."""
    assignment = load_assignment(root, name)
    return Layout(root, name, assignment.homes), assignment


def _exercise(layout: Layout, entry: object, place: int) -> Exercise:
    """The exercise that an entry of the list in assignment.toml names; `place` is its place in it, from 1."""
    where = f'{layout.shown(layout.description)}: key "exercises", number {place}'
    if isinstance(entry, str):
        home, name, points = "", entry, None
    elif isinstance(entry, dict):
        used = converted(entry, Use, where)
        (home, slash, name), points = used.use.partition("/"), used.points
        if not slash or not re.fullmatch(_NAME, home):
            raise UsageError(f'{where}: key "use" is "{used.use}"; write it like "core/se_block"')
    else:
        raise UsageError(
            f'{where}: must be the name of an exercise, or of another assignment\'s, {{ use = "core/se_block" }}'
        )
    if problem := problem_of_exercise(name):
        raise UsageError(f"{where}: {problem}")
    path = Layout(layout.root, home or layout.assignment).exercise_description(name)
    if not path.is_file():
        there = [file.parent for file in layout.suites.parent.glob(f"{home or layout.assignment}/*/{path.name}")]
        raise UsageError(
            f"{where}: there is no {layout.shown(path)}{did_you_mean(name, sorted(folder.name for folder in there))}; "
            f'write it, or remove "{name}" from the list'
        )
    description = converted(_table(layout, path), Description, layout.shown(path))
    described = {**msgspec.structs.asdict(description), "forbidden": expanded(description.forbidden)}
    exercise = Exercise(name=name, home="" if home == layout.assignment else home, **described)
    if points is None or points == exercise.points:
        return exercise
    return msgspec.structs.replace(exercise, points=points, suite_points=exercise.points)


def _table(layout: Layout, path: Path) -> dict[str, Any]:
    """What a TOML file of the project holds. Raises UsageError."""
    try:
        table: dict[str, Any] = msgspec.toml.decode(layout.read(path))
    except msgspec.DecodeError as error:
        raise UsageError(f"{layout.shown(path)}: not valid TOML: {error}") from error
    return table


def converted(table: dict[str, Any], kind: type[_Kind], file: str) -> _Kind:
    """The table as a `kind`. Raises UsageError that names the file, the key and the remedy."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: {_for_people(str(error), kind)}") from error


def expanded(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns with each "@name" replaced by those of that set in forbidden.toml. Raises ValueError for a set that
    there is not.
    """
    found: list[str] = []
    for pattern in patterns:
        sets = _forbidden() if pattern.startswith("@") else {pattern: (pattern,)}
        if pattern not in sets:
            guess = did_you_mean(pattern, sets)
            raise ValueError(f'key "forbidden": there is no set "{pattern}"{guess}; there are {", ".join(sets)}')
        found += sets[pattern]
    return tuple(found)


@cache
def _forbidden() -> dict[str, tuple[str, ...]]:
    sets = msgspec.toml.decode(Path(__file__).with_name("forbidden.toml").read_bytes(), type=dict[str, tuple[str, ...]])
    return {f"@{name}": patterns for name, patterns in sets.items()}


def problem_of_name(name: str) -> str:
    """Why this cannot be the name of an assignment; empty where it can."""
    return "" if re.fullmatch(_NAME, name) else f'"{name}" {_NAMES}'


def problem_of_exercise(name: str) -> str:
    """Why this cannot be the name of an exercise; empty where it can."""
    if problem := problem_of_name(name):
        return problem
    if name in _RESERVED_NAMES:
        return f'"{name}" is a column of grades.csv already; choose another name'
    if keyword.iskeyword(name) or name in _MODULES or name in sys.stdlib_module_names:
        return f'"{name}" means something else to Python, and {name}.py would get in its way; choose another name'
    return ""


def _check_title(title: str) -> None:
    if not title.strip():
        raise ValueError('key "title" is empty; write the title that students see')


_TABLES: dict[str, type[Struct]] = {
    "limits": Limits,
    "feedback": Feedback,
    "deadline": Deadline,
    "gradescope": Gradescope,
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


def _for_people(message: str, kind: type[Struct]) -> str:
    """msgspec's message, with the place as one finds it in the file and what to do.

    msgspec writes "<problem> - at `$.limits.memory_mb`", without the place where that is the top level.
    """
    problem, _, path = message.partition(" - at `$")
    path = path.removesuffix("`").lstrip(".")
    if problem.startswith(("Expected", "Invalid")):  # about the value of one key, the last part of the path
        table, _, key = path.rpartition(".")
        return f'{_place(table)}key "{key}" {_value_problem(problem, key, _TABLES.get(table, kind))}'
    return _place(path) + _table_problem(problem, _TABLES.get(path, kind))


def _place(table: str) -> str:
    return f"[{table}]: " if table else ""


def _table_problem(problem: str, kind: type[Struct]) -> str:
    keys = [field.name for field in msgspec.structs.fields(kind)]
    if unknown := re.fullmatch("Object contains unknown field `(.*)`", problem):
        return f'unknown key "{unknown[1]}"{did_you_mean(unknown[1], keys)}; the keys here are {", ".join(keys)}'
    if missing := re.fullmatch("Object missing required field `(.*)`", problem):
        return f'key "{missing[1]}" is missing; add it'
    return problem


def _value_problem(problem: str, key: str, kind: type[Struct]) -> str:
    if kinds := re.fullmatch(r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", problem):
        return f"must be {_KINDS[kinds[1]]}; it is {_KINDS[kinds[2]]}"
    if bound := re.fullmatch(r"Expected `\w+` (>|>=|<=) ([\d.]+)", problem):
        return f"must be {_BOUNDS[bound[1]]} {float(bound[2]):g}"
    if "timezone" in problem:
        return f"must be {_KINDS['datetime']}; the offset is missing"
    if problem.startswith("Invalid enum value"):
        choices = {field.name: get_args(field.type) for field in msgspec.structs.fields(kind)}
        return f"must be one of {', '.join(choices[key])}"
    if length := re.fullmatch(r"Expected `array` of length (\d+), got (\d+)", problem):
        return f"must be a list of {length[1]} values; it has {length[2]}"
    return problem
