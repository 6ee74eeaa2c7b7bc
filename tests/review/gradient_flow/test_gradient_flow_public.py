"""Public checks of `gradient_flow`: the worked example, over time, over depth, and its half-lives."""

from __future__ import annotations

import math

import pytest
import torch

HALVES = torch.tensor([0.125, 0.25, 0.5, 1.0], dtype=torch.float64)


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(1.5)
def test_worked_example_over_time(student, close):
    """h' = h/2, three steps: the norms are 0.125, 0.25, 0.5, 1; for four samples, twice as much."""
    cell = student.beside.linear_cell(torch.tensor([[0.5]], dtype=torch.float64))
    xs, h = torch.zeros(3, 1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)
    close(
        student.gradient_norms_over_time(cell, xs, h), HALVES, "The vector of gradient norms over time, for h' = h/2,"
    )
    found = student.gradient_norms_over_time(cell, xs.expand(3, 4, 1), h.expand(4, 1))
    close(found, 2 * HALVES, "The vector of gradient norms over time, for h' = h/2 and four samples,")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(1.5)
def test_worked_example_over_depth(student, close):
    """Three blocks a -> a/2: 0.125, 0.25, 0.5, 1, and with skip 3.375, 2.25, 1.5, 1."""
    blocks = [student.make("torch.nn.Linear", 1, 1, bias=False).double() for _ in range(3)]
    for block in blocks:
        block.load_state_dict({"weight": torch.tensor([[0.5]], dtype=torch.float64)})
    x = torch.ones(1, 1, dtype=torch.float64)
    with_skip = torch.tensor([3.375, 2.25, 1.5, 1.0], dtype=torch.float64)
    for skip, expected in ((False, HALVES), (True, with_skip)):
        found = student.gradient_norms_over_depth(blocks, x, skip)
        close(found, expected, f"The vector of gradient norms over depth, for blocks a/2 with skip={skip},")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.75)
def test_half_lives_of_the_example(student):
    """The half-life of 0.125, 0.25, 0.5, 1 is 1.0, and that of 1, 0.5, 0.25, 0.125 is infinite."""
    for norms, expected in ((HALVES, 1.0), (HALVES.flip(0), math.inf)):
        assert_half_life(student, norms, expected)


@pytest.mark.form
@pytest.mark.points(0.25)
def test_half_life_of_a_bent_line(student):
    """The half-life of 1, 2, 2, 4 is 5/3: the line through the logarithms 0, 1, 1, 2 has the slope 0.6."""
    assert_half_life(student, torch.tensor([1.0, 2.0, 2.0, 4.0], dtype=torch.float64), 5 / 3)


def assert_half_life(student, norms, expected):
    found = student.half_life(norms)
    assert isinstance(found, float), f"half_life returns a {type(found).__name__}, expected a float."
    told = f"half_life() of the norms {norms.tolist()} is {found}, expected {expected}."
    assert found == expected or abs(found - expected) < 1e-6, told
