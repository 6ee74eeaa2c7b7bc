"""The square, with a gradient that is scaled on its way back: y = x**2, dL/dx = scale * 2 x * dL/dy."""

import torch
from torch import Tensor


class ScaledSquare(torch.autograd.Function):
    """Differentiable twice, because its backward is written with differentiable operations."""

    @staticmethod
    def forward(ctx, x: Tensor, scale: float) -> Tensor:
        # BEGIN SOLUTION
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * x
        # END SOLUTION

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, None]:
        # BEGIN SOLUTION
        (x,) = ctx.saved_tensors
        return ctx.scale * 2 * x * upstream, None
        # END SOLUTION


def scaled_square(x: Tensor, scale: float) -> Tensor:
    """Same shape as x."""
    # BEGIN SOLUTION
    return ScaledSquare.apply(x, scale)
    # END SOLUTION
