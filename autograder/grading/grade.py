"""Grades one submission: every exercise in a worker of its own, whatever happened to the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from msgspec import structs

from autograder.course.assignment import Assignment, Exercise
from autograder.grading.causes import Explained, causes, excerpts, fault_line
from autograder.grading.marks import Mark, marks
from autograder.grading.plugin import Check
from autograder.grading.reading import Readers, expected_files
from autograder.grading.subjects import Pair, References
from autograder.grading.suites import Outcome, Suites
from autograder.grading.wording import describe, fault_of, kind_of, seen_use
from autograder.results.model import NOT_RUN, ExerciseResult, Number, Result, Terms, TestResult, result_of
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.record import Record, RecordingLine
from autograder.sandbox.session import NoWorkerError, Session, Source, SubjectNotLoaded
from autograder.submissions.evidence import with_evidence
from autograder.submissions.model import Contents, Segment, SourceFile, Submission
from autograder.suite.failures import BehaviourError


class Diagnostician(Protocol):
    """Says, afterwards, which known mistakes code behaves like: what it was asked and answered, and what came of it."""

    def diagnose(
        self, exercise: str, seed: int, records: Mapping[str, Record], outcomes: Sequence[Outcome]
    ) -> tuple[Explained, ...]: ...


@dataclass(frozen=True)
class Run:
    """What all submissions of one run share."""

    assignment: Assignment
    suite: str
    """Fingerprint of all that judges."""
    seed: int
    isolation: str


class Grader:
    """Grades submissions to one assignment with suites that are collected already."""

    def __init__(
        self,
        run: Run,
        suites: Suites,
        references: References,
        supply: WorkerSupply,
        diagnostician: Diagnostician | None = None,
        stubs: Mapping[str, str] | None = None,
        readers: Readers | None = None,
    ) -> None:
        """Without a diagnostician, nothing is diagnosed. `stubs` are what students were given, by exercise. Without
        readers, there are no submissions to be graded, only implementations to be tried out.
        """
        self._expected = {each.exercise: each for each in expected_files(run.assignment, stubs or {})}
        self._readers = readers
        self._run, self._suites, self._references, self._supply = run, suites, references, supply
        self._diagnostician = diagnostician

    def grade(
        self,
        submission: Submission,
        progress: Callable[[Result], None] | None = None,
        only: Collection[str] = (),
        contents: Contents | None = None,
    ) -> Result:
        """The result of one submission, in all exercises or `only` in these; `contents` are what is in it, where it has
        been read already.

        `progress` is told the result so far, before the first exercise and after each, with status "not_run" for those
        to come.
        """
        asked = [each for each in self._run.assignment.exercises if not only or each.name in only]
        if contents is None:
            assert self._readers is not None
            contents = self._readers.read(submission, list(self._expected.values()))
        exercises = {} if progress is None else {each.name: self._without_running(each, NOT_RUN, "") for each in asked}
        for exercise in asked:
            if progress is not None:
                progress(self._result(submission, contents, exercises))
            exercises[exercise.name] = self._grade(exercise, contents)
        if not only:  # else there may be more to come of it, and its workers are being ended meanwhile
            self._supply.settle()  # no worker of a submission outlives its grading
        return self._result(submission, contents, exercises)

    def _result(self, submission: Submission, contents: Contents, exercises: Mapping[str, ExerciseResult]) -> Result:
        run = self._run
        terms = Terms(run.assignment.name, run.seed, run.suite, run.isolation)
        return result_of(submission.student, terms, exercises, contents.notes)

    def _grade(self, exercise: Exercise, contents: Contents) -> ExerciseResult:
        if exercise.name in contents.problems:
            problem = contents.problems[exercise.name]
            return self._without_running(exercise, problem.kind, problem.message)
        return self._judge(exercise, contents.sources[exercise.name], self._run.seed)

    def try_out(self, exercise: str, text: str, seed: int, all_checks: bool = True) -> ExerciseResult:
        """The result of one implementation of one exercise, judged as a submission's file is; without `all_checks`,
        only by those up to the first that fails.
        """
        file = f"{exercise}.py"
        source = with_evidence(SourceFile(exercise, file, text, (Segment(1, file),)), self._expected[exercise])
        result = self._judge(self._run.assignment.exercise(exercise), source, seed, all_checks)
        self._supply.settle()
        return result

    def _judge(self, exercise: Exercise, source: SourceFile, seed: int, all_checks: bool = True) -> ExerciseResult:
        policy = self._run.assignment.not_allowed
        if source.uses and policy == "zero":
            return self._without_running(exercise, "not_allowed", "\n".join(source.uses))
        outcomes, seen, records = self._ask(exercise, source, seed, all_checks)
        if seen and policy == "zero":
            return self._without_running(exercise, "not_allowed", "\n".join(seen))
        evidence = (*source.uses, *(use for use in seen if use not in source.uses))
        failure = next((outcome.cause for outcome in outcomes if isinstance(outcome.cause, SubjectNotLoaded)), None)
        explained = () if failure is not None else self._diagnose(exercise, seed, outcomes, records)
        marked, numbers = marks(outcomes), causes(outcomes, explained)
        places = excerpts(outcomes, source)
        tests = tuple(self._test(mark, cause) for mark, cause in zip(marked, numbers, strict=True))
        points, most = sum((mark.points for mark in marked), Fraction(0)), float(exercise.points)
        if failure is not None:
            message = describe(failure, source.position)
            return ExerciseResult(0.0, most, "not_loaded", message, tests, evidence=evidence, excerpts=places)
        by_check = {outcome.check.id: cause for outcome, cause in zip(outcomes, numbers, strict=True)}
        diagnosis = tuple(
            structs.replace(each.diagnosis, cause=min(by_check[check] for check in each.checks)) for each in explained
        )
        score = _rounded(points)
        return ExerciseResult(score, most, "graded", "", tests, diagnosis, evidence, source.doubtful, places)

    def _ask(
        self, exercise: Exercise, source: SourceFile, seed: int, all_checks: bool
    ) -> tuple[list[Outcome], list[str], Mapping[str, Record]]:
        """Outcomes of all checks, uses of what is not allowed that were seen while the code ran, and what it was asked
        and answered, by the check's id.
        """
        policy = self._run.assignment.not_allowed
        forbidden = () if policy == "ignore" else exercise.forbidden
        line = RecordingLine(self._line(exercise))
        beside = self._references.beside(exercise.name)
        text = Source(exercise.name, f"{exercise.name}.py", source.text, beside)
        session = Session(text, line, forbidden=forbidden, take_away=policy == "zero")
        outcomes: list[Outcome] = []
        records: dict[str, Record] = {}
        try:
            for outcome in self._suites.run(Pair(seed, session, self._references), exercise.name, source.position):
                outcomes.append(outcome)
                records[outcome.check.id] = line.take()
                if outcome.status != "passed" and not all_checks:
                    break
            return outcomes, [seen_use(use.name, use.line, source.position) for use in session.seen], records
        finally:
            session.close()

    def _diagnose(
        self, exercise: Exercise, seed: int, outcomes: Sequence[Outcome], records: Mapping[str, Record]
    ) -> tuple[Explained, ...]:
        """The known mistakes that the code behaves like."""
        statuses = {outcome.status for outcome in outcomes}
        # A mistake that does not come to an end would run in this process, where nothing stops it.
        if statuses == {"passed"} or self._diagnostician is None or "timeout" in statuses:
            return ()
        try:
            return self._diagnostician.diagnose(exercise.name, seed, records, outcomes)
        except NoWorkerError:
            raise
        except Exception as error:
            # Only advice is lost. Odd answers must not cost a student the marks of the whole submission.
            print(f"{exercise.name}: answers could not be diagnosed ({type(error).__name__})", file=sys.stderr)
            return ()

    def _line(self, exercise: Exercise) -> WorkerLine:
        limits = self._run.assignment.limits
        times = TimeLimits(limits.load_seconds, limits.question_seconds, limits.exercise_seconds)
        return WorkerLine(self._supply, Allowance(memory_mb=limits.memory_mb), times)

    def _without_running(self, exercise: Exercise, status: str, message: str) -> ExerciseResult:
        tests = tuple(
            self._test(Mark(Outcome(check, "error", message, 0.0), Fraction(0)), 1)
            for check in self._suites.checks
            if check.exercise == exercise.name
        )
        return ExerciseResult(0.0, float(exercise.points), status, message, tests)

    def _test(self, mark: Mark, cause: int) -> TestResult:
        outcome, check = mark.outcome, mark.outcome.check
        numbers = outcome.cause.numbers if isinstance(outcome.cause, BehaviourError) and check.public else ()
        return TestResult(
            name=check.name,
            title=check.title,
            status=outcome.status,
            score=_rounded(mark.points),
            max_score=_rounded(check.points),
            visibility=self._visibility(check),
            message=outcome.message,
            seconds=round(outcome.seconds, 4),
            public=check.public,
            trace=outcome.trace,
            note=mark.note,
            fault=fault_of(outcome.cause),
            cause=cause,
            line=fault_line(outcome.cause),
            numbers=tuple(Number(*each) for each in numbers),
            kind=kind_of(outcome.cause),
        )

    def _visibility(self, check: Check) -> str:
        if check.visibility is not None:
            return check.visibility
        return "visible" if check.public else self._run.assignment.feedback.hidden_tests


def _rounded(points: Fraction) -> float:
    """Points as written into results, to a hundredth."""
    return round(float(points), 2)
