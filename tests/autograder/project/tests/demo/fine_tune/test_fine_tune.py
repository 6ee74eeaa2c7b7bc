"""A function that changes a model, which `beside.py` makes and looks at."""

import pytest

from autograder.suite import assert_close, assert_equal


def trained(student, reference, rng, steps):
    """What the student's code and ours make of the same model."""
    weights = [rng.randn(4, 3), rng.randn(2, 4)]
    x, y = rng.randn(5, 3), rng.randn(5, 2)
    return tuple(code.beside.trained(code.fine_tune, weights, x, y, steps) for code in (student, reference))


@pytest.mark.points(1)
def test_one_step(student, reference, rng):
    """The head after one step."""
    mine, theirs = trained(student, reference, rng, 1)
    assert_close(mine["parameters"]["head.weight"], theirs["parameters"]["head.weight"], "the head's weight")


@pytest.mark.points(2)
def test_losses(student, reference, rng):
    """The loss before each of three steps."""
    mine, theirs = trained(student, reference, rng, 3)
    assert_equal(mine["losses"], theirs["losses"], "the list of losses")


@pytest.mark.points(1)
def test_body(student, reference, rng):
    """The body stays as it is, and is frozen."""
    mine, theirs = trained(student, reference, rng, 2)
    assert_close(mine["parameters"]["body.weight"], theirs["parameters"]["body.weight"], "the body's weight")
    assert_equal(mine["trainable"], theirs["trainable"], "the list of what is trainable")


@pytest.mark.form
@pytest.mark.points(2)
def test_same_parameters(student, reference, rng):
    """The parameters are the same objects as before."""
    mine, theirs = trained(student, reference, rng, 1)
    assert_equal(mine["same"], theirs["same"], "the list of parameters that are the same objects as before")
