"""Gradients that are taken next to the code under test: of gradients, and of a tensor that others use, too."""

import torch


def twice(square, x, scale):
    """The gradient of the squared gradient; zeros where there is none."""
    x = x.detach().requires_grad_()
    (first,) = torch.autograd.grad(square(x, scale).sum(), x, create_graph=True)
    if not first.requires_grad:
        return torch.zeros_like(x)
    return torch.autograd.grad(first.square().sum(), x)[0]


def shared(square, x, scale):
    """The gradient of a tensor that goes into the square and, three times, past it."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad((square(x, scale) + 3 * x).sum(), x)
    return gradient
