"""Graders at work on a class: whatever happens to one submission, or to a grader, the batch goes on."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import msgspec
import psutil
import pytest

from autograder.batch.grader import Trial
from autograder.batch.graders import Batch, Done, Started
from autograder.errors import UsageError
from autograder.results.words import remark
from autograder.sandbox.scratch import RunScratch

FOREVER = "while True: pass"


@pytest.fixture
def graders(zygote, monkeypatch):
    """Process ids of the graders that were forked, in order."""
    forked = []
    fork = zygote.fork_grader

    def fork_and_record(name):
        pid, jobs = fork(name)
        forked.append(pid)
        return pid, jobs

    monkeypatch.setattr(zygote, "fork_grader", fork_and_record)
    return forked


@pytest.fixture
def run_folders(monkeypatch):
    """The folders of runs that are begun, which hold whatever workers write."""
    begun = []

    def begin(place):
        folder = RunScratch(place)
        begun.append(folder.name)
        return folder

    monkeypatch.setattr("autograder.batch.graders.RunScratch", begin)
    return begun


@pytest.fixture
def grade(project, zygote, graders):
    """Grades tasks; calls with the label of each task when a grader begins with it and when it is done."""

    def grade_(*tasks, jobs=1, on_start=lambda label: None, on_done=lambda label: None):
        answers = {}
        for event in Batch(zygote, project.assignment, project.setup(), jobs).events(tasks):
            match event:
                case Started(task):
                    on_start(task.label)
                case Done(task, answer):
                    assert task.label not in answers
                    answers[task.label] = answer
                    on_done(task.label)
        return answers

    return grade_


def kill(pid):
    """Kill a grader, and return when it is dead. The zygote, its parent, has not been asked yet to bury it."""
    os.kill(pid, signal.SIGKILL)
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        os.sched_yield()


@pytest.fixture
def killing(graders):
    """Kills the newest grader at this student's turn, so many times."""

    def killer(student, times):
        left = [student] * times

        def kill_in_turn(label):
            if label in left:
                left.remove(label)
                kill(graders[-1])

        return kill_in_turn

    return killer


@pytest.fixture(autouse=True)
def _nothing_is_left(zygote, workers_of):
    """Soon after each test, the zygote has no children, but the process that forks readers: no grader, no worker."""
    yield
    children = workers_of(zygote.pid)
    assert psutil.wait_procs(children, timeout=300)[1] == []


def test_every_submission_gets_a_result(project, grade):
    jobs = [project.hand_in("right", "return 2 * x"), project.hand_in("half", "return x + x.detach()")]
    answers = grade(*jobs)
    assert {student: answer.result.score for student, answer in answers.items()} == {"right": 4.0, "half": 3.0}
    assert {answer.fault for answer in answers.values()} == {""}


def test_a_folder_whose_name_is_no_text_is_graded_as_any_other(project, grade):
    job = project.hand_in("right", "return 2 * x")
    odd = job.place.with_name("\udcb1\udce8 %41")
    job.place.rename(odd)
    assert grade(msgspec.structs.replace(job, path=bytes(odd)))["right"].result.score == 4.0


def test_a_result_says_what_it_is_a_result_of(project, grade, zygote):
    result = grade(project.hand_in("kim", "return 2 * x"))["kim"].result
    assert (result.schema, result.student, result.assignment, result.seed) == (1, "kim", "demo", 5)
    assert (result.suite, result.isolation, result.max_score) == (project.setup().suite, "full", 4.0)


def test_trials_are_judged_as_submissions_are(project, grade):
    text = (project.root / "solutions/demo/double.py").read_text()
    answers = grade(Trial("solution", "double", text, 1), Trial("tripled", "double", text.replace("2 *", "3 *"), 2))
    assert (answers["solution"].tried.score, answers["tripled"].tried.score) == (4.0, 1.0)


def test_a_trial_may_end_with_the_first_check_that_fails(project, grade):
    right = (project.root / "solutions/demo/double.py").read_text()
    for text in (right, right.replace("2 *", "3 *")):
        whole, short = (Trial(label, "double", text, 1, label == "whole") for label in ("whole", "short"))
        whole, short = (each.tried for each in grade(whole, short).values())
        statuses = [test.status for test in whole.tests]
        asked = statuses.index("failed") + 1 if "failed" in statuses else len(statuses)
        assert [test.status for test in short.tests] == statuses[:asked]
        assert (short.score == short.max_score) == (whole.score == whole.max_score)


