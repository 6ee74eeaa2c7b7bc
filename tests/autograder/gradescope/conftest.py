"""What Gradescope accepts, results to be told to it, and /autograder folders with a small assignment in them."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import psutil
import pytest

from autograder.batch.grader import Answer
from autograder.course.assignment import Assignment, Exercise
from autograder.gradescope.grade import Order, answer
from autograder.gradescope.results_file import Results
from autograder.gradescope.run import run
from autograder.results.model import SCHEMA, Diagnosis, ExerciseResult, Result, TestResult
from autograder.sandbox.launcher import Zygote

SCHEMA_FILE = Path(__file__).with_name("results.schema.json")

TOML = """
title = "Demonstration"
name = "demo"
exercises = ["double", "shift"]

[limits]
load_seconds = 5.0
question_seconds = {question_seconds}
exercise_seconds = 300.0
memory_mb = 512
"""


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="session")
def schema() -> Any:
    """What Gradescope accepts as results.json."""
    document = json.loads(SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(document)
    return document


@pytest.fixture(scope="session")
def valid(schema: Any) -> Callable[[bytes | Results], Any]:
    """The document that these bytes, or these results, are; fails where Gradescope would not accept it."""

    def check(content: bytes | Results) -> Any:
        text = content.to_json() if isinstance(content, Results) else content
        document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
        return document

    return check


@dataclass
class Maker:
    """Makes results of one assignment; what is not named has a plain value."""

    assignment: Assignment
    numbers: Any = field(default_factory=itertools.count)

    def test(self, status: str = "passed", message: str = "", points: float = 1.0, **fields: Any) -> TestResult:
        name = f"test_{next(self.numbers)}"
        values = {"name": name, "title": f"Title of {name}", "visibility": "visible", "seconds": 0.1, "public": True}
        values |= {"score": points if status == "passed" else 0.0, "max_score": points}
        return TestResult(status=status, message=message, **{**values, **fields})

    def exercise(self, *tests: TestResult, status: str = "graded", message: str = "", **fields: Any) -> ExerciseResult:
        score, most = sum(test.score for test in tests), sum(test.max_score for test in tests)
        return ExerciseResult(score, most, status, message, tests, **fields)

    def result(
        self, double: ExerciseResult, shift: ExerciseResult | None = None, notes: tuple[str, ...] = ()
    ) -> Result:
        exercises = {"double": double, "shift": shift or self.exercise(self.test())}
        return Result(
            schema=SCHEMA,
            student="kim",
            assignment="demo",
            seed=5,
            suite="0123456789abcdef",
            isolation="full",
            score=round(sum(exercise.score for exercise in exercises.values()), 2),
            max_score=sum(exercise.max_score for exercise in exercises.values()),
            exercises=exercises,
            notes=notes,
        )

    def diagnosis(self, name: str = "forgets half") -> Diagnosis:
        return Diagnosis(name.replace(" ", "_"), name, f"Hint about what {name}.")


@pytest.fixture
def make() -> Maker:
    exercises = (
        Exercise(name="double", title="Doubling", points=4, names=("Double",)),
        Exercise(name="shift", title="Shifting", points=1, names=("shift",)),
    )
    return Maker(Assignment("Demonstration", "demo", exercises))


@dataclass(frozen=True)
class Graded:
    """A submission that `run` has graded, or has not."""

    folder: Path
    result: Result | None
    document: Any
    """results.json."""
    stdout: str
    stderr: str


class GradedHere:
    """Stands for the grading process: what it answers is there as soon as it is started, and nothing has to end."""

    def __init__(self, command: list[Any], **_: object) -> None:
        told: list[Answer] = []
        answer(msgspec.json.decode(command[-1], type=Order), told.append)
        self.stdout = os.fdopen(os.memfd_create("answers"), "w+b")
        self.stdout.write(msgspec.json.Encoder().encode_lines(told))
        self.stdout.seek(0)

    def kill(self) -> None:
        pass

    def wait(self) -> None:
        pass


class Desk:
    """/autograder folders, and what happens to the submissions in them."""

    def __init__(
        self,
        factory: pytest.TempPathFactory,
        valid: Callable[[bytes | Results], Any],
        demo_files: Mapping[str, str],
        zygote: Zygote,
    ) -> None:
        self._factory, self._valid, self._demo_files, self._zygote = factory, valid, demo_files, zygote
        self.right = {f"{name}.py": demo_files[f"solutions/demo/{name}.py"] for name in ("double", "shift")}

    def place(
        self,
        submission: Mapping[str, str],
        metadata: Any = None,
        settings: str = "",
        question_seconds: float = 1.0,
    ) -> Path:
        """A folder like /autograder; `settings` are more lines of assignment.toml."""
        folder = self._factory.mktemp("autograder")
        write(
            folder / "source" / "payload",
            {
                **self._demo_files,
                "assignments/demo/assignment.toml": TOML.format(question_seconds=question_seconds) + settings,
            },
        )
        (folder / "submission").mkdir()
        write(folder / "submission", submission)
        if metadata is not None:
            write(folder, {"submission_metadata.json": json.dumps(metadata)})
        return folder

    def run(self, folder: Path, environment: Mapping[str, str] | None = None) -> Graded:
        """Grade what is in the folder as on Gradescope, with a process that grades and a zygote of its own."""
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            result = run(folder, time.monotonic(), environment or {})
        return Graded(folder, result, self.document(folder), output.getvalue(), errors.getvalue())

    def run_here(self, folder: Path) -> Graded:
        """The same in this process, with the zygote of all tests: to start both takes a second of processor time."""
        with pytest.MonkeyPatch.context() as patch, self.with_the_zygote():
            patch.setattr("autograder.gradescope.run.subprocess.Popen", GradedHere)
            return self.run(folder)

    @contextlib.contextmanager
    def with_the_zygote(self) -> Iterator[None]:
        """Inside, what grades one submission takes the zygote of all tests."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("autograder.gradescope.grade.Zygote", lambda: contextlib.nullcontext(self._zygote))
            yield

    def document(self, folder: Path) -> Any:
        """results.json, which must be valid."""
        return self._valid((folder / "results" / "results.json").read_bytes())


