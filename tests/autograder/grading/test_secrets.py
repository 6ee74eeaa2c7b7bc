"""A worker's memory never holds a suite, a solution, a seed or an expected value, and neither does the zygote's."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator

import pytest
import torch

from autograder.batch.graders import Batch
from autograder.grading.subjects import Pair, References
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.session import Session, Source

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is searched through /proc")

IN_SUITE, IN_TITLE = b"canary-in-suite-41c9", b"canary-in-title-7d30"
IN_SOLUTION, IN_BANK = b"canary-in-solution-a55e", b"canary-in-bank-08fe"
IN_SUBMISSION = b"canary-in-submission-e2b7"
SEED = 7_305_918_264_137
EXPECTED = struct.pack("<dd", 83.734561, 19.560273)
"""What the reference returns, as it lies in memory; the submission returns something else."""
INPUT = struct.pack("<dd", 1.9123077, 3.7710934)
SECRETS = (IN_SUITE, IN_TITLE, IN_SOLUTION, IN_BANK, str(SEED).encode(), EXPECTED)

SUITE = f'''
import pytest, torch
from autograder.suite import assert_same_outputs

CANARY = "{IN_SUITE.decode()}"

@pytest.mark.points(4)
def test_outputs(student, reference, rng):
    """{IN_TITLE.decode()}."""
    x = torch.tensor({list(struct.unpack("<dd", INPUT))}, dtype=torch.float64)
    assert_same_outputs(student.Double(), reference.Double(), [x])
'''
SOLUTION = f'''
import torch
from torch import nn

CANARY = "{IN_SOLUTION.decode()}"

class Double(nn.Module):
    def forward(self, x):
        # BEGIN SOLUTION
        return torch.tensor({list(struct.unpack("<dd", EXPECTED))}, dtype=x.dtype)
        # END SOLUTION
'''
SUBMISSION = f'''
from torch import nn

CANARY = "{IN_SUBMISSION.decode()}"
kept = []

class Double(nn.Module):
    def forward(self, x):
        kept.append(x)
        return 2 * x
'''
MISTAKE = f'"""returns {IN_BANK.decode()}\n\nWrong.\n\nHint: {IN_BANK.decode()}\n"""\n{SUBMISSION}'


@pytest.fixture
def project(project):
    """The project with a canary in everything that a submission must not see."""
    project.write_suite(SUITE)
    project.write("solutions/demo/double.py", SOLUTION)
    project.write("tests/demo/double/mistakes/wrong.py", MISTAKE)
    return project


def memory(pid: int) -> Iterator[bytes]:
    """What a process has in memory, without what is only mapped from files."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as content:
        for line in maps:
            where, rights, _, _, inode, *_ = line.split()
            start, end = (int(address, 16) for address in where.split("-"))
            if rights[0] == "r" and (rights[1] == "w" or inode == "0") and "[v" not in line:
                content.seek(start)
                yield content.read(end - start)


def found(pid: int, needles: tuple[bytes, ...]) -> set[bytes]:
    """Those of `needles` that are somewhere in the memory of a process."""
    try:
        return {needle for region in memory(pid) for needle in needles if needle in region}
    except PermissionError:
        pytest.skip(f"the memory of process {pid} can only be searched by root")


def test_the_zygote_holds_no_secret_after_grading(project, zygote):
    job = project.hand_in("kim", "return 2 * x")
    project.write("class/kim/double.py", SUBMISSION)
    list(Batch(zygote, project.assignment, project.setup(SEED), 1).events([job]))
    assert found(zygote.pid, (*SECRETS, IN_SUBMISSION)) == set()
    assert b"torch" in b"".join(found(zygote.pid, (b"torch",)))


def test_a_worker_holds_the_submission_and_its_questions_but_no_secret(project, collected, zygote, workers_of):
    with zygote.connect() as connection:
        line = WorkerLine(WorkerSupply(connection), Allowance(), TimeLimits())
        session = Session(Source("double", "double.py", SUBMISSION), line)
        subjects = Pair(SEED, session, References(project.layout))
        outcomes = list(collected().run(subjects, "double"))
        (worker,) = workers_of(zygote.pid)
        assert [outcome.status for outcome in outcomes] == ["failed"]
        assert found(worker.pid, (IN_SUBMISSION, INPUT)) == {IN_SUBMISSION, INPUT}
        assert found(worker.pid, SECRETS) == set()
        session.close()


def test_what_is_searched_for_is_found_where_it_is(project):
    expected = torch.tensor(struct.unpack("<dd", EXPECTED), dtype=torch.float64)
    assert found(os.getpid(), (IN_SUITE, EXPECTED)) == {IN_SUITE, EXPECTED}
    assert expected.numel() == 2
