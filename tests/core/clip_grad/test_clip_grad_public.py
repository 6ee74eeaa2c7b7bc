"""Public checks of `clip_grad`: the worked example, a small gradient, clipping by value."""

from __future__ import annotations

import pytest
import torch


def parameter(gradient):
    """A parameter of zeros that has the given gradient."""
    p = torch.zeros_like(gradient, requires_grad=True)
    p.grad = gradient
    return p


@pytest.mark.points(1)
def test_worked_example(student):
    """`clip_grad` on the worked example: norm 5, gradients 0.6 and -0.8."""
    w, b = parameter(torch.tensor([[3.0, 0.0]])), parameter(torch.tensor([0.0, -4.0]))
    total_norm = student.clip_grad([w, b], max_norm=1.0)
    torch.testing.assert_close(w.grad, torch.tensor([[0.6, 0.0]]), msg=lambda m: f"The gradient of w: {m}")
    torch.testing.assert_close(b.grad, torch.tensor([0.0, -0.8]), msg=lambda m: f"The gradient of b: {m}")
    assert isinstance(total_norm, torch.Tensor), f"The returned norm is {total_norm!r}, expected tensor(5.)."
    torch.testing.assert_close(total_norm, torch.tensor(5.0), msg=lambda m: f"The returned norm: {m}")


@pytest.mark.points(0.5)
def test_small_example(student):
    """`clip_grad` leaves a gradient alone whose norm is below max_norm."""
    w = parameter(torch.tensor([0.3, -0.4]))
    student.clip_grad([w], max_norm=1.0)
    torch.testing.assert_close(w.grad, torch.tensor([0.3, -0.4]), msg=lambda m: f"The gradient of w: {m}")


@pytest.mark.points(0.5)
def test_value_example(student):
    """`clip_grad_value` clamps each element to [-0.5, 0.5]."""
    w = parameter(torch.tensor([[3.0, 0.2], [-0.5, -4.0]]))
    student.clip_grad_value([w], clip_value=0.5)
    expected = torch.tensor([[0.5, 0.2], [-0.5, -0.5]])
    torch.testing.assert_close(w.grad, expected, msg=lambda m: f"The gradient of w: {m}")
