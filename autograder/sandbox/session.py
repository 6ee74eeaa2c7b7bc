"""A conversation with a host, wherever it runs: the one way in which suites reach code, students' and ours."""

from __future__ import annotations

import builtins
import functools
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from msgspec import structs

from autograder.language import mark, tr
from autograder.sandbox.host import Host
from autograder.sandbox.protocol import (
    MAX_USES,
    Done,
    Load,
    Loaded,
    Message,
    Question,
    Raised,
    Reply,
    Reset,
    Step,
    WireTensor,
)
from autograder.sandbox.values import MalformedMessage


@dataclass(frozen=True)
class Source:
    """The text of one exercise's file: `module` is the name it is imported by, `file` the one that messages use."""

    module: str
    file: str
    text: str
    beside: str | None = None
    """The text of the exercise's beside.py, which is loaded next to it."""


@dataclass(frozen=True)
class Frame:
    """A line of the student's file that an exception passed."""

    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Use:
    """A use of something that is not allowed, noticed while the code ran. `line` is 0 where none could be told."""

    name: str
    line: int


class SubjectError(Exception):
    """The code under test raised. Also an instance of the built-in type of what it raised, so suites can expect it."""

    def __init__(self, type_name: str, text: str, frames: tuple[Frame, ...] = ()) -> None:
        super().__init__(f"{type_name}: {text}" if text else type_name)
        self.ours = False
        """It was our solution that raised."""
        self.difference = ""
        """What differs, where it was found by comparing: equal for what is one and the same difference."""
        self.type_name, self.text, self.frames = type_name, text, frames
        self.asked = ""
        """The call that a suite made, where a check makes several and says which."""


class SuiteError(Exception):
    """A suite asks for what cannot be asked: the author's slip, which costs no student anything."""


class SubjectMissing(SubjectError):
    """The file does not define a name that the exercise asks for."""


class SubjectNotLoaded(SubjectError):
    """The file could not be imported; every later question gets the same answer."""


class SubjectDied(SubjectError):
    """The process that ran the code ended, or answered with something that is not of the protocol."""


class SubjectTimeout(SubjectError):
    """The code took longer than it may."""


class NoWorkerError(Exception):
    """The machine cannot start a worker: a fault of ours, which must not cost a student anything."""


def took_too_long(loading: bool, seconds: float) -> SubjectTimeout:
    """The error for one question whose answer did not come in time: the file's import, or a call."""
    text = (
        mark("Importing your file took longer than {seconds:g} s and was stopped. Is there a loop that does not end?")
        if loading
        else mark(
            "One call of your code took longer than {seconds:g} s and was stopped. Is there a loop that does not end?"
        )
    )
    return SubjectTimeout("Timeout", tr(text, seconds=seconds))


def not_run() -> SubjectTimeout:
    """The error for a question that is not put any more."""
    return SubjectTimeout("Timeout", tr("Not run: earlier checks of this exercise already ran out of time."))


def misunderstood(problem: MalformedMessage | str) -> SubjectDied:
    """The error for a reply that is not what the protocol asks for."""
    return SubjectDied("ProtocolError", tr("the answer could not be read: {error}", error=problem))


def _mirrored(type_name: str, builtin: str, text: str, frames: tuple[Frame, ...]) -> SubjectError:
    """A SubjectError that `pytest.raises(builtin)` recognises, too."""
    ancestors = getattr(getattr(builtins, builtin, None), "__mro__", ())
    kind = next((mirror for base in ancestors if (mirror := _mirrors().get(base))), SubjectError)
    return kind(type_name, text, frames)


@functools.cache
def _mirrors() -> dict[type, type[SubjectError]]:
    """For Python's own exceptions, by class; made once, as only the collector finds a class that is garbage.

    Not for assertions: one of the student's must not pass for one of the suite's. Nor for what is made of other things
    than a text; that is recognised by its base.
    """
    none = (AssertionError, UnicodeError, Warning, getattr(builtins, "ExceptionGroup", Warning))
    return {
        base: type(f"Subject{base.__name__}", (SubjectError, base), {"__str__": SubjectError.__str__})
        for base in vars(builtins).values()
        if isinstance(base, type) and issubclass(base, Exception) and base is not Exception
        if not issubclass(base, none)
    }


class Line(Protocol):
    """Carries one question to a host and brings its reply back. Raises SubjectDied or SubjectTimeout, and
    MalformedMessage for more than can be asked at once.
    """

    def exchange(self, question: Message) -> Message: ...

    def close(self) -> None: ...


class LocalLine:
    """A host in this process: our own solutions, and suites that are run without a grader."""

    def __init__(self, module_name: str, host: Host | None = None) -> None:
        self._module_name = module_name
        self._host = host or Host(module_name)

    def exchange(self, question: Message) -> Message:
        # As in a worker, whoever asks: from inside a backward, gradients would be switched off here.
        with torch.enable_grad():
            return self._host.answer(question)

    def close(self) -> None:
        sys.modules.pop(self._module_name, None)
        sys.modules.pop(f"{self._module_name}_beside", None)


