"""Public checks of `clip_grad`: the worked example, a small gradient, other norms, what is skipped, and by value."""

from __future__ import annotations

import math

import pytest
import torch


def parameter(gradient):
    """A parameter of zeros that has the given gradient."""
    p = torch.zeros_like(gradient, requires_grad=True)
    p.grad = gradient
    return p


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.2)
def test_worked_example(student, close):
    """`clip_grad` on the worked example: norm 5, gradients 0.6 and -0.8."""
    w, b = parameter(torch.tensor([[3.0, 0.0]])), parameter(torch.tensor([0.0, -4.0]))
    before = w.grad
    total_norm = student.clip_grad([w, b], max_norm=1.0)
    assert isinstance(total_norm, torch.Tensor), f"The returned norm is {total_norm!r}, expected tensor(5.)."
    close(total_norm, torch.tensor(5.0), "The returned norm")
    close(w.grad, torch.tensor([[0.6, 0.0]]), "The gradient of w")
    close(b.grad, torch.tensor([0.0, -0.8]), "The gradient of b")
    assert w.grad is before, "w.grad is another tensor object after the call: change the one that was there."


@pytest.mark.form
@pytest.mark.points(0.15)
def test_small_example(student, close):
    """`clip_grad` leaves a gradient alone whose norm is below max_norm."""
    w = parameter(torch.tensor([0.3, -0.4]))
    student.clip_grad([w], max_norm=1.0)
    close(w.grad, torch.tensor([0.3, -0.4]), "The gradient of w")


@pytest.mark.form
@pytest.mark.points(0.15)
def test_other_norms(student, close):
    """`clip_grad` of the gradients (3, 0) and (0, -4) returns 7 for norm_type 1, 4.4979 for 3 and 4 for infinity."""
    for norm_type, expected in ((1.0, 7.0), (3.0, 91 ** (1 / 3)), (math.inf, 4.0)):
        w, b = parameter(torch.tensor([3.0, 0.0])), parameter(torch.tensor([0.0, -4.0]))
        found = student.clip_grad([w, b], max_norm=10.0, norm_type=norm_type)
        close(found, torch.tensor(expected), f"The returned norm for norm_type={norm_type}")


@pytest.mark.form
@pytest.mark.points(0.25)
def test_what_comes_in(student, close):
    """`clip_grad` skips a parameter without a gradient, and takes a single tensor."""
    w, without = parameter(torch.tensor([3.0, -4.0])), torch.zeros(2, requires_grad=True)
    for given, told in (
        ([without, w], "a parameter without a gradient and w"),
        (w, "w alone, not in a list"),
    ):
        w.grad = torch.tensor([3.0, -4.0])
        student.clip_grad(given, max_norm=1.0)
        close(w.grad, torch.tensor([0.6, -0.8]), f"The gradient of w, for {told},")


@pytest.mark.form
@pytest.mark.points(0.15)
def test_value_and_what_comes_in(student, close):
    """`clip_grad_value` skips a parameter without a gradient, takes a single tensor, and works in place."""
    w, without = parameter(torch.tensor([3.0, 0.2])), torch.zeros(2, requires_grad=True)
    before = w.grad
    for given, told in (
        ([without, w], "a parameter without a gradient and w"),
        (w, "w alone, not in a list"),
    ):
        student.clip_grad_value(given, clip_value=0.5)
        assert w.grad is before, "w.grad is another tensor object after the call: change the one that was there."
        close(w.grad, torch.tensor([0.5, 0.2]), f"The gradient of w, for {told},")
        before[0] = 3.0


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.1)
def test_value_example(student, close):
    """`clip_grad_value` clamps each element to [-0.5, 0.5]."""
    w = parameter(torch.tensor([[3.0, 0.2], [-0.5, -4.0]]))
    student.clip_grad_value([w], clip_value=0.5)
    expected = torch.tensor([[0.5, 0.2], [-0.5, -0.5]])
    close(w.grad, expected, "The gradient of w")
