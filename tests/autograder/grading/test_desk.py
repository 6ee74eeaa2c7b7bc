"""A worker of a cluster answers as a grader does, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import copy
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from autograder.batch.grader import Answer, Job
from autograder.batch.graders import STOPPED, Batch, Done
from autograder.cluster.bundle import Facts, bundle_of, pack, unpack
from autograder.cluster.desk import Desk
from autograder.course.assignment import open_assignment
from autograder.course.layout import Layout, assignment_names
from autograder.course.suites import exercise_hashes, suite_hash
from autograder.sandbox.launcher import Zygote
from autograder.submissions.collect import collect

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

ROOT = Path(__file__).resolve().parents[3]
FOREVER = "while True: pass"


@dataclass
class Asked:
    """What zygotes were asked for."""

    isolation: list[str] = field(default_factory=list)
    graders: list[int] = field(default_factory=list)
    """Their process ids."""


@pytest.fixture
def asked(zygote, monkeypatch) -> Asked:
    """Lines to one zygote stand for the zygotes of desks."""
    asked = Asked()

    def new(isolation):
        def fork_grader(name):
            pid, jobs = Zygote.fork_grader(mine, name)
            asked.graders.append(pid)
            return pid, jobs

        mine = copy.copy(zygote)
        mine._line, mine._reading = zygote.connect(), zygote.reading()
        mine.fork_grader, mine.close = fork_grader, lambda: (mine._line.close(), mine._reading.close())
        asked.isolation.append(isolation)
        return mine

    monkeypatch.setattr("autograder.cluster.desk.Zygote", new)
    return asked


@pytest.fixture
def desk_of(asked, zygote) -> Iterator:
    """Desks for a project, closed at the end."""
    with contextlib.ExitStack() as stack:

        def make(project, **changed) -> Desk:
            bundle = bundle_of(project.setup(), zygote.report())
            desk = Desk(msgspec.structs.replace(bundle, **changed))
            stack.callback(desk.close)
            return desk

        yield make


def folders(desk: Desk) -> list[Path]:
    return [Path(folder.name) for folder in desk._folders]


def ask(desk: Desk, job: Job) -> Answer:
    whole = msgspec.structs.replace(job, path=b"", handed_in=collect(job.place))
    return msgspec.json.decode(desk.grade(msgspec.json.encode(whole)), type=Answer)


def without_seconds(answer: Answer):
    tests = answer.result.exercises["double"].tests
    return [msgspec.structs.replace(test, seconds=0.0) for test in tests]


def test_it_answers_what_a_grader_answers_names_of_files_included(project, zygote, desk_of):
    job = project.hand_in("kim", "return 2 * x if x.shape[1] == 5 else x.view(7)")
    (done,) = (
        event
        for event in Batch(zygote, project.assignment, project.setup(), 1).events([job])
        if isinstance(event, Done)
    )
    desk = desk_of(project)
    assert desk.problem() == ""
    answer = ask(desk, job)
    assert without_seconds(answer) == without_seconds(done.answer)
    traces = "".join(test.trace for test in answer.result.exercises["double"].tests)
    assert f'File "{project.root}/tests/demo/double/test_double.py"' in traces


@pytest.mark.parametrize("what", Facts.__struct_fields__)
def test_where_results_would_differ_nothing_is_graded(project, zygote, desk_of, what):
    facts = msgspec.structs.replace(bundle_of(project.setup(), zygote.report()).facts, **{what: "another"})
    problem = desk_of(project, facts=facts).problem()
    assert problem.startswith(f"has another {what} (")
    assert problem.endswith(") than the computer that the run was started on (another)")


@pytest.mark.parametrize(("level", "wanted"), [("full", "full"), ("reduced", "full"), ("none", "none")])
def test_it_asks_for_no_less_isolation_than_the_run_was_started_with(project, asked, desk_of, level, wanted):
    setup = msgspec.structs.replace(project.setup(), isolation=level)
    desk_of(project, setup=setup).problem()
    assert asked.isolation == [wanted]


def test_what_is_wrong_with_a_suite_is_told(project, desk_of):
    project.write_suite("import nothing_of_that_name\n")
    assert "nothing_of_that_name" in desk_of(project).problem()


def test_a_grader_that_ends_is_one_failure_and_the_next_submission_has_another(project, asked, desk_of):
    desk = desk_of(project)
    assert desk.problem() == ""
    os.kill(*asked.graders, signal.SIGKILL)
    kim = project.hand_in("kim", "return 2 * x")
    assert ask(desk, kim) == Answer(fault=STOPPED)
    assert ask(desk, kim).result.score == 4.0


def test_a_grader_that_hangs_is_not_waited_for(project, desk_of):
    desk = desk_of(project, patience=0.0)
    assert desk.problem() == ""
    assert ask(desk, project.hand_in("kim", "return 2 * x")) == Answer(fault=STOPPED)


def test_it_can_be_closed_while_it_grades_and_leaves_nothing(project, desk_of):
    desk = desk_of(project)
    assert desk.problem() == ""
    private, scratch = folders(desk)
    assert private.stat().st_mode & 0o777 == 0o700
    assert list(private.rglob("solutions/demo/double.py"))
    answers = []
    grading = threading.Thread(target=lambda: answers.append(ask(desk, project.hand_in("kim", FOREVER))))
    grading.start()
    desk.close()
    grading.join(timeout=30)
    assert answers == [Answer(fault=STOPPED)]
    assert not private.exists()
    assert not scratch.exists()
    assert desk.problem() == "has no grader: EOFError('the run has ended')"
    assert ask(desk, project.hand_in("kim", "return 2 * x")) == Answer(fault=STOPPED)
    assert not private.exists()


@pytest.mark.parametrize("name", assignment_names(ROOT))
def test_a_bundle_has_all_that_judges(name, tmp_path):
    """Dask's own UploadDirectory leaves out every folder with `tests` or `docs` in its path."""
    layout, assignment = open_assignment(ROOT, name)
    unpack(pack(layout), tmp_path / "there")
    there = Layout(tmp_path / "there", name, layout.homes)
    assert suite_hash(there) == suite_hash(layout)
    assert exercise_hashes(there, assignment.exercise_names) == exercise_hashes(layout, assignment.exercise_names)
    assert open_assignment(tmp_path / "there", name)[1] == assignment