_LOAD_DRAW = 0
"""The seed of what a file draws while it is imported, the same for every file and test."""

R = TypeVar("R", bound=Reply)


class Session:
    """Asks questions about one source over a line, test after test."""

    def __init__(
        self,
        source: Source,
        line: Line,
        *,
        ours: bool = False,
        forbidden: Sequence[str] = (),
        take_away: bool = True,
    ) -> None:
        """`ours` marks a solution's session, so that its errors are not reported as the student's.

        `forbidden` are dotted names that the code must not use: taken away from it, or, without `take_away`, watched.
        """
        self.source, self._ours = source, ours
        self._forbidden, self._take_away = list(forbidden), take_away
        self.seen: tuple[Use, ...] = ()
        """Uses of forbidden names so far. A worker reports them, so they accuse nobody but its own student."""
        self.names: set[str] = set()
        """What the file defines that was asked for since the test began."""
        self._line = line
        self._kinds: dict[str, str] | None = None
        self._loaded = False
        self._failure: SubjectError | None = None
        self.test = 0
        """How many tests have begun: objects and calls of an earlier one are gone."""
        self._stream = ""
        self._asked = 0
        self._first: list[Step] = []
        """What goes with the next question."""

    def begin(self, stream: str) -> None:
        """Start a test: forget the last one's objects. `stream` decides what random numbers the code draws."""
        self.names = set()
        self.test += 1
        self._stream, self._asked = hashlib.sha256(stream.encode()).hexdigest(), 0
        self.load()
        self._first = []
        self.ask(Reset(), Done)

    @property
    def owner(self) -> str:
        """Whose code it asks, for instructors."""
        return "the reference solution" if self._ours else "the student"

    def draw(self) -> int:
        """The seed of the next call's random numbers; says nothing about the stream it comes from."""
        self._asked += 1
        digest = hashlib.sha256(f"{self._stream}/{self._asked}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def kind(self, name: str) -> str:
        """ "module", "class", "function", "value" or "missing": what the file defines under that name."""
        self.load()
        return (self._kinds or {}).get(name, "missing")

    def ask(self, question: Question, reply: type[R], tensors: Sequence[WireTensor] = ()) -> tuple[R, list[WireTensor]]:
        """Put a question; its reply, with the tensors that this refers to. Raises SubjectError when the code raised."""
        if self._first and not isinstance(question, Load):
            question, self._first = structs.replace(question, first=self._first), []
        try:
            answer = self._line.exchange(Message(question, list(tensors)))
        except MalformedMessage as problem:
            if isinstance(question, Load):  # the student's file
                raise misunderstood(problem) from None
            raise SuiteError(f"the arguments cannot be sent: {problem}") from None
        except (SubjectDied, SubjectTimeout):
            self.forget()
            raise
        body = answer.body
        if uses := getattr(body, "seen", None):
            # What was reported once stays so: code may find the worker's list and clear it.
            self.seen = tuple(dict.fromkeys((*self.seen, *(Use(*use) for use in uses))))[:MAX_USES]
        if isinstance(body, Raised):
            error = _error(body)
            error.ours = self._ours
            raise error
        if not isinstance(body, reply):
            raise misunderstood("it answers another question")
        return body, answer.tensors

    def do(self, step: Step) -> None:
        """Have something done before the next question is answered. An error in it is the answer to that, and then
        nothing more is done.
        """
        self._first.append(step)

    def close(self) -> None:
        self._line.close()

    def forget(self) -> None:
        """Whoever answers next has not seen the file."""
        self._loaded = False

    def load(self) -> None:
        """Have the file imported, unless it is. Raises SubjectNotLoaded when it cannot be."""
        if self._failure is not None:
            raise self._failure
        if self._loaded:
            return
        source = self.source
        # Not `draw()`: loading again must not shift the numbers that the test's calls draw.
        question = Load(source.module, source.text, _LOAD_DRAW, source.beside, self._forbidden, self._take_away)
        try:
            reply, _ = self.ask(question, Loaded)
        except SubjectError as error:
            if self._kinds is not None:  # it could be imported before: what this test asks fails, not the file
                raise
            self._failure = SubjectNotLoaded(error.type_name, error.text, error.frames)
            raise self._failure from None
        self._loaded = True
        self._kinds = reply.names


def _error(raised: Raised) -> SubjectError:
    """The exception that a reply describes."""
    frames = tuple(Frame(line, printable(function), printable(code)) for line, function, code in raised.frames)
    return _mirrored(printable(raised.type), raised.builtin, printable(raised.text), frames)


def printable(text: str) -> str:
    """`text` without what would act on a terminal or turn the direction of writing: such characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1] for character in text
    )
