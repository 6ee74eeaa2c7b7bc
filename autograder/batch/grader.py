"""A grader: a process, forked from the zygote, that grades what it is given until the coordinator hangs up."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from autograder.course.assignment import open_assignment
from autograder.course.stubs import given_stub
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.results.model import ExerciseResult, Result
from autograder.submissions.model import Contents, HandedIn, Submission


class Setup(msgspec.Struct, frozen=True):
    """What a grader is told first."""

    root: str
    assignment: str
    suite: str
    seed: int
    isolation: str
    diagnosis: bool = True
    scratch: str = ""
    """Folder for the scratch folders of workers, removed by whoever started the grader."""
    language: str = ""
    """Which is spoken, where it is not the assignment's."""
    progress: bool = False
    """Whether to answer with what is known so far, too, after each exercise."""


class Job(msgspec.Struct, frozen=True, tag=True):
    """One submission to grade, or a part of it."""

    student: str
    path: bytes
    """As the file system spells it: a folder from another system may have a name that is no UTF-8."""
    digest: str = ""
    """Of what is to be graded, where it is known: nothing else is then."""
    exercises: tuple[str, ...] = ()
    """Only these; none means all."""
    handed_in: HandedIn | None = None
    """Its bytes, where `path` is another computer's."""
    contents: bytes = b""
    """What is in it, in MessagePack, where it has been read: by whoever has several graders share it."""

    @property
    def label(self) -> str:
        return self.student

    @property
    def place(self) -> Path:
        return Path(os.fsdecode(self.path))


class Trial(msgspec.Struct, frozen=True, tag=True):
    """One implementation of one exercise to try: `label` says which, `seed` replaces the run's."""

    label: str
    exercise: str
    text: str
    seed: int
    all_checks: bool = True
    """Else only those up to the first that fails."""


class Answer(msgspec.Struct, frozen=True):
    """What a grader answers: that it is ready (nothing set), a result, or why there is none."""

    result: Result | None = None
    so_far: Result | None = None
    """The result as far as it is known; more is to come."""
    tried: ExerciseResult | None = None
    """The answer to a Trial."""
    usage_error: str = ""
    """Something that the caller must put right."""
    fault: str = ""
    """A fault of ours, with its traceback."""


def serve(jobs: socket.socket, zygote: socket.socket, reading: socket.socket) -> None:
    """Take a Setup, then one Job or Trial after another from `jobs`; fork workers through `zygote`, what reads
    submissions through `reading`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # the bank's mistakes run in here, and what they are warned of helps nobody
    import torch

    # A suite may put a tensor of the student's into a message. torch shortens a dimension from 2 * edgeitems on, and
    # with its own 3, a small tensor of many dimensions of 6 takes hours to print.
    torch.set_printoptions(edgeitems=1)  # type: ignore[no-untyped-call]
    from autograder.batch.ready import broken_solutions, missing_solutions, wrong_points
    from autograder.diagnosis.diagnose import Diagnostician
    from autograder.grading.grade import Grader, Run
    from autograder.grading.reading import Readers
    from autograder.grading.subjects import References
    from autograder.grading.suites import collect
    from autograder.grading.wording import cut
    from autograder.sandbox.client import ForwardSupply
    from autograder.sandbox.session import NoWorkerError

    connection = Connection(jobs.detach())
    setup = msgspec.json.decode(connection.recv_bytes(), type=Setup)
    root = Path(setup.root)
    os.chdir(root)
    tempfile.tempdir = setup.scratch or None

    try:
        layout, assignment = open_assignment(root, setup.assignment)
        assignment = speak_of(layout, assignment, setup.language)
        if missing := missing_solutions(layout, assignment):
            raise UsageError(put_right(missing))
        suites = collect([layout.suite(exercise) for exercise in assignment.exercise_names])
        references = References(layout, remember=True)
        if wrong := wrong_points(layout, assignment, suites) + broken_solutions(layout, assignment, references):
            raise UsageError(put_right(wrong))
        suites = suites.worth(assignment.exercises)
    except UsageError as error:
        _answer(connection, Answer(usage_error=str(error)))
        return
    run = Run(assignment, setup.suite, setup.seed, setup.isolation)
    diagnostician = Diagnostician(layout, suites, references) if setup.diagnosis else None
    supply = ForwardSupply(zygote)
    stubs = {exercise: given_stub(layout, exercise) for exercise in assignment.exercise_names}
    grader = Grader(run, suites, references, supply, diagnostician, stubs, Readers(reading))

    def progress(result: Result) -> None:
        _answer(connection, Answer(so_far=result))

    _answer(connection, Answer())
    while True:
        try:
            job = msgspec.json.decode(connection.recv_bytes(), type=Job | Trial)
        except EOFError:
            with contextlib.suppress(OSError, NoWorkerError):  # nobody is there to end it any more
                supply.close()
            return
        _limit_memory()
        try:
            if isinstance(job, Trial):
                answer = Answer(tried=grader.try_out(job.exercise, job.text, job.seed, job.all_checks))
            else:
                submission = Submission(job.student, job.place, digest=job.digest, handed_in=job.handed_in)
                contents = msgspec.msgpack.decode(job.contents, type=Contents) if job.contents else None
                told = progress if setup.progress else None
                answer = Answer(result=grader.grade(submission, told, job.exercises, contents))
        except Exception:
            answer = Answer(fault=cut(traceback.format_exc(), 20_000))  # it may quote the student's code
        _answer(connection, answer)


def put_right(problems: Sequence[str]) -> str:
    """What is said of problems that must not cost students points, as `autograder check` says it."""
    return "\n  ".join(["nothing is graded before this is put right:", *problems])


_MEMORY = 3 << 30
"""Bytes that a grader may take for one submission: all answers of an exercise are at most a third of that."""


def _limit_memory() -> None:
    """Let what an odd answer makes far too large fail a check, rather than end this process or others."""
    with contextlib.suppress(OSError, ValueError):  # no Linux, or a lower limit from outside
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped + _MEMORY, most))


def _answer(connection: Connection, answer: Answer) -> None:
    connection.send_bytes(msgspec.json.encode(answer))
