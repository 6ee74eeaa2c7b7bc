"""Where the files of a course are. No other module spells these paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError

_ASSIGNMENTS = "assignments"
_DESCRIPTION = "assignment.toml"


@dataclass(frozen=True)
class Layout:
    """The paths of one assignment. They need not exist."""

    root: Path
    """The project's folder, the one that holds `assignments/`."""
    assignment: str
    homes: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The assignments that exercises belong to which this one takes from others, by exercise."""

    def home(self, exercise: str) -> Layout:
        """The paths of the assignment that the exercise belongs to: this one, or another."""
        return Layout(self.root, self.homes.get(exercise, self.assignment))

    @property
    def folder(self) -> Path:
        """What students get."""
        return self.root / _ASSIGNMENTS / self.assignment

    @property
    def description(self) -> Path:
        """`assignment.toml`."""
        return self.folder / _DESCRIPTION

    @property
    def sections(self) -> Path:
        """The folder of what handouts are put together from."""
        return self.folder / "handout"

    @property
    def handout(self) -> Path:
        return self.folder / "HANDOUT.md"

    @property
    def korean_handout(self) -> Path:
        """The handout in Korean, where there is one."""
        return self.folder / "HANDOUT.ko.md"

    def catalogue(self, language: str) -> Path:
        """What is said of the assignment in another language."""
        return self.folder / "locale" / f"{language}.po"

    @property
    def solutions(self) -> Path:
        """The folder of the reference solutions."""
        return self.root / "solutions" / self.assignment

    @property
    def suites(self) -> Path:
        """The folder of all suites, one folder in it per exercise."""
        return self.root / "tests" / self.assignment

    @property
    def example_submissions(self) -> Path:
        return self.root / "examples" / "submissions" / self.assignment

    def notebook(self, file: str) -> Path:
        """The students' notebook; `file` is the key `notebook` of assignment.toml."""
        return self.folder / file

    def stub(self, exercise: str) -> Path:
        return self.folder / f"{exercise}.py"

    def section(self, exercise: str, suffix: str) -> Path:
        """What the handout says of an exercise; `suffix` is the language's, `.md` or `.ko.md`."""
        return self.home(exercise).sections / f"{exercise}{suffix}"

    def plot(self, exercise: str) -> Path:
        """What the notebook draws with the student's own functions, where it draws anything."""
        return self.home(exercise).sections / f"{exercise}.plot.py"

    def solution(self, exercise: str) -> Path:
        return self.home(exercise).solutions / f"{exercise}.py"

    def suite(self, exercise: str) -> Path:
        """The folder of all that judges one exercise."""
        return self.home(exercise).suites / exercise

    def exercise_description(self, exercise: str) -> Path:
        """`exercise.toml`."""
        return self.suite(exercise) / "exercise.toml"

    def beside(self, exercise: str) -> Path:
        """What the suite needs next to the code that it judges, where it needs anything."""
        return self.suite(exercise) / "beside.py"

    def hidden_tests(self, exercise: str) -> Path:
        return self.suite(exercise) / f"test_{exercise}.py"

    def public_tests(self, exercise: str) -> Path:
        return self.suite(exercise) / f"test_{exercise}_public.py"

    def explained_mutants(self, exercise: str) -> Path:
        """Why mutants may survive: `"drop_activation@Block.forward:3#1" = "ReLU after a sigmoid changes nothing"`."""
        return self.suite(exercise) / "equivalent_mutants.toml"

    def mistakes(self, exercise: str) -> Path:
        """The folder of wrong implementations, which must lose points."""
        return self.suite(exercise) / "mistakes"

    def alternatives(self, exercise: str) -> Path:
        """The folder of right implementations that look different, which must get full marks."""
        return self.suite(exercise) / "alternatives"

    def hollow(self, exercise: str) -> Path:
        """The folder of implementations that compute nothing of the exercise, which must get next to nothing."""
        return self.suite(exercise) / "hollow"

    def read(self, path: Path) -> str:
        """The text of a file of the project. Raises UsageError for one that is not UTF-8."""
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.shown(path)}: byte {error.start} is not UTF-8; save the file as UTF-8") from error

    def shown(self, path: Path) -> str:
        """`path` as messages show it: from the project's folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def find_project(start: Path) -> Path:
    """The nearest folder that holds `assignments/`: `start` itself or the first one above it. Raises UsageError."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / _ASSIGNMENTS).is_dir():
            return folder
    raise UsageError(f"{start}: no folder `{_ASSIGNMENTS}` here or above; run this inside the project's folder")


def assignment_names(root: Path) -> list[str]:
    """Names of all assignments of the project: the folders of `assignments/` with an assignment.toml, sorted."""
    return sorted(file.parent.name for file in (root / _ASSIGNMENTS).glob(f"*/{_DESCRIPTION}"))
