"""`autograder grade`: one run over a class, with progress on the terminal and everything written as it comes."""

from __future__ import annotations

import contextlib
import secrets
import signal
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from msgspec import structs
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.batch.grader import Job, Setup
from autograder.batch.graders import Batch, Started
from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import find_project
from autograder.course.suites import suite_hash
from autograder.errors import UsageError
from autograder.grading.reading import Readers
from autograder.receive import Received, receive
from autograder.report.write import report_of_run
from autograder.results.files import Gradebook
from autograder.results.model import SEEDS, Absent, Failure, Result
from autograder.results.table import class_table, common_mistakes, faults, remarks
from autograder.sandbox.isolation import Report
from autograder.sandbox.launcher import Zygote, ZygoteDiedError
from autograder.sources import read_roster, write_class
from autograder.submissions import Expected, refuse_results_inside

GRADED, NOT_GRADED = 0, 3


def grade_class(
    zygote: Zygote,
    name: str,
    path: Path,
    out: Path,
    seed: int | None,
    jobs: int,
    roster: Path | None = None,
    only: Sequence[str] = (),
) -> int:
    """Grade what is at `path`; the exit status: 0 when all was graded, 3 when something could not be.

    Raises UsageError for a wrong path or assignment. Ctrl-C stops the run and keeps what is graded.
    """
    console = Console(highlight=False)
    root = find_project(Path.cwd())
    layout, assignment = open_assignment(root, name)
    expected = [Expected(each.name, f"{each.name}.py", each.names) for each in assignment.exercises]
    refuse_results_inside(path, out)
    people = read_roster(roster) if roster is not None else []
    gradebook = Gradebook(out, assignment)
    with zygote.reading() as reading:
        received = receive(path, name, expected, gradebook, people, Readers(reading).people, only)
    submissions = received.submissions
    for line in received.told:
        console.print(line, markup=False, soft_wrap=True)
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    report = _isolation(zygote, console)
    diagnosis = assignment.feedback.diagnosis != "off"
    setup = Setup(str(root), name, suite_hash(layout), seed, report.level, diagnosis)
    interrupted = False
    try:
        with _interrupts() as interrupts:
            batch = Batch(zygote, assignment, setup, jobs, stop=lambda: bool(interrupts))
            _grade(batch, received, gradebook, console)
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
    for student in received.absent:
        gradebook.add(Absent(student))
    write_class(out, received.found)
    grades, mistakes = gradebook.write_grades(), gradebook.write_known_mistakes()
    for row in class_table(assignment, gradebook.results.values(), console.width, console.encoding):
        console.print(row, soft_wrap=True)
    reached = [result for result in gradebook.results.values() if result.student not in left]
    for line in [*remarks(reached), *common_mistakes(reached), *received.names]:
        console.print(line, markup=False, soft_wrap=True)
    failures = [] if interrupted else [each for each in gradebook.results.values() if type(each) is Failure]
    troubles = [*(f"Not graded: {each.student}: {each.reason}" for each in failures), *faults(reached)]
    if interrupted:
        told = f"[bold red]Stopped:[/] {len(left)} of {len(submissions)} submissions were not graded."
        if kept:
            told += f" {len(kept)} of them keep the result of an earlier run; the status in grades.csv says whose."
        console.print(told, soft_wrap=True)
    for line in troubles:
        console.print(line, markup=False, soft_wrap=True)
    scores = [result.score for result in reached if isinstance(result, Result)]
    _close(console, assignment, gradebook, setup, (grades, mistakes), scores)
    try:
        page = str(report_of_run(out))
    except (OSError, UsageError) as error:  # marks are written already; `autograder report` makes it later
        page = f"not written ({error})"
    console.print(f"Graded: {path}", markup=False, soft_wrap=True)
    console.print(f"The class in one page: {page}", markup=False, soft_wrap=True)
    return NOT_GRADED if interrupted or troubles else GRADED


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


def _grade(batch: Batch, received: Received, gradebook: Gradebook, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    jobs = [Job(student.student, str(student.path.absolute())) for student in received.submissions]
    with (
        Progress(*columns, console=console, transient=True) as progress,
        contextlib.closing(batch.events(jobs)) as events,
    ):
        task = progress.add_task("collecting the suites", total=len(jobs))
        at_work: list[str] = []
        for event in events:
            if isinstance(event, Started):
                at_work.append(event.label)
                progress.update(task, description=", ".join(at_work)[:60])
                continue
            label, answer = event.task.label, event.answer
            result = answer.result
            if result is not None:
                gradebook.add(structs.replace(result, notes=(*received.notes[label], *result.notes)))
            else:
                gradebook.add(Failure(label, answer.fault.strip() or "no result came back"))
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
