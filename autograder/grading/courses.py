"""Remembers the courses that checks have taken to a pass: what they asked, and the bytes that were answered.

A check depends on nothing but the run's seed and the answers that it gets. So code that answers, byte for byte, as code
did that passed, passes, too, and the check need not be run for that: its questions are put from memory, the same ones
in the same order, and the answers compared as bytes. At the first answer that nobody has given before, the check is run
after all, is handed the answers so far, and asks on from there: the code under test cannot tell the difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.grading.plugin import Check
from autograder.sandbox.client import WorkerLine, name_of, operation_of
from autograder.sandbox.framing import Frame, digest_of
from autograder.sandbox.session import Session, SubjectError
from autograder.sandbox.values import Message

_MOST_COURSES = 32
"""For one check; code that never answers alike would otherwise fill memory."""
_MOST_BYTES = 32 << 20
"""Of the questions that a grader remembers. The exercises of `core` ask 1.2 MB."""


@dataclass
class _Step:
    """A point in the course of a check: what is asked here, and where each known answer leads."""

    question: bytes = b""
    operation: str = ""
    name: str = ""
    """What is called, where it is a name of the file."""
    following: dict[bytes, _Step] = field(default_factory=dict)
    course: Course | None = None
    """The way to here, where the check came to its end, and passed."""


@dataclass
class _Known:
    """All courses of one check with one seed."""

    first: _Step = field(default_factory=_Step)
    courses: int = 0
    steady: bool = True
    """It asks the same when it is answered the same."""


@dataclass(frozen=True)
class _Asked:
    question: bytes
    operation: str
    name: str
    digest: bytes
    """Of the answer."""


@dataclass(frozen=True)
class Course:
    """What a check that passed was answered."""

    names: frozenset[str]
    """The names of the file that were called."""
    digests: tuple[bytes, ...]
    """Of the answers, as `digest_of` makes them, to all but the reset at its beginning."""

    @classmethod
    def of(cls, course: Sequence[_Asked]) -> Course:
        return cls(
            frozenset(asked.name for asked in course if asked.name),
            tuple(asked.digest for asked in course if asked.operation != "reset"),
        )


class Courses:
    """What one grader remembers of all checks."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], _Known] = {}
        self._bytes = 0

    def known(self, check: Check, seed: int) -> _Known:
        return self._known.setdefault((check.id, seed), _Known())

    def learn(self, check: Check, seed: int, asked: Sequence[_Asked]) -> Course:
        """The course of a check that ended with a pass; it is remembered, where there is room."""
        course = Course.of(asked)
        if self._bytes > _MOST_BYTES:
            self._known.clear()
            self._bytes = 0
        known = self.known(check, seed)
        if not known.steady or known.courses >= _MOST_COURSES:
            return course
        step = known.first
        for each in asked:
            if not step.question:
                step.question, step.operation, step.name = each.question, each.operation, each.name
                self._bytes += len(each.question)
            step = step.following.setdefault(each.digest, _Step())
        known.courses += step.course is None
        step.course = course
        return course


class CourseFollower:
    """Goes through checks with one session's worker. The session's line is this one's `line`."""

    def __init__(self, line: FollowedLine, session: Session, courses: Courses, seed: int) -> None:
        self._line, self._session, self._courses, self._seed = line, session, courses, seed
        self.taken: dict[str, Course] = {}
        """The courses of the checks that passed, by name, as far as they can be repeated."""

    def passes(self, check: Check) -> bool:
        """Whether the code answers as other code that passed; if not, the check is to be run next.

        Raises what the check would raise where the file cannot be loaded.
        """
        self._session.load()
        course = self._line.follow(self._courses.known(check, self._seed), self._session.kind)
        if course is not None:
            self.taken[check.name] = course
        return course is not None

    def passed(self, check: Check) -> None:
        """The check has been run, and passed."""
        # An answer that accuses must be read, each time.
        if self._line.course and not self._session.seen:
            self.taken[check.name] = self._courses.learn(check, self._seed, self._line.course)

    def over(self) -> None:
        """The check has come to its end, whatever that was."""
        if self._line.forget():
            self._session.forget()


class FollowedLine:
    """The line to a worker, along which a course can be followed before the check itself asks."""

    def __init__(self, line: WorkerLine) -> None:
        self._line = line
        self._known = _Known()
        self._said: deque[tuple[bytes, Frame | SubjectError]] = deque()
        """Questions that have been put already, with what came of it."""
        self.course: list[_Asked] | None = None
        """What the check has asked; None when something happened that is not to be repeated."""

    def follow(self, known: _Known, kind: Callable[[str], str]) -> Course | None:
        """Put the questions of `known` until an answer is new; the course, if all were known, to a pass.

        `kind` says what the file defines under a name: a check asks nothing of one that is missing.
        """
        self._known, self.course = known, []
        step = known.first
        while known.steady and step.question:
            if step.name and kind(step.name) == "missing":
                return None
            answer = self._put(step.question, step.operation)
            self._said.append((step.question, answer))
            if isinstance(answer, SubjectError):
                return None
            following = step.following.get(digest_of(answer))
            if following is None:
                return None
            step = following
        return step.course

    def _put(self, question: bytes, operation: str) -> Frame | SubjectError:
        try:
            return self._line.carry(question, operation)
        except SubjectError as error:
            return error

    def forget(self) -> bool:
        """The check is over; whether it did not come to hear that the worker has ended."""
        unheard = bool(self._said) and isinstance(self._said[-1][1], SubjectError)
        self._said.clear()
        self.course = None
        return unheard

    def exchange(self, question: Message) -> Message:
        try:
            return self._exchange(question)
        except SubjectError:
            self.course = None  # what was not answered cannot be repeated
            raise

    def _exchange(self, question: Message) -> Message:
        operation = operation_of(question)
        if operation == "load":
            self.course = None
            return self._line.exchange(question)
        encoded = self._line.write(question)
        if self._said and self._said[0][0] != encoded:
            self._go_back()
        answer = self._said.popleft()[1] if self._said else self._put(encoded, operation)
        if isinstance(answer, SubjectError):
            # From here, as if it had just come: an instructor's traceback tells nothing of who was graded before.
            raise answer.with_traceback(None) from None
        if self.course is not None:
            self.course.append(_Asked(encoded, operation, name_of(question), digest_of(answer)))
        return self._line.read(answer)

    def close(self) -> None:
        self._line.close()

    def _go_back(self) -> None:
        """The check asks otherwise than before, though it was answered alike: it draws numbers of its own.

        The worker forgets what it was asked in vain, as it does at every check's first question. Where it has ended
        meanwhile, the check comes to hear that now.
        """
        self._known.steady = False
        _, last = self._said[-1]
        self._said.clear()
        if isinstance(last, SubjectError):
            raise last.with_traceback(None) from None
        for asked in self.course or ():
            self._line.carry(asked.question, asked.operation)
        self.course = None
