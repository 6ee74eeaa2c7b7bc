"""What a recording line notes, and how it follows another transcript: drawing at random is style, all else is not."""

from __future__ import annotations

import itertools

import pytest
import torch

from autograder.diagnosis.agreement import Agreement, agreement, alike
from autograder.diagnosis.transcript import RecordingLine
from autograder.sandbox.session import LocalLine, Session, Source, SubjectError
from autograder.suite import new, randomise
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

LINEAR = """
import torch
from torch import nn

class Layer(nn.Module):
    def __init__(self, size):
        super().__init__()
        {init}

    def forward(self, x):
        return x @ self.weight.T + self.bias

def head(model, size):
    {head}
    return model
"""
DRAWN = "self.weight = nn.Parameter(torch.rand(size, size)); self.bias = nn.Parameter(torch.rand(size))"
DRAWN_OTHERWISE = "self.bias = nn.Parameter(torch.zeros(size)); self.weight = nn.Parameter(torch.randn(size, size))"
ZERO = "self.weight = nn.Parameter(torch.zeros(size, size)); self.bias = nn.Parameter(torch.zeros(size))"
HEAD = "model[1] = nn.Linear(model[1].in_features, size)"
HEAD_DRAWN_OTHERWISE = HEAD + "; nn.init.normal_(model[1].weight)"
_modules = itertools.count()


class Author:
    """A text, and what it answers."""

    def __init__(self, init=DRAWN, head=HEAD):
        module = f"recorded_{next(_modules)}"
        text = LINEAR.format(init=init, head=head)
        self.line = RecordingLine(LocalLine(module))
        self.session = Session(Source(module, "layer.py", text), self.line)

    def answer(self, check, followed=None):
        """The transcript of `check`, a function of the file's names and of random numbers."""
        self.line.take()
        if followed is not None:
            self.line.follow(followed)
        self.session.begin("a test")
        check(Namespace(self.session, Random(1, "a test")))
        return self.line.take()


def new_layer(names):
    names.Layer(3)(torch.ones(2, 3))


def loaded_layer(names):
    layer = names.Layer(3)
    layer.load_state_dict({"weight": torch.ones(3, 3), "bias": torch.ones(3)})
    layer(torch.ones(2, 3))


def randomised_layer(names):
    layer = names.Layer(3)
    randomise(layer, names.rng)
    layer(torch.ones(2, 3, dtype=torch.float64))


def new_head(names):
    model = names.sequential(features=new("torch.nn.Linear", 3, 3), head=new("torch.nn.Linear", 3, 3))
    names.head(model, 4)(torch.ones(2, 3))


@pytest.mark.parametrize("check", [new_layer, loaded_layer, randomised_layer, new_head])
def test_two_runs_of_one_text_are_alike(check):
    assert alike(Author().answer(check), Author().answer(check))


def test_initial_values_are_asked_for_when_they_are_first_used():
    exchange = Author().answer(new_layer).exchanges[1]
    assert exchange.operation == "call"
    assert [sorted(exchange.state(number)) for number in exchange.told] == [["bias", "weight"]]


def test_nobody_asks_for_initial_values_that_are_never_used():
    assert [exchange.told for exchange in Author().answer(loaded_layer).exchanges if exchange.told] == []


def test_questions_that_the_suite_did_not_put_are_not_in_the_transcript():
    assert [exchange.operation for exchange in Author().answer(new_layer).exchanges] == ["call", "call"]


@pytest.mark.parametrize("check", [new_layer, randomised_layer])
def test_who_draws_otherwise_agrees_in_form_and_wholly_when_followed(check):
    student, mistake = Author(DRAWN_OTHERWISE).answer(check), Author()
    assert agreement(student, mistake.answer(check)) is Agreement.FORM
    assert alike(student, mistake.answer(check, followed=student))


def test_who_begins_with_zeros_has_not_drawn_at_random():
    student, mistake = Author(ZERO).answer(new_layer), Author()
    assert agreement(student, mistake.answer(new_layer, followed=student)) is Agreement.FORM


def test_after_following_a_line_answers_for_itself_again():
    mistake = Author()
    before = mistake.answer(new_layer)
    mistake.answer(new_layer, followed=Author(DRAWN_OTHERWISE).answer(new_layer))
    assert alike(before, mistake.answer(new_layer))


def test_a_new_layer_in_a_given_model_may_be_drawn_otherwise():
    student, mistake = Author(head=HEAD_DRAWN_OTHERWISE).answer(new_head), Author()
    assert agreement(student, mistake.answer(new_head)) is Agreement.FORM
    assert alike(student, mistake.answer(new_head, followed=student))


def test_a_layer_that_was_there_before_must_not_be_drawn_anew():
    """Only where both draw it anew it is the same behaviour."""
    student = Author(head=HEAD + "; nn.init.normal_(model[0].weight)").answer(new_head)
    assert not alike(student, Author().answer(new_head, followed=student))
    both = Author(head=HEAD + "; nn.init.uniform_(model[0].weight)")
    assert alike(student, both.answer(new_head, followed=student))


def test_an_answer_that_never_came_is_noted():
    class Silent:
        def exchange(self, question):
            raise SubjectError("Timeout", "too slow")

        def close(self):
            pass

    line = RecordingLine(Silent())
    session = Session(Source("silent", "layer.py", ""), line)
    with pytest.raises(SubjectError):
        session.ask({"op": "attribute", "name": "x"})
    assert [exchange.answer for exchange in line.take().exchanges] == ["Timeout"]


def test_effects_are_noted_with_what_was_there_before():
    author = Author(head="model.mul_(size)")
    transcript = author.answer(lambda names: names.head(torch.ones(2), 3))
    (exchange,) = transcript.exchanges
    assert [wire.data.tolist() for wire in exchange.before] == [[1.0, 1.0]]
