"""A function with a gradient of its own: values, gradients, second derivatives, and a tensor that is used twice."""

import pytest

from autograder.suite import assert_close, assert_same_gradients, assert_same_outputs


def functions(student, reference, scale):
    return student.scaled_square.bind(scale=scale), reference.scaled_square.bind(scale=scale)


@pytest.mark.points(1)
def test_outputs(student, reference, rng):
    """Same outputs."""
    assert_same_outputs(*functions(student, reference, rng.uniform(0.2, 0.8)), [rng.randn(2, 3)])


@pytest.mark.points(1.5)
def test_gradients(student, reference, rng):
    """Same gradients."""
    assert_same_gradients(*functions(student, reference, rng.uniform(0.2, 0.8)), [rng.randn(2, 3)], names=["x"])


@pytest.mark.points(1, again=0.5)
def test_second_derivative(student, reference, rng):
    """The gradient of a gradient."""
    x, scale = rng.randn(4), rng.uniform(0.2, 0.8)
    mine, theirs = (code.beside.twice(code.scaled_square, x, scale) for code in (student, reference))
    assert_close(mine, theirs, "the gradient of the squared gradient of x")


@pytest.mark.points(1.5, again=0.5)
def test_shared_tensor(student, reference, rng):
    """The gradient of a tensor that is used elsewhere, too."""
    x, scale = rng.randn(4), rng.uniform(0.2, 0.8)
    mine, theirs = (code.beside.shared(code.scaled_square, x, scale) for code in (student, reference))
    assert_close(mine, theirs, "the gradient of x", asked="x is used elsewhere, too: ")
