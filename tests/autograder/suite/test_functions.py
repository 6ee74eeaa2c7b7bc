"""Functions are compared as modules are, also with keyword arguments of their own."""

from __future__ import annotations

import pytest
import torch

from autograder.sandbox.session import SuiteError
from autograder.suite import BehaviourError, assert_inputs_untouched, assert_same_gradients, assert_same_outputs

SCALE = """
def scale(x, w, power=1, shift=0.0):
    return x * w**power + shift


def call(f, x):
    return f(x, x)
"""


@pytest.fixture
def pair(load):
    """The student's `scale`, with something replaced, and the reference."""

    def make(old="", new=""):
        assert old in SCALE
        return load(SCALE.replace(old, new)).scale, load(SCALE).scale

    return make


@pytest.fixture
def inputs(rng):
    return [rng.randn(2, 3), rng.randn(3)]


def test_a_bound_function_is_called_with_its_keyword_arguments(load, inputs):
    x, w = inputs
    bound = load(SCALE).scale.bind(power=2)
    assert torch.equal(bound(x, w), x * w**2)
    assert torch.equal(bound.bind(shift=1.0)(x, w), x * w**2 + 1)
    assert torch.equal(bound(x, w, power=3), x * w**3)


def test_what_it_is_bound_to_is_told(pair, inputs):
    mine, theirs = pair("w**power", "w * power")
    with pytest.raises(BehaviourError, match=r"^scale\(power=2\): the output differs"):
        assert_same_outputs(mine.bind(power=2), theirs.bind(power=2), inputs)
    assert mine.asked == "scale"


def test_gradients_of_a_bound_function(pair, inputs):
    mine, theirs = pair("w**power", "w.detach()**power")
    assert_same_outputs(mine.bind(power=3), theirs.bind(power=3), inputs)
    with pytest.raises(BehaviourError, match=r"^scale\(power=3\): the gradient of w is missing"):
        assert_same_gradients(mine.bind(power=3), theirs.bind(power=3), inputs, names=["x", "w"])


def test_inputs_of_a_bound_function(pair, inputs):
    mine, _ = pair("x * w**power", "x.mul_(w**power)")
    with pytest.raises(BehaviourError, match=r"^scale\(shift=1\.0\): the call changes x"):
        assert_inputs_untouched(mine.bind(shift=1.0), inputs, names=["x", "w"])


def test_a_bound_function_cannot_be_passed(load):
    code = load(SCALE)
    assert torch.equal(code.call(code.scale, torch.ones(2)), torch.ones(2))
    with pytest.raises(SuiteError, match="keyword arguments"):
        code.call(code.scale.bind(power=2), torch.ones(2))
