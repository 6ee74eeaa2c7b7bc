"""Public checks of `clip_grad`: the worked example, a small gradient, clipping by value."""

from __future__ import annotations

import pytest
import torch


def parameter(gradient):
    """A parameter of zeros that has the given gradient."""
    p = torch.zeros_like(gradient, requires_grad=True)
    p.grad = gradient
    return p


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """`clip_grad` on the worked example: norm 5, gradients 0.6 and -0.8."""
    w, b = parameter(torch.tensor([[3.0, 0.0]])), parameter(torch.tensor([0.0, -4.0]))
    before = w.grad
    total_norm = student.clip_grad([w, b], max_norm=1.0)
    close(w.grad, torch.tensor([[0.6, 0.0]]), "The gradient of w")
    close(b.grad, torch.tensor([0.0, -0.8]), "The gradient of b")
    assert w.grad is before, "w.grad is another tensor object after the call: change the one that was there."
    assert isinstance(total_norm, torch.Tensor), f"The returned norm is {total_norm!r}, expected tensor(5.)."
    close(total_norm, torch.tensor(5.0), "The returned norm")


@pytest.mark.form
@pytest.mark.points(0.25)
def test_small_example(student, close):
    """`clip_grad` leaves a gradient alone whose norm is below max_norm."""
    w = parameter(torch.tensor([0.3, -0.4]))
    student.clip_grad([w], max_norm=1.0)
    close(w.grad, torch.tensor([0.3, -0.4]), "The gradient of w")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_value_example(student, close):
    """`clip_grad_value` clamps each element to [-0.5, 0.5]."""
    w = parameter(torch.tensor([[3.0, 0.2], [-0.5, -4.0]]))
    student.clip_grad_value([w], clip_value=0.5)
    expected = torch.tensor([[0.5, 0.2], [-0.5, -0.5]])
    close(w.grad, expected, "The gradient of w")
