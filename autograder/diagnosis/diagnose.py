"""Compares a submission's answers with those of every mistake in the bank.

A mistake is named when it agrees with the submission on every question of the suite, in the checks that fail and in
those that pass, and fails the same checks. Where several agree, all are named: nobody could tell them apart. Where none
does, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.bank.files import Entry, entries
from autograder.course.layout import Layout
from autograder.diagnosis.agreement import Agreement, agreement, alike, same_words
from autograder.diagnosis.transcript import RecordingLine, Transcript
from autograder.grading.subjects import Pair, References, local_line
from autograder.grading.suites import Suites
from autograder.results.model import Diagnosis
from autograder.sandbox.session import Session, Source


@dataclass(frozen=True)
class _Asked:
    """What a mistake answered in one check, and whether it passed."""

    transcript: Transcript
    passed: bool


Transcripts = Mapping[str, Transcript]
"""All that a student's code answered, by check."""


@dataclass
class _Known:
    """A mistake of the bank, and what it has answered so far, by check."""

    entry: Entry
    line: RecordingLine
    session: Session
    asked: dict[str, _Asked] = field(default_factory=dict)


class Diagnostician:
    """Knows the bank of one assignment; what mistakes answer is kept, so a class costs little more than a student."""

    def __init__(self, layout: Layout, suites: Suites, references: References) -> None:
        self._layout, self._suites, self._references = layout, suites, references
        self._known: dict[tuple[str, int], list[_Known]] = {}

    def diagnose(self, exercise: str, seed: int, student: Transcripts, failed: Sequence[str]) -> tuple[Diagnosis, ...]:
        """Mistakes that agree with a student's code in all checks, of which it failed those in `failed`.

        An exercise that asks for several functions is diagnosed function by function: its checks are grouped by what
        they call, and a group is diagnosed when something in it failed.
        """
        groups: dict[frozenset[str], list[str]] = {}
        for check, transcript in student.items():
            groups.setdefault(transcript.names(), []).append(check)
        found: dict[str, Diagnosis] = {}
        for group in groups.values():
            wrong = {check for check in group if check in failed}
            if not wrong:
                continue
            order = self._cheapest_first(exercise, seed, student, group, wrong)
            for known in self._agreeing(exercise, seed, student, order, wrong):
                entry = known.entry
                found[entry.name] = Diagnosis(entry.name, entry.title, entry.hint)
        return tuple(found[name] for name in sorted(found))

    def _cheapest_first(
        self, exercise: str, seed: int, student: Transcripts, checks: list[str], wrong: set[str]
    ) -> list[str]:
        """`checks` in the order in which they rule out most of the bank at least cost; no verdict depends on it.

        What much of the bank has answered already costs only a comparison; then come failing checks, the short first.
        """
        bank = self._bank(exercise, seed)

        def cost(check: str) -> tuple[int, bool, int]:
            unasked = sum(check not in known.asked for known in bank)
            return unasked, check not in wrong, len(student[check].exchanges)

        return sorted(checks, key=cost)

    def _agreeing(
        self, exercise: str, seed: int, student: Transcripts, order: Sequence[str], wrong: set[str]
    ) -> list[_Known]:
        """Mistakes that agree on every check in `order`; failing ones come first, because they rule out most."""
        if not any(student[check].exchanges for check in order):
            return []
        left = self._bank(exercise, seed)
        unclear: list[str] = []
        for check in order:
            agreed = {}
            for known in left:
                asked = self._answers(known, exercise, seed, check)
                if asked.passed == (check not in wrong):
                    agreed[known.entry.name] = agreement(student[check], asked.transcript)
            left = [known for known in left if agreed.get(known.entry.name, Agreement.NONE) is not Agreement.NONE]
            if not left:
                return []
            if Agreement.FORM in agreed.values():
                unclear.append(check)
        left = [known for known in left if self._agrees_likewise(known, exercise, seed, student, unclear)]
        if len(left) == 1:
            return left
        # An error tells little. One mistake that raises there is this one; of several, only the words tell which.
        return [
            known for known in left if all(same_words(student[check], known.asked[check].transcript) for check in order)
        ]

    def _agrees_likewise(
        self, known: _Known, exercise: str, seed: int, student: Transcripts, checks: Sequence[str]
    ) -> bool:
        """The mistake agrees when its modules begin with the weights that the submission's began with."""
        return all(
            alike(transcript, self._ask(known, exercise, seed, check, transcript).transcript)
            for check, transcript in ((check, student[check]) for check in checks)
        )

    def _bank(self, exercise: str, seed: int) -> list[_Known]:
        if (exercise, seed) not in self._known:
            found = []
            for entry in entries(self._layout.mistakes(exercise)):
                module = f"{exercise}_{entry.name.replace('-', '_')}"
                line = RecordingLine(local_line(module))
                found.append(_Known(entry, line, Session(Source(module, f"{exercise}.py", entry.text), line)))
            self._known[exercise, seed] = found
        return self._known[exercise, seed]

    def _answers(self, known: _Known, exercise: str, seed: int, check: str) -> _Asked:
        """What a mistake answers in one check; asked once."""
        if check not in known.asked:
            known.asked[check] = self._ask(known, exercise, seed, check, None)
        return known.asked[check]

    def _ask(self, known: _Known, exercise: str, seed: int, check: str, followed: Transcript | None) -> _Asked:
        known.line.take()
        if followed is not None:
            known.line.follow(followed)
        outcomes = self._suites.run_through(Pair(seed, known.session, self._references), exercise, only=check)
        return _Asked(known.line.take(), all(outcome.status == "passed" for outcome in outcomes))
