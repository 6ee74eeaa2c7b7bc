"""`autograder grade`: one run over a class, with progress on the terminal and everything written as it comes."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.batch.fingerprint import engine_hash
from autograder.batch.grader import Job, Setup
from autograder.batch.graders import Batch, Done, GradersGoneError, Started, Task, cores
from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import Layout, assignment_names, find_project
from autograder.course.stubs import given_stub
from autograder.course.suites import exercise_hashes, longest_first, suite_hash
from autograder.course.translation import speak_of, words_of
from autograder.errors import UsageError
from autograder.grading.reading import Readers, expected_files
from autograder.language import tr
from autograder.outputs import prepare_outputs, say, write_outputs
from autograder.receive import receive
from autograder.results.files import Gradebook
from autograder.results.model import SEEDS, Failure, Result, Terms
from autograder.sandbox.launcher import Zygote, ZygoteDiedError
from autograder.shards import Shard
from autograder.sources.collect import FOLDER
from autograder.sources.roster import read_roster
from autograder.sources.store import class_to_bytes, submissions_of
from autograder.submissions.find import refuse_results_inside
from autograder.submissions.model import Expected, Submission


@dataclass(frozen=True)
class Request:
    """What `autograder grade` is asked for."""

    assignment: str
    path: Path
    out: Path
    jobs: int
    """Graders at work at once, on each computer; 0 means as many as that has cores."""
    seed: int | None = None
    roster: Path | None = None
    only: Sequence[str] = ()
    """Names of students; none means all."""
    fresh: bool = False
    """Whether to grade what was graded before, too."""
    shard: Shard | None = None
    """Only this part of the class."""
    language: str = ""
    """Which is spoken, where it is not the assignment's."""
    cluster: str = ""
    """Address of a Dask cluster; none means graders of this computer."""


def grade_class(zygote: Zygote, asked: Request, graded: Callable[[], object] = lambda: None) -> int:
    """Grade a class, or what of it is not graded yet; the exit status: 0 when all was graded, 3 when something could
    not be. `graded` is called when nothing is left to do but to write down what became of it.

    Raises UsageError for a wrong path or assignment. Ctrl-C stops the run and keeps what is graded.
    """
    console = Console(highlight=False)
    root = find_project(Path.cwd())
    layout, assignment = open_assignment(root, asked.assignment)
    assignment = speak_of(layout, assignment, asked.language)
    folders = tuple(assignment_names(root))
    expected = [Expected(each.name, f"{each.name}.py", each.names, folders=folders) for each in assignment.exercises]
    refuse_results_inside(asked.path, asked.out)
    people = read_roster(asked.roster) if asked.roster is not None else []
    out = asked.shard.folder(asked.out) if asked.shard is not None else asked.out
    with contextlib.closing(Gradebook(out, assignment)) as gradebook:
        with zygote.reading() as reading:
            readers = Readers(reading)
            received = receive(asked.path, assignment.name, expected, gradebook, people, readers.people, asked.only)
        say(console, *received.told)
        found = asked.shard.part(received.found) if asked.shard is not None else received.found
        submissions = submissions_of(found, out)
        if asked.shard is not None:
            elsewhere = {row.student for row in received.found.students} - {row.student for row in found.students}
            for student in elsewhere:
                shutil.rmtree(out / FOLDER / student, ignore_errors=True)
            counts = {"count": len(submissions), "total": len(received.submissions)}
            say(console, tr("Shard {shard}: {count} of {total} submissions", shard=asked.shard, **counts))
        # All of this while torch is being loaded.
        names, diagnosis = assignment.exercise_names, assignment.feedback.diagnosis != "off"
        suite, suites = suite_hash(layout), exercise_hashes(layout, names)
        engine = engine_hash(diagnosis, *words_of(layout, assignment))
        prepare_outputs()
        # Several share a submission where there are enough of them. How many a cluster has is not known here.
        graders = 1 if asked.cluster else asked.jobs or cores()
        others = [each for each in submissions if asked.only and each.student not in asked.only]
        submissions = [each for each in submissions if not asked.only or each.student in asked.only]
        read = _read(zygote, layout, assignment, submissions) if graders >= 2 * len(submissions) else {}
        level = _isolation(zygote, console)
        terms = Terms(assignment.name, _seed(asked, gradebook), suite, level, suites, f"{engine}-{level}")
        forget = [each.digest for each in submissions] if asked.fresh else []
        gradebook.begin(terms, class_to_bytes(received.found), forget)
        jobs = [(each, tuple(names if asked.fresh else gradebook.recall(each))) for each in submissions]
        jobs = [(submission, missing) for submission, missing in jobs if missing]
        say(console, *_graded_before(len(submissions), [missing for _, missing in jobs], names))
        # What is the same to the last byte is graded once; the others have their result from the gradebook.
        jobs = list({submission.digest: (submission, missing) for submission, missing in jobs}.values())
        shared = graders >= 2 * len(jobs)
        if shared and not read:
            read = _read(zygote, layout, assignment, [submission for submission, _ in jobs])
        parts = [
            Job(each.student, bytes(each.path), each.digest, part, contents=read.get(each.digest, b""))
            for each, missing in jobs
            for part in ([(name,) for name in longest_first(layout, missing)] if shared else [missing])
        ]
        setup = Setup(str(root), assignment.name, suite, terms.seed, level, diagnosis, language=assignment.language)
        try:
            with _interrupts() as interrupts:
                events_of = _graders(zygote, assignment, setup, asked, console, lambda: bool(interrupts))
                _grade(events_of, parts, {each.student: each for each, _ in jobs}, gradebook, console)
        except KeyboardInterrupt:
            pass
        except (ZygoteDiedError, GradersGoneError) as error:
            console.print(f"[bold red]{tr('Stopped:')}[/] {error}.")
        graded()
        for submission in others:
            if not gradebook.knows(submission):
                gradebook.keep(submission.student)
        return write_outputs(console, assignment, gradebook, terms, found, str(asked.path), received.names)


