"""What goes to a process that reads one submission, and what it answers: read strictly, as it may be taken over."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from autograder.language import speak, spoken, tr
from autograder.submissions.collect import items_of
from autograder.submissions.model import Contents, Expected, HandedIn, Problem, SourceFile
from autograder.submissions.names import INVISIBLE, plain
from autograder.submissions.people import several_people
from autograder.submissions.read import read

MOST_BYTES = 64 << 20
"""Of an answer."""


class MalformedContentsError(Exception):
    """What came back is not what a reader answers."""

    def __str__(self) -> str:
        return tr("what came back from reading it is no answer")


@dataclass(frozen=True)
class _Order:
    handed_in: HandedIn
    expected: tuple[Expected, ...]
    people: bool
    """Whether to say no more than whether several people's work is in it."""
    language: str


_Names = Annotated[list[Annotated[str, Meta(max_length=2_000)]], Meta(max_length=2_000)]
_ORDER, _CONTENTS = msgspec.msgpack.Decoder(_Order), msgspec.msgpack.Decoder(Contents)


def order(handed_in: HandedIn, expected: Iterable[Expected], *, people: bool = False) -> bytes:
    """What a reader is told, in bytes."""
    return msgspec.msgpack.encode(_Order(handed_in, tuple(expected), people, spoken()))


def answer(data: bytes) -> bytes:
    """What a reader answers to an order."""
    told = _ORDER.decode(data)
    speak(told.language)
    if told.people:
        names = several_people(items_of(told.handed_in), told.expected)
        return msgspec.msgpack.encode([plain(name) for name in names])
    return msgspec.msgpack.encode(read(told.handed_in, told.expected))


def people_of(data: bytes) -> list[str]:
    """What a reader answered about people. Raises MalformedContentsError for anything else."""
    try:
        return msgspec.msgpack.decode(data, type=_Names)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedContentsError from None


def contents_of(data: bytes, expected: Sequence[Expected]) -> Contents:
    """What a reader answered. Raises MalformedContentsError for anything else."""
    try:
        contents = _CONTENTS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedContentsError from None
    found: list[tuple[str, SourceFile | Problem]] = [*contents.sources.items(), *contents.problems.items()]
    if sorted(name for name, _ in found) != sorted(wanted.exercise for wanted in expected):
        raise MalformedContentsError
    shown = [*contents.notes, *(problem.message for problem in contents.problems.values())]
    for name, each in found:
        if each.exercise != name:
            raise MalformedContentsError
        if isinstance(each, SourceFile):
            shown += [each.origin, *each.uses, *(segment.label for segment in each.segments)]
            if "\0" in each.text or "\r" in each.text:
                raise MalformedContentsError
    if any(unicodedata.category(character) in INVISIBLE for text in shown for character in set(text)):
        raise MalformedContentsError
    return contents


def unreadable(expected: Iterable[Expected], why: str) -> Contents:
    """The contents of a submission of which nothing came back."""
    message = tr("What was handed in could not be read: {why}.", why=why)
    return Contents({}, {each.exercise: Problem(each.exercise, "unreadable", message) for each in expected}, ())