def test_several_graders_share_the_work(project, grade, graders):
    jobs = [project.hand_in(f"student{number}", "return 2 * x") for number in range(4)]
    answers = grade(*jobs, jobs=2)
    assert {answer.result.score for answer in answers.values()} == {4.0}
    assert len(graders) == 2


def test_there_are_no_more_graders_than_submissions(project, grade, graders):
    grade(project.hand_in("kim", "return 2 * x"), jobs=8)
    assert len(graders) == 1


def test_a_grader_that_is_killed_is_replaced_and_its_submission_graded_again(project, grade, graders, killing):
    jobs = [project.hand_in("first", FOREVER), project.hand_in("second", "return 2 * x")]
    answers = grade(*jobs, on_start=killing("first", times=1))
    assert len(graders) == 2
    assert [test.status for test in answers["first"].result.exercises["double"].tests][:2] == ["timeout", "timeout"]
    assert answers["second"].result.score == 4.0


def test_a_submission_that_ends_two_graders_is_given_up_and_the_others_are_graded(project, grade, graders, killing):
    jobs = [project.hand_in(name, "return 2 * x") for name in ("first", "third")]
    jobs.insert(1, project.hand_in("second", FOREVER))
    answers = grade(*jobs, on_start=killing("second", times=2))
    assert len(graders) == 3
    assert answers["second"].result is None
    assert answers["second"].fault == "the grader itself stopped twice on this"
    assert (answers["first"].result.score, answers["third"].result.score) == (4.0, 4.0)


def test_a_grader_that_is_killed_between_two_submissions_is_replaced(project, grade, graders, killing):
    jobs = [project.hand_in(student, "return 2 * x") for student in ("first", "second")]
    answers = grade(*jobs, on_done=killing("first", times=1))
    assert len(graders) == 2
    assert {answer.result.score for answer in answers.values()} == {4.0}


def test_the_other_grader_goes_on_when_one_is_killed(project, grade, graders, killing):
    jobs = [project.hand_in(student, FOREVER) for student in ("first", "second")]
    answers = grade(*jobs, project.hand_in("third", "return 2 * x"), jobs=2, on_start=killing("second", times=1))
    assert len(graders) == 3
    assert {student: answer.result.score for student, answer in answers.items()} == {
        "first": 0.0,
        "second": 0.0,
        "third": 4.0,
    }


def test_a_picture_of_a_small_tensor_takes_no_time(project, grade):
    project.write_suite(
        "import pytest\n\nfrom autograder.suite import check\n\n\n@pytest.mark.points(4)\n"
        'def test_it(student):\n    """The title."""\n    check(False, f"got {student.Double()(1)}")\n'
    )
    answers = grade(project.hand_in("odd", "return torch.zeros([6] * 8, dtype=torch.int8)"))
    (outcome,) = answers["odd"].result.exercises["double"].tests
    assert outcome.message.startswith("got tensor([[[[[[[[0, ")
    assert outcome.seconds < 5


def test_what_takes_too_much_memory_to_compare_fails_the_check(project, grade):
    project.write_suite(
        "import pytest\n\nfrom autograder.suite import check\n\n\n@pytest.mark.points(4)\n"
        'def test_it(student):\n    """The title."""\n    (student.Double()(1) > 0).double().repeat(1_000).sum()\n'
    )
    answers = grade(
        project.hand_in("odd", "return torch.zeros(1 << 20, dtype=torch.int8)"),
        project.hand_in("right", "return torch.zeros(1)"),
    )
    (outcome,) = answers["odd"].result.exercises["double"].tests
    assert outcome.message == "What your code returned is too large for this check."
    assert answers["right"].result.score == 4.0


def test_a_fault_of_ours_is_told_with_its_traceback_and_the_batch_goes_on(project, grade):
    answers = grade(Trial("odd", "no_such_exercise", "", 0), project.hand_in("kim", "return 2 * x"))
    assert "no_such_exercise" in answers["odd"].fault
    assert answers["odd"].fault.startswith("Traceback")
    assert answers["kim"].result.score == 4.0


