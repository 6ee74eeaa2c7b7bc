"""saves what backward needs in a method of its own

torch's newer way to write a function.
"""

import torch


class ScaledSquare(torch.autograd.Function):
    @staticmethod
    def forward(x, scale):
        return torch.pow(x, 2)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.scale = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        return torch.mul(x, upstream) * (2 * ctx.scale), None


def scaled_square(x, scale):
    return ScaledSquare.apply(x, scale)