def _read(
    zygote: Zygote, layout: Layout, assignment: Assignment, submissions: Sequence[Submission]
) -> dict[str, bytes]:
    """What is in submissions, in MessagePack by digest; not of those that cannot be read, which their graders tell."""
    stubs = {exercise: given_stub(layout, exercise) for exercise in assignment.exercise_names}
    expected, read = expected_files(assignment, stubs), {}
    with zygote.reading() as line:
        readers = Readers(line)
        for submission in submissions:
            with contextlib.suppress(Exception):
                read[submission.digest] = msgspec.msgpack.encode(readers.read(submission, expected))
    return read


def _seed(asked: Request, gradebook: Gradebook) -> int:
    """The one that is asked for, else that of the run that is resumed, or of the rest of the class, else any."""
    if asked.seed is not None:
        if asked.only and (run := gradebook.last_run()) is not None and run[0].seed != asked.seed:
            raise UsageError(
                f"--seed {asked.seed}: the class in {asked.out} was graded with seed {run[0].seed}, and one student of "
                "it is to be graded with the same: leave --seed out, or choose another folder with --out"
            )
        return asked.seed
    last = None if asked.fresh and not asked.only else gradebook.last_run()
    return secrets.randbelow(SEEDS) if last is None else last[0].seed


def _graded_before(count: int, missing: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """What is not graded again. `missing` are the exercises of those that are not through."""
    told = []
    if len(missing) < count:
        told.append(
            tr(
                "{done} of {count} were graded before, with the same code, checks and seed; --fresh (make: "
                "FRESH=1) grades all anew.",
                done=count - len(missing),
                count=count,
            )
        )
    if part := [exercises for exercises in missing if len(exercises) < len(names)]:
        changed = [name for name in names if any(name in exercises for exercises in part)]
        told.append(
            tr(
                "{part} of {count} only lack {changed}; the rest of them was graded before.",
                part=len(part),
                count=count,
                changed=", ".join(changed),
            )
        )
    return told


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


def _graders(
    zygote: Zygote,
    assignment: Assignment,
    setup: Setup,
    asked: Request,
    console: Console,
    stop: Callable[[], bool],
) -> Callable[[Sequence[Job]], Generator[Started | Done]]:
    """What happens to submissions, by whoever is to grade them."""
    if asked.cluster:
        from autograder.cluster.spread import Spread  # needs what only the extra installs

        return Spread(asked.cluster, asked.jobs, setup, zygote.report(), lambda text: say(console, text), stop).events
    return Batch(zygote, assignment, setup, asked.jobs or cores(), stop=stop).events


def _grade(
    events_of: Callable[[Sequence[Job]], Generator[Started | Done]],
    jobs: Sequence[Job],
    submissions: Mapping[str, Submission],
    gradebook: Gradebook,
    console: Console,
) -> None:
    """Have jobs done; `submissions` are theirs, by student."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, transient=True) as progress,
        contextlib.closing(events_of(jobs)) as events,
    ):
        task = progress.add_task(tr("collecting the suites"), total=len(jobs))
        at_work: dict[Task, None] = {}
        for event in events:
            if isinstance(event, Started):
                gradebook.claim()  # while graders are at work, and nothing is wrong with the suites
                at_work[event.task] = None
            else:
                label = event.task.label
                result: Result | Failure | None = event.answer.result
                if result is None:
                    reason = event.answer.fault.strip() or tr("no result came back")
                    if isinstance(event.task, Job) and sum(job.student == label for job in jobs) > 1:
                        reason = f"{', '.join(event.task.exercises)}: {reason}"
                    result = Failure(label, reason)
                gradebook.add(submissions[label], result)
                del at_work[event.task]
                progress.advance(task)
            progress.update(task, description=", ".join(dict.fromkeys(each.label for each in at_work))[:60])


def _isolation(zygote: Zygote, console: Console) -> str:
    """The level of isolation, told loudly where it is not full."""
    try:
        with console.status(tr("loading torch")):
            report = zygote.report()
    except OSError as error:
        raise UsageError(f"{error}; what it said is above") from None
    if report.level != "full":
        console.print(
            f"[bold yellow]{tr('Isolation: {level}.', level=report.level)}[/] "
            + tr("Submissions are less confined than they could be:")
        )
        for reason in report.reasons:
            console.print(f"  - {reason}", markup=False)
    return report.level
