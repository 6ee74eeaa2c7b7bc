"""Where a suite's `student` and `reference` come from: which text, and over which line it is asked."""

from __future__ import annotations

import ast
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.grading.memory import RememberingLine
from autograder.sandbox.session import LocalLine, Session, Source
from autograder.sandbox.surroundings import settle_torch

_counter = itertools.count()


class Subjects(Protocol):
    """Gives sessions to the fixtures, and the run's seed."""

    seed: int

    def student(self, exercise: str) -> Session: ...

    def reference(self, exercise: str) -> Session: ...


@dataclass
class Pair:
    """Subjects with one session as the student's, whatever the exercise."""

    seed: int
    session: Session
    references: References

    def student(self, exercise: str) -> Session:
        return self.session

    def reference(self, exercise: str) -> Session:
        return self.references.session(exercise)


def local_line(module: str) -> LocalLine:
    """A line to a host in this process."""
    settle_torch()
    return LocalLine(module)


def local_session(exercise: str, text: str, beside: str | None = None) -> Session:
    """A session with `text` in this process: no isolation, for our own solutions and for trying a suite by hand."""
    module = f"{exercise}_{next(_counter)}"
    return Session(Source(module, f"{exercise}.py", text, beside), local_line(module))


def text_beside(path: Path) -> str | None:
    """The text of an exercise's beside.py, where it has one. Raises UsageError for one that cannot be loaded."""
    if not path.is_file():
        return None
    text = _read(path)
    try:
        ast.parse(text)
    except SyntaxError as error:
        where = "/".join(path.parts[-4:])  # tests/<assignment>/<exercise>/beside.py
        raise UsageError(f"{where}, line {error.lineno}: not valid Python: {error.msg}") from None
    return text


@dataclass
class References:
    """The reference solutions of one assignment, each loaded when it is first asked for."""

    layout: Layout
    remember: bool = False
    """Answer repeated questions from memory: for a run over many submissions with one seed."""
    _sessions: dict[str, Session] = field(default_factory=dict)
    _beside: dict[str, str | None] = field(default_factory=dict)

    def session(self, exercise: str) -> Session:
        if exercise not in self._sessions:
            text = _read(self.layout.solution(exercise))
            module = f"{exercise}_{next(_counter)}"
            line = local_line(module)
            source = Source(module, f"{exercise}.py", text, self.beside(exercise))
            self._sessions[exercise] = Session(source, RememberingLine(line) if self.remember else line, ours=True)
        return self._sessions[exercise]

    def beside(self, exercise: str) -> str | None:
        """The text of the exercise's beside.py, which goes with whatever the suite judges."""
        if exercise not in self._beside:
            self._beside[exercise] = text_beside(self.layout.beside(exercise))
        return self._beside[exercise]


class InProcess:
    """Subjects for a suite that is run without a grader: `pytest tests/core --submission FILE_OR_FOLDER`."""

    def __init__(self, submission: Path, references: References, seed: int) -> None:
        self.submission, self.references, self.seed = submission, references, seed
        self._sessions: dict[str, Session] = {}

    def student(self, exercise: str) -> Session:
        if exercise not in self._sessions:
            path = self.submission / f"{exercise}.py" if self.submission.is_dir() else self.submission
            self._sessions[exercise] = local_session(exercise, _read(path), self.references.beside(exercise))
        return self._sessions[exercise]

    def reference(self, exercise: str) -> Session:
        return self.references.session(exercise)

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; --submission takes a folder of exercise files, or one file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
