"""The reference is asked once per run: what it answered is remembered, and nothing is remembered wrongly."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import torch
from torch import nn

from autograder.grading.memory import RememberingLine
from autograder.grading.subjects import local_line
from autograder.sandbox.protocol import Call, Message, Reset
from autograder.sandbox.record import RecordingLine
from autograder.sandbox.session import Session, Source, SuiteError
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

TEXT = """
import torch
from torch import nn

class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = 0
    def forward(self, x):
        self.count += 1
        return x + self.count

class Linear(nn.Linear): pass

def kind(x): return type(x).__name__, x.requires_grad, x.is_leaf
def double(x): return 2 * x
def fill(x): x.fill_(7)
"""


@dataclass
class Counting:
    """A line that counts what it carries."""

    line: object
    asked: list[str] = field(default_factory=list)

    def exchange(self, question):
        self.asked.append(type(question.body).__name__)
        return self.line.exchange(question)

    def close(self):
        self.line.close()


@pytest.fixture
def line():
    counting = Counting(local_line("memory_subject"))
    yield counting
    counting.close()


@pytest.fixture
def begin(line):
    """Starts a test and returns the names of the file."""
    session = Session(Source("memory_subject", "memory_subject.py", TEXT), RememberingLine(line))

    def begin_(stream="test"):
        session.begin(stream)
        line.asked.clear()
        return Namespace(session, Random(0, stream))

    return begin_


def test_the_same_questions_are_asked_once(begin, line):
    x = torch.randn(3)
    first = begin().double(x)
    assert line.asked == ["Call"]
    assert torch.equal(begin().double(x), first)
    assert line.asked == []


def test_an_answer_counts_only_after_the_same_questions(begin):
    def counted(times):
        counter = begin().Counter()
        return [counter(torch.zeros(1)).item() for _ in range(times)]

    assert counted(1) == [1.0]
    assert counted(3) == [1.0, 2.0, 3.0]
    assert counted(4) == [1.0, 2.0, 3.0, 4.0]
    assert counted(2) == [1.0, 2.0]


def test_after_a_new_question_everything_before_it_has_been_asked(begin):
    counter = begin().Counter()
    counter(torch.zeros(1))
    counter(torch.zeros(1))
    again = begin().Counter()
    again(torch.zeros(1))
    assert again(torch.ones(1)).item() == 3.0
    assert again.attribute("count") == 2


def test_gradients_are_remembered(begin, line):
    def gradients():
        module = begin().Linear(2, 1).double()
        x = torch.ones(3, 2, dtype=torch.float64, requires_grad=True)
        module(x).sum().backward()
        return x.grad, module.grads()["weight"]

    first, second = gradients(), gradients()
    assert line.asked == []
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_backward_may_be_what_comes_first_after_what_is_remembered(begin):
    """Whoever stopped before it has left only the forward in memory, which is asked anew from inside the backward."""
    for goes_on in (False, True):
        module = begin().Linear(2, 1).double()
        y = module(torch.ones(3, 2, dtype=torch.float64, requires_grad=True))
        if goes_on:
            y.sum().backward()
            assert module.grads()["weight"].tolist() == [[3.0, 3.0]]


def test_arguments_that_are_too_large_are_the_suites_error(begin):
    with pytest.raises(SuiteError, match="the arguments cannot be sent: a message is too large"):
        begin().kind("x" * (5 << 20))


def test_what_is_remembered_cannot_be_changed_by_who_asked(begin):
    x = torch.zeros(2)
    begin().double(x).add_(100)
    assert begin().double(x).tolist() == [0.0, 0.0]


def test_effects_on_arguments_are_remembered(begin):
    for _ in range(2):
        x = torch.zeros(2)
        begin().fill(x)
        assert x.tolist() == [7.0, 7.0]
        assert x._version > 0


def test_questions_stay_what_they_were_however_often_they_are_asked(line):
    """Diagnosis puts a student's questions to one mistake after another."""
    memory, kept = RememberingLine(line), RecordingLine(line)
    session = Session(Source("memory_subject", "memory_subject.py", TEXT), kept)
    session.begin("test")
    Namespace(session, Random(0, "test")).fill(torch.zeros(2))
    (asked,) = (exchange.question for exchange in kept.take())
    for other in (1, 2, 3):
        memory.exchange(Message(Reset()))
        memory.exchange(asked)
        memory.exchange(Message(Call({"s": "kind"}, {"u": [other]}, {"d": []}, 0)))
    assert asked.tensors[0].data.tolist() == [0.0, 0.0]


DIFFERENT = {
    "values": (torch.zeros(2), torch.ones(2)),
    "shapes": (torch.zeros(2), torch.zeros(2, 1)),
    "dtypes": (torch.zeros(2), torch.zeros(2, dtype=torch.int32)),
    "half precision": (torch.zeros(2, dtype=torch.bfloat16), torch.zeros(2, dtype=torch.float16)),
    "requiring grad": (torch.zeros(2), torch.zeros(2, requires_grad=True)),
    "leaves": (torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True) * 1),
    "parameters": (torch.zeros(2, requires_grad=True), nn.Parameter(torch.zeros(2))),
    "the sign of zero": (torch.tensor(0.0), torch.tensor(-0.0)),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_questions_that_differ_are_told_apart(begin, line, one, other):
    begin().kind(one)
    kind = begin().kind(other)
    assert "Call" in line.asked
    assert kind == (type(other).__name__, other.requires_grad, other.is_leaf)


def test_random_numbers_are_those_of_the_test(begin):
    first = begin("first").Linear(2, 2).state_dict()["weight"]
    second = begin("second").Linear(2, 2).state_dict()["weight"]
    assert not torch.equal(first, second)
    assert torch.equal(begin("first").Linear(2, 2).state_dict()["weight"], first)