def test_what_could_not_be_graded_is_tried_once_more_at_the_end(project, grade):
    """The reason may be gone by then, such as a disk that somebody filled."""
    began = []
    tasks = [Trial("odd", "no_such_exercise", "", 0), project.hand_in("kim", "return 2 * x")]
    grade(*tasks, on_start=began.append)
    assert began == ["odd", "kim", "odd"]


def test_suites_that_cannot_be_collected_stop_the_batch(project, grade):
    project.write_suite("def test_it(student):\n    pass\n")
    with pytest.raises(UsageError, match="the test has no docstring"):
        grade(project.hand_in("kim", "return 2 * x"))


@pytest.mark.parametrize("times", [0, 1])
def test_nothing_that_was_written_is_left(project, grade, killing, run_folders, times):
    written = project.hand_in("kim", "open('kept', 'w').write('x'); return 2 * x")
    answers = grade(project.hand_in("ann", FOREVER), written, on_start=killing("ann", times))
    assert answers["kim"].result.score == 4
    (run,) = run_folders
    assert not Path(run).exists()


def test_a_batch_that_is_left_alone_ends_its_graders(project, zygote, graders):
    job = project.hand_in("kim", FOREVER)
    events = Batch(zygote, project.assignment, project.setup(), 1).events([job])
    assert next(events) == Started(job)
    events.close()
    assert not psutil.pid_exists(graders[0])


def test_assertions_without_words_are_told_by_the_title_and_not_by_a_line_of_the_suite(project, grade):
    project.write_suite(
        "import pytest\n\n@pytest.mark.points(4)\n"
        'def test_it(student):\n    """The title."""\n    secret = 42\n    assert student.Double()(1) == secret\n'
    )
    (test,) = grade(project.hand_in("kim", "return 2 * x"))["kim"].result.exercises["double"].tests
    assert (test.status, test.message) == ("failed", "This check failed: The title.")
    assert "assert student.Double()(1) == secret" in test.trace


REACHED = "return getattr(torch, 'mu' + chr(108))(x, 2)"
WRITTEN = "return torch.mul(x, 2)"


@pytest.mark.parametrize("forward", [REACHED, WRITTEN], ids=["at run time", "in the text"])
def test_what_is_not_allowed_costs_what_the_assignment_says(project, grade, forward):
    described = project.layout.exercise_description("double")
    described.write_text(described.read_text() + 'forbidden = ["torch.mul", "torch.ops.aten.mul*"]\n')
    text = project.layout.description.read_text()
    results = {}
    for policy in ("zero", "flag", "ignore"):
        project.layout.description.write_text(text.replace("[limits]", f'not_allowed = "{policy}"\n\n[limits]'))
        results[policy] = grade(project.hand_in("kim", forward))["kim"].result
    assert {policy: result.score for policy, result in results.items()} == {"zero": 0, "flag": 4, "ignore": 4}
    exercises = {policy: result.exercises["double"] for policy, result in results.items()}
    assert {policy: exercise.status for policy, exercise in exercises.items()} == {
        "zero": "not_allowed",
        "flag": "graded",
        "ignore": "graded",
    }
    assert {policy: remark(result) for policy, result in results.items()} == {
        "zero": "uses what is not allowed: double",
        "flag": "flagged, seems to use what is not allowed: double",
        "ignore": "graded",
    }
    assert re.match(r"line 7 .*torch\.(ops\.aten\.)?mul.* does not allow$", exercises["zero"].message.splitlines()[0])
    assert re.match(r"line 7 .*torch\.mul.* does not allow$", exercises["flag"].evidence[0])
    assert exercises["ignore"].evidence == ()


def test_nobody_is_accused_who_uses_what_is_allowed(project, grade):
    described = project.layout.exercise_description("double")
    described.write_text(described.read_text() + 'forbidden = ["torch.add", "torch.ops.aten.add*"]\n')
    result = grade(project.hand_in("kim", "return torch.mul(x, 2)"))["kim"].result
    assert (result.score, remark(result)) == (4, "graded")
