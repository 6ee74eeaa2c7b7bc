"""Nobody's marks depend on who was graded before: whoever times its questions sees the same, put in the same way."""

from __future__ import annotations

import msgspec
import pytest

from autograder.grading import suites
from autograder.grading.grade import Grader, Run
from autograder.grading.subjects import References
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.framing import encode
from autograder.sandbox.protocol import Load
from autograder.sandbox.surroundings import settle_torch

CHECKS = ["test_outputs[2]", "test_outputs[5]", "test_gradients", "test_shape"]
HEAD = "import torch\nfrom torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        "
RIGHT = HEAD + "return 2 * x\n"
ALSO_RIGHT = HEAD + "return x + x\n"
WRONG = HEAD + "return 3 * x\n"
NO_GRADIENT = HEAD + "return x + x.detach()\n"
COUNTING = "calls = 0\n" + HEAD + "global calls\n        calls += 1\n        return 2 * x if calls != {} else 3 * x\n"
TIMING = (
    "import sys, time\n_worker = sys.modules['autograder.sandbox.worker']\n"
    "_receive, gaps = _worker.receive_question, []\n\n\n"
    "def _timed(*arguments):\n    started = time.perf_counter()\n    question = _receive(*arguments)\n"
    "    gaps.append(time.perf_counter() - started)\n    return question\n\n\n_worker.receive_question = _timed\n"
) + RIGHT
"""It knows how long the grader took for each question, and could answer according to that."""


@pytest.fixture
def events(monkeypatch):
    """What the grader does with workers, in order: which checks it runs, and which questions it puts."""
    seen: list[tuple[str, object]] = []
    run, exchange = suites._run, WorkerLine.exchange

    def run_and_note(case, *rest):
        seen.append(("check", case.check.name))
        return run(case, *rest)

    def exchange_and_note(line, question):
        if not isinstance(question.body, Load):  # which holds the code itself
            seen.append(("question", encode(question)))
        return exchange(line, question)

    monkeypatch.setattr(suites, "_run", run_and_note)
    monkeypatch.setattr(WorkerLine, "exchange", exchange_and_note)
    return seen


@pytest.fixture
def grade(project, collected, zygote, events):
    """Grades texts one after another with one grader; the result of each, and what happened meanwhile."""

    def grade_(*texts):
        graded = []
        settle_torch()
        with zygote.connect() as line:
            supply = WorkerSupply(line)
            references = References(project.layout, remember=True)
            grader = Grader(Run(project.assignment, "suite", 5, "full"), collected(), references, supply)
            for text in texts:
                events.clear()
                result = timeless(grader.try_out("double", text, 5))
                graded.append((result, tuple(events)))
            supply.settle()
        return graded

    return grade_


def timeless(result):
    return msgspec.structs.replace(
        result, tests=tuple(msgspec.structs.replace(test, seconds=0.0, trace="") for test in result.tests)
    )


def test_the_same_is_asked_in_the_same_way_whoever_came_before(grade):
    texts = [RIGHT, WRONG, TIMING, *(COUNTING.format(wrong) for wrong in range(1, 5))]
    alone = [grade(text)[0] for text in texts]
    for before in (RIGHT, ALSO_RIGHT, WRONG, NO_GRADIENT, TIMING):
        assert grade(*(each for text in texts for each in (before, text)))[1::2] == alone


def test_every_check_is_run_for_everybody(grade):
    for _, events in grade(RIGHT, RIGHT, ALSO_RIGHT):
        assert [name for kind, name in events if kind == "check"] == CHECKS


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('no')",
        "while True: pass",
        "import os; os._exit(3)",
        "return 'text'",
        "x.mul_(2); return x",
        "return torch.rand_like(x)",
    ],
)
def test_what_goes_wrong_costs_the_next_one_nothing(grade, body):
    (alone,) = grade(RIGHT)
    assert grade(f"{HEAD}{body}\n", RIGHT)[1] == alone


def test_checks_of_one_name_in_two_files_are_two(project, grade):
    check = 'import pytest, torch\n\n@pytest.mark.points(2)\ndef test_it(student):\n    """It."""\n'
    project.write_suite(check + "    assert len(student.Double()(torch.ones(2)))\n")
    project.write(
        "tests/demo/double/test_more.py", check + "    assert student.Double()(torch.ones(2)).tolist() == [2, 2]\n"
    )
    assert [result.score for result, _ in grade(RIGHT, WRONG)] == [4, 2]


def test_what_is_not_allowed_is_seen_whoever_came_first(project, grade):
    toml = project.root / "assignments/demo/assignment.toml"
    toml.write_text('not_allowed = "flag"\n' + toml.read_text())
    described = project.root / "tests/demo/double/exercise.toml"
    described.write_text(described.read_text() + 'forbidden = ["torch.add"]\n')
    uses = HEAD + "return getattr(torch, 'ad' + 'd')(x, x)\n"
    evidence = [result.evidence for result, _ in grade(RIGHT, uses, uses, RIGHT)]
    assert evidence[0] == evidence[3] == ()
    assert evidence[1] == evidence[2] != ()
