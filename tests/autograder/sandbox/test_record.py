"""What was asked and answered is kept check by check, as it was."""

from __future__ import annotations

import pytest
import torch

from autograder.sandbox.protocol import Call, State
from autograder.sandbox.record import RecordingLine
from autograder.sandbox.session import LocalLine, Session, Source, SubjectError, SubjectTimeout
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

TEXT = (
    "import torch\n\nclass Layer(torch.nn.Linear): pass\ndef double(x): x.mul_(2)\ndef fail(): raise ValueError('no')\n"
)


@pytest.fixture
def recorded():
    """The names of a file, and the line that records."""
    line = RecordingLine(LocalLine("recorded"))
    session = Session(Source("recorded", "recorded.py", TEXT), line)
    session.begin("test")
    yield Namespace(session, Random(0, "test")), line
    session.close()


def test_questions_and_replies_are_kept_in_order(recorded):
    names, line = recorded
    names.Layer(2, 3).state_dict()
    record = line.take()
    assert [type(exchange.question.body) for exchange in record] == [Call, State]
    assert record[1].reply.body.rows[0].shape == [3, 2]


def test_taking_a_record_begins_the_next(recorded):
    names, line = recorded
    names.Layer(2, 3)
    line.take()
    names.double(torch.ones(2))
    assert len(line.take()) == 1
    assert line.take() == []


def test_arguments_are_kept_as_they_were_before_the_call(recorded):
    names, line = recorded
    names.double(torch.ones(2))
    (exchange,) = line.take()
    assert exchange.question.tensors[0].data.tolist() == [1.0, 1.0]
    assert exchange.reply.tensors[0].data.tolist() == [2.0, 2.0]


def test_an_exception_of_the_code_is_a_reply(recorded):
    names, line = recorded
    with pytest.raises(SubjectError):
        names.fail()
    (exchange,) = line.take()
    assert exchange.reply.body.text == "no"


def test_a_reply_that_did_not_come_is_noted():
    class Silent:
        def exchange(self, question):
            raise SubjectTimeout("Timeout", "too slow")

        def close(self):
            pass

    line = RecordingLine(Silent())
    with pytest.raises(SubjectTimeout):
        line.exchange(type("Question", (), {"body": State(0), "tensors": []})())
    assert [(exchange.reply, exchange.lost) for exchange in line.take()] == [(None, "Timeout")]
