"""Compares a submission's answers with those of every mistake in the bank.

A mistake is named when it agrees with the submission on every question of the suite, in the checks that fail and in
those that pass. Where several agree, all are named: nobody could tell them apart. Where none does, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.bank.files import Entry, entries
from autograder.course.layout import Layout
from autograder.diagnosis.transcript import RecordingLine, Transcript, alike
from autograder.grading.subjects import Pair, References, local_line
from autograder.grading.suites import Suites
from autograder.results.model import Diagnosis
from autograder.sandbox.session import Session, Source


@dataclass
class _Known:
    """A mistake of the bank, and what it has answered so far, by check."""

    entry: Entry
    line: RecordingLine
    session: Session
    transcripts: dict[str, Transcript] = field(default_factory=dict)


class Diagnostician:
    """Knows the bank of one assignment; what mistakes answer is kept, so a class costs little more than a student."""

    def __init__(self, layout: Layout, suites: Suites, references: References) -> None:
        self._layout, self._suites, self._references = layout, suites, references
        self._known: dict[tuple[str, int], list[_Known]] = {}

    def diagnose(
        self, exercise: str, seed: int, transcripts: Mapping[str, Transcript], failed: Sequence[str]
    ) -> tuple[Diagnosis, ...]:
        """Mistakes that agree with `transcripts` (by check) of a submission that failed the checks in `failed`.

        An exercise that asks for several functions is diagnosed function by function: its checks are grouped by what
        they call, and a group is diagnosed when something in it failed.
        """
        groups: dict[frozenset[str], list[str]] = {}
        for check, transcript in transcripts.items():
            groups.setdefault(transcript.names(), []).append(check)
        found: dict[str, Diagnosis] = {}
        for checks in groups.values():
            wrong = [check for check in checks if check in failed]
            if not wrong:
                continue
            order = wrong + [check for check in checks if check not in failed]
            for known in self._agreeing(exercise, seed, transcripts, order):
                entry = known.entry
                found[entry.name] = Diagnosis(entry.name, entry.title, entry.hint)
        return tuple(found[name] for name in sorted(found))

    def _agreeing(
        self, exercise: str, seed: int, transcripts: Mapping[str, Transcript], order: Sequence[str]
    ) -> list[_Known]:
        """Mistakes that agree on every check in `order`; failing ones come first, because they rule out most."""
        if not any(transcripts[check].exchanges for check in order):
            return []
        left = self._bank(exercise, seed)
        for check in order:
            left = [known for known in left if alike(transcripts[check], self._asked(known, exercise, seed, check))]
            if not left:
                break
        return left

    def _bank(self, exercise: str, seed: int) -> list[_Known]:
        if (exercise, seed) not in self._known:
            found = []
            for entry in entries(self._layout.mistakes(exercise)):
                module = f"{exercise}_{entry.name.replace('-', '_')}"
                line = RecordingLine(local_line(module))
                found.append(_Known(entry, line, Session(Source(module, f"{exercise}.py", entry.text), line)))
            self._known[exercise, seed] = found
        return self._known[exercise, seed]

    def _asked(self, known: _Known, exercise: str, seed: int, check: str) -> Transcript:
        """What a mistake answers in one check; asked once."""
        if check not in known.transcripts:
            known.line.take()
            self._suites.run(Pair(seed, known.session, self._references), exercise, only=check)
            known.transcripts[check] = known.line.take()
        return known.transcripts[check]
