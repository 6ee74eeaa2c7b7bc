"""`autograder grade`: one run over a class, with progress on the terminal and everything written as it comes."""

from __future__ import annotations

import contextlib
import secrets
import signal
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import find_project
from autograder.course.suites import suite_hash
from autograder.errors import UsageError
from autograder.grading.batch import Batch, Started
from autograder.grading.process import Job, Setup
from autograder.results.files import Gradebook
from autograder.results.model import SEEDS, Failure, Result
from autograder.results.table import class_table, common_mistakes, faults, remarks
from autograder.sandbox.isolation import Report
from autograder.sandbox.launcher import Zygote, ZygoteDiedError
from autograder.submissions import Expected, Submission, find_submissions, ignored_entries, refuse_results_inside
from autograder.submissions.names import listed, plain

GRADED, NOT_GRADED = 0, 3


def grade_class(zygote: Zygote, name: str, path: Path, out: Path, seed: int | None, jobs: int) -> int:
    """Grade what is at `path`; the exit status: 0 when all was graded, 3 when something could not be.

    Raises UsageError for a wrong path or assignment. Ctrl-C stops the run and keeps what is graded.
    """
    console = Console(highlight=False)
    root = find_project(Path.cwd())
    layout, assignment = open_assignment(root, name)
    expected = [Expected(each.name, f"{each.name}.py", each.names) for each in assignment.exercises]
    submissions = find_submissions(path, expected)
    refuse_results_inside(path, out)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    gradebook = Gradebook(out, assignment)
    report = _isolation(zygote, console)
    diagnosis = assignment.feedback.diagnosis != "off"
    setup = Setup(str(root), name, suite_hash(layout), seed, report.level, diagnosis)
    interrupted = False
    try:
        with _interrupts() as interrupts:
            batch = Batch(zygote, assignment, setup, jobs, stop=lambda: bool(interrupts))
            _grade(batch, submissions, gradebook, console)
        interrupted = bool(interrupts) and len(gradebook.results) < len(submissions)
    except KeyboardInterrupt:
        interrupted = True
    except ZygoteDiedError as error:
        console.print(f"[bold red]Stopped:[/] {error}. What was graded is kept; run this again.")
        interrupted = True
    left = [submission.student for submission in submissions if submission.student not in gradebook.results]
    # What the folder still holds of students that were not reached stays in grades.csv, which is written anew.
    kept = [student for student in left if gradebook.keep(student)]
    for student in left:
        if student not in kept:
            gradebook.add(Failure(student, "the run was stopped before"))
    grades, mistakes = gradebook.write_grades(), gradebook.write_known_mistakes()
    for row in class_table(assignment, gradebook.results.values(), console.width, console.encoding):
        console.print(row, soft_wrap=True)
    reached = [result for result in gradebook.results.values() if result.student not in left]
    for line in [*remarks(reached), *common_mistakes(reached), *_names(path, submissions, expected)]:
        console.print(line, markup=False, soft_wrap=True)
    scores = [result.score for result in reached if isinstance(result, Result)]
    _close(console, assignment, gradebook, setup, (grades, mistakes), scores)
    if interrupted:
        told = f"[bold red]Stopped:[/] {len(left)} of {len(submissions)} submissions were not graded."
        if kept:
            told += f" {len(kept)} of them keep the result of an earlier run; the status in grades.csv says whose."
        console.print(told, soft_wrap=True)
        return NOT_GRADED
    failures = [result for result in gradebook.results.values() if isinstance(result, Failure)]
    for failure in failures:
        console.print(f"Not graded: {failure.student}: {failure.reason}", markup=False, soft_wrap=True)
    wrong = faults(reached)
    for line in wrong:
        console.print(line, markup=False, soft_wrap=True)
    return NOT_GRADED if failures or wrong else GRADED


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """The Ctrl-Cs so far. The first is only noted, so that it is not lost and cuts no write in two; the next raise."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, previous)


def _grade(batch: Batch, submissions: Sequence[Submission], gradebook: Gradebook, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    jobs = [Job(student.student, str(student.path.absolute())) for student in submissions]
    with (
        Progress(*columns, console=console, transient=True) as progress,
        contextlib.closing(batch.events(jobs)) as events,
    ):
        task = progress.add_task("collecting the suites", total=len(submissions))
        at_work: list[str] = []
        for event in events:
            if isinstance(event, Started):
                at_work.append(event.label)
                progress.update(task, description=", ".join(at_work)[:60])
                continue
            label, answer = event.task.label, event.answer
            gradebook.add(answer.result or Failure(label, answer.fault.strip() or "no result came back"))
            at_work = [other for other in at_work if other != label]
            progress.advance(task)
            progress.update(task, description=", ".join(at_work)[:60])


def _isolation(zygote: Zygote, console: Console) -> Report:
    """The level of isolation, told loudly where it is not full."""
    try:
        with console.status("loading torch"):
            report = zygote.report()
    except OSError as error:
        raise UsageError(f"{error}; what it said is above") from None
    if report.level != "full":
        console.print(f"[bold yellow]Isolation: {report.level}.[/] Submissions are less confined than they could be:")
        for reason in report.reasons:
            console.print(f"  - {reason}", markup=False)
    return report


def _names(path: Path, submissions: Sequence[Submission], expected: Sequence[Expected]) -> list[str]:
    """Whose name had to be changed, and what in the class folder is nobody's submission."""
    changed = [entry for entry in submissions if entry.handed_in_as]
    lines = [f"  {entry.student}: handed in as {plain(entry.handed_in_as)}" for entry in changed]
    if lines:
        lines.insert(0, "Names that had to be changed, to be safe and different as file names:")
    if ignored := ignored_entries(path, expected):
        lines.append(f"Ignored, neither a folder nor a .py, .ipynb or .zip file: {listed(ignored)}")
    return lines


def _close(
    console: Console,
    assignment: Assignment,
    gradebook: Gradebook,
    setup: Setup,
    tables: tuple[Path, Path],
    scores: Sequence[float],
) -> None:
    if scores:
        middle = statistics.median(scores)
        console.print(
            f"{len(scores)} graded, median {middle:g} of {assignment.total_points}, isolation {setup.isolation}"
        )
    # A line each, and not wrapped: paths are there to be copied.
    for what, path in (
        ("Grades", tables[0]),
        ("Known mistakes", tables[1]),
        ("Details", gradebook.folder / "results"),
        ("For students", gradebook.folder / "feedback"),
        ("For you, with tracebacks", gradebook.folder / "instructor"),
    ):
        console.print(f"{what}: {path}", markup=False, soft_wrap=True)
    if others := gradebook.left_over():
        console.print(
            f"{gradebook.folder} also holds results of students who are not in this class ({len(others)}); "
            "grades.csv does not. One folder per class keeps them apart.",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Seed {setup.seed} (--seed {setup.seed} repeats this run exactly)", markup=False)