@pytest.fixture(scope="session")
def desk(
    tmp_path_factory: pytest.TempPathFactory,
    valid: Callable[[bytes | Results], Any],
    demo_files: Mapping[str, str],
    zygote: Zygote,
) -> Desk:
    return Desk(tmp_path_factory, valid, demo_files, zygote)


class Watcher:
    """Looks on while `run` works: remembers the processes that are started, and acts once."""

    def __init__(self, due: Callable[[], bool], act: Callable[[], None]) -> None:
        """`act` is called once `due` says so."""
        self.seen: set[psutil.Process] = set()
        self.commands: set[str] = set()
        self.acted = False
        self._due, self._act = due, act
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            for process in set(psutil.Process().children(recursive=True)) - self._before:
                self.seen.add(process)
                with contextlib.suppress(psutil.Error):  # it may end meanwhile
                    self.commands.add(" ".join(process.cmdline()))
            if not self.acted and self._due():
                self._act()
                self.acted = True

    def __enter__(self) -> Watcher:
        self._before = set(psutil.Process().children(recursive=True))  # such as the zygote of other tests
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def left_over(self) -> list[psutil.Process]:
        """The processes that have not ended, after some time to do so."""
        return psutil.wait_procs(self.seen, timeout=120)[1]


@pytest.fixture
def watcher() -> Callable[[Callable[[], bool], Callable[[], None]], Watcher]:
    return Watcher


@pytest.fixture
def knows() -> Callable[[Path, str], bool]:
    """Whether results.json already tells that some check of an exercise, by its title, has passed."""

    def look(folder: Path, title: str) -> bool:
        try:
            document = json.loads((folder / "results" / "results.json").read_bytes())
        except FileNotFoundError:
            return False
        return any(test["name"].startswith(title) and test.get("score") for test in document.get("tests", ()))

    return look
