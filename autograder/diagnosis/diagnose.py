"""Compares a submission's answers with those of the known mistakes.

A mistake is named when it fails the same checks, answers every question as the submission does, and so differs from the
solution in the same way: what cannot be told from the solution's answers is no evidence. Where several mistakes agree,
all are named: nobody could tell them apart. Where none does, nothing is said. The submission's code is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.bank.files import Entry, entries
from autograder.course.layout import Layout
from autograder.diagnosis.agreement import Agreement, Answer, Answers
from autograder.grading.causes import Explained
from autograder.grading.memory import RememberingLine
from autograder.grading.subjects import Pair, References, local_line
from autograder.grading.suites import Outcome, Suites
from autograder.language import tr
from autograder.results.model import Diagnosis
from autograder.sandbox.record import Exchange, Record, RecordingLine
from autograder.sandbox.session import Session, Source, SubjectError

_FEW = 2
"""So few mistakes are asked the whole check at once."""


@dataclass
class _Known:
    """Code whose answers are known: what it has answered so far, by check, and whether it passed."""

    entry: Entry | None
    """A mistake of the bank; None for the solution."""
    line: RecordingLine
    memory: RememberingLine
    """What is behind `line`."""
    session: Session
    answers: dict[str, Answers] = field(default_factory=dict)
    passed: dict[str, bool] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "" if self.entry is None else self.entry.name


class Diagnostician:
    """Knows the bank of one assignment; what mistakes answer is kept, so a class costs little more than a student."""

    def __init__(self, layout: Layout, suites: Suites, references: References) -> None:
        self._layout, self._suites, self._references = layout, suites, references
        self._mistakes: dict[tuple[str, int], list[_Known]] = {}
        self._solutions: dict[tuple[str, int], _Known] = {}

    def diagnose(
        self, exercise: str, seed: int, records: Mapping[str, Record], outcomes: Sequence[Outcome]
    ) -> tuple[Explained, ...]:
        """Mistakes that agree with a student's code in all checks: what it was asked and answered, and what came of it.

        An exercise that asks for several functions is diagnosed function by function: its checks are grouped by what
        they call, and a group is diagnosed when something in it failed.
        """
        student = {each.check.id: Answers(records[each.check.id], each.statistics) for each in outcomes}
        failed = {outcome.check.id for outcome in outcomes if outcome.status != "passed"}
        groups: dict[frozenset[str], list[str]] = {}
        for outcome in outcomes:
            groups.setdefault(outcome.names, []).append(outcome.check.id)
        agreeing: dict[str, tuple[_Known, set[str]]] = {}
        """Mistakes by name, and the failing checks that they explain."""
        for group in groups.values():
            wrong = [check for check in group if check in failed]
            # The shortest first, which cost least, and those that failed before those that passed.
            wrong.sort(key=lambda check: len(student[check].exchanges))
            order = [*wrong, *(check for check in group if check not in wrong)]
            for known in self._agreeing(exercise, seed, student, order, wrong) if wrong else []:
                agreeing.setdefault(known.name, (known, set()))[1].update(wrong)
        # Who has made a mistake fails all that it fails; and one that explains more is the better explanation.
        explained = {
            name: (known, explains)
            for name, (known, explains) in agreeing.items()
            if all(check in failed or self._passes(known, exercise, seed, check) for check in student)
        }
        return tuple(
            Explained(Diagnosis(known.entry.name, tr(known.entry.title), tr(known.entry.hint)), frozenset(explains))
            for _, (known, explains) in sorted(explained.items())
            if known.entry is not None and not any(explains < more for _, more in explained.values())
        )

    def _passes(self, known: _Known, exercise: str, seed: int, check: str) -> bool:
        self._answers(known, exercise, seed, check)
        return known.passed[check]

    def _agreeing(
        self, exercise: str, seed: int, student: Mapping[str, Answers], order: Sequence[str], wrong: Sequence[str]
    ) -> list[_Known]:
        """Mistakes that agree on every check in `order`, and differ from the solution as the student's code does."""
        left, solution = self._bank(exercise, seed), self._solution(exercise, seed)
        proven: set[int] = set()
        for check in order:
            if len(left) > _FEW:
                left = [known for known in left if self._begins_like(known, student[check], check)]
            if not left:
                return []
            failed = check in wrong
            right = student[check].agreement(self._answers(solution, exercise, seed, check)) if failed else ()
            agreed = []
            for known in left:
                answers = self._answers(known, exercise, seed, check)
                if known.passed[check] == failed:
                    continue
                alike = student[check].agreement(answers)
                if Agreement.NONE in alike:
                    continue
                agreed.append(known)
                if failed and _is_telling(alike, right):
                    proven.add(id(known))
            left = agreed
        left = [known for known in left if id(known) in proven]
        if len(left) > 1:
            # An error tells little. One mistake that raises there is this one; of several, only the words tell which.
            left = [known for known in left if all(student[check].same_words(known.answers[check]) for check in order)]
        return left

    def _begins_like(self, known: _Known, student: Answers, check: str) -> bool:
        """Whether a mistake may answer a check as the student's code did. It is asked what that was asked, and no more
        once an answer differs: most do so soon, at a question that it was asked for others, too.
        """
        if check in known.answers:
            return True
        try:
            known.session.begin("")  # the questions hold the draws already
        except SubjectError:
            return True
        pairs: list[tuple[Answer, Answer]] = []
        for answer in student.exchanges:
            reply = known.memory.exchange(answer.question)
            pairs.append((answer, Answer(Exchange(answer.question, reply))))
            if not student.may_agree(pairs):
                return False
        return True

    def _bank(self, exercise: str, seed: int) -> list[_Known]:
        if (exercise, seed) not in self._mistakes:
            self._mistakes[exercise, seed] = [
                self._known(exercise, entry.text, entry) for entry in entries(self._layout.mistakes(exercise))
            ]
        return self._mistakes[exercise, seed]

    def _solution(self, exercise: str, seed: int) -> _Known:
        if (exercise, seed) not in self._solutions:
            text = self._layout.solution(exercise).read_text(encoding="utf-8")
            self._solutions[exercise, seed] = self._known(exercise, text, None)
        return self._solutions[exercise, seed]

    def _known(self, exercise: str, text: str, entry: Entry | None) -> _Known:
        module = f"{exercise}_{'solution' if entry is None else entry.name.replace('-', '_')}"
        memory = RememberingLine(local_line(module))
        line = RecordingLine(memory)
        source = Source(module, f"{exercise}.py", text, self._references.beside(exercise))
        return _Known(entry, line, memory, Session(source, line))

    def _answers(self, known: _Known, exercise: str, seed: int, check: str) -> Answers:
        """What a mistake, or the solution, answers in one check; asked once."""
        if check not in known.answers:
            known.line.take()
            pair = Pair(seed, known.session, self._references)
            outcomes = list(self._suites.run(pair, exercise, only=check))
            statistics = [each for outcome in outcomes for each in outcome.statistics]
            known.answers[check] = Answers(known.line.take(), statistics)
            known.passed[check] = all(outcome.status == "passed" for outcome in outcomes)
        return known.answers[check]


def _is_telling(alike: Sequence[Agreement], right: Sequence[Agreement]) -> bool:
    """Whether the code answers somewhere with the mistake's values, which are not the solution's.

    Where it was asked otherwise than the solution, because of an answer before, all that it says is its own.
    """
    if len(alike) != len(right):
        return Agreement.VALUES in alike
    return any(a is Agreement.VALUES and b is not Agreement.VALUES for a, b in zip(alike, right, strict=True))
