"""A conversation with a host, wherever it runs: the one way in which suites reach code, students' and ours."""

from __future__ import annotations

import builtins
import hashlib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from autograder.sandbox.host import Host
from autograder.sandbox.values import Decoder, Encoder, MalformedMessage, Message, WireTensor


@dataclass(frozen=True)
class Source:
    """The text of one exercise's file: `module` is the name it is imported by, `file` the one that messages use."""

    module: str
    file: str
    text: str


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


class SubjectMissing(SubjectError):
    """The file does not define a name that the exercise asks for."""


class SubjectNotLoaded(SubjectError):
    """The file could not be imported; every later question gets the same answer."""


class SubjectDied(SubjectError):
    """The process that ran the code ended, or answered with something that is not of the protocol."""


class SubjectTimeout(SubjectError):
    """The code took longer than it may."""


_BUILTINS: dict[str, type[Exception]] = {
    error.__name__: error
    for error in (
        ArithmeticError,
        AssertionError,
        AttributeError,
        ImportError,
        IndexError,
        KeyError,
        LookupError,
        MemoryError,
        ModuleNotFoundError,
        NameError,
        NotImplementedError,
        OSError,
        OverflowError,
        RecursionError,
        RuntimeError,
        StopIteration,
        SyntaxError,
        TypeError,
        UnboundLocalError,
        ValueError,
        ZeroDivisionError,
    )
}


def _mirrored(type_name: str, builtin: str, text: str, frames: tuple[Frame, ...]) -> SubjectError:
    """A SubjectError that `pytest.raises(builtin)` recognises, too."""
    raised = getattr(builtins, builtin, None)
    ancestors = raised.__mro__ if isinstance(raised, type) else ()
    base = next((base for base in ancestors if _BUILTINS.get(base.__name__) is base), None)
    if base is None or base is AssertionError:  # an assertion of the student's must not pass for one of the suite's
        return SubjectError(type_name, text, frames)
    return _MIRRORS[base](type_name, text, frames)


# Made once: a class for every exception would be garbage that only the collector finds.
_MIRRORS: dict[type[Exception], type[SubjectError]] = {
    base: type(f"Subject{base.__name__}", (SubjectError, base), {"__str__": SubjectError.__str__})
    for base in _BUILTINS.values()
}


class Line(Protocol):
    """Carries one question to a host and brings its answer back. Raises SubjectDied or SubjectTimeout."""

    def exchange(self, question: Message) -> Message: ...

    def close(self) -> None: ...


class LocalLine:
    """A host in this process: our own solutions, and suites that are run without a grader."""

    def __init__(self, module_name: str) -> None:
        self._module_name = module_name
        self._host = Host(module_name)

    def exchange(self, question: Message) -> Message:
        # As in a worker, whoever asks: from inside a backward, gradients would be switched off here.
        with torch.enable_grad():
            return self._host.answer(question)

    def close(self) -> None:
        sys.modules.pop(self._module_name, None)


