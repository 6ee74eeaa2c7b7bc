"""Grades one submission: every exercise in a worker of its own, whatever happened to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.course.assignment import Assignment, Exercise
from autograder.grading.plugin import Check
from autograder.grading.subjects import References
from autograder.grading.suites import Outcome, Suites
from autograder.grading.wording import describe
from autograder.results.model import SCHEMA, ExerciseResult, Result, TestResult
from autograder.sandbox.client import TimeLimits, WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance
from autograder.sandbox.session import Session, Source, SubjectNotLoaded
from autograder.submissions import Contents, Expected, SourceFile, Submission, forbidden_uses, read_submission


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

    def __init__(self, run: Run, suites: Suites, references: References, supply: WorkerSupply) -> None:
        self._run, self._suites, self._references, self._supply = run, suites, references, supply

    def grade(self, submission: Submission) -> Result:
        """The result of one submission."""
        run = self._run
        contents = read_submission(submission, expected_files(run.assignment))
        exercises = {exercise.name: self._grade(exercise, contents) for exercise in run.assignment.exercises}
        return Result(
            schema=SCHEMA,
            student=submission.student,
            assignment=run.assignment.name,
            seed=run.seed,
            suite=run.suite,
            isolation=run.isolation,
            score=_rounded(sum(Fraction(str(result.score)) for result in exercises.values())),
            max_score=_rounded(sum(Fraction(str(result.max_score)) for result in exercises.values())),
            exercises=exercises,
            notes=contents.notes,
        )

    def _grade(self, exercise: Exercise, contents: Contents) -> ExerciseResult:
        if exercise.name in contents.problems:
            problem = contents.problems[exercise.name]
            return self._without_running(exercise, problem.kind, problem.message)
        source = contents.sources[exercise.name]
        findings = forbidden_uses(source, exercise.forbidden)
        if findings:
            return self._without_running(exercise, "not_allowed", "\n".join(finding.message for finding in findings))
        outcomes = self._ask(exercise, source)
        failure = next((outcome.cause for outcome in outcomes if isinstance(outcome.cause, SubjectNotLoaded)), None)
        tests = tuple(self._test(outcome) for outcome in outcomes)
        points = sum((outcome.check.points for outcome in outcomes if outcome.status == "passed"), Fraction(0))
        if failure is not None:
            return ExerciseResult(0.0, float(exercise.points), "not_loaded", describe(failure, source.position), tests)
        return ExerciseResult(_rounded(points), float(exercise.points), "graded", "", tests)

    def _ask(self, exercise: Exercise, source: SourceFile) -> list[Outcome]:
        limits = self._run.assignment.limits
        times = TimeLimits(limits.load_seconds, limits.question_seconds, limits.exercise_seconds)
        line = WorkerLine(self._supply, exercise.name, Allowance(memory_mb=limits.memory_mb), times)
        session = Session(Source(exercise.name, f"{exercise.name}.py", source.text), line)
        try:
            subjects = _Pair(self._run.seed, session, self._references)
            return self._suites.run(subjects, exercise.name, source.position)
        finally:
            session.close()

    def _without_running(self, exercise: Exercise, status: str, message: str) -> ExerciseResult:
        tests = tuple(
            self._test(Outcome(check, "error", message, 0.0))
            for check in self._suites.checks
            if check.exercise == exercise.name
        )
        return ExerciseResult(0.0, float(exercise.points), status, message, tests)

    def _test(self, outcome: Outcome) -> TestResult:
        check = outcome.check
        return TestResult(
            name=check.name,
            title=check.title,
            status=outcome.status,
            score=_rounded(check.points) if outcome.status == "passed" else 0.0,
            max_score=_rounded(check.points),
            visibility=self._visibility(check),
            message=outcome.message,
            seconds=round(outcome.seconds, 4),
            public=check.public,
            trace=outcome.trace,
        )

    def _visibility(self, check: Check) -> str:
        if check.visibility is not None:
            return check.visibility
        return "visible" if check.public else self._run.assignment.feedback.hidden_tests


@dataclass
class _Pair:
    """The subjects of one exercise: the student's session, and our solution's."""

    seed: int
    session: Session
    references: References

    def student(self, exercise: str) -> Session:
        return self.session

    def reference(self, exercise: str) -> Session:
        return self.references.session(exercise)


def expected_files(assignment: Assignment) -> Sequence[Expected]:
    """What a submission to `assignment` should hold."""
    return [Expected(exercise.name, f"{exercise.name}.py", exercise.names) for exercise in assignment.exercises]


def _rounded(points: Fraction | int) -> float:
    """Points as written into results, to a hundredth."""
    return round(float(points), 2)