_LOAD_DRAW = 0
"""The seed of what a file draws while it is imported, the same for every file and test."""


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
        """`ours` marks a solution's session, so that its errors are not told as the student's.

        `forbidden` are dotted names that the code must not use: taken away from it, or, without `take_away`, watched.
        """
        self.source, self._ours = source, ours
        self._forbidden, self._take_away = list(forbidden), take_away
        self.seen: tuple[Use, ...] = ()
        """Uses of forbidden names so far. A worker tells them, so they accuse nobody but its own student."""
        self._line = line
        self._kinds: dict[str, str] | None = None
        self._loaded = False
        self._failure: SubjectError | None = None
        self._stream = ""
        self._asked = 0

    def begin(self, stream: str) -> None:
        """Start a test: forget the last one's objects. `stream` decides what random numbers the code draws."""
        self._stream, self._asked = hashlib.sha256(stream.encode()).hexdigest(), 0
        self.load()
        self.ask({"op": "reset"})

    def draw(self) -> int:
        """The seed of the next call's random numbers; says nothing about the stream it comes from."""
        self._asked += 1
        digest = hashlib.sha256(f"{self._stream}/{self._asked}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def kind(self, name: str) -> str:
        """ "module", "class", "function", "value" or "missing": what the file defines under that name."""
        self.load()
        return (self._kinds or {}).get(name, "missing")

    def ask(self, fields: Mapping[str, Any], encoder: Encoder | None = None) -> Any:
        """Put a question and return the decoded value; raises SubjectError when the code raised."""
        encoder = encoder or Encoder()
        body = {name: encoder.value(value) for name, value in fields.items()}
        try:
            answer = self._line.exchange(Message(body, encoder.tensors))
        except (SubjectDied, SubjectTimeout):
            self.forget()
            raise
        try:
            tensors = [_live(wire) for wire in answer.tensors]
            reply = Decoder(tensors, _handle).value(answer.body)
            if isinstance(reply, dict) and "seen" in reply:
                # What was told once stays told: code may find the worker's list and clear it.
                self.seen = tuple(dict.fromkeys((*self.seen, *_uses(reply.pop("seen")))))[:_MAX_USES]
            if not isinstance(reply, dict) or len(reply) != 1 or not reply.keys() <= {"ok", "error"}:
                raise MalformedMessage("an answer is neither a value nor an error")
            if "error" in reply:
                error = _error(reply["error"])
                error.ours = self._ours
                raise error
        except MalformedMessage as malformed:
            raise SubjectDied("ProtocolError", f"the answer could not be read: {malformed}") from None
        return reply["ok"]

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
        try:
            # Not `draw()`: loading again must not shift the numbers that the test's calls draw.
            source = self.source
            question = {"op": "load", "module": source.module, "text": source.text, "draw": _LOAD_DRAW}
            if self._forbidden:
                question.update(forbidden=self._forbidden, take_away=self._take_away)
            kinds = _kinds(self.ask(question))
        except SubjectError as error:
            if self._kinds is not None:  # it could be imported before: what this test asks fails, not the file
                raise
            self._failure = SubjectNotLoaded(error.type_name, error.text, error.frames)
            raise self._failure from None
        self._loaded = True
        self._kinds = kinds


@dataclass(frozen=True)
class Remote:
    """A module that lives beside the code under test, by number; `Session.ask` decodes {"o"} to this."""

    number: int


def _live(wire: WireTensor) -> Tensor:
    """The tensor of an answer; it requires grad when gradients can flow into it on the other side."""
    if wire.requires_grad and not (wire.data.is_floating_point() or wire.data.is_complex()):
        raise MalformedMessage("a tensor of integers cannot carry gradients")
    return wire.data.requires_grad_(wire.requires_grad)


def _handle(number: int) -> Remote:
    return Remote(number)


def _kinds(answer: object) -> dict[str, str]:
    """What the file defines, by name. Raises SubjectDied for anything else."""
    if not isinstance(answer, dict):
        raise SubjectDied("ProtocolError", "the answer could not be read: the file's names are malformed")
    kinds = {name: kind for name, kind in answer.items() if isinstance(name, str) and isinstance(kind, str)}
    if len(kinds) != len(answer):
        raise SubjectDied("ProtocolError", "the answer could not be read: the file's names are malformed")
    return kinds


_MAX_LINE = 10_000_000
_MAX_USES = 20


def _uses(told: object) -> tuple[Use, ...]:
    """What an answer says of forbidden names. Raises MalformedMessage."""
    uses = []
    for use in told if isinstance(told, list) and len(told) <= _MAX_USES else [None]:
        match use:
            case [str(name), int(line)] if re.fullmatch(r"[\w.:]{1,200}", name) and 0 <= line <= _MAX_LINE:
                uses.append(Use(name, line))
            case _:
                raise MalformedMessage("what an answer says of forbidden names is malformed")
    return tuple(uses)


def _error(described: object) -> SubjectError:
    """The exception that an {"error"} answer describes."""
    match described:
        case {
            "type": str(type_name),
            "builtin": str(builtin),
            "text": str(text),
            "frames": list(frames),
        } if len(frames) <= 20:
            read = []
            for frame in frames:
                match frame:
                    case [int(line), str(function), str(code)] if 0 <= line <= _MAX_LINE:
                        read.append(Frame(line, printable(function[:80]), printable(code[:200])))
                    case _:
                        raise MalformedMessage("an error's frames are malformed")
            return _mirrored(printable(type_name[:80]), builtin[:80], printable(text[:2000]), tuple(read))
    raise MalformedMessage("an error is malformed")


def printable(text: str) -> str:
    """`text` without what would act on a terminal or turn the direction of writing: such characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1] for character in text
    )
